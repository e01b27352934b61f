//! `Profile`: where the time of renders goes.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use playa_host::render::Profile as HostProfile;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

use crate::call::call;
use crate::errors::Raise;

thread_local! {
    /// The profiles that this thread is within, the innermost last.
    static WITHIN: RefCell<Vec<Arc<HostProfile>>> = const { RefCell::new(Vec::new()) };
}

/// The profile that takes notes of what this thread asks for.
pub fn current() -> Option<Arc<HostProfile>> {
    WITHIN.with_borrow(|within| within.last().cloned())
}

/// Takes notes of where the time goes of what this thread renders and saves within a `with` block:
///
///     with playa.Profile() as profile:
///         comp.render(0)
///     print(profile)
#[pyclass(frozen, module = "playa_py")]
pub struct Profile {
    profile: Arc<HostProfile>,
}

#[pymethods]
impl Profile {
    #[new]
    fn new() -> Self {
        Self { profile: Arc::default() }
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        WITHIN.with_borrow_mut(|within| within.push(Arc::clone(&slf.get().profile)));
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        WITHIN.with_borrow_mut(|within| {
            if let Some(at) = within.iter().rposition(|profile| Arc::ptr_eq(profile, &self.profile)) {
                within.remove(at);
            }
        });
    }

    /// A row for each thing and kind of work, the longest first.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.import(py, "playa_py.records", "ProfileRow")?;
        let rows = call(py, || Ok(self.profile.rows()))?.into_iter();
        let rows = rows.map(|row| class.call1((row.label, row.kind, row.seconds, row.bytes, row.pieces, row.threads)));
        PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    }

    /// Writes every piece of work, with begin, end and thread, as a trace for Perfetto or Chrome's `about:tracing`.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        call(py, || {
            self.profile.save(&path).map_err(|error| {
                let message = format!("{}: {error}", path.display());
                Raise { path: Some(path.clone()), ..Raise::new("MediaError", message) }.into()
            })
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let rows = call(py, || Ok(self.profile.rows()))?;
        let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
        Ok(format!("<Profile: {seconds:.4} seconds of all threads in {} rows>", rows.len()))
    }

    /// The rows that took longest, as a table.
    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.profile.to_string()))
    }
}
