//! Exposure of one pixel.

use playa_plugin_api::{Pixel, map_colour, math};

/// Colour times `2^stops`, straight and premultiplied alike. Alpha stays.
#[inline(always)]
pub fn expose(pixel: Pixel, stops: f32) -> Pixel {
    let factor = math::exp2(stops);
    map_colour(pixel, |v| v * factor)
}
