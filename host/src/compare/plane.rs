//! One number for each pixel.

use rayon::prelude::*;

use super::CompareError;
use crate::image::Rect;

/// One number for each pixel of a window, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane<T = f32> {
    window: Rect,
    values: Vec<T>,
}

impl<T: Copy + Default + Send + Sync> Plane<T> {
    /// A plane of zeros.
    pub(super) fn new(window: Rect) -> Result<Self, CompareError> {
        let bytes = window.area().saturating_mul(size_of::<T>() as u64);
        let mut values = Vec::new();
        match usize::try_from(window.area()) {
            Ok(count) if values.try_reserve_exact(count).is_ok() => values.resize(count, T::default()),
            _ => return Err(CompareError::OutOfMemory(window, bytes)),
        }
        Ok(Self { window, values })
    }

    /// Where the pixels are.
    pub fn window(&self) -> Rect {
        self.window
    }

    /// All numbers.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The row of this index, or the first or last one where there is none.
    pub(super) fn row_clamped(&self, index: isize) -> &[T] {
        let width = self.window.width();
        let row = index.clamp(0, self.window.height() as isize - 1) as usize;
        &self.values[row * width..(row + 1) * width]
    }

    /// All rows with their indices, to be filled by several threads.
    pub(super) fn par_rows_mut(&mut self) -> impl IndexedParallelIterator<Item = (usize, &mut [T])> {
        let width = self.window.width().max(1);
        self.values.par_chunks_exact_mut(width).enumerate()
    }
}

impl Plane<f32> {
    /// The mean of all numbers; 0 where there is none. Rows are summed up one by one, whichever thread did it.
    pub fn mean(&self) -> f64 {
        if self.values.is_empty() {
            return 0.0;
        }
        let rows = self.values.par_chunks(self.window.width());
        let sums: Vec<f64> = rows.map(|row| row.iter().copied().map(f64::from).sum()).collect();
        sums.iter().sum::<f64>() / self.values.len() as f64
    }
}
