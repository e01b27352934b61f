//! Processes in which plugins run: this interpreter, with nothing of it but the native module.

use std::path::PathBuf;

use playa_host::plugin::{WorkerProgram, worker};
use pyo3::prelude::*;

/// Loads the native module by its file, without the package around it and without `site`.
const SCRIPT: &str = "import importlib.machinery as m, sys; \
    l = m.ExtensionFileLoader('playa_py._native', sys.argv[1]); \
    n = l.create_module(m.ModuleSpec('playa_py._native', l, origin=sys.argv[1])); \
    l.exec_module(n); sys.exit(n.serve_worker())";

/// Says with which program the host tries and isolates plugins. Where Python is embedded in another program, there is none:
/// calling that one would do whatever it does.
pub fn set_program(py: Python<'_>) -> PyResult<()> {
    let executable: Option<PathBuf> = py.import("sys")?.getattr("executable")?.extract()?;
    let is_python = |path: &PathBuf| path.file_stem().is_some_and(|name| name.to_string_lossy().starts_with("py"));
    if let Some(program) = executable.filter(is_python) {
        let module: PathBuf = py.import("playa_py._native")?.getattr("__file__")?.extract()?;
        let arguments = ["-I", "-S", "-c", SCRIPT].map(Into::into).into_iter().chain([module.into_os_string()]);
        WorkerProgram { program, arguments: arguments.collect() }.set();
    }
    Ok(())
}

/// Lives as a process in which plugins run, until the host that started it ends.
#[pyfunction]
pub fn serve_worker(py: Python<'_>) -> i32 {
    py.detach(worker::serve)
}
