//! The loops over the pixels of a tile that are not painting.

use playa_plugin_api::simd;

use crate::image::{Image, Pixel, Rect, View, ViewMut};
use crate::project::MatteChannel;
use crate::render::graph::Masked;
use crate::render::sample::Placed;

/// Fills a tile with a picture that is turned or scaled.
pub(super) fn sample(placed: &Placed, image: &Image, target: &mut ViewMut<'_>) {
    let window = target.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                placed.sample_row(image, Rect { y0: y, y1: y + 1, ..window }, target.row_mut(y));
            }
        },
    );
}

/// Multiplies pixels by the matte at their place. A matte is 0 outside its window, and counts from 0 to 1.
pub(super) fn mask(target: &mut ViewMut<'_>, matte: View<'_>, Masked { channel, invert, .. }: Masked) {
    let (window, seen) = (target.window(), matte.window());
    let value = |[r, g, b, a]: Pixel| match channel {
        MatteChannel::Alpha => a,
        MatteChannel::Luminance => 0.2126 * r + 0.7152 * g + 0.0722 * b,
        MatteChannel::Red => r,
        MatteChannel::Green => g,
        MatteChannel::Blue => b,
    };
    let share = |pixel: Pixel| {
        let value = value(pixel);
        // What is no number compares false, and is nothing.
        let share = if value > 0.0 { if value < 1.0 { value } else { 1.0 } } else { 0.0 };
        if invert { 1.0 - share } else { share }
    };
    for y in window.y0..window.y1 {
        let row = target.row_mut(y);
        let within = !seen.is_empty() && seen.y0 <= y && y < seen.y1;
        let (x0, x1) = if within { (seen.x0 - window.x0, seen.x1 - window.x0) } else { (0, 0) };
        let (x0, x1) = (x0 as usize, x1 as usize);
        if !invert {
            row[..x0].fill([0.0; 4]);
            row[x1..].fill([0.0; 4]);
        }
        if within {
            for (pixel, matte) in row[x0..x1].iter_mut().zip(matte.row(y)) {
                let share = share(*matte);
                // What is not seen has no part, infinity and NaN included.
                *pixel = if share == 0.0 { [0.0; 4] } else { pixel.map(|value| value * share) };
            }
        }
    }
}

/// Adds a picture, times `weight`, over all of its window.
pub(super) fn add(target: &mut ViewMut<'_>, picture: View<'_>, weight: f32) {
    let window = picture.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                let pairs = target.row_mut(y).as_flattened_mut().iter_mut().zip(picture.row(y).as_flattened());
                pairs.for_each(
                    #[inline(always)]
                    |(sum, value)| *sum += value * weight,
                );
            }
        },
    );
}

/// Makes of `result` what is seen of it at `mix`, with the source for the rest: `result * mix + source * (1 - mix)`. The
/// source is transparent black outside its window.
pub(in crate::render) fn mix(result: &mut ViewMut<'_>, source: View<'_>, mix: f32) {
    let (window, part) = (result.window(), source.crop(result.window()));
    let seen = part.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                let row = result.row_mut(y);
                row.as_flattened_mut().iter_mut().for_each(|value| *value *= mix);
                if !seen.is_empty() && seen.y0 <= y && y < seen.y1 {
                    let row = &mut row[(seen.x0 - window.x0) as usize..(seen.x1 - window.x0) as usize];
                    let sources = part.row(y).as_flattened();
                    for (value, source) in row.as_flattened_mut().iter_mut().zip(sources) {
                        *value += source * (1.0 - mix);
                    }
                }
            }
        },
    );
}
