//! From pixels of the comp to points of the layer, so many at once.

use crate::image::{Pixel, Rect};
use crate::project::{Affine, Homography};

/// How many neighbouring pixels of a row are sampled at once: so many that the end of the loop over them, which the
/// processor cannot foresee, counts for little.
pub const LANES: usize = 64;

/// Beyond this a map shrinks; what is closer to 1 is rounding.
const SHRINKS: f64 = 1.000_001;

/// The map from comp pixels to layer pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToLayer {
    /// Everywhere alike. How dense the layer's pixels lie along its x and y, 1 where they do not lie denser than the
    /// comp's.
    Affine(Affine, [f64; 2]),
    /// As seen by an eye.
    Projective(Homography),
}

/// Where the centres of some pixels of a row come from.
///
/// Blocks start at the multiples of [`LANES`], so it does not matter in which pieces a row is sampled.
#[repr(align(64))]
pub struct Points {
    /// The last column whose centre is at or before the point; `i32::MIN` for points that are nowhere.
    pub column: [i32; LANES],
    /// The last row whose centre is at or before the point.
    pub row: [i32; LANES],
    /// How far the point is beyond the column's centre, in `[0, 1)`.
    pub fx: [f32; LANES],
    /// How far the point is beyond the row's centre, in `[0, 1)`.
    pub fy: [f32; LANES],
    /// How many of the layer's columns lie in the width of a pixel, 1 at least.
    pub dense_x: [f32; LANES],
    /// How many of the layer's rows lie in the height of a pixel, 1 at least.
    pub dense_y: [f32; LANES],
    /// Whether one of them is shrunk.
    pub shrinks: bool,
}

/// Cuts `at`, one row high, into blocks: for each its start, a multiple of [`LANES`], how many of its pixels lie before
/// those of `at`, and room for these.
#[inline(always)]
pub fn blocks(at: Rect, mut out: &mut [Pixel], mut work: impl FnMut(i32, usize, &mut [Pixel])) {
    let mut start = at.x0 & -(LANES as i32);
    let mut before = (at.x0 - start) as usize;
    while !out.is_empty() {
        let (block, rest) = out.split_at_mut(out.len().min(LANES - before));
        work(start, before, block);
        (start, before, out) = (start.wrapping_add(LANES as i32), 0, rest);
    }
}

impl Points {
    /// Room for a block.
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            column: [0; LANES],
            row: [0; LANES],
            fx: [0.0; LANES],
            fy: [0.0; LANES],
            dense_x: [1.0; LANES],
            dense_y: [1.0; LANES],
            shrinks: false,
        }
    }
}

impl ToLayer {
    /// An affine map.
    pub fn affine(map: Affine) -> Self {
        Self::Affine(map, [density(map.xx, map.xy), density(map.yx, map.yy)])
    }

    /// Where the pixels from (x, y) to the right come from, measured from pixel centres that lie at `centre`. `x` is a
    /// multiple of [`LANES`].
    #[inline(always)]
    pub fn points(&self, x: i32, y: i32, centre: f64, points: &mut Points) {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        match self {
            ToLayer::Affine(m, [dense_x, dense_y]) => {
                let (u, v) = (m.xy * y + m.x - centre + m.xx * x, m.yy * y + m.y - centre + m.yx * x);
                along(u, m.xx, &mut points.column, &mut points.fx);
                along(v, m.yx, &mut points.row, &mut points.fy);
                points.shrinks = dense_x.max(*dense_y) > 1.0;
                if points.shrinks {
                    (points.dense_x, points.dense_y) = ([*dense_x as f32; LANES], [*dense_y as f32; LANES]);
                }
            }
            ToLayer::Projective(Homography { m: [a, b, c] }) => {
                let rest = [a, b, c].map(|row| row[1] * y + row[2]);
                for lane in 0..LANES {
                    let x = x + lane as f64;
                    let depth = c[0] * x + rest[2];
                    // What is behind the eye becomes NaN, which is nowhere.
                    let depth = if depth > 0.0 { depth } else { f64::NAN };
                    let (u, v) = ((a[0] * x + rest[0]) / depth, (b[0] * x + rest[1]) / depth);
                    (points.column[lane], points.fx[lane]) = split(u - centre);
                    (points.row[lane], points.fy[lane]) = split(v - centre);
                    points.dense_x[lane] = density((a[0] - u * c[0]) / depth, (a[1] - u * c[1]) / depth) as f32;
                    points.dense_y[lane] = density((b[0] - v * c[0]) / depth, (b[1] - v * c[1]) / depth) as f32;
                }
                let densest = points.dense_x.iter().chain(&points.dense_y).fold(1.0, |a: f32, b| a.max(*b));
                points.shrinks = densest > 1.0;
            }
        }
    }
}

/// The coordinates from `start` on in equal steps, split.
#[inline(always)]
fn along(start: f64, step: f64, wholes: &mut [i32; LANES], rests: &mut [f32; LANES]) {
    /// 32 bits behind the point: over a block, steps cut off there add up to less than 2e-8.
    const ONE: f64 = 4_294_967_296.0;
    const FAR: f64 = 1_073_741_824.0;
    let end = start + step * LANES as f64;
    if start.abs().max(end.abs()) < FAR && end.is_finite() {
        let (start, step) = ((start * ONE) as i64, (step * ONE) as i64);
        let mut at = start;
        for (whole, rest) in wholes.iter_mut().zip(rests) {
            // The upper 24 of the bits behind the point are exact as `f32`, and less than 1.
            (*whole, *rest) = ((at >> 32) as i32, (at as u32 >> 8) as f32 * (1.0 / 16_777_216.0));
            at = at.wrapping_add(step);
        }
        return;
    }
    for (lane, (whole, rest)) in wholes.iter_mut().zip(rests).enumerate() {
        (*whole, *rest) = split(start + step * lane as f64);
    }
}

/// The whole number at or below `u`, and the rest in `[0, 1)`.
#[inline(always)]
fn split(u: f64) -> (i32, f32) {
    /// Added to a number below 2^31, the sum is so large that its last bit is one, and its low bits are the whole
    /// number nearest to it. `floor` and a conversion would not become vectors at every level.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let shifted = (u - 0.5) + ROUND;
    let (whole, f) = (shifted.to_bits() as i32, (u - (shifted - ROUND)) as f32);
    // A whole number may be rounded to itself or to the one below, and what is next to one may become one.
    let (whole, f) = if f >= 1.0 { (whole.wrapping_add(1), 0.0) } else { (whole, f.max(0.0)) };
    // NaN fails the comparison.
    if u.abs() < f64::from(i32::MAX) { (whole, f) } else { (i32::MIN, 0.0) }
}

/// How far a coordinate of the layer moves with one pixel of the comp, in the direction in which it moves most; 1 where
/// that is less.
#[inline(always)]
pub fn density(by_x: f64, by_y: f64) -> f64 {
    let density = (by_x * by_x + by_y * by_y).sqrt();
    if density > SHRINKS { density } else { 1.0 }
}
