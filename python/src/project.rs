//! `Project` and what is said about one that was loaded.

use std::ffi::CString;
use std::path::PathBuf;
use std::sync::Mutex;

use playa_host::project::{
    Diagnostic as HostDiagnostic, LoadOptions, MemoryPolicy, Node as HostNode, Project as HostProject, SaveOptions,
    Severity,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};
use uuid::Uuid;

use crate::call::call;
use crate::camera::Camera;
use crate::comp::Comp;
use crate::edit::Edit;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::event_bus::EventBus;
use crate::media::FileNode;
use crate::node::Node;
use crate::solid::Solid;
use crate::text::Text;
use crate::value::{Slot, borrowed, keywords};

/// A project: comps of layers over media. Everything in it is reached through it, and it is what is saved.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Project;

/// Something worth knowing about a project that was loaded all the same.
#[pyclass(frozen, module = "playa_py")]
pub struct Diagnostic {
    diagnostic: HostDiagnostic,
}

#[pymethods]
impl Diagnostic {
    /// `warning`: it renders, perhaps not as meant. `error`: some frames will not render.
    #[getter]
    fn severity(&self) -> &'static str {
        match self.diagnostic.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The project's file.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.diagnostic.file.clone()
    }

    /// The line in that file, from 1.
    #[getter]
    fn line(&self) -> Option<u32> {
        self.diagnostic.line
    }

    /// What was found, and what follows from it.
    #[getter]
    fn message(&self) -> &str {
        &self.diagnostic.message
    }

    fn __str__(&self) -> String {
        self.diagnostic.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Diagnostic {}>", self.diagnostic)
    }
}

/// How many comps a description names.
const LISTED: usize = 8;

impl Project {
    fn initializer(project: &HostProject) -> PyClassInitializer<Self> {
        Node::new(project, HostNode::Project).add_subclass(Self)
    }

    pub fn wrap(py: Python<'_>, project: &HostProject) -> PyResult<Py<Self>> {
        Py::new(py, Self::initializer(project))
    }

    /// Wraps a loaded project, and warns in Python of what was found.
    fn loaded(py: Python<'_>, project: &HostProject) -> PyResult<Py<Self>> {
        let category = py.import("playa_py.errors")?.getattr("ProjectWarning")?;
        for diagnostic in project.diagnostics() {
            // The nearest Python code is that which called.
            PyErr::warn(py, &category, &CString::new(diagnostic.to_string())?, 1)?;
        }
        Self::wrap(py, project)
    }

    /// The comp of a name or identity, or else the first one.
    pub fn comp_to_open(slf: &Bound<'_, Self>, name: Option<&str>) -> PyResult<(HostProject, Uuid)> {
        let project = &slf.as_super().get().project;
        let comp = match name {
            Some(name) => comp_of(project, name)?,
            None => {
                *project
                    .snapshot()
                    .comps
                    .first()
                    .ok_or_else(|| {
                        let hint = Some("add one with `project.add_comp(name)`".to_owned());
                        Raise { hint, ..Raise::new("NodeNotFoundError", "the project has no comp") }
                    })?
                    .0
            }
        };
        Ok((project.clone(), comp))
    }
}

/// The comp of a name or identity.
fn comp_of(project: &HostProject, name: &str) -> PyResult<Uuid> {
    let by_identity = Uuid::parse_str(name).ok().filter(|uuid| project.snapshot().comps.contains_key(uuid));
    by_identity.map_or_else(|| project.comp_named(name).map_err(raise), Ok)
}

#[pymethods]
impl Project {
    /// An empty project.
    #[new]
    #[pyo3(signature = (name=""))]
    fn new(py: Python<'_>, name: &str) -> PyResult<PyClassInitializer<Self>> {
        let project = engine(py)?.new_project();
        project
            .set_attr(HostNode::Project, "name", &playa_host::project::Value::String(name.to_owned()))
            .map_err(raise)?;
        // A name is part of making it, not an edit to undo.
        project.clear_history();
        Ok(Self::initializer(&project))
    }

    /// Opens a project file: `NAME.playa`, the text of `to_json` in a file, or a project of the original Playa. What can be
    /// opened but may not render as meant (unknown keys and effects, missing media, what of an original project cannot be
    /// kept) is warned of and listed in `diagnostics`; with `strict` it is an error.
    #[classmethod]
    #[pyo3(signature = (path, *, strict=false))]
    fn load(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Py<Self>> {
        let engine = engine(py)?;
        Self::loaded(py, &call(py, || engine.load_project(&path, &LoadOptions { strict }).map_err(raise))?)
    }

    /// Opens a project from the text that `to_json` gave.
    #[classmethod]
    #[pyo3(signature = (text, *, strict=false))]
    fn from_json(_class: &Bound<'_, PyType>, py: Python<'_>, text: &str, strict: bool) -> PyResult<Py<Self>> {
        let engine = engine(py)?;
        Self::loaded(py, &call(py, || engine.project_from_json(text, &LoadOptions { strict }).map_err(raise))?)
    }

    /// Writes the project to a file `NAME.playa`, whole or not at all. Layers that show arrays or frames from memory:
    /// `memory="write"` writes those as EXR beside the project, `memory="refuse"` refuses to save.
    #[pyo3(signature = (path, *, memory="write"))]
    fn save(slf: &Bound<'_, Self>, path: PathBuf, memory: &str) -> PyResult<()> {
        let memory = match memory {
            "write" => MemoryPolicy::WriteExr,
            "refuse" => MemoryPolicy::Refuse,
            other => {
                let message = format!("memory={other:?}: expected \"write\" or \"refuse\"");
                return Err(Raise::new("AttrValueError", message).into());
            }
        };
        let project = &slf.as_super().get().project;
        call(slf.py(), || project.save(&path, &SaveOptions { memory }).map_err(raise))
    }

    /// The project as JSON text, with the same content as its file.
    fn to_json(slf: &Bound<'_, Self>) -> PyResult<String> {
        let project = &slf.as_super().get().project;
        call(slf.py(), || project.to_json().map_err(raise))
    }

    /// Adds a comp. Keyword arguments are attributes: `width`, `height`, `fps`, ...
    #[pyo3(signature = (name, **attrs))]
    fn add_comp(slf: &Bound<'_, Self>, name: &str, attrs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Comp>> {
        let project = &slf.as_super().get().project;
        let comp = project.add_comp(name, &borrowed(&keywords(attrs, Slot::Attr)?)).map_err(raise)?;
        Comp::wrap(slf.py(), project, comp)
    }

    /// The comp of this name or identity.
    fn get_comp(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<Comp>> {
        let project = &slf.as_super().get().project;
        Comp::wrap(slf.py(), project, comp_of(project, name)?)
    }

    /// The comps, in the order in which they were added.
    #[getter]
    fn comps(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Comp>>> {
        let project = &slf.as_super().get().project;
        project.snapshot().comps.keys().map(|comp| Comp::wrap(slf.py(), project, *comp)).collect()
    }

    /// Adds a file or a sequence, such as `shot.####.exr`, without a layer. The same path again is the same media.
    fn add_media(slf: &Bound<'_, Self>, path: PathBuf) -> PyResult<Py<FileNode>> {
        let project = &slf.as_super().get().project;
        let media = call(slf.py(), || project.add_media(&path).map_err(raise))?;
        FileNode::wrap(slf.py(), project, media)
    }

    /// The media, in the order in which they were added.
    #[getter]
    fn media(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<FileNode>>> {
        let project = &slf.as_super().get().project;
        project.snapshot().media.keys().map(|media| FileNode::wrap(slf.py(), project, *media)).collect()
    }

    /// Adds a camera. A comp is looked at through it once a layer shows it. Keyword arguments are attributes: `fov`, ...
    #[pyo3(signature = (name, **attrs))]
    fn add_camera(slf: &Bound<'_, Self>, name: &str, attrs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Camera>> {
        let project = &slf.as_super().get().project;
        let camera = project.add_camera(name, &borrowed(&keywords(attrs, Slot::Attr)?)).map_err(raise)?;
        Camera::wrap(slf.py(), project, camera)
    }

    /// The cameras, in the order in which they were added.
    #[getter]
    fn cameras(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Camera>>> {
        let project = &slf.as_super().get().project;
        project.snapshot().cameras.keys().map(|camera| Camera::wrap(slf.py(), project, *camera)).collect()
    }

    /// Adds a solid, a colour over a rectangle. Keyword arguments are attributes: `color`, `width`, `height`.
    #[pyo3(signature = (name, **attrs))]
    fn add_solid(slf: &Bound<'_, Self>, name: &str, attrs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Solid>> {
        let project = &slf.as_super().get().project;
        let solid = project.add_solid(name, &borrowed(&keywords(attrs, Slot::Attr)?)).map_err(raise)?;
        Solid::wrap(slf.py(), project, solid)
    }

    /// The solids, in the order in which they were added.
    #[getter]
    fn solids(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Solid>>> {
        let project = &slf.as_super().get().project;
        project.snapshot().solids.keys().map(|solid| Solid::wrap(slf.py(), project, *solid)).collect()
    }

    /// Adds a text, called by its first line unless `name` says otherwise. Keyword arguments are attributes: `font`,
    /// `font_size`, ...
    #[pyo3(signature = (text, **attrs))]
    fn add_text(slf: &Bound<'_, Self>, text: &str, attrs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Text>> {
        let project = &slf.as_super().get().project;
        let attrs = keywords(attrs, Slot::Attr)?;
        // A font may have to be looked for on disk.
        let text = call(slf.py(), || project.add_text(text, &borrowed(&attrs)).map_err(raise))?;
        Text::wrap(slf.py(), project, text)
    }

    /// The texts, in the order in which they were added.
    #[getter]
    fn texts(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Text>>> {
        let project = &slf.as_super().get().project;
        project.snapshot().texts.keys().map(|text| Text::wrap(slf.py(), project, *text)).collect()
    }

    /// Removes a comp, media, camera, solid or text that no layer shows, or a layer that is no matte.
    fn remove(slf: &Bound<'_, Self>, node: &Bound<'_, Node>) -> PyResult<()> {
        let project = &slf.as_super().get().project;
        match node.get().within(project)? {
            HostNode::Comp(comp) => project.remove_comp(comp).map_err(raise),
            HostNode::Media(media) => project.remove_media(media).map_err(raise),
            HostNode::Camera(camera) => project.remove_camera(camera).map_err(raise),
            HostNode::Solid(solid) => project.remove_solid(solid).map_err(raise),
            HostNode::Text(text) => project.remove_text(text).map_err(raise),
            HostNode::Layer(layer) => project.remove_layer(layer).map_err(raise),
            HostNode::Project => Err(Raise::new("AttrValueError", "a project cannot be removed from itself").into()),
        }
    }

    /// Edits that are one step and one set of events: all that is edited within `with project.edit("name"):`. An
    /// exception that leaves it puts everything back as it was.
    fn edit(slf: &Bound<'_, Self>, name: String) -> Edit {
        Edit { project: slf.as_super().get().project.clone(), name, open: Mutex::default() }
    }

    /// Takes back the last step, and returns its name; None where there is none.
    fn undo(slf: &Bound<'_, Self>) -> PyResult<Option<String>> {
        slf.as_super().get().project.undo().map_err(raise)
    }

    /// Does the last step that was undone again, and returns its name; None where there is none.
    fn redo(slf: &Bound<'_, Self>) -> PyResult<Option<String>> {
        slf.as_super().get().project.redo().map_err(raise)
    }

    /// Names of the steps that can be undone, the next one last.
    #[getter]
    fn undo_steps(slf: &Bound<'_, Self>) -> Vec<String> {
        slf.as_super().get().project.undo_steps()
    }

    /// Names of the steps that can be redone, the next one first.
    #[getter]
    fn redo_steps(slf: &Bound<'_, Self>) -> Vec<String> {
        slf.as_super().get().project.redo_steps()
    }

    /// Forgets all steps, and with them the frames in memory that only removed layers show.
    fn clear_history(slf: &Bound<'_, Self>) {
        slf.as_super().get().project.clear_history();
    }

    /// Where it tells what changed, after each edit, undo and redo.
    #[getter]
    fn events(slf: &Bound<'_, Self>) -> EventBus {
        EventBus { bus: slf.as_super().get().project.events().clone() }
    }

    /// What was noticed while it was loaded and edited.
    #[getter]
    fn diagnostics(slf: &Bound<'_, Self>) -> Vec<Diagnostic> {
        let diagnostics = slf.as_super().get().project.diagnostics();
        diagnostics.into_iter().map(|diagnostic| Diagnostic { diagnostic }).collect()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let node = slf.as_super().get();
        let document = node.project.snapshot();
        let (count, media) = (document.comps.len(), document.media.len());
        let comps: Vec<_> = document.comps.values().take(LISTED).map(|comp| comp.name().to_owned()).collect();
        let more = if count > LISTED { format!(" and {} more", count - LISTED) } else { String::new() };
        format!("<Project {:?}: comps {comps:?}{more}, {media} media>", node.name())
    }
}
