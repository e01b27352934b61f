//! The key of one pixel.
//!
//! The chroma of a colour is the pair of `B - Y` and `R - Y`, scaled as in Rec. 709, `Y` being its luminance. With `s` the
//! chroma of the screen and `c` that of the pixel's straight colour,
//!
//! ```text
//! along  = c · s / |s|²
//! across = |c × s| / |s|²
//! k      = along - across
//! keep   = clamp((1 - tolerance - k) / softness, 0, 1)
//! colour = straight - despill * max(k, 0) * (screen - Y(screen))
//! ```
//!
//! `k` is linear in light: a shadow on the screen has a smaller one, and stays as a shadow. Despill keeps `Y`, and leaves at
//! most the chroma that has `k` = 0. Softness counts as at least 1e-6.

use playa_plugin_api::Pixel;

/// Weights of red, green and blue in luminance (Rec. 709).
const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Everything that depends on the parameters alone.
pub struct Key {
    /// The screen's chroma, divided by the square of its length.
    direction: [f32; 2],
    /// The screen's colour without its luminance, times how much of it is taken.
    spill: [f32; 3],
    /// From which `k` on nothing stays.
    clear: f32,
    slope: f32,
}

impl Key {
    /// `None` if the screen is grey.
    pub fn new(screen: [f32; 3], tolerance: f32, softness: f32, despill: f32) -> Option<Self> {
        let [x, y] = chroma(screen);
        let square = x * x + y * y;
        let peak = screen.iter().fold(0.0, |peak: f32, value| peak.max(value.abs()));
        let luma = luma(screen);
        (square > (1e-4 * peak) * (1e-4 * peak)).then(|| Self {
            direction: [x / square, y / square],
            spill: screen.map(|value| despill * (value - luma)),
            clear: 1.0 - tolerance,
            slope: 1.0 / softness.max(1e-6),
        })
    }

    /// What is left of a pixel of which `taken` is taken out by the garbage matte.
    #[inline(always)]
    fn apply(&self, [r, g, b, a]: Pixel, taken: f32) -> Pixel {
        let factor = 1.0 / if a == 0.0 { 1.0 } else { a };
        let straight = [r * factor, g * factor, b * factor];
        let ([x, y], [along, across]) = (chroma(straight), self.direction);
        let k = (x * along + y * across) - (x * across - y * along).abs();
        let keep = ((self.clear - k) * self.slope).clamp(0.0, 1.0) * (1.0 - taken);
        let spilt = k.max(0.0);
        let colour = |channel: usize| (straight[channel] - spilt * self.spill[channel]) * a * keep;
        let light = |value: f32| value * (1.0 - taken);
        if a == 0.0 { [light(r), light(g), light(b), 0.0] } else { [colour(0), colour(1), colour(2), a * keep] }
    }
}

/// Fills `row` with what is left of `source`.
#[inline(always)]
pub fn fill(key: &Key, source: &[Pixel], taken: &[f32], row: &mut [Pixel]) {
    for ((out, pixel), taken) in row.iter_mut().zip(source).zip(taken) {
        *out = key.apply(*pixel, *taken);
    }
}

#[inline(always)]
fn luma([r, g, b]: [f32; 3]) -> f32 {
    LUMA[0] * r + LUMA[1] * g + LUMA[2] * b
}

/// Cb and Cr of a colour.
#[inline(always)]
fn chroma(colour: [f32; 3]) -> [f32; 2] {
    let luma = luma(colour);
    [(colour[2] - luma) / 1.8556, (colour[0] - luma) / 1.5748]
}
