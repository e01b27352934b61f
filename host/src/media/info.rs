//! What a file says about itself.

use serde::{Serialize, Serializer};

use super::Format;
use crate::image::{Metadata, Rect};

/// A file's header, told.
#[derive(Clone, Debug, Serialize)]
pub struct MediaInfo {
    /// What kind of file it is.
    pub format: Format,
    /// Its parts; all but some OpenEXR files have one.
    pub parts: Vec<PartInfo>,
    /// The part that is read unless another one is asked for.
    pub main_part: usize,
    /// How many frames a movie has; none for pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<i64>,
    /// What the user should know about it, if there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// One part of a file: a picture of its own.
#[derive(Clone, Debug, Serialize)]
pub struct PartInfo {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How it is laid out: `scanlineimage`, `tiledimage`, `deepscanline`, `deeptile`; the format of a still.
    pub kind: String,
    /// How its pixels are packed, in lower case.
    pub compression: String,
    /// Where its pixels are; `[x0, y0, x1, y1]` when serialized, the last two exclusive.
    #[serde(serialize_with = "corners")]
    pub data_window: Rect,
    /// The frame it is meant to fill.
    #[serde(serialize_with = "corners")]
    pub display_window: Rect,
    /// Width of a pixel divided by its height.
    pub pixel_aspect: f32,
    /// Its channels, in the order of the file.
    pub channels: Vec<ChannelInfo>,
    /// The names of the layers (and views) among its channels.
    pub layers: Vec<String>,
    /// The views that it has, the one whose channels have no prefix first; none where it does not say.
    pub views: Vec<String>,
    /// The windows of its smaller pictures, from level 1 on; each begins at the same corner as the full one.
    #[serde(serialize_with = "all_corners")]
    pub levels: Vec<Rect>,
    /// What else its header says.
    pub metadata: Metadata,
    /// Why its pixels cannot be read; none if they can.
    pub refusal: Option<String>,
}

/// One channel of a part.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelInfo {
    /// Its name, with layer and view before it.
    pub name: String,
    /// What its samples are: `half`, `float`, `uint`, or `unorm` and the number of bits.
    pub sample_type: crate::image::SampleType,
    /// One sample for so many columns and rows; `[1, 1]` for all but chroma.
    pub sampling: [u32; 2],
}

fn corners<S: Serializer>(rect: &Rect, serializer: S) -> Result<S::Ok, S::Error> {
    corners_of(rect).serialize(serializer)
}

fn all_corners<S: Serializer>(rects: &[Rect], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rects.iter().map(corners_of))
}

fn corners_of(rect: &Rect) -> [i32; 4] {
    [rect.x0, rect.y0, rect.x1, rect.y1]
}
