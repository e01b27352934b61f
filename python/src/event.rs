//! `Event`.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use playa_host::events::{self, Field};
use playa_host::project::{Node as HostNode, Project as HostProject};
use playa_host::suggest::did_you_mean;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString, PyTuple};

use crate::camera::Camera;
use crate::comp::Comp;
use crate::effect::Effect;
use crate::layer::Layer;
use crate::media::FileNode;
use crate::node::Node;
use crate::project::Project;
use crate::solid::Solid;
use crate::text::Text;
use crate::value::to_python;

/// Something that happened: a `name`, and what it says about it as attributes.
#[pyclass(frozen, module = "playa_py")]
pub struct Event {
    event: Arc<events::Event>,
}

impl Event {
    pub fn new(event: Arc<events::Event>) -> Self {
        Self { event }
    }
}

#[pymethods]
impl Event {
    /// What happened, such as `attrs_changed`.
    #[getter]
    fn name(&self) -> &str {
        self.event.name()
    }

    /// All that it says, by name.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let payload = PyDict::new(py);
        for (name, field) in self.event.fields() {
            payload.set_item(name, field_to_python(py, field)?)?;
        }
        Ok(payload)
    }

    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        if let Some(field) = self.event.field(name) {
            return field_to_python(py, field);
        }
        let names: Vec<&str> = self.event.fields().map(|(name, _)| name).collect();
        let (event, hint) = (self.event.name(), did_you_mean(name, names.iter().copied()));
        let message = format!("an event {event} has no `{name}`{hint}; it has name, payload, {}", names.join(", "));
        Err(PyAttributeError::new_err(message))
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Bound<'py, PyString>>> {
        let object = slf.py().import("builtins")?.getattr("object")?;
        let mut names: Vec<Bound<'py, PyString>> = object.call_method1("__dir__", (slf,))?.extract()?;
        names.extend(slf.get().event.fields().map(|(name, _)| PyString::new(slf.py(), name)));
        Ok(names)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let field = |(name, field)| Ok(format!("{name}={}", field_to_python(py, field)?.repr()?));
        let fields = self.event.fields().map(field).collect::<PyResult<Vec<String>>>()?.join(", ");
        let separator = if fields.is_empty() { "" } else { ": " };
        Ok(format!("<Event {}{separator}{fields}>", self.event.name()))
    }
}

/// What an event says, as Python sees it. Lists are tuples, a range of frames is `(first, last)`.
fn field_to_python<'py>(py: Python<'py>, field: &Field) -> PyResult<Bound<'py, PyAny>> {
    Ok(match field {
        Field::Value(value) => to_python(py, value)?,
        Field::Frames(first, last) => (first, last).into_pyobject(py)?.into_any(),
        Field::Names(names) => PyTuple::new(py, names)?.into_any(),
        Field::Path(path) => Path::new(path).into_pyobject(py)?,
        Field::Node(project, node) => handle(py, project, *node)?.into_bound(py),
        Field::Nodes(project, nodes) => {
            let nodes = nodes.iter().map(|node| handle(py, project, *node)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, nodes)?.into_any()
        }
        Field::Effect(project, uuid) => {
            Py::new(py, Effect { project: project.clone(), uuid: *uuid })?.into_bound(py).into_any()
        }
        Field::Object(object) => match object.downcast_ref::<Py<PyAny>>() {
            Some(object) => object.bind(py).clone(),
            None => py.None().into_bound(py),
        },
    })
}

/// A handle of the class that fits.
fn handle(py: Python<'_>, project: &HostProject, node: HostNode) -> PyResult<Py<PyAny>> {
    Ok(match node {
        HostNode::Project => Project::wrap(py, project)?.into_any(),
        HostNode::Media(uuid) => FileNode::wrap(py, project, uuid)?.into_any(),
        HostNode::Comp(uuid) => Comp::wrap(py, project, uuid)?.into_any(),
        HostNode::Camera(uuid) => Camera::wrap(py, project, uuid)?.into_any(),
        HostNode::Solid(uuid) => Solid::wrap(py, project, uuid)?.into_any(),
        HostNode::Text(uuid) => Text::wrap(py, project, uuid)?.into_any(),
        HostNode::Layer(uuid) => Layer::wrap(py, project, uuid)?.into_any(),
    })
}

/// What a Python object is in an event: plain values and handles are that for the host too, everything else comes out as
/// the object that went in.
pub fn field_from_python(object: &Bound<'_, PyAny>) -> PyResult<Field> {
    if let Ok(value) = object.cast_exact::<PyBool>() {
        return Ok(value.is_true().into());
    }
    if let (true, Ok(value)) = (object.is_exact_instance_of::<PyInt>(), object.extract::<i64>()) {
        return Ok(value.into());
    }
    if let Ok(value) = object.cast_exact::<PyFloat>() {
        return Ok(value.value().into());
    }
    if let Ok(text) = object.cast_exact::<PyString>()
        && let Ok(text) = text.to_cow()
    {
        return Ok(text.into_owned().into());
    }
    if let Ok(node) = object.cast::<Node>() {
        return Ok(Field::Node(node.get().project.clone(), node.get().node));
    }
    if let Ok(effect) = object.cast::<Effect>() {
        return Ok(Field::Effect(effect.get().project.clone(), effect.get().uuid));
    }
    let object: Arc<dyn Any + Send + Sync> = Arc::new(object.clone().unbind());
    Ok(Field::Object(object))
}
