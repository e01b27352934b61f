//! Brightness and contrast.
//!
//! - **Parameters:** `brightness` and `contrast`, each `-1.0..=1.0`, default 0, which leaves the picture as it is.
//! - **Meaning:** `(v - 0.5) * (1 + contrast) + 0.5 + brightness` on straight, scene-linear colour.
//! - **Range:** nothing is clamped: results may be negative or above 1. Alpha stays, and so does a pixel of alpha 0.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

/// Makes a picture brighter or darker, and its contrast around middle grey stronger or weaker.
#[derive(Params)]
#[effect(id = "org.playa.brightness_contrast", label = "Brightness/Contrast", tags = ["colour", "grade"])]
struct BrightnessContrast {
    /// What is added to every component.
    #[param(default = 0.0, range = -1.0..=1.0)]
    brightness: f32,
    /// How much further than before a component lies from 0.5: 1 doubles the distance, -1 makes everything grey.
    #[param(default = 0.0, range = -1.0..=1.0)]
    contrast: f32,
}

impl PixelEffect for BrightnessContrast {
    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        kernel::adjust(pixel, self.brightness, self.contrast)
    }

    fn is_identity(&self) -> bool {
        self.brightness == 0.0 && self.contrast == 0.0
    }
}

export_effects![BrightnessContrast];
