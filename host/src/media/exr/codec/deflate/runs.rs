//! Deflate with repeats at the distance 1 alone: runs of a byte, and a Huffman code.
//!
//! Noise has no other repeats worth looking for, and looking is what takes the time. Any reader of zlib streams reads it.

use super::code::{Code, SYMBOLS};

/// So many bytes share a code: as many as a stored block has room for.
const BLOCK: usize = 0xffff;
/// What a stored block takes beside its bytes, in bits, where it begins with a byte.
const STORED_BITS: u64 = 40;
/// What a run costs, about, in bits: it pays where its bytes would cost more.
const RUN_BITS: f32 = 9.0;
/// The shortest and the longest run that there is a symbol for.
const SHORTEST: usize = 3;
const LONGEST: usize = 258;
/// The symbol that ends a block.
const END: usize = 256;
/// In each byte, the highest bit.
const HIGHEST: u64 = 0x8080_8080_8080_8080;

/// The buffers of a packer.
#[derive(Default)]
pub(super) struct Runs {
    /// How many bytes stand for themselves, and how often the last of them comes again.
    stretches: Vec<(usize, usize)>,
}

/// A stream of bits, the first one in the lowest bit of the first byte, into a slice. What has no room there is lost,
/// and told at the end.
pub(super) struct Bits<'a> {
    bytes: &'a mut [u8],
    at: usize,
    /// The last bits, and how many.
    waiting: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, at: 0, waiting: 0, count: 0 }
    }

    /// Appends bits, of which there is room for 57 since the last [`flush`](Self::flush).
    #[inline(always)]
    pub(super) fn put(&mut self, value: u16, bits: u8) {
        self.waiting |= u64::from(value) << self.count;
        self.count += u32::from(bits);
    }

    /// Hands on all whole bytes.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        let bytes = self.waiting.to_le_bytes();
        match self.bytes.get_mut(self.at..self.at + 8) {
            Some(room) => room.copy_from_slice(&bytes),
            None => {
                let rest = self.bytes.get_mut(self.at..).unwrap_or_default();
                rest.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
            }
        }
        self.at += self.count as usize / 8;
        self.waiting >>= self.count & !7;
        self.count %= 8;
    }

    /// Fills the last byte; how many there are, if all had room.
    pub(super) fn end(&mut self) -> Option<usize> {
        self.count = self.count.next_multiple_of(8);
        self.flush();
        (self.at <= self.bytes.len()).then_some(self.at)
    }

    /// Ends at a whole byte with an empty stored block, so that another stream can go on.
    pub(super) fn align(&mut self) -> Option<usize> {
        self.store(&[], false)?;
        self.end()
    }

    /// Appends a block of bytes as they are; none if they have no room.
    fn store(&mut self, bytes: &[u8], last: bool) -> Option<()> {
        self.put(last.into(), 3);
        self.count = self.count.next_multiple_of(8);
        self.flush();
        let length = bytes.len() as u16;
        self.put(length, 16);
        self.put(!length, 16);
        self.flush();
        self.bytes.get_mut(self.at..self.at + bytes.len())?.copy_from_slice(bytes);
        self.at += bytes.len();
        Some(())
    }
}

/// A block, ready to be written.
struct Block {
    code: Code,
    bits: u64,
}

impl Runs {
    /// How many bytes a stretch takes, as one block.
    pub(super) fn length(&mut self, bytes: &[u8]) -> usize {
        self.prepare(bytes, 0..bytes.len()).bits.min(stored_bits(bytes)).div_ceil(8) as usize
    }

    /// Appends blocks, of which the last one ends the stream or does not; none where they have no room.
    pub(super) fn append(&mut self, bytes: &[u8], last: bool, bits: &mut Bits<'_>) -> Option<()> {
        for from in (0..bytes.len()).step_by(BLOCK) {
            let to = bytes.len().min(from + BLOCK);
            let block = self.prepare(bytes, from..to);
            let (last, plain) = (last && to == bytes.len(), &bytes[from..to]);
            if block.bits > stored_bits(plain) {
                bits.store(plain, last)?;
                continue;
            }
            let room = bits.bytes.len().saturating_sub(bits.at) as u64 * 8;
            if block.bits + u64::from(bits.count) > room {
                return None;
            }
            bits.put(u16::from(last) | 2 << 1, 3);
            block.code.write(bits);
            self.write(plain, &block.code.codes, bits);
        }
        Some(())
    }

    /// Finds the runs of a block and its code.
    fn prepare(&mut self, bytes: &[u8], block: std::ops::Range<usize>) -> Block {
        let mut counts = histogram(&bytes[block.clone()]);
        let least = worthwhile(&counts, block.len());
        counts[END] = 1;
        self.stretches.clear();
        let (mut at, mut plain, mut extra_bits) = (block.start, block.start, 0);
        while let Some(start) = next_run(bytes, at.max(1), block.end) {
            let byte = bytes[start];
            let run = run(byte, &bytes[start..block.end.min(start + LONGEST)]);
            at = start + run;
            if run >= least[usize::from(byte)] {
                let (symbol, _, extra) = length_symbol(run);
                counts[usize::from(byte)] -= run as u32;
                counts[symbol] += 1;
                extra_bits += u64::from(extra) + 1;
                self.stretches.push((start - plain, run));
                plain = at;
            }
        }
        self.stretches.push((block.end - plain, 0));
        let code = Code::of(&counts);
        let of_symbols = counts.iter().zip(&code.codes).map(|(count, (_, bits))| u64::from(*count) * u64::from(*bits));
        let bits = 3 + code.head_bits() + of_symbols.sum::<u64>() + extra_bits;
        Block { code, bits }
    }

    fn write(&self, bytes: &[u8], codes: &[(u16, u8); SYMBOLS], bits: &mut Bits<'_>) {
        let mut rest = bytes;
        for (plain, run) in &self.stretches {
            let (literals, after) = rest.split_at(*plain);
            let (fours, others) = literals.as_chunks::<4>();
            for four in fours {
                for byte in four {
                    let (code, length) = codes[usize::from(*byte)];
                    bits.put(code, length);
                }
                bits.flush();
            }
            for byte in others {
                let (code, length) = codes[usize::from(*byte)];
                bits.put(code, length);
            }
            bits.flush();
            if *run > 0 {
                let (symbol, extra, extra_bits) = length_symbol(*run);
                let (code, length) = codes[symbol];
                bits.put(code, length);
                bits.put(extra, extra_bits);
                // The only distance.
                bits.put(0, 1);
                bits.flush();
            }
            rest = &after[*run..];
        }
        let (code, length) = codes[END];
        bits.put(code, length);
        bits.flush();
    }
}

/// What bytes take that are stored as they are.
fn stored_bits(bytes: &[u8]) -> u64 {
    8 * bytes.len() as u64 + STORED_BITS
}

/// How often each byte occurs. Four counts for each, since neighbours are often equal.
fn histogram(bytes: &[u8]) -> [u32; SYMBOLS] {
    let mut counts = [[0u32; 256]; 4];
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        for (byte, counts) in four.iter().zip(&mut counts) {
            counts[usize::from(*byte)] += 1;
        }
    }
    rest.iter().for_each(|byte| counts[0][usize::from(*byte)] += 1);
    std::array::from_fn(|symbol| if symbol < 256 { counts.iter().map(|counts| counts[symbol]).sum() } else { 0 })
}

/// For each byte, from which length on a run of it takes less than its bytes one by one.
fn worthwhile(counts: &[u32; SYMBOLS], total: usize) -> [usize; 256] {
    std::array::from_fn(|byte| match counts[byte] {
        0 => LONGEST,
        count => {
            let bits = (total as f32 / count as f32).log2();
            ((RUN_BITS / bits.max(0.05)) as usize).clamp(SHORTEST, LONGEST)
        }
    })
}

/// Where the next three bytes begin that each equal the one before them. `at` is 1 or more.
fn next_run(bytes: &[u8], mut at: usize, end: usize) -> Option<usize> {
    let eight =
        |at: usize| bytes[..end].get(at..).and_then(|rest| rest.first_chunk()).map(|eight| u64::from_le_bytes(*eight));
    while let (Some(before), Some(here)) = (eight(at - 1), eight(at)) {
        let difference = before ^ here;
        let equal = !(((difference & !HIGHEST) + !HIGHEST) | difference) & HIGHEST;
        let three = equal & equal >> 8 & equal >> 16;
        if three > 0 {
            return Some(at + three.trailing_zeros() as usize / 8);
        }
        at += 6;
    }
    (at..end.saturating_sub(SHORTEST - 1))
        .find(|at| bytes[at - 1..at + SHORTEST].windows(2).all(|pair| pair[0] == pair[1]))
}

/// How many of the first bytes are this one.
fn run(byte: u8, bytes: &[u8]) -> usize {
    let (eights, _) = bytes.as_chunks::<8>();
    let whole = eights.iter().take_while(|eight| **eight == [byte; 8]).count() * 8;
    whole + bytes[whole..].iter().take_while(|one| **one == byte).count()
}

/// The symbol of the length of a repeat, and its extra bits.
fn length_symbol(length: usize) -> (usize, u16, u8) {
    match length - SHORTEST {
        255 => (285, 0, 0),
        short @ 0..8 => (257 + short, 0, 0),
        long => {
            let bits = long.ilog2() as u8 - 2;
            (257 + 4 * usize::from(bits) + (long >> bits), (long & ((1 << bits) - 1)) as u16, bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Numbers that look random.
    fn random(mut state: u32) -> impl FnMut() -> u32 {
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        }
    }

    /// Runs of all lengths among noise of few and of many bytes.
    fn mixed(length: usize, bytes: u32, seed: u32) -> Vec<u8> {
        let mut next = random(seed);
        let mut out = Vec::with_capacity(length + 2000);
        while out.len() < length {
            let byte = (next() % bytes) as u8;
            let times = if next().is_multiple_of(8) { 1 + next() % 700 } else { 1 };
            out.extend((0..times).map(|_| byte));
        }
        out.truncate(length);
        out
    }

    /// Both readers that the host has read the same bytes, and the length that was told is that of the stream.
    #[test]
    fn every_stream_is_read_by_others() {
        let mut runs = Runs::default();
        let lengths = [1, 2, 3, 4, 9, 258, 259, 260, 261, 262, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17];
        for (seed, length) in lengths.into_iter().enumerate() {
            let mut next = random(seed as u32);
            let noise = (0..length).map(|_| (next() >> 8) as u8).collect();
            let plain = [mixed(length, 256, seed as u32), mixed(length, 3, seed as u32), vec![7; length], noise];
            for plain in plain {
                let mut packed = vec![0; 2 * length + 600];
                let mut bits = Bits::new(&mut packed);
                runs.append(&plain, true, &mut bits).expect("there is room");
                let end = bits.end().expect("there is room");
                let mut read = Vec::new();
                let found = flate2::read::DeflateDecoder::new(&packed[..end]).read_to_end(&mut read);
                assert!(found.is_ok() && read == plain, "{length}");
                let mut read = vec![0; length];
                let found = libdeflater::Decompressor::new().deflate_decompress(&packed[..end], &mut read);
                assert!(found == Ok(length) && read == plain, "{length}");
                if length <= BLOCK {
                    assert_eq!(runs.length(&plain), end);
                }
                for room in [0, end / 2, end - 1] {
                    let mut small = vec![0; room];
                    let mut bits = Bits::new(&mut small);
                    let done = runs.append(&plain, true, &mut bits).and_then(|()| bits.end());
                    assert_eq!(done, None, "{length} in {room}");
                }
            }
        }
    }

    #[test]
    fn lengths_have_the_symbols_of_rfc_1951() {
        for (length, symbol) in [
            (3, (257, 0, 0)),
            (10, (264, 0, 0)),
            (11, (265, 0, 1)),
            (12, (265, 1, 1)),
            (13, (266, 0, 1)),
            (19, (269, 0, 2)),
            (227, (284, 0, 5)),
            (257, (284, 30, 5)),
            (258, (285, 0, 0)),
        ] {
            assert_eq!(length_symbol(length), symbol, "{length}");
        }
    }
}
