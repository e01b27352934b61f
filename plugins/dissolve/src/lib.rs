//! Dissolve from one picture to another.
//!
//! - **Inputs:** `source`, `other`, and the mask `mask`, which may be missing.
//! - **Parameters:** `amount`, 0 to 1, default 0.5: how much of `other` is seen.
//! - **Formula:** `(1 - w) * source + w * other` in all four channels, premultiplied, where `w` is `amount`, times the mask's
//!   alpha if there is one; exact at 0 and 1. A mask is nothing outside of its picture.
//! - **Domain:** both pictures; outside of each it is transparent.
#![forbid(unsafe_code)]

use playa_plugin_api::{prelude::*, simd};

mod kernel;
#[cfg(test)]
mod tests;

/// Goes over from one picture to another.
#[derive(Params)]
#[effect(id = "org.playa.dissolve", tags = ["mix", "transition", "crossfade", "mask"])]
struct Dissolve {
    /// How much of the other picture is seen: 0 is the source, 1 the other one.
    #[param(default = 0.5, range = 0.0..=1.0)]
    amount: f32,
}

/// The places of the inputs.
const SOURCE: usize = 0;
const OTHER: usize = 1;
const MASK: usize = 2;

impl Effect for Dissolve {
    const TRAITS: Traits = Traits { time_invariant: true, isotropic: true, ..Traits::TILEABLE };

    fn inputs() -> Vec<InputSpec> {
        vec![
            InputSpec::source(),
            InputSpec { name: "other".into(), optional: false, mask: false },
            InputSpec { name: "mask".into(), optional: true, mask: true },
        ]
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let masked = query.domains.get(MASK).copied().flatten().is_some();
        let only = match self.amount {
            0.0 => Some(SOURCE),
            1.0 if !masked => Some(OTHER),
            _ => None,
        };
        if let Some(input) = only {
            return Ok(Plan { domain: query.domain(input), identity: Some((input, query.frame)), needs: Vec::new() });
        }
        let need = |input| Need { input, frame: query.frame, rect: query.window.intersect(&query.domain(input)) };
        let inputs = if masked { SOURCE..=MASK } else { SOURCE..=OTHER };
        let domain = query.domain(SOURCE).union(&query.domain(OTHER));
        Ok(Plan { domain, identity: None, needs: inputs.map(need).collect() })
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let (source, other) = (call.inputs.get(SOURCE)?, call.inputs.get(OTHER)?);
        let mask = call.inputs.iter().find(|(input, ..)| *input == MASK).map(|(.., view)| view);
        host.parallel_bands(call.output, |mut band| {
            let window = band.window();
            let mut memory = vec![[0.0; 4]; 2 * window.width()];
            let (from, to) = memory.split_at_mut(window.width());
            let mut weights = vec![self.amount; window.width()];
            band.for_each_row(|y, row| {
                let columns = window.x0..window.x1;
                for (x, (from, to)) in columns.clone().zip(from.iter_mut().zip(&mut *to)) {
                    (*from, *to) = (source.pixel(x, y), other.pixel(x, y));
                }
                if let Some(mask) = mask {
                    for (x, weight) in columns.zip(&mut weights) {
                        *weight = self.amount * mask.pixel(x, y)[3];
                    }
                }
                simd::dispatch(
                    #[inline(always)]
                    || kernel::mix(from, to, &weights, row),
                );
            });
            Ok(())
        })
    }
}

export_effects![Dissolve];
