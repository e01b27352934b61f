//! What projects, comps, layers and media have in common: attributes and an identity.

use playa_host::project::{Node as HostNode, Project as HostProject, Value};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::attrs::Attrs;
use crate::errors::raise;
use crate::value::{from_python, plain_name, to_python};

/// Something of a project that has attributes. A handle: it stays valid while the project changes, and raises
/// `NodeRemovedError` once what it stands for was removed.
#[pyclass(subclass, frozen, module = "playa_py")]
pub struct Node {
    pub project: HostProject,
    pub node: HostNode,
}

impl Node {
    pub fn get(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let value = self.project.get_attr(self.node, name).map_err(raise)?;
        // A rate is a fraction wherever it is read.
        if let ("fps", Value::String(rate)) = (name, &value) {
            return Ok(py.import("fractions")?.getattr("Fraction")?.call1((rate,))?.unbind());
        }
        Ok(to_python(py, &value)?.unbind())
    }

    pub fn set(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.project.set_attr(self.node, name, &from_python(value)?).map_err(raise)?;
        Ok(())
    }

    /// Name for a `repr`, `<removed>` if it was.
    pub fn name(&self) -> String {
        match self.project.get_attr(self.node, "name") {
            Ok(Value::String(name)) => name,
            _ => "<removed>".to_owned(),
        }
    }
}

#[pymethods]
impl Node {
    /// The value of an attribute.
    fn get_attr(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.get(py, name)
    }

    /// Sets an attribute. Setting an equal value changes nothing.
    fn set_attr(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(name, value)
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.get(py, plain_name(name))
    }

    fn __setattr__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(plain_name(name), value)
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.get(py, name)
    }

    fn __setitem__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(name, value)
    }

    /// All attributes as a mapping, with their schema.
    #[getter]
    fn attrs(slf: Bound<'_, Self>) -> Attrs {
        Attrs { node: slf.unbind() }
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Bound<'py, PyString>>> {
        let py = slf.py();
        let object = py.import("builtins")?.getattr("object")?;
        let mut names: Vec<Bound<'py, PyString>> = object.call_method1("__dir__", (slf,))?.extract()?;
        names.extend(slf.get().node.schema().names().map(|name| PyString::new(py, name)));
        Ok(names)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Node>().is_ok_and(|other| {
            let other = other.get();
            self.node == other.node && self.project.is_same(&other.project)
        })
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.node.hash(&mut hasher);
        hasher.finish()
    }
}
