//! What a reader found in a file, and the frame that it becomes.

use std::convert::identity;

use half::f16;

use super::super::error::{Problem, damaged};
use super::super::samples::{self, Alpha, Code, Meaning, Sample, Transfer};
use super::super::turn::Turn;
use super::super::{ChannelInfo, ChannelSet, Format, PartInfo, ReadOptions};
use crate::image::{Channel, Frame, Image, ImageError, Metadata, Rect, SampleType, Samples};

/// Rows and columns that are made at once: those of a picture that is turned are near each other in the file too.
const TILE: [usize; 2] = [64, 64];

/// A file whose header was read.
pub(super) struct Still {
    /// What the header says.
    pub(super) head: Head,
    /// Gives the samples: row by row from the top of the file, the channels of a pixel together, in the byte order of
    /// this machine, [`SampleType::bytes`] each.
    pub(super) unpack: Box<dyn FnOnce() -> Result<Vec<u8>, Problem>>,
}

/// What a header says.
pub(super) struct Head {
    /// Columns and rows as they lie in the file.
    pub(super) size: [u32; 2],
    /// Grey, grey and alpha, colour, or colour and alpha.
    pub(super) channels: usize,
    /// Channels after those, which are neither colour nor alpha.
    pub(super) extra: usize,
    /// What a sample is.
    pub(super) stored: SampleType,
    /// What it means.
    pub(super) meaning: Meaning,
    /// How the picture lies in the file.
    pub(super) turn: Turn,
    /// Width of a pixel divided by its height, upright.
    pub(super) pixel_aspect: f32,
    /// How it is packed, in lower case.
    pub(super) compression: String,
    /// What else it says.
    pub(super) metadata: Metadata,
    /// What is not supported of it.
    pub(super) refusal: Option<String>,
    /// Bytes that unpacking takes beside the frame.
    pub(super) unpacking: u64,
}

impl Head {
    /// A head of so many columns, rows and channels, with what is usual for all else: codes on the sRGB curve with
    /// straight alpha, or linear premultiplied floats.
    pub(super) fn new(size: [u32; 2], channels: usize, stored: SampleType) -> Self {
        let float = matches!(stored, SampleType::Half | SampleType::Float);
        let mut head = Self {
            size,
            channels,
            extra: 0,
            stored,
            meaning: match float {
                true => Meaning { transfer: Transfer::Linear, alpha: Alpha::Premultiplied },
                false => Meaning { transfer: Transfer::Srgb, alpha: Alpha::Straight },
            },
            turn: Turn::NONE,
            pixel_aspect: 1.0,
            compression: "none".to_owned(),
            metadata: Metadata::default(),
            refusal: None,
            unpacking: 0,
        };
        head.unpacking = head.bytes();
        head
    }

    /// Bytes of the unpacked samples.
    pub(super) fn bytes(&self) -> u64 {
        self.area().saturating_mul(((self.channels + self.extra) * self.stored.bytes()) as u64)
    }

    /// How many pixels there are.
    pub(super) fn area(&self) -> u64 {
        u64::from(self.size[0]) * u64::from(self.size[1])
    }

    /// The same, told.
    pub(super) fn info(self, format: Format) -> PartInfo {
        let [columns, rows] = self.turn.upright(self.size);
        let window = Rect::of_size(columns, rows);
        let names = self.names().into_iter();
        let channel = |name| ChannelInfo { name, sample_type: self.stored, sampling: [1, 1] };
        PartInfo {
            name: None,
            kind: format.suffix().to_owned(),
            channels: names.map(channel).collect(),
            compression: self.compression,
            data_window: window,
            display_window: window,
            pixel_aspect: self.pixel_aspect,
            layers: Vec::new(),
            views: Vec::new(),
            levels: Vec::new(),
            metadata: self.metadata,
            refusal: self.refusal.map(|feature| Problem::Unsupported { feature }.to_string()),
        }
    }

    /// What its channels are called: grey or colours, alpha, and those beyond.
    pub(super) fn names(&self) -> Vec<String> {
        let colour: &[&str] = match self.channels {
            1 => &["Y"],
            2 => &["Y", "A"],
            3 => &["R", "G", "B"],
            _ => &["R", "G", "B", "A"],
        };
        colour.iter().map(|name| (*name).to_owned()).chain((0..self.extra).map(|at| self.extra_name(at))).collect()
    }

    /// What a channel beyond colour and alpha is called: by its place in the file.
    fn extra_name(&self, at: usize) -> String {
        format!("channel{}", self.channels + at)
    }

    /// Holds the claims against the limit.
    fn check(&self, kept: usize, limit: u64) -> Result<(), Problem> {
        let [columns, rows] = self.size;
        if columns == 0 || rows == 0 || columns.max(rows) > i32::MAX as u32 {
            return Err(damaged(format!("{columns} columns and {rows} rows, expected 1 to {} of each", i32::MAX)));
        }
        let frame = self.area().saturating_mul(16 + 4 * kept as u64);
        let bytes = frame.saturating_add(self.unpacking);
        if bytes > limit { Err(Problem::TooLarge { bytes, limit }) } else { Ok(()) }
    }
}

impl Still {
    /// The frame, if it keeps within the limit.
    pub(super) fn frame(self, options: &ReadOptions) -> Result<Frame, Problem> {
        let Self { mut head, unpack } = self;
        if let Some(feature) = head.refusal.take() {
            return Err(Problem::Unsupported { feature });
        }
        let kept = if options.kept == ChannelSet::All { head.extra } else { 0 };
        head.check(kept, options.limits.max_bytes)?;
        let bytes = unpack()?;
        if bytes.len() as u64 != head.bytes() {
            return Err(damaged(format!("{} bytes of pixels, expected {}", bytes.len(), head.bytes())));
        }
        let picture = Picture { head: &head, bytes: &bytes, kept };
        let made = match head.stored {
            SampleType::Unorm8 => picture.make::<u8>(),
            SampleType::Unorm10 => picture.make::<Code<10>>(),
            SampleType::Unorm12 => picture.make::<Code<12>>(),
            SampleType::Unorm16 => picture.make::<u16>(),
            SampleType::Unorm32 | SampleType::Uint => picture.make::<u32>(),
            SampleType::Half => picture.make::<f16>(),
            SampleType::Float => picture.make::<f32>(),
        };
        let (image, channels) = made.map_err(|_| Problem::OutOfMemory { bytes: head.area() * 16 })?;
        let Head { stored, metadata, pixel_aspect, .. } = head;
        Ok(Frame { stored, metadata, pixel_aspect, channels, ..Frame::new(image) })
    }
}

/// Unpacked samples on their way to pixels.
struct Picture<'a> {
    head: &'a Head,
    bytes: &'a [u8],
    /// How many of the extra channels are wanted.
    kept: usize,
}

impl Picture<'_> {
    fn make<T: Stored>(&self) -> Result<(Image, Vec<Channel>), ImageError> {
        let Head { channels, turn, size, .. } = *self.head;
        let [columns, rows] = turn.upright(size);
        let window = Rect::of_size(columns, rows);
        let meaning = self.head.meaning;
        let pixel = channels + self.head.extra;
        let whole = turn.is_none() && pixel == channels;
        let tile = if turn.is_none() { [1, 1024] } else { TILE };
        let image = samples::image::<T>(window, channels, meaning, tile, |ys, xs, out| {
            for (row, y) in out.chunks_mut(xs.len() * channels).zip(ys) {
                if whole {
                    let start = y * size[0] as usize + xs.start;
                    T::copy(&self.bytes[start * pixel * T::BYTES..], row);
                } else {
                    for (out, x) in row.chunks_mut(channels).zip(xs.clone()) {
                        T::copy(self.pixel::<T>([x, y]), out);
                    }
                }
            }
        })?;
        let extra = (0..self.kept).map(|at| Channel { name: self.head.extra_name(at), samples: self.extra::<T>(at) });
        Ok((image, extra.collect()))
    }

    /// The bytes of a pixel of the upright picture, and all after it.
    fn pixel<T: Stored>(&self, place: [usize; 2]) -> &[u8] {
        let size = self.head.size.map(|side| side as usize);
        let [x, y] = self.head.turn.stored(place, size);
        &self.bytes[(y * size[0] + x) * (self.head.channels + self.head.extra) * T::BYTES..]
    }

    /// A channel beyond colour and alpha, as the numbers that its samples stand for.
    fn extra<T: Stored>(&self, at: usize) -> Samples {
        let [columns, rows] = self.head.turn.upright(self.head.size).map(|side| side as usize);
        let start = (self.head.channels + at) * T::BYTES;
        let places = (0..rows).flat_map(|y| (0..columns).map(move |x| [x, y]));
        let sample = |place| T::of(&self.pixel::<T>(place)[start..]);
        match self.head.stored {
            SampleType::Half => Samples::F16(places.map(|place| f16::from_f32(sample(place).unit())).collect()),
            _ => Samples::F32(places.map(|place| sample(place).unit()).collect()),
        }
    }
}

/// A sample that lies in bytes, in the order of this machine.
trait Stored: Sample {
    /// How many it takes.
    const BYTES: usize;

    /// The first one.
    fn of(bytes: &[u8]) -> Self;

    /// As many as there is room for.
    #[inline(always)]
    fn copy(bytes: &[u8], out: &mut [Self]) {
        out.iter_mut().zip(bytes.chunks_exact(Self::BYTES)).for_each(|(out, bytes)| *out = Self::of(bytes));
    }
}

macro_rules! stored {
    ($($sample:ty, $number:ty: $from:expr;)*) => {$(
        impl Stored for $sample {
            const BYTES: usize = size_of::<$number>();

            #[inline(always)]
            fn of(bytes: &[u8]) -> Self {
                let mut number = [0; size_of::<$number>()];
                number.copy_from_slice(&bytes[..size_of::<$number>()]);
                $from(<$number>::from_ne_bytes(number))
            }
        }
    )*};
}

stored! {
    u8, u8: identity;
    u16, u16: identity;
    u32, u32: identity;
    f32, f32: identity;
    f16, u16: f16::from_bits;
    Code<10>, u16: Code::new;
    Code<12>, u16: Code::new;
}
