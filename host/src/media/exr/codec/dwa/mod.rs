//! DWA: colour as cosines of blocks of 8 x 8 pixels, alpha as runs, other channels as they are.
//!
//! A block: eleven counters of 64 bits, the rules for channels, and four sections: channels as they are, deflated; the
//! higher numbers of cosines, in a Huffman code or deflated; the first numbers, deflated as differences; and runs of the
//! bytes of channels, their low ones first, deflated.
//!
//! Every counter is held against the size of the block before anything is allocated for it.

mod cosine;
mod curve;
mod lossy;
mod quantize;
mod rules;

use lossy::{Channel, Extent, Stream};
use rules::{Plan, Rule, Scheme};

use super::super::header::ChannelHead;
use super::deflate::Deflate;
use super::piz::Huffman;
use super::{Level, bytes, rle, room};
use crate::image::SampleType;

/// The counters, in their order.
#[derive(Clone, Copy)]
enum Counter {
    Version,
    PlainBytes,
    PlainPacked,
    HigherPacked,
    FirstPacked,
    RunsPacked,
    RunsBytes,
    RunsPlain,
    Higher,
    First,
    HigherCoding,
}

/// How many counters there are.
const COUNTERS: usize = 11;
/// The version with rules, which is written.
const VERSION: u64 = 2;
/// The numbers of the ways to pack higher numbers.
const HUFFMAN: u64 = 0;
const DEFLATE: u64 = 1;

/// What is kept from block to block.
pub(super) struct Dwa {
    huffman: Huffman,
    higher: Vec<u16>,
    first: Vec<u16>,
    /// Bytes half way.
    bytes: Vec<u8>,
    more: Vec<u8>,
}

/// The channels of a block, and where they lie in its plain bytes.
struct Layout {
    channels: Vec<Channel>,
    plan: Plan,
    extent: Extent,
}

impl Layout {
    fn of(channels: &[ChannelHead], rules: &[Rule], [width, height]: [usize; 2]) -> Result<Self, String> {
        let plan = Plan::of(rules, channels)?;
        let mut line_bytes = 0;
        let place = |channel: &ChannelHead| {
            let start = line_bytes;
            line_bytes += width * channel.sample_type.bytes();
            Channel { start, sample_type: channel.sample_type, linear: channel.linear }
        };
        let channels = channels.iter().map(place).collect();
        Ok(Self { channels, plan, extent: Extent { width, height, line_bytes } })
    }

    /// The channels that are packed in a way.
    fn each(&self, scheme: Scheme) -> impl Iterator<Item = &Channel> {
        self.channels.iter().zip(&self.plan.schemes).filter(move |(_, own)| **own == scheme).map(|(channel, _)| channel)
    }

    /// How many bytes they have.
    fn bytes(&self, scheme: Scheme) -> usize {
        let Extent { width, height, .. } = self.extent;
        self.each(scheme).map(|channel| channel.sample_type.bytes() * width * height).sum()
    }

    /// How many blocks of cosines there are in all channels.
    fn blocks(&self) -> usize {
        self.plan.groups.iter().map(Vec::len).sum::<usize>() * self.extent.blocks()
    }

    fn group(&self, group: &[usize]) -> Vec<Channel> {
        group.iter().map(|channel| self.channels[*channel]).collect()
    }

    /// The samples of a channel in each line.
    fn lines<'a>(&self, channel: &Channel, plain: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (start, length) = (channel.start, channel.sample_type.bytes() * self.extent.width);
        plain.chunks_exact(self.extent.line_bytes).map(move |line| &line[start..start + length])
    }

    fn lines_mut<'a>(&self, channel: &Channel, plain: &'a mut [u8]) -> impl Iterator<Item = &'a mut [u8]> + use<'a> {
        let (start, length) = (channel.start, channel.sample_type.bytes() * self.extent.width);
        plain.chunks_exact_mut(self.extent.line_bytes).map(move |line| &mut line[start..start + length])
    }
}

impl Dwa {
    pub(super) fn new() -> Self {
        Self { huffman: Huffman::new(), higher: Vec::new(), first: Vec::new(), bytes: Vec::new(), more: Vec::new() }
    }

    /// Unpacks a block.
    pub(super) fn unpack(
        &mut self,
        deflate: &mut Deflate,
        packed: &[u8],
        channels: &[ChannelHead],
        size: [usize; 2],
        plain: &mut [u8],
    ) -> Result<(), String> {
        let (head, rest) = packed.split_first_chunk::<{ 8 * COUNTERS }>().ok_or("a block without its counters")?;
        let counters = head.as_chunks().0;
        let counter = |at: Counter| u64::from_le_bytes(counters[at as usize]);
        let (rules, mut rest) = match counter(Counter::Version) {
            ..VERSION => (Rule::of_first_files(), rest),
            VERSION => Rule::read(rest)?,
            version => return Err(format!("DWA of version {version}")),
        };
        let layout = Layout::of(channels, &rules, size)?;
        let mut section = |length: Counter| {
            let length = usize::try_from(counter(length)).unwrap_or(usize::MAX);
            let (section, after) = rest.split_at_checked(length).ok_or("a section has no end")?;
            rest = after;
            Ok::<_, String>(section)
        };
        let as_they_are = section(Counter::PlainPacked)?;
        let higher = section(Counter::HigherPacked)?;
        let first = section(Counter::FirstPacked)?;
        let runs = section(Counter::RunsPacked)?;
        let known = |at: Counter, what: &str, range: std::ops::RangeInclusive<usize>| {
            let count = usize::try_from(counter(at)).unwrap_or(usize::MAX);
            match range.contains(&count) {
                true => Ok(count),
                false => Err(format!("{count} {what}, expected {} to {}", range.start(), range.end())),
            }
        };
        let exactly = |count: usize| count..=count;
        let plain_bytes = known(Counter::PlainBytes, "bytes as they are", exactly(layout.bytes(Scheme::Plain)))?;
        let runs_plain = known(Counter::RunsPlain, "bytes in runs", exactly(layout.bytes(Scheme::Runs)))?;
        let runs_bytes = known(Counter::RunsBytes, "bytes of runs", 0..=2 * runs_plain)?;
        let first_count = known(Counter::First, "blocks of cosines", exactly(layout.blocks()))?;
        let higher_count = known(Counter::Higher, "numbers of cosines", 0..=63 * layout.blocks())?;

        if plain_bytes > 0 {
            let bytes = room(&mut self.bytes, plain_bytes);
            deflate.unpack(as_they_are, bytes)?;
            layout.place(Scheme::Plain, bytes, plain);
        }
        if runs_plain > 0 {
            let bytes = room(&mut self.bytes, runs_bytes);
            deflate.unpack(runs, bytes)?;
            let planes = room(&mut self.more, runs_plain);
            rle::unpack(bytes, planes)?;
            layout.place(Scheme::Runs, planes, plain);
        }
        if first_count > 0 {
            let bytes = room(&mut self.bytes, 2 * first_count);
            deflate.unpack(first, bytes)?;
            bytes::sums(bytes);
            let numbers = room(&mut self.more, 2 * first_count);
            bytes::rearrange(bytes, numbers);
            self.first.clear();
            self.first.extend(numbers.as_chunks().0.iter().map(|number| u16::from_le_bytes(*number)));
            self.higher.clear();
            self.higher.resize(higher_count, 0);
            match counter(Counter::HigherCoding) {
                _ if higher_count == 0 => {}
                HUFFMAN => self.huffman.unpack(higher, &mut self.higher)?,
                DEFLATE => {
                    let bytes = room(&mut self.bytes, 2 * higher_count);
                    deflate.unpack(higher, bytes)?;
                    let numbers = bytes.as_chunks().0.iter().map(|number| u16::from_le_bytes(*number));
                    self.higher.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
                }
                coding => return Err(format!("cosines in the code {coding}")),
            }
            let (mut higher, mut first) = (Stream(&self.higher), Stream(&self.first));
            for group in &layout.plan.groups {
                lossy::unpack(&layout.group(group), layout.extent, &mut higher, &mut first, plain)?;
            }
        }
        Ok(())
    }

    /// Appends a block, packed.
    pub(super) fn pack(
        &mut self,
        deflate: &mut Deflate,
        level: Level,
        plain: &[u8],
        channels: &[ChannelHead],
        size: [usize; 2],
        packed: &mut Vec<u8>,
    ) -> Result<(), String> {
        let rules = Rule::current();
        let layout = Layout::of(channels, &rules, size)?;
        let start = packed.len();
        let mut counters = [0; COUNTERS];
        packed.extend([0; 8 * COUNTERS]);
        Rule::write(&rules, channels, packed);

        let bytes = room(&mut self.bytes, layout.bytes(Scheme::Plain));
        layout.collect(Scheme::Plain, plain, bytes);
        counters[Counter::PlainBytes as usize] = bytes.len();
        counters[Counter::PlainPacked as usize] = deflate.append(bytes, packed);

        self.higher.clear();
        self.first.clear();
        let tolerances = quantize::tolerances(level.dwa);
        for group in &layout.plan.groups {
            let group = layout.group(group);
            lossy::pack(&group, layout.extent, &tolerances, plain, &mut self.higher, &mut self.first);
        }
        counters[Counter::Higher as usize] = self.higher.len();
        let before = packed.len();
        if !self.higher.is_empty() {
            self.huffman.pack(&self.higher, packed);
        }
        counters[Counter::HigherPacked as usize] = packed.len() - before;

        counters[Counter::First as usize] = self.first.len();
        let numbers = room(&mut self.bytes, 2 * self.first.len());
        numbers.as_chunks_mut().0.iter_mut().zip(&self.first).for_each(|(place, number)| *place = number.to_le_bytes());
        let (arranged, differences) = room(&mut self.more, 2 * numbers.len()).split_at_mut(numbers.len());
        bytes::arrange(numbers, arranged);
        bytes::differences(arranged, differences);
        counters[Counter::FirstPacked as usize] = deflate.append(differences, packed);

        let planes = room(&mut self.bytes, layout.bytes(Scheme::Runs));
        layout.collect(Scheme::Runs, plain, planes);
        self.more.clear();
        rle::pack(planes, &mut self.more);
        counters[Counter::RunsPlain as usize] = planes.len();
        counters[Counter::RunsBytes as usize] = self.more.len();
        counters[Counter::RunsPacked as usize] = deflate.append(&self.more, packed);

        counters[Counter::Version as usize] = VERSION as usize;
        counters[Counter::HigherCoding as usize] = HUFFMAN as usize;
        for (place, counter) in packed[start..].as_chunks_mut().0.iter_mut().zip(counters) {
            *place = (counter as u64).to_le_bytes();
        }
        Ok(())
    }
}

impl Layout {
    /// Collects the samples of the channels that are packed in a way, channel by channel; of those in runs, all low bytes
    /// of a channel come first.
    fn collect(&self, scheme: Scheme, plain: &[u8], bytes: &mut [u8]) {
        let mut rest = bytes;
        for channel in self.each(scheme) {
            let size = channel.sample_type.bytes();
            let (own, others) = rest.split_at_mut(size * self.extent.width * self.extent.height);
            let lines = self.lines(channel, plain);
            match scheme {
                Scheme::Runs if channel.sample_type == SampleType::Half => planes::<2>(lines, own),
                Scheme::Runs => planes::<4>(lines, own),
                _ => own
                    .chunks_exact_mut(size * self.extent.width)
                    .zip(lines)
                    .for_each(|(to, from)| to.copy_from_slice(from)),
            }
            rest = others;
        }
    }

    /// Undoes [`collect`](Self::collect).
    fn place(&self, scheme: Scheme, bytes: &[u8], plain: &mut [u8]) {
        let mut rest = bytes;
        for channel in self.each(scheme) {
            let size = channel.sample_type.bytes();
            let (own, others) = rest.split_at(size * self.extent.width * self.extent.height);
            let lines = self.lines_mut(channel, plain);
            match scheme {
                Scheme::Runs if channel.sample_type == SampleType::Half => join::<2>(own, lines),
                Scheme::Runs => join::<4>(own, lines),
                _ => lines
                    .zip(own.chunks_exact(size * self.extent.width))
                    .for_each(|(to, from)| to.copy_from_slice(from)),
            }
            rest = others;
        }
    }
}

/// Samples of `N` bytes, their low bytes first.
fn planes<'a, const N: usize>(lines: impl Iterator<Item = &'a [u8]>, planes: &mut [u8]) {
    let count = planes.len() / N;
    let mut at = 0;
    for line in lines {
        let samples = line.as_chunks::<N>().0;
        for byte in 0..N {
            let plane = &mut planes[byte * count + at..][..samples.len()];
            plane.iter_mut().zip(samples).for_each(|(place, sample)| *place = sample[byte]);
        }
        at += samples.len();
    }
}

/// Undoes [`planes`].
fn join<'a, const N: usize>(planes: &[u8], lines: impl Iterator<Item = &'a mut [u8]>) {
    let count = planes.len() / N;
    let mut at = 0;
    for line in lines {
        let samples = line.as_chunks_mut::<N>().0;
        for byte in 0..N {
            let plane = &planes[byte * count + at..][..samples.len()];
            samples.iter_mut().zip(plane).for_each(|(sample, value)| sample[byte] = *value);
        }
        at += samples.len();
    }
}
