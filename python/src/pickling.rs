//! How projects, and what is in them, travel to other processes and into copies.
//!
//! A handle is pickled as its project and what it is in there. All handles of a project name the same [`SharedProject`],
//! so that pickle, which writes an object once, writes the project once, and what is loaded shares one.

use std::sync::Mutex;

use playa_host::project::{Node as HostNode, NodeKind, Project as HostProject};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use uuid::Uuid;

use crate::call::call;
use crate::camera::Camera;
use crate::comp::Comp;
use crate::effect::Effect;
use crate::engine::engine;
use crate::errors::{Raise, raise, removed};
use crate::frame::Frame;
use crate::layer::Layer;
use crate::media::FileNode;
use crate::project::Project;
use crate::solid::Solid;
use crate::text::Text;

/// A project while it is pickled, the same object for all handles of it.
#[pyclass(frozen, weakref, module = "playa_py._native")]
pub struct SharedProject {
    project: HostProject,
}

#[pymethods]
impl SharedProject {
    /// The project of a text and of the frames that its layers show from memory, by their names in the text.
    #[new]
    fn new(py: Python<'_>, text: &str, frames: Vec<(String, Py<Frame>)>) -> PyResult<Self> {
        let engine = engine(py)?;
        let image = |(name, frame): (String, Py<Frame>)| Ok((parse(&name)?, frame.get().host().clone()));
        let images = frames.into_iter().map(image).collect::<PyResult<Vec<_>>>()?;
        Ok(Self { project: call(py, || engine.project_from_parts(text, &images).map_err(raise))? })
    }

    /// The handle of what is called so in it.
    fn handle(&self, py: Python<'_>, kind: &str, uuid: &str) -> PyResult<Py<PyAny>> {
        let project = &self.project;
        if kind == "project" {
            return Ok(Project::wrap(py, project)?.into_any());
        }
        let uuid = parse(uuid)?;
        let there = |node| project.get_attr(node, "name").map(|_| ()).map_err(raise);
        match kind {
            "media" => there(HostNode::Media(uuid)).and_then(|()| Ok(FileNode::wrap(py, project, uuid)?.into_any())),
            "comp" => there(HostNode::Comp(uuid)).and_then(|()| Ok(Comp::wrap(py, project, uuid)?.into_any())),
            "camera" => there(HostNode::Camera(uuid)).and_then(|()| Ok(Camera::wrap(py, project, uuid)?.into_any())),
            "solid" => there(HostNode::Solid(uuid)).and_then(|()| Ok(Solid::wrap(py, project, uuid)?.into_any())),
            "text" => there(HostNode::Text(uuid)).and_then(|()| Ok(Text::wrap(py, project, uuid)?.into_any())),
            "layer" => there(HostNode::Layer(uuid)).and_then(|()| Ok(Layer::wrap(py, project, uuid)?.into_any())),
            "effect" if project.snapshot().effect(uuid).is_none() => Err(removed(NodeKind::Effect, uuid)),
            "effect" => Ok(Py::new(py, Effect { project: project.clone(), uuid })?.into_any()),
            other => Err(Raise::new("ProjectFileError", format!("a handle of the unknown kind {other:?}")).into()),
        }
    }

    /// The project as it is now.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Parts)> {
        let (text, images) = call(py, || self.project.to_parts().map_err(raise))?;
        let module = py.import("playa_py._pickling")?;
        let named = |(name, frame): (Uuid, _)| Ok((name.to_string(), Py::new(py, Frame::shared(frame))?));
        let frames = images.into_iter().map(named).collect::<PyResult<Vec<_>>>()?;
        Ok((module.getattr("project")?, (text, frames)))
    }
}

/// The text of a project, and the frames in memory by their names in it.
type Parts = (String, Vec<(String, Py<Frame>)>);

fn parse(uuid: &str) -> PyResult<Uuid> {
    let wrong = |error| Raise::new("ProjectFileError", format!("{uuid:?} is no identity: {error}"));
    Ok(Uuid::parse_str(uuid).map_err(wrong)?)
}

/// What `__reduce__` of a handle gives.
pub type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, &'static str, String));

/// A handle as pickle takes it.
pub fn pickled_handle<'py>(
    py: Python<'py>,
    project: &HostProject,
    kind: &'static str,
    uuid: Option<Uuid>,
) -> PyResult<Reduced<'py>> {
    let uuid = uuid.map_or_else(String::new, |uuid| uuid.to_string());
    Ok((py.import("playa_py._pickling")?.getattr("handle")?, (shared(py, project)?, kind, uuid)))
}

/// The object that stands for a project as long as anyone pickles it.
fn shared<'py>(py: Python<'py>, project: &HostProject) -> PyResult<Bound<'py, PyAny>> {
    static KNOWN: Mutex<Vec<Py<PyWeakrefReference>>> = Mutex::new(Vec::new());
    // Made before the lock is held: making an object may run any code of Python's.
    let fresh = Bound::new(py, SharedProject { project: project.clone() })?;
    let weak = PyWeakrefReference::new(&fresh)?.unbind();
    let mut known = KNOWN.lock_py_attached(py).unwrap_or_else(std::sync::PoisonError::into_inner);
    known.retain(|weak| weak.bind(py).upgrade().is_some());
    let is_it = |object: &Bound<'py, PyAny>| {
        object.cast::<SharedProject>().is_ok_and(|shared| shared.get().project.is_same(project))
    };
    if let Some(found) = known.iter().filter_map(|weak| weak.bind(py).upgrade()).find(is_it) {
        return Ok(found);
    }
    known.push(weak);
    Ok(fresh.into_any())
}
