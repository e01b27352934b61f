//! When a file that somebody writes is ready to be loaded: what is known of files over time, without clock, disk or
//! threads.
//!
//! Whoever drives it tells when a path was [touched](Settle::touch) and, when [asked to look](Action::Look), what is
//! [seen](Settle::observe) there. Each [`Settle::poll`] gives what is to be done, and [`Settle::wake`] says when to poll
//! next. All times count from one beginning, which is the driver's.
//!
//! - An event only means "look again". A file is loaded when two looks, [`SETTLE`] apart, see the same whole library.
//! - One that is not whole is looked at again and again, ever more slowly, and at each touch. When it has stood still for
//!   [`STALL`], that is told once.
//! - Content that was handed on before is not handed on again: `touch` is no reload.
//! - A file that is gone counts as removed after [`GRACE`]: many tools delete and create.
//! - Files that become ready while others were touched less than [`TOGETHER`] ago wait for those, for [`HOLD`] at most, so
//!   that the plugins of one build switch together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Between two looks that have to see the same.
pub const SETTLE: Duration = Duration::from_millis(5);
/// How long after the last touch of any file the ready ones are handed on.
pub const TOGETHER: Duration = Duration::from_millis(20);
/// How long a ready file waits for others at most.
pub const HOLD: Duration = Duration::from_millis(200);
/// How long a file is gone before it counts as removed.
pub const GRACE: Duration = Duration::from_millis(500);
/// How long an incomplete file stands still before that is told.
pub const STALL: Duration = Duration::from_secs(1);
/// The longest pause between two looks at an incomplete file.
pub const SLOWEST: Duration = Duration::from_secs(5);

/// What the system says of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// When it was written last, where that is known.
    pub modified: Option<SystemTime>,
    /// Its number on the volume; 0 where there is none.
    pub inode: u64,
}

/// What a look at a path finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<Content> {
    /// No file.
    Absent,
    /// A file that is no whole library.
    Part(Stamp),
    /// A whole library with this content.
    Whole(Stamp, Content),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look at the path, and say what is there.
    Look(PathBuf),
    /// Load these, all at once.
    Load(Vec<PathBuf>),
    /// The file has stood still and is no whole library: say so.
    Refuse(PathBuf),
    /// The file is gone for good.
    Remove(PathBuf),
}

/// What is known of all files. `Content` is what two equal files have in common: a hash of their bytes.
#[derive(Debug)]
pub struct Settle<Content> {
    files: BTreeMap<PathBuf, File<Content>>,
    /// When any file was touched last, or seen to have changed.
    active: Duration,
}

#[derive(Debug)]
struct File<Content> {
    seen: Option<Seen<Content>>,
    /// When what is seen was seen for the first time.
    since: Duration,
    /// When it was looked at last.
    looked: Option<Duration>,
    /// When to look next.
    look_at: Option<Duration>,
    /// The pause before the look after the next.
    pause: Duration,
    /// Ready to be loaded since then.
    ready: Option<Duration>,
    /// The content that was handed on last, while the file is there.
    handed: Option<Content>,
    /// Somebody was told of this file: that it is there, or why it cannot be loaded.
    told: bool,
    /// What it is now was refused.
    refused: bool,
}

impl<Content> Default for Settle<Content> {
    fn default() -> Self {
        Self { files: BTreeMap::new(), active: Duration::ZERO }
    }
}

impl<Content> Default for File<Content> {
    fn default() -> Self {
        Self {
            seen: None,
            since: Duration::ZERO,
            looked: None,
            look_at: None,
            pause: SETTLE,
            ready: None,
            handed: None,
            told: false,
            refused: false,
        }
    }
}

impl<Content: Copy + Eq> Settle<Content> {
    /// A file that others know already, with the content that is in use, if any is.
    pub fn know(&mut self, path: &Path, content: Option<Content>) {
        let file = self.files.entry(path.to_owned()).or_default();
        (file.handed, file.told) = (content, true);
    }

    /// Something happened to a path.
    pub fn touch(&mut self, path: &Path, now: Duration) {
        self.active = self.active.max(now);
        let file = self.files.entry(path.to_owned()).or_default();
        file.ready = None;
        file.pause = SETTLE;
        // Whoever writes in small pieces is not read after each of them.
        let at = file.looked.map_or(now, |looked| now.max(looked + SETTLE));
        file.look_at = Some(file.look_at.map_or(at, |planned| planned.min(at)));
    }

    /// What was handed on could not be read as it was seen: it is to be looked at again.
    pub fn retry(&mut self, path: &Path, now: Duration) {
        if let Some(file) = self.files.get_mut(path) {
            (file.handed, file.seen) = (None, None);
            file.look_at = Some(now + SETTLE);
        }
    }

    /// What a look found. Returns what follows from that at once.
    pub fn observe(&mut self, path: &Path, seen: Seen<Content>, now: Duration) -> Option<Action> {
        let file = self.files.get_mut(path)?;
        let looked = file.looked.replace(now);
        let changed = file.seen.replace(seen) != Some(seen);
        if changed {
            (file.since, file.pause, file.ready, file.refused) = (now, SETTLE, None, false);
        }
        let age = now.saturating_sub(file.since);
        match seen {
            Seen::Absent if age < GRACE => file.look_at = Some(file.since + GRACE),
            Seen::Absent => {
                let known = self.files.remove(path)?.told;
                return known.then(|| Action::Remove(path.to_owned()));
            }
            Seen::Part(_) => {
                file.look_at = Some(now + file.pause);
                file.pause = (file.pause * 2).min(SLOWEST);
                if changed {
                    self.active = self.active.max(now);
                }
                if age >= STALL && !file.refused {
                    (file.refused, file.told, file.handed) = (true, true, None);
                    return Some(Action::Refuse(path.to_owned()));
                }
            }
            Seen::Whole(_, content) => {
                let settled = !changed && looked.is_some_and(|before| now >= before + SETTLE);
                match (settled, file.handed == Some(content)) {
                    (false, _) => file.look_at = Some(now + SETTLE),
                    (true, true) => (file.look_at, file.ready) = (None, None),
                    (true, false) => {
                        file.look_at = None;
                        file.ready.get_or_insert(now);
                    }
                }
            }
        }
        None
    }

    /// What is to be done now.
    pub fn poll(&mut self, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        for (path, file) in &mut self.files {
            if file.look_at.is_some_and(|at| at <= now) {
                file.look_at = None;
                actions.push(Action::Look(path.clone()));
            }
        }
        if self.hand_on_at().is_some_and(|at| at <= now) {
            let mut ready = Vec::new();
            for (path, file) in &mut self.files {
                if let (Some(_), Some(Seen::Whole(_, content))) = (file.ready.take(), file.seen) {
                    (file.handed, file.told) = (Some(content), true);
                    ready.push(path.clone());
                }
            }
            actions.push(Action::Load(ready));
        }
        actions
    }

    /// When to poll next, unless something is touched before. `None` when nothing is under way.
    pub fn wake(&self) -> Option<Duration> {
        let looks = self.files.values().filter_map(|file| file.look_at);
        looks.chain(self.hand_on_at()).min()
    }

    /// When the ready files are handed on.
    fn hand_on_at(&self) -> Option<Duration> {
        let first = self.files.values().filter_map(|file| file.ready).min()?;
        Some((self.active + TOGETHER).clamp(first, first + HOLD))
    }
}

#[cfg(test)]
mod tests;
