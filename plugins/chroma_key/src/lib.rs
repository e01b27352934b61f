//! Chroma key: takes out what has the colour of a screen.
//!
//! - **Inputs:** `source`, and the mask `garbage`, which may be missing: where its alpha is 1, the source is taken out
//!   whatever its colour.
//! - **Parameters:** `screen`, the screen's colour, straight, default a green; `tolerance`, 0 to 1, default 0.3; `softness`,
//!   0 to 1, default 0.3; `despill`, 0 to 1, default 1.
//! - **Formula:** in `src/kernel.rs`. `k` says how much of the screen's chroma straight colour has: 1 for the screen itself, 0
//!   for every colour that is 45 degrees of hue from it or more. From `1 - tolerance` on the source is taken out, below
//!   `1 - tolerance - softness` it stays, and in between it fades in a straight line.
//! - **Range:** nothing is clamped. Light that has no alpha has no straight colour: only the garbage matte takes it out.
//! - **Result:** premultiplied, in front of nothing. The picture keeps its size.
#![forbid(unsafe_code)]

use playa_plugin_api::{prelude::*, simd};

mod kernel;
#[cfg(test)]
mod tests;

use kernel::Key;

/// Takes out what has the colour of a screen behind it, and the screen's light on the rest.
#[derive(Params)]
#[effect(id = "org.playa.chroma_key", tags = ["keying", "green screen", "matte", "despill"])]
struct ChromaKey {
    /// The colour of the screen, as it is in the picture.
    #[param(default = Color([0.1, 0.6, 0.15, 1.0]))]
    screen: Color,
    /// How much less of the screen's colour still is the screen.
    #[param(default = 0.3, range = 0.0..=1.0)]
    tolerance: f32,
    /// How much less than that is needed to stay as a whole: 0 is a hard edge.
    #[param(default = 0.3, range = 0.0..=1.0)]
    softness: f32,
    /// How much of the screen's colour is taken from what stays.
    #[param(default = 1.0, range = 0.0..=1.0)]
    despill: f32,
}

impl Effect for ChromaKey {
    const TRAITS: Traits = Traits { time_invariant: true, isotropic: true, ..Traits::TILEABLE };

    fn inputs() -> Vec<InputSpec> {
        vec![InputSpec::source(), InputSpec { name: "garbage".into(), optional: true, mask: true }]
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let mut plan = Plan::pixel_wise(query);
        if let Some(garbage) = query.domains.get(1).copied().flatten() {
            let rect = query.window.intersect(&plan.domain).intersect(&garbage);
            plan.needs.push(Need { input: 1, frame: query.frame, rect });
        }
        Ok(plan)
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let Color([r, g, b, _]) = self.screen;
        let key = Key::new([r, g, b], self.tolerance, self.softness, self.despill).ok_or_else(|| {
            let message = format!("{r}, {g}, {b} has no hue, expected a colour that is not grey");
            EffectError::param("screen", message)
        })?;
        let source = call.inputs.get(0)?;
        let garbage = call.inputs.iter().find(|(input, ..)| *input == 1).map(|(.., view)| view);
        host.parallel_bands(call.output, |mut band| {
            let window = band.window();
            let mut taken = vec![0.0; window.width()];
            band.for_each_row(|y, row| {
                if let Some(garbage) = garbage {
                    for (x, taken) in (window.x0..window.x1).zip(&mut taken) {
                        *taken = garbage.pixel(x, y)[3];
                    }
                }
                let source = source.span(y, window.x0, window.x1);
                simd::dispatch(
                    #[inline(always)]
                    || kernel::fill(&key, source, &taken, row),
                );
            });
            Ok(())
        })
    }
}

export_effects![ChromaKey];
