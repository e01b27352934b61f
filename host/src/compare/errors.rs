//! Differences of values, channel by channel.
//!
//! Equal values have no difference, infinities of the same sign and NaN in both places included. A value against NaN, or
//! against another infinity, is an infinite difference: it is never passed over.

use playa_plugin_api::simd;
use rayon::prelude::*;

use super::CompareError;
use crate::image::{Image, Pixel};

/// How far the values of two pictures are apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// The largest difference; `None` where all values are equal.
    pub largest: Option<Largest>,
    /// The largest difference of each channel.
    pub max_by_channel: [f64; 4],
    /// The mean difference of each channel.
    pub mean_by_channel: [f64; 4],
    /// The root of the mean squared difference of each channel.
    pub rms_by_channel: [f64; 4],
    /// How many pixels differ in some channel.
    pub differing: u64,
    /// How many pixels were compared.
    pub pixels: u64,
}

/// The largest difference, the first one from the top left of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Largest {
    /// The difference.
    pub value: f64,
    /// Its column, in the coordinates of the first picture.
    pub x: i32,
    /// Its row.
    pub y: i32,
    /// Its channel: 0 to 3 for red, green, blue and alpha.
    pub channel: usize,
}

impl Errors {
    /// The largest difference; 0 where there is none.
    pub fn max(&self) -> f64 {
        self.largest.map_or(0.0, |largest| largest.value)
    }

    /// The mean difference of all four channels.
    pub fn mean(&self) -> f64 {
        self.mean_by_channel.iter().sum::<f64>() / 4.0
    }

    /// The root of the mean squared difference of all four channels.
    pub fn rms(&self) -> f64 {
        (self.rms_by_channel.iter().map(|rms| rms * rms).sum::<f64>() / 4.0).sqrt()
    }

    /// Peak signal to noise ratio in decibels, with a peak of 1: `-20 log10(rms)`; infinite for equal pictures.
    pub fn psnr(&self) -> f64 {
        -20.0 * self.rms().log10()
    }
}

/// The difference of two values.
#[inline(always)]
fn difference(a: f32, b: f32) -> f64 {
    let difference = (f64::from(a) - f64::from(b)).abs();
    let same = (a == b) | (a.is_nan() & b.is_nan());
    let known = if difference.is_nan() { f64::INFINITY } else { difference };
    if same { 0.0 } else { known }
}

/// Pixels of a partial sum. Sums are made of the same parts in the same order, whichever thread makes a part.
const BLOCK: usize = 4096;

#[derive(Clone, Copy, Default)]
struct Sums {
    max: [f64; 4],
    sum: [f64; 4],
    squares: [f64; 4],
    differing: u64,
}

pub(super) fn errors(a: &Image, b: &Image) -> Errors {
    let (window, pixels) = (a.window(), a.pixels().len() as u64);
    let blocks = a.pixels().par_chunks(BLOCK).zip(b.pixels().par_chunks(BLOCK));
    let blocks: Vec<Sums> = blocks.map(|(a, b)| sums(a, b)).collect();
    let mut total = Sums::default();
    for block in &blocks {
        for channel in 0..4 {
            total.max[channel] = total.max[channel].max(block.max[channel]);
            total.sum[channel] += block.sum[channel];
            total.squares[channel] += block.squares[channel];
        }
        total.differing += block.differing;
    }
    let max = total.max.into_iter().fold(0.0, f64::max);
    let largest = (max > 0.0).then(|| {
        let block = blocks.iter().position(|block| block.max.contains(&max)).unwrap_or(0);
        let rest = a.pixels()[block * BLOCK..].iter().zip(&b.pixels()[block * BLOCK..]);
        let mut found = rest.enumerate().flat_map(|(index, (a, b))| {
            (0..4)
                .filter(move |&channel| difference(a[channel], b[channel]) == max)
                .map(move |channel| (index, channel))
        });
        let (index, channel) = found.next().unwrap_or((0, 0));
        let at = block * BLOCK + index;
        let (x, y) = (at % window.width(), at / window.width());
        Largest { value: max, x: window.x0 + x as i32, y: window.y0 + y as i32, channel }
    });
    let mean = |sum: f64| if pixels == 0 { 0.0 } else { sum / pixels as f64 };
    Errors {
        largest,
        max_by_channel: total.max,
        mean_by_channel: total.sum.map(mean),
        rms_by_channel: total.squares.map(|sum| mean(sum).sqrt()),
        differing: total.differing,
        pixels,
    }
}

pub(super) fn map(a: &Image, b: &Image) -> Result<Image, CompareError> {
    let mut map = Image::unpainted(a.window())?;
    let values = map.values_mut().unwrap_or_default();
    let parts = values.par_chunks_mut(BLOCK).zip(a.values().par_chunks(BLOCK)).zip(b.values().par_chunks(BLOCK));
    parts.for_each(|((values, a), b)| {
        simd::dispatch(
            #[inline(always)]
            || {
                for ((value, a), b) in values.iter_mut().zip(a).zip(b) {
                    *value = difference(*a, *b) as f32;
                }
            },
        );
    });
    Ok(map)
}

fn sums(a: &[Pixel], b: &[Pixel]) -> Sums {
    simd::dispatch(
        #[inline(always)]
        || {
            let mut sums = Sums::default();
            for (a, b) in a.iter().zip(b) {
                let apart: [f64; 4] = std::array::from_fn(
                    #[inline(always)]
                    |channel| difference(a[channel], b[channel]),
                );
                for channel in 0..4 {
                    let apart = apart[channel];
                    sums.max[channel] = if apart > sums.max[channel] { apart } else { sums.max[channel] };
                    sums.sum[channel] += apart;
                    sums.squares[channel] += apart * apart;
                }
                sums.differing += u64::from(apart != [0.0; 4]);
            }
            sums
        },
    )
}
