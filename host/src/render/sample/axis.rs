//! The weights along an axis where the filter widens.

use super::kernel::Kernel;
use super::points::Points;

/// Where more pixels than this lie in the width of one, the sum of their weights is taken for its limit, the integral:
/// then the weights of those outside the image need not be known. They differ by less than 1e-6.
const DENSE: f32 = 4096.0;

/// Farther than any pixel of an image from any other.
const FAR: f32 = 1e10;

/// A point along one axis.
pub struct Axis {
    /// The last pixel whose centre is at or before it.
    last: i32,
    /// How far it is beyond that centre.
    f: f32,
    /// How many pixels lie in the width of one of the result.
    density: f32,
}

/// Room for weights, in whole vectors.
pub type Weights = Vec<[f32; 16]>;

impl Axis {
    /// The point of a lane along the layer's x.
    #[inline(always)]
    pub fn across(points: &Points, lane: usize) -> Self {
        Self { last: points.column[lane], f: points.fx[lane], density: points.dense_x[lane] }
    }

    /// The point of a lane along the layer's y.
    #[inline(always)]
    pub fn down(points: &Points, lane: usize) -> Self {
        Self { last: points.row[lane], f: points.fy[lane], density: points.dense_y[lane] }
    }

    /// How many pixels before and after the last one may have weight.
    #[inline(always)]
    fn reach<const N: usize>(&self) -> i64 {
        (self.density * (N / 2) as f32).min(FAR) as i64 + 1
    }

    /// The pixels of `[start, end)` that may have weight. `None` if there are none.
    #[inline(always)]
    pub fn range<const N: usize>(&self, start: i32, end: i32) -> Option<(i32, i32)> {
        let (last, reach) = (i64::from(self.last), self.reach::<N>());
        let (first, beyond) = ((last - reach).max(i64::from(start)), (last + reach + 1).min(i64::from(end)));
        // Both lie between `start` and `end` where there is something between them.
        (self.last != i32::MIN && first < beyond).then_some((first as i32, beyond as i32))
    }

    /// The weights of the pixels of `[start, end)`, of which the sum over all pixels, wherever they are, is 1.
    #[inline(always)]
    pub fn weights<'w, const N: usize, K: Kernel<N>>(
        &self,
        start: i32,
        end: i32,
        weights: &'w mut Weights,
    ) -> &'w [f32] {
        let reach = self.reach::<N>();
        let (start, end) = (i64::from(start) - i64::from(self.last), i64::from(end) - i64::from(self.last));
        let narrow = 1.0 / self.density;
        let count = (end - start) as usize;
        if self.density > DENSE {
            self.unscaled::<N, K>(start, count, narrow, weights);
            scale(weights, narrow / K::AREA);
            return &weights.as_flattened()[..count];
        }
        self.unscaled::<N, K>(-reach, (2 * reach + 1) as usize, narrow, weights);
        scale(weights, 1.0 / sum(weights));
        &weights.as_flattened()[(start + reach) as usize..][..count]
    }

    /// The kernel's values for so many pixels from `start` on, counted from the last one, and up to a whole vector.
    #[inline(always)]
    fn unscaled<const N: usize, K: Kernel<N>>(&self, start: i64, count: usize, narrow: f32, weights: &mut Weights) {
        weights.resize(count.div_ceil(16), [0.0; 16]);
        // Fits: pixels of an image, or few.
        let mut start = start as i32;
        for weights in weights {
            for (k, weight) in weights.iter_mut().enumerate() {
                *weight = K::at((start.wrapping_add(k as i32) as f32 - self.f) * narrow);
            }
            start = start.wrapping_add(16);
        }
    }
}

#[inline(always)]
fn scale(weights: &mut Weights, by: f32) {
    for weights in weights {
        for weight in weights {
            *weight *= by;
        }
    }
}

/// The sum of all: of every sixteenth, and then of these by halves.
#[inline(always)]
fn sum(weights: &Weights) -> f32 {
    let mut sums = [0.0; 16];
    for weights in weights {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += weight;
        }
    }
    halve::<8>(&mut sums);
    halve::<4>(&mut sums);
    halve::<2>(&mut sums);
    sums[0] + sums[1]
}

/// Adds the second half of the first `2 * HALF` numbers to their first half.
#[inline(always)]
fn halve<const HALF: usize>(sums: &mut [f32; 16]) {
    let (first, second) = sums.split_at_mut(HALF);
    for k in 0..HALF {
        first[k] += second[k];
    }
}
