//! Files as sources: what a header says, remembered, and the pixels.
//!
//! A file is told from another by its path, its length and the time of its last change, so that a file that is written
//! anew is another picture. On Unix also by its number and the time that nobody can set, for copies that keep times. Where
//! that is not enough, by all of its bytes ([`FileIdentity`]).

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use super::Proxy;
use super::key::{Key, KeyBuilder};
use crate::colour::{Curve, FileColour, Space};
use crate::image::{Image, SampleType};
use crate::media::movie::Stopped;
use crate::media::{
    self, ChannelSet, Limits, MediaError, MediaInfo, MissingPixels, PartInfo, ReadOptions, Reading, Selection,
};
use crate::project::Wish;

/// How many headers are remembered, with all that they say. What is forgotten is read again.
const HEADERS: usize = 1024;

/// How files are told from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileIdentity {
    /// By path, length, time of the last change and, on Unix, inode.
    #[default]
    Facts,
    /// By all of their bytes, which are read whenever a frame is made of them: for storage that tells wrong times, and copies
    /// that are to be one picture.
    Content,
}

impl fmt::Display for FileIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Facts => "facts",
            Self::Content => "content",
        })
    }
}

impl FromStr for FileIdentity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Facts, Self::Content]
            .into_iter()
            .find(|identity| identity.to_string() == text)
            .ok_or_else(|| format!("there is no identity {text:?}, expected \"facts\" or \"content\""))
    }
}

/// The headers that were read. Shared by renders.
#[derive(Debug, Default)]
pub(super) struct Footage {
    by_content: AtomicBool,
    headers: Mutex<HashMap<PathBuf, Known>>,
}

/// A header that was read, of which file.
#[derive(Clone, Debug)]
struct Known {
    file: Key,
    info: Arc<MediaInfo>,
}

/// What a render needs to know of a picture in a file before it reads the pixels.
#[derive(Clone, Debug)]
pub(super) struct Header {
    file: Key,
    info: Arc<MediaInfo>,
    selection: Selection,
    /// What is known of its colour.
    pub colour: FileColour,
}

/// What is read of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub path: PathBuf,
    /// Of a movie: which frame.
    pub frame: Option<i64>,
    /// Which of its channels.
    pub wish: Wish,
    /// Which of its levels, where it has smaller pictures beside the full one.
    pub level: u32,
    /// The curve that is undone.
    pub curve: Curve,
    /// What shows where it was not finished.
    pub missing: MissingPixels,
    /// Whether its numbers are names of things, which must not be averaged.
    pub ids: bool,
    /// What else is read of the same file with it has the same key.
    pub group: Key,
}

impl Footage {
    /// What the header says of what is wished for.
    pub fn look(&self, path: &Path, wish: &Wish) -> Result<Header, MediaError> {
        let Known { file, info } = self.known(path)?;
        let selected = info.select(wish.part.as_ref(), wish.view.as_deref(), wish.channels.as_ref());
        let selection = selected.map_err(|problem| MediaError { path: path.to_owned(), problem })?;
        let colour = media::colour::of_part(info.format, &info.parts[selection.part], selection.planes);
        Ok(Header { file, info, selection, colour })
    }

    fn known(&self, path: &Path) -> Result<Known, MediaError> {
        let file = self.key(path);
        if let Some(known) = self.headers().get(path)
            && Some(known.file) == file
        {
            return Ok(known.clone());
        }
        let info = media::probe(path)?;
        let Some(file) = file else {
            let gone = std::io::Error::new(std::io::ErrorKind::NotFound, "it was there, and is gone");
            return Err(MediaError { path: path.to_owned(), problem: gone.into() });
        };
        let known = Known { file, info: Arc::new(info) };
        let mut headers = self.headers();
        if headers.len() >= HEADERS {
            headers.clear();
        }
        headers.insert(path.to_owned(), known.clone());
        Ok(known)
    }

    pub fn identity(&self) -> FileIdentity {
        if self.by_content.load(Ordering::Relaxed) { FileIdentity::Content } else { FileIdentity::Facts }
    }

    pub fn set_identity(&self, identity: FileIdentity) {
        self.by_content.store(identity == FileIdentity::Content, Ordering::Relaxed);
    }

    /// What tells the file from every other one. `None` where it cannot be looked at; opening it will say why.
    fn key(&self, path: &Path) -> Option<Key> {
        match self.identity() {
            FileIdentity::Facts => of_facts(path),
            FileIdentity::Content => of_content(path),
        }
    }

    fn headers(&self) -> MutexGuard<'_, HashMap<PathBuf, Known>> {
        self.headers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Header {
    /// The part that is shown.
    pub fn part(&self) -> &PartInfo {
        &self.info.parts[self.selection.part]
    }

    /// Whether it has no alpha, which then is 1.
    pub fn opaque(&self) -> bool {
        self.selection.planes[3].is_none()
    }

    /// Whether a curve is undone while the file is read: whole numbers have a table for that, and the codes of a movie are
    /// looked at one by one anyway.
    pub fn is_of_whole_numbers(&self) -> bool {
        self.colour.movie || matches!(self.colour.samples, SampleType::Unorm8 | SampleType::Unorm16)
    }

    /// The channel that cannot be a matte, where what is shown is one.
    pub fn no_matte(&self) -> Option<&str> {
        media::no_matte(self.part(), self.selection.planes)
    }

    /// The level of the file that is its picture at a proxy: where there is one over just the window that the proxy has, and
    /// its numbers are no names, which whoever made the file may have averaged.
    pub fn level(&self, proxy: Proxy) -> Option<u32> {
        let part = self.part();
        let level = part.levels.get(proxy.level().checked_sub(1)? as usize)?;
        let is_ids = media::is_ids(part, self.selection.planes);
        (proxy.full(*level) == part.data_window && !is_ids).then_some(proxy.level())
    }

    /// What is to be read, and its key. The same channels are the same picture, however they were asked for.
    pub fn read(
        &self,
        path: &Path,
        frame: Option<i64>,
        wish: Wish,
        level: u32,
        curve: Curve,
        missing: MissingPixels,
    ) -> (Read, Key) {
        let file = || {
            let key = KeyBuilder::new("read").key(self.file).text(&format!("{curve:?}")).text(missing.name());
            let key = key.int(level.into());
            frame.iter().fold(key, |key, frame| key.int(*frame))
        };
        let place = |plane: Option<usize>| plane.map_or(-1, |place| place as i64);
        let Selection { part, planes } = self.selection;
        let key = planes.iter().fold(file().int(part as i64), |key, plane| key.int(place(*plane))).finish();
        let group = file().text(&format!("{:?}", (&wish.part, &wish.view))).finish();
        let ids = media::is_ids(self.part(), planes);
        (Read { path: path.to_owned(), frame, wish, level, curve, missing, ids, group }, key)
    }
}

impl Read {
    /// The file's name, and which of its channels, for people.
    pub fn label(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy();
        let Wish { view, channels, .. } = &self.wish;
        let level = (self.level > 0).then(|| format!("level {}", self.level));
        let chosen = view.iter().cloned().chain(channels.iter().map(ToString::to_string)).chain(level);
        let chosen: Vec<String> = chosen.collect();
        match chosen[..] {
            [] => name.into_owned(),
            _ => format!("{name} ({})", chosen.join(" ")),
        }
    }
}

/// The pixels of several pictures of a file, of one group, after a curve is undone. The file is read once.
pub(super) fn read(pictures: &[&Read], max_bytes: u64, stopped: Stopped<'_>) -> Result<Vec<Image>, MediaError> {
    let Some(first) = pictures.first() else { return Ok(Vec::new()) };
    let space = match first.curve {
        Curve::Linear => Reading::Raw,
        curve => Reading::As(Space { curve, ..Space::LINEAR }),
    };
    let options = ReadOptions {
        part: first.wish.part.clone(),
        view: first.wish.view.clone(),
        level: first.level,
        frame: first.frame.unwrap_or(0),
        kept: ChannelSet::RgbaOnly,
        missing: first.missing,
        limits: Limits { max_bytes: max_bytes.saturating_mul(pictures.len() as u64) },
        space,
        ..ReadOptions::default()
    };
    let choices: Vec<_> = pictures.iter().map(|picture| picture.wish.channels.clone()).collect();
    let frames = media::read_each(&first.path, &options, &choices, stopped)?;
    Ok(frames.into_iter().map(|frame| frame.image).collect())
}

/// How files are told apart by their content.
fn of_content(path: &Path) -> Option<Key> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).ok()?).ok()?;
    Some(KeyBuilder::new("content").bytes(hasher.finalize().as_bytes()).finish())
}

/// How files are told apart by what the system says of them.
fn of_facts(path: &Path) -> Option<Key> {
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
