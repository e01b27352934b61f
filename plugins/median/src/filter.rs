//! The filter over rows of a picture, by the way that suits its radius.

use playa_plugin_api::{prelude::*, simd};

use crate::{
    key,
    network::{self, LANES, Lanes},
    sliding::Sorter,
};

/// How many columns are sorted together, beside those that the square reaches further.
const BLOCK: usize = 64;

/// Fills `output` with the medians of squares that reach `radius` pixels from their centres.
pub fn fill(radius: usize, source: &Source<'_>, output: &mut ImageViewMut<'_>) {
    let keys = Keys::new(radius, source.view(), output.window());
    match radius {
        1 => keys.fill_by_network::<6>(output),
        2 => keys.fill_by_network::<14>(output),
        _ => keys.fill_by_sorting(output),
    }
}

/// The keys of a window and of what its squares reach around it, row by row, the channels of a pixel side by side.
struct Keys {
    values: Vec<i32>,
    /// Length of a row.
    stride: usize,
    /// Pixels across a square.
    side: usize,
}

impl Keys {
    fn new(radius: usize, view: ImageView<'_>, window: Rect) -> Self {
        let has = view.window();
        // The place in `first..end` that is nearest to the one `i` after the first that the squares reach.
        let nearest = |i: usize, start: i32, first: i32, end: i32| {
            (i64::from(start) + i as i64 - radius as i64).clamp(first.into(), i64::from(end) - 1) as i32
        };
        let columns: Vec<usize> = (0..window.width() + 2 * radius)
            .map(|i| (i64::from(nearest(i, window.x0, has.x0, has.x1)) - i64::from(has.x0)) as usize)
            .collect();
        // Whole vectors beyond the last column.
        let stride = (4 * window.width()).next_multiple_of(LANES) + 8 * radius;
        let mut values = vec![0; stride * (window.height() + 2 * radius)];
        for (i, keys) in values.chunks_exact_mut(stride).enumerate() {
            let row = view.row(nearest(i, window.y0, has.y0, has.y1));
            for (keys, column) in keys.as_chunks_mut::<4>().0.iter_mut().zip(&columns) {
                *keys = row[*column].map(key::of);
            }
        }
        Self { values, stride, side: 2 * radius + 1 }
    }

    /// With the network for `2 * M - 3` values, which is how many a square has.
    fn fill_by_network<const M: usize>(&self, output: &mut ImageViewMut<'_>) {
        let Self { stride, side, .. } = *self;
        let rows = self.values.chunks_exact(stride).len() + 1 - side;
        let first = output.window().y0;
        simd::dispatch(
            #[inline(always)]
            || {
                for y in 0..rows {
                    let keys = &self.values[y * stride..][..side * stride];
                    let out = output.row_mut(first + y as i32).as_flattened_mut();
                    for (x, out) in out.chunks_mut(LANES).enumerate() {
                        let around = |i: usize| -> Lanes {
                            let start = i / side * stride + x * LANES + i % side * 4;
                            std::array::from_fn(|lane| keys[start + lane])
                        };
                        let medians = network::median::<M>(around);
                        for (out, median) in out.iter_mut().zip(medians) {
                            *out = key::value(median);
                        }
                    }
                }
            },
        );
    }

    /// With squares that slide over sorted blocks.
    fn fill_by_sorting(&self, output: &mut ImageViewMut<'_>) {
        let Self { stride, side, .. } = *self;
        let (width, first) = (output.window().width(), output.window().y0);
        let mut sorter = Sorter::default();
        // Wide squares take wide blocks, so that at most half of what is sorted lies beside them.
        let block = BLOCK.max(side);
        for x0 in (0..width).step_by(block) {
            let columns = block.min(width - x0) + side - 1;
            for channel in 0..4 {
                let keys = self.values.chunks_exact(stride);
                let keys = keys.flat_map(|row| row[4 * x0 + channel..].iter().step_by(4).take(columns).copied());
                sorter.medians(keys, columns, side, |x, y, median| {
                    output.row_mut(first + y as i32)[x0 + x][channel] = median;
                });
            }
        }
    }
}
