//! The command `playa` for its script in the wheel.

use std::ffi::OsString;
use std::path::PathBuf;

use playa_host::conformance::Program;
use pyo3::prelude::*;

use crate::engine::{built_in_plugins, set_packages};
use crate::{log, worker};

/// Runs the command `playa` with its arguments, the program's name first, and returns its exit status. For a process
/// whose purpose is the command: `render` and `demo` take over Ctrl-C until the process ends.
#[pyfunction]
pub fn cli_main(py: Python<'_>, args: Vec<OsString>) -> PyResult<i32> {
    let built_in = [built_in_plugins(py)?];
    worker::set_program(py)?;
    set_packages(py)?;
    if let Some(path) = py.import("sys")?.getattr("executable")?.extract::<Option<PathBuf>>()? {
        let arguments = ["-P", "-m", "playa_py"].map(Into::into).to_vec();
        Program { path, arguments }.set();
    }
    log::with_command(py, || py.detach(|| playa_host::cli::run(args, &built_in)))
}
