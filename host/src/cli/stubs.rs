//! `playa stubs`: the effects that are installed, as types for editors and type checkers of Python.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::console;
use super::failure::{Exit, Failure};
use crate::atomic::write_atomic;
use crate::stubs::effects_stub;

/// Write type stubs of the installed effects for editors and type checkers of Python.
///
/// Every effect becomes a class in `playa_py/effects.pyi`, with its parameters, their types, units, ranges and choices.
/// Without -o that file of the Python package itself is replaced.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Write stubs of the whole package into this folder instead, as DIR/playa_py
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

const HELP: &str = "\
With -o, name the folder to the type checker: `mypy_path = DIR` for mypy, `\"stubPath\": \"DIR\"` for pyright.

Examples:
  playa stubs
  playa stubs -o typings";

const EFFECTS: &str = "effects.pyi";

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let package =
        built_in.iter().filter_map(|folder| folder.parent()).find(|folder| folder.join("effects.py").is_file());
    let Some(package) = package else {
        return Err(Failure::usage("this `playa` does not belong to a Python package, so there is none to describe")
            .hint("use the command that `pip install playa-py` brings"));
    };
    let stub = effects_stub(&super::engine(built_in)?.effects());
    let folder = args.output.as_ref().map_or_else(|| package.to_owned(), |folder| folder.join("playa_py"));
    let write = || -> io::Result<()> {
        if args.output.is_some() {
            std::fs::create_dir_all(&folder)?;
            copy_types(package, &folder)?;
        }
        write_atomic(&folder.join(EFFECTS), |out| out.write_all(stub.as_bytes()))
    };
    write().map_err(|error| {
        let path = folder.join(EFFECTS);
        let failure = Failure::new(Exit::Failed, format_args!("{}: cannot be written: {error}", path.display()));
        if args.output.is_some() { failure } else { failure.hint("write into another folder with -o DIR") }
    })?;
    console::print(&format!("{}\n", folder.join(EFFECTS).display()))?;
    Ok(Exit::Ok)
}

/// Copies what the other modules of the package say of their types: a stub, or else the annotations in the source. Type
/// checkers look in no other folder for modules of a package that they found in one.
fn copy_types(package: &Path, folder: &Path) -> io::Result<()> {
    let mut modules: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for entry in std::fs::read_dir(package)? {
        let path = entry?.path();
        let Some(stem) = path.file_stem() else { continue };
        let stub = Path::new(stem).with_extension("pyi");
        match path.extension().and_then(OsStr::to_str) {
            Some("pyi") => drop(modules.insert(stub, path)),
            Some("py") => drop(modules.entry(stub).or_insert(path)),
            _ => {}
        }
    }
    for (stub, path) in modules.iter().filter(|(stub, _)| stub.as_os_str() != EFFECTS) {
        let text = std::fs::read(path)?;
        write_atomic(&folder.join(stub), |out| out.write_all(&text))?;
    }
    Ok(())
}
