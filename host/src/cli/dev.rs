//! `playa dev`: an effect while it is being written, built and seen after each save.
//!
//! [`saves`] tells when the source changes, [`cargo`](super::cargo) builds it, and [`preview`] takes the new plugin into use
//! and renders. One after the other, on one thread: what is saved meanwhile comes next.

mod chart;
mod preview;
mod saves;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::cargo::{Built, Crate, Profile};
use super::failure::{Exit, Failure};
use super::{console, interrupt};
use crate::delivery::Output;
use preview::{Preview, Shown};
use saves::Saves;

/// Build an effect on each save, and show at once what it does.
///
/// Run it in the folder of the effect's crate. Whenever a file in src/, or the Cargo.toml, is saved, cargo builds it with its
/// dev profile, the new plugin takes the place of the old one in this process, and a frame is rendered into a file that any
/// viewer can show. While the source does not build, or the effect fails, the file keeps the last good picture. Ctrl-C ends
/// it.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// What to show: a picture or sequence with the effect on it, with the parameters that it starts with; or a project
    /// (.playa) as it is. Both are read anew for each preview. [default: a test picture in which something moves]
    #[arg(value_name = "PROJECT|IMAGE")]
    input: Option<String>,
    /// Which frame. [default: the first; of the test picture, one in the middle]
    #[arg(short = 'F', long, allow_hyphen_values = true)]
    frame: Option<i64>,
    /// Which comp of the project, by its name. [default: the only one, else the one called Main]
    #[arg(long, value_name = "NAME")]
    comp: Option<String>,
    /// Which effect of the plugin, by its name or id. [default: its first]
    #[arg(long, value_name = "NAME", conflicts_with = "comp")]
    effect: Option<String>,
    /// Where the picture goes: EXR as it is, stills as a display shows it.
    #[arg(short, long, value_name = "FILE", default_value = "preview.png")]
    output: String,
    /// The folder of the effect's crate.
    #[arg(long = "crate", value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Build with the release profile: slower to build, faster to render.
    #[arg(long)]
    release: bool,
    /// Build and render once, and end.
    #[arg(long)]
    once: bool,
    /// Print one JSON document a line instead of text.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
What cargo and the compiler say goes to stderr. Exit status: 0 ended by Ctrl-C, or the picture of --once is made; 1 --once
failed, or cargo cannot be run; 2 wrong usage, 3 what is to be shown cannot be opened.

Examples:
  playa dev
  playa dev plate.exr
  playa dev 'plates/fg.####.exr' -F 12 -o seen.exr
  playa dev shot.playa -F 12 --comp Main
  playa dev --once --json";

/// How one change went.
#[derive(Debug)]
enum Outcome {
    Rendered(Rendered),
    Failed {
        step: &'static str,
        /// What cargo says of a build was printed by it.
        error: Option<String>,
    },
    /// Nothing is different.
    Same,
    Stopped,
}

/// A preview that was made.
#[derive(Debug)]
struct Rendered {
    effects: Vec<String>,
    frame: i64,
    output: PathBuf,
    reload: Duration,
    render: Duration,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let stop = interrupt::catch()?;
    let output = Output::at(&args.output)?;
    let shown = Shown::parse(args.input.as_deref(), args.comp.as_deref(), args.effect.as_deref())?;
    output.make_folder()?;
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    let source = Crate::at(&args.folder, profile)?;
    let saves = (!args.once).then(|| Saves::of(source.folder())).transpose()?;
    let preview = Preview::new(shown, args.frame, output, built_in, Arc::clone(&stop));
    let mut session = Session { args, source, preview, stop: &stop, is_current: false, pictures: 0 };
    let mut since = (Instant::now(), "in all");
    loop {
        let (outcome, build) = session.change()?;
        session.is_current = matches!(outcome, Outcome::Rendered(_) | Outcome::Same);
        session.pictures += u64::from(matches!(outcome, Outcome::Rendered(_)));
        if matches!(outcome, Outcome::Stopped) {
            return Ok(if args.once { Exit::Interrupted } else { Exit::Ok });
        }
        let is_read = session.tell(&outcome, build, since)?;
        let Some(saves) = saves.as_ref().filter(|_| is_read) else {
            return Ok(if session.is_current { Exit::Ok } else { Exit::Failed });
        };
        let Some(saved) = saves.wait(&stop) else { return Ok(Exit::Ok) };
        since = (saved, "from save");
    }
}

/// A crate being worked on.
struct Session<'a> {
    args: &'a Args,
    source: Crate,
    preview: Preview<'a>,
    /// Ctrl-C.
    stop: &'a AtomicBool,
    /// The picture is of the source as it is now.
    is_current: bool,
    /// How many there were.
    pictures: u64,
}

impl Session<'_> {
    /// Builds the source as it is now and shows what it does. Also tells how long the build took.
    ///
    /// What is wrong before there is a first picture ends the command; later it may be mended.
    fn change(&mut self) -> Result<(Outcome, Duration), Failure> {
        let start = Instant::now();
        let built = self.source.build(self.stop);
        let build = start.elapsed();
        let outcome = built.and_then(|built| match built {
            Built::Library { fresh: true, .. } if self.is_current => Ok(Outcome::Same),
            Built::Library { path, .. } => self.preview.of(&path),
            Built::Failed => Ok(Outcome::Failed { step: "build", error: None }),
            Built::Stopped => Ok(Outcome::Stopped),
        });
        let outcome = match outcome {
            Err(failure) if self.pictures > 0 => {
                Outcome::Failed { step: "preview", error: Some(failure.message().to_owned()) }
            }
            outcome => outcome?,
        };
        Ok((outcome, build))
    }

    /// Tells how a change went, and whether anybody reads on.
    fn tell(&self, outcome: &Outcome, build: Duration, since: (Instant, &str)) -> Result<bool, Failure> {
        if let Outcome::Failed { error: Some(error), .. } = outcome {
            console::error(error);
        }
        let total = since.0.elapsed();
        let line = if self.args.json {
            json_of(outcome, build, total).map(|json| json.to_string())
        } else {
            self.line(outcome, build, (total, since.1))
        };
        line.map_or(Ok(true), |line| console::print_line(&line))
    }

    fn line(&self, outcome: &Outcome, build: Duration, (total, from): (Duration, &str)) -> Option<String> {
        Some(match outcome {
            Outcome::Rendered(Rendered { output, reload, render, .. }) => format!(
                "{}: built {:.2} s, reloaded {:.0} ms, rendered {:.0} ms, {:.2} s {from}",
                output.display(),
                build.as_secs_f64(),
                millis(*reload),
                millis(*render),
                total.as_secs_f64(),
            ),
            Outcome::Failed { step, .. } => {
                let kept = if self.pictures > 0 { "the last good picture stays" } else { "there is no picture yet" };
                format!("{step} failed after {:.2} s: {kept}", total.as_secs_f64())
            }
            Outcome::Same | Outcome::Stopped => return None,
        })
    }
}

fn json_of(outcome: &Outcome, build: Duration, total: Duration) -> Option<Json> {
    let (build, total) = (build.as_secs_f64(), total.as_secs_f64());
    match outcome {
        Outcome::Rendered(Rendered { effects, frame, output, reload, render }) => Some(json!({
            "event": "rendered", "output": output, "frame": frame, "effects": effects, "build_seconds": build,
            "reload_seconds": reload.as_secs_f64(), "render_seconds": render.as_secs_f64(), "total_seconds": total,
        })),
        Outcome::Failed { step, error } => Some(json!({
            "event": "failed", "step": step, "error": error, "build_seconds": build, "total_seconds": total,
        })),
        Outcome::Same | Outcome::Stopped => None,
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
