//! `playa info`: what is in picture files, sequences and projects.

mod media;
mod project;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::console;
use super::failure::{Exit, Failure};
use crate::project::save::SUFFIX;

/// Tell what is in picture files, sequences and projects.
///
/// Reads headers, no pixels: also tells of files whose pixels cannot be read, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Picture files, sequences (plates/fg.####.exr) and projects (shot.playa).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON document instead of text: a list with an entry for each file.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Exit status: 0 all was told, 1 a file could not be read (the others are told).

Examples:
  playa info beauty.0001.exr
  playa info 'plates/fg.####.exr' --json
  playa info shot.playa";

/// What is told of a file: as text, and as the JSON object `kind` with the facts.
struct Told {
    kind: &'static str,
    text: String,
    json: Json,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    // Plugins are loaded for the first project, and not at all for pictures.
    let engine = OnceCell::new();
    let mut exit = Exit::Ok;
    let mut entries = Vec::new();
    for file in &args.files {
        let told = if is_project(file) {
            if engine.get().is_none() {
                let _ = engine.set(super::engine(built_in)?);
            }
            project::tell(file, engine.get().expect("it was set just now"))
        } else {
            media::tell(file)
        };
        match told {
            Ok(told) if args.json => {
                entries.push(json!({ "file": file.to_string_lossy(), "ok": true, told.kind: told.json }));
            }
            Ok(told) => console::print(&told.text)?,
            Err(reason) => {
                exit = Exit::Failed;
                console::error(&reason);
                entries.push(json!({ "file": file.to_string_lossy(), "ok": false, "error": reason }));
            }
        }
    }
    if args.json {
        console::print_json(&entries)?;
    }
    Ok(exit)
}

fn is_project(file: &Path) -> bool {
    // Those of the original Playa are JSON, as ours may be.
    file.extension().is_some_and(|suffix| [SUFFIX, "json"].iter().any(|known| suffix.eq_ignore_ascii_case(known)))
}

/// A block of text: the file's name, and its facts in two columns below.
fn block(file: &Path, facts: Vec<(&str, String)>) -> String {
    let rows = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    let rows: Vec<_> = rows.map(|(name, fact)| vec![format!("  {name}"), fact]).collect();
    format!("{}\n{}", file.display(), console::table(&rows))
}

/// `a-b`, or `a` where both are the same.
fn range((first, last): (i64, i64)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
