//! Deflate: by libdeflate, and where looking for repeats is in vain, by runs and a Huffman code alone.

mod code;
mod runs;

use libdeflater::{CompressionLvl, Compressor, Decompressor, adler32};

use runs::{Bits, Runs};

/// How hard libdeflate tries where nobody says it: files are as small as those of OpenEXR's own writer.
const USUAL_LEVEL: u8 = 4;
/// How hard it tries to find repeats in a sample.
const SAMPLE_LEVEL: i32 = 1;
/// Which part of a half the sample is: of blocks of 16 lines, two of them.
const SAMPLE: usize = 8;
/// A shorter sample tells nothing.
const SHORTEST_SAMPLE: usize = 4 << 10;
/// The head of a zlib stream that was packed in haste.
const ZLIB_HEAD: [u8; 2] = [0x78, 0x01];

/// Packs and unpacks zlib streams. Keeps its tables from block to block.
pub(super) struct Deflate {
    level: Option<u8>,
    unpacker: Decompressor,
    packer: Option<Compressor>,
    sampler: Option<Compressor>,
    runs: Runs,
    sample: Vec<u8>,
}

impl Deflate {
    /// For streams that are packed at a level of libdeflate, 1 to 12, or in the usual way.
    pub(super) fn new(level: Option<u8>) -> Self {
        let (packer, sampler) = (None, None);
        Self { level, unpacker: Decompressor::new(), packer, sampler, runs: Runs::default(), sample: Vec::new() }
    }

    /// Unpacks a stream of which the size is known to the byte.
    pub(super) fn unpack(&mut self, packed: &[u8], bytes: &mut [u8]) -> Result<(), String> {
        match self.unpacker.zlib_decompress(packed, bytes) {
            Ok(found) if found == bytes.len() => Ok(()),
            Ok(found) => Err(format!("{found} bytes come of a deflated block, expected {}", bytes.len())),
            Err(error) => Err(format!("a deflated block: {error}")),
        }
    }

    /// Packs bytes; how many came, or none if they do not fit.
    pub(super) fn pack(&mut self, bytes: &[u8], packed: &mut [u8]) -> Option<usize> {
        self.packer().zlib_compress(bytes, packed).ok()
    }

    /// Packs two halves of which each is of one kind, as the low and the high bytes of pixels are; how many bytes came, or
    /// none if they do not fit.
    ///
    /// Where no level was asked for, the low bytes, which are mostly noise, or both halves are packed by runs, if a sample
    /// says that repeats would not make them smaller.
    pub(super) fn pack_halves(&mut self, bytes: &[u8], packed: &mut [u8]) -> Option<usize> {
        let (low, high) = bytes.split_at(bytes.len().div_ceil(2));
        if self.level.is_some() || !self.is_noise(low) {
            return self.pack(bytes, packed);
        }
        let mut bits = Bits::new(packed.get_mut(ZLIB_HEAD.len()..)?);
        let all = self.is_noise(high);
        self.runs.append(low, false, &mut bits)?;
        let mut length = ZLIB_HEAD.len();
        if all {
            self.runs.append(high, true, &mut bits)?;
            length += bits.end()?;
        } else {
            length += bits.align()?;
            length += self.packer().deflate_compress(high, &mut packed[length..]).ok()?;
        }
        packed[..ZLIB_HEAD.len()].copy_from_slice(&ZLIB_HEAD);
        packed.get_mut(length..length + 4)?.copy_from_slice(&adler32(bytes).to_be_bytes());
        Some(length + 4)
    }

    /// Appends a packed stream of any length; how many bytes it takes. Nothing becomes nothing.
    pub(super) fn append(&mut self, bytes: &[u8], packed: &mut Vec<u8>) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let start = packed.len();
        packed.resize(start + self.packer().zlib_compress_bound(bytes.len()), 0);
        let length = self.pack(bytes, &mut packed[start..]).expect("the bound is one");
        packed.truncate(start + length);
        length
    }

    /// Whether a sample from the middle is as small by runs as with repeats.
    fn is_noise(&mut self, bytes: &[u8]) -> bool {
        let length = bytes.len() / SAMPLE;
        if length < SHORTEST_SAMPLE {
            return false;
        }
        let sample = &bytes[(bytes.len() - length) / 2..][..length];
        let by_runs = self.runs.length(sample);
        self.sample.resize(by_runs - 1, 0);
        let sampler = self.sampler.get_or_insert_with(|| Compressor::new(level(SAMPLE_LEVEL)));
        // Where repeats take less, they have room in this.
        sampler.deflate_compress(sample, &mut self.sample).is_err()
    }

    fn packer(&mut self) -> &mut Compressor {
        let asked = self.level.unwrap_or(USUAL_LEVEL);
        self.packer.get_or_insert_with(|| Compressor::new(level(asked.into())))
    }
}

fn level(number: i32) -> CompressionLvl {
    CompressionLvl::new(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise in the low bytes, in both, or in neither: the bytes come back, and are never more than libdeflate's by more
    /// than a fiftieth. A level that was asked for is libdeflate's own.
    #[test]
    fn halves_come_back_and_are_as_small() {
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let half = 100_000;
        let noisy: Vec<u8> = (0..half).map(|_| noise() & noise()).collect();
        let texture: Vec<u8> = (0..half).map(|at| noisy[at % 5000]).collect();
        let flat = vec![0x80; half];
        let even: Vec<u8> = (0..half).map(|_| noise()).collect();
        for (name, low, high) in [
            ("noise", &noisy, &noisy),
            ("noise of all bytes", &even, &noisy),
            ("noise and texture", &noisy, &texture),
            ("texture", &texture, &texture),
            ("texture and noise", &texture, &noisy),
            ("flat", &flat, &flat),
            ("noise and flat", &noisy, &flat),
        ] {
            let bytes = [low.as_slice(), high].concat();
            let (mut usual, mut hard) = (vec![0; bytes.len()], vec![0; bytes.len()]);
            let length = Deflate::new(None).pack_halves(&bytes, &mut usual).expect(name);
            let libdeflate = Deflate::new(Some(4)).pack_halves(&bytes, &mut hard).expect(name);
            assert!(length * 50 <= libdeflate * 51, "{name}: {length} against {libdeflate}");
            let mut own = vec![0; bytes.len()];
            assert_eq!(Deflate::new(Some(4)).pack(&bytes, &mut own), Some(libdeflate));
            assert!(own == hard, "{name}");
            let mut back = vec![0; bytes.len()];
            Deflate::new(None).unpack(&usual[..length], &mut back).expect(name);
            assert!(back == bytes, "{name}");
            for room in [0, 1, 2, 5, length / 3, length - 4, length - 1] {
                let packed = Deflate::new(None).pack_halves(&bytes, &mut usual[..room]);
                assert_eq!(packed, None, "{name} in {room}");
            }
        }
    }
}
