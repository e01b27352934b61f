//! Median filter over a square.
//!
//! - **Parameters:** `radius`, in pixels, `0..=64`, default 1; the square is `2 * radius + 1` pixels wide; 0 copies the
//!   input.
//! - **Channels:** each by itself, premultiplied, alpha too: a component of the result is one of the input's, to the bit.
//! - **Outside the image:** the nearest edge pixel, as often as it is met. The picture keeps its size.
//! - **Numbers:** ordered by value, infinities included, -0 before +0. A NaN of either sign is larger than all numbers, so
//!   the result is one only where most of the square is.
//! - **Cost:** a fixed number of steps up to radius 2, and one that grows with the radius, not its square, from there on.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod filter;
mod key;
mod network;
mod sliding;
#[cfg(test)]
mod tests;

const MAX_RADIUS: u32 = 64;

/// Removes specks and grain and keeps edges: every value becomes the middle one of those in a square around it.
#[derive(Params)]
#[effect(id = "org.playa.median", tags = ["denoise", "despeckle", "filter"])]
struct Median {
    /// How far the square reaches from its centre: 1 is a square of 3 x 3 pixels.
    #[param(default = 1, range = 0..=MAX_RADIUS, soft = 0..=16, unit = "px")]
    radius: u32,
}

impl AreaEffect for Median {
    const EDGE: Edge = Edge::Clamp;
    const TRAITS: Traits = Traits { time_invariant: true, keeps_flat: true, isotropic: true, ..Traits::TILEABLE };

    fn radius(&self) -> [u32; 2] {
        [self.radius; 2]
    }

    fn rows(&self, source: &Source<'_>, rows: &mut ImageViewMut<'_>) -> EffectResult<()> {
        if self.radius > MAX_RADIUS {
            let message = format!("{} is outside its range, expected 0..={MAX_RADIUS}", self.radius);
            return Err(EffectError::param("radius", message));
        }
        filter::fill(self.radius as usize, source, rows);
        Ok(())
    }

    fn is_identity(&self) -> bool {
        self.radius == 0
    }
}

export_effects![Median];
