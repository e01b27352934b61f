//! Packed blocks to pixels, on the current rayon pool.
//!
//! The picture is cut into bands as high as a block. Whoever has unpacked a block locks its band and converts whole rows
//! to their places; blocks of lines never wait for each other, tiles only where they stand side by side.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use half::f16;

use super::super::MissingPixels;
use super::super::error::{Problem, damaged};
use super::chunks::{Chunk, Chunks};
use super::codec::{Codec, Level, Workspace};
use super::header::Part;
use super::picture::{Kept, Picture};
use super::rows::{Layout, copy};
use super::workers;
use crate::image::{Image, Pixel, Rect, SampleType, Samples};

/// How many bytes [`decode`] takes: the frames, the lists of their bands, and the blocks unpacked at the same time.
pub(super) fn bytes(part: &Part, pictures: &[Picture], chunks: &Chunks<'_>) -> u64 {
    let (window, grid) = (chunks.window, chunks.grid);
    let frame = |picture: &Picture| {
        let kept: usize = picture.kept.iter().map(|kept| kept.sample_type.bytes()).sum();
        let band = size_of::<Band<'_>>() + picture.kept.len().next_power_of_two() * size_of::<PlaneBand<'_>>();
        let bands = (grid.rows as u64).saturating_mul(band as u64);
        window.area().saturating_mul(16 + kept as u64).saturating_add(bands)
    };
    let list = (grid.rows as u64).saturating_mul(size_of::<Mutex<Vec<Band<'_>>>>() as u64);
    let frames = pictures.iter().map(frame).fold(list, u64::saturating_add);
    frames.saturating_add(grid.bytes_in_flight(part, window))
}

/// Unpacks all blocks: of each picture the pixels, and the samples of the channels that are kept. `missing` says what shows
/// in place of blocks that are not there.
pub(super) fn decode(
    part: &Part,
    pictures: &[Picture],
    chunks: &Chunks<'_>,
    missing: MissingPixels,
) -> Result<Vec<(Image, Vec<Samples>)>, Problem> {
    let (window, grid) = (chunks.window, chunks.grid);
    let mut made = pictures.iter().map(|picture| Made::new(picture, window)).collect::<Result<Vec<_>, _>>()?;
    let bands = bands(&mut made, window, grid.block[1], grid.rows);
    let seen: Vec<AtomicBool> = (0..grid.columns * grid.rows).map(|_| AtomicBool::new(false)).collect();
    let codec = Codec::new(part.readable_compression()?, Level::default(), &part.channels);
    let layout = Layout::of(&part.channels);
    let place = |plain: &[u8], column: usize, row: usize| {
        let [width, _] = grid.size(window, column, row);
        let mut bands = bands[row].lock().unwrap_or_else(PoisonError::into_inner);
        for (band, picture) in bands.iter_mut().zip(pictures) {
            band.place(plain, &layout, picture, window.width(), column * grid.block[0], width);
        }
    };
    let largest = grid.size(window, 0, 0);
    let unpack = |workspace: &mut Workspace, chunk: Result<Chunk<'_>, Problem>| {
        let Chunk { column, row, packed } = chunk?;
        let plain = codec
            .unpack(workspace, packed, grid.size(window, column, row))
            .map_err(|error| damaged(format!("a block of pixels: {error}")))?;
        place(plain, column, row);
        seen[row * grid.columns + column].store(true, Ordering::Relaxed);
        Ok(())
    };
    workers::each(
        chunks.runs(),
        || (Vec::new(), codec.workspace(largest)),
        |(buffer, workspace), run| {
            chunks.read(run, buffer, |chunk| match unpack(workspace, chunk) {
                // What cannot be unpacked is missing too.
                Err(Problem::Damaged { .. }) if missing != MissingPixels::Error => Ok(()),
                result => result,
            })
        },
    )?;
    let seen: Vec<bool> = seen.into_iter().map(AtomicBool::into_inner).collect();
    let gaps: Vec<usize> = (0..seen.len()).filter(|block| !seen[*block]).collect();
    if !gaps.is_empty() && missing == MissingPixels::Error {
        return Err(Problem::Unfinished { missing: gaps.len(), total: seen.len() });
    }
    for block in &gaps {
        let (column, row) = (block % grid.columns, block / grid.columns);
        let [width, height] = grid.size(window, column, row);
        place(&vec![0; width * height * layout.pixel_bytes], column, row);
    }
    drop(bands);
    if missing == MissingPixels::Hold {
        for block in gaps {
            let (column, row) = (block % grid.columns, block / grid.columns);
            let there = |row: &usize| seen[row * grid.columns + column];
            let above = (0..row).rev().find(there).map(|row| (row + 1) * grid.block[1] - 1);
            let Some(from) = above.or_else(|| (row..grid.rows).find(there).map(|row| row * grid.block[1])) else {
                continue;
            };
            let [width, height] = grid.size(window, column, row);
            let at = |line: usize| line * window.width() + column * grid.block[0];
            for line in (row * grid.block[1]..).take(height) {
                made.iter_mut().for_each(|made| made.repeat(at(from)..at(from) + width, at(line)));
            }
        }
    }
    let samples = |planes: Vec<Plane>| planes.into_iter().map(Plane::into_samples).collect();
    Ok(made.into_iter().map(|Made { image, planes }| (image, samples(planes))).collect())
}

/// One picture in the making.
struct Made {
    image: Image,
    planes: Vec<Plane>,
}

/// The samples of one kept channel.
enum Plane {
    F16(Vec<f16>),
    F32(Vec<f32>),
    U32(Vec<u32>),
}

/// Some lines of the picture.
struct Band<'a> {
    pixels: &'a mut [Pixel],
    planes: Vec<PlaneBand<'a>>,
}

enum PlaneBand<'a> {
    F16(&'a mut [f16]),
    F32(&'a mut [f32]),
    U32(&'a mut [u32]),
}

/// For each row of blocks, its lines of each picture.
fn bands(made: &mut [Made], window: Rect, lines: usize, rows: usize) -> Vec<Mutex<Vec<Band<'_>>>> {
    let mut bands: Vec<Vec<Band<'_>>> = (0..rows).map(|_| Vec::with_capacity(made.len())).collect();
    for made in made {
        bands.iter_mut().zip(made.bands(window.width().saturating_mul(lines))).for_each(|(all, one)| all.push(one));
    }
    bands.into_iter().map(Mutex::new).collect()
}

impl Made {
    fn new(picture: &Picture, window: Rect) -> Result<Self, Problem> {
        let plane = |kept: &Kept| Plane::new(kept.sample_type, window);
        Ok(Self { image: Image::unpainted(window)?, planes: picture.kept.iter().map(plane).collect::<Result<_, _>>()? })
    }

    /// It in bands of so many pixels.
    fn bands(&mut self, length: usize) -> Vec<Band<'_>> {
        let pixels = self.image.values_mut().unwrap_or_default().as_chunks_mut().0;
        let mut bands: Vec<Band<'_>> =
            pixels.chunks_mut(length).map(|pixels| Band { pixels, planes: Vec::new() }).collect();
        for plane in &mut self.planes {
            let parts: Box<dyn Iterator<Item = PlaneBand<'_>>> = match plane {
                Plane::F16(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::F16)),
                Plane::F32(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::F32)),
                Plane::U32(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::U32)),
            };
            bands.iter_mut().zip(parts).for_each(|(band, part)| band.planes.push(part));
        }
        bands
    }

    /// Copies pixels to another place.
    fn repeat(&mut self, from: Range<usize>, to: usize) {
        let pixels = self.image.values_mut().unwrap_or_default();
        pixels.copy_within(from.start * 4..from.end * 4, to * 4);
        self.planes.iter_mut().for_each(|plane| plane.repeat(from.clone(), to));
    }
}

impl Band<'_> {
    /// Puts a plain block that is `width` pixels wide at column `x` of the band.
    fn place(&mut self, plain: &[u8], layout: &Layout, picture: &Picture, window_width: usize, x: usize, width: usize) {
        for (number, line) in plain.chunks_exact(width * layout.pixel_bytes).enumerate() {
            let start = number * window_width + x;
            layout.pixels(line, picture.planes(), &mut self.pixels[start..start + width]);
            for (plane, kept) in self.planes.iter_mut().zip(&picture.kept) {
                plane.copy(layout.samples(line, kept.index, width), start);
            }
        }
    }
}

impl PlaneBand<'_> {
    fn copy(&mut self, bytes: &[u8], start: usize) {
        match self {
            PlaneBand::F16(samples) => copy(bytes, &mut samples[start..], f16::from_le_bytes),
            PlaneBand::F32(samples) => copy(bytes, &mut samples[start..], f32::from_le_bytes),
            PlaneBand::U32(samples) => copy(bytes, &mut samples[start..], u32::from_le_bytes),
        }
    }
}

impl Plane {
    fn new(sample_type: SampleType, window: Rect) -> Result<Self, Problem> {
        Ok(match sample_type {
            SampleType::Half => Plane::F16(filled(window, 1, f16::ZERO)?),
            SampleType::Uint => Plane::U32(filled(window, 1, 0)?),
            _ => Plane::F32(filled(window, 1, 0.0)?),
        })
    }

    /// Copies samples to another place.
    fn repeat(&mut self, from: Range<usize>, to: usize) {
        match self {
            Plane::F16(samples) => samples.copy_within(from, to),
            Plane::F32(samples) => samples.copy_within(from, to),
            Plane::U32(samples) => samples.copy_within(from, to),
        }
    }

    fn into_samples(self) -> Samples {
        match self {
            Plane::F16(samples) => Samples::F16(samples.into()),
            Plane::F32(samples) => Samples::F32(samples.into()),
            Plane::U32(samples) => Samples::U32(samples.into()),
        }
    }
}

/// `per_pixel` values for each pixel; an error, not an abort, where there is no memory for them.
fn filled<T: Copy>(window: Rect, per_pixel: u64, value: T) -> Result<Vec<T>, Problem> {
    let count = window.area().saturating_mul(per_pixel);
    let out_of_memory = || Problem::OutOfMemory { bytes: count.saturating_mul(size_of::<T>() as u64) };
    let count = usize::try_from(count).map_err(|_| out_of_memory())?;
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    values.resize(count, value);
    Ok(values)
}
