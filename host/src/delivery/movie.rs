//! Movies among the outputs: all frames of a delivery in one file, in their order.
//!
//! The host itself has no encoder. A program that has one says so by [`set_writers`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use super::output::{DeliveryError, split};
use crate::image::Frame;
use crate::media::Format;
use crate::project::{Document, Rate};
use crate::render::Proxy;
use crate::suggest;

/// The options of a movie, beside its proxy. What their values mean is the writer's affair.
const OPTIONS: [&str; 6] = ["codec", "crf", "preset", "alpha", "colour_space", "pad"];

/// A movie that frames become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movie {
    /// The file.
    pub path: PathBuf,
    /// How it is encoded: names and values, each name once.
    pub options: Vec<(String, String)>,
    /// How small it is; as the frame is rendered, where nothing says it.
    pub proxy: Option<Proxy>,
}

/// Who writes movies.
pub trait MovieWriters: Send + Sync {
    /// Begins a movie of frames of this many columns and rows. The path has its file when the movie ends.
    ///
    /// # Errors
    /// If it cannot be begun, or not with these options.
    fn begin(&self, movie: &Movie, size: [usize; 2], rate: Rate) -> Result<Box<dyn MovieWriter>, DeliveryError>;
}

/// A movie that is being written. Dropped before its end, it leaves nothing.
pub trait MovieWriter: Send {
    /// Adds a frame.
    ///
    /// # Errors
    /// Why it is not in the movie, by its path.
    fn append(&mut self, frame: Frame) -> Result<(), String>;

    /// Gives the movie its name.
    ///
    /// # Errors
    /// Why it is not there, by its path.
    fn end(self: Box<Self>) -> Result<(), String>;
}

static WRITERS: RwLock<Option<Arc<dyn MovieWriters>>> = RwLock::new(None);

/// Says who writes movies in this process, from now on.
pub fn set_writers(writers: Arc<dyn MovieWriters>) {
    *WRITERS.write().unwrap_or_else(PoisonError::into_inner) = Some(writers);
}

impl Movie {
    /// A movie, if that is what the path asks for; with the options that are usual.
    pub fn at(path: &str) -> Option<Self> {
        let is_movie = Format::of_path(Path::new(path)) == Some(Format::Movie);
        is_movie.then(|| Self { path: path.into(), options: Vec::new(), proxy: None })
    }

    /// One with options behind its path: `proxy.mp4,crf=23,proxy=2`.
    ///
    /// # Errors
    /// If an option is none of it.
    pub fn parse(text: &str) -> Result<Option<Self>, DeliveryError> {
        let Some(mut movie) = Self::at(split(text).0) else { return Ok(None) };
        movie.set_all(text)?;
        Ok(Some(movie))
    }

    /// Sets the options that stand behind a path, once more where they are set.
    pub(crate) fn set_all(&mut self, text: &str) -> Result<(), DeliveryError> {
        split(text).1.into_iter().try_for_each(|(name, value)| self.set(name, value))
    }

    /// Whether it has an option of this name.
    pub fn has(&self, name: &str) -> bool {
        name == "proxy" || OPTIONS.contains(&name)
    }

    /// Sets an option.
    ///
    /// # Errors
    /// If there is no such option, or no such proxy.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), DeliveryError> {
        if !self.has(name) {
            let near = suggest::did_you_mean(name, OPTIONS);
            let message = format_args!("{self}: a movie has no option {name:?}{near}");
            return Err(DeliveryError::usage(message).hint(format_args!("it has {}, proxy", OPTIONS.join(", "))));
        }
        if name == "proxy" {
            let wrong = |message: String| DeliveryError::usage(format_args!("{self}: proxy: {message}"));
            self.proxy = Some(value.parse().map_err(wrong)?);
            return Ok(());
        }
        self.options.retain(|(known, _)| known != name);
        self.options.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Footage of the project is not written over.
    pub(super) fn check_footage(&self, document: &Document) -> Result<(), DeliveryError> {
        let absolute = std::path::absolute(&self.path);
        let is_this = |media: &Path| absolute.as_ref().is_ok_and(|path| path == media);
        if document.media.values().any(|media| is_this(&media.sequence.pattern().path(0))) {
            let message = format_args!("{self}: this file is footage of the project");
            return Err(DeliveryError::usage(message).hint("name another folder or file name"));
        }
        Ok(())
    }
}

/// Its path.
impl fmt::Display for Movie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

/// What came of a movie, as `--report` and `--json` write it. The names of the fields stay.
#[derive(Clone, Debug, Serialize)]
pub struct MovieReport {
    /// Where it is, if it was made.
    pub path: PathBuf,
    /// How many frames went into it.
    pub frames: usize,
    /// How long it is; none where it was not made.
    pub bytes: Option<u64>,
    /// Why it was not.
    pub error: Option<String>,
}

/// A movie in the making.
pub(super) struct Film {
    path: PathBuf,
    frames: usize,
    /// What writes it, until it ends; or why it will not be there.
    state: Result<Box<dyn MovieWriter>, String>,
}

impl Film {
    pub fn begin(movie: &Movie, size: [usize; 2], rate: Rate) -> Result<Self, DeliveryError> {
        let writers = WRITERS.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(writers) = writers else {
            let message = format_args!("{movie}: there is nobody here who writes movies");
            let hint = "they are written by Playa's Python package and its command: pip install 'playa-py[video]'";
            return Err(DeliveryError::usage(message).hint(hint));
        };
        Ok(Self { path: movie.path.clone(), frames: 0, state: Ok(writers.begin(movie, size, rate)?) })
    }

    /// Adds a frame, or says why the movie ends without one. After its first error it takes nothing, and has no other.
    pub fn append(&mut self, number: i64, frame: Option<Frame>) -> Result<(), String> {
        let Ok(writer) = &mut self.state else { return Ok(()) };
        let added = match frame {
            None => Err(format!("{}: its frame {number} failed", self.path.display())),
            Some(frame) => writer.append(frame),
        };
        match added {
            Ok(()) => self.frames += 1,
            Err(why) => {
                self.state = Err(why.clone());
                return Err(why);
            }
        }
        Ok(())
    }

    /// Ends it; without a file, if frames are missing.
    pub fn end(self, is_whole: bool) -> MovieReport {
        let Self { path, frames, state } = self;
        let ended = state.and_then(|writer| match is_whole {
            true => writer.end(),
            false => Err(format!("{}: the render ended before the movie did", path.display())),
        });
        let bytes = ended.is_ok().then(|| path.metadata().ok().map(|facts| facts.len())).flatten();
        MovieReport { path, frames, bytes, error: ended.err() }
    }
}

impl fmt::Debug for Film {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Film({}, {} frames)", self.path.display(), self.frames)
    }
}
