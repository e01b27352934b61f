//! Many frames, one after the other: a failed one is reported and the others go on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use uuid::Uuid;

use crate::cli::console;
use crate::cli::failure::Exit;
use crate::image::Frame;
use crate::media::MediaError;
use crate::plugin::Effects;
use crate::project::Document;
use crate::render::{RenderOptions, Renderer};

/// Frames of a comp to be rendered.
pub(in crate::cli) struct Job<'a> {
    pub(in crate::cli) renderer: &'a Renderer,
    pub(in crate::cli) document: &'a Document,
    pub(in crate::cli) effects: &'a Effects,
    pub(in crate::cli) comp: Uuid,
    pub(in crate::cli) frames: &'a [i64],
    /// How to render them; its `abort` ends the job.
    pub(in crate::cli) options: RenderOptions,
    /// No progress bar.
    pub(in crate::cli) quiet: bool,
}

/// What came of all frames.
#[derive(Debug)]
pub(in crate::cli) struct Report {
    /// The frames that were tried, in their order.
    pub(in crate::cli) frames: Vec<FrameReport>,
    pub(in crate::cli) totals: Totals,
}

/// What came of one frame.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FrameReport {
    frame: i64,
    path: PathBuf,
    ok: bool,
    error: Option<String>,
    /// Time for reading, rendering and writing it.
    seconds: f64,
}

/// Counts of frames.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Totals {
    /// All that were asked for.
    frames: usize,
    /// Written.
    ok: usize,
    /// Failed.
    failed: usize,
    /// Not begun or not finished when the job was interrupted.
    not_rendered: usize,
    interrupted: bool,
    seconds: f64,
}

impl Job<'_> {
    /// Renders every frame and hands it to `write` with its path. Progress shows on stderr where that is a terminal.
    pub(in crate::cli) fn run(
        &self,
        path: impl Fn(i64) -> PathBuf,
        write: impl Fn(&Path, &Frame) -> Result<(), MediaError>,
    ) -> Report {
        let start = Instant::now();
        let bar = self.progress_bar();
        let mut frames = Vec::new();
        for &frame in self.frames {
            if self.is_interrupted() {
                break;
            }
            let (start, path) = (Instant::now(), path(frame));
            let result = match self.renderer.render(self.document, self.effects, self.comp, frame, &self.options) {
                Err(error) if error.is_abort() && self.is_interrupted() => break,
                Err(error) => Err(error.to_string()),
                Ok(picture) => write(&path, &picture).map_err(|error| error.to_string()),
            };
            if let Err(message) = &result {
                bar.suspend(|| console::error(message));
            }
            let seconds = start.elapsed().as_secs_f64();
            frames.push(FrameReport { frame, path, ok: result.is_ok(), error: result.err(), seconds });
            bar.inc(1);
        }
        bar.finish_and_clear();
        let ok = frames.iter().filter(|frame| frame.ok).count();
        let not_rendered = self.frames.len() - frames.len();
        let totals = Totals {
            frames: self.frames.len(),
            ok,
            failed: frames.len() - ok,
            not_rendered,
            interrupted: not_rendered > 0,
            seconds: start.elapsed().as_secs_f64(),
        };
        Report { frames, totals }
    }

    fn is_interrupted(&self) -> bool {
        self.options.abort.load(Ordering::SeqCst)
    }

    fn progress_bar(&self) -> ProgressBar {
        // Where stderr is no terminal, indicatif draws nothing.
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} frames, {elapsed} of about {duration}");
        ProgressBar::with_draw_target(Some(self.frames.len() as u64), target)
            .with_style(style.expect("the template is well formed"))
    }
}

impl Report {
    /// The exit status that says so.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match &self.totals {
            Totals { interrupted: true, .. } => Exit::Interrupted,
            Totals { failed: 0, .. } => Exit::Ok,
            Totals { .. } => Exit::Failed,
        }
    }
}

/// `22 of 24 frames, 2 failed, in 3.1 s`
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} frames", self.ok, self.frames)?;
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        if self.interrupted {
            write!(f, ", interrupted before {} of them", self.not_rendered)?;
        }
        write!(f, ", in {:.1} s", self.seconds)
    }
}
