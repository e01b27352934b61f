//! Why a picture file could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use super::Format;
use super::movie::MovieFailure;
use crate::image::ImageError;

/// A picture file that could not be read or written, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct MediaError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a picture file, or with what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file begins like none that is known.
    #[error("not a picture file that Playa reads ({}): it begins with \"{}\"", known(), start.escape_ascii())]
    UnknownFormat {
        /// Its first bytes, at most 8.
        start: Vec<u8>,
    },
    /// The path to write to ends like none that is known.
    #[error("the file name must end in .{} to say what to write", known_endings())]
    UnknownSuffix,
    /// The file uses a feature that is not there.
    #[error("{feature} is not supported: save the picture as flat OpenEXR with ZIP or PIZ compression, or as PNG")]
    Unsupported {
        /// The feature, for instance "deep data".
        feature: String,
    },
    /// The file contradicts itself or its format.
    #[error("damaged file: {what}")]
    Damaged {
        /// What was found and what was expected.
        what: String,
    },
    /// The file was not finished, or has lost its end.
    #[error(
        "unfinished file: {missing} of {total} blocks of pixels are not where its table says; render or copy it again"
    )]
    Unfinished {
        /// How many blocks are missing.
        missing: usize,
        /// How many there should be.
        total: usize,
    },
    /// It would take more memory than is allowed.
    #[error("takes {bytes} bytes of memory, the limit is {limit}: raise it if the file is to be trusted")]
    TooLarge {
        /// How much it takes.
        bytes: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// There is no memory for its pixels.
    #[error(transparent)]
    Pixels(#[from] ImageError),
    /// There is no such memory.
    #[error("no memory for {bytes} bytes")]
    OutOfMemory {
        /// How much was asked for.
        bytes: u64,
    },
    /// No part has that name or number.
    #[error("there is no part {wanted}; it has {}", listed(known))]
    NoPart {
        /// What was asked for.
        wanted: String,
        /// The parts there are.
        known: Vec<String>,
    },
    /// It has no view of that name.
    #[error("there is no view \"{wanted}\"; it has {}", if known.is_empty() { "none: read it without `view`".to_owned() } else { listed(known) })]
    NoView {
        /// What was asked for.
        wanted: String,
        /// The views there are.
        known: Vec<String>,
    },
    /// It has no such channels.
    #[error(
        "there are no channels \"{wanted}\"; it has the layers {} and the channels {}",
        listed(layers),
        listed(channels)
    )]
    NoChannels {
        /// What was asked for.
        wanted: String,
        /// The layers there are, and parts with a name; of very many the first.
        layers: Vec<String>,
        /// The channels there are, likewise.
        channels: Vec<String>,
    },
    /// It has no smaller picture of that level.
    #[error("there is no level {wanted}; {}", if *levels > 1 { format!("it has the levels 0 to {}", levels - 1) } else { "it has its full size alone".to_owned() })]
    NoLevel {
        /// What was asked for.
        wanted: u32,
        /// How many there are.
        levels: u32,
    },
    /// The file says what its colour is, in a way that is not understood.
    #[error("{tag}: {reason}; say what the file holds with `colour_space`, or with a rule of the project")]
    Colour {
        /// What the file says.
        tag: String,
        /// Why that is not understood.
        reason: String,
    },
    /// A movie, or what takes it apart, says why not.
    #[error(transparent)]
    Movie(#[from] MovieFailure),
    /// The frame holds something that the format has no place for.
    #[error("{what} cannot be written: {why}")]
    Unwritable {
        /// What it is, for instance "the attribute `owner`".
        what: String,
        /// Why not, and what would do.
        why: String,
    },
}

impl MediaError {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

/// A [`Problem::Damaged`].
pub(super) fn damaged(what: impl Into<String>) -> Problem {
    Problem::Damaged { what: what.into() }
}

fn known() -> String {
    Format::ALL.map(Format::suffix).join(", ")
}

/// `exr, .png or .dpx`.
fn known_endings() -> String {
    let [first @ .., last] = Format::ALL.map(Format::suffix);
    format!("{} or .{last}", first.join(", ."))
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
