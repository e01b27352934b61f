//! `playa ls`: the sequences and pictures of folders.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::console;
use super::failure::{Exit, Failure};
use crate::media::Format;
use crate::project::{Sequence, SequenceError};

/// List the sequences and pictures in folders, with the frames that are missing.
///
/// Reads each folder once, and no file.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Folders, or files, of which the sequence that they belong to is listed.
    #[arg(default_value = ".", value_name = "FOLDER")]
    paths: Vec<PathBuf>,
    /// List files of all kinds, not only pictures.
    #[arg(short, long)]
    all: bool,
    /// Print one JSON document: a list with an entry for each sequence or picture.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Exit status: 0 all was listed, 1 a folder or file could not be read (the others are listed).

Examples:
  playa ls plates
  playa ls plates/fg.1001.exr
  playa ls --json plates > sequences.json";

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut exit = Exit::Ok;
    let mut entries: Vec<Json> = Vec::new();
    for path in &args.paths {
        match find(path, args.all) {
            Ok(sequences) if args.json => entries.extend(sequences.iter().map(entry)),
            Ok(sequences) => sequences.iter().try_for_each(|sequence| console::print(&format!("{sequence}\n")))?,
            Err(error) => {
                exit = Exit::Failed;
                console::error(error);
            }
        }
    }
    if args.json {
        console::print_json(&entries)?;
    }
    Ok(exit)
}

/// The sequences and pictures of a folder, or the sequence of a file.
fn find(path: &Path, all: bool) -> Result<Vec<Sequence>, SequenceError> {
    if path.is_dir() {
        // A folder that is meant by `.` is not told with each of its files.
        let folder = if path == Path::new(".") { Path::new("") } else { path };
        return Sequence::list(folder, |name| all || Format::of_path(name).is_some());
    }
    Sequence::of_file(&path.to_string_lossy()).map(|sequence| vec![sequence])
}

fn entry(sequence: &Sequence) -> Json {
    let bounds = sequence.bounds();
    json!({
        "pattern": sequence.pattern().to_string(),
        "first": bounds.map(|(first, _)| first),
        "last": bounds.map(|(_, last)| last),
        "files": sequence.frames().len().max(1),
        "missing": sequence.gaps(),
    })
}
