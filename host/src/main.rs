//! The command `playa` as the host crate's own program. See [`playa_host::cli`].
//!
//! Its built-in effects are the libraries in the folder `plugins` beside the executable. The folder of the executable
//! itself is not searched: cargo puts every library of a workspace there.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("plugins")));
    let built_in: Vec<PathBuf> = beside.into_iter().collect();
    if let Some(program) = playa_host::cli::worker_program() {
        program.set();
    }
    let status = playa_host::cli::run(std::env::args_os(), &built_in);
    ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX))
}
