//! Gamma.
//!
//! - **Parameters:** `gamma` of red, green and blue, `0.01..=100.0`, default 1, which leaves the picture as it is.
//! - **Meaning:** `v^(1 / gamma)` for each component of straight, scene-linear colour; of negative colour, the same of
//!   its magnitude, with its sign.
//! - **Range:** nothing is clamped. Alpha stays, and so does a pixel of alpha 0.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

/// Bends colour along a power curve: dark parts become brighter or darker, black and white stay.
#[derive(Params)]
#[effect(id = "org.playa.gamma", tags = ["colour", "grade"])]
struct Gamma {
    /// How far the curve of red, green and blue is bent: above 1 lifts dark parts, below 1 lowers them.
    #[param(default = [1.0, 1.0, 1.0], range = 0.01..=100.0, soft = 0.2..=5.0)]
    gamma: [f32; 3],
}

impl PixelEffect for Gamma {
    const ALPHA: Alpha = Alpha::Straight;

    fn pixel(&self, pixel: Pixel) -> Pixel {
        self.prepare()(pixel)
    }

    fn prepare(&self) -> impl Fn(Pixel) -> Pixel + Sync {
        kernel::curves(self.gamma)
    }

    fn is_identity(&self) -> bool {
        self.gamma == [1.0; 3]
    }
}

export_effects![Gamma];
