//! Exposure.
//!
//! - **Parameters:** `stops`, `-100.0..=100.0`, default 0, which leaves the picture as it is.
//! - **Meaning:** scene-linear colour times `2^stops`. Straight or premultiplied, the factor is the same, so
//!   premultiplied pixels are multiplied as they are.
//! - **Range:** nothing is clamped. Alpha stays; light whose alpha is 0 is scaled with the rest.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

/// Makes a picture brighter or darker, as more or less light in the camera would.
#[derive(Params)]
#[effect(id = "org.playa.exposure", tags = ["colour", "grade"])]
struct Exposure {
    /// How often the light is doubled: 1 is twice as much, -1 half.
    #[param(default = 0.0, range = -100.0..=100.0, soft = -10.0..=10.0, unit = "stops")]
    stops: f32,
}

impl PixelEffect for Exposure {
    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        kernel::expose(pixel, self.stops)
    }

    fn is_identity(&self) -> bool {
        self.stops == 0.0
    }
}

export_effects![Exposure];
