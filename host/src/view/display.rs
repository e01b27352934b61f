//! A picture as a display shows it: tone mapped, in sRGB, in 8 bits.

use playa_plugin_api::{math, simd};
use rayon::prelude::*;

use super::Tonemap;
use crate::colour::{Adaptation, Gamut, Space, Transform, Way, gamut_of, set_gamut};
use crate::image::{Frame, Image, ImageError, Pixel, Rect};

/// How a picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Display {
    /// The curve.
    pub tonemap: Tonemap,
    /// Light is multiplied by 2 to the power of this before the curve, in stops.
    pub exposure: f32,
    /// What becomes of alpha.
    pub cover: Cover,
}

/// What becomes of alpha in the codes for a display. It is cut to 0..1 first, NaN to 0.
///
/// What is curved is straight colour: divided by an alpha above 0, and as it is where alpha is not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cover {
    /// Codes of straight colour, and alpha beside them.
    #[default]
    Straight,
    /// Codes of straight colour times alpha, as windowing systems have it, and alpha beside them.
    Premultiplied,
    /// The picture over a background of this linear light, 0..1, opaque. Both are mixed as light of the display; light
    /// without alpha is added.
    Over([f32; 3]),
}

/// Pixels that go through the steps together: they fit into the first cache.
const PIECE: usize = 256;

/// The display window of a frame as 8-bit sRGB, RGBA, row by row; where it has no pixels, it is transparent black.
///
/// Codes are rounded to the nearest; with [`Tonemap::Clamp`] and no exposure, what was read from 8-bit sRGB comes back.
///
/// # Errors
/// If there is no memory for it.
pub fn to_srgb8(frame: &Frame, display: &Display) -> Result<Vec<u8>, ImageError> {
    let (window, data) = (frame.display_window, frame.data_window());
    let bytes = window.area().saturating_mul(4);
    let mut codes = Vec::new();
    let reserved = usize::try_from(bytes).is_ok_and(|bytes| codes.try_reserve_exact(bytes).is_ok());
    if !reserved {
        return Err(ImageError::OutOfMemory { window, bytes });
    }
    let matrix = to_display(frame);
    let mut empty = [0; 4];
    show(&[[0.0; 4]], &mut empty, display, matrix.as_ref());
    codes.resize(bytes as usize, 0);
    if codes.is_empty() {
        return Ok(codes);
    }
    let both = window.intersect(&data);
    let left = (i64::from(both.x0) - i64::from(window.x0)) as usize;
    codes.par_chunks_exact_mut(window.width() * 4).enumerate().for_each(|(row, codes)| {
        let y = (i64::from(window.y0) + row as i64) as i32;
        if both.is_empty() || !(both.y0..both.y1).contains(&y) {
            codes.as_chunks_mut().0.fill(empty);
            return;
        }
        let (before, rest) = codes.split_at_mut(left * 4);
        let (within, after) = rest.split_at_mut(both.width() * 4);
        before.as_chunks_mut().0.fill(empty);
        after.as_chunks_mut().0.fill(empty);
        show(row_within(&frame.image, both, y), within, display, matrix.as_ref());
    });
    Ok(codes)
}

/// The frame with its colour brought to linear light of a display, 0..1, premultiplied: what a file with an sRGB curve
/// of its own, such as a PNG, is to hold. Everything else stays.
///
/// # Errors
/// If there is no memory for it.
pub fn to_display_light(frame: &Frame, tonemap: Tonemap, exposure: f32) -> Result<Frame, ImageError> {
    let window = frame.data_window();
    let mut image = Image::unpainted(window)?;
    let (gain, matrix) = (exposure.exp2(), to_display(frame));
    let values = image.values_mut().unwrap_or_default();
    values.par_chunks_mut(4 * PIECE).zip(frame.image.pixels().par_chunks(PIECE)).for_each(|(values, pixels)| {
        simd::dispatch(
            #[inline(always)]
            || {
                light(pixels, values, matrix.as_ref(), tonemap, gain);
                for (value, pixel) in values.as_chunks_mut().0.iter_mut().zip(pixels) {
                    *value = premultiplied(*value, pixel[3]);
                }
            },
        );
    });
    let mut result = Frame { image, ..frame.clone() };
    set_gamut(&mut result.metadata, Gamut::REC709);
    Ok(result)
}

/// From the light of a frame to that of an sRGB display, whose gamut is Rec.709. `None` where both are the same.
fn to_display(frame: &Frame) -> Option<Way> {
    let gamut = gamut_of(&frame.metadata).unwrap_or(Gamut::REC709);
    Way::between(Space { gamut, ..Space::LINEAR }, Space::LINEAR, Adaptation::Known)
}

/// The pixels of a row that lie in `part`, which lies in the image.
fn row_within(image: &Image, part: Rect, y: i32) -> &[Pixel] {
    let start = (i64::from(part.x0) - i64::from(image.window().x0)) as usize;
    &image.row(y).as_chunks().0[start..start + part.width()]
}

/// Pixels to codes.
fn show(pixels: &[Pixel], codes: &mut [u8], display: &Display, gamut: Option<&Way>) {
    let gain = display.exposure.exp2();
    simd::dispatch(
        #[inline(always)]
        || {
            let mut values = [0.0; 4 * PIECE];
            for (pixels, codes) in pixels.chunks(PIECE).zip(codes.chunks_mut(4 * PIECE)) {
                let values = &mut values[..4 * pixels.len()];
                light(pixels, values, gamut, display.tonemap, gain);
                match display.cover {
                    Cover::Straight => encode(values, pixels, |pixel| pixel),
                    Cover::Premultiplied => encode(values, pixels, |[r, g, b, a]| [r * a, g * a, b * a, a]),
                    Cover::Over(background) => {
                        lay_over(values, pixels, background);
                        encode(values, pixels, |[r, g, b, _]| [r, g, b, 1.0]);
                    }
                }
                for (code, value) in codes.iter_mut().zip(&*values) {
                    *code = (value * 255.0 + 0.5) as u8;
                }
            }
        },
    );
}

/// Straight colour times `gain`, of the display's gamut, through the curve. The fourth of each four means nothing.
#[inline(always)]
fn light(pixels: &[Pixel], values: &mut [f32], gamut: Option<&Way>, tonemap: Tonemap, gain: f32) {
    for (value, &[r, g, b, a]) in values.as_chunks_mut().0.iter_mut().zip(pixels) {
        let by = if a > 0.0 { a } else { 1.0 };
        *value = [r / by * gain, g / by * gain, b / by * gain, a];
    }
    if let Some(way) = gamut {
        way.apply(values.as_chunks_mut().0);
    }
    tonemap.apply(values);
}

/// Display light to sRGB, with alpha beside it, and what `finish` makes of both.
#[inline(always)]
fn encode(values: &mut [f32], pixels: &[Pixel], finish: impl Fn(Pixel) -> Pixel) {
    values.iter_mut().for_each(|value| *value = math::linear_to_srgb(*value));
    for (value, pixel) in values.as_chunks_mut().0.iter_mut().zip(pixels) {
        let [r, g, b, _] = *value;
        *value = finish([r, g, b, alpha(pixel[3])]);
    }
}

/// Display light over the background's.
#[inline(always)]
fn lay_over(values: &mut [f32], pixels: &[Pixel], background: [f32; 3]) {
    for (value, pixel) in values.as_chunks_mut().0.iter_mut().zip(pixels) {
        let [r, g, b, a] = premultiplied(*value, alpha(pixel[3]));
        let left = 1.0 - a;
        let over = |light: f32, background: f32| (light + background * left).min(1.0);
        *value = [over(r, background[0]), over(g, background[1]), over(b, background[2]), 1.0];
    }
}

/// Light times alpha, the light alone where there is no alpha; and the alpha as it is.
#[inline(always)]
fn premultiplied([r, g, b, _]: Pixel, a: f32) -> Pixel {
    let by = if a > 0.0 { a } else { 1.0 };
    [r * by, g * by, b * by, a]
}

/// Alpha within 0..1.
#[inline(always)]
fn alpha(a: f32) -> f32 {
    if a > 0.0 { a.min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(window: Rect, pixels: Vec<Pixel>) -> Frame {
        Frame::new(Image::from_vec(window, pixels.as_flattened().to_vec()).expect("it fits"))
    }

    /// A row of one pixel through a display.
    fn shown(pixel: Pixel, display: Display) -> [u8; 4] {
        let codes = to_srgb8(&frame(Rect::of_size(1, 1), vec![pixel]), &display).expect("there is memory");
        codes.try_into().expect("four codes")
    }

    /// Light of every kind: dark, bright, negative, infinite, with and without alpha.
    fn lights(count: usize) -> Vec<Pixel> {
        let odd = [f32::NAN, f32::INFINITY, -1.0, 0.0, 65504.0, -0.0, f32::NEG_INFINITY, 1.0];
        (0..count)
            .map(|index| {
                let value = |step: usize| match index * 7 + step {
                    hit if hit % 31 == 0 => odd[hit / 31 % odd.len()],
                    other => (other * 2654435761 % 4096) as f32 / 1024.0,
                };
                [value(0), value(1), value(2), value(3) / 3.0]
            })
            .collect()
    }

    #[test]
    fn every_code_comes_back_through_clamp() {
        for code in 0..=255u8 {
            let linear = crate::media::colour::srgb_to_linear(f64::from(code) / 255.0) as f32;
            assert_eq!(shown([linear, linear, linear, 1.0], Display::default()), [code, code, code, 255]);
            let half = linear * 0.5;
            assert_eq!(shown([half, half, half, 0.5], Display::default()), [code, code, code, 128]);
        }
    }

    #[test]
    fn exposure_is_in_stops_and_covers_are_what_they_say() {
        let stops = Display { exposure: 1.0, ..Display::default() };
        assert_eq!(shown([0.25, 0.0, 0.5, 1.0], stops), shown([0.5, 0.0, 1.0, 1.0], Display::default()));
        let white = [0.5, 0.5, 0.5, 0.5];
        assert_eq!(shown(white, Display::default()), [255, 255, 255, 128]);
        let premultiplied = Display { cover: Cover::Premultiplied, ..Display::default() };
        assert_eq!(shown([0.4; 4], premultiplied), [102; 4]);
        let over = |background| Display { cover: Cover::Over(background), ..Display::default() };
        // Half of the light of white is code 188.
        assert_eq!(shown(white, over([0.0, 1.0, 0.0])), [188, 255, 188, 255]);
        assert_eq!(shown([0.0; 4], over([1.0, 0.0, 0.5])), [255, 0, 188, 255]);
        assert_eq!(shown([0.5, 0.0, 0.0, 0.0], over([0.0, 0.5, 0.9])), [188, 188, 243, 255], "light without alpha");
        assert_eq!(shown([0.5, 0.5, 0.5, f32::NAN], Display::default()), [188, 188, 188, 0]);
        assert_eq!(shown([2.0, 2.0, 2.0, 4.0], Display::default()), [188, 188, 188, 255]);
    }

    #[test]
    fn the_display_window_is_shown_whatever_the_data_window() {
        let white = [1.0; 4];
        for (x0, y0) in [(-1, -1), (1, 1), (5, 5), (0, 0)] {
            let mut frame = frame(Rect::new(x0, y0, x0 + 2, y0 + 2), vec![white; 4]);
            frame.display_window = Rect::of_size(3, 2);
            let codes = to_srgb8(&frame, &Display::default()).expect("there is memory");
            for (index, code) in codes.as_chunks::<4>().0.iter().enumerate() {
                let (x, y) = (index as i32 % 3, index as i32 / 3);
                let expected = if frame.data_window().contains(x, y) { [255; 4] } else { [0; 4] };
                assert_eq!(*code, expected, "{x} {y} of pixels at {x0} {y0}");
            }
        }
        let nothing = Frame::new(Image::transparent(Rect::EMPTY).expect("nothing"));
        assert_eq!(to_srgb8(&nothing, &Display::default()), Ok(Vec::new()));
    }

    #[test]
    fn every_simd_level_and_any_place_in_the_row_gives_the_same_bits() {
        let pixels = lights(3 * PIECE + 5);
        for tonemap in Tonemap::ALL {
            for cover in [Cover::Straight, Cover::Premultiplied, Cover::Over([0.2, 0.4, 0.6])] {
                let display = Display { tonemap, exposure: 0.3, cover };
                let alone: Vec<u8> = pixels.iter().flat_map(|pixel| shown(*pixel, display)).collect();
                simd::on_each_level(|level| {
                    let mut codes = vec![0; pixels.len() * 4];
                    show(&pixels, &mut codes, &display, None);
                    assert_eq!(codes, alone, "{level:?}, {display:?}");
                });
            }
        }
    }

    /// What goes into a PNG through display light is what is shown: a code at most beside it, where the way through
    /// premultiplied light rounds.
    #[test]
    fn display_light_is_shown_as_the_picture_is() {
        let count = 1000;
        let picture = frame(Rect::of_size(count, 1), lights(count as usize));
        for tonemap in Tonemap::ALL {
            let light = to_display_light(&picture, tonemap, -0.7).expect("there is memory");
            let shown = to_srgb8(&light, &Display::default()).expect("there is memory");
            let display = Display { tonemap, exposure: -0.7, cover: Cover::Straight };
            let expected = to_srgb8(&picture, &display).expect("there is memory");
            let apart = shown.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(apart <= Some(1), "{tonemap}: {apart:?}");
        }
    }
}
