//! __label__: an effect without inputs.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

/// A chequerboard over the whole picture, the first square at its top left corner.
#[derive(Params)]
#[effect(id = "__id__", tags = ["pattern"])]
pub struct __Type__ {
    /// Width and height of a square.
    #[param(default = 32, range = 1..=4096, unit = "px")]
    pub size: i32,
    /// Colour of the first square.
    #[param(default = Color([0.8, 0.8, 0.8, 1.0]))]
    pub first: Color,
    /// Colour of the squares beside it.
    #[param(default = Color([0.1, 0.1, 0.1, 1.0]))]
    pub second: Color,
}

impl Effect for __Type__ {
    // Nothing depends on the frame: it is rendered once.
    const TRAITS: Traits = Traits { time_invariant: true, ..Traits::TILEABLE };

    fn inputs() -> Vec<InputSpec> {
        Vec::new()
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan { domain: query.canvas, ..Plan::default() })
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let premultiplied = |Color([r, g, b, a]): Color| [r * a, g * a, b * a, a];
        let (first, second, canvas) = (premultiplied(self.first), premultiplied(self.second), call.canvas);
        host.parallel_bands(call.output, |mut band| {
            let x0 = band.window().x0;
            band.for_each_row(|y, row| {
                for (x, out) in (x0..).zip(row) {
                    let square = (x - canvas.x0).div_euclid(self.size) + (y - canvas.y0).div_euclid(self.size);
                    *out = if square % 2 == 0 { first } else { second };
                }
            });
            Ok(())
        })
    }
}

export_effects![__Type__];
