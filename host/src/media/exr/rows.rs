//! Between the plain bytes of a block and rows of pixels and samples.

use playa_plugin_api::simd;

use super::header::ChannelHead;
use crate::image::{Pixel, SampleType, convert};

/// How many pixels are converted at once: few enough to stay in the nearest cache.
const RUN: usize = 256;

/// Where the channels lie in a line of a plain block.
pub(super) struct Layout {
    /// For each channel, the bytes of a pixel in the channels before it, and its type.
    channels: Vec<(usize, SampleType)>,
    pub(super) pixel_bytes: usize,
}

impl Layout {
    pub(super) fn of(channels: &[ChannelHead]) -> Self {
        let mut pixel_bytes = 0;
        let mut place = |sample_type: SampleType| {
            let before = pixel_bytes;
            pixel_bytes += sample_type.bytes();
            (before, sample_type)
        };
        let channels = channels.iter().map(|channel| place(channel.sample_type)).collect();
        Self { channels, pixel_bytes }
    }

    /// The samples of one channel in a line of `width` pixels.
    pub(super) fn samples<'a>(&self, line: &'a [u8], channel: usize, width: usize) -> &'a [u8] {
        let (before, sample_type) = self.channels[channel];
        &line[before * width..][..sample_type.bytes() * width]
    }

    /// The samples of one channel in a line of `width` pixels, to write to.
    pub(super) fn samples_mut<'a>(&self, line: &'a mut [u8], channel: usize, width: usize) -> &'a mut [u8] {
        let (before, sample_type) = self.channels[channel];
        &mut line[before * width..][..sample_type.bytes() * width]
    }

    /// Makes pixels of a line: `planes` are the channels for red, green, blue and alpha. A missing colour is 0, a missing
    /// alpha 1.
    pub(super) fn pixels(&self, line: &[u8], planes: [Option<usize>; 4], pixels: &mut [Pixel]) {
        let width = pixels.len();
        let planes = planes.map(|channel| {
            channel.map_or((&[][..], SampleType::Half), |at| (self.samples(line, at, width), self.channels[at].1))
        });
        simd::dispatch(
            #[inline(always)]
            || interleave(planes, pixels),
        );
    }

    /// Writes pixels into a line: `planes` are the channels for red, green, blue and alpha, of halves or floats.
    pub(super) fn line(&self, pixels: &[Pixel], planes: [usize; 4], line: &mut [u8]) {
        simd::dispatch(
            #[inline(always)]
            || self.write_line(pixels, planes, line),
        );
    }

    #[inline(always)]
    fn write_line(&self, pixels: &[Pixel], planes: [usize; 4], line: &mut [u8]) {
        let width = pixels.len();
        let mut values = [[0.0; RUN]; 4];
        for (run, pixels) in pixels.chunks(RUN).enumerate() {
            let [red, green, blue, alpha] = &mut values;
            for ((((pixel, red), green), blue), alpha) in pixels.iter().zip(red).zip(green).zip(blue).zip(alpha) {
                [*red, *green, *blue, *alpha] = *pixel;
            }
            for (channel, values) in planes.into_iter().zip(&values) {
                let sample_type = self.channels[channel].1;
                let samples = &mut self.samples_mut(line, channel, width)[run * RUN * sample_type.bytes()..];
                match sample_type {
                    SampleType::Half => fill(&values[..pixels.len()], samples, |v| convert::narrowed(v).to_le_bytes()),
                    _ => fill(&values[..pixels.len()], samples, f32::to_le_bytes),
                }
            }
        }
    }
}

#[inline(always)]
fn interleave(planes: [(&[u8], SampleType); 4], pixels: &mut [Pixel]) {
    let mut values = [[0.0; RUN], [0.0; RUN], [0.0; RUN], [1.0; RUN]];
    for (run, pixels) in pixels.chunks_mut(RUN).enumerate() {
        for ((samples, sample_type), values) in planes.into_iter().zip(&mut values) {
            if !samples.is_empty() {
                let size = sample_type.bytes();
                floats(&samples[run * RUN * size..][..pixels.len() * size], sample_type, values);
            }
        }
        let [red, green, blue, alpha] = &values;
        for ((((pixel, red), green), blue), alpha) in pixels.iter_mut().zip(red).zip(green).zip(blue).zip(alpha) {
            *pixel = [*red, *green, *blue, *alpha];
        }
    }
}

#[inline(always)]
fn floats(bytes: &[u8], sample_type: SampleType, floats: &mut [f32]) {
    match sample_type {
        SampleType::Half => copy(bytes, floats, |sample| convert::widened(u16::from_le_bytes(sample))),
        SampleType::Uint => copy(bytes, floats, |sample| u32::from_le_bytes(sample) as f32),
        _ => copy(bytes, floats, f32::from_le_bytes),
    }
}

/// Samples of their bytes.
#[inline(always)]
pub(super) fn copy<T, const N: usize>(bytes: &[u8], samples: &mut [T], from: impl Fn([u8; N]) -> T) {
    for (sample, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
        *sample = from(*bytes);
    }
}

/// The bytes of samples.
#[inline(always)]
pub(super) fn fill<T: Copy, const N: usize>(samples: &[T], bytes: &mut [u8], to: impl Fn(T) -> [u8; N]) {
    for (place, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
        *place = to(*sample);
    }
}
