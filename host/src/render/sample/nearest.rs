//! Sampling the nearest pixel.

use super::points::{LANES, ToLayer};
use crate::image::{Image, Pixel, Rect};

/// Samples every pixel of `at`, one row high.
#[inline(always)]
pub fn row(to_layer: &ToLayer, image: &Image, at: Rect, out: &mut [Pixel]) {
    let window = image.window();
    let (pixels, width, height) = (image.pixels(), window.width(), window.height());
    for (out, x) in out.chunks_mut(LANES).zip((at.x0..).step_by(LANES)) {
        let points = to_layer.points(x, at.y0, 0.0);
        for (lane, out) in out.iter_mut().enumerate() {
            // What is left or above of the window wraps to a number beyond its size.
            let column = points.column[lane].wrapping_sub(window.x0) as u32 as usize;
            let row = points.row[lane].wrapping_sub(window.y0) as u32 as usize;
            let inside = column < width && row < height;
            *out = if inside { pixels[row * width + column] } else { [0.0; 4] };
        }
    }
}
