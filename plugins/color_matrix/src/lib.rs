//! Colour matrix.
//!
//! - **Parameters:** the rows `red`, `green` and `blue` of a matrix of 3 by 3 and an `offset`, any numbers; the defaults
//!   are the unit matrix and 0, which leave the picture as it is.
//! - **Meaning:** `new = matrix * old + offset` on straight, scene-linear colour. The matrix commutes with
//!   premultiplication; the offset is multiplied by alpha.
//! - **Range:** nothing is clamped. Alpha stays; light whose alpha is 0 is mixed, and gets no offset.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

/// Mixes red, green and blue: each new component is a weighted sum of the old ones, and a constant.
#[derive(Params)]
#[effect(id = "org.playa.color_matrix", tags = ["colour", "grade", "channels"])]
struct ColorMatrix {
    /// How much of the old red, green and blue is in the new red.
    #[param(default = [1.0, 0.0, 0.0])]
    red: [f32; 3],
    /// How much of the old red, green and blue is in the new green.
    #[param(default = [0.0, 1.0, 0.0])]
    green: [f32; 3],
    /// How much of the old red, green and blue is in the new blue.
    #[param(default = [0.0, 0.0, 1.0])]
    blue: [f32; 3],
    /// What is added to the new red, green and blue.
    #[param(default = [0.0, 0.0, 0.0])]
    offset: [f32; 3],
}

impl PixelEffect for ColorMatrix {
    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        kernel::mix(pixel, [self.red, self.green, self.blue], self.offset)
    }

    fn is_identity(&self) -> bool {
        let rows = [self.red, self.green, self.blue, self.offset];
        rows == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0; 3]]
    }
}

export_effects![ColorMatrix];
