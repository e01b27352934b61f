//! `playa plugins retry`: out of quarantine, and looked at again.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::engine::Engine;

/// Take a plugin file out of quarantine and try it again.
///
/// The status is 1 if it is refused again. A process that runs already notices when the file changes, or when it is told to
/// look again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file, or the first 8 or more digits of its hash.
    #[arg(value_name = "FILE|HASH")]
    what: PathBuf,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf], as_json: bool) -> Result<Exit, Failure> {
    // What is refused now is told below, for the one that is asked about.
    let engine = Engine::of_this_user(built_in).map_err(|error| Failure::new(Exit::Usage, error))?;
    let taken = engine.registry().retry(&args.what);
    if taken.is_empty() {
        return Err(Failure::usage(format_args!("{}: is not quarantined", args.what.display()))
            .hint("playa plugins tells which files are"));
    }
    let effects = engine.effects();
    let mut results = Vec::new();
    for entry in &taken {
        let file = engine.registry().known_as(&entry.file);
        let error = match effects.file(&file) {
            Some(report) => report.error.as_ref().map(ToString::to_string),
            None => Some(format!("{}: is not there", file.display())),
        };
        results.push((entry, file, error));
    }
    if as_json {
        let row = |(entry, file, error): &(&crate::plugin::quarantine::Entry, PathBuf, Option<String>)| json!({ "file": file, "hash": entry.hash, "reason": entry.reason, "error": error });
        console::print_json(&results.iter().map(row).collect::<Vec<_>>())?;
    }
    for (_, file, error) in &results {
        match error {
            Some(error) => console::error(error),
            None if !as_json => console::print(&format!("{}: is in use\n", file.display()))?,
            None => {}
        }
    }
    Ok(if results.iter().all(|(_, _, error)| error.is_none()) { Exit::Ok } else { Exit::Failed })
}
