//! Sampling by a fixed number of neighbours along each axis: whatever is not shrunk. What is shrunk a little shares it.
//!
//! A pixel is the weighted sum over rows of the neighbours in each column, and then over columns. Where all neighbours
//! of a block of pixels are in the image, they are read in place; elsewhere they are gathered first, with transparent
//! black for what is outside. Both go through the same arithmetic, so they agree to the bit.

use std::hint::black_box;

use playa_plugin_api::simd::ask_for;

use super::kernel::Kernel;
use super::points::{LANES, Points, ToLayer, blocks};
use super::shrink::Shrink;
use super::stretch;
use crate::image::{Image, Pixel, Rect};

/// Samples every pixel of `at`, one row high.
#[inline(always)]
pub fn row<const N: usize, K: Kernel<N>>(to_layer: &ToLayer, image: &Image, at: Rect, out: &mut [Pixel]) {
    match stretch::reach::<N>(to_layer) {
        Some(reach) if N < 4 && reach <= 2.0 => stretch::row::<4, N, K>(to_layer, image, at, out),
        Some(reach) if N < 6 && reach <= 3.0 => stretch::row::<6, N, K>(to_layer, image, at, out),
        Some(reach) if reach <= 4.0 => stretch::row::<8, N, K>(to_layer, image, at, out),
        _ => plain_row::<N, K>(to_layer, image, at, out),
    }
}

/// The same, where a map shrinks much or not at all, or not everywhere alike.
#[inline(always)]
fn plain_row<const N: usize, K: Kernel<N>>(to_layer: &ToLayer, image: &Image, at: Rect, out: &mut [Pixel]) {
    let source = Source { pixels: image.pixels(), window: image.window() };
    let mut shrink = Shrink::default();
    let mut points = Points::new();
    let mut taps = Taps::new();
    blocks(
        at,
        out,
        #[inline(always)]
        |x, first, out| {
            to_layer.points(x, at.y0, 0.5, &mut points);
            if points.shrinks {
                shrink.block::<N, K>(&source, &points, first, out);
                return;
            }
            let place = source.place::<N>(&points, true);
            if let Place::Outside = place {
                out.fill([0.0; 4]);
                return;
            }
            K::weights(&points.fx, &mut taps.across);
            K::weights(&points.fy, &mut taps.down);
            if let Place::Inside = place {
                source.firsts::<N>(&points, &mut taps.firsts);
                taps.in_place(&source, source.below(to_layer), first, out);
            } else {
                for (lane, out) in (first..LANES).zip(out) {
                    *out = gathered::<N, K>(&source, &points, &taps, lane);
                }
            }
        },
    );
}

/// The neighbours of a block of points and their weights. In memory that is used for block after block, and handed on
/// by reference: arrays of this size that are moved are copied by calls.
#[repr(align(64))]
pub struct Taps<const N: usize> {
    /// The place of each first neighbour among the pixels.
    pub firsts: [u32; LANES],
    /// The weights of columns.
    pub across: [[f32; LANES]; N],
    /// The weights of rows.
    pub down: [[f32; LANES]; N],
}

impl<const N: usize> Taps<N> {
    /// Room for a block.
    #[inline(always)]
    pub fn new() -> Self {
        Self { firsts: [0; LANES], across: [[0.0; LANES]; N], down: [[0.0; LANES]; N] }
    }

    /// Samples from `first` on, where all neighbours are in the image. `below` is how far in memory those of the pixels
    /// below lie behind, which are read next.
    #[inline(always)]
    pub fn in_place(&self, source: &Source<'_>, below: isize, first: usize, out: &mut [Pixel]) {
        let rows = source.rows::<N>();
        let next = rows[N - 1].as_ptr().wrapping_offset(below);
        let mut sums = Aligned([[0.0; 4]; N]);
        for (lane, out) in (first..LANES).zip(out) {
            let at = self.firsts[lane] as usize;
            ask_for(next.wrapping_add(at));
            let mut neighbours = [const { &[[0.0; 4]; N] }; N];
            for k in 0..N {
                neighbours[k] = rows[k][at..].first_chunk().expect("it holds them");
            }
            self.sum(&neighbours, lane, &mut sums, out);
        }
    }

    /// Samples one pixel from neighbours of which some may be outside. Those without weight have no part, in columns and
    /// in rows, if told so.
    #[inline(always)]
    pub fn gathered(
        &self,
        source: &Source<'_>,
        (column, row): (u32, u32),
        lane: usize,
        skip_columns: bool,
        skip_rows: bool,
    ) -> Pixel {
        let (width, height) = (source.window.width(), source.window.height());
        let mut patch = [[[0.0; 4]; N]; N];
        for (k, patch) in patch.iter_mut().enumerate() {
            let row = row.wrapping_add(k as u32) as usize;
            if row >= height || skip_rows && self.down[k][lane] == 0.0 {
                continue;
            }
            let pixels = &source.pixels[row * width..][..width];
            for (k, pixel) in patch.iter_mut().enumerate() {
                let column = column.wrapping_add(k as u32) as usize;
                if column < width && !(skip_columns && self.across[k][lane] == 0.0) {
                    *pixel = pixels[column];
                }
            }
        }
        let mut rows = [const { &[[0.0; 4]; N] }; N];
        for k in 0..N {
            rows[k] = &patch[k];
        }
        let mut pixel = [0.0; 4];
        self.sum(&rows, lane, &mut Aligned([[0.0; 4]; N]), &mut pixel);
        pixel
    }

    /// The weighted sum of neighbours. In `sums` goes that of each column.
    #[inline(always)]
    fn sum(&self, rows: &[&[Pixel; N]; N], lane: usize, sums: &mut Aligned<[Pixel; N]>, out: &mut Pixel) {
        let (mut across, mut down) = ([0.0; N], [0.0; N]);
        for k in 0..N {
            (across[k], down[k]) = (self.across[k][lane], self.down[k][lane]);
        }
        sum_rows(rows, &down, &mut sums.0);
        // Through memory: else the compiler sees only the four sums at the end, and makes vectors of no more than four.
        let sums = if N > 2 { black_box(&*sums) } else { sums };
        sum_columns(&sums.0, &across, out);
    }
}

/// Where the neighbours of a block of points are.
pub enum Place {
    /// All in the image, and each has a part where that is asked for.
    Inside,
    /// Some in the image.
    Edge,
    /// None in the image.
    Outside,
}

/// The pixels of an image.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Row by row.
    pub pixels: &'a [Pixel],
    /// Where they are.
    pub window: Rect,
}

impl<'a> Source<'a> {
    /// For each row of neighbours, the pixels from that row on. All have the same length, so that one comparison tells
    /// that a first neighbour has them all.
    #[inline(always)]
    fn rows<const N: usize>(&self) -> [&'a [Pixel]; N] {
        let (width, count) = (self.window.width(), self.pixels.len());
        let length = count.saturating_sub((N - 1) * width);
        let mut rows = [&self.pixels[..length]; N];
        for (k, row) in rows.iter_mut().enumerate() {
            *row = &self.pixels[(k * width).min(count - length)..][..length];
        }
        rows
    }

    /// How far in memory what is read for the pixel below lies behind what is read for a pixel, where that is everywhere
    /// alike.
    #[inline(always)]
    pub fn below(&self, to_layer: &ToLayer) -> isize {
        match to_layer {
            ToLayer::Affine(map, _) => {
                (map.yy.round() as isize) * self.window.width() as isize + map.xy.round() as isize
            }
            ToLayer::Projective(_) => self.window.width() as isize,
        }
    }

    /// Where the neighbours of a block are. `weighty`: those of points on a pixel's centre, of which some have no weight,
    /// are not taken for inside.
    #[inline(always)]
    pub fn place<const N: usize>(&self, points: &Points, weighty: bool) -> Place {
        let (columns, rows) = (self.window.width() as u32, self.window.height() as u32);
        let (mut near_any, mut beyond, mut weightless) = (0, 0, 0);
        for lane in 0..LANES {
            let (column, row) = self.first::<N>(points, lane);
            // The last neighbours wrap back into the image where the first ones are left or above of it.
            let (last_column, last_row) = (column.wrapping_add(N as u32 - 1), row.wrapping_add(N as u32 - 1));
            let inside = (column < columns) & (row < rows) & (last_column < columns) & (last_row < rows);
            let near = (last_column < columns + (N as u32 - 1)) & (last_row < rows + (N as u32 - 1));
            beyond |= u32::from(!inside);
            near_any |= u32::from(near);
            weightless |= u32::from(weighty & ((points.fx[lane] == 0.0) | (points.fy[lane] == 0.0)));
        }
        // In an image of more pixels than a `u32` counts, none is read in place.
        let countless = u32::from(self.pixels.len() > u32::MAX as usize);
        match (near_any, beyond | weightless | countless) {
            (0, _) => Place::Outside,
            (_, 0) => Place::Inside,
            _ => Place::Edge,
        }
    }

    /// The place in the rows of neighbours of each first one. They fit, see [`Self::place`].
    #[inline(always)]
    pub fn firsts<const N: usize>(&self, points: &Points, firsts: &mut [u32; LANES]) {
        let width = self.window.width() as u32;
        for (lane, place) in firsts.iter_mut().enumerate() {
            let (column, row) = self.first::<N>(points, lane);
            *place = row.wrapping_mul(width).wrapping_add(column);
        }
    }

    /// Column and row of the first neighbour, from the window's corner. What is left or above of it wraps to a number
    /// beyond its size.
    #[inline(always)]
    pub fn first<const N: usize>(&self, points: &Points, lane: usize) -> (u32, u32) {
        let from = |at: i32, corner: i32| at.wrapping_sub(corner).wrapping_sub(N as i32 / 2 - 1) as u32;
        (from(points.column[lane], self.window.x0), from(points.row[lane], self.window.y0))
    }
}

/// In as few cache lines as can be.
#[repr(align(64))]
struct Aligned<T>(T);

/// Samples one pixel from neighbours of which some may be outside, or have no weight.
#[inline(always)]
fn gathered<const N: usize, K: Kernel<N>>(source: &Source<'_>, points: &Points, taps: &Taps<N>, lane: usize) -> Pixel {
    let (width, height) = (source.window.width(), source.window.height());
    let (column, row) = source.first::<N>(points, lane);
    let (fx, fy) = (points.fx[lane], points.fy[lane]);
    if K::INTERPOLATES && fx == 0.0 && fy == 0.0 {
        let (column, row) = (column.wrapping_add(N as u32 / 2 - 1), row.wrapping_add(N as u32 / 2 - 1));
        let (column, row) = (column as usize, row as usize);
        return if column < width && row < height { source.pixels[row * width + column] } else { [0.0; 4] };
    }
    taps.gathered(source, (column, row), lane, fx == 0.0, fy == 0.0)
}

/// The weighted sum of rows of neighbours.
#[inline(always)]
fn sum_rows<const N: usize>(rows: &[&[Pixel; N]; N], weights: &[f32; N], sums: &mut [Pixel; N]) {
    // Written out: the compiler would make vectors across the pairs of a loop, and gather them.
    sum_pair(rows, weights, 0, sums);
    if N > 2 {
        sum_pair(rows, weights, 2, sums);
    }
    if N > 4 {
        sum_pair(rows, weights, 4, sums);
    }
    if N > 6 {
        sum_pair(rows, weights, 6, sums);
    }
}

/// The same for two neighbours from `first` on.
#[inline(always)]
fn sum_pair<const N: usize>(rows: &[&[Pixel; N]; N], weights: &[f32; N], first: usize, sums: &mut [Pixel; N]) {
    let mut sum = [0.0; 8];
    for (sum, value) in sum.iter_mut().zip(two(rows[0], first)) {
        *sum = value * weights[0];
    }
    for k in 1..N {
        for (sum, value) in sum.iter_mut().zip(two(rows[k], first)) {
            *sum += value * weights[k];
        }
    }
    sums[first..][..2].as_flattened_mut().copy_from_slice(&sum);
}

/// Two neighbours from `first` on.
#[inline(always)]
fn two<const N: usize>(row: &[Pixel; N], first: usize) -> &[f32; 8] {
    row[first..][..2].as_flattened().first_chunk().expect("two pixels")
}

/// The weighted sum of neighbours in a row.
#[inline(always)]
fn sum_columns<const N: usize>(pixels: &[Pixel; N], weights: &[f32; N], out: &mut Pixel) {
    let mut sums = [0.0; 4];
    for channel in 0..4 {
        sums[channel] = pixels[0][channel] * weights[0];
    }
    for k in 1..N {
        for channel in 0..4 {
            sums[channel] += pixels[k][channel] * weights[k];
        }
    }
    *out = sums;
}
