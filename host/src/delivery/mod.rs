//! Frames of a comp as files: what `playa render` and `Comp.write` do.
//!
//! - [`Output`] is a place for files: a path, a format, its options. A [`Movie`] is one file of all frames.
//! - [`existing`] says what becomes of files that are there already, and which of them are good.
//! - [`report`] tells what came of each frame.
//!
//! A frame is composited once, whatever number of files it becomes, on one of the threads of a
//! [`batch`](crate::render::batch), which also encodes its files: so one frame is read while another is composited and a
//! third one is written. Movies, and those that want the pictures as well, get them in the order of the frames.

pub mod existing;
pub mod movie;
mod options;
pub mod output;
pub mod report;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use existing::Existing;
pub use movie::Movie;
pub use output::{DeliveryError, Output};
pub use report::{FrameReport, Outcome, Report};

use crate::colour::Codes;
use crate::image::{Frame, Rect};
use crate::render::batch::{Batch, Frames, NotYet, Task};
use crate::render::{Proxy, RenderError, Timing};
use existing::{Found, look};
use movie::Film;
use report::{OutputReport, Seconds};

/// Frames that are to become files.
#[derive(Debug)]
pub struct Delivery {
    /// Which frames, and how they are rendered; the `abort` of its options ends the work. Its proxy is that of outputs that
    /// have none of their own; frames are rendered at the finest that is asked for.
    pub batch: Batch,
    /// The files that each frame becomes.
    pub outputs: Vec<Output>,
    /// The movies that all frames become. They are made anew in any case, of all frames.
    pub movies: Vec<Movie>,
    /// What becomes of files that are there already.
    pub existing: Existing,
    /// The sizes in which frames are handed on, with their reports and in their order. Where there are any, each frame is
    /// rendered, also one whose files are all there.
    pub pictures: Vec<Proxy>,
}

/// What came of a frame.
#[derive(Debug)]
pub struct Delivered {
    /// What was written, skipped, or failed.
    pub report: FrameReport,
    /// The frame in the sizes that were asked for; none of a frame that failed.
    pub pictures: Vec<Frame>,
    /// The error of the render, which the report has as text.
    pub error: Option<RenderError>,
}

/// The frames of a delivery as they are done, in their order. Dropped before its end it stops the work.
#[derive(Debug)]
pub struct Deliveries {
    frames: Frames<Option<Delivered>>,
    patterns: Vec<String>,
    films: Mutex<Vec<Film>>,
    asked: usize,
    start: Instant,
}

impl Delivery {
    /// Looks whether all outputs can be written, makes their folders, removes what killed renders left there, and begins.
    ///
    /// # Errors
    /// What is wrong with an output, before anything is written.
    pub fn start(mut self) -> Result<Deliveries, DeliveryError> {
        if self.outputs.is_empty() && self.movies.is_empty() && self.pictures.is_empty() {
            return Err(DeliveryError::usage("there is no output: name a path, such as out/shot.####.exr"));
        }
        let mut codes = Vec::new();
        for output in &mut self.outputs {
            codes.push(output.resolve(&self.batch.document)?);
            output.check_frames(&self.batch.frames)?;
            output.check_footage(&self.batch.frames, &self.batch.document)?;
        }
        self.movies.iter().try_for_each(|movie| movie.check_footage(&self.batch.document))?;
        output::check_distinct(&self.outputs, &self.movies, &self.batch.frames)?;
        if self.existing == Existing::Error {
            existing::refuse(&self.outputs, &self.movies, &self.batch.frames)?;
        }
        let folders = self.movies.iter().map(|movie| output::folder_of(&movie.path));
        for folder in self.outputs.iter().map(Output::folder).chain(folders) {
            output::make_folder(&folder)?;
            output::clear_folder(&folder);
        }
        let (asked, start) = (self.batch.frames.len(), Instant::now());
        let movies = self.movies.iter().map(ToString::to_string);
        let patterns = self.outputs.iter().map(ToString::to_string).chain(movies).collect();
        let usual = self.batch.options.proxy;
        let files = self.outputs.iter_mut().map(|output| *output.proxy.get_or_insert(usual));
        self.pictures.extend(self.movies.iter().map(|movie| movie.proxy.unwrap_or(usual)));
        self.batch.options.proxy = files.chain(self.pictures.iter().copied()).min().unwrap_or(usual);
        let films = self.films()?;
        let Self { batch, outputs, existing, pictures, .. } = self;
        let making = Making { outputs, codes, existing, pictures, rendered: batch.options.proxy };
        let frames = batch.start_tasks(move |task| making.frame(task));
        let frames = frames.map_err(|error| DeliveryError::failed(format!("no thread to render on: {error}")))?;
        Ok(Deliveries { frames, patterns, films: Mutex::new(films), asked, start })
    }

    /// Begins the movies, whose sizes are the last of those in which frames are handed on.
    fn films(&self) -> Result<Vec<Film>, DeliveryError> {
        let Some(comp) = self.batch.document.comps.get(&self.batch.comp) else { return Ok(Vec::new()) };
        let (width, height) = comp.size();
        let proxies = &self.pictures[self.pictures.len() - self.movies.len()..];
        let film = |(movie, proxy): (&Movie, &Proxy)| {
            let window = proxy.window(Rect::of_size(width, height));
            Film::begin(movie, [window.width(), window.height()], comp.rate())
        };
        self.movies.iter().zip(proxies).map(film).collect()
    }
}

impl Deliveries {
    /// What comes of the next frame, if that is known within this time. `None` after the last one, and once the work was
    /// stopped and what had begun was taken.
    ///
    /// # Errors
    /// If nothing comes within the time.
    pub fn next_within(&self, patience: Duration) -> Result<Option<Delivered>, NotYet> {
        loop {
            match self.frames.next_within(patience)?.map(|done| done.result) {
                // It was stopped with all others, and counts as not rendered.
                Some(None) => {}
                Some(Some(delivered)) => return Ok(Some(self.filmed(delivered))),
                None => return Ok(None),
            }
        }
    }

    /// Gives the movies their pictures.
    fn filmed(&self, mut delivered: Delivered) -> Delivered {
        let mut films = self.films.lock().unwrap_or_else(PoisonError::into_inner);
        let Delivered { report, pictures, .. } = &mut delivered;
        let mut theirs = pictures.split_off(pictures.len().saturating_sub(films.len())).into_iter();
        for film in films.iter_mut() {
            if let Err(message) = film.append(report.frame, theirs.next()) {
                report.fail(message);
            }
        }
        drop(films);
        delivered
    }

    /// Ends the work: what has begun ends with an error or not, and nothing else begins.
    pub fn stop(&self) {
        self.frames.stop();
    }

    /// How many frames were asked for.
    pub fn len(&self) -> usize {
        self.asked
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.asked == 0
    }

    /// What came of all frames, of which these are known. Ends the movies.
    pub fn report(self, frames: Vec<FrameReport>) -> Report {
        let Self { patterns, films, asked, start, .. } = self;
        let films = films.into_inner().unwrap_or_else(PoisonError::into_inner);
        let movies = films.into_iter().map(|film| film.end(frames.len() == asked)).collect();
        Report::new(patterns, frames, movies, asked, start.elapsed())
    }
}

impl Iterator for Deliveries {
    type Item = Delivered;

    fn next(&mut self) -> Option<Delivered> {
        loop {
            if let Ok(next) = self.next_within(Duration::from_secs(60)) {
                return next;
            }
        }
    }
}

/// How frames become files.
struct Making {
    outputs: Vec<Output>,
    /// What each of them holds, where it goes another way than by its format.
    codes: Vec<Option<Codes>>,
    existing: Existing,
    pictures: Vec<Proxy>,
    /// In which size they are rendered.
    rendered: Proxy,
}

impl Making {
    /// Makes what is to be made of a frame. `None` where all frames were stopped before.
    fn frame(&self, task: &Task<'_>) -> Option<Delivered> {
        let start = Instant::now();
        let mut files: Vec<OutputReport> =
            self.outputs.iter().map(|output| self.look(output, output.path(task.frame), task)).collect();
        let check = start.elapsed();
        let (timing, mut pictures, mut error) = (Arc::<Timing>::default(), Vec::new(), None);
        let (mut render, mut encode) = (Duration::ZERO, Duration::ZERO);
        if !self.pictures.is_empty() || files.iter().any(|file| file.outcome != Outcome::Skipped) {
            let start = Instant::now();
            let rendered = task.render_timed(&timing);
            render = start.elapsed();
            let start = Instant::now();
            match rendered {
                Err(failed) if failed.is_abort() && task.is_aborted() => return None,
                Err(failed) => {
                    files.iter_mut().filter(|file| file.outcome != Outcome::Skipped).for_each(OutputReport::fail);
                    error = Some(failed);
                }
                Ok(frame) => {
                    for ((output, codes), file) in self.outputs.iter().zip(&self.codes).zip(&mut files) {
                        if file.outcome != Outcome::Skipped {
                            self.write((output, codes.as_ref()), file, &frame, task);
                        }
                    }
                    let wanted = self.pictures.iter().map(|proxy| self.rendered.to(*proxy).reduced(&frame));
                    match wanted.collect() {
                        Ok(all) => pictures = all,
                        Err(failed) => error = Some(task.error(failed)),
                    }
                }
            }
            encode = start.elapsed();
        }
        let seconds = Seconds::new(start.elapsed(), check, render, encode, &timing);
        let report = FrameReport::new(task.frame, files, error.as_ref(), seconds, &timing);
        Some(Delivered { report, pictures, error })
    }

    /// What is at the place of a file.
    fn look(&self, output: &Output, path: PathBuf, task: &Task<'_>) -> OutputReport {
        if self.existing != Existing::Skip {
            return OutputReport::to_make(path, None);
        }
        let expected = task.canvas().map(|canvas| output.proxy.unwrap_or_default().window(canvas));
        match look(&path, expected, || task.key()) {
            Found::Nothing => OutputReport::to_make(path, None),
            Found::Good { bytes } => OutputReport::skipped(path, bytes),
            Found::Bad(why) => OutputReport::to_make(path, Some(why)),
        }
    }

    fn write(
        &self,
        (output, codes): (&Output, Option<&Codes>),
        file: &mut OutputReport,
        frame: &Frame,
        task: &Task<'_>,
    ) {
        let start = Instant::now();
        let written = output.write(&file.path, frame, self.rendered, codes);
        if let (Some(profile), Ok(())) = (task.profile(), &written) {
            profile.note_file("encode", &file.path, start);
        }
        file.end(written.map_err(|error| error.to_string()), start.elapsed());
    }
}

#[cfg(test)]
mod tests;
