//! How a function of one pixel becomes a picture: in loops that the compiler makes into loops over vectors of pixels.
//!
//! The author's function is inlined into a loop over a row, and the loop is compiled for each level of
//! [`simd`](crate::simd). There the compiler takes 4, 8 or 16 pixels at a time apart into one vector each of red, green,
//! blue and alpha, and the scalar code works on those. Everything around the function is therefore free of branches.

//!
//! Taking pixels apart and putting them together costs more than a gain or a matrix. So a host that sends a tile through
//! several effects has the first one leave it [in blocks](crate::abi::formats::BLOCKS), where the components are apart
//! already, and the last one put it together.

use crate::abi::{Soon, formats::BLOCK};
use crate::descriptor::Alpha;
use crate::effect::PixelEffect;
use crate::image::{Block, BlockView, BlockViewMut, ImageView, ImageViewMut, Pixel};
use crate::simd;

/// A tile of which the source, the output or both are in blocks. The windows are the same, save that a source of pixels
/// may have more.
#[doc(hidden)]
pub enum Tile<'a> {
    IntoBlocks(ImageView<'a>, BlockViewMut<'a>),
    Blocks(BlockView<'a>, BlockViewMut<'a>),
    OutOfBlocks(BlockView<'a>, ImageViewMut<'a>),
}

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

/// Makes every pixel of a tile from the pixel of its source at the same place. The two may be the same blocks. Who takes
/// the pixels out of blocks asks for what is read next meanwhile.
pub(super) fn pass<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, tile: Tile<'_>, soon: Soon) {
    match tile {
        Tile::IntoBlocks(source, mut output) => {
            let window = output.window();
            for y in window.y0..window.y1 {
                simd::dispatch_with(
                    source.span(y, window.x0, window.x1),
                    output.row_mut(y),
                    #[inline(always)]
                    |source, row| into_blocks::<E, F>(prepared, source, row),
                );
            }
        }
        Tile::Blocks(source, mut output) => {
            let (window, in_place) = (output.window(), source.is_memory_of(&output));
            for y in window.y0..window.y1 {
                if !in_place {
                    output.row_mut(y).copy_from_slice(source.row(y));
                }
                simd::dispatch_with(
                    prepared,
                    output.row_mut(y),
                    #[inline(always)]
                    |prepared, row| change_blocks::<E, F>(prepared, row),
                );
            }
        }
        Tile::OutOfBlocks(source, mut output) => {
            let window = output.window();
            for (index, y) in (window.y0..window.y1).enumerate() {
                let soon = Next::row(soon, index);
                simd::dispatch_with(
                    source.row(y),
                    output.row_mut(y),
                    #[inline(always)]
                    |source, row| out_of_blocks::<E, F>(prepared, source, row, soon),
                );
            }
        }
    }
}

#[inline(always)]
fn into_blocks<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, source: &[Pixel], row: &mut [Block]) {
    let (whole, rest) = source.as_chunks();
    for (block, pixels) in row.iter_mut().zip(whole) {
        apart::<E, F>(prepared, pixels, block);
    }
    if let Some(block) = row.get_mut(whole.len()) {
        let mut pixels = [[0.0; 4]; BLOCK];
        pixels[..rest.len()].copy_from_slice(rest);
        apart::<E, F>(prepared, &pixels, block);
    }
}

#[inline(always)]
fn apart<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, pixels: &[Pixel; BLOCK], block: &mut Block) {
    let [reds, greens, blues, alphas] = block;
    for i in 0..BLOCK {
        [reds[i], greens[i], blues[i], alphas[i]] = changed::<E, F>(prepared, pixels[i]);
    }
}

#[inline(always)]
fn change_blocks<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, row: &mut [Block]) {
    for block in row {
        let [reds, greens, blues, alphas] = *block;
        for i in 0..BLOCK {
            let pixel = changed::<E, F>(prepared, [reds[i], greens[i], blues[i], alphas[i]]);
            [block[0][i], block[1][i], block[2][i], block[3][i]] = pixel;
        }
    }
}

#[inline(always)]
fn out_of_blocks<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, source: &[Block], row: &mut [Pixel], soon: Next) {
    let (whole, rest) = row.as_chunks_mut();
    for (index, (pixels, block)) in whole.iter_mut().zip(source).enumerate() {
        soon.ask_for(index);
        together::<E, F>(prepared, block, pixels);
    }
    if let Some(block) = source.get(whole.len()) {
        let mut pixels = [[0.0; 4]; BLOCK];
        together::<E, F>(prepared, block, &mut pixels);
        rest.copy_from_slice(&pixels[..rest.len()]);
    }
}

/// A row of what is read next.
#[derive(Clone, Copy)]
struct Next {
    data: *const u8,
    bytes: usize,
}

impl Next {
    fn row(soon: Soon, index: usize) -> Self {
        let bytes = if index < soon.rows { soon.row_bytes } else { 0 };
        // No row is further away than memory is large.
        Self { data: soon.data.wrapping_offset(soon.row_stride.wrapping_mul(index as isize)), bytes }
    }

    /// Asks for as much of it as a block of pixels takes, at the place of that block.
    #[inline(always)]
    fn ask_for(self, index: usize) {
        const LINE: usize = 64;
        let first = index * size_of::<Block>();
        if first < self.bytes {
            for at in (first..first + size_of::<Block>()).step_by(LINE) {
                simd::ask_for(self.data.wrapping_add(at));
            }
        }
    }
}

#[inline(always)]
fn together<E: PixelEffect, F: Fn(Pixel) -> Pixel>(prepared: &F, block: &Block, pixels: &mut [Pixel; BLOCK]) {
    let [reds, greens, blues, alphas] = block;
    for i in 0..BLOCK {
        pixels[i] = changed::<E, F>(prepared, [reds[i], greens[i], blues[i], alphas[i]]);
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
