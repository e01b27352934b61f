//! What a caller may ask of reading and writing.

use super::error::Problem;
use super::{Channels, Format};
use crate::colour::{Content, Curve, Space};
use crate::names::named;

/// What to take from a file.
///
/// The rules:
/// - **Part**: the one asked for; else of those with what is to be shown the first with R, G, B or Y among its unprefixed
///   channels; else the first with them in a layer; else the first.
/// - **View**: with one that is asked for, the file is as if it had that view alone: of its parts those that are this view or
///   have it among theirs, or say nothing of views, and of their channels those of the view, named without it. So
///   `diffuse.right.R` is `diffuse.R` of the view `right`. Without one, all channels have their whole names, and the unprefixed ones
///   are those of the first view.
/// - **Channels** that are asked for: a layer, which is a prefix such as `diffuse` or `left.diffuse`, or the name of a part.
///   The frame then holds the channels of that layer, named without the prefix. Or one channel by its whole name, shown as
///   grey, or up to four for red, green, blue and alpha; then it holds these. Without them the frame holds all channels of the
///   part, and shows the unprefixed ones, or, where these hold no colour, the first layer that does.
/// - **Colour**: where at least two of R, G, B are there (also spelled `r` or `red`), they are shown, a missing one as 0.
///   Otherwise Y, or else the one of R, G, B, or else the first channel that is not A, is shown as grey. A missing A is 1.
/// - **Kept**: R, G and B that are shown as colour and A are in the image alone, which holds halves and floats
///   exactly; every other channel is in `Frame::channels`, in its own type, also those that were shown in another way.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The part to read.
    pub part: Option<PartSelector>,
    /// The view to read, of a file that has several.
    pub view: Option<String>,
    /// The channels to show.
    pub channels: Option<Channels>,
    /// OpenEXR: the level of a tiled part with smaller pictures beside the full one. Level 0 is the full one, each further
    /// one half as wide and high, rounded as the file says. It begins at the same corner of the data window.
    pub level: u32,
    /// OpenEXR: what shows where a file that was not finished has no pixels.
    pub missing: MissingPixels,
    /// Of a movie: which frame, counted from 0.
    pub frame: i64,
    /// Which channels to keep.
    pub kept: ChannelSet,
    /// What the colour of the file is taken for.
    pub space: Reading,
    /// How much a file may cost.
    pub limits: Limits,
}

/// What the colour of a file is taken for. Whatever it is, a frame holds light: a curve is undone, and the gamut of the light
/// is noted in the metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Reading {
    /// What the file says of itself, or else what is usual for the type of its samples.
    #[default]
    ByFile,
    /// This space.
    As(Space),
    /// Numbers, which stay as they are.
    Raw,
}

impl Reading {
    /// The curve that is to be undone. `None` where that is for the file to say.
    pub(super) fn curve(self) -> Option<Curve> {
        match self {
            Reading::ByFile => None,
            Reading::As(space) => Some(space.curve),
            Reading::Raw => Some(Curve::Linear),
        }
    }

    /// That of a space that is built in, or raw. `None` for one of a config, whose way goes through that.
    pub fn of(content: &Content) -> Option<Reading> {
        match content {
            Content::Raw => Some(Reading::Raw),
            Content::Colour(space) => Some(Reading::As(*space)),
            Content::Config(_) => None,
        }
    }
}

/// What the colour of a file is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Writing {
    /// What is usual for the format: OpenEXR holds light of the frame's own gamut, and says so; others sRGB.
    #[default]
    ByFormat,
    /// This space.
    As(Space),
    /// The frame's numbers as they are.
    Raw,
}

impl Writing {
    /// The curve that is to come upon light. `None` where that is for the format to say.
    pub(super) fn curve(self) -> Option<Curve> {
        match self {
            Writing::ByFormat => None,
            Writing::As(space) => Some(space.curve),
            Writing::Raw => Some(Curve::Linear),
        }
    }

    /// That of a space that is built in, or raw. `None` for one of a config, whose way goes through that.
    pub fn of(content: &Content) -> Option<Writing> {
        match content {
            Content::Raw => Some(Writing::Raw),
            Content::Colour(space) => Some(Writing::As(*space)),
            Content::Config(_) => None,
        }
    }
}

/// One part of a file with several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartSelector {
    /// By its name, or by its place where none is called so.
    Name(String),
    /// By its place, from 0.
    Index(usize),
}

/// Which channels a frame gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelSet {
    /// The colour and all others.
    #[default]
    All,
    /// The colour alone, as rendering needs it.
    RgbaOnly,
}

/// What shows where a file has no pixels, because whoever wrote it stopped, or because its end is lost. Missing are blocks
/// of lines or tiles that are not where the file's table says, or that cannot be unpacked. Where the table itself was never
/// written, blocks are found one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingPixels {
    /// Nothing: the file is an error.
    #[default]
    Error,
    /// All channels of the file are 0 there.
    Black,
    /// The line of pixels above goes on, or where there is none, the one below is there already; each column of tiles by
    /// itself. Where there is neither, black.
    Hold,
}

impl MissingPixels {
    /// All there are.
    pub const ALL: [MissingPixels; 3] = [MissingPixels::Error, MissingPixels::Black, MissingPixels::Hold];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            MissingPixels::Error => "error",
            MissingPixels::Black => "black",
            MissingPixels::Hold => "hold",
        }
    }
}

named!(MissingPixels, "way to show missing pixels");

/// How much a file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the frame it becomes and of the blocks unpacked at the same time; 2 GiB unless told otherwise.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 2 << 30 }
    }
}

/// How to write a file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WriteOptions {
    /// OpenEXR: the compression.
    pub compression: Compression,
    /// OpenEXR: the type of the colour. The extra channels keep theirs.
    pub colour: ColourType,
    /// OpenEXR: how much DWAA and DWAB may lose, 0 for least; 45 where neither this nor the frame's metadata says it.
    pub dwa_level: Option<f32>,
    /// OpenEXR: how hard ZIP, ZIPS and what DWA deflates are packed, 1 for fastest to 12 for smallest. Where this does not
    /// say it, 4, which is as small as OpenEXR's own writer; ZIP then leaves out looking for repeats where there are none.
    pub zip_level: Option<u8>,
    /// Stills: bits of a sample; the first of [`Format::depths`] unless told otherwise.
    pub depth: Option<Depth>,
    /// Stills: whether alpha is written. Where it is not, colour is what is seen over black. PNG, TIFF, TGA and WebP have
    /// it unless told otherwise, DPX and BMP if they are told, JPEG and Radiance HDR cannot.
    pub alpha: Option<bool>,
    /// JPEG: 1 to 100; 95 unless told otherwise.
    pub quality: Option<u8>,
    /// TIFF: the compression; deflate unless told otherwise.
    pub tiff_compression: Option<TiffCompression>,
    /// DPX of 10 and 12 bits: how samples fill their words; method A unless told otherwise.
    pub filling: Option<Filling>,
    /// DPX: the order of bytes; the highest first unless told otherwise.
    pub endian: Option<Endian>,
    /// The space of the colour in the file.
    pub space: Writing,
}

impl WriteOptions {
    /// Refuses what a still of that format cannot be written with. Nothing is refused of a format that is not known.
    pub fn check(&self, format: Option<Format>) -> Result<(), Problem> {
        let Some(format) = format else { return Ok(()) };
        let refuse = |what: String, why: String| Err(Problem::Unwritable { what, why });
        let suffix = format.suffix();
        if let Some(depth) = self.depth.filter(|depth| !format.depths().contains(depth)) {
            let known = format.depths().iter().map(|depth| depth.name()).collect::<Vec<_>>().join(", ");
            return refuse(format!("a depth of {depth}"), format!("a .{suffix} file has {known}"));
        }
        if self.alpha == Some(true) && matches!(format, Format::Jpeg | Format::Hdr) {
            return refuse(
                "alpha".to_owned(),
                format!("a .{suffix} file has none: leave it out, or write another format"),
            );
        }
        let others = [
            ("a quality", self.quality.is_some(), Format::Jpeg),
            ("a TIFF compression", self.tiff_compression.is_some(), Format::Tiff),
            ("a DPX filling", self.filling.is_some(), Format::Dpx),
            ("an order of bytes", self.endian.is_some(), Format::Dpx),
        ];
        if let Some((what, ..)) = others.into_iter().find(|(_, given, of)| *given && *of != format) {
            let without_loss = if format == Format::Webp { ", which is written without loss" } else { "" };
            return refuse(what.to_owned(), format!("it is no option of a .{suffix} file{without_loss}"));
        }
        match self.quality {
            Some(quality) if !(1..=100).contains(&quality) => {
                refuse(format!("a quality of {quality}"), "expected 1 to 100".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// What the colour of an OpenEXR file is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourType {
    /// Half floats.
    #[default]
    Half,
    /// Floats.
    Float,
    /// Halves where the frame was stored as halves, floats in all other cases.
    Keep,
}

/// Bits of a sample of a still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 8 bits.
    Eight,
    /// 10 bits.
    Ten,
    /// 12 bits.
    Twelve,
    /// 16 bits.
    Sixteen,
    /// Half floats.
    Half,
    /// Floats.
    Float,
}

impl Depth {
    /// All there are.
    pub const ALL: [Depth; 6] = [Depth::Eight, Depth::Ten, Depth::Twelve, Depth::Sixteen, Depth::Half, Depth::Float];

    /// Its number of bits, or `half` or `float`.
    pub const fn name(self) -> &'static str {
        match self {
            Depth::Eight => "8",
            Depth::Ten => "10",
            Depth::Twelve => "12",
            Depth::Sixteen => "16",
            Depth::Half => "half",
            Depth::Float => "float",
        }
    }
}

named!(Depth, "depth");

/// How a TIFF is packed. None loses anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TiffCompression {
    /// Not at all.
    None,
    /// Lempel-Ziv-Welch, of differences.
    Lzw,
    /// Deflate, of differences.
    #[default]
    Deflate,
    /// Runs of equal bytes.
    PackBits,
}

impl TiffCompression {
    /// All there are.
    pub const ALL: [TiffCompression; 4] =
        [TiffCompression::None, TiffCompression::Lzw, TiffCompression::Deflate, TiffCompression::PackBits];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            TiffCompression::None => "none",
            TiffCompression::Lzw => "lzw",
            TiffCompression::Deflate => "deflate",
            TiffCompression::PackBits => "packbits",
        }
    }
}

named!(TiffCompression, "TIFF compression");

/// How samples of 10 or 12 bits fill the words of a DPX.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filling {
    /// Free bits are the lowest: three samples of 10 bits in 32, one of 12 in 16.
    #[default]
    A,
    /// Free bits are the highest.
    B,
    /// No free bits but at the end of a row.
    Packed,
}

impl Filling {
    /// All there are.
    pub const ALL: [Filling; 3] = [Filling::A, Filling::B, Filling::Packed];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Filling::A => "a",
            Filling::B => "b",
            Filling::Packed => "packed",
        }
    }
}

named!(Filling, "filling");

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Endian {
    /// The highest first.
    #[default]
    Big,
    /// The lowest first.
    Little,
}

impl Endian {
    /// Both.
    pub const ALL: [Endian; 2] = [Endian::Big, Endian::Little];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Endian::Big => "big",
            Endian::Little => "little",
        }
    }
}

named!(Endian, "order of bytes");

/// How OpenEXR pixels are packed. The lossy ones say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// Runs of equal bytes.
    Rle,
    /// Deflate, line by line.
    Zips,
    /// Deflate, 16 lines at a time.
    #[default]
    Zip,
    /// Wavelets, 32 lines at a time.
    Piz,
    /// Deflate of differences. Floats lose their last 8 bits; halves and whole numbers are kept.
    Pxr24,
    /// Halves lose precision, at a fixed rate.
    B44,
    /// As B44, with flat areas smaller.
    B44a,
    /// Cosine transform, 32 lines at a time. Lossy.
    Dwaa,
    /// Cosine transform, 256 lines at a time. Lossy.
    Dwab,
}

impl Compression {
    /// All there are, in the order of their numbers in a file.
    pub const ALL: [Compression; 10] = [
        Compression::None,
        Compression::Rle,
        Compression::Zips,
        Compression::Zip,
        Compression::Piz,
        Compression::Pxr24,
        Compression::B44,
        Compression::B44a,
        Compression::Dwaa,
        Compression::Dwab,
    ];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Rle => "rle",
            Compression::Zips => "zips",
            Compression::Zip => "zip",
            Compression::Piz => "piz",
            Compression::Pxr24 => "pxr24",
            Compression::B44 => "b44",
            Compression::B44a => "b44a",
            Compression::Dwaa => "dwaa",
            Compression::Dwab => "dwab",
        }
    }
}

named!(Compression, "compression");
