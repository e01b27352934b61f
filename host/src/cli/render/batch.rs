//! Many frames to files: a failed one is reported and the others go on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::image::Frame;
use crate::media::MediaError;
use crate::render::batch::Batch;

/// Frames of a comp to be rendered.
pub(in crate::cli) struct Job {
    /// Which ones, and how; the `abort` of its options ends the job.
    pub(in crate::cli) batch: Batch,
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

/// What came of a frame that the job was not interrupted before: its file, or why there is none.
type Written = (PathBuf, Result<(), String>);

impl Job {
    /// Renders every frame and hands it to `write` with its path, on several threads. Progress shows on stderr where that
    /// is a terminal.
    pub(in crate::cli) fn run(
        self,
        path: impl Fn(i64) -> PathBuf + Send + Sync + 'static,
        write: impl Fn(&Path, &Frame) -> Result<(), MediaError> + Send + Sync + 'static,
    ) -> Result<Report, Failure> {
        let (start, bar, asked) = (Instant::now(), self.progress_bar(), self.batch.frames.len());
        let (abort, profile) = (Arc::clone(&self.batch.options.abort), self.batch.options.profile.clone());
        let finish = move |frame, rendered: Result<Frame, crate::render::RenderError>| -> Option<Written> {
            let path = path(frame);
            let result = match rendered {
                Err(error) if error.is_abort() && abort.load(Ordering::SeqCst) => return None,
                Err(error) => Err(error.to_string()),
                Ok(picture) => {
                    let start = Instant::now();
                    let written = write(&path, &picture).map_err(|error| error.to_string());
                    if let (Some(profile), Ok(())) = (&profile, &written) {
                        profile.note_file("encode", &path, start);
                    }
                    written
                }
            };
            Some((path, result))
        };
        let begun = self.batch.start(finish);
        let begun =
            begun.map_err(|error| Failure::new(Exit::Failed, format_args!("no thread to render on: {error}")))?;
        let mut frames = Vec::new();
        for done in begun {
            let Some((path, result)) = done.result else { continue };
            if let Err(message) = &result {
                bar.suspend(|| console::error(message));
            }
            let (frame, seconds) = (done.frame, done.seconds);
            frames.push(FrameReport { frame, path, ok: result.is_ok(), error: result.err(), seconds });
            bar.inc(1);
        }
        bar.finish_and_clear();
        let ok = frames.iter().filter(|frame| frame.ok).count();
        let not_rendered = asked - frames.len();
        let totals = Totals {
            frames: asked,
            ok,
            failed: frames.len() - ok,
            not_rendered,
            interrupted: not_rendered > 0,
            seconds: start.elapsed().as_secs_f64(),
        };
        Ok(Report { frames, totals })
    }

    fn progress_bar(&self) -> ProgressBar {
        // Where stderr is no terminal, indicatif draws nothing.
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} frames, {elapsed} of about {duration}");
        ProgressBar::with_draw_target(Some(self.batch.frames.len() as u64), target)
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
