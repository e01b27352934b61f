//! __label__: a function of one pixel.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

/// Tints a picture: every colour becomes its brightness in one colour.
#[derive(Params)]
#[effect(id = "__id__", tags = ["colour"])]
pub struct __Type__ {
    /// What white becomes.
    #[param(default = Color([1.0, 0.75, 0.5, 1.0]))]
    pub tint: Color,
    /// How much of it: 0 leaves the picture as it is.
    #[param(default = 1.0, range = 0.0..=1.0)]
    pub amount: f32,
}

impl PixelEffect for __Type__ {
    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        // The luminance of linear light with the primaries of Rec. 709.
        let light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let Color([red, green, blue, _]) = self.tint;
        let towards = |old: f32, new: f32| old + (new - old) * self.amount;
        [towards(r, light * red), towards(g, light * green), towards(b, light * blue), a]
    }

    fn is_identity(&self) -> bool {
        self.amount == 0.0
    }
}

export_effects![__Type__];
