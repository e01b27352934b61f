//! Frames as the bytes of a file.

use std::io::Cursor;

use image::codecs::bmp::BmpEncoder;
use image::codecs::hdr::HdrEncoder;
use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
use image::codecs::png::PngEncoder;
use image::codecs::tga::TgaEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};
use rayon::prelude::*;

use super::super::error::Problem;
use super::super::samples::{Alpha, Transfer};
use super::super::{Depth, Format, WriteOptions};
use super::crates::{DENSITY, EXIF, ICC};
use super::{dpx, guarded, tiff};
use crate::image::{Frame, MetaValue, Metadata};

/// What the exponents of a Radiance file reach.
const LARGEST_LIGHT: f64 = 1.69e38;

/// JPEG quality unless told otherwise.
const QUALITY: u8 = 95;

/// The bytes of a file of the frame's display window.
pub(in super::super) fn encode(format: Format, frame: &Frame, options: &WriteOptions) -> Result<Vec<u8>, Problem> {
    options.check(Some(format))?;
    let (longest, alpha) = match format {
        Format::Tiff => return tiff::encode(frame, options),
        Format::Dpx => return dpx::encode(frame, options),
        Format::Jpeg => (usize::from(u16::MAX), false),
        Format::Tga => (usize::from(u16::MAX), true),
        Format::Webp => (1 << 14, true),
        Format::Hdr => (i32::MAX as usize, false),
        // A file has at most 4 GiB, and its sides are checked by that.
        Format::Bmp => (1 << 15, false),
        _ => (i32::MAX as usize, true),
    };
    let size = size(frame, longest)?;
    let alpha = options.alpha.unwrap_or(alpha).then_some(Alpha::Straight);
    let code = |value: f64, largest: f64| value.clamp(0.0, 1.0) * largest + 0.5;
    let curve = options.space.curve().unwrap_or(Transfer::Srgb);
    let (samples, colour) = match (format, options.depth) {
        (Format::Hdr, _) => {
            // What it holds has no sign, no NaN and no infinity.
            let light = |value: f64| {
                let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, LARGEST_LIGHT) };
                (value as f32).to_ne_bytes()
            };
            let curve = options.space.curve().unwrap_or(Transfer::Linear);
            (self::samples(frame, None, curve, light)?.into_flattened(), ExtendedColorType::Rgb32F)
        }
        (_, Some(Depth::Sixteen)) => {
            let word = |value| (code(value, 65535.0) as u16).to_ne_bytes();
            let colour = if alpha.is_some() { ExtendedColorType::Rgba16 } else { ExtendedColorType::Rgb16 };
            (self::samples(frame, alpha, curve, word)?.into_flattened(), colour)
        }
        _ => {
            let colour = if alpha.is_some() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
            (self::samples(frame, alpha, curve, |value| code(value, 255.0) as u8)?, colour)
        }
    };
    let metadata = &frame.metadata;
    let mut file = Cursor::new(Vec::new());
    guarded(|| match format {
        Format::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut file, options.quality.unwrap_or(QUALITY));
            if let Some(density) = density(metadata) {
                encoder.set_pixel_density(density);
            }
            with_metadata(encoder, metadata, &samples, size, colour)
        }
        Format::Tga => TgaEncoder::new(&mut file).write_image(&samples, size[0], size[1], colour),
        Format::Hdr => HdrEncoder::new(&mut file).write_image(&samples, size[0], size[1], colour),
        Format::Bmp => BmpEncoder::new(&mut file).write_image(&samples, size[0], size[1], colour),
        Format::Webp => with_metadata(WebPEncoder::new_lossless(&mut file), metadata, &samples, size, colour),
        _ => with_metadata(PngEncoder::new(&mut file), metadata, &samples, size, colour),
    })?;
    let file = file.into_inner();
    Ok(if format == Format::Png { with_texts(&file, provenance(metadata)) } else { file })
}

/// What the metadata say of what made a frame: names that begin with `playa:`, and texts.
pub(super) fn provenance(metadata: &Metadata) -> impl Iterator<Item = (&str, &str)> {
    metadata.iter().filter_map(|(name, value)| match value {
        MetaValue::Text(text) if name.starts_with("playa:") => Some((name, text.as_str())),
        _ => None,
    })
}

/// A PNG with texts behind its header, each in a chunk of its own: `iTXt`, PNG, third edition, 11.3.3.4.
fn with_texts<'t>(png: &[u8], texts: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<u8> {
    /// The signature, and the chunk of the header.
    const HEAD: usize = 8 + 25;
    let (head, rest) = png.split_at(HEAD);
    let mut file = head.to_vec();
    for (name, text) in texts {
        // The text is not packed, and in no language.
        let chunk = [&b"iTXt"[..], name.as_bytes(), &[0; 5], text.as_bytes()].concat();
        let mut check = flate2::Crc::new();
        check.update(&chunk);
        file.extend_from_slice(&(chunk.len() as u32 - 4).to_be_bytes());
        file.extend_from_slice(&chunk);
        file.extend_from_slice(&check.sum().to_be_bytes());
    }
    file.extend_from_slice(rest);
    file
}

/// The bytes of a PNG of 8-bit RGBA codes.
pub(in super::super) fn png(codes: &[u8], [width, height]: [u32; 2]) -> Result<Vec<u8>, Problem> {
    let mut file = Cursor::new(Vec::new());
    PngEncoder::new(&mut file).write_image(codes, width, height, ExtendedColorType::Rgba8)?;
    Ok(file.into_inner())
}

/// Writes a file with the blocks of EXIF and ICC that the frame has.
fn with_metadata(
    mut encoder: impl ImageEncoder,
    metadata: &Metadata,
    samples: &[u8],
    [width, height]: [u32; 2],
    colour: ExtendedColorType,
) -> Result<(), ImageError> {
    if let Some(MetaValue::Opaque { bytes, .. }) = metadata.get(EXIF) {
        encoder.set_exif_metadata(bytes.to_vec()).map_err(ImageError::Unsupported)?;
    }
    if let Some(MetaValue::Opaque { bytes, .. }) = metadata.get(ICC) {
        encoder.set_icc_profile(bytes.to_vec()).map_err(ImageError::Unsupported)?;
    }
    encoder.write_image(samples, width, height, colour)
}

/// Whole dots per inch, where the frame says how many.
fn density(metadata: &Metadata) -> Option<PixelDensity> {
    let [Some(MetaValue::Float(x)), Some(MetaValue::Float(y))] = DENSITY.map(|name| metadata.get(name)) else {
        return None;
    };
    let [x, y] = [x, y].map(|dots| dots.round() as u16);
    Some(PixelDensity { density: (x, y), unit: PixelDensityUnit::Inches })
}

/// Columns and rows of the display window, if a file can have so many.
pub(super) fn size(frame: &Frame, longest: usize) -> Result<[u32; 2], Problem> {
    let window = frame.display_window;
    let (width, height) = (window.width(), window.height());
    if window.is_empty() || width > longest || height > longest {
        return Err(Problem::Unwritable {
            what: format!("the display window {window}"),
            why: format!("such a file has 1 to {longest} columns and rows"),
        });
    }
    Ok([width as u32, height as u32])
}

/// The display window as samples of red, green, blue and, if it is wanted, alpha; `T::default()`, which must be 0, where
/// the frame has no pixels. Colour without alpha is what is seen over black.
pub(super) fn samples<T: Copy + Default + Send>(
    frame: &Frame,
    alpha: Option<Alpha>,
    transfer: Transfer,
    of: impl Fn(f64) -> T + Sync,
) -> Result<Vec<T>, Problem> {
    let (display, data) = (frame.display_window, frame.data_window());
    let channels = 3 + usize::from(alpha.is_some());
    let bytes = display.area().saturating_mul((channels * size_of::<T>()) as u64);
    let out_of_memory = || Problem::OutOfMemory { bytes };
    let count = usize::try_from(display.area()).ok().and_then(|area| area.checked_mul(channels));
    let count = count.ok_or_else(out_of_memory)?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    samples.resize(count, T::default());
    let both = display.intersect(&data);
    if both.is_empty() {
        return Ok(samples);
    }
    let left = (i64::from(both.x0) - i64::from(display.x0)) as usize * channels;
    let rows = samples.par_chunks_exact_mut(display.width() * channels).enumerate();
    rows.for_each(|(row, samples)| {
        let y = display.y0 + row as i32;
        if !(both.y0..both.y1).contains(&y) {
            return;
        }
        let start = (both.x0 - data.x0) as usize * 4;
        let pixels = frame.image.row(y)[start..start + both.width() * 4].as_chunks::<4>().0;
        for (samples, pixel) in samples[left..].chunks_exact_mut(channels).zip(pixels) {
            // Colour without alpha stays as it is.
            let by = match alpha {
                Some(Alpha::Straight) if pixel[3] > 0.0 => f64::from(pixel[3]),
                _ => 1.0,
            };
            for (sample, value) in samples.iter_mut().zip(&pixel[..3]) {
                *sample = of(transfer.encode(f64::from(*value) / by));
            }
            if let Some(sample) = samples.get_mut(3) {
                *sample = of(pixel[3].into());
            }
        }
    });
    Ok(samples)
}
