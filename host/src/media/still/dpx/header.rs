//! The header of a DPX: 2048 bytes at fixed places, in the byte order that its first four show.

use std::fs::File;
use std::io::Read;

use super::super::super::error::{Problem, damaged};
use super::super::super::turn::Turn;
use super::packing::Packing;
use super::text;
use crate::image::{Frame, MetaValue, Metadata};

/// Bytes of a whole header.
pub(super) const SIZE: usize = 2048;

/// Where the part ends without which there is no picture.
const LEAST: usize = 1664;

/// The metadata with the header's word for the curve of the codes, and that for their primaries.
pub(in super::super::super) const TRANSFER: &str = "dpx:Transfer";
const COLORIMETRIC: &str = "dpx:Colorimetric";

/// The words for both, by their numbers.
const CHARACTERISTICS: [&str; 14] = [
    "User defined",
    "Printing density",
    "Linear",
    "Logarithmic",
    "Unspecified video",
    "SMPTE 274M",
    "ITU-R 709-4",
    "ITU-R 601-5 system B or G",
    "ITU-R 601-5 system M",
    "NTSC composite video",
    "PAL composite video",
    "Z depth linear",
    "Z depth homogeneous",
    "ADX",
];

/// Numbers of words.
pub(super) const USER_DEFINED: u8 = 0;
pub(super) const PRINTING_DENSITY: u8 = 1;
pub(super) const LINEAR: u8 = 2;
pub(super) const LOGARITHMIC: u8 = 3;
pub(super) const UNSPECIFIED_VIDEO: u8 = 4;
pub(super) const REC709: u8 = 6;
pub(super) const DEPTH_LINEAR: u8 = 11;
pub(super) const DEPTH_HOMOGENEOUS: u8 = 12;
pub(super) const ADX: u8 = 13;

/// A value that is carried as metadata and written again.
enum Kind {
    Text(usize),
    Int,
    Float,
}

/// Their names, which are those of OpenImageIO, and their places.
const FIELDS: [(&str, usize, Kind); 27] = [
    ("Software", 160, Kind::Text(100)),
    ("DocumentName", 260, Kind::Text(200)),
    ("Copyright", 460, Kind::Text(200)),
    ("dpx:FileName", 36, Kind::Text(100)),
    ("dpx:CreationTime", 136, Kind::Text(24)),
    ("dpx:EncryptKey", 660, Kind::Int),
    ("ImageDescription", 820, Kind::Text(32)),
    ("dpx:SourceImageFileName", 1432, Kind::Text(100)),
    ("dpx:SourceTime", 1532, Kind::Text(24)),
    ("dpx:InputDevice", 1556, Kind::Text(32)),
    ("dpx:InputDeviceSerialNumber", 1588, Kind::Text(32)),
    ("dpx:Format", 1680, Kind::Text(32)),
    ("dpx:FramePosition", 1712, Kind::Int),
    ("dpx:SequenceLength", 1716, Kind::Int),
    ("dpx:HeldCount", 1720, Kind::Int),
    ("dpx:FrameRate", FRAME_RATE, Kind::Float),
    ("dpx:ShutterAngle", 1728, Kind::Float),
    ("dpx:FrameId", 1732, Kind::Text(32)),
    ("dpx:SlateInfo", 1764, Kind::Text(100)),
    ("dpx:TemporalFrameRate", TEMPORAL_FRAME_RATE, Kind::Float),
    ("dpx:TimeOffset", 1944, Kind::Float),
    ("dpx:Gamma", 1948, Kind::Float),
    ("dpx:BlackLevel", 1952, Kind::Float),
    ("dpx:BlackGain", 1956, Kind::Float),
    ("dpx:BreakPoint", 1960, Kind::Float),
    ("dpx:WhiteLevel", 1964, Kind::Float),
    ("dpx:IntegrationTimes", 1968, Kind::Float),
];

const FRAME_RATE: usize = 1724;
const TEMPORAL_FRAME_RATE: usize = 1940;
const TIME_CODE: usize = 1920;
const USER_BITS: usize = 1924;
const PIXEL_ASPECT: usize = 1628;
const ELEMENT: usize = 780;

/// The bytes, and how to read them.
pub(super) struct Header {
    bytes: [u8; SIZE],
    big: bool,
}

/// What is said of the first image element, and of how many there are.
pub(super) struct Element {
    pub(super) elements: u16,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) signed: bool,
    pub(super) descriptor: u8,
    pub(super) bits: u8,
    pub(super) packing: u16,
    pub(super) encoding: u16,
    /// Where the pixels begin in the file.
    pub(super) start: u32,
    /// Bytes after each row.
    pub(super) row_padding: u32,
    pub(super) big: bool,
}

impl Header {
    /// Reads it from the start of a file. Old files may end it before the parts for film and television.
    pub(super) fn read(file: &mut File) -> Result<Self, Problem> {
        let mut found = Vec::with_capacity(SIZE);
        file.take(SIZE as u64).read_to_end(&mut found)?;
        if found.len() < LEAST {
            return Err(damaged(format!("a DPX header of {} bytes, expected {LEAST} at least", found.len())));
        }
        let mut header = Self { bytes: [0xff; SIZE], big: found.starts_with(b"SDPX") };
        let start = header.int_of(&found, 4).map_or(SIZE, |start| start as usize);
        // What lies beyond the start of the pixels is pixels.
        let end = found.len().min(start.max(LEAST));
        header.bytes[..end].copy_from_slice(&found[..end]);
        Ok(header)
    }

    /// The header of a file of three or four components whose metadata are those of a frame.
    pub(super) fn new(
        big: bool,
        [columns, rows]: [u32; 2],
        descriptor: u8,
        transfer: u8,
        packing: &Packing,
        file_size: u32,
        frame: &Frame,
    ) -> Self {
        let mut header = Self { bytes: [0xff; SIZE], big };
        header.bytes[..4].copy_from_slice(if big { b"SDPX" } else { b"XPDS" });
        header.set(8, *b"V2.0\0\0\0\0");
        for (at, value) in
            [(4, SIZE as u32), (16, file_size), (20, 1), (24, 1664), (28, 384), (32, 0), (772, columns), (776, rows)]
        {
            header.set_int(at, value);
        }
        // Upright, and one element.
        header.set_short(768, 0);
        header.set_short(770, 1);
        let largest = (1u32 << packing.bits()) - 1;
        for (at, value) in [(0, 0), (4, 0), (12, largest), (28, SIZE as u32), (32, 0), (36, 0)] {
            header.set_int(ELEMENT + at, value);
        }
        let colorimetric = characteristic(&frame.metadata, COLORIMETRIC).unwrap_or(UNSPECIFIED_VIDEO);
        header.set(ELEMENT + 20, [descriptor, transfer, colorimetric, packing.bits() as u8]);
        header.set_short(ELEMENT + 24, packing.code());
        header.set_short(ELEMENT + 26, 0);
        header.set_metadata(frame);
        header
    }

    /// Its bytes.
    pub(super) fn write_to(&self, file: &mut [u8]) {
        file.copy_from_slice(&self.bytes);
    }

    /// The first element.
    pub(super) fn element(&self) -> Element {
        let [descriptor, _, _, bits] = self.array(ELEMENT + 20);
        let start = self.int(ELEMENT + 28).filter(|start| *start != 0).or_else(|| self.int(4));
        Element {
            elements: self.short(770),
            columns: self.int(772).unwrap_or(0),
            rows: self.int(776).unwrap_or(0),
            signed: self.int(ELEMENT).is_some_and(|sign| sign == 1),
            descriptor,
            bits,
            packing: self.short(ELEMENT + 24),
            encoding: self.short(ELEMENT + 26),
            start: start.unwrap_or(SIZE as u32),
            row_padding: self.int(ELEMENT + 32).unwrap_or(0),
            big: self.big,
        }
    }

    /// How the picture lies.
    pub(super) fn turn(&self) -> Turn {
        let exif = [1, 2, 4, 3, 5, 6, 8, 7];
        Turn::new(exif.get(usize::from(self.short(768))).copied().unwrap_or(1))
    }

    /// Width of a pixel divided by its height.
    pub(super) fn pixel_aspect(&self) -> f32 {
        match (self.int(PIXEL_ASPECT), self.int(PIXEL_ASPECT + 4)) {
            (Some(width @ 1..), Some(height @ 1..)) => width as f32 / height as f32,
            _ => 1.0,
        }
    }

    /// What else it says. What is undefined is left out.
    pub(super) fn metadata(&self) -> Metadata {
        let mut metadata = Metadata::default();
        let [_, transfer, colorimetric, _] = self.array(ELEMENT + 20);
        for (name, code) in [(TRANSFER, transfer), (COLORIMETRIC, colorimetric)] {
            if let Some(word) = CHARACTERISTICS.get(usize::from(code)) {
                metadata.insert(name, MetaValue::Text((*word).to_owned()));
            }
        }
        if let Some(time) = self.int(TIME_CODE) {
            metadata.insert("timeCode", MetaValue::TimeCode(time, self.int(USER_BITS).unwrap_or(0)));
        }
        let rate = self.float(FRAME_RATE).or_else(|| self.float(TEMPORAL_FRAME_RATE));
        if let Some((above, below)) = rate.and_then(rational) {
            metadata.insert("framesPerSecond", MetaValue::Rational(above, below));
        }
        for (name, at, kind) in &FIELDS {
            let value = match kind {
                Kind::Text(length) => self.text(*at, *length).map(MetaValue::Text),
                Kind::Int => self.int(*at).map(|value| MetaValue::Int(value as i32)),
                Kind::Float => self.float(*at).map(MetaValue::Float),
            };
            value.into_iter().for_each(|value| metadata.insert(*name, value));
        }
        metadata
    }

    fn set_metadata(&mut self, frame: &Frame) {
        let metadata = &frame.metadata;
        for (name, at, kind) in &FIELDS {
            match (kind, metadata.get(name)) {
                (Kind::Text(length), Some(MetaValue::Text(text))) => self.set_text(*at, *length, text),
                (Kind::Text(length), _) => self.set_text(*at, *length, ""),
                (Kind::Int, Some(MetaValue::Int(value))) => self.set_int(*at, *value as u32),
                (Kind::Float, Some(MetaValue::Float(value))) => self.set_int(*at, value.to_bits()),
                _ => {}
            }
        }
        self.set_text(160, 100, text(metadata.get("Software")).unwrap_or("Playa"));
        if let Some(MetaValue::TimeCode(time, user)) = metadata.get("timeCode") {
            self.set_int(TIME_CODE, *time);
            self.set_int(USER_BITS, *user);
        }
        if let Some(MetaValue::Rational(above, below @ 1..)) = metadata.get("framesPerSecond") {
            let rate = (f64::from(*above) / f64::from(*below)) as f32;
            self.set_int(FRAME_RATE, rate.to_bits());
            self.set_int(TEMPORAL_FRAME_RATE, rate.to_bits());
        }
        let aspect = frame.pixel_aspect;
        let (width, height) =
            if aspect == 1.0 { (1, 1) } else { ((f64::from(aspect) * 1e6).round() as u32, 1_000_000) };
        self.set_int(PIXEL_ASPECT, width);
        self.set_int(PIXEL_ASPECT + 4, height);
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        std::array::from_fn(|byte| self.bytes[at + byte])
    }

    fn short(&self, at: usize) -> u16 {
        let bytes = self.array(at);
        if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    /// A whole number; all ones say that it is undefined.
    fn int(&self, at: usize) -> Option<u32> {
        self.int_of(&self.bytes, at)
    }

    fn int_of(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = std::array::from_fn(|byte| bytes[at + byte]);
        let value = if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        (value != u32::MAX).then_some(value)
    }

    fn float(&self, at: usize) -> Option<f32> {
        self.int(at).map(f32::from_bits).filter(|value| value.is_finite())
    }

    /// A text up to its first zero. Some writers fill what they leave open with ones.
    fn text(&self, at: usize, length: usize) -> Option<String> {
        let bytes = self.bytes[at..at + length].split(|byte| *byte == 0 || *byte == 0xff).next().unwrap_or_default();
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    }

    fn set<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        self.bytes[at..at + N].copy_from_slice(&bytes);
    }

    fn set_short(&mut self, at: usize, value: u16) {
        self.set(at, if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn set_int(&mut self, at: usize, value: u32) {
        self.set(at, if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    /// A text, cut at a letter's end if it is too long.
    fn set_text(&mut self, at: usize, length: usize, text: &str) {
        let end = (0..length.min(text.len() + 1)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let field = &mut self.bytes[at..at + length];
        field.fill(0);
        field[..end].copy_from_slice(&text.as_bytes()[..end]);
    }
}

/// The number of the word that the metadata have under a name.
pub(super) fn characteristic(metadata: &Metadata, name: &str) -> Option<u8> {
    let word = text(metadata.get(name))?;
    CHARACTERISTICS.iter().position(|known| known.eq_ignore_ascii_case(word)).map(|number| number as u8)
}

/// A rate as a fraction: a whole number, one divided by 1.001, or thousandths.
fn rational(rate: f32) -> Option<(i32, u32)> {
    let rate = f64::from(rate);
    if !(rate > 0.0 && rate < 1e6) {
        return None;
    }
    // 23.976 is meant to be 24000/1001, from which it differs by a millionth.
    let near = |other: f64| (rate - other).abs() <= rate * 2e-6;
    let (whole, ntsc) = (rate.round(), (rate * 1.001).round());
    Some(if near(whole) {
        (whole as i32, 1)
    } else if near(ntsc / 1.001) {
        (ntsc as i32 * 1000, 1001)
    } else {
        ((rate * 1000.0).round() as i32, 1000)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_fractions() {
        for (rate, expected) in [
            (24.0, Some((24, 1))),
            (23.976, Some((24000, 1001))),
            (23.976_025, Some((24000, 1001))),
            (59.940_06, Some((60000, 1001))),
            (12.5, Some((12500, 1000))),
            (0.0, None),
            (-24.0, None),
        ] {
            assert_eq!(rational(rate), expected, "{rate}");
        }
    }
}
