//! Numbered files: which ones there are, and which one shows at a frame.

mod list;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::suggest;

/// A path whose file name may hold one place for the frame number, in the notation in which it was written.
///
/// `####`, `@@@@`, `%04d` and `$F4` are four digits, `#`, `@`, `%d` and `$F` as many as it takes. A negative number has
/// its sign within the width, as `printf` writes it: frame -1 of `%04d` is `-001`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    place: Option<Place>,
}

/// The place for the frame number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// Byte range of the notation in the text.
    start: usize,
    end: usize,
    /// Digits a number has at least.
    width: usize,
}

/// Why footage was not found, or has no file for a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// The file name has two places for a frame number, or none could be made of it.
    #[error("{path}: {reason}")]
    Pattern {
        /// The pattern as written.
        path: String,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// No file matches.
    #[error("{path}: no such {what}{near}")]
    NotFound {
        /// The pattern as written.
        path: String,
        /// `file`, `sequence` or `folder`.
        what: &'static str,
        /// What is there that resembles it, as the end of the message.
        near: String,
    },
    /// The folder could not be read.
    #[error("{path}: the folder could not be read: {reason}")]
    Unreadable {
        /// The pattern as written.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// The sequence has no file for this frame, and its policy says that this is an error.
    #[error("{}: frame {frame} is missing (the sequence has {available}); restore it, or set `missing` to black, hold or nearest", path.display())]
    MissingFrame {
        /// The file that should be there.
        path: PathBuf,
        /// The frame of the sequence.
        frame: i64,
        /// What there is.
        available: String,
    },
}

/// What shows in place of a file that a sequence lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: an error that names file and frame.
    Error,
    /// Transparent black.
    Black,
    /// The last frame before it, or the first of all where there is none.
    Hold,
    /// The frame nearest to it, the earlier of two.
    Nearest,
}

/// What to read for a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Footage {
    /// This file.
    File(PathBuf),
    /// A frame of a movie, counted from 0.
    Movie(PathBuf, i64),
    /// No file: transparent black.
    Black,
}

/// The files of a pattern that were on disk when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    pattern: Pattern,
    /// Sorted; empty for a still and for missing footage.
    frames: Vec<i64>,
    kind: Kind,
}

/// Where the frames of a sequence are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Each in a file of its own.
    Files,
    /// There is one, in one file.
    Still,
    /// All in one file.
    Movie,
}

/// A movie has at most this many frames: 77 hours at 60 per second.
const MAX_MOVIE: i64 = 1 << 24;

impl Pattern {
    /// Reads a path. Only its file name is looked at for a place for the number.
    pub fn parse(path: &str) -> Result<Self, SequenceError> {
        let error = |reason: String| SequenceError::Pattern { path: path.to_string(), reason };
        let name = path.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |slash| slash + 1);
        if path[name..].is_empty() {
            return Err(error("expected a file name".to_string()));
        }
        if let Some(tiles) = TILES.into_iter().find(|tiles| path[name..].to_ascii_lowercase().contains(tiles)) {
            let reason = format!(
                "{tiles} stands for the tiles of a texture, and Playa composites frames; name one tile, such as 1001, or \
                 write #### if these are frames"
            );
            return Err(error(reason));
        }
        let mut place: Option<Place> = None;
        let mut at = name;
        while let Some(letter) = path[at..].chars().next() {
            let Some((length, width)) = notation(&path[at..]) else {
                at += letter.len_utf8();
                continue;
            };
            if width > MAX_DIGITS {
                return Err(error(format!("{width} digits, expected at most {MAX_DIGITS}")));
            }
            if let Some(first) = &place {
                let (a, b) = (&path[first.start..first.end], &path[at..at + length]);
                return Err(error(format!("two places for a frame number, {a} and {b}, expected one")));
            }
            place = Some(Place { start: at, end: at + length, width });
            at += length;
        }
        Ok(Self { text: path.to_string(), place })
    }

    /// The path of a frame; the path itself where it has no place for a number.
    pub fn path(&self, frame: i64) -> PathBuf {
        match &self.place {
            None => PathBuf::from(&self.text),
            Some(Place { start, end, width }) => {
                PathBuf::from(format!("{}{frame:0width$}{}", &self.text[..*start], &self.text[*end..]))
            }
        }
    }

    /// Whether it has a place for a number.
    pub fn is_numbered(&self) -> bool {
        self.place.is_some()
    }

    /// The frame of which this is the file name.
    fn frame(&self, file_name: &str) -> Option<i64> {
        let place = self.place.as_ref()?;
        let (_, before) = split_name(&self.text[..place.start]);
        let digits = file_name.strip_prefix(before)?.strip_suffix(&self.text[place.end..])?;
        let frame: i64 = digits.parse().ok()?;
        let width = place.width;
        // Not every number is meant: 00012 is no name in a sequence of four digits, and neither is +12.
        (format!("{frame:0width$}") == digits && frame.abs() <= super::time::FRAME_LIMIT).then_some(frame)
    }
}

/// As it was written.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Sequence {
    /// Looks for the files of a pattern, by reading its folder once. A file that is called exactly as the pattern, or
    /// a pattern without a place for a number, is a still.
    pub fn find(pattern: Pattern) -> Result<Self, SequenceError> {
        let text = pattern.to_string();
        let (folder, name) = split_name(&text);
        let names = read_names(&text, if folder.is_empty() { Path::new(".") } else { Path::new(folder) })?;
        if names.iter().any(|n| n == name) {
            return Ok(Self { pattern, frames: Vec::new(), kind: Kind::Still });
        }
        let mut frames: Vec<i64> = names.iter().filter_map(|n| pattern.frame(n)).collect();
        if frames.is_empty() {
            let what = if pattern.is_numbered() { "sequence" } else { "file" };
            return Err(SequenceError::NotFound { path: text.clone(), what, near: near(name, &names) });
        }
        frames.sort_unstable();
        Ok(Self { pattern, frames, kind: Kind::Files })
    }

    /// Footage that is not there: every frame is missing.
    pub fn absent(pattern: Pattern) -> Self {
        Self { pattern, frames: Vec::new(), kind: Kind::Files }
    }

    /// The pattern it was found by.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// What the user should know about it.
    pub fn warning(&self) -> Option<String> {
        let place = self.pattern.place.as_ref().filter(|_| self.kind == Kind::Files)?;
        (&self.pattern.text[place.start..place.end] == "#")
            .then(|| format!("{}: a lone # is taken as one digit, write #### for four", self.pattern))
    }

    /// Whether it is one file that shows at every frame.
    pub fn is_still(&self) -> bool {
        self.kind == Kind::Still
    }

    /// A file that has so many frames, counted from 0.
    #[must_use]
    pub fn with_frames(self, count: i64) -> Self {
        match self.kind {
            Kind::Files => self,
            Kind::Still | Kind::Movie => {
                Self { frames: (0..count.clamp(0, MAX_MOVIE)).collect(), kind: Kind::Movie, ..self }
            }
        }
    }

    /// Whether one file has all of its frames.
    pub fn is_movie(&self) -> bool {
        self.kind == Kind::Movie
    }

    /// First and last frame found; `None` for a still and for absent footage.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        Some((*self.frames.first()?, *self.frames.last()?))
    }

    /// The frames that were found, in their order; none of a still.
    pub fn frames(&self) -> &[i64] {
        &self.frames
    }

    /// The ranges of frames between first and last that have no file, both ends included.
    pub fn gaps(&self) -> Vec<(i64, i64)> {
        let holes = self.frames.windows(2).filter(|pair| pair[1] - pair[0] > 1);
        holes.map(|pair| (pair[0] + 1, pair[1] - 1)).collect()
    }

    /// What to read for a frame: its file, or what `missing` puts in its place.
    pub fn footage(&self, frame: i64, missing: Missing) -> Result<Footage, SequenceError> {
        if self.is_still() {
            return Ok(Footage::File(PathBuf::from(&self.pattern.text)));
        }
        Ok(match self.shown(frame, missing)? {
            None => Footage::Black,
            Some(shown) if self.is_movie() => Footage::Movie(PathBuf::from(&self.pattern.text), shown),
            Some(shown) => Footage::File(self.pattern.path(shown)),
        })
    }

    /// The frame of a sequence whose file is read for a frame: itself, or which one `missing` puts in its place. None where
    /// that is black.
    pub fn shown(&self, frame: i64, missing: Missing) -> Result<Option<i64>, SequenceError> {
        if self.frames.binary_search(&frame).is_ok() {
            return Ok(Some(frame));
        }
        let after = self.frames.partition_point(|f| *f < frame);
        let before = after.checked_sub(1).map(|index| self.frames[index]);
        let after = self.frames.get(after).copied();
        let instead = match missing {
            Missing::Black => return Ok(None),
            Missing::Error => None,
            Missing::Hold => before.or(after),
            Missing::Nearest => match (before, after) {
                (Some(b), Some(a)) if a - frame < frame - b => Some(a),
                (before, after) => before.or(after),
            },
        };
        match instead {
            Some(found) => Ok(Some(found)),
            None => Err(self.missing(frame)),
        }
    }

    /// How many frames between first and last have no file.
    pub fn missing_count(&self) -> i64 {
        self.gaps().into_iter().map(|(first, last)| last - first + 1).sum()
    }

    fn missing(&self, frame: i64) -> SequenceError {
        let available = match self.bounds() {
            None => "no file at all".to_string(),
            Some((first, last)) => match self.gaps().len() {
                0 => format!("{first}-{last}"),
                1 => format!("{first}-{last} with 1 gap"),
                gaps => format!("{first}-{last} with {gaps} gaps"),
            },
        };
        let path = if self.is_movie() { PathBuf::from(&self.pattern.text) } else { self.pattern.path(frame) };
        SequenceError::MissingFrame { path, frame, available }
    }
}

/// How other programs write the places of a texture's tiles, in lower case.
const TILES: [&str; 4] = ["<udim>", "<uvtile>", "%(udim)d", "<u>_<v>"];

/// Its pattern, and which frames there are: `plate.####.exr 1001-1100 (3 missing: 1005, 1010-1011)`. A single file is its
/// path.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More ranges than this are not told one by one.
        const TOLD: usize = 8;
        let range = |(first, last): &(i64, i64)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        write!(f, "{}", self.pattern)?;
        let Some(bounds) = self.bounds() else { return Ok(()) };
        write!(f, " {}", range(&bounds))?;
        let gaps = self.gaps();
        if gaps.is_empty() {
            return Ok(());
        }
        let told = gaps.iter().take(TOLD).map(range).collect::<Vec<_>>().join(", ");
        let more = if gaps.len() > TOLD { ", ..." } else { "" };
        write!(f, " ({} missing: {told}{more})", self.missing_count())
    }
}

/// More digits than this mean nothing: frame numbers have ten.
const MAX_DIGITS: usize = 20;

/// The notation for a frame number at the start of the text: its length in bytes, and its digits.
fn notation(text: &str) -> Option<(usize, usize)> {
    let run = |letter: u8| text.bytes().take_while(|b| *b == letter).count();
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes()[0] {
        letter @ (b'#' | b'@') => Some((run(letter), run(letter))),
        b'%' => {
            let end = 1 + digits(1);
            let zero_padded = end == 1 || text[1..].starts_with('0');
            (zero_padded && text[end..].starts_with('d')).then(|| (end + 1, text[1..end].parse().unwrap_or(1).max(1)))
        }
        b'$' if text[1..].starts_with('F') => {
            let end = 2 + digits(2);
            Some((end, text[2..end].parse().unwrap_or(1).max(1)))
        }
        _ => None,
    }
}

/// The folder, with its separator, and the file name.
fn split_name(path: &str) -> (&str, &str) {
    path.split_at(path.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |slash| slash + 1))
}

#[cfg(test)]
thread_local! {
    /// How many folders this thread has read.
    static READS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn read_names(pattern: &str, folder: &Path) -> Result<Vec<String>, SequenceError> {
    #[cfg(test)]
    READS.set(READS.get() + 1);
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            let near = format!(": {} is not a folder", folder.display());
            SequenceError::NotFound { path: pattern.to_string(), what: "folder", near }
        }
        _ => SequenceError::Unreadable { path: pattern.to_string(), reason: error.to_string() },
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        if let Ok(name) = entry.map_err(failed)?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// What of the folder resembles the name, as the end of a message. Numbers are compared as one sequence.
fn near(wanted: &str, names: &[String]) -> String {
    let mut kinds: Vec<String> = names.iter().map(|name| as_sequence(name)).collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        return ": the folder is empty".to_string();
    }
    let kin = as_sequence(wanted);
    let found = kinds.iter().find(|kind| **kind == kin).map(String::as_str);
    match found.or_else(|| suggest::closest(&kin, kinds.iter().map(String::as_str))) {
        Some(close) => format!(" (did you mean `{close}`?)"),
        None => {
            let shown = kinds.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
            format!(": the folder holds {shown}{}", if kinds.len() > 5 { ", ..." } else { "" })
        }
    }
}

/// The name with its last run of digits, or its place for a number, as `#`: `fg.0012.exr` is `fg.####.exr`.
fn as_sequence(name: &str) -> String {
    if let Ok(Pattern { place: Some(place), .. }) = Pattern::parse(name) {
        return format!("{}{}{}", &name[..place.start], "#".repeat(place.width), &name[place.end..]);
    }
    let stem = name.rfind('.').unwrap_or(name.len());
    let Some(last) = name[..stem].rfind(|c: char| c.is_ascii_digit()) else { return name.to_string() };
    let digits = name[..=last].bytes().rev().take_while(u8::is_ascii_digit).count();
    format!("{}{}{}", &name[..last + 1 - digits], "#".repeat(digits), &name[last + 1..])
}

#[cfg(test)]
mod tests;
