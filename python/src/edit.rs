//! `Edit`: edits of a project that are one step.

use std::sync::{Mutex, PoisonError};

use playa_host::project::{Edit as HostEdit, Project as HostProject};
use pyo3::prelude::*;

/// What `Project.edit` returns, for `with`.
#[pyclass(frozen, module = "playa_py")]
pub struct Edit {
    pub project: HostProject,
    pub name: String,
    /// Those that were entered, the last one at the back.
    pub open: Mutex<Vec<HostEdit>>,
}

#[pymethods]
impl Edit {
    fn __enter__(slf: Py<Self>) -> Py<Self> {
        let this = slf.get();
        let edit = this.project.edit(&this.name);
        this.open.lock().unwrap_or_else(PoisonError::into_inner).push(edit);
        slf
    }

    /// Keeps what was edited, or puts everything back where an exception comes through.
    fn __exit__(&self, exception: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>, _traceback: &Bound<'_, PyAny>) -> bool {
        let edit = self.open.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // Without an exception it is kept; dropping it takes it back.
        if let Some(edit) = edit.filter(|_| exception.is_none()) {
            edit.commit();
        }
        false
    }

    fn __repr__(&self) -> String {
        format!("<Edit {:?}>", self.name)
    }
}
