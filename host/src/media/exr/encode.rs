//! A frame to an OpenEXR file: one part, in lines, packed on the current rayon pool and written as they come.

use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use half::f16;

use super::super::error::Problem;
use super::super::{ColourType, Compression, WriteOptions};
use super::codec::{Codec, Level};
use super::header::{ChannelHead, LONG_NAMES, MAX_COORDINATE, STRUCTURAL};
use super::rows::{Layout, fill};
use super::{attribute, workers};
use crate::image::{Frame, MetaValue, Rect, SampleType, Samples};

/// The attribute with the level of DWA.
const DWA_LEVEL: &str = "dwaCompressionLevel";
/// How much DWA loses where nobody says it; the value of OpenEXR.
const DEFAULT_DWA_LEVEL: f32 = 45.0;
/// How many bytes of pixels a thread takes at once, where blocks are smaller than that.
const RUN_BYTES: usize = 512 << 10;

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

/// Writes a frame.
pub(in super::super) fn write(
    frame: &Frame,
    options: &WriteOptions,
    out: &mut (impl Write + Seek + Send),
) -> Result<(), Problem> {
    let window = frame.data_window();
    check_window("the data window", window)?;
    check_window("the display window", frame.display_window)?;
    if !(1e-6..=1e6).contains(&frame.pixel_aspect) {
        return Err(unwritable(format!("a pixel aspect of {}", frame.pixel_aspect), "it must lie within 1e-6 and 1e6"));
    }
    let planes = planes(frame, options)?;
    let level = Level { zip: zip_level(options)?, dwa: dwa_level(frame, options) };
    let header = header(frame, options, &planes, level.dwa)?;
    let heads: Vec<_> = planes.iter().map(|plane| plane.head.clone()).collect();
    let codec = Codec::new(options.compression, level, &heads);
    let layout = Layout::of(&heads);
    let (width, lines) = (window.width(), Codec::lines(options.compression));
    let line_bytes = width * layout.pixel_bytes;
    let run = (RUN_BYTES / (lines * line_bytes)).max(1);
    let blocks = window.height().div_ceil(lines);
    let file = Mutex::new(InOrder::begin(out, &header, blocks)?);
    workers::each(
        blocks.div_ceil(run),
        || (codec.workspace([width, lines]), vec![0; lines * line_bytes], Vec::new()),
        |(workspace, plain, bytes), index| {
            let mut lengths = Vec::with_capacity(run);
            for block in index * run..blocks.min((index + 1) * run) {
                let first = block * lines;
                let rows = first..(first + lines).min(window.height());
                let plain = &mut plain[..rows.len() * line_bytes];
                gather(frame, &planes, rows.clone(), &layout, plain);
                let packed = codec
                    .pack(workspace, plain, [width, rows.len()])
                    .map_err(|error| unwritable("a block of pixels", error))?;
                bytes.extend((window.y0 + first as i32).to_le_bytes());
                bytes.extend((packed.len() as u32).to_le_bytes());
                bytes.extend(packed);
                lengths.push(8 + packed.len() as u64);
            }
            let full = std::mem::take(bytes);
            *bytes = file.lock().unwrap_or_else(PoisonError::into_inner).put(index, lengths, full)?;
            Ok::<_, Problem>(())
        },
    )?;
    file.into_inner().unwrap_or_else(PoisonError::into_inner).end()
}

/// A file whose blocks are written in their order, whoever has packed them when.
struct InOrder<'a, W> {
    out: &'a mut W,
    table_at: u64,
    /// Where the next block comes to be.
    end: u64,
    /// Where each block is that was written.
    offsets: Vec<u64>,
    next: usize,
    /// Those that wait for others before them.
    waiting: BTreeMap<usize, (Vec<u64>, Vec<u8>)>,
    /// Memory of blocks that are written.
    spare: Vec<Vec<u8>>,
}

impl<'a, W: Write + Seek> InOrder<'a, W> {
    /// Writes the header, and leaves room for the table of blocks.
    fn begin(out: &'a mut W, header: &[u8], blocks: usize) -> Result<Self, Problem> {
        out.write_all(header)?;
        out.write_all(&vec![0; blocks * 8])?;
        let table_at = header.len() as u64;
        let end = table_at + blocks as u64 * 8;
        Ok(Self {
            out,
            table_at,
            end,
            offsets: Vec::with_capacity(blocks),
            next: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
        })
    }

    /// Writes some blocks when it is their turn. Gives memory for the next ones.
    fn put(&mut self, index: usize, lengths: Vec<u64>, bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
        self.waiting.insert(index, (lengths, bytes));
        while let Some((lengths, mut bytes)) = self.waiting.remove(&self.next) {
            self.out.write_all(&bytes)?;
            for length in lengths {
                self.offsets.push(self.end);
                self.end += length;
            }
            self.next += 1;
            bytes.clear();
            self.spare.push(bytes);
        }
        Ok(self.spare.pop().unwrap_or_default())
    }

    /// Writes the table of blocks.
    fn end(self) -> Result<(), Problem> {
        let table: Vec<u8> = self.offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        self.out.seek(SeekFrom::Start(self.table_at))?;
        Ok(self.out.write_all(&table)?)
    }
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

fn zip_level(options: &WriteOptions) -> Result<Option<u8>, Problem> {
    match options.zip_level {
        None | Some(1..=12) => Ok(options.zip_level),
        Some(level) => Err(unwritable(format!("the ZIP level {level}"), "it must lie within 1 and 12")),
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

/// The plain bytes of some lines.
fn gather(frame: &Frame, planes: &[Plane<'_>], rows: std::ops::Range<usize>, layout: &Layout, plain: &mut [u8]) {
    let width = frame.data_window().width();
    let mut colour = [0; 4];
    for (channel, plane) in planes.iter().enumerate() {
        if let Source::Image(place) = plane.source {
            colour[place] = channel;
        }
    }
    for (row, line) in rows.zip(plain.chunks_exact_mut(width * layout.pixel_bytes)) {
        let here = row * width..(row + 1) * width;
        layout.line(&frame.image.pixels()[here.clone()], colour, line);
        for (channel, plane) in planes.iter().enumerate() {
            let Source::Samples(samples) = plane.source else { continue };
            let bytes = layout.samples_mut(line, channel, width);
            match samples {
                Samples::F16(samples) => fill(&samples[here.clone()], bytes, f16::to_le_bytes),
                Samples::F32(samples) => fill(&samples[here.clone()], bytes, f32::to_le_bytes),
                Samples::U32(samples) => fill(&samples[here.clone()], bytes, u32::to_le_bytes),
            }
        }
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
