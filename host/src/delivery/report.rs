//! What came of the frames of a delivery, as `--report` and `--json` write it. The names of the fields stay.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::movie::MovieReport;
use crate::atomic::write_atomic;
use crate::render::{RenderError, Timing};

/// What came of all frames.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The outputs, as they were asked for.
    pub outputs: Vec<String>,
    /// The frames that were tried, in their order.
    pub frames: Vec<FrameReport>,
    /// The movies that they became.
    pub movies: Vec<MovieReport>,
    /// Counts and sums.
    pub totals: Totals,
}

/// What came of one frame.
#[derive(Clone, Debug, Serialize)]
pub struct FrameReport {
    /// Its number.
    pub frame: i64,
    /// `failed` if anything of it failed; `skipped` if all of its files were there.
    pub outcome: Outcome,
    /// Why it, or the first of its files, failed.
    pub error: Option<String>,
    /// Its files, in the order of the outputs.
    pub outputs: Vec<OutputReport>,
    /// What took how long.
    pub seconds: Seconds,
    /// What the cache had.
    pub cache: Found,
}

/// What came of a file.
#[derive(Clone, Debug, Serialize)]
pub struct OutputReport {
    /// Where it is.
    pub path: PathBuf,
    /// What was done.
    pub outcome: Outcome,
    /// How long it is; none where it was not written.
    pub bytes: Option<u64>,
    /// Time for encoding and writing it.
    pub seconds: f64,
    /// Why it failed, or why it was made again though it was there.
    pub message: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was made.
    Made,
    /// It was there, and good.
    Skipped,
    /// It could not be made.
    Failed,
}

/// What took how long, in seconds. Frames are made side by side: their times overlap.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Seconds {
    /// From begin to end.
    pub total: f64,
    /// Looking at the files that were there.
    pub check: f64,
    /// Waiting for memory.
    pub wait: f64,
    /// Reading footage.
    pub decode: f64,
    /// Everything else that rendering it took.
    pub composite: f64,
    /// Encoding and writing all its files.
    pub encode: f64,
}

/// What the cache had of what a frame is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Pictures that were found.
    pub hits: u64,
    /// Pictures that were not.
    pub misses: u64,
}

/// Counts and sums over all frames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Totals {
    /// All that were asked for.
    pub frames: usize,
    /// Those of which anything was made, and nothing failed.
    pub made: usize,
    /// Those whose files were all there.
    pub skipped: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were not begun or not finished when the work was stopped.
    pub not_rendered: usize,
    /// Whether it was.
    pub interrupted: bool,
    /// Bytes of the files that were made.
    pub bytes: u64,
    /// From begin to end.
    pub seconds: f64,
    /// What the cache had.
    pub cache: Found,
}

impl Report {
    pub(super) fn new(
        outputs: Vec<String>,
        frames: Vec<FrameReport>,
        movies: Vec<MovieReport>,
        asked: usize,
        time: Duration,
    ) -> Self {
        let count = |outcome| frames.iter().filter(|frame| frame.outcome == outcome).count();
        let not_rendered = asked - frames.len().min(asked);
        let made = |frame: &FrameReport| {
            let made = frame.outputs.iter().filter(|file| file.outcome == Outcome::Made);
            made.filter_map(|file| file.bytes).sum::<u64>()
        };
        let totals = Totals {
            frames: asked,
            made: count(Outcome::Made),
            skipped: count(Outcome::Skipped),
            failed: count(Outcome::Failed),
            not_rendered,
            interrupted: not_rendered > 0,
            bytes: frames.iter().map(made).chain(movies.iter().filter_map(|movie| movie.bytes)).sum(),
            seconds: time.as_secs_f64(),
            cache: Found {
                hits: frames.iter().map(|frame| frame.cache.hits).sum(),
                misses: frames.iter().map(|frame| frame.cache.misses).sum(),
            },
        };
        Self { outputs, frames, movies, totals }
    }

    /// Why a movie is not there, of those whose frames did not fail.
    pub fn movie_error(&self) -> Option<&str> {
        let failed = |error: &&str| self.frames.iter().all(|frame| frame.error.as_deref() != Some(error));
        self.movies.iter().filter_map(|movie| movie.error.as_deref()).find(failed)
    }

    /// Writes it as a JSON document, whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        write_atomic(path, |out| Ok(serde_json::to_writer_pretty(out, self)?))
    }
}

impl FrameReport {
    pub(super) fn new(
        frame: i64,
        outputs: Vec<OutputReport>,
        error: Option<&RenderError>,
        seconds: Seconds,
        timing: &Timing,
    ) -> Self {
        let failed = outputs.iter().find(|file| file.outcome == Outcome::Failed);
        let error = error.map(ToString::to_string).or_else(|| failed.and_then(|file| file.message.clone()));
        let all_there = !outputs.is_empty() && outputs.iter().all(|file| file.outcome == Outcome::Skipped);
        let outcome = match (&error, all_there) {
            (Some(_), _) => Outcome::Failed,
            (None, true) => Outcome::Skipped,
            (None, false) => Outcome::Made,
        };
        let cache = Found { hits: timing.hits(), misses: timing.misses() };
        Self { frame, outcome, error, outputs, seconds, cache }
    }

    /// Something of it failed, which is told unless something else was before.
    pub(super) fn fail(&mut self, message: String) {
        self.outcome = Outcome::Failed;
        self.error.get_or_insert(message);
    }
}

impl OutputReport {
    /// One that is to be made; `why` where a file is there already.
    pub(super) fn to_make(path: PathBuf, why: Option<String>) -> Self {
        Self { path, outcome: Outcome::Made, bytes: None, seconds: 0.0, message: why }
    }

    pub(super) fn skipped(path: PathBuf, bytes: u64) -> Self {
        Self { path, outcome: Outcome::Skipped, bytes: Some(bytes), seconds: 0.0, message: None }
    }

    /// It was not made, because its frame was not.
    pub(super) fn fail(&mut self) {
        self.outcome = Outcome::Failed;
        self.message = None;
    }

    /// It was written, or not.
    pub(super) fn end(&mut self, written: Result<(), String>, time: Duration) {
        self.seconds = time.as_secs_f64();
        match written {
            Ok(()) => self.bytes = self.path.metadata().ok().map(|facts| facts.len()),
            Err(message) => {
                self.outcome = Outcome::Failed;
                self.message = Some(message);
            }
        }
    }
}

impl Seconds {
    pub(super) fn new(total: Duration, check: Duration, render: Duration, encode: Duration, timing: &Timing) -> Self {
        let composite = render.saturating_sub(timing.wait()).saturating_sub(timing.decode());
        let [total, check, wait, decode, composite, encode] =
            [total, check, timing.wait(), timing.decode(), composite, encode].map(|time| time.as_secs_f64());
        Self { total, check, wait, decode, composite, encode }
    }
}

/// `22 of 24 frames, 2 failed, in 3.1 s`
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} frames", self.made, self.frames)?;
        if self.skipped > 0 {
            write!(f, ", {} were there", self.skipped)?;
        }
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        if self.interrupted {
            write!(f, ", interrupted before {} of them", self.not_rendered)?;
        }
        write!(f, ", in {:.1} s", self.seconds)
    }
}
