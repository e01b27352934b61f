//! __label__: a function of a neighbourhood.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

/// Makes a picture softer: every pixel becomes the mean of a square around it.
#[derive(Params)]
#[effect(id = "__id__", tags = ["blur"])]
pub struct __Type__ {
    /// How far the square reaches from its centre: 0 leaves the picture as it is.
    #[param(default = 3, range = 0..=32, unit = "px")]
    pub radius: i32,
}

impl AreaEffect for __Type__ {
    // The nearest pixel of the edge lies around the picture, which keeps its size.
    const EDGE: Edge = Edge::Clamp;
    // A mean keeps pictures of one colour, and looks in all directions alike.
    const TRAITS: Traits = Traits { time_invariant: true, keeps_flat: true, isotropic: true, ..Traits::TILEABLE };

    fn radius(&self) -> [u32; 2] {
        [self.radius.unsigned_abs(); 2]
    }

    fn rows(&self, source: &Source<'_>, rows: &mut ImageViewMut<'_>) -> EffectResult<()> {
        let (x0, side) = (rows.window().x0, 2 * self.radius + 1);
        let share = 1.0 / (side * side) as f32;
        rows.for_each_row(|y, row| {
            for (x, out) in (x0..).zip(row) {
                let mut sum = [0.0_f32; 4];
                for near_y in y - self.radius..=y + self.radius {
                    for near_x in x - self.radius..=x + self.radius {
                        let near = source.pixel(near_x, near_y);
                        sum = std::array::from_fn(|channel| sum[channel] + near[channel]);
                    }
                }
                *out = sum.map(|sum| sum * share);
            }
        });
        Ok(())
    }

    fn is_identity(&self) -> bool {
        self.radius == 0
    }
}

export_effects![__Type__];
