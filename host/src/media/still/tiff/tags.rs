//! The tags of the first picture, and their values. Nothing is allocated that does not lie within the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::super::super::error::{Problem, damaged};

/// The tags of a picture.
pub(super) struct Tags {
    file: File,
    length: u64,
    big_endian: bool,
    /// Whether offsets have 8 bytes.
    big_tiff: bool,
    entries: BTreeMap<u16, Entry>,
}

/// Where the values of a tag are.
#[derive(Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    /// Place of the field that holds the values, or the place of the values.
    field: u64,
}

impl Tags {
    /// Reads the header and the list of tags.
    pub(super) fn read(file: File) -> Result<Self, Problem> {
        let length = file.metadata()?.len();
        let mut tags = Self { file, length, big_endian: false, big_tiff: false, entries: BTreeMap::new() };
        let start = tags.take(0, 4)?;
        tags.big_endian = start[0] == b'M';
        tags.big_tiff = start.contains(&43);
        let (at, size) = if tags.big_tiff { (8, 8) } else { (4, 4) };
        let list = tags.int(at, size)?;
        let (count_size, entry_size) = if tags.big_tiff { (8, 20) } else { (2, 12) };
        let count = tags.int(list, count_size)?;
        let entries = tags.take(list.saturating_add(count_size), count.saturating_mul(entry_size))?;
        for (at, entry) in entries.chunks_exact(entry_size as usize).enumerate() {
            let number = tags.number_in(&entry[..2]) as u16;
            let kind = tags.number_in(&entry[2..4]) as u16;
            let count = tags.number_in(&entry[4..4 + size as usize]);
            let field = list + count_size + at as u64 * entry_size + 4 + size;
            // Of a tag that is there twice, the first counts.
            tags.entries.entry(number).or_insert(Entry { kind, count, field });
        }
        Ok(tags)
    }

    /// The file, to read pixels from.
    pub(super) fn into_file(self) -> (File, u64) {
        (self.file, self.length)
    }

    /// Whether numbers have their highest byte first.
    pub(super) fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// The values of a tag of whole numbers; none if it is not there.
    pub(super) fn numbers(&mut self, number: u16) -> Result<Option<Vec<u64>>, Problem> {
        let Some((kind, bytes)) = self.values(number)? else { return Ok(None) };
        let Some(size @ (1 | 2 | 4 | 8)) = size_of_kind(kind).filter(|_| matches!(kind, 1 | 3 | 4 | 16 | 13 | 18))
        else {
            return Err(damaged(format!("the tag {number} has values of the type {kind}, expected whole numbers")));
        };
        Ok(Some(bytes.chunks_exact(size as usize).map(|value| self.number_in(value)).collect()))
    }

    /// The first value of a tag of whole numbers.
    pub(super) fn number(&mut self, number: u16) -> Result<Option<u64>, Problem> {
        Ok(self.numbers(number)?.and_then(|numbers| numbers.first().copied()))
    }

    /// The value of a tag that must be there.
    pub(super) fn needed(&mut self, number: u16, name: &str) -> Result<u64, Problem> {
        self.number(number)?.ok_or_else(|| damaged(format!("the tag {name} ({number}) is missing")))
    }

    /// A fraction.
    pub(super) fn ratio(&mut self, number: u16) -> Result<Option<f64>, Problem> {
        Ok(match self.values(number)? {
            Some((5, bytes)) if bytes.len() >= 8 => {
                let [above, below] = [&bytes[..4], &bytes[4..8]].map(|part| self.number_in(part) as f64);
                Some(above / below).filter(|ratio| ratio.is_finite() && *ratio > 0.0)
            }
            _ => None,
        })
    }

    /// A text, up to its first zero; none if it is empty.
    pub(super) fn text(&mut self, number: u16) -> Result<Option<String>, Problem> {
        Ok(self.values(number)?.filter(|(kind, _)| *kind == 2).and_then(|(_, bytes)| {
            let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            (!text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned())
        }))
    }

    /// The bytes of a tag.
    pub(super) fn bytes(&mut self, number: u16) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.values(number)?.map(|(_, bytes)| bytes))
    }

    /// The type of a tag and the bytes of its values.
    fn values(&mut self, number: u16) -> Result<Option<(u16, Vec<u8>)>, Problem> {
        let Some(Entry { kind, count, field }) = self.entries.get(&number).copied() else { return Ok(None) };
        let size =
            size_of_kind(kind).ok_or_else(|| damaged(format!("the tag {number} has the unknown type {kind}")))?;
        let bytes = count.saturating_mul(size);
        let inline = if self.big_tiff { 8 } else { 4 };
        let at = if bytes <= inline { field } else { self.int(field, inline)? };
        Ok(Some((kind, self.take(at, bytes)?)))
    }

    fn int(&mut self, at: u64, size: u64) -> Result<u64, Problem> {
        let bytes = self.take(at, size)?;
        Ok(self.number_in(&bytes))
    }

    fn number_in(&self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }

    /// Bytes of the file.
    fn take(&mut self, at: u64, count: u64) -> Result<Vec<u8>, Problem> {
        if at.checked_add(count).is_none_or(|end| end > self.length) {
            return Err(damaged(format!("{count} bytes at byte {at} of {}", self.length)));
        }
        let mut bytes = super::super::zeroed(count)?;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Bytes of a value.
fn size_of_kind(kind: u16) -> Option<u64> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16 | 17 | 18 => Some(8),
        _ => None,
    }
}
