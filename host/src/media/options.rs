//! What a caller may ask of reading and writing.

use crate::colour::{Content, Curve, Space};
use crate::names::named;

/// What to take from a file.
///
/// The rules for OpenEXR:
/// - **Part**: the one asked for; else the first with R, G, B or Y among its unprefixed channels; else the first with
///   them in a layer; else the first.
/// - **Layer**: a prefix such as `diffuse` or `left.diffuse`. The frame then holds the channels of that layer, named
///   without the prefix. Without it the frame holds all channels of the part, and shows the unprefixed ones, or, where
///   these hold no colour, the first layer that does.
/// - **Colour**: where at least two of R, G, B are there (also spelled `r` or `red`), they are shown, a missing one as 0.
///   Otherwise Y, or else the one of R, G, B, or else the first channel that is not A, is shown as grey. A missing A is 1.
/// - **Channels**: R, G and B that are shown as colour and A are in the image alone, which holds halves and floats
///   exactly; every other channel is in `Frame::channels`, in its own type, also those that were shown in another way.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The part to read.
    pub part: Option<PartSelector>,
    /// The layer to show.
    pub layer: Option<String>,
    /// Which channels to keep.
    pub channels: ChannelSet,
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
    /// By its name.
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
    /// PNG: the depth.
    pub png_depth: PngDepth,
    /// The space of the colour in the file.
    pub space: Writing,
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

/// How deep a PNG is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PngDepth {
    /// 8 bits.
    #[default]
    Eight,
    /// 16 bits.
    Sixteen,
}

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
