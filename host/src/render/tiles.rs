//! Painting a comp: its layers, from the bottom up, tile by tile.
//!
//! While a tile is in a core's own cache, all layers are blended into it, so that the output goes through memory once
//! however many layers there are. Threads take bands of rows; within a band, tiles follow each other from the left. Each
//! pixel goes through the same operations in the same order in any tiling, so the bits depend on neither tiles nor
//! threads.

use playa_plugin_api::simd;
use rayon::prelude::*;

use super::blend::{BlendMode, blend_row};
use super::sample::Placed;
use crate::image::{Image, Pixel, Rect};

/// A layer ready to be painted.
#[derive(Debug)]
pub struct Paint {
    /// Its pixels, where [`Placed::source_window`] says for the window that is painted.
    pub image: Image,
    /// Its place in the comp.
    pub placed: Placed,
    /// How it is blended.
    pub mode: BlendMode,
    /// How much of it is seen, 0..1.
    pub opacity: f32,
}

/// Size of a tile in pixels. Its bytes, and as many of a layer, fit into the second-level cache of a core.
#[derive(Clone, Copy, Debug)]
pub struct TileSize {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Default for TileSize {
    /// 128 KiB: long rows for the prefetcher, and several rows for layers that are sampled.
    fn default() -> Self {
        Self { width: 1024, height: 8 }
    }
}

/// Paints the layers, the first one lowest, over transparent black. `output` is not shared with anyone, and what it held
/// is lost.
pub fn paint(output: &mut Image, layers: &[Paint], tile: TileSize) {
    let window = output.window();
    if window.is_empty() {
        return;
    }
    let rows = output.values_mut().expect("the output of a render is not shared").as_chunks_mut::<4>().0;
    let band_pixels = window.width() * tile.height;
    rows.par_chunks_mut(band_pixels).enumerate().for_each(|(band, pixels)| {
        // Both fit an `i32`, as the window does.
        let y0 = window.y0 + (band * tile.height) as i32;
        simd::dispatch(
            #[inline(always)]
            || paint_band(pixels, Rect { y0, ..window }, layers, tile.width),
        );
    });
}

/// Paints rows from the top of `window` on, `columns` columns at a time.
#[inline(always)]
fn paint_band(pixels: &mut [Pixel], window: Rect, layers: &[Paint], columns: usize) {
    let mut sampled = vec![[0.0; 4]; columns.min(window.width())];
    let mut x0 = window.x0;
    while x0 < window.x1 {
        let x1 = x0.saturating_add(columns as i32).min(window.x1);
        let tile = (x0 - window.x0) as usize..(x1 - window.x0) as usize;
        // All layers of a row, then the next row: what is painted stays in the nearest cache meanwhile.
        for (row, y) in pixels.chunks_exact_mut(window.width()).zip(window.y0..) {
            let row = &mut row[tile.clone()];
            row.fill([0.0; 4]);
            for layer in layers {
                layer.paint_row(row, Rect::new(x0, y, x1, y + 1), &mut sampled);
            }
        }
        x0 = x1;
    }
}

impl Paint {
    /// Paints one row, `at` in the comp. `sampled` is room for at least as many pixels.
    #[inline(always)]
    fn paint_row(&self, output: &mut [Pixel], at: Rect, sampled: &mut [Pixel]) {
        let seen = self.placed.domain.intersect(&at);
        let columns = if seen.is_empty() { 0..0 } else { (seen.x0 - at.x0) as usize..(seen.x1 - at.x0) as usize };
        if !self.mode.keeps_backdrop_where_clear() {
            output[..columns.start].fill([0.0; 4]);
            output[columns.end..].fill([0.0; 4]);
        }
        if columns.is_empty() {
            return;
        }
        let output = &mut output[columns];
        let source = match self.placed.row(&self.image, seen) {
            Some(pixels) => pixels,
            None => {
                let sampled = &mut sampled[..output.len()];
                self.placed.sample_row(&self.image, seen, sampled);
                sampled
            }
        };
        blend_row(self.mode, output, source, self.opacity);
    }
}
