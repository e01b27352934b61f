//! Echo: frames before and after, laid into this one.
//!
//! - **Parameters:** `before`, frames before, `0..=64`, default 4; `after`, frames after, `0..=64`, default 0; `step` between
//!   them, `1..=100`, default 1; `decay`, `0.0..=1.0`, default 0.5; `operator`, default `blend`.
//! - **Weights:** frame `t + i * step` has the weight `decay^|i|`; frames of weight 0 are not asked for. With `decay` 1 all
//!   count the same.
//! - **Formula:** `blend` is the weighted sum divided by the sum of weights, `add` the weighted sum with alpha up to 1,
//!   `maximum` the largest weighted value of each channel. All four channels, premultiplied.
//! - **Outside the image:** nothing. The result reaches as far as the canvas and this frame do; what another frame has
//!   beyond both is cut off. Before its first frame and after its last one, a layer shows those.
//! - **Numbers:** `maximum` passes over a NaN, unless all frames have one.
//! - **Error:** blends and sums are formed in `f32` from the earliest frame on, at most 1e-5 of the largest value.
#![forbid(unsafe_code)]

use playa_plugin_api::{prelude::*, simd};

mod kernel;
#[cfg(test)]
mod tests;

const MAX_FRAMES: u32 = 64;

/// Lays frames before and after into this one: trails behind what moves, or a longer shutter.
#[derive(Params)]
#[effect(id = "org.playa.echo", tags = ["time", "trail", "frame blend", "motion"])]
struct Echo {
    /// How many frames before this one.
    #[param(default = 4, range = 0..=MAX_FRAMES, soft = 0..=16)]
    before: u32,
    /// How many frames after this one.
    #[param(default = 0, range = 0..=MAX_FRAMES, soft = 0..=16)]
    after: u32,
    /// How many frames lie from one to the next.
    #[param(default = 1, range = 1..=100, soft = 1..=10, unit = "frames")]
    step: u32,
    /// The weight of each frame in proportion to the one next to it, nearer to this frame: 1 is a mean of all.
    #[param(default = 0.5, range = 0.0..=1.0)]
    decay: f32,
    /// How frames are put together.
    operator: Operator,
}

/// How frames are put together.
#[derive(Choice, Clone, Copy, Debug)]
enum Operator {
    /// Their weighted mean: a still picture stays as it is.
    Blend,
    /// Their weighted sum, as light adds up; alpha ends at 1.
    Add,
    /// The largest weighted value of each channel.
    Maximum,
}

impl Echo {
    /// The frames around `frame` that count, from the earliest on, with their weights.
    fn frames(&self, frame: f64) -> EffectResult<Vec<(f64, f64)>> {
        for (name, count) in [("before", self.before), ("after", self.after)] {
            if count > MAX_FRAMES {
                let message = format!("{count} is outside its range, expected 0..={MAX_FRAMES}");
                return Err(EffectError::param(name, message));
            }
        }
        let offsets = -i64::from(self.before)..=i64::from(self.after);
        let weighted = offsets.map(|offset| {
            // Not `powi`, which may differ from one platform to the next.
            let weight = (0..offset.unsigned_abs()).fold(1.0, |weight, _| weight * f64::from(self.decay));
            (frame + (offset * i64::from(self.step)) as f64, weight)
        });
        // A weight that is 0 as an `f32` adds nothing.
        Ok(weighted.filter(|(_, weight)| *weight as f32 > 0.0).collect())
    }
}

impl Effect for Echo {
    const TRAITS: Traits = Traits { isotropic: true, ..Traits::TILEABLE };

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let frames = self.frames(query.frame)?;
        if frames.len() == 1 {
            return Ok(Plan::pixel_wise(query).identity_if(true, query));
        }
        // Where other frames have pixels is not known here: as far as the canvas, they may.
        let domain = query.domain(0).union(&query.canvas);
        let rect = query.window.intersect(&domain);
        let needs = frames.iter().map(|(frame, _)| Need { input: 0, frame: *frame, rect }).collect();
        Ok(Plan { domain, identity: None, needs })
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let frames = self.frames(call.frame)?;
        let total: f64 = frames.iter().map(|(_, weight)| weight).sum();
        let mut views = Vec::new();
        for (wanted, weight) in frames {
            let found = call.inputs.iter().find(|(_, frame, _)| *frame == wanted);
            let missing = || EffectError::input(format!("frame {wanted} of the source was not given"));
            let (.., view) = found.ok_or_else(missing)?;
            let weight = if matches!(self.operator, Operator::Blend) { weight / total } else { weight };
            views.push((view, weight as f32));
        }
        host.parallel_bands(call.output, |mut band| {
            let window = band.window();
            band.for_each_row(|y, row| {
                simd::dispatch(
                    #[inline(always)]
                    || match self.operator {
                        Operator::Blend | Operator::Add => {
                            row.fill([0.0; 4]);
                            for (view, weight) in &views {
                                let (place, pixels) = kernel::seen(view, y, window);
                                kernel::add(pixels, *weight, &mut row[place]);
                            }
                            if matches!(self.operator, Operator::Add) {
                                kernel::limit_alpha(row);
                            }
                        }
                        Operator::Maximum => {
                            row.fill([f32::NAN; 4]);
                            for (view, weight) in &views {
                                let (place, pixels) = kernel::seen(view, y, window);
                                kernel::keep_largest(pixels, *weight, place, row);
                            }
                        }
                    },
                );
            });
            Ok(())
        })
    }
}

export_effects![Echo];
