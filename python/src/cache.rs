//! `playa_py.cache`: the pictures that are kept.

use playa_host::render::{CacheStats, CachedPicture};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::call::call;
use crate::engine::engine;
use crate::errors::Raise;
use crate::value::bytes;

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
        let bytes = bytes("budget", budget)?;
        let cache = engine(py)?.renderer().cache();
        call(py, || {
            cache.set_budget(bytes);
            Ok(())
        })
    }

    /// Which pictures are kept as long as there is room: `"all"`, or `"last_only"`.
    #[getter]
    fn strategy(&self, py: Python<'_>) -> PyResult<String> {
        Ok(engine(py)?.renderer().cache().strategy().to_string())
    }

    #[setter]
    fn set_strategy(&self, py: Python<'_>, strategy: &str) -> PyResult<()> {
        let strategy = strategy.parse().map_err(|error: String| Raise::new("AttrValueError", error))?;
        let cache = engine(py)?.renderer().cache();
        call(py, || {
            cache.set_strategy(strategy);
            Ok(())
        })
    }

    /// How files are told from others: `"facts"` or `"content"`.
    #[getter]
    fn identity(&self, py: Python<'_>) -> PyResult<String> {
        Ok(engine(py)?.renderer().file_identity().to_string())
    }

    #[setter]
    fn set_identity(&self, py: Python<'_>, identity: &str) -> PyResult<()> {
        let identity = identity.parse().map_err(|error: String| Raise::new("AttrValueError", error))?;
        engine(py)?.renderer().set_file_identity(identity);
        Ok(())
    }

    /// The pictures that are kept, the largest first.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static ROW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        static REPORT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let row = ROW.import(py, "playa_py.records", "CachedPicture")?;
        let cache = engine(py)?.renderer().cache();
        let rows = call(py, || Ok(cache.report()))?.into_iter().map(|picture| {
            let CachedPicture { label, kind, node, key, bytes, hits, seconds_saved } = picture;
            row.call1((label, kind, node.to_string(), key, bytes, hits, seconds_saved))
        });
        let rows = rows.collect::<PyResult<Vec<_>>>()?;
        REPORT.import(py, "playa_py.records", "CacheReport")?.call1((rows,))
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
