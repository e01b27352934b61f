//! Sampling what is shrunk: the filter widens with the distance of the pixels' footprints, so that each pixel has a part.
//!
//! A pixel is the weighted sum over the rows of each column, and then over columns. Where the pixels of a block lie in
//! one row of the layer, as those of a layer that is not turned do, the sums of columns are made once for all of them.
//! They are the same sums, so the bits are the same too.

use super::axis::{Axis, Weights};
use super::kernel::Kernel;
use super::points::{LANES, Points};
use super::taps::Source;
use crate::image::Pixel;

/// Room for the weights and sums of one block after the other.
#[derive(Default)]
pub struct Shrink {
    across: Weights,
    down: Weights,
    /// Where each row with a weight starts among the pixels, and the weight.
    rows: Vec<(usize, f32)>,
    /// The sums of columns.
    sums: Vec<f32>,
    /// All of them are finite.
    finite: bool,
}

/// The columns of a source that have a part: number of the first and beyond the last.
type Columns = (i32, i32);

impl Shrink {
    /// Samples the points of a block from `first` on.
    #[inline(always)]
    pub fn block<const N: usize, K: Kernel<N>>(
        &mut self,
        source: &Source<'_>,
        points: &Points,
        first: usize,
        out: &mut [Pixel],
    ) {
        if !in_one_row(points) {
            for (lane, out) in (first..LANES).zip(out) {
                let columns = Axis::across(points, lane).range::<N>(source.window.x0, source.window.x1);
                *out = [0.0; 4];
                if let Some(columns) = columns
                    && self.sum_rows::<N, K>(source, &Axis::down(points, lane), columns)
                {
                    self.sum_columns::<N, K>(&Axis::across(points, lane), columns, columns.0, out);
                }
            }
            return;
        }
        let mut all = (i32::MAX, i32::MIN);
        for lane in first..first + out.len() {
            if let Some((x0, x1)) = Axis::across(points, lane).range::<N>(source.window.x0, source.window.x1) {
                all = (all.0.min(x0), all.1.max(x1));
            }
        }
        out.fill([0.0; 4]);
        if all.0 >= all.1 || !self.sum_rows::<N, K>(source, &Axis::down(points, first), all) {
            return;
        }
        for (lane, out) in (first..LANES).zip(out) {
            let across = Axis::across(points, lane);
            if let Some(columns) = across.range::<N>(source.window.x0, source.window.x1) {
                self.sum_columns::<N, K>(&across, columns, all.0, out);
            }
        }
    }

    /// The weighted sum over rows, for each column. False if no row has a part.
    #[inline(always)]
    fn sum_rows<const N: usize, K: Kernel<N>>(&mut self, source: &Source<'_>, down: &Axis, (x0, x1): Columns) -> bool {
        let window = source.window;
        let Some((y0, y1)) = down.range::<N>(window.y0, window.y1) else { return false };
        let (width, count) = (window.width(), (i64::from(x1) - i64::from(x0)) as usize);
        let column = (i64::from(x0) - i64::from(window.x0)) as usize;
        let row = (i64::from(y0) - i64::from(window.y0)) as usize;
        // Whole vectors, where there are so many columns: the sums beyond are not used.
        let vectors = count.next_multiple_of(4);
        let count = if column + vectors <= width { vectors } else { count };
        self.rows.clear();
        for (k, weight) in down.weights::<N, K>(y0, y1, &mut self.down).iter().enumerate() {
            // What has no weight has no part, infinity and NaN included.
            if *weight != 0.0 {
                self.rows.push(((row + k) * width + column, *weight));
            }
        }
        self.sums.clear();
        self.sums.resize(count * 4, 0.0);
        let values = |start: usize| source.pixels[start..][..count].as_flattened();
        let (fours, rest) = self.rows.as_chunks::<4>();
        for [a, b, c, d] in fours {
            let rows = [values(a.0), values(b.0), values(c.0), values(d.0)];
            add_weighted(&mut self.sums, &rows, &[a.1, b.1, c.1, d.1]);
        }
        let (twos, rest) = rest.as_chunks::<2>();
        for [a, b] in twos {
            add_weighted(&mut self.sums, &[values(a.0), values(b.0)], &[a.1, b.1]);
        }
        for (start, weight) in rest {
            add_one_weighted(&mut self.sums, values(*start), *weight);
        }
        self.finite = are_finite(&self.sums);
        true
    }

    /// The weighted sum of the sums of columns, which begin with that of the column `start`.
    #[inline(always)]
    fn sum_columns<const N: usize, K: Kernel<N>>(
        &mut self,
        across: &Axis,
        columns: Columns,
        start: i32,
        out: &mut Pixel,
    ) {
        let weights = across.weights::<N, K>(columns.0, columns.1, &mut self.across);
        let before = (i64::from(columns.0) - i64::from(start)) as usize;
        let sums = &self.sums.as_chunks::<4>().0[before..][..weights.len()];
        if self.finite {
            weighted_sum::<false>(sums, weights, out);
        } else {
            weighted_sum::<true>(sums, weights, out);
        }
    }
}

/// The weighted sum of pixels: of every fourth, so that additions need not wait for each other, and then of these. It does
/// not matter for the bits with which pixel the row begins, as long as those before would add nothing.
#[inline(always)]
fn weighted_sum<const WILD: bool>(pixels: &[Pixel], weights: &[f32], out: &mut Pixel) {
    let mut sums = [[0.0; 4]; 4];
    let (pixels, last_pixels) = pixels.as_chunks::<4>();
    let (weights, last_weights) = weights.as_chunks::<4>();
    for (pixels, weights) in pixels.iter().zip(weights) {
        for k in 0..4 {
            add_pixel::<WILD>(&mut sums[k], &pixels[k], weights[k]);
        }
    }
    for ((sum, pixel), weight) in sums.iter_mut().zip(last_pixels).zip(last_weights) {
        add_pixel::<WILD>(sum, pixel, *weight);
    }
    for channel in 0..4 {
        out[channel] = (sums[0][channel] + sums[2][channel]) + (sums[1][channel] + sums[3][channel]);
    }
}

/// Adds a pixel times its weight. Of `WILD` ones some may be infinite or NaN: without weight they have no part.
#[inline(always)]
fn add_pixel<const WILD: bool>(sum: &mut Pixel, pixel: &Pixel, weight: f32) {
    if !WILD || weight != 0.0 {
        for channel in 0..4 {
            sum[channel] += pixel[channel] * weight;
        }
    }
}

/// Whether all points of a block lie as far down in the layer.
#[inline(always)]
fn in_one_row(points: &Points) -> bool {
    let mut differ = 0;
    for lane in 0..LANES {
        differ |= u32::from(points.row[lane] != points.row[0])
            | u32::from(points.fy[lane] != points.fy[0])
            | u32::from(points.dense_y[lane] != points.dense_y[0]);
    }
    differ == 0
}

/// Whether no number is infinite or NaN.
#[inline(always)]
fn are_finite(values: &[f32]) -> bool {
    let (chunks, rest) = values.as_chunks::<16>();
    let mut wild = [0; 16];
    for chunk in chunks {
        for (wild, value) in wild.iter_mut().zip(chunk) {
            *wild |= u32::from(!value.is_finite());
        }
    }
    for (wild, value) in wild.iter_mut().zip(rest) {
        *wild |= u32::from(!value.is_finite());
    }
    wild == [0; 16]
}

/// Adds rows times their weights, one after the other.
#[inline(always)]
fn add_weighted<const M: usize>(sums: &mut [f32], rows: &[&[f32]; M], weights: &[f32; M]) {
    let whole = sums.len() / 16 * 16;
    add_chunks::<16, M>(sums, rows, weights, 0);
    add_chunks::<4, M>(sums, rows, weights, whole);
}

/// The same from `start` on, for as many whole chunks as there are.
#[inline(always)]
fn add_chunks<const C: usize, const M: usize>(sums: &mut [f32], rows: &[&[f32]; M], weights: &[f32; M], start: usize) {
    let sums = sums[start..].as_chunks_mut::<C>().0;
    let mut chunks = [const { &[] as &[[f32; C]] }; M];
    for (chunks, row) in chunks.iter_mut().zip(rows) {
        *chunks = &row[start..].as_chunks::<C>().0[..sums.len()];
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        let mut sum = *sums;
        for k in 0..M {
            for (sum, value) in sum.iter_mut().zip(&chunks[k][i]) {
                *sum += value * weights[k];
            }
        }
        *sums = sum;
    }
}

/// Adds a row times its weight. On its own: of the loop over chunks the compiler would make vectors across chunks.
#[inline(always)]
fn add_one_weighted(sums: &mut [f32], row: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value * weight;
    }
}
