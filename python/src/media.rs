//! `FileNode`.

use playa_host::project::{Node as HostNode, Project as HostProject};
use pyo3::prelude::*;
use uuid::Uuid;

use crate::node::Node;
use crate::project::Project;

/// A file or a sequence of files in a project. Several layers may show it.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct FileNode;

impl FileNode {
    pub fn wrap(py: Python<'_>, project: &HostProject, media: Uuid) -> PyResult<Py<Self>> {
        let node = Node { project: project.clone(), node: HostNode::Media(media) };
        Py::new(py, PyClassInitializer::from(node).add_subclass(Self))
    }
}

#[pymethods]
impl FileNode {
    /// Ranges of frames that the sequence lacks, first and last included.
    #[getter]
    fn gaps(slf: &Bound<'_, Self>) -> Vec<(i64, i64)> {
        let node = slf.as_super().get();
        let HostNode::Media(media) = node.node else { unreachable!("a FileNode is made of media") };
        node.project.snapshot().media.get(&media).map(|media| media.sequence.gaps()).unwrap_or_default()
    }

    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Project::wrap(slf.py(), slf.as_super().get().project.clone())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let node = slf.as_super().get();
        let HostNode::Media(uuid) = node.node else { unreachable!("a FileNode is made of media") };
        match node.project.snapshot().media.get(&uuid) {
            None => format!("<FileNode {uuid}: removed>"),
            Some(media) => {
                let (first, last) = media.frames();
                format!("<FileNode {:?}: {:?}, frames {first}-{last}>", media.name(), media.attrs.text("path"))
            }
        }
    }
}
