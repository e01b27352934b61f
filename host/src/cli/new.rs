//! `playa new`: the crate of an effect.

mod folder;
mod names;
mod templates;

use std::path::{Path, PathBuf};

use playa_plugin_api::abi::API_VERSION;
use semver::VersionReq;
use serde_json::json;

use super::console;
use super::failure::{Exit, Failure};
use names::Names;
use templates::{Kind, Texts};

/// Make a crate for an effect that works at once: with an example of its kind to change, tests, a bench and a CI example.
///
/// It is a folder of its own, and needs nothing of Playa's repository but the crate playa-plugin-api.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// What it is called: film-grain becomes the crate film-grain, with the effect FilmGrain.
    name: String,
    /// What it starts with: pixel (a function of one pixel), area (of a neighbourhood), full (any part of its inputs),
    /// generator (no input), temporal (other frames).
    #[arg(long, value_name = "KIND", default_value_t)]
    kind: Kind,
    /// The identity that projects store. [default: com.example. and the name]
    #[arg(long, value_name = "com.example.name")]
    id: Option<String>,
    /// The folder to make. [default: the name]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Which version of playa-plugin-api it depends on, as in a Cargo.toml. [default: this Playa's]
    #[arg(long, value_name = "VERSION", conflicts_with = "api_path")]
    api: Option<VersionReq>,
    /// Depend on the playa-plugin-api in this folder instead of a version.
    #[arg(long, value_name = "PATH")]
    api_path: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Exit status: 0 it is made, 1 it cannot be written, 2 wrong usage.

Examples:
  playa new glow --kind area --id org.example.glow
  playa new film-grain --kind generator --path effects/grain
  playa new glow --api-path ../playa/plugin-api";

/// The crate that every effect depends on.
const SDK: &str = "playa-plugin-api";

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let names = Names::of(&args.name, args.id.as_deref())?;
    let folder = args.path.clone().unwrap_or_else(|| PathBuf::from(&names.package));
    let texts = Texts { names: &names, sdk: &sdk(args)?, kind: args.kind };
    let files = texts.files();
    folder::make(&folder, &files)?;
    let next = next(&folder, &names);
    if args.json {
        console::print_json(&json!({
            "folder": folder, "name": names.package, "kind": args.kind.name(), "effect": names.effect, "id": names.id,
            "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "next": next.iter().map(|[command, _]| command).collect::<Vec<_>>(),
        }))?;
    } else {
        let rows = next.map(|[command, meaning]| vec![format!("  {command}"), meaning]);
        let Names { effect, id, .. } = &names;
        let made = format!("Made {}: {effect}, {id}, an effect of the kind {}", folder.display(), args.kind);
        console::print(&format!("{made}\n\n{}", console::table(&rows)))?;
    }
    Ok(Exit::Ok)
}

/// The dependency on the SDK, as a value of TOML.
fn sdk(args: &Args) -> Result<toml::Value, Failure> {
    let Some(path) = &args.api_path else {
        let own = || semver::Version::parse(API_VERSION).map(|version| format!("{}.{}", version.major, version.minor));
        let version = match &args.api {
            Some(version) => version.to_string(),
            None => own().map_err(|error| Failure::new(Exit::Failed, format_args!("{SDK} {API_VERSION}: {error}")))?,
        };
        return Ok(toml::Value::String(version.trim_start_matches('^').to_owned()));
    };
    let wrong = |reason: &str| {
        Failure::usage(format_args!("--api-path {}: {reason}", path.display()))
            .hint(format_args!("name the folder of {SDK}, which is plugin-api in Playa's repository"))
    };
    let manifest = std::fs::read_to_string(path.join("Cargo.toml")).map_err(|_| wrong("there is no Cargo.toml"))?;
    let manifest: toml::Table = manifest.parse().map_err(|_| wrong("its Cargo.toml cannot be read"))?;
    if manifest.get("package").and_then(|package| package.get("name")?.as_str()) != Some(SDK) {
        return Err(wrong("it is another crate"));
    }
    // The crate may be moved, and then still finds it.
    let path = std::path::absolute(path).map_err(|error| wrong(&error.to_string()))?;
    let text = path.to_str().ok_or_else(|| wrong("a Cargo.toml can hold only UTF-8 paths"))?;
    Ok(toml::Table::from_iter([("path".to_owned(), text.into())]).into())
}

/// What to do with the crate, and what for.
fn next(folder: &Path, names: &Names) -> [[String; 2]; 5] {
    let folder = folder.display().to_string();
    let folder = if folder.contains(' ') { format!("'{folder}'") } else { folder };
    let steps = [
        (format!("cd {folder}"), "src/lib.rs is what to change"),
        ("playa dev".to_owned(), "builds on each save, and keeps preview.png up to date"),
        ("cargo test".to_owned(), "compares pixels with those that it should make"),
        ("cargo build --release".to_owned(), "makes the plugin file, in target/release"),
        (format!("PLAYA_PLUGIN_PATH=target/release playa effects show {}", names.effect), "says what it takes"),
    ];
    steps.map(|(command, meaning)| [command, meaning.to_owned()])
}
