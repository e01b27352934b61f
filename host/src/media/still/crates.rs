//! PNG, JPEG, TGA, Radiance HDR, WebP and BMP, read by the `image` crate.

use std::fs::File;
use std::io::{BufReader, Seek};

use image::codecs::bmp::BmpDecoder;
use image::codecs::hdr::HdrDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tga::TgaDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError, Limits};

use super::super::Format;
use super::super::error::{Problem, damaged};
use super::super::samples::Alpha;
use super::super::turn::Turn;
use super::picture::{Head, Still};
use super::structure::{self, Jpeg};
use super::{guarded, zeroed};
use crate::image::{MetaValue, Metadata, SampleType};

/// What a decoder may allocate beside the pixels, unless our own limit is lower: the default of the crate.
const MAX_DECODER_BYTES: u64 = 512 << 20;

/// The metadata that holds a block of EXIF, as it stands in the file but for the orientation, which is 1 because the
/// picture was turned.
pub(super) const EXIF: &str = "exif";

/// The metadata that holds an ICC profile. It is not applied: the codes are taken as sRGB.
pub(super) const ICC: &str = "iccProfile";

/// The metadata that holds the dots per inch along x and y.
pub(super) const DENSITY: [&str; 2] = ["xDensity", "yDensity"];

/// Looks at the header.
pub(super) fn open(format: Format, file: File, max_bytes: u64) -> Result<Still, Problem> {
    let length = file.metadata()?.len();
    let limits = || {
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODER_BYTES.min(max_bytes));
        limits
    };
    let mut file = BufReader::new(file);
    match format {
        Format::Jpeg => jpeg(file, length, max_bytes),
        Format::Webp => {
            structure::check_webp(&mut file, length)?;
            file.rewind()?;
            let mut still = still(guarded(|| WebPDecoder::new(file))?, "webp")?;
            // Planes of a lossy picture, or the pixels of a lossless one, and the canvas of an animation.
            still.head.unpacking += still.head.area().saturating_mul(8);
            Ok(still)
        }
        Format::Tga => {
            let opaque = structure::tga_palette_is_opaque(&mut file)?;
            let alpha = structure::tga_alpha(&mut file, length)?;
            file.rewind()?;
            let mut still = still(guarded(|| TgaDecoder::new(file))?, "rle or none")?;
            still.head.meaning.alpha = alpha;
            if opaque && still.head.channels == 4 {
                (still.head.channels, still.head.extra) = (3, 1);
            }
            Ok(still)
        }
        Format::Hdr => {
            let radiance = structure::begins_with(&mut file, b"#?RADIANCE")?;
            let decoder = guarded(|| HdrDecoder::with_strictness(file, radiance))?;
            let facts = decoder.metadata();
            let mut still = still(decoder, "rle")?;
            still.head.meaning.alpha = Alpha::Straight;
            still.head.unpacking += u64::from(still.head.size[0]) * 4;
            let coding = facts.custom_attributes.iter().find(|(name, _)| name == "FORMAT");
            still.head.refusal =
                coding.filter(|(_, coding)| coding.ends_with("xyze")).map(|_| "XYZE colour".to_owned());
            Ok(still)
        }
        Format::Bmp => still(guarded(|| BmpDecoder::new(file))?, "rle or none"),
        _ => still(guarded(|| PngDecoder::with_limits(file, limits()))?, "deflate"),
    }
}

fn jpeg(mut file: BufReader<File>, length: u64, max_bytes: u64) -> Result<Still, Problem> {
    // The decoder keeps the whole file.
    if length > max_bytes {
        return Err(Problem::TooLarge { bytes: length, limit: max_bytes });
    }
    let markers = Jpeg::read(&mut file)?;
    file.rewind()?;
    let mut still = still(guarded(|| JpegDecoder::new(file))?, "jpeg")?;
    let head = &mut still.head;
    head.unpacking = head.unpacking.saturating_add(length);
    if markers.progressive {
        // Coefficients of 16 bits in whole blocks, with room for chroma that is subsampled.
        let [columns, rows] = head.size.map(|side| u64::from(side.next_multiple_of(32)));
        head.unpacking = head.unpacking.saturating_add(columns * rows * u64::from(markers.components) * 2);
    }
    if markers.components == 4 {
        head.refusal = Some("CMYK colour".to_owned());
    }
    for (name, dots) in DENSITY.into_iter().zip(markers.density.into_iter().flatten()) {
        head.metadata.insert(name, MetaValue::Float(dots));
    }
    Ok(still)
}

/// What a decoder says of its file.
fn still<D: ImageDecoder + 'static>(mut decoder: D, compression: &str) -> Result<Still, Problem> {
    let (columns, rows) = decoder.dimensions();
    let colour = decoder.color_type();
    let stored = match colour {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => SampleType::Unorm8,
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => SampleType::Unorm16,
        ColorType::Rgb32F | ColorType::Rgba32F => SampleType::Float,
        other => return Err(Problem::Unsupported { feature: format!("the colour type {other:?}") }),
    };
    let mut head = Head::new([columns, rows], usize::from(colour.channel_count()), stored);
    head.compression = compression.to_owned();
    let (exif, icc) = guarded(|| Ok((decoder.exif_metadata()?, decoder.icc_profile()?)))?;
    if let Some(mut exif) = exif {
        let turn = Orientation::remove_from_exif_chunk(&mut exif);
        head.turn = turn.map_or(Turn::NONE, |turn| Turn::new(turn.to_exif().into()));
        insert(&mut head.metadata, EXIF, exif);
    }
    if let Some(icc) = icc {
        insert(&mut head.metadata, ICC, icc);
    }
    let bytes = head.bytes();
    let unpack = move || {
        let mut samples = zeroed(bytes)?;
        guarded(|| decoder.read_image(&mut samples))?;
        Ok(samples)
    };
    Ok(Still { head, unpack: Box::new(unpack) })
}

/// Keeps a block of bytes, whose type is called as it is itself.
pub(super) fn insert(metadata: &mut Metadata, name: &str, bytes: Vec<u8>) {
    metadata.insert(name, MetaValue::Opaque { type_name: name.to_owned(), bytes: bytes.into() });
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Problem::Io(error),
            ImageError::Unsupported(error) => Problem::Unsupported { feature: error.to_string() },
            ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::InsufficientMemory) => {
                damaged("its decoder takes more than 512 MiB, or than the limit of reading")
            }
            error => damaged(error.to_string()),
        }
    }
}
