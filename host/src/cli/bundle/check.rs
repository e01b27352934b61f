//! Whether a bundle is what it says, told without running anything of it.

use std::path::Path;

use serde_json::json;

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::plugin::bundle::{self, Bundle, Library};
use crate::plugin::load::{BuildInfo, inspect_any};
use crate::plugin::{LoadError, one_line};
use crate::project::preset::{Preset, files_in};

pub(super) fn run(folder: &Path, as_json: bool) -> Result<Exit, Failure> {
    if !bundle::is_bundle(folder) {
        let failure = Failure::usage(format_args!("{}: is no bundle", folder.display()));
        return Err(failure.hint(format_args!("name a folder NAME.{}", bundle::SUFFIX)));
    }
    let read = Bundle::read(folder);
    let problems = match &read {
        Ok(bundle) => problems(bundle),
        Err(error) => vec![error.to_string()],
    };
    let manifest = read.as_ref().ok().map(|bundle| &bundle.manifest);
    if as_json {
        console::print_json(&json!({ "bundle": folder, "manifest": manifest, "problems": problems }))?;
    } else {
        problems.iter().for_each(console::error);
        let platforms = manifest.iter().flat_map(|manifest| &manifest.libraries).map(|library| &*library.platform);
        let platforms = platforms.collect::<Vec<_>>().join(", ");
        if problems.is_empty() {
            console::print(&format!("{}: is what it says, for {platforms}\n", folder.display()))?;
        }
    }
    Ok(if problems.is_empty() { Exit::Ok } else { Exit::Failed })
}

/// A bundle that is what it says.
pub(super) fn whole(folder: &Path) -> Result<Bundle, Failure> {
    let bundle = Bundle::read(folder).map_err(|error| Failure::new(Exit::Failed, error))?;
    match problems(&bundle).into_iter().next() {
        Some(problem) => Err(Failure::new(Exit::Failed, problem).hint("playa bundle --check tells all that is wrong")),
        None => Ok(bundle),
    }
}

/// All that is wrong with a bundle, a line each.
fn problems(bundle: &Bundle) -> Vec<String> {
    let mut problems = Vec::new();
    let mut builds = Vec::new();
    for library in &bundle.manifest.libraries {
        match build(bundle, library) {
            Ok(build) => builds.push(build),
            Err(error) => problems.push(error.to_string()),
        }
    }
    let named = bundle.manifest.license_files.iter().chain(&bundle.manifest.help).chain(&bundle.manifest.presets);
    problems.extend(named.filter_map(|named| bundle.path(named).err()).map(|error| error.to_string()));
    let presets = bundle.manifest.presets.as_ref().and_then(|named| bundle.path(named).ok());
    let presets = presets.as_deref().map(files_in).unwrap_or_default();
    if let Some(build) = builds.first() {
        let wrong = |path: &std::path::PathBuf| {
            Preset::read(path).and_then(|preset| bundle::check_preset(&preset, &build.effects)).err()
        };
        problems.extend(presets.iter().filter_map(wrong).map(|error| one_line(&error.to_string())));
    }
    problems
}

fn build(bundle: &Bundle, library: &Library) -> Result<BuildInfo, LoadError> {
    let path = bundle.path(&library.file)?;
    let unreadable = |error: std::io::Error| LoadError::Unreadable { path: path.clone(), reason: error.to_string() };
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let build = inspect_any(&path, &bytes)?;
    bundle.check(&path, blake3::hash(&bytes), &build)?;
    build.check_any_host(&path)?;
    Ok(build)
}
