//! Frames laid into a row, one after the other.

use std::ops::Range;

use playa_plugin_api::{ImageView, Pixel, Rect};

/// The pixels that `view` has in row `y` of `window`, and their place in that row.
#[inline(always)]
pub fn seen<'a>(view: &ImageView<'a>, y: i32, window: Rect) -> (Range<usize>, &'a [Pixel]) {
    let both = view.window().intersect(&Rect { y0: y, y1: y.saturating_add(1), ..window });
    if both.is_empty() {
        return (0..0, &[]);
    }
    let start = (i64::from(both.x0) - i64::from(window.x0)) as usize;
    (start..start + both.width(), view.span(y, both.x0, both.x1))
}

/// Adds `pixels` times `weight` to `out`.
#[inline(always)]
pub fn add(pixels: &[Pixel], weight: f32, out: &mut [Pixel]) {
    for (out, value) in out.as_flattened_mut().iter_mut().zip(pixels.as_flattened()) {
        *out += weight * value;
    }
}

/// Keeps of `row` and `pixels` times `weight`, which lie at `place` and are 0 beside it, the larger value of each channel.
#[inline(always)]
pub fn keep_largest(pixels: &[Pixel], weight: f32, place: Range<usize>, row: &mut [Pixel]) {
    let (before, rest) = row.split_at_mut(place.start);
    let (inside, after) = rest.split_at_mut(place.len());
    for beside in [before, after] {
        beside.as_flattened_mut().iter_mut().for_each(|out| *out = larger(*out, 0.0));
    }
    for (out, value) in inside.as_flattened_mut().iter_mut().zip(pixels.as_flattened()) {
        *out = larger(*out, weight * value);
    }
}

/// The larger number, the first of two that are the same; a number if one of the two is.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a || a.is_nan() { b } else { a }
}

/// Takes alpha above 1 down to it.
#[inline(always)]
pub fn limit_alpha(row: &mut [Pixel]) {
    for pixel in row {
        pixel[3] = if pixel[3] > 1.0 { 1.0 } else { pixel[3] };
    }
}
