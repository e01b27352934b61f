//! Brightness and contrast of one pixel.

use playa_plugin_api::Pixel;

/// `(v - 0.5) * (1 + contrast) + 0.5 + brightness` for each component `v` of straight colour, nothing clamped.
///
/// The pixel is premultiplied and stays so: with `c = v * a` the formula reads
/// `c * (1 + contrast) + a * (brightness - contrast / 2)`, which needs no division and is exact where alpha is small.
/// Where alpha is 0 there is no straight colour, and the pixel, light without coverage, passes untouched.
#[inline(always)]
pub fn adjust(pixel: Pixel, brightness: f32, contrast: f32) -> Pixel {
    let [r, g, b, a] = pixel;
    if a == 0.0 {
        return pixel;
    }
    let (slope, offset) = (1.0 + contrast, a * (brightness - 0.5 * contrast));
    [r * slope + offset, g * slope + offset, b * slope + offset, a]
}
