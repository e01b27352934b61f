//! How projects, and what is in them, travel to other processes and into copies.
//!
//! A handle is pickled as its project and what it is in there. All handles of a project name the same [`SharedProject`],
//! so that pickle, which writes an object once, writes the project once, and what is loaded shares one.

use std::sync::Mutex;

use playa_host::image::{Frame as HostFrame, Image, Rect};
use playa_host::project::{Node as HostNode, NodeKind, Project as HostProject};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use uuid::Uuid;

use crate::array;
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
            "layer" => there(HostNode::Layer(uuid)).and_then(|()| Ok(Layer::wrap(py, project, uuid)?.into_any())),
            "effect" if project.snapshot().effect(uuid).is_none() => Err(removed(NodeKind::Effect, uuid)),
            "effect" => Ok(Py::new(py, Effect { project: project.clone(), uuid })?.into_any()),
            other => Err(Raise::new("ProjectFileError", format!("a handle of the unknown kind {other:?}")).into()),
        }
    }

    /// The project as it is now.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Parts<'py>)> {
        let (text, images) = call(py, || self.project.to_parts().map_err(raise))?;
        let module = py.import("playa_py._pickling")?;
        let state = |(name, frame): (Uuid, _)| {
            let frame = Py::new(py, Frame::shared(frame))?;
            Ok((name.to_string(), module.getattr("frame_state")?.call1((frame,))?))
        };
        let frames = images.into_iter().map(state).collect::<PyResult<Vec<_>>>()?;
        Ok((module.getattr("project")?, (text, frames)))
    }
}

/// The text of a project, and the frames in memory as `playa_py._pickling.frame_state` gives them.
type Parts<'py> = (String, Vec<(String, Bound<'py, PyAny>)>);

/// A frame of its pixels, where their first one is, its display window, and the aspect of a pixel.
#[pyfunction]
pub fn frame_from_parts(
    pixels: &Bound<'_, PyAny>,
    origin: (i32, i32),
    display_window: (i32, i32, i32, i32),
    pixel_aspect: f32,
) -> PyResult<Frame> {
    let image = array::image_of(pixels, None)?;
    // Those of arrays begin at 0.
    let window = image.window().translate(origin.0, origin.1);
    let image = Image::from_owner(window, Box::new(Elsewhere(image)));
    let image = image.map_err(|error| Raise::new("ArrayError", error.to_string()))?;
    let (x0, y0, x1, y1) = display_window;
    Ok(Frame::new(HostFrame { display_window: Rect::new(x0, y0, x1, y1), pixel_aspect, ..HostFrame::new(image) }))
}

/// The pixels of an image, to be those of one that lies elsewhere.
struct Elsewhere(Image);

impl AsRef<[f32]> for Elsewhere {
    fn as_ref(&self) -> &[f32] {
        self.0.values()
    }
}

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
