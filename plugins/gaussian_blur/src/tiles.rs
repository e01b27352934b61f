//! Cutting an image into tiles that are filled in parallel.

use std::sync::{Mutex, PoisonError};

use playa_plugin_api::prelude::*;

/// A part of an image to fill.
pub struct Tile<'a> {
    /// Where it is.
    pub window: Rect,
    /// Its rows, from the top.
    pub rows: Vec<&'a mut [Pixel]>,
}

/// Cuts `output` into tiles of `width` x `height` pixels, smaller at the right and at the bottom, and fills them in
/// parallel. Between tiles it looks whether the host wants to stop.
pub fn fill(
    host: &Host<'_>,
    output: ImageViewMut<'_>,
    [width, height]: [usize; 2],
    fill: impl Fn(Tile<'_>) -> EffectResult<()> + Sync,
) -> EffectResult<()> {
    let window = output.window();
    let mut rows = output.into_bands(1);
    let mut tiles = Vec::new();
    for (band, y0) in rows.chunks_mut(height).zip((window.y0..window.y1).step_by(height)) {
        let y1 = y0 + band.len() as i32;
        let mut rest: Vec<_> = band.iter_mut().zip(y0..y1).map(|(row, y)| row.row_mut(y).chunks_mut(width)).collect();
        for x0 in (window.x0..window.x1).step_by(width) {
            let rows: Vec<_> = rest.iter_mut().filter_map(Iterator::next).collect();
            let window = Rect { x0, y0, x1: x0 + rows[0].len() as i32, y1 };
            tiles.push(Mutex::new(Some(Tile { window, rows })));
        }
    }
    host.parallel_for(tiles.len(), |index| {
        host.check_abort()?;
        match tiles[index].lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(tile) => fill(tile),
            None => Err(EffectError::failed(format!("the host ran part {index} of a parallel loop twice"))),
        }
    })
}
