//! `playa_py.memory`: what pixels take, and the limit.

use playa_host::image::memory::{PROCESS, Usage};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::call::call;
use crate::value::bytes;

/// The memory that pixels take in this process. One for the process: `playa_py.memory`.
#[pyclass(frozen, module = "playa_py")]
pub struct Memory;

#[pymethods]
impl Memory {
    /// What takes memory now.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let Usage { limit, used, peak, reserved, frames, kept } = PROCESS.usage();
        let fields = PyDict::new(py);
        fields.set_item("limit", limit)?;
        fields.set_item("used", used)?;
        fields.set_item("peak", peak)?;
        fields.set_item("kept", kept)?;
        fields.set_item("reserved", reserved)?;
        fields.set_item("frames", frames)?;
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        CLASS.import(py, "playa_py.records", "MemoryStats")?.call((), Some(&fields))
    }

    /// How many bytes pixels take at most.
    #[getter]
    fn limit(&self) -> u64 {
        PROCESS.usage().limit
    }

    #[setter]
    fn set_limit(&self, py: Python<'_>, limit: &Bound<'_, PyAny>) -> PyResult<()> {
        let limit = bytes("limit", limit)?;
        call(py, || {
            PROCESS.set_limit(limit);
            Ok(())
        })
    }

    fn __repr__(&self) -> String {
        let Usage { limit, used, kept, .. } = PROCESS.usage();
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        format!("<Memory: {:.1} of {:.1} MiB, {:.1} of them kept>", mib(used), mib(limit), mib(kept))
    }
}
