//! Weighted sums over the neighbourhood of a pixel, as columns, then rows.
//!
//! A row of the result takes the rows around it, column by column, into a buffer, and then the columns around each pixel
//! in the buffer. So nothing but the buffer lies between source and result, and rows may be made in any order.
//! Beyond its edges a picture goes on as its outermost pixels.

use std::ops::{Add, Mul};

use super::Plane;

/// A float that sums are made of.
pub(super) trait Real: Copy + Default + Send + Sync + Add<Output = Self> + Mul<Output = Self> {}

impl Real for f32 {}
impl Real for f64 {}

/// Weights of a centre and of the neighbours on both sides: as many before it as after it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taps<T> {
    weights: Vec<T>,
}

impl<T> Taps<T> {
    /// Weights from the first neighbour to the last one: an odd number of them.
    pub(super) fn new(weights: Vec<T>) -> Self {
        debug_assert!(weights.len() % 2 == 1, "a centre and as many neighbours on both sides");
        Self { weights }
    }

    /// Neighbours on each side.
    pub(super) fn radius(&self) -> usize {
        self.weights.len() / 2
    }
}

/// A row with room for neighbours on both sides.
#[derive(Debug, Default)]
pub(super) struct Padded<T> {
    values: Vec<T>,
    pad: usize,
}

impl<T: Real> Padded<T> {
    /// Makes room for `width` values and `pad` neighbours on each side.
    fn reset(&mut self, width: usize, pad: usize) -> &mut [T] {
        self.values.clear();
        self.values.resize(width + 2 * pad, T::default());
        self.pad = pad;
        &mut self.values[pad..pad + width]
    }

    /// The sum of a plane's rows around `y` goes into the row, and its outermost values into the room beside it.
    #[inline(always)]
    pub(super) fn columns(&mut self, plane: &Plane<T>, y: usize, taps: &Taps<T>, pad: usize) {
        let row = self.reset(plane.window().width(), pad);
        let first = y as isize - taps.radius() as isize;
        for (index, weight) in taps.weights.iter().enumerate() {
            accumulate(row, plane.row_clamped(first + index as isize), *weight);
        }
        let (Some(&left), Some(&right)) = (row.first(), row.last()) else { return };
        let end = self.values.len() - pad;
        self.values[..pad].fill(left);
        self.values[end..].fill(right);
    }

    /// The sum of `of` the rows of two planes around `y` goes into the row, without room beside it.
    #[inline(always)]
    pub(super) fn columns_of(&mut self, [a, b]: [&Plane<T>; 2], y: usize, taps: &Taps<T>, of: impl Fn(T, T) -> T) {
        let row = self.reset(a.window().width(), 0);
        let first = y as isize - taps.radius() as isize;
        for (index, weight) in taps.weights.iter().enumerate() {
            let at = first + index as isize;
            for ((sum, a), b) in row.iter_mut().zip(a.row_clamped(at)).zip(b.row_clamped(at)) {
                *sum = *sum + *weight * of(*a, *b);
            }
        }
    }

    /// The sum of the values around each one, from the one at `first` on, is added to `sums`. There must be as many
    /// neighbours.
    #[inline(always)]
    pub(super) fn rows(&self, first: usize, taps: &Taps<T>, sums: &mut [T]) {
        let first = self.pad + first - taps.radius();
        for (index, weight) in taps.weights.iter().enumerate() {
            accumulate(sums, &self.values[first + index..first + index + sums.len()], *weight);
        }
    }
}

#[inline(always)]
fn accumulate<T: Real>(sums: &mut [T], values: &[T], weight: T) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = *sum + weight * *value;
    }
}
