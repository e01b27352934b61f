//! `playa colour`: what the colour of files is taken for.

use std::path::PathBuf;

use serde_json::json;

use super::console;
use super::failure::{Exit, Failure};
use crate::colour::{Engine, Listed};
use crate::engine::Explanation;
use crate::project::{Document, LoadOptions};

/// Tell which colour space files are taken for and by which rule, or list the spaces there are.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Picture files, and sequences (plates/fg.####.exr). Without any, the colour spaces are listed.
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
Exit status: 0 all was told, 1 a file could not be told (the others are), 3 the project cannot be opened.

Examples:
  playa colour                                  the spaces, with their other names
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
    let spaces = engine.spaces();
    if args.json {
        console::print_json(&json!(spaces))?;
        return Ok(Exit::Ok);
    }
    let row = |space: Listed| {
        let also = if space.aliases.is_empty() { String::new() } else { format!(" [{}]", space.aliases.join(", ")) };
        vec![space.name, space.doc + &also]
    };
    console::print(&console::table(&spaces.into_iter().map(row).collect::<Vec<_>>()))?;
    Ok(Exit::Ok)
}
