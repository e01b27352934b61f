//! The power curve of one pixel.

use playa_plugin_api::{Pixel, math::fast::signed_pow};

/// `v^(1 / gamma)` for each component of straight colour, with its sign. Alpha stays.
#[inline(always)]
pub fn bend([r, g, b, a]: Pixel, gamma: [f32; 3]) -> Pixel {
    let [red, green, blue] = gamma.map(|gamma| 1.0 / gamma);
    [signed_pow(r, red), signed_pow(g, green), signed_pow(b, blue), a]
}
