//! `FileNode`.

use std::sync::Arc;

use playa_host::project::{FileNode as HostFileNode, Node as HostNode, NodeKind, Project as HostProject};
use pyo3::prelude::*;
use uuid::Uuid;

use crate::errors::removed;
use crate::node::Node;
use crate::project::Project;

/// A file or a sequence of files in a project. Several layers may show it.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct FileNode {
    uuid: Uuid,
}

impl FileNode {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Media(uuid)).add_subclass(Self { uuid }))
    }

    /// The media as it is now.
    fn look(slf: &Bound<'_, Self>) -> PyResult<Arc<HostFileNode>> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        document.media.get(&uuid).cloned().ok_or_else(|| removed(NodeKind::Media, uuid))
    }
}

#[pymethods]
impl FileNode {
    /// Ranges of frames that the sequence lacks, first and last included.
    #[getter]
    fn gaps(slf: &Bound<'_, Self>) -> PyResult<Vec<(i64, i64)>> {
        Ok(Self::look(slf)?.sequence.gaps())
    }

    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Self::look(slf)?;
        Project::wrap(slf.py(), &slf.as_super().get().project)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<FileNode {}: removed>", slf.get().uuid),
            Ok(media) => {
                let (first, last) = media.frames();
                format!("<FileNode {:?}: {:?}, frames {first}-{last}>", media.name(), media.attrs.text("path"))
            }
        }
    }
}
