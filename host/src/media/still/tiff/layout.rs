//! How the pixels of a picture lie in its strips or tiles, and what they are.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::super::super::error::{Problem, damaged};
use super::super::super::samples::Alpha;
use super::super::picture::Head;
use super::super::zeroed;
use super::tag;
use super::tags::Tags;
use super::unpack::{self, Codec, Predictor};
use crate::image::SampleType;

/// Where everything is.
pub(super) struct Layout {
    columns: usize,
    rows: usize,
    /// Columns and rows of a tile, or of a strip.
    tile: [usize; 2],
    /// Whether the rows of the last one are fewer.
    strips: bool,
    samples: usize,
    /// Whether each sample has tiles of its own.
    planar: bool,
    offsets: Vec<u64>,
    counts: Vec<u64>,
    codec: Codec,
    predictor: Predictor,
    big_endian: bool,
    form: Form,
    /// Whether 0 is white.
    inverted: bool,
}

/// What lies in a row.
enum Form {
    /// Samples of so many bytes.
    Bytes(usize),
    /// Doubles, which become floats.
    Doubles,
    /// Grey of so many bits.
    Bits(usize),
    /// Places of so many bits in a list of colours.
    Palette(usize, Vec<[u8; 3]>),
}

impl Layout {
    /// What the tags say. A picture that cannot be read has the reason in its head.
    pub(super) fn of(tags: &mut Tags) -> Result<(Self, Head), Problem> {
        let side = |side: u64| u32::try_from(side).map_err(|_| damaged(format!("a side of {side} pixels")));
        let columns = side(tags.needed(tag::WIDTH, "ImageWidth")?)?;
        let rows = side(tags.needed(tag::HEIGHT, "ImageLength")?)?;
        let samples = tags.number(tag::SAMPLES)?.unwrap_or(1);
        if samples == 0 || samples > 64 {
            return Err(damaged(format!("{samples} samples per pixel, expected 1 to 64")));
        }
        let samples = samples as usize;
        let mut refusal = None;
        let mut refuse = |what: String| refusal = refusal.take().or(Some(what));

        let bits = one_of(tags.numbers(tag::BITS)?, 1).unwrap_or_else(|| {
            refuse("a TIFF whose samples differ in depth".to_owned());
            8
        });
        let format = one_of(tags.numbers(tag::SAMPLE_FORMAT)?, 1).unwrap_or_else(|| {
            refuse("a TIFF whose samples differ in type".to_owned());
            1
        });
        let photometric = tags.needed(tag::PHOTOMETRIC, "PhotometricInterpretation")?;
        let colours = match photometric {
            0 if format == 3 => Err("a TIFF of floats where 0 is white"),
            0 | 1 | 3 => Ok(1),
            2 => Ok(3),
            4 => Err("a TIFF transparency mask"),
            5 => Err("CMYK colour"),
            6 => Err("YCbCr colour"),
            8..=10 => Err("CIE L*a*b* colour"),
            32844 | 32845 => Err("LogLuv colour"),
            _ => Err("an unknown kind of colour in a TIFF"),
        };
        let colours = colours.unwrap_or_else(|what| {
            refuse(what.to_owned());
            1
        });
        if samples < colours {
            return Err(damaged(format!("{samples} samples per pixel, expected {colours} for its colour")));
        }
        let palette = photometric == 3;
        let (form, stored) = match (bits, format) {
            (8, 1 | 4) if !palette => (Form::Bytes(1), SampleType::Unorm8),
            (16, 1 | 4) if !palette => (Form::Bytes(2), SampleType::Unorm16),
            (32, 1 | 4) if !palette => (Form::Bytes(4), SampleType::Unorm32),
            (16, 3) if !palette => (Form::Bytes(2), SampleType::Half),
            (32, 3) if !palette => (Form::Bytes(4), SampleType::Float),
            (64, 3) if !palette => (Form::Doubles, SampleType::Float),
            (1 | 2 | 4, 1 | 4) if !palette && samples == 1 => (Form::Bits(bits as usize), SampleType::Unorm8),
            (1 | 2 | 4 | 8, 1 | 4) if palette && samples == 1 => {
                (Form::Palette(bits as usize, colours_of(tags, bits)?), SampleType::Unorm8)
            }
            _ => {
                let kind = match format {
                    1 | 4 => "whole numbers",
                    2 => "signed numbers",
                    3 => "floats",
                    _ => "complex numbers",
                };
                let palette = if palette { " and a list of colours" } else { "" };
                refuse(format!("a TIFF of {samples} samples of {bits}-bit {kind}{palette}"));
                (Form::Bytes(1), SampleType::Unorm8)
            }
        };
        let extra = tags.numbers(tag::EXTRA_SAMPLES)?.unwrap_or_default();
        let alpha = match extra.first() {
            Some(1) if samples > colours => Some(Alpha::Premultiplied),
            Some(2) if samples > colours => Some(Alpha::Straight),
            _ => None,
        };
        if alpha.is_none() && extra.iter().any(|kind| matches!(kind, 1 | 2)) {
            refuse("a TIFF whose alpha is not the first sample after its colour".to_owned());
        }
        if tags.number(tag::FILL_ORDER)?.unwrap_or(1) == 2 {
            refuse("a TIFF whose bits are in reverse order".to_owned());
        }
        let codec = Codec::of(tags.number(tag::COMPRESSION)?.unwrap_or(1));
        let predictor = Predictor::of(tags.number(tag::PREDICTOR)?.unwrap_or(1), bits, format);
        codec.as_ref().err().into_iter().chain(predictor.as_ref().err()).for_each(|what| refuse(what.clone()));

        let shown = if palette { 3 } else { colours + usize::from(alpha.is_some()) };
        let mut head = Head::new([columns, rows], shown, stored);
        head.extra = if palette { 0 } else { samples - shown.min(samples) };
        head.meaning.alpha = alpha.unwrap_or(head.meaning.alpha);
        head.compression = codec.as_ref().map_or("unknown", Codec::name).to_owned();
        head.unpacking = head.bytes();
        head.refusal = refusal;
        let planar = tags.number(tag::PLANAR)?.unwrap_or(1) == 2 && samples > 1;
        let mut layout = Self {
            columns: columns as usize,
            rows: rows as usize,
            tile: [columns as usize, rows as usize],
            strips: true,
            samples,
            planar,
            offsets: Vec::new(),
            counts: Vec::new(),
            codec: codec.unwrap_or(Codec::None),
            predictor: predictor.unwrap_or(Predictor::None),
            big_endian: tags.big_endian(),
            form,
            inverted: photometric == 0,
        };
        if head.refusal.is_none() {
            layout.find_tiles(tags, &mut head)?;
        }
        Ok((layout, head))
    }

    /// Where the strips or tiles are, held against the size of the picture.
    fn find_tiles(&mut self, tags: &mut Tags, head: &mut Head) -> Result<(), Problem> {
        let side = |side: u64| usize::try_from(side).unwrap_or(usize::MAX);
        let (offsets, counts) = if let Some(width) = tags.number(tag::TILE_WIDTH)? {
            self.strips = false;
            self.tile = [side(width), side(tags.needed(tag::TILE_HEIGHT, "TileLength")?)];
            (tag::TILE_OFFSETS, tag::TILE_BYTES)
        } else {
            self.tile[1] = side(tags.number(tag::ROWS_PER_STRIP)?.unwrap_or(u64::MAX)).min(self.rows);
            (tag::STRIP_OFFSETS, tag::STRIP_BYTES)
        };
        let [width, height] = self.tile;
        if self.rows == 0 || self.columns == 0 {
            // The frame refuses it.
            return Ok(());
        }
        if width == 0 || height == 0 {
            return Err(damaged(format!("tiles of {width} x {height} pixels")));
        }
        let tiles =
            self.across().saturating_mul(self.down()).saturating_mul(if self.planar { self.samples } else { 1 });
        let mut list = |number| -> Result<Vec<u64>, Problem> {
            let found = tags.numbers(number)?.unwrap_or_default();
            match found.len() < tiles {
                true => Err(damaged(format!("{} of {tiles} strips or tiles are announced", found.len()))),
                false => Ok(found),
            }
        };
        (self.offsets, self.counts) = (list(offsets)?, list(counts)?);
        // Each thread unpacks one at a time, packed and unpacked; lists of places and sizes are kept.
        let threads = rayon::current_num_threads().min(self.down()) as u64;
        let packed = self.counts.iter().copied().max().unwrap_or(0);
        let unpacked = (self.tile_row_bytes() as u64).saturating_mul(height as u64);
        let one = packed.saturating_add(unpacked.saturating_mul(2));
        head.unpacking = head.unpacking.saturating_add(threads.saturating_mul(one)).saturating_add(16 * tiles as u64);
        Ok(())
    }

    fn across(&self) -> usize {
        self.columns.div_ceil(self.tile[0])
    }

    fn down(&self) -> usize {
        self.rows.div_ceil(self.tile[1])
    }

    /// Samples of a pixel in one tile.
    fn tile_samples(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a tile, unpacked.
    fn tile_row_bytes(&self) -> usize {
        let samples = self.tile[0].saturating_mul(self.tile_samples());
        match &self.form {
            Form::Bytes(size) => samples.saturating_mul(*size),
            Form::Doubles => samples.saturating_mul(8),
            Form::Bits(bits) | Form::Palette(bits, _) => samples.saturating_mul(*bits).div_ceil(8),
        }
    }

    /// Bytes of a pixel of the result.
    fn pixel_bytes(&self) -> usize {
        match &self.form {
            Form::Bytes(size) => self.samples * size,
            Form::Doubles => self.samples * 4,
            Form::Bits(_) => 1,
            Form::Palette(..) => 3,
        }
    }

    /// The samples of the picture, in the byte order of this machine.
    pub(super) fn unpack(self, (file, length): (File, u64)) -> Result<Vec<u8>, Problem> {
        let row = self.columns * self.pixel_bytes();
        let mut samples = zeroed(row as u64 * self.rows as u64)?;
        let file = Mutex::new(file);
        let bands = samples.par_chunks_mut(row.saturating_mul(self.tile[1])).enumerate();
        bands.try_for_each(|(down, band)| self.unpack_band(&file, length, down, band))?;
        Ok(samples)
    }

    /// A row of tiles, or a strip.
    fn unpack_band(&self, file: &Mutex<File>, length: u64, down: usize, band: &mut [u8]) -> Result<(), Problem> {
        let (row, pixel) = (self.columns * self.pixel_bytes(), self.pixel_bytes());
        let rows = if self.strips { band.len() / row } else { self.tile[1] };
        let tile_row = self.tile_row_bytes();
        let mut tile = zeroed((tile_row as u64).saturating_mul(rows as u64))?;
        let planes = if self.planar { self.samples } else { 1 };
        for plane in 0..planes {
            for across in 0..self.across() {
                let number = (plane * self.down() + down) * self.across() + across;
                let packed = self.packed(file, length, number)?;
                let of_tile = |what| damaged(format!("strip or tile {number}: {what}"));
                unpack::expand(self.codec, &packed, &mut tile).map_err(of_tile)?;
                for (out, tile) in band.chunks_exact_mut(row).zip(tile.chunks_exact_mut(tile_row)) {
                    let big_endian = self.predictor.undo(tile, self.tile_samples(), self.big_endian);
                    let width = self.tile[0].saturating_mul(pixel);
                    let left = across * width;
                    let right = row.min(left.saturating_add(width));
                    self.place(tile, big_endian, plane, &mut out[left..right]);
                }
            }
        }
        Ok(())
    }

    /// The bytes of a strip or tile as they lie in the file.
    fn packed(&self, file: &Mutex<File>, length: u64, number: usize) -> Result<Vec<u8>, Problem> {
        let (at, count) = (self.offsets[number], self.counts[number]);
        if at.checked_add(count).is_none_or(|end| end > length) {
            return Err(damaged(format!("strip or tile {number}: {count} bytes at byte {at} of {length}")));
        }
        let mut packed = zeroed(count)?;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut packed)?;
        Ok(packed)
    }

    /// Puts a row of a tile into its pixels.
    fn place(&self, tile: &[u8], big_endian: bool, plane: usize, out: &mut [u8]) {
        match &self.form {
            Form::Bytes(size) => {
                self.spread(tile, *size, plane, out);
                if *size > 1 && big_endian != cfg!(target_endian = "big") {
                    let mine = |sample: &mut [u8]| sample.reverse();
                    match self.planar {
                        false => out.chunks_exact_mut(*size).for_each(mine),
                        true => out.chunks_exact_mut(*size).skip(plane).step_by(self.samples).for_each(mine),
                    }
                }
            }
            Form::Doubles => {
                let place = |at: usize| if self.planar { at * self.samples + plane } else { at };
                for (at, bytes) in tile.as_chunks::<8>().0.iter().enumerate() {
                    let double = if big_endian { f64::from_be_bytes(*bytes) } else { f64::from_le_bytes(*bytes) };
                    if let Some(out) = out.as_chunks_mut::<4>().0.get_mut(place(at)) {
                        *out = (double as f32).to_ne_bytes();
                    }
                }
            }
            Form::Bits(bits) => {
                let largest = (1 << bits) - 1;
                for (at, out) in out.iter_mut().enumerate() {
                    *out = (code(tile, at, *bits) * 255 / largest) as u8;
                }
            }
            Form::Palette(bits, colours) => {
                for (at, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                    *out = colours[code(tile, at, *bits)];
                }
            }
        }
        if self.inverted && !matches!(self.form, Form::Palette(..)) {
            self.invert(plane, out);
        }
    }

    /// Copies samples to where they belong among those of their pixels.
    fn spread(&self, tile: &[u8], size: usize, plane: usize, out: &mut [u8]) {
        if self.planar {
            let pixels = out.chunks_exact_mut(size * self.samples);
            for (pixel, sample) in pixels.zip(tile.chunks_exact(size)) {
                pixel[plane * size..(plane + 1) * size].copy_from_slice(sample);
            }
        } else {
            out.copy_from_slice(&tile[..out.len()]);
        }
    }

    /// Turns grey around where 0 is white: whole numbers alone, and not the samples beside it.
    fn invert(&self, plane: usize, out: &mut [u8]) {
        let size = match self.form {
            Form::Bytes(size) => size,
            _ => 1,
        };
        if plane == 0 {
            for pixel in out.chunks_exact_mut(size * self.samples) {
                pixel[..size].iter_mut().for_each(|byte| *byte = !*byte);
            }
        }
    }
}

/// The number of so many bits at a place of a row.
fn code(row: &[u8], at: usize, bits: usize) -> usize {
    let first = at * bits;
    usize::from(row[first / 8]) >> (8 - bits - first % 8) & ((1 << bits) - 1)
}

/// The value that all samples share; `usual` where the tag is missing. `None` where they differ.
fn one_of(values: Option<Vec<u64>>, usual: u64) -> Option<u64> {
    let values = values.unwrap_or_default();
    let first = values.first().copied().unwrap_or(usual);
    values.iter().all(|value| *value == first).then_some(first)
}

/// The list of colours of a palette, whose numbers of 16 bits hold 8.
fn colours_of(tags: &mut Tags, bits: u64) -> Result<Vec<[u8; 3]>, Problem> {
    let map = tags.numbers(tag::COLOUR_MAP)?.unwrap_or_default();
    let count = 1usize << bits;
    if map.len() < 3 * count {
        return Err(damaged(format!("{} numbers in the list of colours, expected {}", map.len(), 3 * count)));
    }
    // Some writers put numbers of 8 bits there.
    let shift = if map.iter().any(|number| *number > 255) { 8 } else { 0 };
    Ok((0..count).map(|at| [0, 1, 2].map(|channel| (map[channel * count + at] >> shift) as u8)).collect())
}
