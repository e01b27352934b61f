//! Where frames go.

use std::collections::HashMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::movie::Movie;
use crate::atomic::{Leftovers, clear_leftovers};
use crate::colour::{Codes, View};
use crate::image::{Frame, ImageError};
use crate::media::{self, Format, MediaError, Problem, WriteOptions, Writing};
use crate::project::{Document, Pattern, Sequence};
use crate::render::Proxy;
use crate::view::{Tonemap, display};

/// A path with a place for the frame number, or for one frame, and how files are written there.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pattern: Pattern,
    /// What its suffix asks for.
    pub format: Format,
    /// How they are written.
    pub write: WriteOptions,
    /// The name of the space that they hold; what is usual for the format, where there is none.
    pub colour_space: Option<String>,
    /// What of the project's config they are for, in place of a space.
    pub view: View,
    /// The curve from scene light to the display, of those that hold what a display shows.
    pub tonemap: Tonemap,
    /// How small they are; as the frame is rendered, where nothing says it.
    pub proxy: Option<Proxy>,
}

/// Why frames cannot go to an output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeliveryError {
    /// What is wrong with what.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Whether what was asked for is wrong, and not the state of the machine.
    pub is_usage: bool,
}

impl DeliveryError {
    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), hint: None, is_usage: true }
    }

    pub(super) fn failed(message: impl fmt::Display) -> Self {
        Self { is_usage: false, ..Self::usage(message) }
    }

    pub(super) fn hint(self, hint: impl fmt::Display) -> Self {
        Self { hint: Some(hint.to_string()), ..self }
    }
}

impl Output {
    /// A path as a user writes it, with its options behind it: `out/a.####.png,depth=16,tonemap=aces`.
    ///
    /// # Errors
    /// If it is no path of a picture file, or an option is none of it.
    pub fn parse(text: &str) -> Result<Self, DeliveryError> {
        let mut output = Self::at(split(text).0)?;
        output.set_all(text)?;
        Ok(output)
    }

    /// Sets the options that stand behind a path, once more where they are set.
    pub(crate) fn set_all(&mut self, text: &str) -> Result<(), DeliveryError> {
        split(text).1.into_iter().try_for_each(|(name, value)| self.set(name, value))
    }

    /// A path, with the options that are usual for its format.
    ///
    /// # Errors
    /// If it is no path of a picture file.
    pub fn at(path: &str) -> Result<Self, DeliveryError> {
        let pattern = Pattern::parse(path).map_err(DeliveryError::usage)?;
        let Some(format) = Format::of_path(Path::new(path)) else {
            return Err(DeliveryError::usage(format_args!("{path}: {}", Problem::UnknownSuffix)));
        };
        if format == Format::Movie {
            return Err(DeliveryError::usage(format_args!("{path}: frames of a movie are not files of their own")));
        }
        if let Some(warning) = Sequence::absent(pattern.clone()).warning() {
            log::warn!("{warning}");
        }
        let (write, view, tonemap) = (WriteOptions::default(), View::default(), Tonemap::default());
        Ok(Self { pattern, format, write, colour_space: None, view, tonemap, proxy: None })
    }

    /// The file of a frame.
    pub fn path(&self, frame: i64) -> PathBuf {
        self.pattern.path(frame)
    }

    /// Whether it holds scene light, and not what a display shows.
    pub(crate) fn holds_light(&self) -> bool {
        let float = |depth| matches!(depth, media::Depth::Half | media::Depth::Float);
        matches!(self.format, Format::Exr | Format::Hdr) || self.write.depth.is_some_and(float)
    }

    /// Finds the space, or the view, by its name: what the files are to hold, where the project's config has a word in it.
    pub(super) fn resolve(&mut self, document: &Document) -> Result<Option<Codes>, DeliveryError> {
        if self.view == View::default() && self.colour_space.is_none() {
            return Ok(None);
        }
        let wrong = |error| DeliveryError::usage(format_args!("{self}: {error}"));
        let colours = document.colours().map_err(wrong)?;
        let (engine, working) = (&*colours.engine, &colours.working);
        let codes = match &self.colour_space {
            None => Codes::of_view(engine, working, &self.view).map_err(wrong)?,
            Some(name) => {
                let content = engine.find(name).map_err(wrong)?;
                if let Some(space) = Writing::of(&content) {
                    self.write.space = space;
                    return Ok(None);
                }
                Codes::of_space(engine, working, &content, colours.adaptation).map_err(wrong)?
            }
        };
        self.write.space = Writing::Raw;
        Ok(Some(codes))
    }

    /// Several frames need several files.
    ///
    /// # Errors
    /// If there is no place for their numbers.
    pub fn check_frames(&self, frames: &[i64]) -> Result<(), DeliveryError> {
        if frames.len() < 2 || self.pattern.is_numbered() {
            return Ok(());
        }
        let (text, count, suffix) = (&self.pattern, frames.len(), self.format.suffix());
        let example = Path::new(&text.to_string()).with_extension(format!("####.{suffix}"));
        let message = format_args!("{text}: {count} frames cannot go to one file");
        let hint = format_args!("put a place for the frame number into it: '{}'", example.display());
        Err(DeliveryError::usage(message).hint(hint))
    }

    /// Footage of the project is not written over.
    ///
    /// # Errors
    /// If it would be.
    pub fn check_footage(&self, frames: &[i64], document: &Document) -> Result<(), DeliveryError> {
        for frame in frames {
            let path = self.path(*frame);
            let Ok(absolute) = std::path::absolute(&path) else { continue };
            if document.media.values().any(|media| media.sequence.pattern().path(*frame) == absolute) {
                let message = format_args!("{}: this file is footage of the project", path.display());
                return Err(DeliveryError::usage(message).hint("name another folder or file name"));
            }
        }
        Ok(())
    }

    /// Makes the folder, in a folder that is there: a mistyped path makes no tree of folders.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make_folder(&self) -> Result<(), DeliveryError> {
        make_folder(&self.folder())
    }

    /// The folder of its files.
    pub(super) fn folder(&self) -> PathBuf {
        folder_of(&self.path(0))
    }

    /// Writes a frame that was rendered at this proxy, as what was found for the output.
    pub(super) fn write(
        &self,
        path: &Path,
        frame: &Frame,
        rendered: Proxy,
        codes: Option<&Codes>,
    ) -> Result<(), MediaError> {
        let no_memory = |_: ImageError| MediaError {
            path: path.to_owned(),
            problem: Problem::OutOfMemory { bytes: frame.image.bytes() },
        };
        let smaller = self.proxy.map(|proxy| rendered.to(proxy).reduced(frame)).transpose().map_err(no_memory)?;
        let frame = smaller.as_ref().unwrap_or(frame);
        let shown = match codes {
            Some(codes) => Some(codes.of(frame)),
            // The file's own curve cuts at 1.
            None if self.tonemap == Tonemap::Clamp => None,
            None => Some(display::to_display_light(frame, self.tonemap, 0.0)),
        };
        let shown = shown.transpose().map_err(no_memory)?;
        media::write(path, shown.as_ref().unwrap_or(frame), &self.write)
    }
}

/// As it was written, without options.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pattern.fmt(f)
    }
}

/// The path, and the options behind it, which begin at the first comma behind the suffix of a picture file.
pub(super) fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    let is_path = |at: &usize| Format::of_path(Path::new(&text[..*at])).is_some();
    let Some(end) = text.match_indices(',').map(|(at, _)| at).find(is_path) else { return (text, Vec::new()) };
    let options = text[end + 1..].split(',').map(|part| part.split_once('=').unwrap_or((part, "")));
    (&text[..end], options.map(|(name, value)| (name.trim(), value.trim())).collect())
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

/// Makes a folder, in a folder that is there: a mistyped path makes no tree of folders.
pub(super) fn make_folder(folder: &Path) -> Result<(), DeliveryError> {
    match std::fs::create_dir(folder) {
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format_args!("{}: the folder above it does not exist", folder.display());
            Err(DeliveryError::usage(message).hint("make it first, or check the spelling of the output"))
        }
        Err(error) => Err(DeliveryError::failed(format_args!("{}: {error}", folder.display()))),
        Ok(()) => Ok(()),
    }
}

/// Removes what killed renders left in a folder, and tells it.
pub(super) fn clear_folder(folder: &Path) {
    let Leftovers { removed, kept } = clear_leftovers(folder);
    if removed > 0 {
        log::warn!("{}: removed {removed} unfinished files of a render that was killed", folder.display());
    }
    for path in kept {
        log::warn!("{}: may be an unfinished file of a render that was killed; it stays", path.display());
    }
}

/// Two outputs with one file would write over each other.
pub(super) fn check_distinct(outputs: &[Output], movies: &[Movie], frames: &[i64]) -> Result<(), DeliveryError> {
    let Some(first) = frames.first() else { return Ok(()) };
    let files = outputs.iter().map(|output| (output.path(*first), output as &dyn fmt::Display));
    let movies = movies.iter().map(|movie| (movie.path.clone(), movie as &dyn fmt::Display));
    let mut seen: HashMap<PathBuf, &dyn fmt::Display> = HashMap::new();
    for (path, output) in files.chain(movies) {
        let absolute = std::path::absolute(&path).unwrap_or(path);
        if let Some(other) = seen.insert(absolute, output) {
            let message = format_args!("{other} and {output} are the same files");
            return Err(DeliveryError::usage(message).hint("let each output have files of its own"));
        }
    }
    Ok(())
}
