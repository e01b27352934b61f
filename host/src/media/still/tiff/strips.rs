//! Writing: one picture in strips, lowest byte first.

use rayon::prelude::*;

use super::super::super::error::Problem;
use super::super::super::samples::{Alpha, Transfer};
use super::super::super::{Depth, WriteOptions};
use super::super::crates::{DENSITY, ICC};
use super::super::write;
use super::unpack::{self, Codec, Predictor};
use super::{TEXTS, tag};
use crate::image::{Frame, MetaValue, Metadata};

/// Bytes of a strip before it is packed, or one row if that is more.
const STRIP: usize = 256 << 10;

/// The bytes of a TIFF of the frame's display window.
pub(in super::super) fn encode(frame: &Frame, options: &WriteOptions) -> Result<Vec<u8>, Problem> {
    let depth = options.depth.unwrap_or(Depth::Sixteen);
    let [columns, rows] = write::size(frame, i32::MAX as usize)?;
    let float = matches!(depth, Depth::Half | Depth::Float);
    let alpha = options.alpha.unwrap_or(true);
    let kind = if float { Alpha::Premultiplied } else { Alpha::Straight };
    let transfer = options.space.curve().unwrap_or(if float { Transfer::Linear } else { Transfer::Srgb });
    let samples = 3 + usize::from(alpha);
    let alpha = alpha.then_some(kind);
    let code = |value: f64, largest: f64| value.clamp(0.0, 1.0) * largest + 0.5;
    let (bytes, size) = match depth {
        Depth::Half => {
            let half = |value: f64| half::f16::from_f64(value).to_le_bytes();
            (write::samples(frame, alpha, transfer, half)?.into_flattened(), 2)
        }
        Depth::Float => {
            (write::samples(frame, alpha, transfer, |value| (value as f32).to_le_bytes())?.into_flattened(), 4)
        }
        Depth::Eight => (write::samples(frame, alpha, transfer, |value| code(value, 255.0) as u8)?, 1),
        _ => {
            let word = |value| (code(value, 65535.0) as u16).to_le_bytes();
            (write::samples(frame, alpha, transfer, word)?.into_flattened(), 2)
        }
    };
    let codec = Codec::writing(options.tiff_compression.unwrap_or_default());
    let predictor = match codec {
        Codec::Lzw | Codec::Deflate if float => Predictor::Float(size),
        Codec::Lzw | Codec::Deflate => Predictor::Whole(size),
        _ => Predictor::None,
    };
    let row = columns as usize * samples * size;
    let rows_per_strip = (STRIP / row).max(1);
    let strips = bytes.par_chunks(row * rows_per_strip).map(|strip| {
        let mut strip = strip.to_vec();
        strip.chunks_exact_mut(row).for_each(|row| predictor.apply(row, samples));
        unpack::pack(codec, strip, row)
    });
    let strips = strips.collect::<std::io::Result<Vec<_>>>()?;
    let mut list = List::default();
    list.numbers(tag::WIDTH, &[columns]);
    list.numbers(tag::HEIGHT, &[rows]);
    list.shorts(tag::BITS, &vec![8 * size as u16; samples]);
    list.shorts(tag::COMPRESSION, &[codec.number()]);
    list.shorts(tag::PHOTOMETRIC, &[2]);
    list.shorts(tag::ORIENTATION, &[1]);
    list.shorts(tag::SAMPLES, &[samples as u16]);
    list.numbers(tag::ROWS_PER_STRIP, &[rows_per_strip.min(rows as usize) as u32]);
    list.shorts(tag::PLANAR, &[1]);
    list.shorts(tag::PREDICTOR, &[predictor.number()]);
    list.shorts(tag::SAMPLE_FORMAT, &vec![if float { 3 } else { 1 }; samples]);
    match alpha {
        Some(Alpha::Premultiplied) => list.shorts(tag::EXTRA_SAMPLES, &[1]),
        Some(Alpha::Straight) => list.shorts(tag::EXTRA_SAMPLES, &[2]),
        None => {}
    }
    list.metadata(&frame.metadata);
    list.file(&strips)
}

/// A list of tags that is being made.
#[derive(Default)]
struct List {
    /// Number, type, count and bytes of each.
    tags: Vec<(u16, u16, usize, Vec<u8>)>,
}

impl List {
    fn shorts(&mut self, number: u16, values: &[u16]) {
        self.tags.push((number, 3, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect()));
    }

    fn numbers(&mut self, number: u16, values: &[u32]) {
        self.tags.push((number, 4, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect()));
    }

    /// Texts, density and profile.
    fn metadata(&mut self, metadata: &Metadata) {
        // Who made the file is said in one place.
        let made_by: Vec<String> = write::provenance(metadata).map(|(name, text)| format!("{name}={text}")).collect();
        let made_by = (!made_by.is_empty()).then(|| made_by.join(", "));
        for (name, number) in TEXTS {
            let text = match (name, metadata.get(name)) {
                ("Software", _) if made_by.is_some() => made_by.as_deref(),
                (_, Some(MetaValue::Text(text))) => Some(text.as_str()),
                _ => None,
            };
            if let Some(text) = text {
                let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).chain([0]).collect();
                self.tags.push((number, 2, bytes.len(), bytes));
            }
        }
        if let [Some(MetaValue::Float(x)), Some(MetaValue::Float(y))] = DENSITY.map(|name| metadata.get(name)) {
            for (number, dots) in [(tag::X_RESOLUTION, x), (tag::Y_RESOLUTION, y)] {
                let ratio = [(dots * 1000.0).round() as u32, 1000];
                self.tags.push((number, 5, 1, ratio.iter().flat_map(|part| part.to_le_bytes()).collect()));
            }
            self.shorts(tag::RESOLUTION_UNIT, &[2]);
        }
        if let Some(MetaValue::Opaque { bytes, .. }) = metadata.get(ICC) {
            self.tags.push((tag::ICC, 7, bytes.len(), bytes.to_vec()));
        }
    }

    /// The whole file: header, strips, values that are longer than their fields, tags.
    fn file(mut self, strips: &[Vec<u8>]) -> Result<Vec<u8>, Problem> {
        let mut file = vec![b'I', b'I', 42, 0, 0, 0, 0, 0];
        let too_large = || Problem::Unwritable {
            what: "a picture of that size".to_owned(),
            why: "a TIFF has at most 4 GiB".to_owned(),
        };
        let place = |file: &[u8]| u32::try_from(file.len()).map_err(|_| too_large());
        let mut offsets = Vec::new();
        for strip in strips {
            offsets.push(place(&file)?);
            file.extend(strip);
        }
        let counts: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
        self.numbers(tag::STRIP_OFFSETS, &offsets);
        self.numbers(tag::STRIP_BYTES, &counts);
        self.tags.sort_by_key(|(number, ..)| *number);
        let mut fields = Vec::new();
        for (number, kind, count, mut bytes) in self.tags {
            if bytes.len() > 4 {
                // Values begin at even places.
                file.resize(file.len().next_multiple_of(2), 0);
                let at = place(&file)?;
                file.append(&mut bytes);
                bytes = at.to_le_bytes().to_vec();
            }
            bytes.resize(4, 0);
            fields.extend(
                [&number.to_le_bytes()[..], &kind.to_le_bytes(), &(count as u32).to_le_bytes(), &bytes].concat(),
            );
        }
        file.resize(file.len().next_multiple_of(2), 0);
        let list = place(&file)?;
        file[4..8].copy_from_slice(&list.to_le_bytes());
        file.extend(((fields.len() / 12) as u16).to_le_bytes());
        file.append(&mut fields);
        file.extend([0; 4]);
        place(&file)?;
        Ok(file)
    }
}
