//! `find_sequences`: what is in a folder.

use std::path::PathBuf;

use playa_host::media::Format;
use playa_host::project::{Pattern, Sequence};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::call::call;
use crate::errors::raise;

/// The sequences and pictures of a folder, of a pattern, or the one that a file belongs to, as `FoundSequence`s.
#[pyfunction]
pub fn find_sequences<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Vec<Bound<'py, PyAny>>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let found = call(py, || {
        let text = path.to_string_lossy();
        let found = if path.is_dir() {
            Sequence::list(&path, |name| Format::of_path(name).is_some())
        } else if path.is_file() {
            Sequence::of_file(&text).map(|sequence| vec![sequence])
        } else {
            Pattern::parse(&text).and_then(Sequence::find).map(|sequence| vec![sequence])
        };
        found.map_err(raise)
    })?;
    let class = CLASS.import(py, "playa_py.records", "FoundSequence")?;
    let record = |sequence: Sequence| {
        let (first, last) = sequence.bounds().unzip();
        let files = sequence.frames().len().max(1);
        class.call1((sequence.pattern().to_string(), first, last, files, sequence.gaps()))
    };
    found.into_iter().map(record).collect()
}
