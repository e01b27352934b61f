//! How the samples of a row lie in words.
//!
//! - 8 and 16 bits, and floats: one after the other.
//! - 10 bits, filled: three in each word of 32 bits, above two bits that are left free (method A) or below them (B). The
//!   first is the highest, but where a pixel has one sample the lowest: so all writers do it that we know.
//! - 12 bits, filled: one in each word of 16 bits, above four free bits (A) or below them (B).
//! - 10 and 12 bits, packed: without gaps in words of 32 bits, from the lowest bit up. Each row begins with a new word.

use super::super::super::{Depth, Filling};
use super::header::Element;
use crate::image::SampleType;

/// The layout of the samples of one row.
pub(super) struct Packing {
    bits: u32,
    filling: Filling,
    components: usize,
    big: bool,
}

impl Packing {
    /// What an element says; an error names what is not supported.
    pub(super) fn of(element: &Element, components: usize) -> Result<Self, String> {
        let bits = u32::from(element.bits);
        let filling = match element.packing {
            0 => Filling::Packed,
            1 => Filling::A,
            2 => Filling::B,
            // Without meaning for whole bytes.
            _ if matches!(bits, 8 | 16 | 32 | 64) => Filling::Packed,
            other => return Err(format!("a DPX of the packing {other}")),
        };
        match bits {
            8 | 10 | 12 | 16 | 32 | 64 => Ok(Self { bits, filling, components, big: element.big }),
            bits => Err(format!("a DPX of {bits} bits")),
        }
    }

    /// That of a file to be written.
    pub(super) fn new(depth: Depth, filling: Filling, components: usize, big: bool) -> Self {
        let bits = match depth {
            Depth::Eight => 8,
            Depth::Ten => 10,
            Depth::Twelve => 12,
            _ => 16,
        };
        Self { bits, filling, components, big }
    }

    /// Bits of a sample.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// How it is called in a header.
    pub(super) fn code(&self) -> u16 {
        match self.filling {
            Filling::A if !self.bits.is_multiple_of(8) => 1,
            Filling::B if !self.bits.is_multiple_of(8) => 2,
            _ => 0,
        }
    }

    /// What a sample becomes.
    pub(super) fn stored(&self) -> SampleType {
        match self.bits {
            8 => SampleType::Unorm8,
            10 => SampleType::Unorm10,
            12 => SampleType::Unorm12,
            16 => SampleType::Unorm16,
            _ => SampleType::Float,
        }
    }

    /// Bytes of a row of so many pixels.
    pub(super) fn row_bytes(&self, columns: u32) -> u64 {
        let samples = u64::from(columns) * self.components as u64;
        match (self.bits, self.filling) {
            (10 | 12, Filling::Packed) => (samples * u64::from(self.bits)).div_ceil(32) * 4,
            (10, _) => samples.div_ceil(3) * 4,
            (12, _) => samples * 2,
            (bits, _) => samples * u64::from(bits / 8),
        }
    }

    /// The samples of a row, in the byte order of this machine.
    pub(super) fn unpack(&self, packed: &[u8], samples: &mut [u8]) {
        match self.bits {
            8 => samples.copy_from_slice(&packed[..samples.len()]),
            32 => {
                for (sample, bytes) in samples.as_chunks_mut::<4>().0.iter_mut().zip(packed.as_chunks().0) {
                    *sample = self.u32(*bytes).to_ne_bytes();
                }
            }
            64 => {
                for (sample, bytes) in samples.as_chunks_mut::<4>().0.iter_mut().zip(packed.as_chunks().0) {
                    let double = if self.big { f64::from_be_bytes(*bytes) } else { f64::from_le_bytes(*bytes) };
                    *sample = (double as f32).to_ne_bytes();
                }
            }
            _ => {
                for (at, sample) in samples.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                    *sample = self.code_at(packed, at).to_ne_bytes();
                }
            }
        }
    }

    /// The code of a place in a row of 10, 12 or 16 bits.
    #[inline(always)]
    fn code_at(&self, packed: &[u8], at: usize) -> u16 {
        let half_word = || {
            let bytes = [packed[at * 2], packed[at * 2 + 1]];
            if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
        };
        let word = |at: usize| packed.as_chunks().0.get(at).map_or(0, |bytes| self.u32(*bytes));
        match (self.bits, self.filling) {
            (16, _) => half_word(),
            (12, Filling::A) => half_word() >> 4,
            (12, Filling::B) => half_word() & 0xfff,
            (10, Filling::A | Filling::B) => (word(at / 3) >> self.shift(at) & 0x3ff) as u16,
            (bits, _) => {
                let bit = at * bits as usize;
                let two = u64::from(word(bit / 32)) | u64::from(word(bit / 32 + 1)) << 32;
                (two >> (bit % 32) & ((1 << bits) - 1)) as u16
            }
        }
    }

    /// Puts the codes of a row into its bytes, which are 0.
    pub(super) fn pack(&self, codes: &[u16], packed: &mut [u8]) {
        let half_words = |packed: &mut [u8], up: u32| {
            for (bytes, code) in packed.as_chunks_mut::<2>().0.iter_mut().zip(codes) {
                let word = code << up;
                *bytes = if self.big { word.to_be_bytes() } else { word.to_le_bytes() };
            }
        };
        match (self.bits, self.filling) {
            (8, _) => packed.iter_mut().zip(codes).for_each(|(byte, code)| *byte = *code as u8),
            (12, Filling::A) => half_words(packed, 4),
            (16, _) | (12, Filling::B) => half_words(packed, 0),
            (10, Filling::A | Filling::B) => {
                for (at, bytes) in packed.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    let three = codes[at * 3..].iter().take(3).enumerate();
                    let word = three.fold(0, |word, (slot, code)| word | u32::from(*code) << self.shift(slot));
                    *bytes = self.bytes(word);
                }
            }
            (bits, _) => {
                let mut words = packed.as_chunks_mut::<4>().0.iter_mut();
                let (mut held, mut count) = (0u64, 0);
                for code in codes {
                    held |= u64::from(*code) << count;
                    count += bits;
                    if count >= 32
                        && let Some(bytes) = words.next()
                    {
                        *bytes = self.bytes(held as u32);
                        held >>= 32;
                        count -= 32;
                    }
                }
                if let Some(bytes) = words.next() {
                    *bytes = self.bytes(held as u32);
                }
            }
        }
    }

    /// How far above the lowest bit the code of a place lies in its word of three.
    fn shift(&self, at: usize) -> u32 {
        let slot = if self.components == 1 { at % 3 } else { 2 - at % 3 } as u32;
        slot * 10 + if self.filling == Filling::A { 2 } else { 0 }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn bytes(&self, word: u32) -> [u8; 4] {
        if self.big { word.to_be_bytes() } else { word.to_le_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of ST 268, by hand.
    #[test]
    fn samples_lie_where_the_standard_puts_them() {
        let (one, two, three) = (0x3ff, 0x001, 0x200);
        for (depth, filling, components, words) in [
            (Depth::Ten, Filling::A, 3, vec![one << 22 | two << 12 | three << 2]),
            (Depth::Ten, Filling::B, 3, vec![one << 20 | two << 10 | three]),
            (Depth::Ten, Filling::A, 1, vec![one << 2 | two << 12 | three << 22]),
            (Depth::Ten, Filling::Packed, 3, vec![one | two << 10 | three << 20]),
            (Depth::Twelve, Filling::Packed, 3, vec![one | two << 12 | (three & 0xff) << 24, three >> 8]),
        ] {
            for big in [true, false] {
                let packing = Packing::new(depth, filling, components, big);
                let columns = 3 / components as u32;
                let mut packed = vec![0; packing.row_bytes(columns) as usize];
                packing.pack(&[one as u16, two as u16, three as u16], &mut packed);
                let expected: Vec<u8> = words.iter().flat_map(|word: &u32| packing.bytes(*word)).collect();
                assert_eq!(packed, expected, "{depth:?} {filling:?} {components} {big}");
            }
        }
        let packing = Packing::new(Depth::Twelve, Filling::A, 3, true);
        let mut packed = [0; 6];
        packing.pack(&[0xabc, 0x123, 0], &mut packed);
        assert_eq!(packed, [0xab, 0xc0, 0x12, 0x30, 0, 0]);
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        for depth in [Depth::Eight, Depth::Ten, Depth::Twelve, Depth::Sixteen] {
            for (filling, components, big) in
                [(Filling::A, 3, true), (Filling::B, 4, false), (Filling::Packed, 3, true), (Filling::A, 1, false)]
            {
                let packing = Packing::new(depth, filling, components, big);
                for columns in 1..14 {
                    let codes: Vec<u16> = (0..columns as usize * components)
                        .map(|at| ((at as u32 * 40503 + 12345) & ((1 << packing.bits()) - 1)) as u16)
                        .collect();
                    let mut packed = vec![0; packing.row_bytes(columns) as usize];
                    packing.pack(&codes, &mut packed);
                    let mut samples = vec![0; codes.len() * packing.stored().bytes()];
                    packing.unpack(&packed, &mut samples);
                    let found: Vec<u16> = match depth {
                        Depth::Eight => samples.iter().map(|byte| u16::from(*byte)).collect(),
                        _ => samples.as_chunks().0.iter().map(|bytes| u16::from_ne_bytes(*bytes)).collect(),
                    };
                    assert_eq!(found, codes, "{depth:?} {filling:?} {components} x {columns}");
                }
            }
        }
    }
}
