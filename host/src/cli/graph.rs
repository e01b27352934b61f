//! `playa graph`: what a frame is made of.

use std::path::PathBuf;

use super::console;
use super::failure::{Exit, Failure};
use crate::project::LoadOptions;
use crate::render::MissingEffects;

/// Tell what a frame is made of, and how.
///
/// A line for each picture, the inputs of a picture before it: its number, how it comes about (`fused` into what reads it,
/// tile by tile, or made whole because of what the word says), what it is, where it has pixels, and of which others it is
/// made. Reads headers of files, and makes no pixels.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The project file.
    project: PathBuf,
    /// Which frame. [default: the first one of the comp's work area]
    #[arg(short = 'F', long, allow_hyphen_values = true)]
    frame: Option<i64>,
    /// Which comp, by its name. [default: the only one, else the one called Main]
    #[arg(long, value_name = "NAME")]
    comp: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
    /// Print it in the language of Graphviz instead of text.
    #[arg(long, conflicts_with = "json")]
    dot: bool,
    /// Show layers without the effects that are not loaded, instead of failing.
    #[arg(long)]
    skip_missing_effects: bool,
}

const HELP: &str = "\
Exit status: 0 it was told, 1 the frame cannot be rendered, 2 wrong usage, 3 the project cannot be opened.

Examples:
  playa graph shot.playa
  playa graph shot.playa -F 12 --comp Main --json
  playa graph shot.playa -F 12 --dot | dot -Tsvg > shot.svg";

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let engine = super::engine(built_in)?;
    let project = engine.load_project(&args.project, &LoadOptions::default())?;
    project.diagnostics().iter().for_each(console::say);
    let comp = super::comp(&args.project, args.comp.as_deref(), &project)?;
    let document = project.snapshot();
    let frame = args.frame.unwrap_or_else(|| document.comps[&comp].frames().0);
    let missing = if args.skip_missing_effects { MissingEffects::Skip } else { MissingEffects::Fail };
    let graph = engine.renderer().graph(&document, &engine.effects(), comp, frame, missing);
    let graph = graph.map_err(|error| Failure::new(Exit::Failed, error))?;
    match args {
        Args { json: true, .. } => console::print_json(&graph)?,
        Args { dot: true, .. } => console::print(&graph.dot())?,
        _ => console::print(&graph.to_string())?,
    }
    Ok(Exit::Ok)
}
