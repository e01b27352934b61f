//! How a Rust error becomes a Python exception.
//!
//! The classes are written in Python (`playa_py/errors.py`), where each leaf can also derive from the builtin that
//! fits.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

/// An exception of `playa_py.errors` to raise: its class, what happened, and where.
///
/// A Rust error maps to it in one place, and `?` in a function that returns [`PyResult`] does the rest:
///
/// ```ignore
/// impl From<MediaError> for Raise {
///     fn from(error: MediaError) -> Self {
///         let message = error.to_string();
///         Self { path: Some(error.path), ..Self::new("MediaError", message) }
///     }
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raise {
    /// Name of a class in `playa_py.errors`.
    pub class: &'static str,
    /// What was found, where, and what was expected.
    pub message: String,
    /// The file it is about, `.path` in Python.
    pub path: Option<PathBuf>,
    /// The project, comp, layer, media or effect it is about, as a person would name it, `.node` in Python.
    pub node: Option<String>,
    /// The frame it is about, in the time of the comp that was rendered, `.frame` in Python.
    pub frame: Option<i64>,
    /// What to do about it, `.hint` in Python.
    pub hint: Option<String>,
}

impl Raise {
    /// The exception `class` with a message and no more details.
    pub fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), ..Self::default() }
    }

    /// The Python exception itself. If even that cannot be made, the exception that says why.
    fn into_exception(self, py: Python<'_>) -> PyResult<PyErr> {
        static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let errors = ERRORS.get_or_try_init(py, || PyModule::import(py, "playa_py.errors").map(Bound::unbind))?;
        let details = PyDict::new(py);
        details.set_item("path", self.path)?;
        details.set_item("node", self.node)?;
        details.set_item("frame", self.frame)?;
        details.set_item("hint", self.hint)?;
        let exception = errors.bind(py).getattr(self.class)?.call((self.message,), Some(&details))?;
        Ok(PyErr::from_value(exception))
    }
}

impl From<Raise> for PyErr {
    fn from(raise: Raise) -> Self {
        Python::attach(|py| raise.into_exception(py).unwrap_or_else(|error| error))
    }
}
