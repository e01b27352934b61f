//! A tile with the components of its pixels apart, as effects with the trait `blocks` hand it on.

use playa_plugin_api::Rect;
use playa_plugin_api::abi::WireImage;
use playa_plugin_api::abi::formats::{BLOCK, BLOCKS};

/// Values in a block.
const VALUES: usize = 4 * BLOCK;

/// Values in a line of the cache: with each block at the beginning of one, no vector lies across two.
const LINE: usize = 16;

/// Blocks over a window, in rows of whole ones.
#[derive(Debug)]
pub struct Blocks<'a> {
    values: &'a mut [f32],
    window: Rect,
}

impl<'a> Blocks<'a> {
    /// How many values it takes to hold the pixels of `window`.
    pub fn length(window: Rect) -> Option<usize> {
        (Self::row(window) * VALUES).checked_mul(window.height())?.checked_add(LINE)
    }

    /// Lays blocks over `window` in memory of that [length](Self::length).
    ///
    /// # Panics
    /// If it is shorter.
    pub fn new(window: Rect, values: &'a mut [f32]) -> Self {
        let length = Self::row(window) * VALUES * window.height();
        let first = values.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        Self { values: &mut values[first..first + length], window }
    }

    /// Blocks in a row.
    fn row(window: Rect) -> usize {
        window.width().div_ceil(BLOCK)
    }

    /// How an effect gets them.
    pub(crate) fn wire(&mut self) -> WireImage {
        let block = VALUES * size_of::<f32>();
        WireImage {
            data: self.values.as_mut_ptr().cast(),
            row_stride: (Self::row(self.window) * block) as isize,
            pixel_stride: block as isize,
            window: self.window,
            format: BLOCKS,
        }
    }
}
