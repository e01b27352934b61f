//! Compression and prediction of strips and tiles, both ways.

use std::io::{Read, Write};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use weezl::BitOrder;

use super::super::super::TiffCompression;

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Lzw,
    Deflate,
    PackBits,
}

impl Codec {
    /// The one of a number; an error names what is not supported.
    pub(super) fn of(number: u64) -> Result<Self, String> {
        let other = match number {
            1 => return Ok(Codec::None),
            5 => return Ok(Codec::Lzw),
            8 | 32946 => return Ok(Codec::Deflate),
            32773 => return Ok(Codec::PackBits),
            2..=4 => "fax",
            6 | 7 => "JPEG",
            34676 | 34677 => "SGILog",
            34712 => "JPEG 2000",
            34887 => "LERC",
            34925 => "LZMA",
            50000 => "Zstandard",
            50001 => "WebP",
            _ => return Err(format!("a TIFF of the compression {number}")),
        };
        Err(format!("a TIFF of {other} compression"))
    }

    /// That of a file to be written.
    pub(super) fn writing(compression: TiffCompression) -> Self {
        match compression {
            TiffCompression::None => Codec::None,
            TiffCompression::Lzw => Codec::Lzw,
            TiffCompression::Deflate => Codec::Deflate,
            TiffCompression::PackBits => Codec::PackBits,
        }
    }

    pub(super) fn number(self) -> u16 {
        match self {
            Codec::None => 1,
            Codec::Lzw => 5,
            Codec::Deflate => 8,
            Codec::PackBits => 32773,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Lzw => "lzw",
            Codec::Deflate => "deflate",
            Codec::PackBits => "packbits",
        }
    }
}

/// Fills `out` with what is packed. More than that is left alone; less is an error.
pub(super) fn expand(codec: Codec, packed: &[u8], out: &mut [u8]) -> Result<(), String> {
    let filled = match codec {
        Codec::None => {
            let count = packed.len().min(out.len());
            out[..count].copy_from_slice(&packed[..count]);
            count
        }
        Codec::Deflate => fill(ZlibDecoder::new(packed), out)?,
        Codec::Lzw => lzw(packed, out)?,
        Codec::PackBits => packbits(packed, out),
    };
    match filled == out.len() {
        true => Ok(()),
        false => Err(format!("{filled} of {} bytes of pixels", out.len())),
    }
}

fn fill(mut from: impl Read, out: &mut [u8]) -> Result<usize, String> {
    let mut filled = 0;
    while filled < out.len() {
        match from.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(filled)
}

fn lzw(mut packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    use weezl::decode::Decoder;
    // Before TIFF 5, codes began with the lowest bit, as in GIF: the first one, which clears the table, shows it.
    let old = matches!(packed, [0, second, ..] if second & 1 == 1);
    let mut decoder = match old {
        true => Decoder::new(BitOrder::Lsb, 8),
        false => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
    };
    let mut filled = 0;
    while filled < out.len() {
        let step = decoder.decode_bytes(packed, &mut out[filled..]);
        packed = &packed[step.consumed_in..];
        filled += step.consumed_out;
        match step.status {
            Ok(weezl::LzwStatus::Ok) => {}
            Ok(weezl::LzwStatus::Done) => break,
            Ok(weezl::LzwStatus::NoProgress) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(filled)
}

/// Runs: a count below 128 and as many bytes and one more, or above 128 and one byte that is repeated.
fn packbits(mut packed: &[u8], out: &mut [u8]) -> usize {
    let mut filled = 0;
    while let [count, rest @ ..] = packed {
        let room = &mut out[filled..];
        if room.is_empty() {
            break;
        }
        let (used, made) = match *count as i8 {
            count @ 0.. => {
                let count = (count as usize + 1).min(rest.len());
                let made = count.min(room.len());
                room[..made].copy_from_slice(&rest[..made]);
                (count, made)
            }
            i8::MIN => (0, 0),
            count => {
                let Some(byte) = rest.first() else { break };
                let made = (1 - isize::from(count)).unsigned_abs().min(room.len());
                room[..made].fill(*byte);
                (1, made)
            }
        };
        packed = &rest[used..];
        filled += made;
    }
    filled
}

/// Packs the bytes of a strip whose rows have so many.
pub(super) fn pack(codec: Codec, bytes: Vec<u8>, row: usize) -> std::io::Result<Vec<u8>> {
    match codec {
        Codec::None => Ok(bytes),
        Codec::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&bytes)?;
            encoder.finish()
        }
        Codec::Lzw => {
            let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
            encoder.encode(&bytes).map_err(std::io::Error::other)
        }
        // Each row for itself, as the standard asks.
        Codec::PackBits => Ok(bytes.chunks(row).flat_map(packed_row).collect()),
    }
}

fn packed_row(row: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut at = 0;
    while at < row.len() {
        let run = |at: usize| row[at..].iter().take(128).take_while(|byte| **byte == row[at]).count();
        let same = run(at);
        if same >= 3 {
            packed.extend([(257 - same) as u8, row[at]]);
            at += same;
        } else {
            let start = at;
            while at < row.len() && at - start < 128 && run(at) < 3 {
                at += 1;
            }
            packed.push((at - start - 1) as u8);
            packed.extend(&row[start..at]);
        }
    }
    packed
}

/// What a sample is told by: itself, or by how much it differs from the one before it in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    /// Differences of whole numbers of so many bytes.
    Whole(usize),
    /// Differences of the bytes of floats of so many, first all highest ones.
    Float(usize),
}

impl Predictor {
    /// The one of a number, for samples of so many bits; an error names what is not supported.
    pub(super) fn of(number: u64, bits: u64, format: u64) -> Result<Self, String> {
        match (number, bits, format) {
            (1, ..) => Ok(Predictor::None),
            (2, 8 | 16 | 32 | 64, _) => Ok(Predictor::Whole(bits as usize / 8)),
            (3, 16 | 32 | 64, 3) => Ok(Predictor::Float(bits as usize / 8)),
            _ => Err(format!("a TIFF of {bits}-bit samples with the predictor {number}")),
        }
    }

    pub(super) fn number(self) -> u16 {
        match self {
            Predictor::None => 1,
            Predictor::Whole(_) => 2,
            Predictor::Float(_) => 3,
        }
    }

    /// The samples of a row, so many for each pixel; whether their highest byte is the first.
    pub(super) fn undo(self, row: &mut [u8], samples: usize, big_endian: bool) -> bool {
        match self {
            Predictor::None => big_endian,
            Predictor::Whole(1) => {
                add::<1>(row, samples, |[byte]| byte.into(), |sum| [sum as u8]);
                big_endian
            }
            Predictor::Whole(2) if big_endian => {
                add::<2>(row, samples, |bytes| u16::from_be_bytes(bytes).into(), |sum| (sum as u16).to_be_bytes());
                true
            }
            Predictor::Whole(2) => {
                add::<2>(row, samples, |bytes| u16::from_le_bytes(bytes).into(), |sum| (sum as u16).to_le_bytes());
                false
            }
            Predictor::Whole(4) if big_endian => {
                add::<4>(row, samples, |bytes| u32::from_be_bytes(bytes).into(), |sum| (sum as u32).to_be_bytes());
                true
            }
            Predictor::Whole(4) => {
                add::<4>(row, samples, |bytes| u32::from_le_bytes(bytes).into(), |sum| (sum as u32).to_le_bytes());
                false
            }
            Predictor::Whole(_) if big_endian => {
                add::<8>(row, samples, u64::from_be_bytes, u64::to_be_bytes);
                true
            }
            Predictor::Whole(_) => {
                add::<8>(row, samples, u64::from_le_bytes, u64::to_le_bytes);
                false
            }
            Predictor::Float(size) => {
                add::<1>(row, samples, |[byte]| byte.into(), |sum| [sum as u8]);
                let planes = row.to_vec();
                let count = row.len() / size;
                for (at, sample) in row.chunks_exact_mut(size).enumerate() {
                    sample.iter_mut().enumerate().for_each(|(plane, byte)| *byte = planes[plane * count + at]);
                }
                true
            }
        }
    }

    /// The opposite of [`undo`](Self::undo), for rows whose lowest byte is the first.
    pub(super) fn apply(self, row: &mut [u8], samples: usize) {
        match self {
            Predictor::None => {}
            Predictor::Whole(2) => {
                subtract::<2>(row, samples, |bytes| u16::from_le_bytes(bytes).into(), |sum| (sum as u16).to_le_bytes());
            }
            Predictor::Whole(_) => subtract::<1>(row, samples, |[byte]| byte.into(), |sum| [sum as u8]),
            Predictor::Float(size) => {
                let whole = row.to_vec();
                let count = row.len() / size;
                for (at, sample) in whole.chunks_exact(size).enumerate() {
                    sample.iter().rev().enumerate().for_each(|(plane, byte)| row[plane * count + at] = *byte);
                }
                subtract::<1>(row, samples, |[byte]| byte.into(), |sum| [sum as u8]);
            }
        }
    }
}

/// Adds to each number the one so many places before it.
fn add<const N: usize>(row: &mut [u8], back: usize, number: impl Fn([u8; N]) -> u64, bytes: impl Fn(u64) -> [u8; N]) {
    let row = row.as_chunks_mut::<N>().0;
    for at in back..row.len() {
        row[at] = bytes(number(row[at]).wrapping_add(number(row[at - back])));
    }
}

/// Takes from each number the one so many places before it.
fn subtract<const N: usize>(
    row: &mut [u8],
    back: usize,
    number: impl Fn([u8; N]) -> u64,
    bytes: impl Fn(u64) -> [u8; N],
) {
    let row = row.as_chunks_mut::<N>().0;
    for at in (back..row.len()).rev() {
        row[at] = bytes(number(row[at]).wrapping_sub(number(row[at - back])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        (0..600u32).map(|at| if at % 97 < 40 { 7 } else { (at * at / 5) as u8 }).collect()
    }

    #[test]
    fn what_was_packed_is_unpacked_and_a_part_of_it_is_an_error() {
        for codec in [Codec::None, Codec::Lzw, Codec::Deflate, Codec::PackBits] {
            let packed = pack(codec, bytes(), 60).expect("packed");
            let mut out = vec![0; 600];
            expand(codec, &packed, &mut out).expect("whole");
            assert_eq!(out, bytes(), "{codec:?}");
            expand(codec, &packed, &mut out[..599]).expect("more is left alone");
            for length in [0, 1, packed.len() / 2] {
                assert!(expand(codec, &packed[..length], &mut out).is_err(), "{codec:?}: {length} bytes");
            }
        }
    }

    #[test]
    fn what_was_predicted_is_told_again() {
        for (predictor, samples) in [
            (Predictor::Whole(1), 3),
            (Predictor::Whole(2), 4),
            (Predictor::Float(2), 3),
            (Predictor::Float(4), 4),
            (Predictor::None, 1),
        ] {
            let mut row = bytes()[..240].to_vec();
            predictor.apply(&mut row, samples);
            let big_endian = predictor.undo(&mut row, samples, false);
            if let (true, Predictor::Float(size)) = (big_endian, predictor) {
                row.chunks_exact_mut(size).for_each(<[u8]>::reverse);
            }
            assert_eq!(row, bytes()[..240], "{predictor:?}");
        }
    }

    /// The example of TIFF 6.0, section 9.
    #[test]
    fn packbits_is_that_of_the_standard() {
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let expected = [&[0xaa; 3][..], &[0x80, 0, 0x2a], &[0xaa; 4], &[0x80, 0, 0x2a, 0x22], &[0xaa; 10]].concat();
        let mut out = vec![0; 24];
        expand(Codec::PackBits, &packed, &mut out).expect("whole");
        assert_eq!(out, expected);
        assert_eq!(packed_row(&expected), packed);
    }
}
