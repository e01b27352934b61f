//! Stills of whole numbers: PNG.
//!
//! In the file colour is straight and on a curve, sRGB unless it says another; in the frame it is linear and
//! premultiplied. Alpha is linear in both.

use std::fs::File;
use std::io::{BufReader, Cursor, Seek};

use image::codecs::png::PngEncoder;
use image::error::LimitErrorKind;
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageReader};
use rayon::prelude::*;

use super::error::{Problem, damaged};
use super::samples::{self, Alpha, Meaning, Sample};
use super::{ChannelInfo, Format, MediaInfo, PartInfo, PngDepth, ReadOptions, WriteOptions, png_colour};
use crate::colour::Curve;
use crate::image::{Frame, Image, Rect, SampleType};

/// How many pixels a thread takes at once.
const RUN: usize = 1 << 14;

/// Largest width and height of a PNG.
const MAX_SIDE: usize = i32::MAX as usize;

/// Reads a picture. Palettes are looked up, grey is spread over the colours, a missing alpha is 1.
///
/// A still has one part and no layers, so that part and layer of the options must be left open.
pub(super) fn read(file: File, options: &ReadOptions) -> Result<Frame, Problem> {
    refuse_selection(options)?;
    let decoder = decoder(file)?;
    let (width, height) = decoder.dimensions();
    let bytes = u64::from(width) * u64::from(height) * 16;
    if bytes > options.limits.max_bytes {
        return Err(Problem::TooLarge { bytes, limit: options.limits.max_bytes });
    }
    let stored = sample_type(decoder.color_type());
    let mut image = Image::transparent(Rect::of_size(width, height)).map_err(|_| Problem::OutOfMemory { bytes })?;
    let decoded = DynamicImage::from_decoder(decoder)?;
    let pixels = image.values_mut().unwrap_or_default();
    let curve = options.space.curve().unwrap_or(Curve::Srgb);
    match stored {
        SampleType::Unorm16 => to_linear(&decoded.into_rgba16(), curve, pixels),
        _ => to_linear(&decoded.into_rgba8(), curve, pixels),
    }
    Ok(Frame { stored, ..Frame::new(image) })
}

/// Tells a picture's header.
pub(super) fn probe(mut file: File) -> Result<MediaInfo, Problem> {
    let metadata = png_colour::read(&mut file)?;
    file.rewind()?;
    let decoder = decoder(file)?;
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let names: &[&str] = match (colour.has_color(), colour.has_alpha()) {
        (true, true) => &["R", "G", "B", "A"],
        (true, false) => &["R", "G", "B"],
        (false, true) => &["Y", "A"],
        (false, false) => &["Y"],
    };
    let channel =
        |name: &&str| ChannelInfo { name: name.to_string(), sample_type: sample_type(colour), sampling: [1, 1] };
    let window = Rect::of_size(width, height);
    let part = PartInfo {
        name: None,
        kind: Format::Png.suffix().to_owned(),
        compression: "deflate".to_owned(),
        data_window: window,
        display_window: window,
        pixel_aspect: 1.0,
        channels: names.iter().map(channel).collect(),
        layers: Vec::new(),
        metadata,
        refusal: None,
    };
    Ok(MediaInfo { format: Format::Png, parts: vec![part], main_part: 0 })
}

/// The bytes of a PNG of the frame's display window, RGBA.
pub(super) fn encode(frame: &Frame, options: &WriteOptions) -> Result<Vec<u8>, Problem> {
    let window = frame.display_window;
    let (width, height) = (window.width(), window.height());
    if window.is_empty() || width > MAX_SIDE || height > MAX_SIDE {
        return Err(Problem::Unwritable {
            what: format!("the display window {window}"),
            why: format!("a PNG has 1 to {MAX_SIDE} columns and rows"),
        });
    }
    let curve = options.space.curve().unwrap_or(Curve::Srgb);
    let (values, colour) = match options.png_depth {
        PngDepth::Eight => (to_codes(frame, curve, |code| [code as u8])?, ExtendedColorType::Rgba8),
        PngDepth::Sixteen => (to_codes(frame, curve, |code| (code as u16).to_ne_bytes())?, ExtendedColorType::Rgba16),
    };
    png(&values, [width as u32, height as u32], colour)
}

/// The bytes of a PNG of codes.
pub(super) fn png(codes: &[u8], [width, height]: [u32; 2], colour: ExtendedColorType) -> Result<Vec<u8>, Problem> {
    let mut file = Cursor::new(Vec::new());
    PngEncoder::new(&mut file).write_image(codes, width, height, colour)?;
    Ok(file.into_inner())
}

fn refuse_selection(options: &ReadOptions) -> Result<(), Problem> {
    if let Some(part) = &options.part {
        return Err(Problem::NoPart { wanted: format!("{part:?}"), known: Vec::new() });
    }
    match &options.layer {
        Some(layer) => Err(Problem::NoLayer { wanted: layer.clone(), known: Vec::new() }),
        None => Ok(()),
    }
}

/// A decoder with the limits of the `image` crate, which holds files to 512 MiB.
fn decoder(file: File) -> Result<impl ImageDecoder, Problem> {
    let mut reader = ImageReader::with_format(BufReader::new(file), image::ImageFormat::Png);
    reader.limits(image::Limits::default());
    Ok(reader.into_decoder()?)
}

fn sample_type(colour: ColorType) -> SampleType {
    if colour.bytes_per_pixel() / colour.channel_count() > 1 { SampleType::Unorm16 } else { SampleType::Unorm8 }
}

/// Straight codes to premultiplied linear light.
fn to_linear<T: Sample>(codes: &[T], curve: Curve, pixels: &mut [f32]) {
    let meaning = Meaning { transfer: curve, alpha: Alpha::Straight };
    let runs = pixels.as_chunks_mut().0.par_chunks_mut(RUN).zip(codes.par_chunks(4 * RUN));
    runs.for_each(|(pixels, codes)| samples::decode(codes, 4, meaning, pixels));
}

/// The display window as straight codes, transparent black where the frame has no pixels. `bytes` has as many bytes as
/// the code is long, and says so by its length.
fn to_codes<const N: usize>(
    frame: &Frame,
    curve: Curve,
    bytes: impl Fn(u32) -> [u8; N] + Sync,
) -> Result<Vec<u8>, Problem> {
    let (display, data) = (frame.display_window, frame.data_window());
    let max = f64::from((1u32 << (8 * N)) - 1);
    let size = display.area().saturating_mul(4 * N as u64);
    let out_of_memory = || Problem::OutOfMemory { bytes: size };
    let count = usize::try_from(size).map_err(|_| out_of_memory())?;
    let mut codes = Vec::new();
    codes.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    codes.resize(count, 0);
    let both = display.intersect(&data);
    let left = (i64::from(both.x0) - i64::from(display.x0)) as usize * 4 * N;
    let rows = codes.par_chunks_exact_mut(display.width() * 4 * N).enumerate();
    rows.for_each(|(row, codes)| {
        let y = display.y0 + row as i32;
        if !(both.y0..both.y1).contains(&y) {
            return;
        }
        let start = (both.x0 - data.x0) as usize * 4;
        let pixels = frame.image.row(y)[start..start + both.width() * 4].chunks_exact(4);
        for (code, pixel) in codes[left..].chunks_exact_mut(4 * N).zip(pixels) {
            for (code, value) in code.chunks_exact_mut(N).zip(straight(pixel, curve)) {
                code.copy_from_slice(&bytes((value.clamp(0.0, 1.0) * max + 0.5) as u32));
            }
        }
    });
    Ok(codes)
}

/// A pixel's straight colour on a curve, and its alpha. Colour without alpha stays as it is.
fn straight(pixel: &[f32], curve: Curve) -> [f64; 4] {
    let alpha = f64::from(pixel[3]);
    let by = if alpha > 0.0 { alpha } else { 1.0 };
    let encoded = |value: f32| curve.encode(f64::from(value) / by);
    [encoded(pixel[0]), encoded(pixel[1]), encoded(pixel[2]), alpha]
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Problem::Io(error),
            ImageError::Unsupported(error) => Problem::Unsupported { feature: error.to_string() },
            ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::InsufficientMemory) => {
                damaged("a picture beyond the limit of 512 MiB for decoding")
            }
            error => damaged(error.to_string()),
        }
    }
}
