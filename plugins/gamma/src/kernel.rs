//! The power curves of many pixels.

use playa_plugin_api::{Pixel, math::Power};

/// `v^(1 / gamma)` for each component of straight colour, with its sign. Alpha stays.
pub fn curves(gamma: [f32; 3]) -> impl Fn(Pixel) -> Pixel + Sync {
    let [red, green, blue] = gamma.map(|gamma| Power::new(1.0 / gamma));
    #[inline(always)]
    move |[r, g, b, a]| [red.signed(r), green.signed(g), blue.signed(b), a]
}
