//! Files as sources: what a header says, remembered, and the pixels.
//!
//! A file is told from another by its path, its length and the time of its last change, so that a file that is written
//! anew is another picture. On Unix also by its number and the time that nobody can set, for copies that keep times.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use super::key::{Key, KeyBuilder};
use crate::colour::{Curve, FileColour, Space};
use crate::image::{Frame, Rect, SampleType};
use crate::media::{self, ChannelSet, Limits, MediaError, ReadOptions, Reading};

/// How many headers are remembered. What is forgotten is read again.
const HEADERS: usize = 4096;

/// The headers that were read. Shared by renders.
#[derive(Debug, Default)]
pub(super) struct Footage {
    headers: Mutex<HashMap<PathBuf, Header>>,
}

/// What a render needs to know of a file before it reads the pixels.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub key: Key,
    pub data_window: Rect,
    pub display_window: Rect,
    /// Whether it has no alpha, which then is 1.
    pub opaque: bool,
    /// What is known of its colour.
    pub colour: Arc<FileColour>,
}

impl Footage {
    /// What the header says.
    pub fn look(&self, path: &Path) -> Result<Header, MediaError> {
        let key = identity(path);
        if let Some(known) = self.headers().get(path)
            && Some(known.key) == key
        {
            return Ok(known.clone());
        }
        let header = look(path, key)?;
        let mut headers = self.headers();
        if headers.len() >= HEADERS {
            headers.clear();
        }
        headers.insert(path.to_owned(), header.clone());
        Ok(header)
    }

    fn headers(&self) -> MutexGuard<'_, HashMap<PathBuf, Header>> {
        self.headers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Header {
    /// Whether a curve is undone while the file is read: whole numbers have a table for that.
    pub fn is_of_whole_numbers(&self) -> bool {
        matches!(self.colour.samples, SampleType::Unorm8 | SampleType::Unorm16)
    }
}

/// The pixels, after a curve is undone.
pub(super) fn read(path: &Path, curve: Curve, max_bytes: u64) -> Result<Frame, MediaError> {
    let limits = Limits { max_bytes };
    let space = match curve {
        Curve::Linear => Reading::Raw,
        curve => Reading::As(Space { curve, ..Space::LINEAR }),
    };
    media::read(path, &ReadOptions { channels: ChannelSet::RgbaOnly, limits, space, ..ReadOptions::default() })
}

/// What tells the file from every other one. `None` where it cannot be looked at; opening it will say why.
fn identity(path: &Path) -> Option<Key> {
    let facts = path.metadata().ok()?;
    let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).map_or(-1, |time| time.as_nanos() as i64);
    let key = KeyBuilder::new("file").bytes(path.as_os_str().as_encoded_bytes());
    Some(with_inode(key.int(facts.len() as i64).int(changed), &facts).finish())
}

#[cfg(unix)]
fn with_inode(key: KeyBuilder, facts: &Metadata) -> KeyBuilder {
    use std::os::unix::fs::MetadataExt;
    key.int(facts.ino() as i64).int(facts.ctime()).int(facts.ctime_nsec())
}

#[cfg(not(unix))]
fn with_inode(key: KeyBuilder, _facts: &Metadata) -> KeyBuilder {
    key
}

fn look(path: &Path, key: Option<Key>) -> Result<Header, MediaError> {
    let info = media::probe(path)?;
    let (Some(part), Some(key)) = (info.parts.get(info.main_part), key) else {
        let gone = std::io::Error::new(std::io::ErrorKind::NotFound, "it was there, and is gone");
        return Err(MediaError::new(path, gone.into()));
    };
    let opaque =
        !part.channels.iter().any(|channel| matches!(channel.name.rsplit('.').next(), Some("A" | "a" | "alpha")));
    let colour = Arc::new(media::colour::of_part(info.format, part, None));
    Ok(Header { key, data_window: part.data_window, display_window: part.display_window, opaque, colour })
}
