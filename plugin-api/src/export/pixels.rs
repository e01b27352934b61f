//! How a function of one pixel becomes a picture: in loops that the compiler makes into loops over vectors of pixels.
//!
//! The author's function is inlined into a loop over a row, and the loop is compiled for each level of
//! [`simd`](crate::simd). There the compiler takes 4, 8 or 16 pixels at a time apart into one vector each of red, green,
//! blue and alpha, and the scalar code works on those. Everything around the function is therefore free of branches.

use crate::descriptor::Alpha;
use crate::effect::PixelEffect;
use crate::image::{ImageView, ImageViewMut, Pixel};
use crate::simd;

/// Makes every pixel of `output` from the pixel of `source` at the same place, with what the effect prepared. The two
/// images may be the same memory.
pub(super) fn fill<E: PixelEffect, F>(prepared: &F, source: &ImageView<'_>, mut output: ImageViewMut<'_>)
where
    F: Fn(Pixel) -> Pixel,
{
    let window = output.window();
    let in_place = source.is_memory_of(&output);
    for y in window.y0..window.y1 {
        let row = output.row_mut(y);
        if in_place {
            simd::dispatch_with(
                prepared,
                row,
                #[inline(always)]
                |prepared, row| change_row::<E, F>(prepared, row),
            );
        } else {
            simd::dispatch_with(
                source.span(y, window.x0, window.x1),
                row,
                #[inline(always)]
                |source, row| fill_row::<E, F>(prepared, source, row),
            );
        }
    }
}

#[inline(always)]
fn fill_row<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, source: &[Pixel], row: &mut [Pixel]) {
    for (out, pixel) in row.iter_mut().zip(source) {
        *out = changed::<E, F>(prepared, *pixel);
    }
}

/// Goes by way of a copy of a few pixels: in place, what leaves alpha alone would store three values of every four, which
/// vectors cannot do at once.
#[inline(always)]
fn change_row<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, row: &mut [Pixel]) {
    /// Half a KiB: for more, copying takes longer to begin.
    const BLOCK: usize = 32;
    let mut before = [[0.0; 4]; BLOCK];
    for pixels in row.chunks_mut(BLOCK) {
        let before = &mut before[..pixels.len()];
        before.copy_from_slice(pixels);
        fill_row::<E, F>(prepared, before, pixels);
    }
}

/// One pixel, given to the prepared function in the form that the effect wants. Where alpha is 0 there is no straight
/// colour, and the pixel passes untouched.
#[inline(always)]
fn changed<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, pixel: Pixel) -> Pixel {
    match E::ALPHA {
        Alpha::Premultiplied => prepared(pixel),
        Alpha::Straight => {
            let [r, g, b, a] = pixel;
            // One division in place of three; exact where alpha is 1.
            let factor = 1.0 / if a == 0.0 { 1.0 } else { a };
            let [r2, g2, b2, a2] = prepared([r * factor, g * factor, b * factor, a]);
            let unless_clear = |old: f32, new: f32| if a == 0.0 { old } else { new };
            [unless_clear(r, r2 * a2), unless_clear(g, g2 * a2), unless_clear(b, b2 * a2), unless_clear(a, a2)]
        }
    }
}
