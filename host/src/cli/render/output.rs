//! Where frames go that the command makes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::media::{Format, Problem};
use crate::project::{Document, Pattern, Sequence};

/// The path that a user gave, with a place for the frame number or for one frame.
pub(in crate::cli) struct Output {
    pattern: Pattern,
    /// What its suffix asks for.
    pub(in crate::cli) format: Format,
}

impl Output {
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, Failure> {
        let pattern = Pattern::parse(text).map_err(Failure::usage)?;
        let Some(format) = Format::of_path(Path::new(text)) else {
            return Err(Failure::usage(format_args!("{text}: {}", Problem::UnknownSuffix)));
        };
        if format == Format::Movie {
            return Err(Failure::usage(format_args!("{text}: frames of a movie are not files of their own"))
                .hint("movies are written by the command of Playa's Python package: pip install 'playa-py[video]'"));
        }
        if let Some(warning) = Sequence::absent(pattern.clone()).warning() {
            console::warn(warning);
        }
        Ok(Self { pattern, format })
    }

    /// The file of a frame.
    pub(in crate::cli) fn path(&self, frame: i64) -> PathBuf {
        self.pattern.path(frame)
    }

    /// Several frames need several files.
    pub(in crate::cli) fn check_frames(&self, frames: &[i64]) -> Result<(), Failure> {
        if frames.len() < 2 || self.pattern.is_numbered() {
            return Ok(());
        }
        let (text, count, suffix) = (&self.pattern, frames.len(), self.format.suffix());
        let example = Path::new(&text.to_string()).with_extension(format!("####.{suffix}"));
        Err(Failure::usage(format_args!("{text}: {count} frames cannot go to one file"))
            .hint(format_args!("put a place for the frame number into it: -o '{}'", example.display())))
    }

    /// Footage of the project is not written over.
    pub(in crate::cli) fn check_footage(&self, frames: &[i64], document: &Document) -> Result<(), Failure> {
        for frame in frames {
            let path = self.path(*frame);
            let Ok(absolute) = std::path::absolute(&path) else { continue };
            if document.media.values().any(|media| media.sequence.pattern().path(*frame) == absolute) {
                let message = format_args!("{}: this file is footage of the project", path.display());
                return Err(Failure::usage(message).hint("let -o name another folder or file name"));
            }
        }
        Ok(())
    }

    /// Makes the folder, in a folder that is there: a mistyped path makes no tree of folders.
    pub(in crate::cli) fn make_folder(&self) -> Result<(), Failure> {
        let path = self.path(0);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let Some(folder) = folder else { return Ok(()) };
        match std::fs::create_dir(folder) {
            Err(_) if folder.is_dir() => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = format_args!("{}: the folder above it does not exist", folder.display());
                Err(Failure::usage(message).hint("make it first, or check the spelling of -o"))
            }
            Err(error) => Err(Failure::new(Exit::Failed, format_args!("{}: {error}", folder.display()))),
            Ok(()) => Ok(()),
        }
    }
}
