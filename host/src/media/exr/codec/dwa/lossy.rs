//! Channels as cosines. Light and colour are told apart first where red, green and blue come together.

use playa_plugin_api::simd;

use super::cosine::{self, Blocks, LANES};
use super::curve::{self, Curve};
use super::quantize::quantized;
use crate::image::SampleType;
use crate::image::convert::{narrowed, widened};

/// In which order the numbers of a block are written: from low frequencies to high ones, by their places in it.
const ORDER: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];
/// All numbers of a block from here on are 0; with a count in the low byte, as many of them.
const ZEROS: u16 = 0xff00;

/// A channel within the plain bytes of a block.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    /// Where its samples begin in a line, in bytes.
    pub(super) start: usize,
    pub(super) sample_type: SampleType,
    /// Whether it is packed without the curve.
    pub(super) linear: bool,
}

/// The size of a block of lines or a tile, in pixels, and the bytes of its lines.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) line_bytes: usize,
}

impl Extent {
    /// How many blocks of 8 x 8 there are.
    pub(super) fn blocks(&self) -> usize {
        self.width.div_ceil(8) * self.height.div_ceil(8)
    }

    /// Lines of blocks, in groups that are treated at once: the line, the first block, and how many.
    fn groups(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let across = self.width.div_ceil(8);
        let firsts = move |line| (0..across).step_by(LANES).map(move |first| (line, first, LANES.min(across - first)));
        (0..self.height.div_ceil(8)).flat_map(firsts)
    }
}

/// Numbers of 16 bits, taken from the front.
pub(super) struct Stream<'a>(pub(super) &'a [u16]);

impl<'a> Stream<'a> {
    fn next(&mut self) -> Result<u16, String> {
        let (first, rest) = self.0.split_first().ok_or("cosines are missing")?;
        self.0 = rest;
        Ok(*first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u16], String> {
        let (front, rest) = self.0.split_at_checked(count).ok_or("cosines are missing")?;
        self.0 = rest;
        Ok(front)
    }
}

/// Unpacks a group of one channel or of red, green and blue: `higher` holds the numbers of all blocks but for the first of
/// each, `first` these, channel by channel.
pub(super) fn unpack(
    channels: &[Channel],
    extent: Extent,
    higher: &mut Stream<'_>,
    first: &mut Stream<'_>,
    plain: &mut [u8],
) -> Result<(), String> {
    match *channels {
        [channel] => unpack_group([channel], extent, higher, first, plain),
        [red, green, blue] => unpack_group([red, green, blue], extent, higher, first, plain),
        _ => unreachable!("a group has one channel or three"),
    }
}

fn unpack_group<const N: usize>(
    channels: [Channel; N],
    extent: Extent,
    higher: &mut Stream<'_>,
    first: &mut Stream<'_>,
    plain: &mut [u8],
) -> Result<(), String> {
    let count = extent.blocks();
    let first = first.take(N * count)?;
    let across = extent.width.div_ceil(8);
    let mut numbers: [Blocks<u16>; N] = [[[0; LANES]; 64]; N];
    let mut values: [Blocks<f32>; N] = [[[0.0; LANES]; 64]; N];
    for (line, block, lanes) in extent.groups() {
        let mut flat = [[true; LANES]; N];
        numbers.iter_mut().for_each(|numbers| *numbers = [[0; LANES]; 64]);
        for lane in 0..lanes {
            for (channel, numbers) in numbers.iter_mut().enumerate() {
                numbers[0][lane] = first[channel * count + line * across + block + lane];
                flat[channel][lane] = read(higher, numbers, lane)?;
            }
        }
        simd::dispatch(
            #[inline(always)]
            || values_of(&mut numbers, &mut values, &flat),
        );
        for (channel, codes) in channels.iter().zip(&numbers) {
            let curve = (N == 3 || !channel.linear).then(curve::decoding);
            store(channel, codes, curve, extent, [block * 8, line * 8], lanes, plain);
        }
    }
    Ok(())
}

/// Reads the numbers of a block but for the first; whether they are all 0.
fn read(stream: &mut Stream<'_>, numbers: &mut Blocks<u16>, lane: usize) -> Result<bool, String> {
    let (mut at, mut flat) = (1, true);
    while at < 64 {
        let number = stream.next()?;
        if number & ZEROS == ZEROS {
            at += match usize::from(number & 0xff) {
                0 => 64,
                zeros => zeros,
            };
        } else {
            numbers[usize::from(ORDER[at])][lane] = number;
            at += 1;
            flat = false;
        }
    }
    Ok(flat)
}

/// From the numbers of blocks to the halves of their pixels, in the same place.
#[inline(always)]
fn values_of<const N: usize>(numbers: &mut [Blocks<u16>; N], values: &mut [Blocks<f32>; N], flat: &[[bool; LANES]; N]) {
    for ((numbers, values), flat) in numbers.iter().zip(values.iter_mut()).zip(flat) {
        for (values, numbers) in values.as_flattened_mut().iter_mut().zip(numbers.as_flattened()) {
            *values = widened(*numbers);
        }
        let first = values[0];
        if flat.contains(&false) {
            cosine::inverse(values);
        }
        for lane in (0..LANES).filter(|lane| flat[*lane]) {
            values.iter_mut().for_each(|values| values[lane] = cosine::flat(first[lane]));
        }
    }
    if let [light, blue, red] = values.as_mut_slice() {
        let colours = light.as_flattened_mut().iter_mut().zip(blue.as_flattened_mut()).zip(red.as_flattened_mut());
        for ((first, second), third) in colours {
            let (y, by, ry) = (*first, *second, *third);
            *first = y + 1.5747 * ry;
            *second = y - 0.1873 * by - 0.4682 * ry;
            *third = y + 1.8556 * by;
        }
    }
    for (numbers, values) in numbers.iter_mut().zip(values) {
        for (number, value) in numbers.as_flattened_mut().iter_mut().zip(values.as_flattened()) {
            *number = narrowed(*value);
        }
    }
}

/// Puts the pixels of blocks side by side into a channel, as far as there are such.
fn store(
    channel: &Channel,
    codes: &Blocks<u16>,
    curve: Option<&Curve>,
    extent: Extent,
    [x, y]: [usize; 2],
    lanes: usize,
    plain: &mut [u8],
) {
    let width = (extent.width - x).min(lanes * 8);
    let lines = plain.chunks_exact_mut(extent.line_bytes).skip(y).take(8);
    for (line, codes) in lines.zip(codes.as_chunks::<8>().0) {
        let half = |at: usize| {
            let code = codes[at % 8][at / 8];
            curve.map_or(code, |curve| curve[usize::from(code)])
        };
        let size = channel.sample_type.bytes();
        let samples = &mut line[channel.start + x * size..][..width * size];
        match channel.sample_type {
            SampleType::Half => {
                let samples = samples.as_chunks_mut().0.iter_mut().enumerate();
                samples.for_each(|(at, sample)| *sample = half(at).to_le_bytes());
            }
            _ => {
                let samples = samples.as_chunks_mut().0.iter_mut().enumerate();
                samples.for_each(|(at, sample)| *sample = widened(half(at)).to_le_bytes());
            }
        }
    }
}

/// Packs a group. Appends to the same streams, of which the first numbers of the channels come one after the other.
pub(super) fn pack(
    channels: &[Channel],
    extent: Extent,
    tolerances: &[[f32; 64]; 2],
    plain: &[u8],
    higher: &mut Vec<u16>,
    first: &mut Vec<u16>,
) {
    match *channels {
        [channel] => pack_group([channel], extent, tolerances, plain, higher, first),
        [red, green, blue] => pack_group([red, green, blue], extent, tolerances, plain, higher, first),
        _ => unreachable!("a group has one channel or three"),
    }
}

fn pack_group<const N: usize>(
    channels: [Channel; N],
    extent: Extent,
    tolerances: &[[f32; 64]; 2],
    plain: &[u8],
    higher: &mut Vec<u16>,
    first: &mut Vec<u16>,
) {
    let (start, count) = (first.len(), extent.blocks());
    first.resize(start + N * count, 0);
    let across = extent.width.div_ceil(8);
    let mut numbers: [Blocks<u16>; N] = [[[0; LANES]; 64]; N];
    let mut values: [Blocks<f32>; N] = [[[0.0; LANES]; 64]; N];
    for (line, block, lanes) in extent.groups() {
        for (channel, codes) in channels.iter().zip(&mut numbers) {
            let curve = (N == 3 || !channel.linear).then(curve::encoding);
            load(channel, codes, curve, extent, [block * 8, line * 8], lanes, plain);
        }
        simd::dispatch(
            #[inline(always)]
            || numbers_of(&mut numbers, &mut values, tolerances),
        );
        for lane in 0..lanes {
            for (channel, numbers) in numbers.iter().enumerate() {
                first[start + channel * count + line * across + block + lane] = numbers[0][lane];
                write(numbers, lane, higher);
            }
        }
    }
}

/// Takes the pixels of blocks side by side from a channel. Beyond its edges it is mirrored.
fn load(
    channel: &Channel,
    codes: &mut Blocks<u16>,
    curve: Option<&Curve>,
    extent: Extent,
    [x, y]: [usize; 2],
    lanes: usize,
    plain: &[u8],
) {
    for (below, codes) in codes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let line = &plain[mirrored(y + below, extent.height) * extent.line_bytes + channel.start..];
        for at in 0..lanes * 8 {
            let column = mirrored(x + at, extent.width);
            let half = match channel.sample_type {
                SampleType::Half => u16::from_le_bytes([line[2 * column], line[2 * column + 1]]),
                _ => {
                    let bytes = line[4 * column..].first_chunk().expect("the line holds its samples");
                    narrowed(f32::from_le_bytes(*bytes).clamp(-65504.0, 65504.0))
                }
            };
            codes[at % 8][at / 8] = curve.map_or(half, |curve| curve[usize::from(half)]);
        }
    }
}

/// A place in a line of so many: beyond its end, that of its mirror image, as OpenEXR counts it.
fn mirrored(at: usize, length: usize) -> usize {
    match at < length {
        true => at,
        false => (2 * length - 1).checked_sub(at).unwrap_or(length - 1),
    }
}

/// From the halves of blocks to their numbers, in the same place.
#[inline(always)]
fn numbers_of<const N: usize>(
    numbers: &mut [Blocks<u16>; N],
    values: &mut [Blocks<f32>; N],
    tolerances: &[[f32; 64]; 2],
) {
    for (numbers, values) in numbers.iter().zip(values.iter_mut()) {
        for (value, number) in values.as_flattened_mut().iter_mut().zip(numbers.as_flattened()) {
            *value = widened(*number);
        }
    }
    if let [red, green, blue] = values.as_mut_slice() {
        let colours = red.as_flattened_mut().iter_mut().zip(green.as_flattened_mut()).zip(blue.as_flattened_mut());
        for ((first, second), third) in colours {
            let (r, g, b) = (*first, *second, *third);
            let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
            (*first, *second, *third) = (y, (b - y) / 1.8556, (r - y) / 1.5747);
        }
    }
    for (channel, (numbers, values)) in numbers.iter_mut().zip(values).enumerate() {
        cosine::forward(values);
        let places = numbers.iter_mut().zip(values.iter()).zip(&tolerances[channel.min(1)]);
        for ((numbers, values), tolerance) in places {
            for (number, value) in numbers.iter_mut().zip(values) {
                *number = quantized(*value, *tolerance);
            }
        }
    }
}

/// Appends the numbers of a block but for the first.
fn write(numbers: &Blocks<u16>, lane: usize, stream: &mut Vec<u16>) {
    let mut zeros = 0;
    for place in &ORDER[1..] {
        let number = numbers[usize::from(*place)][lane];
        if number == 0 {
            zeros += 1;
            continue;
        }
        match zeros {
            0 => {}
            1 => stream.push(0),
            _ => stream.push(ZEROS | zeros),
        }
        zeros = 0;
        stream.push(number);
    }
    match zeros {
        0 => {}
        1 => stream.push(0),
        _ => stream.push(ZEROS),
    }
}
