//! Sampling the nearest pixel.

use super::points::{LANES, Points, ToLayer, blocks};
use crate::image::{Image, Pixel, Rect};

/// Samples every pixel of `at`, one row high.
#[inline(always)]
pub fn row(to_layer: &ToLayer, image: &Image, at: Rect, out: &mut [Pixel]) {
    let window = image.window();
    let (pixels, width, height) = (image.pixels(), window.width(), window.height());
    let mut points = Points::new();
    blocks(
        at,
        out,
        #[inline(always)]
        |x, first, out| {
            to_layer.points(x, at.y0, 0.0, &mut points);
            for (lane, out) in (first..LANES).zip(out) {
                // What is left or above of the window wraps to a number beyond its size.
                let column = points.column[lane].wrapping_sub(window.x0) as u32 as usize;
                let row = points.row[lane].wrapping_sub(window.y0) as u32 as usize;
                let inside = column < width && row < height;
                *out = if inside { pixels[row * width + column] } else { [0.0; 4] };
            }
        },
    );
}
