//! Packed blocks to pixels, on the current rayon pool.
//!
//! The picture is cut into bands as high as a block. Whoever has unpacked a block locks its band and converts whole rows
//! to their places; blocks of lines never wait for each other, tiles only where they stand side by side.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use exr::block::UncompressedBlock;
use exr::block::chunk::{
    Chunk as CodecChunk, CompressedBlock, CompressedScanLineBlock, CompressedTileBlock, TileCoordinates,
};
use exr::math::Vec2;
use exr::meta::{BlockDescription, MetaData};
use half::f16;
use rayon::prelude::*;

use super::super::error::{Problem, damaged};
use super::chunks::{Chunk, Chunks, Grid};
use super::codec;
use super::header::Part;
use super::picture::Picture;
use crate::image::{Rect, SampleType, Samples, convert};

/// How many bytes [`decode`] takes: the frame, the list of its bands, and the blocks unpacked at the same time.
pub(super) fn bytes(part: &Part, picture: &Picture, grid: Grid) -> u64 {
    let kept: usize = picture.kept.iter().map(|kept| kept.sample_type.bytes()).sum();
    let frame = part.data_window.area().saturating_mul(16 + kept as u64);
    let band = size_of::<Mutex<Band<'_>>>() + picture.kept.len().next_power_of_two() * size_of::<PlaneBand<'_>>();
    let bands = (grid.rows as u64).saturating_mul(band as u64);
    frame.saturating_add(bands).saturating_add(grid.bytes_in_flight(part))
}

/// Unpacks all blocks: the interleaved RGBA values, and the samples of the channels that are kept.
pub(super) fn decode(part: &Part, picture: &Picture, chunks: Chunks) -> Result<(Vec<f32>, Vec<Samples>), Problem> {
    let (window, grid) = (part.data_window, chunks.grid);
    let mut pixels = filled(window, 4, 0.0)?;
    let mut planes =
        picture.kept.iter().map(|kept| Plane::new(kept.sample_type, window)).collect::<Result<Vec<_>, _>>()?;
    let bands = bands(&mut pixels, &mut planes, window, grid.block[1]);
    let seen: Vec<AtomicBool> = (0..grid.columns * grid.rows).map(|_| AtomicBool::new(false)).collect();
    let blocks = part.tiles.map_or(BlockDescription::ScanLines, BlockDescription::Tiles);
    let compression = codec::compression(part.readable_compression()?, None);
    let codec = codec::layout(&part.channels, window, compression, blocks);
    let layout = Layout::of(part);
    chunks.par_bridge().try_for_each(|chunk| {
        let chunk = chunk?;
        let (column, row) = (chunk.column, chunk.row);
        let size = grid.size(window, column, row);
        let bytes = unpack(chunk, part, &codec)?;
        let mut band = bands[row].lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        band.place(&bytes, &layout, picture, window.width(), column * grid.block[0], size);
        seen[row * grid.columns + column].store(true, Ordering::Relaxed);
        Ok::<_, Problem>(())
    })?;
    drop(bands);
    let missing = seen.iter().filter(|seen| !seen.load(Ordering::Relaxed)).count();
    if missing > 0 {
        return Err(Problem::Unfinished { missing, total: seen.len() });
    }
    Ok((pixels, planes.into_iter().map(Plane::into_samples).collect()))
}

/// The bytes of a block in the order and endianness of this machine: for each line, for each channel, its samples.
fn unpack(chunk: Chunk, part: &Part, codec: &MetaData) -> Result<Vec<u8>, Problem> {
    let compressed_pixels_le = chunk.bytes;
    let compressed_block = if part.tiles.is_some() {
        let coordinates = TileCoordinates { tile_index: Vec2(chunk.column, chunk.row), level_index: Vec2(0, 0) };
        CompressedBlock::Tile(CompressedTileBlock { coordinates, compressed_pixels_le })
    } else {
        let lines = codec.headers[0].compression.scan_lines_per_block();
        let y_coordinate = part.data_window.y0 + (chunk.row * lines) as i32;
        CompressedBlock::ScanLine(CompressedScanLineBlock { y_coordinate, compressed_pixels_le })
    };
    let chunk = CodecChunk { layer_index: 0, compressed_block };
    match codec::guarded(|| UncompressedBlock::decompress_chunk(chunk, codec, false)) {
        Ok(block) => Ok(block.data),
        Err(error) => Err(damaged(format!("a block of pixels: {error}"))),
    }
}

/// Where the channels lie in a line of an unpacked block.
struct Layout {
    /// For each channel, the bytes of a pixel in the channels before it.
    before: Vec<usize>,
    types: Vec<SampleType>,
    pixel_bytes: usize,
}

impl Layout {
    fn of(part: &Part) -> Self {
        let types: Vec<_> = part.channels.iter().map(|channel| channel.sample_type).collect();
        let mut pixel_bytes = 0;
        let mut before = Vec::with_capacity(types.len());
        for sample_type in &types {
            before.push(pixel_bytes);
            pixel_bytes += sample_type.bytes();
        }
        Self { before, types, pixel_bytes }
    }

    /// The samples of one channel in one line.
    fn samples<'a>(&self, bytes: &'a [u8], channel: usize, line: usize, width: usize) -> &'a [u8] {
        let start = (line * self.pixel_bytes + self.before[channel]) * width;
        &bytes[start..start + width * self.types[channel].bytes()]
    }
}

/// The samples of one kept channel.
enum Plane {
    F16(Vec<f16>),
    F32(Vec<f32>),
    U32(Vec<u32>),
}

/// Some lines of the picture.
struct Band<'a> {
    pixels: &'a mut [f32],
    planes: Vec<PlaneBand<'a>>,
}

enum PlaneBand<'a> {
    F16(&'a mut [f16]),
    F32(&'a mut [f32]),
    U32(&'a mut [u32]),
}

fn bands<'a>(pixels: &'a mut [f32], planes: &'a mut [Plane], window: Rect, lines: usize) -> Vec<Mutex<Band<'a>>> {
    let length = window.width().saturating_mul(lines);
    let mut bands: Vec<Band<'a>> =
        pixels.chunks_mut(length.saturating_mul(4)).map(|pixels| Band { pixels, planes: Vec::new() }).collect();
    for plane in planes {
        let parts: Box<dyn Iterator<Item = PlaneBand<'a>>> = match plane {
            Plane::F16(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::F16)),
            Plane::F32(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::F32)),
            Plane::U32(samples) => Box::new(samples.chunks_mut(length).map(PlaneBand::U32)),
        };
        bands.iter_mut().zip(parts).for_each(|(band, part)| band.planes.push(part));
    }
    bands.into_iter().map(Mutex::new).collect()
}

impl Band<'_> {
    /// Puts an unpacked block of `width` x `height` pixels at column `x` of the band.
    fn place(
        &mut self,
        bytes: &[u8],
        layout: &Layout,
        picture: &Picture,
        window_width: usize,
        x: usize,
        [width, height]: [usize; 2],
    ) {
        let mut rgba = [0.0, 0.0, 0.0, 1.0].map(|missing| vec![missing; width]);
        let mut halves = vec![f16::ZERO; width];
        for line in 0..height {
            for (row, channel) in rgba.iter_mut().zip(picture.planes()) {
                if let Some(channel) = channel {
                    let samples = layout.samples(bytes, channel, line, width);
                    to_floats(samples, layout.types[channel], &mut halves, row);
                }
            }
            let start = line * window_width + x;
            let [red, green, blue, alpha] = &rgba;
            let pixels = self.pixels[start * 4..][..width * 4].chunks_exact_mut(4);
            for ((((pixel, red), green), blue), alpha) in pixels.zip(red).zip(green).zip(blue).zip(alpha) {
                pixel.copy_from_slice(&[*red, *green, *blue, *alpha]);
            }
            for (plane, kept) in self.planes.iter_mut().zip(&picture.kept) {
                plane.copy(layout.samples(bytes, kept.index, line, width), start);
            }
        }
    }
}

fn to_floats(bytes: &[u8], sample_type: SampleType, halves: &mut [f16], floats: &mut [f32]) {
    match sample_type {
        SampleType::Half => {
            copy(bytes, halves, f16::from_ne_bytes);
            convert::widen(halves, floats);
        }
        SampleType::Uint => copy(bytes, floats, |sample| u32::from_ne_bytes(sample) as f32),
        _ => copy(bytes, floats, f32::from_ne_bytes),
    }
}

fn copy<T, const N: usize>(bytes: &[u8], samples: &mut [T], from: impl Fn([u8; N]) -> T) {
    for (sample, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
        *sample = from(*bytes);
    }
}

impl PlaneBand<'_> {
    fn copy(&mut self, bytes: &[u8], start: usize) {
        match self {
            PlaneBand::F16(samples) => copy(bytes, &mut samples[start..], f16::from_ne_bytes),
            PlaneBand::F32(samples) => copy(bytes, &mut samples[start..], f32::from_ne_bytes),
            PlaneBand::U32(samples) => copy(bytes, &mut samples[start..], u32::from_ne_bytes),
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
