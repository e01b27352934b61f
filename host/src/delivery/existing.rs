//! Files that are there before they are written.

use std::path::Path;

use super::{DeliveryError, Movie, Output};
use crate::image::{MetaValue, Rect};
use crate::media::{self, ChannelSet, Problem, ReadOptions, Reading};
use crate::names::named;

/// What becomes of files that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// They are made anew.
    #[default]
    Overwrite,
    /// Those that are good stay. A file is good if all of its pixels can be read, if it is as large as the frame, and, where
    /// it says of which content it was made (`playa:hash`), if that is what would be made now. Files that say nothing of
    /// it, as stills do, are not known to be of an older version of the project.
    Skip,
    /// Nothing is begun if any of them is there.
    Error,
}

impl Existing {
    /// All there are.
    pub const ALL: [Existing; 3] = [Existing::Overwrite, Existing::Skip, Existing::Error];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Existing::Overwrite => "overwrite",
            Existing::Skip => "skip",
            Existing::Error => "error",
        }
    }
}

named!(Existing, "way with existing files");

/// The attribute of a file with the key of its content.
const HASH: &str = "playa:hash";

/// What is at the place of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// The file that would be made.
    Good {
        bytes: u64,
    },
    /// Another one, or a damaged one, and why it is not taken for good.
    Bad(String),
}

/// Looks at a file that should fill a display window of this size, and whose content should have the key.
pub(super) fn look(path: &Path, window: Option<Rect>, key: impl FnOnce() -> Option<String>) -> Found {
    let options = ReadOptions { kept: ChannelSet::RgbaOnly, space: Reading::Raw, ..ReadOptions::default() };
    let frame = match media::read(path, &options) {
        Ok(frame) => frame,
        Err(error) => {
            return match error.problem {
                Problem::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Nothing,
                problem => Found::Bad(format!("made again, since it cannot be read: {problem}")),
            };
        }
    };
    let size = |rect: Rect| (rect.width(), rect.height());
    if let Some(window) = window.filter(|window| size(*window) != size(frame.display_window)) {
        let ((width, height), (w, h)) = (size(frame.display_window), size(window));
        return Found::Bad(format!("made again, since it was {width}x{height} and the frame is {w}x{h}"));
    }
    if let Some(MetaValue::Text(hash)) = frame.metadata.get(HASH)
        && let Some(key) = key()
        && *hash != key
    {
        return Found::Bad("made again, since it was made of other content".to_owned());
    }
    Found::Good { bytes: path.metadata().map_or(0, |facts| facts.len()) }
}

/// An error that names the first of the files that are there.
pub(super) fn refuse(outputs: &[Output], movies: &[Movie], frames: &[i64]) -> Result<(), DeliveryError> {
    let files = outputs.iter().flat_map(|output| frames.iter().map(|frame| output.path(*frame)));
    let paths = files.chain(movies.iter().map(|movie| movie.path.clone()));
    let mut there = paths.filter(|path| path.symlink_metadata().is_ok());
    let Some(first) = there.next() else { return Ok(()) };
    let more = match there.count() {
        0 => String::new(),
        count => format!(", and so are {count} others"),
    };
    let message = format!("{}: the file is there already{more}", first.display());
    Err(DeliveryError::usage(message).hint("name another output, or let existing files be skipped or overwritten"))
}
