//! `playa colour`: what the colour of files is taken for, and what is in a config.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::console;
use super::failure::{Exit, Failure};
use crate::colour::{self, Engine, Listed, config_path};
use crate::engine::Explanation;
use crate::project::{Document, LoadOptions};

/// Tell which colour space files are taken for and by which rule, or list the spaces there are, or what is in a config.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Picture files, and sequences (plates/fg.####.exr). Without any, the colour spaces are listed. Of an OpenColorIO config
    /// (ocio://NAME, a file that ends in .ocio or .ocioz, or $OCIO) what it has: spaces, roles, displays with their views,
    /// and looks.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The project whose rules and working space count.
    #[arg(short, long, value_name = "FILE.playa")]
    project: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Exit status: 0 all was told, 1 a file or config could not be told (the others are), 3 the project cannot be opened.

Examples:
  playa colour                                  the spaces, with their other names
  playa colour ocio://cg-config-v4.0.0          what is in a config
  playa colour plates/fg.1001.exr               what a file is, and why
  playa colour 'plates/fg.####.exr' -p shot.playa --json";

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let document = match &args.project {
        None => Document::new().into(),
        Some(path) => super::engine(built_in)?.load_project(path, &LoadOptions::default())?.snapshot(),
    };
    if args.files.is_empty() {
        let colours = document.colours().map_err(|error| Failure::new(Exit::BadProject, error))?;
        return list(args, &*colours.engine);
    }
    let (mut exit, mut entries) = (Exit::Ok, Vec::new());
    for file in &args.files {
        if let Some(name) = config_name(file) {
            match colour::open_config(name) {
                Ok(config) if args.json => {
                    entries.push(json!({ "config": name, "ok": true, "has": contents(&*config) }))
                }
                Ok(config) => console::print(&told(&*config))?,
                Err(error) => {
                    exit = Exit::Failed;
                    console::error(&error);
                    entries.push(json!({ "config": name, "ok": false, "error": error.to_string() }));
                }
            }
            continue;
        }
        match Explanation::of(file, &document) {
            Ok(told) if args.json => {
                entries.push(json!({ "file": file.to_string_lossy(), "ok": true, "colour": told }))
            }
            Ok(told) => console::print(&format!("{told}\n"))?,
            Err(error) => {
                exit = Exit::Failed;
                console::error(&error);
                entries.push(json!({ "file": file.to_string_lossy(), "ok": false, "error": error.to_string() }));
            }
        }
    }
    if args.json {
        console::print_json(&json!(entries))?;
    }
    Ok(exit)
}

fn list(args: &Args, engine: &dyn Engine) -> Result<Exit, Failure> {
    match args.json {
        true => console::print_json(&json!(engine.spaces()))?,
        false => console::print(&spaces(engine))?,
    }
    Ok(Exit::Ok)
}

/// The name of a config, where that is meant.
fn config_name(file: &Path) -> Option<&str> {
    let name = file.to_str()?;
    let suffix = config_path(name).and_then(Path::extension).unwrap_or_default();
    let is_file = ["ocio", "ocioz"].iter().any(|known| suffix.eq_ignore_ascii_case(known));
    (is_file || config_path(name).is_none()).then_some(name)
}

/// What is in a config.
fn contents(engine: &dyn Engine) -> serde_json::Value {
    let roles: serde_json::Map<_, _> = engine.roles().into_iter().map(|(role, space)| (role, space.into())).collect();
    json!({ "spaces": engine.spaces(), "roles": roles, "displays": engine.displays(), "looks": engine.looks() })
}

/// What is in a config, for people.
fn told(engine: &dyn Engine) -> String {
    let roles = engine.roles().into_iter().map(|(role, space)| vec![role, space]).collect();
    let displays = engine.displays().into_iter().map(|display| vec![display.name, display.views.join(", ")]).collect();
    let looks = engine.looks().into_iter().map(|look| vec![look]).collect();
    let mut text = format!("{}\n\nSpaces\n{}", engine.name(), spaces(engine));
    let parts: [(&str, Vec<Vec<String>>); 3] =
        [("Roles", roles), ("Displays, and their views", displays), ("Looks", looks)];
    for (title, rows) in parts.iter().filter(|(_, rows)| !rows.is_empty()) {
        text += &format!("\n{title}\n{}", console::table(rows));
    }
    text
}

fn spaces(engine: &dyn Engine) -> String {
    let row = |space: Listed| {
        let also = if space.aliases.is_empty() { String::new() } else { format!(" [{}]", space.aliases.join(", ")) };
        vec![space.name, space.doc + &also]
    };
    console::table(&engine.spaces().into_iter().map(row).collect::<Vec<_>>())
}
