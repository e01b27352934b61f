//! `Camera`.

use std::sync::Arc;

use playa_host::project::{Camera as HostCamera, Node as HostNode, NodeKind, Project as HostProject, Projection};
use pyo3::prelude::*;
use uuid::Uuid;

use crate::errors::removed;
use crate::node::Node;
use crate::project::Project;

/// A lens to look at comps through. A layer that shows it shows no pixels: its position and rotation are where the camera
/// stands and which way it looks.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Camera {
    uuid: Uuid,
}

impl Camera {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Camera(uuid)).add_subclass(Self { uuid }))
    }

    /// The camera as it is now.
    fn look(slf: &Bound<'_, Self>) -> PyResult<Arc<HostCamera>> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        document.cameras.get(&uuid).cloned().ok_or_else(|| removed(NodeKind::Camera, uuid))
    }
}

#[pymethods]
impl Camera {
    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Self::look(slf)?;
        Project::wrap(slf.py(), &slf.as_super().get().project)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<Camera {}: removed>", slf.get().uuid),
            Ok(camera) => match camera.lens_at(0.0).projection {
                Projection::Perspective { fov } => format!("<Camera {:?}: perspective, fov {fov}>", camera.name()),
                Projection::Orthographic { scale } => {
                    format!("<Camera {:?}: orthographic, scale {scale}>", camera.name())
                }
            },
        }
    }
}
