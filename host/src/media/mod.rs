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
mod data;
mod error;
mod exr;
mod info;
mod layer;
pub mod movie;
mod options;
mod png_colour;
mod preview;
pub mod samples;
mod shown;
mod still;
mod turn;
mod view;

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

pub use data::{ids_are_no_matte, is_ids, no_matte};
pub use error::{MediaError, Problem};
pub use info::{ChannelInfo, MediaInfo, PartInfo};
pub use layer::{layer, layers};
pub use options::{
    ChannelSet, ColourType, Compression, Depth, Endian, Filling, Limits, MissingPixels, PartSelector, ReadOptions,
    Reading, TiffCompression, WriteOptions, Writing,
};
pub use preview::preview;
pub use shown::{Channels, Selection};

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
    /// JPEG File Interchange Format.
    Jpeg,
    /// Tagged Image File Format.
    Tiff,
    /// Truevision TGA.
    Tga,
    /// Radiance HDR.
    Hdr,
    /// WebP.
    Webp,
    /// Windows bitmap.
    Bmp,
    /// Digital Picture Exchange, SMPTE ST 268.
    Dpx,
    /// Any file of many frames that a [`movie::MovieReader`] takes apart.
    Movie,
}

impl Format {
    /// All that hold a picture.
    pub const ALL: [Format; 9] = [
        Format::Exr,
        Format::Png,
        Format::Jpeg,
        Format::Tiff,
        Format::Tga,
        Format::Hdr,
        Format::Webp,
        Format::Bmp,
        Format::Dpx,
    ];

    /// How files of it end, without the dot.
    pub const fn suffix(self) -> &'static str {
        self.suffixes()[0]
    }

    /// All ways in which files of it end, without the dot, the usual one first.
    pub const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Format::Exr => &["exr"],
            Format::Png => &["png"],
            Format::Jpeg => &["jpg", "jpeg"],
            Format::Tiff => &["tif", "tiff"],
            Format::Tga => &["tga"],
            Format::Hdr => &["hdr"],
            Format::Webp => &["webp"],
            Format::Bmp => &["bmp"],
            Format::Dpx => &["dpx"],
            Format::Movie => movie::SUFFIXES,
        }
    }

    /// The depths in which a still of it can be written, the usual one first. None for OpenEXR, whose
    /// [`colour`](WriteOptions::colour) says it, and for movies.
    pub const fn depths(self) -> &'static [Depth] {
        match self {
            Format::Exr | Format::Movie => &[],
            Format::Png => &[Depth::Eight, Depth::Sixteen],
            Format::Tiff => &[Depth::Sixteen, Depth::Eight, Depth::Half, Depth::Float],
            Format::Dpx => &[Depth::Ten, Depth::Eight, Depth::Twelve, Depth::Sixteen],
            // Three numbers of 8 bits with an exponent in common.
            Format::Hdr => &[Depth::Float],
            Format::Jpeg | Format::Tga | Format::Webp | Format::Bmp => &[Depth::Eight],
        }
    }

    /// What files of it begin with. WebP files say how long they are before they say what they are.
    const fn magic(self) -> &'static [&'static [u8]] {
        match self {
            Format::Exr => &[&[0x76, 0x2f, 0x31, 0x01]],
            Format::Png => &[b"\x89PNG\r\n\x1a\n"],
            Format::Jpeg => &[&[0xff, 0xd8, 0xff]],
            Format::Tiff => &[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"],
            Format::Tga | Format::Movie => &[],
            Format::Hdr => &[b"#?RADIANCE", b"#?RGBE"],
            Format::Webp => &[b"RIFF"],
            Format::Bmp => &[b"BM"],
            Format::Dpx => &[b"SDPX", b"XPDS"],
        }
    }

    /// The format that a path asks for by its suffix, in any case.
    pub fn of_path(path: &Path) -> Option<Format> {
        let suffix = path.extension()?.to_str()?;
        let is_called = |format: &Format| format.suffixes().iter().any(|known| known.eq_ignore_ascii_case(suffix));
        Format::ALL.into_iter().chain([Format::Movie]).find(is_called)
    }

    /// The format of a file by its first bytes. Those of a TGA are like no other's, and like anything: it must be called
    /// one as well. So must a movie.
    fn of_start(start: &[u8], path: &Path) -> Option<Format> {
        let begins = |format: &Format| format.magic().iter().any(|magic| start.starts_with(magic));
        // AVI files begin like WebP as well.
        let is_meant = |format: &Format| *format != Format::Webp || start.get(8..12) == Some(b"WEBP");
        Format::ALL.into_iter().find(|format| begins(format) && is_meant(format)).or_else(|| {
            let named = Format::of_path(path)?;
            (named == Format::Movie || (named == Format::Tga && still::is_tga(start))).then_some(named)
        })
    }
}

/// The picture in a file.
///
/// Which part and channels are shown, and by which rule, is told at [`ReadOptions`].
/// Colour becomes linear light: that of a still before it is premultiplied. Its gamut is that of the file, and where that is
/// not Rec.709, the metadata say so by `chromaticities`. A still that lies on its side, by EXIF or by its own header, is
/// turned upright.
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Frame, MediaError> {
    let frames = read_each(path, options, std::slice::from_ref(&options.channels), &|| false)?;
    Ok(frames.into_iter().next().expect("there is a frame for each choice"))
}

/// Several pictures of a file, which is read once: one for each choice of channels, in place of that in the options. A movie
/// is read until `stopped` says that nobody wants it any more.
pub fn read_each(
    path: impl AsRef<Path>,
    options: &ReadOptions,
    choices: &[Option<Channels>],
    stopped: movie::Stopped<'_>,
) -> Result<Vec<Frame>, MediaError> {
    let path = path.as_ref();
    opened(path)
        .and_then(|(format, mut file)| match format {
            Format::Exr => exr::read(&file, options, choices)?
                .into_iter()
                .map(|(frame, data)| colour::in_light(frame, data, path, options.space))
                .collect(),
            Format::Movie => movie::read(path, options, choices, stopped),
            _ => {
                let space = colour::of_still(format, path, &mut file, options.space)?;
                let frames = still::read(format, file, &ReadOptions { space, ..options.clone() }, choices)?;
                Ok(frames.into_iter().map(|frame| colour::noted(frame, space)).collect())
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
            Format::Movie => movie::probe(path),
            _ => still::probe(format, file),
        })
        .map_err(|problem| MediaError::new(path, problem))
}

/// Writes a picture to a file of the format that the path's suffix names. The file is there whole or, after an error, as
/// it was before.
///
/// - OpenEXR keeps everything of the frame: both windows, pixel aspect, metadata, and the extra channels in their own
///   types. The colour is written as R, G, B and A; an extra channel of one of these names gives way to it.
/// - A still holds the display window: whole numbers as straight sRGB, clamped to 0..1, NaN as 0; floats as linear light,
///   those of a TIFF premultiplied. Overscan and extra channels stay behind, and metadata that it has no place for.
///
/// [`Writing`] says in which other space the colour is to be.
pub fn write(path: impl AsRef<Path>, frame: &Frame, options: &WriteOptions) -> Result<(), MediaError> {
    let path = path.as_ref();
    let result = match Format::of_path(path) {
        Some(Format::Exr) => colour::encoded(frame, options.space)
            .and_then(|frame| write_atomic(path, |out| exr::write(&frame, options, out))),
        Some(Format::Movie) => Err(Problem::Unwritable {
            what: "one frame as a movie".to_owned(),
            why: "write all of them with `playa_py.video.write`, or pictures such as name.####.png".to_owned(),
        }),
        Some(format) => colour::of_gamut(frame, options.space)
            .and_then(|frame| still::encode(format, &frame, options))
            .and_then(|bytes| write_atomic(path, |out| Ok(std::io::Write::write_all(out, &bytes)?))),
        None => Err(Problem::UnknownSuffix),
    };
    result.map_err(|problem| MediaError::new(path, problem))
}

/// Opens a file and looks at its first bytes; the position is at the start again.
fn opened(path: &Path) -> Result<(Format, File), Problem> {
    /// A TGA shows itself in its whole header.
    const LONGEST: usize = 18;
    let mut file = File::open(path)?;
    let mut start = Vec::with_capacity(LONGEST);
    (&mut file).take(LONGEST as u64).read_to_end(&mut start)?;
    file.rewind()?;
    let format = Format::of_start(&start, path);
    start.truncate(8);
    Ok((format.ok_or(Problem::UnknownFormat { start })?, file))
}
