//! Samples of arrays and stills as pixels: numbers as fractions, codes as linear light, straight colour times alpha.

use std::ops::Range;
use std::sync::Arc;

use half::f16;
use playa_plugin_api::simd;
use rayon::prelude::*;

use crate::colour::straightened;
use crate::image::{Image, ImageError, Pixel, Rect, convert};

/// How many pixels are decoded at once: few enough to stay in the nearest cache.
const RUN: usize = 256;

/// The curve that colour is on.
pub use crate::colour::Curve as Transfer;

/// What alpha has done to the colour. It is never on a curve itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpha {
    /// Colour was multiplied by alpha. If it is on a curve too, it was multiplied after that.
    Premultiplied,
    /// Colour is what it would be without alpha.
    Straight,
}

/// What samples mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    /// The curve of the colour.
    pub transfer: Transfer,
    /// What alpha has done to it.
    pub alpha: Alpha,
}

/// A type that samples come in. Whole numbers are fractions of the largest one.
pub trait Sample: Copy + Default + Send + Sync + 'static {
    /// The number that it stands for.
    fn unit(self) -> f32;

    /// The numbers that they stand for.
    #[inline(always)]
    fn units(samples: &[Self], units: &mut [f32]) {
        units.iter_mut().zip(samples).for_each(|(unit, sample)| *unit = sample.unit());
    }

    /// The light of every number that it can stand for, where these are few.
    fn table(_curve: Transfer) -> Option<Arc<[f32]>> {
        None
    }

    /// The linear light of codes on a curve, with its table if there is one.
    #[inline(always)]
    fn light(codes: &[Self], light: &mut [f32], curve: Transfer, _table: Option<&[f32]>) {
        Self::units(codes, light);
        curve.decode_all(light);
    }
}

/// A byte that is true unless it is 0: 1 or 0.
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub struct Flag(pub u8);

impl Sample for Flag {
    #[inline(always)]
    fn unit(self) -> f32 {
        f32::from(self.0 != 0)
    }
}

impl Sample for u8 {
    #[inline(always)]
    fn unit(self) -> f32 {
        f32::from(self) / 255.0
    }

    fn table(curve: Transfer) -> Option<Arc<[f32]>> {
        Some(curve.table::<{ 1 << 8 }>())
    }

    #[inline(always)]
    fn light(codes: &[Self], light: &mut [f32], _curve: Transfer, table: Option<&[f32]>) {
        let table: &[f32; 1 << 8] = table.and_then(|table| table.try_into().ok()).expect("there is one, of all codes");
        light.iter_mut().zip(codes).for_each(|(light, code)| *light = table[usize::from(*code)]);
    }
}

impl Sample for u16 {
    #[inline(always)]
    fn unit(self) -> f32 {
        f32::from(self) / 65535.0
    }

    fn table(curve: Transfer) -> Option<Arc<[f32]>> {
        Some(curve.table::<{ 1 << 16 }>())
    }

    #[inline(always)]
    fn light(codes: &[Self], light: &mut [f32], _curve: Transfer, table: Option<&[f32]>) {
        let table: &[f32; 1 << 16] = table.and_then(|table| table.try_into().ok()).expect("there is one, of all codes");
        light.iter_mut().zip(codes).for_each(|(light, code)| *light = table[usize::from(*code)]);
    }
}

/// Codes of so many bits, from 0 to the largest that they can hold.
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub struct Code<const BITS: u32>(u16);

impl<const BITS: u32> Code<BITS> {
    /// The lowest bits of a word.
    #[inline(always)]
    pub fn new(word: u16) -> Self {
        Self(word & ((1 << BITS) - 1))
    }
}

macro_rules! codes {
    ($($bits:literal)*) => {$(
        impl Sample for Code<$bits> {
            #[inline(always)]
            fn unit(self) -> f32 {
                f32::from(self.0) / ((1 << $bits) - 1) as f32
            }

            fn table(curve: Transfer) -> Option<Arc<[f32]>> {
                Some(curve.table::<{ 1 << $bits }>())
            }

            #[inline(always)]
            fn light(codes: &[Self], light: &mut [f32], _curve: Transfer, table: Option<&[f32]>) {
                let table: &[f32; 1 << $bits] =
                    table.and_then(|table| table.try_into().ok()).expect("there is one, of all codes");
                light.iter_mut().zip(codes).for_each(|(light, code)| *light = table[usize::from(code.0)]);
            }
        }
    )*};
}

codes!(10 12);

/// Rounded to the nearest float.
impl Sample for u32 {
    #[inline(always)]
    fn unit(self) -> f32 {
        (f64::from(self) / f64::from(u32::MAX)) as f32
    }
}

impl Sample for f16 {
    #[inline(always)]
    fn unit(self) -> f32 {
        self.to_f32()
    }

    #[inline(always)]
    fn units(samples: &[Self], units: &mut [f32]) {
        convert::widen(samples, units);
    }
}

impl Sample for f32 {
    #[inline(always)]
    fn unit(self) -> f32 {
        self
    }
}

/// Rounded to the nearest float; beyond the largest one it is infinite.
impl Sample for f64 {
    #[inline(always)]
    fn unit(self) -> f32 {
        self as f32
    }
}

/// Interleaved samples as pixels. One channel is grey, two are grey and alpha, three are a colour, four colour and alpha;
/// a missing alpha is 1.
///
/// # Panics
/// If there are no 1 to 4 channels, or not as many samples as pixels take.
pub fn decode<T: Sample>(samples: &[T], channels: usize, meaning: Meaning, pixels: &mut [Pixel]) {
    assert!(samples.len() == pixels.len() * channels, "the samples fill the pixels");
    let table = if meaning.transfer == Transfer::Linear { None } else { T::table(meaning.transfer) };
    let table = table.as_deref();
    simd::dispatch(
        #[inline(always)]
        || match channels {
            1 => decode_channels::<T, 1>(samples, meaning, table, pixels),
            2 => decode_channels::<T, 2>(samples, meaning, table, pixels),
            3 => decode_channels::<T, 3>(samples, meaning, table, pixels),
            4 => decode_channels::<T, 4>(samples, meaning, table, pixels),
            _ => panic!("{channels} channels, expected 1 to 4"),
        },
    );
}

#[inline(always)]
fn decode_channels<T: Sample, const C: usize>(
    samples: &[T],
    meaning: Meaning,
    table: Option<&[f32]>,
    pixels: &mut [Pixel],
) {
    let curve = meaning.transfer;
    let has_alpha = C.is_multiple_of(2);
    let associated = has_alpha && meaning.alpha == Alpha::Premultiplied;
    let mut values = [0.0; 4 * RUN];
    for (samples, pixels) in samples.chunks(RUN * C).zip(pixels.chunks_mut(RUN)) {
        let values = &mut values[..samples.len()];
        match curve {
            Transfer::Linear => T::units(samples, values),
            _ if associated => T::units(samples, values),
            curve => T::light(samples, values, curve, table),
        }
        spread(values.as_chunks::<C>().0, pixels);
        match meaning.alpha {
            _ if !has_alpha => {}
            Alpha::Straight => {
                if curve != Transfer::Linear {
                    let alphas = samples.as_chunks::<C>().0.iter().map(|sample| sample[C - 1].unit());
                    pixels.iter_mut().zip(alphas).for_each(|(pixel, alpha)| pixel[3] = alpha);
                }
                pixels.iter_mut().for_each(|[r, g, b, a]| [*r, *g, *b] = [*r * *a, *g * *a, *b * *a]);
            }
            // The curve belongs to the straight colour.
            Alpha::Premultiplied if curve != Transfer::Linear => straightened(
                pixels,
                #[inline(always)]
                |values| curve.decode_all(values.as_flattened_mut()),
            ),
            Alpha::Premultiplied => {}
        }
    }
}

/// Values of one to four channels as those of pixels.
#[inline(always)]
fn spread<const C: usize>(values: &[[f32; C]], pixels: &mut [Pixel]) {
    for (pixel, value) in pixels.iter_mut().zip(values) {
        *pixel = match C {
            1 => [value[0], value[0], value[0], 1.0],
            2 => [value[0], value[0], value[0], value[C - 1]],
            3 => [value[0], value[1 % C], value[2 % C], 1.0],
            _ => [value[0], value[1 % C], value[2 % C], value[3 % C]],
        };
    }
}

/// An image of samples that lie somewhere in memory, on all threads.
///
/// `fetch` is asked for some rows and columns, counted from the window's corner, and fills in their samples, row by row;
/// at most `tile` rows and columns at a time.
pub fn image<T: Sample>(
    window: Rect,
    channels: usize,
    meaning: Meaning,
    tile: [usize; 2],
    fetch: impl Fn(Range<usize>, Range<usize>, &mut [T]) + Sync,
) -> Result<Image, ImageError> {
    let mut image = Image::unpainted(window)?;
    let (width, [rows, columns]) = (window.width(), tile);
    let pixels = image.values_mut().unwrap_or_default().as_chunks_mut::<4>().0;
    if pixels.is_empty() {
        return Ok(image);
    }
    let room = rows * columns.min(width) * channels;
    let bands = pixels.par_chunks_mut(width * rows).enumerate();
    // A thread is not woken for less than this many pixels.
    let bands = bands.with_min_len((1 << 14) / (width * rows) + 1);
    bands.for_each_init(
        || vec![T::default(); room],
        |samples, (band, pixels)| {
            let height = pixels.len() / width;
            let rows = band * rows..band * rows + height;
            for left in (0..width).step_by(columns) {
                let columns = left..width.min(left + columns);
                let row = columns.len() * channels;
                let samples = &mut samples[..height * row];
                fetch(rows.clone(), columns.clone(), samples);
                for (pixels, samples) in pixels.chunks_mut(width).zip(samples.chunks(row)) {
                    decode(samples, channels, meaning, &mut pixels[columns.clone()]);
                }
            }
        },
    );
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SRGB: Meaning = Meaning { transfer: Transfer::Srgb, alpha: Alpha::Straight };

    fn decoded<T: Sample>(samples: &[T], channels: usize, meaning: Meaning) -> Vec<Pixel> {
        let mut pixels = vec![[f32::NAN; 4]; samples.len() / channels];
        decode(samples, channels, meaning, &mut pixels);
        pixels
    }

    #[test]
    fn every_code_is_its_fraction_and_its_light() {
        let linear = Meaning { transfer: Transfer::Linear, ..SRGB };
        let bytes: Vec<u8> = (0..=255).collect();
        let words: Vec<u16> = (0..=65535).collect();
        for (code, pixel) in decoded(&bytes, 1, linear).iter().enumerate() {
            assert_eq!(*pixel, [(code as f64 / 255.0) as f32; 3].map_alpha(1.0));
        }
        for (code, pixel) in decoded(&words, 1, linear).iter().enumerate() {
            assert_eq!(*pixel, [(code as f64 / 65535.0) as f32; 3].map_alpha(1.0));
        }
        for (code, pixel) in decoded(&words, 1, SRGB).iter().enumerate() {
            let light = Transfer::Srgb.decode(code as f64 / 65535.0) as f32;
            assert_eq!(*pixel, [light; 3].map_alpha(1.0));
        }
    }

    trait WithAlpha {
        fn map_alpha(self, alpha: f32) -> Pixel;
    }

    impl WithAlpha for [f32; 3] {
        fn map_alpha(self, alpha: f32) -> Pixel {
            [self[0], self[1], self[2], alpha]
        }
    }

    /// The four meanings of one pixel, by hand.
    #[test]
    fn the_curve_is_that_of_the_straight_colour() {
        let (code, light) = (0.5_f32, 0.214_041_14_f32);
        for (transfer, alpha, expected) in [
            (Transfer::Linear, Alpha::Premultiplied, code),
            (Transfer::Linear, Alpha::Straight, code * 0.25),
            (Transfer::Srgb, Alpha::Straight, light * 0.25),
            (Transfer::Srgb, Alpha::Premultiplied, Transfer::Srgb.decode(2.0) as f32 * 0.25),
        ] {
            let [[r, _, _, a]] = decoded(&[code, code, code, 0.25_f32], 4, Meaning { transfer, alpha })[..] else {
                panic!("one pixel")
            };
            assert!(
                (r - expected).abs() <= expected * 1e-6 && a == 0.25,
                "{transfer:?} {alpha:?}: {r}, not {expected}"
            );
        }
    }

    #[test]
    fn all_levels_and_lengths_give_the_same_bits() {
        let codes: Vec<f32> = (0..4 * (2 * RUN + 7)).map(|at| (at as f32 * 0.37).sin() * 2.0).collect();
        for alpha in [Alpha::Premultiplied, Alpha::Straight] {
            for channels in 1..=4 {
                let meaning = Meaning { alpha, ..SRGB };
                let codes = &codes[..codes.len() / channels * channels];
                let one_by_one: Vec<Pixel> =
                    codes.chunks(channels).flat_map(|codes| decoded(codes, channels, meaning)).collect();
                let bits = |pixels: &[Pixel]| pixels.as_flattened().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                simd::on_each_level(|level| {
                    assert_eq!(bits(&decoded(codes, channels, meaning)), bits(&one_by_one), "{level:?}");
                });
            }
        }
    }

    #[test]
    fn an_image_is_the_same_whatever_its_tiles() {
        let window = Rect::new(-5, 3, 300, 60);
        let linear = Meaning { transfer: Transfer::Linear, alpha: Alpha::Premultiplied };
        for tile in [[1, 1024], [16, 64], [7, 300], [100, 1]] {
            let image = image::<f64>(window, 2, linear, tile, |rows, columns, samples| {
                assert!(rows.len() <= tile[0] && columns.len() <= tile[1]);
                let places = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
                for (sample, (x, y)) in samples.chunks_mut(2).zip(places) {
                    sample.copy_from_slice(&[x as f64, y as f64]);
                }
            });
            let image = image.expect("there is memory");
            for y in window.y0..window.y1 {
                for x in window.x0..window.x1 {
                    let (column, row) = ((x - window.x0) as f32, (y - window.y0) as f32);
                    assert_eq!(image.pixel(x, y), [column, column, column, row]);
                }
            }
        }
        let empty = image::<u8>(Rect::new(0, 0, 5, 0), 4, SRGB, [1, 1024], |_, _, _| panic!("nothing to fetch"));
        assert!(empty.is_ok_and(|image| image.values().is_empty()));
    }
}
