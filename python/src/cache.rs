//! `playa_py.cache`: the pictures that are kept.

use playa_host::render::CacheStats;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::call::call;
use crate::engine::engine;
use crate::errors::Raise;

/// The pictures that renders made and the next ones can use. One for the process: `playa_py.cache`.
#[pyclass(frozen, module = "playa_py")]
pub struct Cache;

#[pymethods]
impl Cache {
    /// What it holds and what it was good for.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let CacheStats { hits, misses, entries, bytes, bytes_in_flight, budget, evicted, seconds_saved } =
            engine(py)?.renderer().cache().stats();
        let fields = PyDict::new(py);
        fields.set_item("hits", hits)?;
        fields.set_item("misses", misses)?;
        fields.set_item("entries", entries)?;
        fields.set_item("bytes", bytes)?;
        fields.set_item("bytes_in_flight", bytes_in_flight)?;
        fields.set_item("budget", budget)?;
        fields.set_item("evicted", evicted)?;
        fields.set_item("seconds_saved", seconds_saved)?;
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        CLASS.import(py, "playa_py.records", "CacheStats")?.call((), Some(&fields))
    }

    /// How many bytes are kept at most, 0 for none. What is beyond it goes at once.
    #[getter]
    fn budget(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(engine(py)?.renderer().cache().stats().budget)
    }

    #[setter]
    fn set_budget(&self, py: Python<'_>, budget: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes: u64 = budget.extract().map_err(|_| {
            let found = budget.repr().map_or_else(|_| "something else".to_owned(), |text| text.to_string());
            Raise::new("AttrValueError", format!("budget: expected a number of bytes, 0 or more, found {found}"))
        })?;
        let cache = engine(py)?.renderer().cache();
        call(py, || {
            cache.set_budget(bytes);
            Ok(())
        })
    }

    /// Drops all pictures. The counts go on.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        let cache = engine(py)?.renderer().cache();
        call(py, || {
            cache.clear();
            Ok(())
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let stats = engine(py)?.renderer().cache().stats();
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let (entries, bytes, budget) = (stats.entries, mib(stats.bytes), mib(stats.budget));
        Ok(format!("<Cache: {entries} pictures, {bytes:.1} of {budget:.1} MiB>"))
    }
}
