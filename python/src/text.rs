//! `Text`.

use std::sync::Arc;

use playa_host::project::{Node as HostNode, NodeKind, Project as HostProject, Text as HostText};
use pyo3::prelude::*;
use uuid::Uuid;

use crate::errors::removed;
use crate::node::Node;
use crate::project::Project;

/// A text, as the source of layers.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Text {
    uuid: Uuid,
}

impl Text {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Text(uuid)).add_subclass(Self { uuid }))
    }

    /// The text as it is now.
    fn look(slf: &Bound<'_, Self>) -> PyResult<Arc<HostText>> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        document.texts.get(&uuid).cloned().ok_or_else(|| removed(NodeKind::Text, uuid))
    }
}

#[pymethods]
impl Text {
    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Self::look(slf)?;
        Project::wrap(slf.py(), &slf.as_super().get().project)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<Text {}: removed>", slf.get().uuid),
            Ok(text) => format!("<Text {:?}: {} px>", text.name(), text.attrs.float("font_size")),
        }
    }
}
