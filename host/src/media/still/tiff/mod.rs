//! TIFF: the first picture of a file, in strips or tiles.
//!
//! Its tags are read by code of our own, because what they say is easily overheard: whether a sample is a whole number or
//! a float, whether a fourth one is alpha, and what alpha has done to the colour. ExtraSamples says that: 1 is
//! premultiplied, 2 is straight, and 0, or nothing, is neither colour nor alpha, which becomes a channel of its own.

mod layout;
mod strips;
mod tags;
mod unpack;

use std::fs::File;

pub(super) use strips::encode;

use super::super::error::Problem;
use super::super::turn::Turn;
use super::crates::{DENSITY, ICC, insert};
use super::picture::Still;
use crate::image::MetaValue;
use layout::Layout;
use tags::Tags;

/// Numbers of tags.
mod tag {
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(super) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES: u16 = 277;
    pub(super) const ROWS_PER_STRIP: u16 = 278;
    pub(super) const STRIP_BYTES: u16 = 279;
    pub(super) const X_RESOLUTION: u16 = 282;
    pub(super) const Y_RESOLUTION: u16 = 283;
    pub(super) const PLANAR: u16 = 284;
    pub(super) const RESOLUTION_UNIT: u16 = 296;
    pub(super) const PREDICTOR: u16 = 317;
    pub(super) const COLOUR_MAP: u16 = 320;
    pub(super) const TILE_WIDTH: u16 = 322;
    pub(super) const TILE_HEIGHT: u16 = 323;
    pub(super) const TILE_OFFSETS: u16 = 324;
    pub(super) const TILE_BYTES: u16 = 325;
    pub(super) const EXTRA_SAMPLES: u16 = 338;
    pub(super) const SAMPLE_FORMAT: u16 = 339;
    pub(super) const ICC: u16 = 34675;
}

/// The texts that are carried as metadata, by their names.
const TEXTS: [(&str, u16); 6] = [
    ("DocumentName", 269),
    ("ImageDescription", 270),
    ("Software", 305),
    ("DateTime", 306),
    ("Artist", 315),
    ("Copyright", 33432),
];

/// Looks at the tags.
pub(super) fn open(file: File) -> Result<Still, Problem> {
    let mut tags = Tags::read(file)?;
    let (layout, mut head) = Layout::of(&mut tags)?;
    head.turn = Turn::new(tags.number(tag::ORIENTATION)?.unwrap_or(1) as u32);
    for (name, number) in TEXTS {
        if let Some(text) = tags.text(number)? {
            head.metadata.insert(name, MetaValue::Text(text));
        }
    }
    let per_inch = match tags.number(tag::RESOLUTION_UNIT)?.unwrap_or(2) {
        2 => Some(1.0),
        3 => Some(2.54),
        _ => None,
    };
    let [x, y] = [tags.ratio(tag::X_RESOLUTION)?, tags.ratio(tag::Y_RESOLUTION)?];
    if let (Some(x), Some(y)) = (x, y) {
        // What has no unit still says how wide a pixel is.
        let aspect = (y / x) as f32;
        if aspect.is_finite() && aspect > 0.0 {
            head.pixel_aspect = aspect;
        }
        for (name, dots) in DENSITY.into_iter().zip([x, y]) {
            per_inch.into_iter().for_each(|by| head.metadata.insert(name, MetaValue::Float((dots * by) as f32)));
        }
    }
    if let Some(profile) = tags.bytes(tag::ICC)? {
        insert(&mut head.metadata, ICC, profile);
    }
    Ok(Still { head, unpack: Box::new(move || layout.unpack(tags.into_file())) })
}
