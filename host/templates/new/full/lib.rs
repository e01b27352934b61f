//! __label__: an effect that says itself which pixels it needs, and where its own are.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

/// Moves a picture by whole pixels.
#[derive(Params)]
#[effect(id = "__id__", tags = ["transform"])]
pub struct __Type__ {
    /// How far to the right.
    #[param(default = 24, range = -10_000..=10_000, unit = "px")]
    pub right: i32,
    /// How far down.
    #[param(default = 12, range = -10_000..=10_000, unit = "px")]
    pub down: i32,
}

impl Effect for __Type__ {
    // Nothing depends on the frame: a still picture is rendered once.
    const TRAITS: Traits = Traits { time_invariant: true, ..Traits::TILEABLE };

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let source = query.domain(0);
        let rect = query.window.translate(-self.right, -self.down).intersect(&source);
        let needs = vec![Need { input: 0, frame: query.frame, rect }];
        let plan = Plan { domain: source.translate(self.right, self.down), identity: None, needs };
        Ok(plan.identity_if((self.right, self.down) == (0, 0), query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let source = call.inputs.get(0)?;
        host.parallel_bands(call.output, |mut band| {
            let x0 = band.window().x0;
            band.for_each_row(|y, row| {
                for (x, out) in (x0..).zip(row) {
                    *out = source.pixel(x - self.right, y - self.down);
                }
            });
            Ok(())
        })
    }
}

export_effects![__Type__];
