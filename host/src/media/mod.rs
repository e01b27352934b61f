//! Picture files: from a path to pixels and back.
//!
//! - [`probe`] tells what is in a file from its header alone, also where the pixels cannot be read, and says why not.
//! - [`read`] gives a [`Frame`]: RGBA as the compositor works on it, the other channels as they were stored, windows and
//!   metadata.
//! - [`write()`] makes a file, whole or not at all.
//!
//! A file is recognised by its first bytes when it is read, and by its suffix when it is written.
//! A hostile file ends as an error: nothing is allocated before the header's claims are held against
//! [`Limits`] and against the size of the file.

pub mod colour;
mod error;
mod exr;
mod info;
mod layer;
mod options;
mod png_colour;
mod preview;
pub mod samples;
mod still;

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

pub use error::{MediaError, Problem};
pub use info::{ChannelInfo, MediaInfo, PartInfo};
pub use layer::{layer, layers};
pub use options::{
    ChannelSet, ColourType, Compression, Limits, PartSelector, PngDepth, ReadOptions, Reading, WriteOptions, Writing,
};
pub use preview::preview;

use crate::atomic::write_atomic;
use crate::image::Frame;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// OpenEXR.
    Exr,
    /// Portable Network Graphics.
    Png,
}

impl Format {
    /// All that is known.
    pub const ALL: [Format; 2] = [Format::Exr, Format::Png];

    /// How files of it end, without the dot.
    pub const fn suffix(self) -> &'static str {
        match self {
            Format::Exr => "exr",
            Format::Png => "png",
        }
    }

    /// What files of it begin with.
    const fn magic(self) -> &'static [u8] {
        match self {
            Format::Exr => &[0x76, 0x2f, 0x31, 0x01],
            Format::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// The format that a path asks for by its suffix, in any case.
    pub fn of_path(path: &Path) -> Option<Format> {
        let suffix = path.extension()?.to_str()?;
        Format::ALL.into_iter().find(|format| format.suffix().eq_ignore_ascii_case(suffix))
    }
}

/// The picture in a file.
///
/// Which part, layer and channels of an OpenEXR file are shown, and by which rule, is told at [`ReadOptions`].
/// Colour becomes linear light: that of a PNG before it is premultiplied. Its gamut is that of the file, and where that is
/// not Rec.709, the metadata say so by `chromaticities`.
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Frame, MediaError> {
    let path = path.as_ref();
    opened(path)
        .and_then(|(format, mut file)| match format {
            Format::Exr => colour::in_light(exr::read(file, options)?, path, options.space),
            Format::Png => {
                let space = colour::of_still(path, &mut file, options.space)?;
                let frame = still::read(file, &ReadOptions { space, ..options.clone() })?;
                Ok(colour::noted(frame, space))
            }
        })
        .map_err(|problem| MediaError::new(path, problem))
}

/// What a file says about itself. Reads no pixels.
pub fn probe(path: impl AsRef<Path>) -> Result<MediaInfo, MediaError> {
    let path = path.as_ref();
    opened(path)
        .and_then(|(format, file)| match format {
            Format::Exr => exr::probe(file),
            Format::Png => still::probe(file),
        })
        .map_err(|problem| MediaError::new(path, problem))
}

/// Writes a picture to a file of the format that the path's suffix names. The file is there whole or, after an error, as
/// it was before.
///
/// - OpenEXR keeps everything of the frame: both windows, pixel aspect, metadata, and the extra channels in their own
///   types. The colour is written as R, G, B and A; an extra channel of one of these names gives way to it.
/// - PNG holds the display window as 8 or 16 bit straight sRGB with alpha. Overscan, extra channels and metadata stay
///   behind; colour is clamped to 0..1 and NaN becomes 0.
///
/// [`Writing`] says in which other space the colour is to be.
pub fn write(path: impl AsRef<Path>, frame: &Frame, options: &WriteOptions) -> Result<(), MediaError> {
    let path = path.as_ref();
    let result = match Format::of_path(path) {
        Some(Format::Exr) => colour::encoded(frame, options.space)
            .and_then(|frame| exr::encode(&frame, options))
            .and_then(|file| Ok(write_atomic(path, |out| file.write_to(out))?)),
        Some(Format::Png) => colour::of_gamut(frame, options.space)
            .and_then(|frame| still::encode(&frame, options))
            .and_then(|bytes| Ok(write_atomic(path, |out| std::io::Write::write_all(out, &bytes))?)),
        None => Err(Problem::UnknownSuffix),
    };
    result.map_err(|problem| MediaError::new(path, problem))
}

/// Opens a file and looks at its first bytes; the position is at the start again.
fn opened(path: &Path) -> Result<(Format, File), Problem> {
    let mut file = File::open(path)?;
    let mut start = Vec::with_capacity(8);
    (&mut file).take(8).read_to_end(&mut start)?;
    file.rewind()?;
    let format = Format::ALL.into_iter().find(|format| start.starts_with(format.magic()));
    Ok((format.ok_or(Problem::UnknownFormat { start })?, file))
}
