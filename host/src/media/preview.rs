//! A small picture of a frame, to look at.

use playa_plugin_api::math;
use rayon::prelude::*;

use super::still;
use crate::colour::{self, Adaptation, Gamut};
use crate::image::{Frame, Pixel};

/// A PNG of the display window with at most `max_side` columns and rows, as 8 bit sRGB with straight alpha. `None` where
/// the window is empty, or there is no memory for it.
///
/// Colour is clamped to 0..1, NaN is 0. A larger window is shrunk: each pixel is the mean of `n` x `n`, the smallest `n`
/// that will do; what lies outside of the data window is transparent.
pub fn preview(frame: &Frame, max_side: usize) -> Option<Vec<u8>> {
    let frame = &colour::in_gamut(frame, Gamut::REC709, Adaptation::Known).ok()?;
    let display = frame.display_window;
    if display.is_empty() || max_side == 0 {
        return None;
    }
    let by = display.width().max(display.height()).div_ceil(max_side);
    let (width, height) = (display.width().div_ceil(by), display.height().div_ceil(by));
    let mut codes = Vec::new();
    codes.try_reserve_exact(width * height * 4).ok()?;
    codes.resize(width * height * 4, 0);
    codes.par_chunks_exact_mut(width * 4).enumerate().for_each(|(row, codes)| {
        let top = i64::from(display.y0) + (row * by) as i64;
        let bottom = i64::from(display.y1).min(top + by as i64);
        for (column, code) in codes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let left = i64::from(display.x0) + (column * by) as i64;
            let right = i64::from(display.x1).min(left + by as i64);
            *code = shown(mean(frame, [left, top, right, bottom]));
        }
    });
    still::png(&codes, [width as u32, height as u32]).ok()
}

/// The mean of what is seen of some pixels.
fn mean(frame: &Frame, [left, top, right, bottom]: [i64; 4]) -> Pixel {
    let data = frame.data_window();
    let (first, last) = (left.max(data.x0.into()), right.min(data.x1.into()));
    let mut sum = [0.0_f64; 4];
    if first < last {
        let offset = |x: i64| (x - i64::from(data.x0)) as usize * 4;
        for y in top.max(data.y0.into())..bottom.min(data.y1.into()) {
            for [r, g, b, a] in frame.image.row(y as i32)[offset(first)..offset(last)].as_chunks::<4>().0 {
                let alpha = if a.is_nan() { 0.0 } else { a.clamp(0.0, 1.0) };
                // `max` takes the other one of NaN.
                for (sum, value) in sum.iter_mut().zip([*r, *g, *b, alpha]) {
                    *sum += f64::from(value.max(0.0).min(alpha));
                }
            }
        }
    }
    let count = ((right - left) * (bottom - top)) as f64;
    sum.map(|sum| (sum / count) as f32)
}

/// The bytes of a premultiplied pixel between 0 and 1.
fn shown(pixel: Pixel) -> [u8; 4] {
    let [.., alpha] = pixel;
    let by = if alpha > 0.0 { alpha } else { 1.0 };
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    let [r, g, b] = [0, 1, 2].map(|at| byte(math::linear_to_srgb(pixel[at] / by)));
    [r, g, b, byte(alpha)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Image, Rect};

    fn codes(png: &[u8]) -> image::RgbaImage {
        image::load_from_memory(png).expect("a PNG").into_rgba8()
    }

    fn frame(window: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Frame {
        let places = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
        let values = places.flat_map(|(x, y)| pixel(x, y)).collect();
        Frame::new(Image::from_vec(window, values).expect("the size fits"))
    }

    #[test]
    fn what_is_no_colour_is_shown_as_the_nearest_that_is() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let pixels = [[nan, 2.0, -1.0, 1.0], [inf, -inf, 0.5, 1.0], [0.5, 0.5, 0.5, nan], [0.25, 0.0, 0.0, 0.5]];
        let frame = frame(Rect::new(0, 0, 4, 1), |x, _| pixels[x as usize]);
        let shown = codes(&preview(&frame, 1024).expect("a picture"));
        assert_eq!(*shown, [0, 255, 0, 255, 255, 0, 188, 255, 0, 0, 0, 0, 188, 0, 0, 128]);
    }

    #[test]
    fn a_large_window_is_shrunk_to_means_and_an_endless_one_costs_only_its_pixels() {
        let checked = frame(Rect::new(-10, -10, 2990, 6), |x, y| [((x + y) & 1) as f32, 0.0, 1.0, 1.0]);
        let shown = codes(&preview(&checked, 1024).expect("a picture"));
        assert_eq!(shown.dimensions(), (1000, 6));
        // 4 or 5 of 9 are red, and the last row of blocks has one row of pixels.
        let red = |part: f32| (math::linear_to_srgb(part) * 255.0 + 0.5) as u8;
        for (_, y, pixel) in shown.enumerate_pixels() {
            let some: &[u8] = if y < 5 { &[red(4.0 / 9.0), red(5.0 / 9.0)] } else { &[red(1.0 / 3.0), red(2.0 / 3.0)] };
            assert!(some.contains(&pixel[0]) && pixel.0[1..] == [0, 255, 255], "{pixel:?}");
        }
        let endless = Frame { display_window: Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX), ..checked.clone() };
        let shown = codes(&preview(&endless, 1024).expect("a picture"));
        assert!(shown.dimensions() == (1024, 1024) && shown.pixels().all(|pixel| pixel[3] == 0));
        assert_eq!(preview(&Frame { display_window: Rect::new(3, 3, 3, 9), ..checked }, 1024), None);
    }
}
