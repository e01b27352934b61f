//! The lens: which place of the input a place of the output shows.

use playa_plugin_api::Rect;

use crate::LensDistortion;

/// The lens over a canvas. Lengths from its centre are in half diagonals of the canvas, those of the output after the
/// division by `scale`; places are in pixels, of which the first covers 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    k1: f64,
    k2: f64,
    /// The centre, in pixels.
    pub centre: [f64; 2],
    /// Pixels of the input in a half diagonal.
    pub unit: f64,
    /// Pixels of the output for one of the input at the centre.
    pub scale: f64,
    /// Where the formula would turn back, in half diagonals of the output; infinite if it never does.
    pub turn: f64,
}

impl Lens {
    pub fn new(effect: &LensDistortion, canvas: Rect) -> Self {
        let [k1, k2] = [effect.k1, effect.k2].map(f64::from);
        let middle = |start: i32, end: i32| (f64::from(start) + f64::from(end)) / 2.0;
        let [right, up] = effect.centre.map(f64::from);
        let diagonal = (canvas.width() as f64).hypot(canvas.height() as f64);
        Self {
            k1,
            k2,
            centre: [middle(canvas.x0, canvas.x1) + right, middle(canvas.y0, canvas.y1) - up],
            // On an empty canvas there is no diagonal, and nothing is seen either.
            unit: (diagonal / 2.0).max(0.5),
            scale: f64::from(effect.scale),
            turn: first_root(3.0 * k1, 5.0 * k2).sqrt(),
        }
    }

    /// The place of the input that the place (x, y) of the output shows; `None` beyond the turn.
    #[inline(always)]
    pub fn source_of(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        let [dx, dy] = [(x - self.centre[0]) / self.scale, (y - self.centre[1]) / self.scale];
        let square = (dx * dx + dy * dy) / (self.unit * self.unit);
        let factor = self.factor(square);
        (square <= self.turn * self.turn).then(|| [self.centre[0] + dx * factor, self.centre[1] + dy * factor])
    }

    /// How much farther from the centre the input lies, at the square of a length of the output.
    #[inline(always)]
    pub fn factor(&self, square: f64) -> f64 {
        1.0 + square * (self.k1 + square * self.k2)
    }

    /// The smallest and the largest factor between two lengths of the output.
    pub fn factors(&self, [from, to]: [f64; 2]) -> [f64; 2] {
        let (from, to) = (from * from, to * to);
        let [a, b] = [self.factor(from), self.factor(to)];
        // Where the factor itself turns back, which is before or after the picture would.
        let extreme = -self.k1 / (2.0 * self.k2);
        let c = if extreme > from && extreme < to { self.factor(extreme) } else { a };
        [a.min(b).min(c), a.max(b).max(c)]
    }

    /// The length of the output that shows the length `wanted` of the input, from below; where the picture turns back
    /// before, the length at which it does.
    pub fn output_length(&self, wanted: f64) -> f64 {
        let length = |output: f64| output * self.factor(output * output);
        let (mut low, mut high) = (0.0, if self.turn.is_finite() { self.turn } else { 1.0 });
        if self.turn.is_finite() && length(high) <= wanted {
            return high;
        }
        while length(high) < wanted {
            (low, high) = (high, 2.0 * high);
        }
        // As long as there is a number between the two.
        loop {
            let middle = (low + high) / 2.0;
            if middle <= low || middle >= high {
                return low;
            }
            if length(middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

/// The smallest positive `u` at which 1 + a * u + b * u² is 0; infinite if there is none.
fn first_root(a: f64, b: f64) -> f64 {
    let discriminant = a * a - 4.0 * b;
    if discriminant < 0.0 {
        return f64::INFINITY;
    }
    // Without the difference of two numbers that are almost the same.
    let q = -(a + discriminant.sqrt().copysign(a)) / 2.0;
    let roots = [1.0 / q, q / b];
    roots.into_iter().filter(|root| *root > 0.0).fold(f64::INFINITY, f64::min)
}
