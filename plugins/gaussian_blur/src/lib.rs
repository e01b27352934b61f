//! Gaussian blur, separable.
//!
//! - **Parameters:** `radius`, in pixels, `0.0..=10000.0`, default 5; the standard deviation is half of it; 0 copies the
//!   input. `edges`, what lies around the picture, default `clamp`. `quality`, default `fast`.
//! - **Outside the image:** with `clamp` the nearest edge pixel, so that a constant image stays constant and keeps its
//!   size; with `transparent` nothing, so that the image fades out and grows by `ceil(2 * radius)` pixels.
//! - **Channels:** all four, premultiplied: transparent pixels add no colour.
//! - **Error:** `exact` 2e-6 of the peak; `fast` at most 5e-4 of the difference between the highest and the lowest value,
//!   whatever the image. A window's pixels are the same to the bit as in the whole image.
//! - **Cost:** `exact` grows with `radius`; `fast` does up to 6 and from there on stays, or falls.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod cascade;
mod kernel;
mod passes;
#[cfg(test)]
mod tests;
mod tiles;

use cascade::Cascade;
use passes::{Edges, Picture};

const MAX_RADIUS: f32 = 10_000.0;

/// Makes a picture softer: every pixel becomes a mean of those around it, weighted by a Gaussian.
#[derive(Params)]
#[effect(id = "org.playa.gaussian_blur", tags = ["blur", "soften", "filter"])]
struct GaussianBlur {
    /// How far the blur looks: the Gaussian's standard deviation is half of it, and it ends at twice of it.
    #[param(default = 5.0, range = 0.0..=MAX_RADIUS, soft = 0.0..=100.0, unit = "px")]
    radius: f32,
    /// What lies around the picture.
    edges: Edges,
    /// How close the result is to a true Gaussian.
    quality: Quality,
}

/// How close the result is to a true Gaussian.
#[derive(Choice, Clone, Copy)]
enum Quality {
    /// Within 5e-4 of the peak, at a cost that hardly depends on the radius.
    Fast,
    /// Within 2e-6 of the peak, at a cost that grows with the radius.
    Exact,
}

impl GaussianBlur {
    /// The steps that these parameters take.
    fn cascade(&self) -> EffectResult<Cascade> {
        if !(0.0..=MAX_RADIUS).contains(&self.radius) {
            let message = format!("{} is outside its range, expected 0..={MAX_RADIUS}", self.radius);
            return Err(EffectError::param("radius", message));
        }
        Ok(match self.quality {
            Quality::Fast => Cascade::fast(self.radius),
            Quality::Exact => Cascade::exact(self.radius),
        })
    }
}

impl Effect for GaussianBlur {
    const TRAITS: Traits = Traits { time_invariant: true, keeps_flat: true, isotropic: true, ..Traits::TILEABLE };

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let edge = match self.edges {
            Edges::Clamp => Edge::Clamp,
            Edges::Transparent => Edge::Transparent,
        };
        let Cascade { steps, bottom_reach, .. } = self.cascade()?;
        let reach = cascade::reach(&steps, bottom_reach) as u32;
        // The picture grows by the reach of the exact kernel in both qualities.
        let grown = cascade::exact_reach(self.radius) as u32;
        let Plan { domain, .. } = Plan::around(query, [grown, grown], edge);
        let plan = Plan { domain, ..Plan::around(query, [reach, reach], edge) };
        Ok(plan.identity_if(self.radius == 0.0, query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let cascade = self.cascade()?;
        let picture = Picture { view: call.inputs.get(0)?, edges: self.edges };
        passes::blur(&cascade.steps, &cascade.weights(), picture, call.output, host)
    }
}

export_effects![GaussianBlur];
