//! Fractal noise, a generator.
//!
//! - **Parameters:** `pattern`, default `clouds`; `size` of the largest features in pixels, 1 to 10000, default 100;
//!   `octaves`, 1 to 10, default 6; `lacunarity`, 1 to 4, default 2; `gain`, 0 to 1, default 0.5; `evolution`, default 0;
//!   `offset` in pixels, +X right, +Y up; `seed`; the colours `low` and `high`, straight, default black and white.
//! - **Formula:** gradient noise in three dimensions (Perlin, "Improving noise", 2002) over the place in units of `size`
//!   from the canvas's centre and over `evolution`. Octave `i` is finer by `lacunarity^i` and weaker by `gain^i`; the sum is
//!   divided by the sum of the `gain^i`. `src/kernel.rs` has it in full.
//! - **Range:** the mix of `low` and `high` is clamped to both; values lie around the middle between them.
//! - **Domain:** the canvas. The same parameters give the same pixels at every frame: to let the noise live, key
//!   `evolution`.
//! - **Error:** 1e-5 of the difference between the two colours.
#![forbid(unsafe_code)]

use playa_plugin_api::{prelude::*, simd};

mod kernel;
#[cfg(test)]
mod tests;

use kernel::Octave;

const MAX_OCTAVES: u32 = 10;

/// Makes clouds: random light and dark at several sizes, the same for the same seed.
#[derive(Params)]
#[effect(id = "org.playa.noise", tags = ["generator", "texture", "clouds", "fractal", "perlin"])]
struct Noise {
    /// What it looks like.
    pattern: Pattern,
    /// How large its largest features are.
    #[param(default = 100.0, range = 1.0..=10000.0, soft = 1.0..=1000.0, unit = "px")]
    size: f32,
    /// How many sizes of features there are, each finer than the one before.
    #[param(default = 6, range = 1..=MAX_OCTAVES)]
    octaves: u32,
    /// How much finer each of them is than the one before.
    #[param(default = 2.0, range = 1.0..=4.0)]
    lacunarity: f32,
    /// How strong each of them is in proportion to the one before.
    #[param(default = 0.5, range = 0.0..=1.0)]
    gain: f32,
    /// The time of the noise: it changes all over with every step of about 1.
    #[param(default = 0.0, soft = 0.0..=10.0)]
    evolution: f32,
    /// How far the noise is moved, +X right and +Y up.
    #[param(default = [0.0, 0.0], soft = -1000.0..=1000.0, unit = "px")]
    offset: [f32; 2],
    /// Another number makes another noise.
    #[param(default = 0, soft = 0..=1000)]
    seed: i32,
    /// Colour where the noise is lowest, straight.
    #[param(default = Color([0.0, 0.0, 0.0, 1.0]))]
    low: Color,
    /// Colour where the noise is highest, straight.
    #[param(default = Color([1.0, 1.0, 1.0, 1.0]))]
    high: Color,
}

/// What noise looks like.
#[derive(Choice, Clone, Copy, Debug, PartialEq)]
enum Pattern {
    /// Soft and even, around the middle of the two colours.
    Clouds,
    /// Dark creases: the distance of each octave from its middle.
    Turbulence,
}

impl Effect for Noise {
    const TRAITS: Traits = Traits { time_invariant: true, ..Traits::TILEABLE };

    fn inputs() -> Vec<InputSpec> {
        Vec::new()
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan { domain: query.canvas, ..Plan::default() })
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        if self.octaves > MAX_OCTAVES {
            let message = format!("{} is outside its range, expected 1..={MAX_OCTAVES}", self.octaves);
            return Err(EffectError::param("octaves", message));
        }
        let middle = |start: i32, end: i32| (f64::from(start) + f64::from(end)) / 2.0;
        let (canvas, [right, up]) = (call.canvas, self.offset.map(f64::from));
        let [left, top] = [middle(canvas.x0, canvas.x1) + right, middle(canvas.y0, canvas.y1) - up];
        let size = f64::from(self.size);
        let octaves = Octave::all(self.octaves, self.lacunarity, self.gain, self.seed);
        let total: f64 = octaves.iter().map(|octave| octave.gain).sum();
        let colours = [self.low, self.high].map(|Color([r, g, b, a])| [r * a, g * a, b * a, a]);
        host.parallel_bands(call.output, |mut band| {
            let window = band.window();
            let columns: Vec<f64> = (window.x0..window.x1).map(|x| (f64::from(x) + 0.5 - left) / size).collect();
            let columns: Vec<_> = octaves.iter().map(|octave| octave.columns(&columns)).collect();
            let mut heights = vec![0.0; window.width()];
            band.for_each_row(|y, row| {
                let y = (f64::from(y) + 0.5 - top) / size;
                simd::dispatch(
                    #[inline(always)]
                    || {
                        heights.fill(0.0);
                        for (octave, columns) in octaves.iter().zip(&columns) {
                            let weight = (octave.gain / total) as f32;
                            let slice = octave.slice(y, self.evolution.into());
                            match self.pattern {
                                Pattern::Clouds => {
                                    let half = 0.5 * weight;
                                    kernel::add(columns, &slice, &mut heights, |noise| half + half * noise);
                                }
                                Pattern::Turbulence => {
                                    kernel::add(columns, &slice, &mut heights, |noise| weight * noise.abs());
                                }
                            }
                        }
                        kernel::colour(&heights, colours, row);
                    },
                );
            });
            Ok(())
        })
    }
}

export_effects![Noise];
