//! Sampling what a map shrinks a little, everywhere alike: the filter widens as in [`shrink`](super::shrink), but over no
//! more than a fixed number of neighbours, as in [`taps`](super::taps).
//!
//! Many of the neighbours have no weight. They are summed all the same, and only where the sum is not finite, because of
//! them or not, is it made again without them.

use super::kernel::Kernel;
use super::points::{LANES, Points, ToLayer, blocks};
use super::taps::{Place, Source, Taps};
use crate::image::{Image, Pixel, Rect};

/// How many neighbours on either side of a point have a part in it. `None` if the map does not shrink, or not everywhere
/// alike.
#[inline(always)]
pub fn reach<const N: usize>(to_layer: &ToLayer) -> Option<f32> {
    let ToLayer::Affine(_, [dense_x, dense_y]) = to_layer else { return None };
    let densest = dense_x.max(*dense_y);
    (densest > 1.0).then_some(densest as f32 * (N / 2) as f32)
}

/// Samples every pixel of `at`, one row high, by `T` neighbours along each axis.
#[inline(always)]
pub fn row<const T: usize, const N: usize, K: Kernel<N>>(
    to_layer: &ToLayer,
    image: &Image,
    at: Rect,
    out: &mut [Pixel],
) {
    let source = Source { pixels: image.pixels(), window: image.window() };
    let mut points = Points::new();
    let mut taps = Taps::<T>::new();
    blocks(
        at,
        out,
        #[inline(always)]
        |x, first, out| {
            to_layer.points(x, at.y0, 0.5, &mut points);
            let place = source.place::<T>(&points, false);
            if let Place::Outside = place {
                out.fill([0.0; 4]);
                return;
            }
            weights::<T, N, K>(&points.fx, points.dense_x[0], &mut taps.across);
            weights::<T, N, K>(&points.fy, points.dense_y[0], &mut taps.down);
            if let Place::Inside = place {
                source.firsts::<T>(&points, &mut taps.firsts);
                taps.in_place(&source, source.below(to_layer), first, out);
                if are_finite(out) {
                    positive_zeros(out);
                    return;
                }
            }
            for (lane, out) in (first..LANES).zip(&mut *out) {
                let first = source.first::<T>(&points, lane);
                *out = taps.gathered(&source, first, lane, true, true);
            }
            positive_zeros(out);
        },
    );
}

/// The weights at points `f` beyond a pixel where so many pixels lie in the width of one of the result. Their sum is 1.
#[inline(always)]
fn weights<const T: usize, const N: usize, K: Kernel<N>>(
    f: &[f32; LANES],
    density: f32,
    weights: &mut [[f32; LANES]; T],
) {
    let narrow = 1.0 / density;
    let mut sums = [0.0; LANES];
    for (k, weights) in weights.iter_mut().enumerate() {
        let centre = k as f32 - (T / 2 - 1) as f32;
        for lane in 0..LANES {
            weights[lane] = K::at((centre - f[lane]) * narrow);
            sums[lane] += weights[lane];
        }
    }
    for sum in &mut sums {
        *sum = 1.0 / *sum;
    }
    for weights in weights {
        for lane in 0..LANES {
            weights[lane] *= sums[lane];
        }
    }
}

/// Whether no value is infinite or NaN.
#[inline(always)]
fn are_finite(pixels: &[Pixel]) -> bool {
    let mut wild = [0; 4];
    for pixel in pixels {
        for channel in 0..4 {
            wild[channel] |= u32::from(!pixel[channel].is_finite());
        }
    }
    wild == [0; 4]
}

/// Makes each -0 a 0: which of them a sum is depends on neighbours without weight.
#[inline(always)]
fn positive_zeros(pixels: &mut [Pixel]) {
    for value in pixels.as_flattened_mut() {
        *value += 0.0;
    }
}
