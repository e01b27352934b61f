//! `Solid`.

use std::sync::Arc;

use playa_host::project::{Node as HostNode, NodeKind, Project as HostProject, Solid as HostSolid};
use pyo3::prelude::*;
use uuid::Uuid;

use crate::errors::removed;
use crate::node::Node;
use crate::project::Project;

/// One colour over a rectangle, as the source of layers.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Solid {
    uuid: Uuid,
}

impl Solid {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Solid(uuid)).add_subclass(Self { uuid }))
    }

    /// The solid as it is now.
    fn look(slf: &Bound<'_, Self>) -> PyResult<Arc<HostSolid>> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        document.solids.get(&uuid).cloned().ok_or_else(|| removed(NodeKind::Solid, uuid))
    }
}

#[pymethods]
impl Solid {
    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Self::look(slf)?;
        Project::wrap(slf.py(), &slf.as_super().get().project)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<Solid {}: removed>", slf.get().uuid),
            Ok(solid) => format!("<Solid {:?}: color {:?}>", solid.name(), solid.attrs.color("color")),
        }
    }
}
