//! The demo's foreground: paper lanterns that rise into the evening, with premultiplied alpha.

use std::f32::consts::TAU;

use super::footage::{HORIZON, Point};
use super::noise::{hash, smoothstep};

/// How many there are.
const COUNT: i32 = 26;

/// Reach of a lantern from its middle, in its own size.
const REACH: f32 = 1.5;

/// All lanterns at one time, the far ones first.
pub(super) struct Lanterns {
    lanterns: Vec<Lantern>,
}

/// One lantern: where it is, and how large.
pub(super) struct Lantern {
    middle: Point,
    /// Half its width.
    size: f32,
    /// How bright it burns at this moment.
    light: f32,
    /// Height of a pixel, in sizes of the lantern.
    pixel: f32,
}

impl Lanterns {
    /// At `evening`, 0..1, for a picture of `height` pixels, `aspect` times as wide.
    pub(super) fn new(evening: f32, aspect: f32, height: u32) -> Self {
        let mut lanterns: Vec<_> = (0..COUNT).map(|i| Lantern::new(i, evening, aspect, height)).collect();
        lanterns.sort_by(|a, b| a.size.total_cmp(&b.size));
        Self { lanterns }
    }

    /// Those that a row of the picture meets.
    pub(super) fn across(&self, y: f32) -> impl Iterator<Item = &Lantern> {
        self.lanterns.iter().filter(move |lantern| (lantern.middle.y - y).abs() < REACH * lantern.size)
    }
}

impl Lantern {
    fn new(index: i32, evening: f32, aspect: f32, height: u32) -> Self {
        let chance = |seed| hash(index, 0, seed);
        // Few are near. They are spread over the width by their number, so that none hides all others.
        let size = 0.011 + 0.036 * chance(101).powi(3);
        let spread = (index as f32 * 0.618_034 + 0.1 * chance(102)).fract() - 0.5;
        let sway = 0.012 * (TAU * (evening * 0.8 + chance(103))).sin();
        let rise = evening * (0.12 + 6.0 * size);
        let flicker = 0.92 + 0.08 * (TAU * (evening * 9.0 + chance(105))).sin();
        Self {
            middle: Point {
                x: spread * aspect * 1.04 + sway,
                y: HORIZON + REACH * size + 0.01 + 0.3 * chance(104).powf(1.4) + rise,
            },
            size,
            light: flicker * (0.75 + 0.25 * smoothstep(0.0, 0.6, evening)),
            pixel: 1.0 / (height as f32 * size),
        }
    }

    /// Its pixel at a point: premultiplied light, and how much it hides.
    pub(super) fn pixel(&self, at: Point) -> [f32; 4] {
        let (x, y) = ((at.x - self.middle.x) / self.size, (at.y - self.middle.y) / self.size);
        if x.abs() > REACH || y.abs() > REACH {
            return [0.0; 4];
        }
        // A paper bag: round on top, narrower towards the opening below.
        let dome = if y > 0.5 { (1.0 - ((y - 0.5) / 0.75).powi(2)).max(0.0).sqrt() } else { 1.0 };
        let width = (0.6 + 0.4 * smoothstep(-1.25, 0.5, y)) * dome;
        let side = smoothstep(-self.pixel, self.pixel, width - x.abs());
        let ends = smoothstep(-self.pixel, self.pixel, (y + 1.2).min(1.24 - y));
        let cover = side * ends;

        // The flame stands in the opening and shines through the paper, which is thicker along its folds and edges.
        let across = if width > 0.0 { (x / width).clamp(-1.0, 1.0) } else { 0.0 };
        let folds = 1.0 - 0.1 * (across * 8.0).cos().powi(2);
        let near_flame = (-((y + 1.0) / 1.15).powi(2)).exp();
        let glow = (0.28 + 1.9 * near_flame) * (1.0 - 0.42 * across * across) * folds * self.light;
        let flame = 3.5 * self.light * (-(x / 0.3).powi(2) - ((y + 1.05) / 0.22).powi(2)).exp();
        let warm = [glow, glow * (0.3 + 0.2 * near_flame), glow * (0.06 + 0.1 * near_flame)];
        let light = [warm[0] + flame, warm[1] + 0.75 * flame, warm[2] + 0.35 * flame];
        [light[0] * cover, light[1] * cover, light[2] * cover, 0.96 * cover]
    }
}
