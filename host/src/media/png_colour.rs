//! What the chunks of a PNG say of its colour.
//!
//! The `image` crate passes over them. Format: PNG, third edition, 11.3.2.

use std::io::{Read, Seek, SeekFrom};

use crate::image::{MetaValue, Metadata};

/// Names of what the chunks say among a file's metadata.
pub(super) const CICP: &str = "png:cICP";
pub(super) const SRGB: &str = "png:sRGB";
pub(super) const GAMMA: &str = "png:gAMA";
pub(super) const PRIMARIES: &str = "png:cHRM";
pub(super) const PROFILE: &str = "png:iCCP";

/// So many chunks are looked at before the pixels. There are seldom more than twenty.
const MOST_CHUNKS: usize = 1 << 10;

/// What the chunks before the pixels say of colour. What is damaged is left out: decoding will tell.
pub(super) fn read(file: &mut (impl Read + Seek)) -> std::io::Result<Metadata> {
    let mut metadata = Metadata::default();
    file.seek(SeekFrom::Start(8))?;
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8];
        if file.read_exact(&mut head).is_err() {
            break;
        }
        let (length, kind) = head.split_at(4);
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        if kind == b"IDAT" || kind == b"IEND" {
            break;
        }
        let mut content = [0; 128];
        let wanted = matches!(kind, b"cICP" | b"sRGB" | b"gAMA" | b"cHRM" | b"iCCP");
        let known = if wanted { content.len().min(length as usize) } else { 0 };
        if file.read_exact(&mut content[..known]).is_err() {
            break;
        }
        if let Some((name, value)) = value(kind, &content[..known]) {
            metadata.insert(name, value);
        }
        file.seek(SeekFrom::Current(i64::from(length) - known as i64 + 4))?;
    }
    Ok(metadata)
}

fn value(kind: &[u8], content: &[u8]) -> Option<(&'static str, MetaValue)> {
    let number = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes) as f32 / 100_000.0;
    Some(match (kind, content) {
        (b"cICP", [a, b, c, d]) => (CICP, MetaValue::Text(format!("{a}/{b}/{c}/{d}"))),
        (b"sRGB", [intent]) => (SRGB, MetaValue::Int((*intent).into())),
        (b"gAMA", content) => (GAMMA, MetaValue::Float(number(content.try_into().ok()?))),
        (b"cHRM", content) => {
            let numbers: Vec<f32> = content.as_chunks().0.iter().map(number).collect();
            let [wx, wy, rx, ry, gx, gy, bx, by] = numbers.try_into().ok()?;
            (PRIMARIES, MetaValue::Chromaticities([rx, ry, gx, gy, bx, by, wx, wy]))
        }
        (b"iCCP", content) => {
            let name = content.split(|byte| *byte == 0).next()?;
            (PROFILE, MetaValue::Text(String::from_utf8_lossy(name).into_owned()))
        }
        _ => return None,
    })
}
