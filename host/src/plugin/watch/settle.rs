//! When a file that somebody writes is ready to be loaded: what is known of files over time, without clock, disk or
//! threads.
//!
//! Whoever drives it tells when a path was [touched](Settle::touch) and, when asked to [look](Action::Look) or to
//! [read](Action::Read), what is [there](Settle::observe) and what is [in it](Settle::read). Each [`Settle::poll`] gives
//! what is to be done, and [`Settle::wake`] says when to poll next. All times count from one beginning, which is the
//! driver's.
//!
//! - An event only means "look again". What still changes from one look to the next, [`SETTLE`] apart, is not read.
//! - A file is loaded when it was read twice, [`SETTLE`] apart, as the same whole library. Where the system says that it
//!   came to its name as a whole, or that its writer closed it ([`Sign::Finished`]), once is enough.
//! - One that is not whole is read again and again, ever more slowly, and at each touch. When it has stood still for
//!   [`STALL`], that is told once.
//! - Content that was handed on before is not handed on again: `touch` is no reload.
//! - A file that is gone counts as removed after [`GRACE`]: many tools delete and create.
//! - Files that become ready while others still change, or were touched less than [`TOGETHER`] ago, wait for those, for
//!   [`HOLD`] at most, so that the plugins of one build switch together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::plugin::stamp::Stamp;

/// Between two looks that have to see the same. Longer than the clock of any volume ticks, so that a change between them
/// shows.
pub const SETTLE: Duration = Duration::from_millis(5);
/// How long after the last touch of any file the ready ones are handed on.
pub const TOGETHER: Duration = Duration::from_millis(10);
/// How long a ready file waits for others at most.
pub const HOLD: Duration = Duration::from_millis(200);
/// How long a file is gone before it counts as removed.
pub const GRACE: Duration = Duration::from_millis(500);
/// How long an incomplete file stands still before that is told.
pub const STALL: Duration = Duration::from_secs(1);
/// The longest pause between two looks at an incomplete file.
pub const SLOWEST: Duration = Duration::from_secs(5);

/// What an event says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It may have been written to, or be gone.
    Changed,
    /// It came to this name as a whole, or somebody who wrote to it closed it.
    Finished,
    /// Something about it is different, but not its content.
    Beside,
}

/// What reading a file finds.
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
    /// Say what is at the path, without reading it.
    Look(PathBuf),
    /// Read the file, and say what is in it.
    Read(PathBuf),
    /// Load these as they were read last, all at once.
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
    /// When any file was touched last.
    active: Duration,
}

#[derive(Debug)]
struct File<Content> {
    state: State<Content>,
    /// When the stamp that it has was seen for the first time, or that it is gone.
    since: Duration,
    /// When it was looked at last.
    looked: Option<Duration>,
    /// When to look next.
    look_at: Option<Duration>,
    /// The pause before the look after the next.
    pause: Duration,
    /// Nothing was said of it since its writer was done.
    finished: bool,
    /// Ready to be loaded since then.
    ready: Option<Duration>,
    /// The content that was handed on last, while the file is there.
    handed: Option<Content>,
    /// Somebody was told of this file: that it is there, or why it cannot be loaded.
    told: bool,
    /// What it is now was refused.
    refused: bool,
}

/// What was seen last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State<Content> {
    Unknown,
    Absent,
    /// Not read since it has this stamp.
    New(Stamp),
    Part(Stamp),
    /// Read then.
    Whole(Stamp, Content, Duration),
}

impl<Content> State<Content> {
    fn stamp(&self) -> Option<Stamp> {
        match self {
            State::Unknown | State::Absent => None,
            State::New(stamp) | State::Part(stamp) | State::Whole(stamp, ..) => Some(*stamp),
        }
    }
}

impl<Content> Default for Settle<Content> {
    fn default() -> Self {
        Self { files: BTreeMap::new(), active: Duration::ZERO }
    }
}

impl<Content> Default for File<Content> {
    fn default() -> Self {
        Self {
            state: State::Unknown,
            since: Duration::ZERO,
            looked: None,
            look_at: None,
            pause: SETTLE,
            finished: false,
            ready: None,
            handed: None,
            told: false,
            refused: false,
        }
    }
}

impl<Content> File<Content> {
    /// What is there is another file than before, or another state of it.
    fn becomes(&mut self, state: State<Content>, now: Duration) {
        (self.state, self.since, self.pause, self.ready, self.refused) = (state, now, SETTLE, None, false);
    }

    /// It may be ready soon.
    fn is_on_its_way(&self) -> bool {
        self.look_at.is_some() && !matches!(self.state, State::Absent | State::Part(_))
    }
}

impl<Content: Copy + Eq> Settle<Content> {
    /// A file that others know already, with the content that is in use, if any is.
    pub fn know(&mut self, path: &Path, content: Option<Content>) {
        let file = self.files.entry(path.to_owned()).or_default();
        (file.handed, file.told) = (content, true);
    }

    /// Something happened to a path.
    pub fn touch(&mut self, path: &Path, sign: Sign, now: Duration) {
        self.active = self.active.max(now);
        let file = self.files.entry(path.to_owned()).or_default();
        // Whoever writes in small pieces is not looked at after each of them.
        let mut at = file.looked.map_or(now, |looked| now.max(looked + SETTLE));
        match sign {
            Sign::Changed => file.finished = false,
            Sign::Finished => (file.finished, at) = (true, now),
            Sign::Beside => {}
        }
        if sign != Sign::Beside {
            (file.ready, file.pause) = (None, SETTLE);
        }
        file.look_at = Some(file.look_at.map_or(at, |planned| planned.min(at)));
    }

    /// Whether the last look at a path saw this.
    pub fn has_seen(&self, path: &Path, stamp: Option<Stamp>) -> bool {
        self.files.get(path).is_some_and(|file| file.state != State::Unknown && file.state.stamp() == stamp)
    }

    /// What was handed on is no longer as it was read: it is to be looked at again.
    pub fn retry(&mut self, path: &Path, now: Duration) {
        if let Some(file) = self.files.get_mut(path) {
            (file.handed, file.state, file.finished) = (None, State::Unknown, false);
            file.look_at = Some(now + SETTLE);
        }
    }

    /// What a look found: a file with this stamp, or none. Returns what follows from that at once.
    pub fn observe(&mut self, path: &Path, found: Option<Stamp>, now: Duration) -> Option<Action> {
        let file = self.files.get_mut(path)?;
        file.looked = Some(now);
        let Some(stamp) = found else {
            if file.state != State::Absent {
                file.finished = false;
                file.becomes(State::Absent, now);
            }
            if now < file.since + GRACE {
                file.look_at = Some(file.since + GRACE);
                return None;
            }
            let known = self.files.remove(path)?.told;
            return known.then(|| Action::Remove(path.to_owned()));
        };
        let still = file.state.stamp() == Some(stamp);
        if !still {
            file.becomes(State::New(stamp), now);
        }
        if file.ready.is_some() {
            return None;
        }
        if still || file.finished {
            return Some(Action::Read(path.to_owned()));
        }
        file.look_at = Some(now + SETTLE);
        None
    }

    /// What reading found. Returns what follows from that at once.
    pub fn read(&mut self, path: &Path, seen: Seen<Content>, now: Duration) -> Option<Action> {
        let (stamp, content) = match seen {
            Seen::Absent => return self.observe(path, None, now),
            Seen::Part(stamp) => (stamp, None),
            Seen::Whole(stamp, content) => (stamp, Some(content)),
        };
        let file = self.files.get_mut(path)?;
        file.looked = Some(now);
        let before = file.state;
        if before.stamp() != Some(stamp) {
            // It changed since the look.
            file.finished = false;
            file.becomes(State::New(stamp), now);
        }
        let Some(content) = content else {
            (file.state, file.finished) = (State::Part(stamp), false);
            file.look_at = Some(now + file.pause);
            file.pause = (file.pause * 2).min(SLOWEST);
            if now.saturating_sub(file.since) >= STALL && !std::mem::replace(&mut file.refused, true) {
                // Whatever it is next, it differs from what was refused.
                (file.handed, file.told) = (None, true);
                return Some(Action::Refuse(path.to_owned()));
            }
            return None;
        };
        let twice = matches!(before, State::Whole(s, c, at) if (s, c) == (stamp, content) && now >= at + SETTLE);
        file.state = State::Whole(stamp, content, now);
        if file.handed == Some(content) {
            (file.look_at, file.ready) = (None, None);
        } else if file.finished || twice {
            file.look_at = None;
            file.ready.get_or_insert(now);
        } else {
            file.look_at = Some(now + SETTLE);
        }
        None
    }

    /// Whether a file only waits to be handed on, as it was read last.
    pub fn is_ready(&self, path: &Path) -> bool {
        self.files.get(path).is_some_and(|file| file.ready.is_some())
    }

    /// What is to be done now.
    pub fn poll(&mut self, now: Duration) -> Vec<Action> {
        let hand_on = self.hand_on_at().is_some_and(|at| at <= now);
        let mut actions = Vec::new();
        for (path, file) in &mut self.files {
            if file.look_at.is_some_and(|at| at <= now) {
                file.look_at = None;
                actions.push(Action::Look(path.clone()));
            }
        }
        if hand_on {
            let mut ready = Vec::new();
            for (path, file) in &mut self.files {
                if let (Some(_), State::Whole(_, content, _)) = (file.ready.take(), file.state) {
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
        let latest = first + HOLD;
        let others = self.files.values().any(File::is_on_its_way);
        Some(if others { latest } else { (self.active + TOGETHER).clamp(first, latest) })
    }
}

#[cfg(test)]
mod tests;
