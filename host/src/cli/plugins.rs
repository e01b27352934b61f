//! `playa plugins`: which files are plugins, and which are not.

mod lock;
mod retry;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::console;
use super::failure::{Exit, Failure};
use crate::engine::Engine;
use crate::plugin::{Bundle, Confined, FileReport, Held, bundle};

/// List the plugin files with what became of them, lock them, or try one again.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Action>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
}

const HELP: &str = "\
Examples:
  playa plugins
  playa plugins --json
  playa plugins lock             refuse every file that is not here now, or changes
  playa plugins lock vendor      the same for one folder
  playa plugins retry gain.so    take a file out of quarantine and look at it again";

#[derive(Debug, Subcommand)]
enum Action {
    /// Write plugins.lock: from then on, what is not in it or differs is refused.
    Lock(lock::Args),
    /// Take a file out of quarantine and look at it again.
    Retry(retry::Args),
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    match &args.command {
        Some(Action::Lock(lock)) => return lock::run(lock, built_in, args.json),
        Some(Action::Retry(retry)) => return retry::run(retry, built_in, args.json),
        None => {}
    }
    let engine = super::engine(built_in)?;
    let effects = engine.effects();
    if args.json {
        console::print_json(&effects.files().iter().map(|file| file_json(&engine, file)).collect::<Vec<_>>())?;
    } else if effects.files().is_empty() {
        console::say("no plugins: set PLAYA_PLUGIN_PATH to their folder");
    } else {
        let head = ["STATE", "HASH", "GENERATION", "API", "BUILD", "RUNS", "OLD", "BUNDLE", "EFFECTS", "FILE"];
        let head = head.map(String::from).to_vec();
        let rows = effects.files().iter().map(|file| row(&engine, file));
        console::print(&console::table(&[head].into_iter().chain(rows).collect::<Vec<_>>()))?;
    }
    Ok(Exit::Ok)
}

/// Libraries of a file that are in memory besides the one in use.
fn old(engine: &Engine, file: &FileReport) -> Held {
    let (opened, _) = engine.registry().held(Some(&file.path));
    let live = file.live.as_ref().map_or(Held::default(), |live| Held { count: 1, bytes: live.plugin.size });
    Held { count: opened.count.saturating_sub(live.count), bytes: opened.bytes.saturating_sub(live.bytes) }
}

/// What the bundle says of itself that the file is in, if it is in one.
fn bundle_of(file: &FileReport) -> Option<Bundle> {
    Bundle::read(bundle::folder_of(&file.path)?).ok()
}

fn bundle_json(file: &FileReport) -> Option<Json> {
    let Bundle { folder, manifest } = bundle_of(file)?;
    let platforms: Vec<&str> = manifest.libraries.iter().map(|library| &*library.platform).collect();
    Some(json!({
        "folder": folder,
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "license": manifest.license,
        "vendor": manifest.vendor,
        "platforms": platforms,
    }))
}

fn row(engine: &Engine, file: &FileReport) -> Vec<String> {
    let (state, path) = (file.state().name().to_owned(), file.path.display().to_string());
    let bundle = bundle_of(file).map(|Bundle { manifest, .. }| format!("{} {}", manifest.name, manifest.version));
    let bundle = bundle.unwrap_or_else(|| "-".to_owned());
    let Some(live) = &file.live else {
        let none = || "-".to_owned();
        return vec![state, none(), none(), none(), none(), none(), none(), bundle, none(), path];
    };
    let (plugin, old) = (&live.plugin, old(engine, file));
    let effects: Vec<&str> = plugin.effects.iter().map(|effect| &*effect.spec().type_name).collect();
    let held =
        if old.count == 0 { "-".to_owned() } else { format!("{} ({} KiB)", old.count, old.bytes.div_ceil(1024)) };
    let build = plugin.build.as_ref().expect("a command brings no effects of its own");
    let (api, build) = (build.api.clone(), format!("{}, {}", build.rustc, build.target));
    let hash = plugin.hash.to_hex()[..12].to_owned();
    let (number, runs, effects) = (live.number.to_string(), runs(plugin.isolated), effects.join(", "));
    vec![state, hash, number, api, build, runs, held, bundle, effects, path]
}

/// Where a plugin runs, and what its process could do beside making pixels.
fn runs(isolated: Option<Confined>) -> String {
    match isolated {
        None => "in this process",
        Some(Confined { files: true, network: true }) => "isolated",
        Some(Confined { files: false, network: true }) => "isolated, may change files",
        Some(Confined { files: true, network: false }) => "isolated, may use the network",
        Some(Confined { files: false, network: false }) => "isolated, may change files and use the network",
    }
    .to_owned()
}

fn file_json(engine: &Engine, file: &FileReport) -> Json {
    let old = old(engine, file);
    let plugin = file.live.as_ref().map(|live| &live.plugin);
    let build = plugin.and_then(|plugin| plugin.build.as_ref());
    let quarantine = file.content.and_then(|hash| engine.registry().policy().guard.as_ref()?.quarantine.reason(hash));
    let isolated = |confined: Confined| json!({ "files": !confined.files, "network": !confined.network });
    let seconds = |time: std::time::SystemTime| {
        time.duration_since(std::time::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    };
    json!({
        "file": file.path,
        "bundle": bundle_json(file),
        "state": file.state().name(),
        "error": file.error.as_ref().map(ToString::to_string),
        "quarantine": quarantine,
        "isolated": plugin.is_some_and(|plugin| plugin.isolated.is_some()),
        "may_use": plugin.and_then(|plugin| plugin.isolated).map(isolated),
        "hash": plugin.map(|plugin| plugin.hash.to_hex().to_string()),
        "bytes": plugin.map(|plugin| plugin.size),
        "generation": file.live.as_ref().map(|live| live.number),
        "loaded": file.live.as_ref().map(|live| seconds(live.loaded)),
        "api": build.map(|build| &build.api),
        "build": build.map(|build| json!({
            "sdk": build.sdk,
            "rustc": build.rustc,
            "target": build.target,
            "cpu_features": build.cpu_features,
            "panic": build.panic,
        })),
        "effects": plugin.map_or_else(Vec::new, |plugin| {
            let effect = |spec: &crate::project::EffectSpec| json!({ "id": spec.id, "version": spec.version });
            plugin.effects.iter().map(|kind| effect(kind.spec())).collect()
        }),
        "old_generations": { "count": old.count, "bytes": old.bytes },
    })
}
