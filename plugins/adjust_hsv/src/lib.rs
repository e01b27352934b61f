//! Hue, saturation and value.
//!
//! - **Parameters:** `hue_shift` in degrees, default 0; `saturation` and `value`, factors, `0.0..=1000.0`, default 1.
//!   The defaults leave the picture as it is.
//! - **Meaning:** HSV of straight, scene-linear colour: value is the largest component, saturation its distance to the
//!   smallest one in proportion to it. Negative colour and colour above 1 follow the same formulas.
//! - **Range:** nothing is clamped: saturation above 1 may take a component below 0. Alpha stays, and so does a pixel
//!   of alpha 0.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

/// Turns the hues of a picture, and makes its colours stronger or weaker, brighter or darker.
#[derive(Params)]
#[effect(id = "org.playa.adjust_hsv", label = "Adjust HSV", tags = ["colour", "grade", "hue", "saturation"])]
struct AdjustHSV {
    /// How far every hue moves on the colour circle: 120 makes red green, -120 makes it blue.
    #[param(default = 0.0, soft = -180.0..=180.0, unit = "degrees")]
    hue_shift: f32,
    /// How strong colours are: 0 is grey, 1 as they were, 2 twice as strong.
    #[param(default = 1.0, range = 0.0..=1000.0, soft = 0.0..=2.0)]
    saturation: f32,
    /// How bright colours are: a factor.
    #[param(default = 1.0, range = 0.0..=1000.0, soft = 0.0..=2.0)]
    value: f32,
}

impl PixelEffect for AdjustHSV {
    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        kernel::Adjustment::new(self.hue_shift, self.saturation, self.value).apply(pixel)
    }

    fn is_identity(&self) -> bool {
        self.hue_shift == 0.0 && self.saturation == 1.0 && self.value == 1.0
    }
}

export_effects![AdjustHSV];
