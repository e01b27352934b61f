//! The demo's background: a lake among mountains, from sunset to night.

use super::footage::{Colour, HORIZON, Point};
use super::noise::{clouds, hash, smoothstep};

/// The colours of the sky at sunset, from the horizon up: how high (0..1), and the colour.
const SUNSET: [(f32, Colour); 5] = [
    (0.0, [1.05, 0.46, 0.17]),
    (0.2, [0.78, 0.27, 0.19]),
    (0.42, [0.38, 0.16, 0.24]),
    (0.7, [0.13, 0.09, 0.23]),
    (1.0, [0.045, 0.06, 0.18]),
];

/// The same at night.
const NIGHT: [(f32, Colour); 5] = [
    (0.0, [0.17, 0.13, 0.22]),
    (0.2, [0.085, 0.085, 0.19]),
    (0.42, [0.04, 0.05, 0.14]),
    (0.7, [0.016, 0.026, 0.085]),
    (1.0, [0.007, 0.013, 0.05]),
];

/// A range of mountains.
struct Ridge {
    seed: u32,
    /// Peaks per height of the picture.
    peaks: f32,
    /// Height above the horizon of its lowest point, and of its highest above that.
    base: f32,
    rise: f32,
    /// How much of it is hidden by the air before it.
    haze: f32,
}

/// From far to near.
const RIDGES: [Ridge; 3] = [
    Ridge { seed: 11, peaks: 1.7, base: 0.05, rise: 0.21, haze: 0.52 },
    Ridge { seed: 23, peaks: 2.3, base: 0.02, rise: 0.16, haze: 0.27 },
    Ridge { seed: 42, peaks: 3.1, base: -0.02, rise: 0.13, haze: 0.07 },
];

/// The lake at one time.
pub(super) struct Lake {
    /// 0 is sunset, 1 is night.
    evening: f32,
    /// Height of a pixel.
    pixel: f32,
    sun: Point,
}

impl Lake {
    /// At `evening`, 0..1, for a picture of `height` pixels.
    pub(super) fn new(evening: f32, height: u32) -> Self {
        Self { evening, pixel: 1.0 / height as f32, sun: Point { x: 0.27, y: HORIZON + 0.19 - 0.24 * evening } }
    }

    /// The light that comes from a point of the picture.
    pub(super) fn colour(&self, at: Point) -> Colour {
        let depth = HORIZON - at.y;
        if depth <= 0.0 { self.land(at) } else { self.water(at.x, depth) }
    }

    /// What is mirrored, bent by waves that grow towards the viewer, and the dark of the water below.
    fn water(&self, x: f32, depth: f32) -> Colour {
        let near = 1.0 / (depth + 0.035);
        let drift = self.evening * 1.5;
        let wave = clouds(x * near * 0.55 + drift, near * 2.6 - drift, 71) - 0.5;
        let swell = clouds(x * near * 0.2 - drift, near * 0.9 + drift, 83) - 0.5;
        let strength = smoothstep(0.0, 0.1, depth);
        let mirrored = Point {
            x: x + (0.05 * swell + 0.03 * wave) * strength,
            y: HORIZON + (depth * (1.0 + 0.9 * swell * strength) + 0.12 * wave * strength).max(0.0005),
        };
        let deep = mix([0.02, 0.035, 0.075], [0.004, 0.009, 0.028], self.evening);
        let clear = 0.75 - 0.5 * smoothstep(0.0, 0.36, depth);
        let surface = mix(deep, self.land(mirrored), clear);
        // A line of light along the shore.
        let shore = 0.22 * (-depth / 0.006).exp();
        add(surface, self.sky(0.04), shore)
    }

    /// Mountains before the sky.
    fn land(&self, at: Point) -> Colour {
        let mut colour = self.heaven(at);
        let air = self.sky(0.06);
        for ridge in &RIDGES {
            let top = ridge.top(at.x);
            let cover = smoothstep(-self.pixel, self.pixel, top - at.y);
            if cover > 0.0 {
                // Mist lies in the valleys.
                let mist = ridge.haze + (1.0 - ridge.haze) * 0.34 * (-(at.y - HORIZON) / 0.045).exp().min(1.0);
                let rock = mix([0.02, 0.014, 0.026], [0.004, 0.006, 0.014], self.evening);
                colour = mix(colour, mix(rock, air, mist), cover);
            }
        }
        colour
    }

    /// Sky, stars, sun and clouds.
    fn heaven(&self, at: Point) -> Colour {
        let high = (at.y - HORIZON) / (0.5 - HORIZON);
        let to_sun = (at.x - self.sun.x).hypot(at.y - self.sun.y);
        let day = 1.0 - smoothstep(0.0, 0.95, self.evening);
        let mut colour = self.sky(high);
        colour = add(colour, [0.85, 0.86, 1.0], self.stars(at) * smoothstep(0.1, 0.6, high));
        colour = add(colour, [1.0, 0.4, 0.2], day * 0.45 * (-to_sun / 0.3).exp());
        colour = add(colour, [1.0, 0.52, 0.2], day * 1.1 * (-to_sun / 0.07).exp());
        let disc = 1.0 - smoothstep(0.042, 0.042 + 2.0 * self.pixel, to_sun);
        colour = add(colour, [5.0, 2.9, 1.1], disc * (1.0 - 0.5 * self.evening));

        let drift = 0.35 * self.evening;
        let streaks = clouds(at.x * 1.3 + drift, at.y * 7.5 + 0.6 * at.x, 5);
        let cover = smoothstep(0.5, 0.78, streaks) * smoothstep(0.12, 0.35, high) * (1.0 - smoothstep(0.65, 1.0, high));
        let lit = mix([0.62, 0.2, 0.2], [0.06, 0.055, 0.12], smoothstep(0.0, 0.9, self.evening));
        let lit = add(lit, [1.1, 0.45, 0.2], day * (-to_sun / 0.25).exp());
        mix(colour, lit, 0.75 * cover)
    }

    /// The clear sky, `high` 0 at the horizon and 1 at the top of the picture.
    fn sky(&self, high: f32) -> Colour {
        mix(gradient(&SUNSET, high), gradient(&NIGHT, high), smoothstep(0.0, 1.0, self.evening))
    }

    /// Brightness of the stars at a point: one in some cells of a grid.
    fn stars(&self, at: Point) -> f32 {
        const CELLS: f32 = 42.0;
        let (x, y) = (at.x * CELLS, at.y * CELLS);
        let (column, row) = (x.floor() as i32, y.floor() as i32);
        let magnitude = hash(column, row, 1);
        if magnitude < 0.6 {
            return 0.0;
        }
        let place = |seed| 0.2 + 0.6 * hash(column, row, seed);
        let away = (x - x.floor() - place(2)).hypot(y - y.floor() - place(3)) / CELLS;
        let radius = 0.0012_f32.max(0.7 * self.pixel);
        let twinkle = 0.85 + 0.15 * (40.0 * self.evening + 6.3 * hash(column, row, 4)).sin();
        let bright = ((magnitude - 0.6) / 0.4).powi(5) * 2.2 + 0.12;
        bright * twinkle * (-(away / radius).powi(2)).exp() * smoothstep(0.35, 0.95, self.evening)
    }
}

impl Ridge {
    fn top(&self, x: f32) -> f32 {
        let shape = clouds(x * self.peaks, 0.5, self.seed);
        HORIZON + self.base + self.rise * smoothstep(0.15, 0.85, shape)
    }
}

/// The colour of a gradient at a height, smooth at its stops.
fn gradient(stops: &[(f32, Colour)], at: f32) -> Colour {
    let after = stops.iter().position(|(height, _)| *height >= at).unwrap_or(stops.len() - 1).max(1);
    let ((low, below), (high, above)) = (stops[after - 1], stops[after]);
    mix(below, above, ((at - low) / (high - low)).clamp(0.0, 1.0))
}

fn mix(a: Colour, b: Colour, t: f32) -> Colour {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

fn add(a: Colour, b: Colour, amount: f32) -> Colour {
    std::array::from_fn(|i| a[i] + b[i] * amount)
}
