//! The attributes of a node as a mapping.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyTuple};

use crate::node::Node;
use crate::value::{attr_to_python, plain_name};

/// The attributes of a project, comp, layer, camera, solid, text or media as a mapping from name to value. Live: it
/// always shows what is set now. `schema()` says what each one is.
#[pyclass(frozen, mapping, module = "playa_py")]
pub struct Attrs {
    pub node: Py<Node>,
}

impl Attrs {
    fn names(&self) -> Vec<&'static str> {
        self.node.get().node.schema().names().collect()
    }
}

#[pymethods]
impl Attrs {
    fn __len__(&self) -> usize {
        self.names().len()
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.names().contains(&&*name))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.names())?.try_iter()
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.node.get().get(py, name)
    }

    fn __setitem__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.node.get().set(name, value)
    }

    /// The names, in the order of the schema.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.names())
    }

    /// The values, in the order of the names.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let node = self.node.get();
        PyList::new(py, self.names().into_iter().map(|name| node.get(py, name)).collect::<PyResult<Vec<_>>>()?)
    }

    /// Pairs of name and value.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let node = self.node.get();
        let pair = |name: &'static str| {
            PyTuple::new(py, [name.into_pyobject(py)?.into_any(), node.get(py, name)?.into_bound(py)])
        };
        PyList::new(py, self.names().into_iter().map(pair).collect::<PyResult<Vec<_>>>()?)
    }

    /// The value of an attribute, or `default` if the node has none of that name.
    #[pyo3(signature = (name, default=None))]
    fn get(&self, py: Python<'_>, name: &str, default: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        match self.node.get().get(py, name) {
            Err(error) if error.is_instance_of::<PyKeyError>(py) => Ok(default.unwrap_or_else(|| py.None())),
            found => found,
        }
    }

    /// Sets several attributes as one step, all or none of them: from what a dict can be made of, from keyword arguments,
    /// or both.
    #[pyo3(signature = (values=None, /, **named))]
    fn update(
        &self,
        py: Python<'_>,
        values: Option<&Bound<'_, PyAny>>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let all = PyDict::new(py);
        let values = PyTuple::new(py, values.filter(|values| !values.is_none()))?;
        all.call_method("update", values, named)?;
        let entry = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let name = plain_name(&name.extract::<String>()?).to_owned();
            let value = self.node.get().value(&name, &value)?;
            Ok((name, value))
        };
        self.node.get().set_all(&all.iter().map(entry).collect::<PyResult<Vec<_>>>()?)
    }

    /// What each attribute is: a dict from name to a dict with `type`, `default`, `range`, `unit`, `doc`, `choices`,
    /// `affects_pixels`, `keyable` and `read_only`.
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let schema = PyDict::new(py);
        for spec in &self.node.get().node.schema().attrs {
            let entry = PyDict::new(py);
            entry.set_item("type", spec.kind.name())?;
            entry.set_item("default", attr_to_python(py, spec.name, &spec.default)?)?;
            entry.set_item("range", spec.range)?;
            entry.set_item("unit", spec.unit)?;
            entry.set_item("doc", spec.doc)?;
            entry.set_item("choices", spec.choices.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>())?;
            entry.set_item("affects_pixels", spec.flags.affects_pixels)?;
            entry.set_item("keyable", spec.flags.keyable)?;
            entry.set_item("read_only", spec.flags.read_only)?;
            schema.set_item(spec.name, entry)?;
        }
        Ok(schema)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let node = self.node.get();
        let entry = |name| PyResult::Ok(format!("{name}={}", node.get(py, name)?.bind(py).repr()?));
        match self.names().into_iter().map(entry).collect::<PyResult<Vec<_>>>() {
            Ok(entries) => format!("Attrs({})", entries.join(", ")),
            Err(_) => "<Attrs: removed>".to_owned(),
        }
    }
}
