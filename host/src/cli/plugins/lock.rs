//! `playa plugins lock`: the files that are there now are the ones that may be loaded.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::plugin::{LoadError, Plugin, Policy, Registry, SearchPath, lock, search};

/// Write plugins.lock with the hash of every plugin file that is there now.
///
/// From then on, a file that is not in it, or has another content, is refused. Files that are refused now for another
/// reason are not locked: they are told, and the status is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Lock one folder, with a plugins.lock in it. Without this, all folders but the built-in ones, with a plugins.lock
    /// beside playa.toml.
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf], as_json: bool) -> Result<Exit, Failure> {
    let (path, policy) = search::of_this_user(built_in).map_err(|error| Failure::new(Exit::Usage, error))?;
    let (file, path) = match &args.dir {
        Some(folder) if folder.is_dir() => (folder.join(lock::NAME), SearchPath { directories: vec![folder.clone()] }),
        Some(folder) => return Err(Failure::usage(format_args!("{}: is no folder", folder.display()))),
        None => match &policy.lock {
            Some(file) => (file.clone(), path),
            None => {
                return Err(Failure::usage("there is no playa.toml to write plugins.lock beside")
                    .hint("name a folder of plugins: playa plugins lock DIR"));
            }
        },
    };
    let registry = Registry::scan_with(&path, Policy { lock: None, locked: false, ..policy });
    let effects = registry.effects();
    let refused: Vec<&LoadError> = effects.files().iter().filter_map(|report| report.error.as_ref()).collect();
    refused.iter().for_each(console::warn);
    let live = effects.files().iter().filter_map(|report| Some(&*report.live.as_ref()?.plugin));
    let plugins: Vec<&Plugin> = live.filter(|plugin| !registry.policy().is_built_in(&plugin.path)).collect();
    lock::write(&file, plugins.iter().copied())
        .map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", file.display())))?;
    tell(&file, &plugins, as_json)?;
    Ok(if refused.is_empty() { Exit::Ok } else { Exit::Failed })
}

fn tell(file: &Path, plugins: &[&Plugin], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let entry = |plugin: &&Plugin| json!({ "file": plugin.path, "hash": plugin.hash.to_hex().to_string() });
        return console::print_json(&json!({ "lock": file, "plugins": plugins.iter().map(entry).collect::<Vec<_>>() }));
    }
    console::print(&format!("{}: {} plugins\n", file.display(), plugins.len()))
}
