//! A frame to the bytes of an OpenEXR file: one part, in lines, packed on the current rayon pool.

use std::io::{self, Write};

use exr::block::chunk::CompressedBlock;
use exr::block::{BlockIndex, UncompressedBlock};
use exr::math::Vec2;
use exr::meta::{BlockDescription, MetaData};
use half::f16;
use rayon::prelude::*;

use super::super::error::Problem;
use super::super::{ColourType, Compression, WriteOptions};
use super::header::{ChannelHead, LONG_NAMES, MAX_COORDINATE, STRUCTURAL};
use super::{attribute, codec};
use crate::image::{Frame, MetaValue, Rect, SampleType, Samples, convert};

/// The attribute with the level of DWA.
const DWA_LEVEL: &str = "dwaCompressionLevel";
/// How much DWA loses where nobody says it; the value of OpenEXR.
const DEFAULT_DWA_LEVEL: f32 = 45.0;

/// A file, ready to be written.
pub(in super::super) struct Encoded {
    header: Vec<u8>,
    /// For each block its first line and its packed pixels.
    blocks: Vec<(i32, Vec<u8>)>,
}

impl Encoded {
    /// Writes the file.
    pub(in super::super) fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.header)?;
        let mut at = (self.header.len() + self.blocks.len() * 8) as u64;
        for (_, bytes) in &self.blocks {
            out.write_all(&at.to_le_bytes())?;
            at += 8 + bytes.len() as u64;
        }
        for (y, bytes) in &self.blocks {
            out.write_all(&y.to_le_bytes())?;
            out.write_all(&(bytes.len() as u32).to_le_bytes())?;
            out.write_all(bytes)?;
        }
        Ok(())
    }
}

/// A channel to be written, and where its samples come from.
struct Plane<'a> {
    head: ChannelHead,
    source: Source<'a>,
}

enum Source<'a> {
    /// This place in each pixel of the image.
    Image(usize),
    Samples(&'a Samples),
}

/// Packs a frame.
pub(in super::super) fn encode(frame: &Frame, options: &WriteOptions) -> Result<Encoded, Problem> {
    let window = frame.data_window();
    check_window("the data window", window)?;
    check_window("the display window", frame.display_window)?;
    if !(1e-6..=1e6).contains(&frame.pixel_aspect) {
        return Err(unwritable(format!("a pixel aspect of {}", frame.pixel_aspect), "it must lie within 1e-6 and 1e6"));
    }
    let planes = planes(frame, options)?;
    let level = dwa_level(frame, options);
    let header = header(frame, options, &planes, level)?;
    let heads: Vec<_> = planes.iter().map(|plane| plane.head.clone()).collect();
    let codec = codec::compression(options.compression, Some(level));
    let layout = codec::layout(&heads, window, codec, BlockDescription::ScanLines);
    let lines = codec.scan_lines_per_block();
    let blocks = (0..window.height().div_ceil(lines)).into_par_iter();
    let blocks = blocks
        .map(|block| {
            let first = block * lines;
            let rows = first..(first + lines).min(window.height());
            Ok((window.y0 + first as i32, pack(frame, &planes, rows, &layout)?))
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Encoded { header, blocks })
}

fn check_window(name: &str, window: Rect) -> Result<(), Problem> {
    let limit = -MAX_COORDINATE..=MAX_COORDINATE;
    if window.is_empty() {
        return Err(unwritable(format!("{name} {window}"), "OpenEXR has no empty windows; write at least one pixel"));
    }
    if [window.x0, window.y0, window.x1, window.y1].iter().any(|at| !limit.contains(at)) {
        return Err(unwritable(format!("{name} {window}"), "OpenEXR has no such coordinates"));
    }
    Ok(())
}

/// The channels of the file, in its order: by name.
fn planes<'a>(frame: &'a Frame, options: &WriteOptions) -> Result<Vec<Plane<'a>>, Problem> {
    let colour = match (options.colour, frame.stored) {
        (ColourType::Half, _) | (ColourType::Keep, SampleType::Half) => SampleType::Half,
        (ColourType::Float | ColourType::Keep, _) => SampleType::Float,
    };
    let head = |name: &str, sample_type| ChannelHead {
        name: name.to_owned(),
        sample_type,
        // The hint of OpenEXR's own writer: alpha is not perceived as light is.
        linear: name == "A" || name.ends_with(".A"),
        sampling: [1, 1],
    };
    let rgba = ["R", "G", "B", "A"];
    let image = rgba.iter().enumerate().map(|(i, name)| Plane { head: head(name, colour), source: Source::Image(i) });
    let mut planes: Vec<_> = image.collect();
    for channel in frame.channels.iter().filter(|channel| !rgba.contains(&channel.name.as_str())) {
        let what = || format!("the channel \"{}\"", channel.name);
        check_name(&what(), &channel.name)?;
        if channel.samples.len() as u64 != frame.data_window().area() {
            let why = format!("{} samples do not fill the window {}", channel.samples.len(), frame.data_window());
            return Err(unwritable(what(), why));
        }
        let head = head(&channel.name, channel.samples.sample_type());
        planes.push(Plane { head, source: Source::Samples(&channel.samples) });
    }
    planes.sort_by(|a, b| a.head.name.cmp(&b.head.name));
    match planes.windows(2).find(|pair| pair[0].head.name == pair[1].head.name) {
        Some(pair) => Err(unwritable(format!("the channel \"{}\"", pair[0].head.name), "the frame has it twice")),
        None => Ok(planes),
    }
}

fn dwa_level(frame: &Frame, options: &WriteOptions) -> f32 {
    match (options.dwa_level, frame.metadata.get(DWA_LEVEL)) {
        (Some(level), _) | (None, Some(&MetaValue::Float(level))) => level,
        _ => DEFAULT_DWA_LEVEL,
    }
}

/// The file up to the table of blocks.
fn header(frame: &Frame, options: &WriteOptions, planes: &[Plane<'_>], level: f32) -> Result<Vec<u8>, Problem> {
    let mut attributes: Vec<(&str, &str, Vec<u8>)> = vec![
        ("channels", "chlist", channel_list(planes)),
        ("compression", "compression", vec![options.compression as u8]),
        ("dataWindow", "box2i", corners(frame.data_window())),
        ("displayWindow", "box2i", corners(frame.display_window)),
        ("lineOrder", "lineOrder", vec![0]),
        ("pixelAspectRatio", "float", frame.pixel_aspect.to_le_bytes().to_vec()),
    ];
    let dwa = matches!(options.compression, Compression::Dwaa | Compression::Dwab);
    if dwa {
        attributes.push((DWA_LEVEL, "float", level.to_le_bytes().to_vec()));
    }
    for (name, value) in frame.metadata.iter().filter(|(name, _)| !(dwa && *name == DWA_LEVEL)) {
        let what = format!("the attribute \"{name}\"");
        check_name(&what, name)?;
        if STRUCTURAL.contains(&name) {
            return Err(unwritable(what, "it says how the pixels are stored, which the frame and the options decide"));
        }
        let (type_name, bytes) = attribute::encode(value);
        check_name(&format!("the type \"{type_name}\" of {what}"), type_name)?;
        attributes.push((name, type_name, bytes));
    }
    for (name, type_name, default) in
        [("screenWindowCenter", "v2f", vec![0; 8]), ("screenWindowWidth", "float", 1f32.to_le_bytes().to_vec())]
    {
        if frame.metadata.get(name).is_none() {
            attributes.push((name, type_name, default));
        }
    }
    let names = attributes.iter().flat_map(|(name, type_name, _)| [*name, *type_name]);
    let long = names.chain(planes.iter().map(|plane| plane.head.name.as_str())).any(|name| name.len() > 31);
    let mut header = vec![0x76, 0x2f, 0x31, 0x01];
    header.extend((2 | if long { LONG_NAMES } else { 0 }).to_le_bytes());
    for (name, type_name, bytes) in attributes {
        header.extend([name.as_bytes(), &[0], type_name.as_bytes(), &[0]].concat());
        let size =
            i32::try_from(bytes.len()).map_err(|_| unwritable(format!("the attribute \"{name}\""), "too long"))?;
        header.extend(size.to_le_bytes());
        header.extend(bytes);
    }
    header.push(0);
    Ok(header)
}

fn channel_list(planes: &[Plane<'_>]) -> Vec<u8> {
    let mut list = Vec::new();
    for ChannelHead { name, sample_type, linear, sampling } in planes.iter().map(|plane| &plane.head) {
        let number: u32 = match sample_type {
            SampleType::Uint => 0,
            SampleType::Half => 1,
            _ => 2,
        };
        list.extend(name.as_bytes());
        list.push(0);
        list.extend(number.to_le_bytes());
        list.extend([u8::from(*linear), 0, 0, 0]);
        list.extend(sampling.iter().flat_map(|step| step.to_le_bytes()));
    }
    list.push(0);
    list
}

/// A window as OpenEXR writes it: both corners inclusive.
fn corners(window: Rect) -> Vec<u8> {
    [window.x0, window.y0, window.x1 - 1, window.y1 - 1].iter().flat_map(|at| at.to_le_bytes()).collect()
}

/// Some lines of all channels, packed.
fn pack(
    frame: &Frame,
    planes: &[Plane<'_>],
    rows: std::ops::Range<usize>,
    layout: &MetaData,
) -> Result<Vec<u8>, Problem> {
    let width = frame.data_window().width();
    let (mut data, mut floats, mut halves) = (Vec::new(), vec![0.0; width], vec![f16::ZERO; width]);
    for row in rows.clone() {
        let line = row * width..(row + 1) * width;
        for Plane { head, source } in planes {
            match source {
                Source::Samples(Samples::F16(samples)) => {
                    append(&mut data, &samples[line.clone()], |s| s.to_ne_bytes())
                }
                Source::Samples(Samples::F32(samples)) => {
                    append(&mut data, &samples[line.clone()], |s| s.to_ne_bytes())
                }
                Source::Samples(Samples::U32(samples)) => {
                    append(&mut data, &samples[line.clone()], |s| s.to_ne_bytes())
                }
                Source::Image(place) => {
                    let pixels = frame.image.values()[line.start * 4..line.end * 4].chunks_exact(4);
                    floats.iter_mut().zip(pixels).for_each(|(float, pixel)| *float = pixel[*place]);
                    if head.sample_type == SampleType::Half {
                        convert::narrow(&floats, &mut halves);
                        append(&mut data, &halves, |half| half.to_ne_bytes());
                    } else {
                        append(&mut data, &floats, |float| float.to_ne_bytes());
                    }
                }
            }
        }
    }
    let index = BlockIndex {
        layer: 0,
        pixel_position: Vec2(0, rows.start),
        pixel_size: Vec2(width, rows.len()),
        level: Vec2(0, 0),
    };
    let chunk = codec::guarded(|| UncompressedBlock { index, data }.compress_to_chunk(&layout.headers))
        .map_err(|error| unwritable("a block of pixels", error))?;
    match chunk.compressed_block {
        CompressedBlock::ScanLine(block) => Ok(block.compressed_pixels_le),
        _ => unreachable!("a part in lines is packed in lines"),
    }
}

fn append<T: Copy, const N: usize>(data: &mut Vec<u8>, samples: &[T], bytes: impl Fn(T) -> [u8; N]) {
    let start = data.len();
    data.resize(start + samples.len() * N, 0);
    for (place, sample) in data[start..].as_chunks_mut().0.iter_mut().zip(samples) {
        *place = bytes(*sample);
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    if (1..=255).contains(&name.len()) && !name.contains('\0') {
        return Ok(());
    }
    Err(unwritable(what, "a name has 1 to 255 bytes and no zero among them"))
}

fn unwritable(what: impl Into<String>, why: impl Into<String>) -> Problem {
    Problem::Unwritable { what: what.into(), why: why.into() }
}
