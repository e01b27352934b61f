//! Sampling by a fixed number of neighbours along each axis: whatever is not shrunk.
//!
//! A pixel is the weighted sum over rows of the neighbours in each column, and then over columns. Where all neighbours
//! of a block of pixels are in the image, they are read in place; elsewhere they are gathered first, with transparent
//! black for what is outside. Both go through the same arithmetic, so they agree to the bit.

use std::hint::black_box;

use super::kernel::Kernel;
use super::points::{LANES, Points, ToLayer, blocks};
use super::shrink::Shrink;
use crate::image::{Image, Pixel, Rect};

/// Samples every pixel of `at`, one row high.
#[inline(always)]
pub fn row<const N: usize, K: Kernel<N>>(to_layer: &ToLayer, image: &Image, at: Rect, out: &mut [Pixel]) {
    let source = Source { pixels: image.pixels(), window: image.window() };
    let rows = source.rows::<N>();
    let mut shrink = Shrink::default();
    let mut points = Points::new();
    blocks(
        at,
        out,
        #[inline(always)]
        |x, first, out| {
            to_layer.points(x, at.y0, 0.5, &mut points);
            let lanes = (first..LANES).zip(out.iter_mut());
            match source.place::<N>(&points) {
                _ if points.shrinks => {
                    for (lane, out) in lanes {
                        *out = shrink.pixel::<N, K>(&source, &points, lane);
                    }
                }
                Place::Inside => {
                    let (across, down) = (K::weights(&points.fx), K::weights(&points.fy));
                    let firsts = source.firsts::<N>(&points);
                    for (lane, out) in lanes {
                        let neighbours = rows.map(|row| row[firsts.0[lane] as usize..].first_chunk());
                        let neighbours = neighbours.map(|row| row.expect("it holds them"));
                        *out = sum(neighbours, &across, &down, lane);
                    }
                }
                Place::Edge => {
                    let (across, down) = (K::weights(&points.fx), K::weights(&points.fy));
                    for (lane, out) in lanes {
                        *out = gathered::<N, K>(&source, &points, &across, &down, lane);
                    }
                }
                Place::Outside => out.fill([0.0; 4]),
            }
        },
    );
}

/// Where the neighbours of a block of points are.
enum Place {
    /// All in the image, and each has a part.
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
        std::array::from_fn(|k| &self.pixels[(k * width).min(count - length)..][..length])
    }

    #[inline(always)]
    fn place<const N: usize>(&self, points: &Points) -> Place {
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
            weightless |= u32::from((points.fx[lane] == 0.0) | (points.fy[lane] == 0.0));
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
    fn firsts<const N: usize>(&self, points: &Points) -> Aligned<[u32; LANES]> {
        let width = self.window.width() as u32;
        let mut firsts = Aligned([0; LANES]);
        for lane in 0..LANES {
            let (column, row) = self.first::<N>(points, lane);
            firsts.0[lane] = row.wrapping_mul(width).wrapping_add(column);
        }
        firsts
    }

    /// Column and row of the first neighbour, from the window's corner. What is left or above of it wraps to a number
    /// beyond its size.
    #[inline(always)]
    fn first<const N: usize>(&self, points: &Points, lane: usize) -> (u32, u32) {
        let from = |at: i32, corner: i32| at.wrapping_sub(corner).wrapping_sub(N as i32 / 2 - 1) as u32;
        (from(points.column[lane], self.window.x0), from(points.row[lane], self.window.y0))
    }
}

/// In as few cache lines as can be.
#[repr(align(64))]
struct Aligned<T>(T);

/// Samples one pixel from neighbours of which some may be outside, or have no weight.
#[inline(always)]
fn gathered<const N: usize, K: Kernel<N>>(
    source: &Source<'_>,
    points: &Points,
    across: &[[f32; LANES]; N],
    down: &[[f32; LANES]; N],
    lane: usize,
) -> Pixel {
    let (width, height) = (source.window.width(), source.window.height());
    let (column, row) = source.first::<N>(points, lane);
    let (fx, fy) = (points.fx[lane], points.fy[lane]);
    if K::INTERPOLATES && fx == 0.0 && fy == 0.0 {
        let (column, row) = (column.wrapping_add(N as u32 / 2 - 1), row.wrapping_add(N as u32 / 2 - 1));
        let (column, row) = (column as usize, row as usize);
        return if column < width && row < height { source.pixels[row * width + column] } else { [0.0; 4] };
    }
    let mut patch = [[[0.0; 4]; N]; N];
    for (k, patch) in patch.iter_mut().enumerate() {
        let row = row.wrapping_add(k as u32) as usize;
        if row >= height || fy == 0.0 && down[k][lane] == 0.0 {
            continue;
        }
        let pixels = &source.pixels[row * width..][..width];
        for (k, pixel) in patch.iter_mut().enumerate() {
            let column = column.wrapping_add(k as u32) as usize;
            if column < width && !(fx == 0.0 && across[k][lane] == 0.0) {
                *pixel = pixels[column];
            }
        }
    }
    sum(patch.each_ref(), across, down, lane)
}

/// The weighted sum of neighbours.
#[inline(always)]
fn sum<const N: usize>(
    rows: [&[Pixel; N]; N],
    across: &[[f32; LANES]; N],
    down: &[[f32; LANES]; N],
    lane: usize,
) -> Pixel {
    let sums = Aligned(sum_rows(rows, std::array::from_fn(|k| down[k][lane])));
    // Through memory: else the compiler sees only the four sums at the end, and makes vectors of no more than four.
    let sums = if N > 2 { black_box(&sums) } else { &sums };
    sum_columns(&sums.0, std::array::from_fn(|k| across[k][lane]))
}

/// The weighted sum of rows of neighbours.
#[inline(always)]
fn sum_rows<const N: usize>(rows: [&[Pixel; N]; N], weights: [f32; N]) -> [Pixel; N] {
    let mut sums = [[0.0; 4]; N];
    // Written out: the compiler would make vectors across the pairs of a loop, and gather them.
    sum_pair(&mut sums, rows, weights, 0);
    if N > 2 {
        sum_pair(&mut sums, rows, weights, 2);
    }
    if N > 4 {
        sum_pair(&mut sums, rows, weights, 4);
    }
    sums
}

/// The same for two neighbours from `first` on.
#[inline(always)]
fn sum_pair<const N: usize>(sums: &mut [Pixel; N], rows: [&[Pixel; N]; N], weights: [f32; N], first: usize) {
    let values = rows.map(|row| two(row, first));
    let sum: [f32; 8] = std::array::from_fn(|i| {
        let mut sum = values[0][i] * weights[0];
        for k in 1..N {
            sum += values[k][i] * weights[k];
        }
        sum
    });
    sums[first..][..2].as_flattened_mut().copy_from_slice(&sum);
}

/// Two neighbours from `first` on.
#[inline(always)]
fn two<const N: usize>(row: &[Pixel; N], first: usize) -> [f32; 8] {
    *row[first..][..2].as_flattened().first_chunk().expect("two pixels")
}

/// The weighted sum of neighbours in a row.
#[inline(always)]
fn sum_columns<const N: usize>(pixels: &[Pixel; N], weights: [f32; N]) -> Pixel {
    let mut sums = pixels[0].map(|value| value * weights[0]);
    for k in 1..N {
        for channel in 0..4 {
            sums[channel] += pixels[k][channel] * weights[k];
        }
    }
    sums
}
