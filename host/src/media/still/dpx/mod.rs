//! DPX (SMPTE ST 268): one image element of 8, 10, 12 or 16 bits, or floats.
//!
//! The header says which curve the codes are on, and that word is the metadata `dpx:Transfer`. Printing density and
//! logarithmic codes are those of Cineon, linear ones and depth are as they are; all others, which are video of some kind, are
//! taken to follow the sRGB curve. Writing goes by the same rule and the same metadata, unless another space is asked for.
//!
//! Alpha is straight, as in all formats of whole numbers.

mod header;
mod packing;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use rayon::prelude::*;

use super::super::error::{Problem, damaged};
use super::super::samples::{Alpha, Transfer};
use super::super::{Depth, Endian, WriteOptions, Writing};
use super::picture::{Head, Still};
use super::write;
use super::zeroed;
use crate::image::{Frame, MetaValue};
pub(in super::super) use header::TRANSFER;
use header::{Header, SIZE};
use packing::Packing;

/// Looks at the header.
pub(super) fn open(mut file: File) -> Result<Still, Problem> {
    let length = file.metadata()?.len();
    let header = Header::read(&mut file)?;
    let element = header.element();
    let descriptor = Descriptor::of(element.descriptor);
    let components = descriptor.as_ref().map_or(1, Descriptor::components);
    let packing = Packing::of(&element, components);
    let stored = packing.as_ref().map(Packing::stored).unwrap_or(crate::image::SampleType::Unorm8);
    let size = [element.columns, element.rows];
    let mut head = Head::new(size, components, stored);
    head.meaning.alpha = Alpha::Straight;
    head.turn = header.turn();
    head.pixel_aspect = header.pixel_aspect();
    head.metadata = header.metadata();
    head.refusal = refusal(&element, &descriptor).or_else(|| packing.as_ref().err().cloned());
    let (Ok(packing), Ok(descriptor)) = (packing, descriptor) else {
        return Ok(Still { head, unpack: Box::new(|| Err(damaged("it was refused"))) });
    };
    let row = packing.row_bytes(size[0]).saturating_add(u64::from(element.row_padding));
    // The padding of the last row may be left out.
    let pixels = row.saturating_mul(size[1].into()).saturating_sub(element.row_padding.into());
    head.unpacking = head.unpacking.saturating_add(pixels);
    let (start, bytes) = (u64::from(element.start), head.bytes());
    let unpack = move || {
        if start.saturating_add(pixels) > length {
            let there = length.saturating_sub(start);
            return Err(damaged(format!("{there} of {pixels} bytes of pixels from byte {start} on")));
        }
        let mut packed = zeroed(pixels)?;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut packed)?;
        let mut samples = zeroed(bytes)?;
        let width = samples.len() / size[1] as usize;
        samples.par_chunks_exact_mut(width).zip(packed.par_chunks(row as usize)).for_each(|(samples, packed)| {
            packing.unpack(packed, samples);
            descriptor.order(samples, stored.bytes());
        });
        Ok(samples)
    };
    Ok(Still { head, unpack: Box::new(unpack) })
}

/// The bytes of a DPX of the frame's display window.
pub(super) fn encode(frame: &Frame, options: &WriteOptions) -> Result<Vec<u8>, Problem> {
    let [columns, rows] = write::size(frame, i32::MAX as usize)?;
    let depth = options.depth.unwrap_or(Depth::Ten);
    let alpha = options.alpha.unwrap_or(false).then_some(Alpha::Straight);
    let components = 3 + usize::from(alpha.is_some());
    let filling = options.filling.unwrap_or_default();
    let big = options.endian.unwrap_or_default() == Endian::Big;
    let packing = Packing::new(depth, filling, components, big);
    let (code, transfer) = transfer(frame, options);
    let largest = f64::from((1u32 << packing.bits()) - 1);
    let codes = write::samples(frame, alpha, transfer, |value| (value.clamp(0.0, 1.0) * largest + 0.5) as u16)?;
    let row = packing.row_bytes(columns) as usize;
    let total = SIZE as u64 + row as u64 * u64::from(rows);
    let Ok(claimed) = u32::try_from(total) else {
        let what = format!("a picture of {columns} x {rows}");
        return Err(Problem::Unwritable { what, why: "a DPX has at most 4 GiB".to_owned() });
    };
    let mut file = zeroed(total)?;
    let (head, pixels) = file.split_at_mut(SIZE);
    let descriptor = if alpha.is_some() { Descriptor::RGBA } else { Descriptor::RGB };
    Header::new(big, [columns, rows], descriptor, code, &packing, claimed, frame).write_to(head);
    let codes = codes.par_chunks_exact(columns as usize * components);
    pixels.par_chunks_exact_mut(row).zip(codes).for_each(|(row, codes)| packing.pack(codes, row));
    Ok(file)
}

/// The number of the header's word for the curve of the codes that are written, and the curve.
fn transfer(frame: &Frame, options: &WriteOptions) -> (u8, Transfer) {
    let known = header::characteristic(&frame.metadata, TRANSFER);
    match (options.space.curve(), known) {
        (None, Some(code @ (header::PRINTING_DENSITY | header::LOGARITHMIC))) => (code, Transfer::Cineon),
        (None, Some(code @ (header::LINEAR | header::DEPTH_LINEAR | header::DEPTH_HOMOGENEOUS))) => {
            (code, Transfer::Linear)
        }
        (None, Some(code)) if code != header::ADX => (code, Transfer::Srgb),
        (None, _) => (header::UNSPECIFIED_VIDEO, Transfer::Srgb),
        (Some(curve), known) if options.space == Writing::Raw => (known.unwrap_or(header::USER_DEFINED), curve),
        (Some(Transfer::Cineon), _) => (header::PRINTING_DENSITY, Transfer::Cineon),
        (Some(Transfer::Linear), _) => (header::LINEAR, Transfer::Linear),
        (Some(Transfer::Rec709), _) => (header::REC709, Transfer::Rec709),
        (Some(curve), _) => (header::UNSPECIFIED_VIDEO, curve),
    }
}

/// What of a header is not supported.
fn refusal(element: &header::Element, descriptor: &Result<Descriptor, String>) -> Option<String> {
    if element.elements != 1 {
        return Some(format!("a DPX of {} image elements", element.elements));
    }
    if element.encoding == 1 {
        return Some("a run-length encoded DPX".to_owned());
    }
    if element.signed {
        return Some("a DPX of signed samples".to_owned());
    }
    descriptor.as_ref().err().cloned()
}

/// Which components a pixel has, and in which order.
enum Descriptor {
    Grey,
    Rgb,
    Rgba,
    Abgr,
}

impl Descriptor {
    const RGB: u8 = 50;
    const RGBA: u8 = 51;

    fn of(code: u8) -> Result<Self, String> {
        match code {
            1..=3 | 6 | 8 => Ok(Descriptor::Grey),
            Self::RGB => Ok(Descriptor::Rgb),
            Self::RGBA => Ok(Descriptor::Rgba),
            52 => Ok(Descriptor::Abgr),
            4 => Err("a DPX of alpha alone".to_owned()),
            100..=103 => Err("a DPX of luma and chroma (CbYCr)".to_owned()),
            other => Err(format!("a DPX with the descriptor {other}")),
        }
    }

    fn components(&self) -> usize {
        match self {
            Descriptor::Grey => 1,
            Descriptor::Rgb => 3,
            Descriptor::Rgba | Descriptor::Abgr => 4,
        }
    }

    /// Puts the samples of a row, of so many bytes, into the order of pixels.
    fn order(&self, row: &mut [u8], bytes: usize) {
        if let Descriptor::Abgr = self {
            for pixel in row.chunks_exact_mut(4 * bytes) {
                // The order of all bytes, then the order of those of each sample.
                pixel.reverse();
                pixel.chunks_exact_mut(bytes).for_each(<[u8]>::reverse);
            }
        }
    }
}

/// A text of the metadata, if it is one.
fn text(value: Option<&MetaValue>) -> Option<&str> {
    match value {
        Some(MetaValue::Text(text)) => Some(text),
        _ => None,
    }
}
