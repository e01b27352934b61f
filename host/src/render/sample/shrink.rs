//! Sampling what is shrunk: the filter widens with the distance of the pixels' footprints, so that each pixel has a part.

use super::kernel::Kernel;
use super::points::Points;
use super::taps::Source;
use crate::image::Pixel;

/// Where more pixels than this lie in the width of one, the sum of their weights is taken for its limit, the integral:
/// then the weights of those outside the image need not be known. They differ by less than 1e-6.
const DENSE: f32 = 4096.0;

/// Farther than any pixel of an image from any other.
const FAR: f32 = 1e10;

/// Room for the weights and sums of one pixel after the other.
#[derive(Default)]
pub struct Shrink {
    across: Vec<f32>,
    down: Vec<f32>,
    sums: Vec<f32>,
}

impl Shrink {
    /// The value at a point: first the weighted sum over rows, then over columns.
    #[inline(always)]
    pub fn pixel<const N: usize, K: Kernel<N>>(&mut self, source: &Source<'_>, points: &Points, lane: usize) -> Pixel {
        let window = source.window;
        let across = Axis { last: points.column[lane], f: points.fx[lane], density: points.dense_x[lane] };
        let down = Axis { last: points.row[lane], f: points.fy[lane], density: points.dense_y[lane] };
        let (Some((x0, x1)), Some((y0, y1))) =
            (across.range::<N>(window.x0, window.x1), down.range::<N>(window.y0, window.y1))
        else {
            return [0.0; 4];
        };
        across.weights::<N, K>(x0, x1, &mut self.across);
        down.weights::<N, K>(y0, y1, &mut self.down);
        self.sums.clear();
        self.sums.resize(self.across.len() * 4, 0.0);
        let (width, column) = (window.width(), (i64::from(x0) - i64::from(window.x0)) as usize);
        let row = (i64::from(y0) - i64::from(window.y0)) as usize;
        let rows = source.pixels.chunks_exact(width.max(1)).skip(row);
        for (pixels, weight) in rows.zip(&self.down) {
            if *weight != 0.0 {
                let values = pixels[column..][..self.across.len()].as_flattened();
                add_weighted(&mut self.sums, values, *weight);
            }
        }
        let mut value = [0.0; 4];
        for (sums, weight) in self.sums.as_chunks::<4>().0.iter().zip(&self.across) {
            for channel in 0..4 {
                // What has no weight has no part in it, infinity and NaN included.
                value[channel] += if *weight == 0.0 { 0.0 } else { sums[channel] * weight };
            }
        }
        value
    }
}

#[inline(always)]
fn add_weighted(sums: &mut [f32], values: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value * weight;
    }
}

/// A point along one axis.
struct Axis {
    /// The last pixel whose centre is at or before it.
    last: i32,
    /// How far it is beyond that centre.
    f: f32,
    /// How many pixels lie in the width of one of the result.
    density: f32,
}

impl Axis {
    /// How many pixels before and after the last one may have weight.
    #[inline(always)]
    fn reach<const N: usize>(&self) -> i64 {
        (self.density * (N / 2) as f32).min(FAR) as i64 + 1
    }

    /// The pixels of `[start, end)` that may have weight. `None` if there are none.
    #[inline(always)]
    fn range<const N: usize>(&self, start: i32, end: i32) -> Option<(i32, i32)> {
        let (last, reach) = (i64::from(self.last), self.reach::<N>());
        let (first, beyond) = ((last - reach).max(i64::from(start)), (last + reach + 1).min(i64::from(end)));
        // Both lie between `start` and `end` where there is something between them.
        (self.last != i32::MIN && first < beyond).then_some((first as i32, beyond as i32))
    }

    /// The weights of the pixels of `[start, end)`, of which the sum over all pixels, wherever they are, is 1.
    #[inline(always)]
    fn weights<const N: usize, K: Kernel<N>>(&self, start: i32, end: i32, weights: &mut Vec<f32>) {
        let reach = self.reach::<N>();
        let (start, end) = (i64::from(start) - i64::from(self.last), i64::from(end) - i64::from(self.last));
        weights.clear();
        let narrow = 1.0 / self.density;
        if self.density > DENSE {
            self.unscaled::<N, K>(start, end, narrow, weights);
            scale(weights, narrow / K::AREA);
            return;
        }
        self.unscaled::<N, K>(-reach, reach + 1, narrow, weights);
        let sum: f32 = weights.iter().sum();
        weights.truncate((end + reach) as usize);
        weights.drain(..(start + reach) as usize);
        scale(weights, 1.0 / sum);
    }

    /// The kernel's values for the pixels of `[start, end)`, counted from the last one.
    #[inline(always)]
    fn unscaled<const N: usize, K: Kernel<N>>(&self, start: i64, end: i64, narrow: f32, weights: &mut Vec<f32>) {
        weights.resize((end - start) as usize, 0.0);
        // Fits: pixels of an image, or few.
        let start = start as i32;
        for (k, weight) in (0..weights.len() as i32).zip(weights.iter_mut()) {
            *weight = K::at(((start + k) as f32 - self.f) * narrow);
        }
    }
}

#[inline(always)]
fn scale(weights: &mut [f32], by: f32) {
    weights.iter_mut().for_each(|weight| *weight *= by);
}
