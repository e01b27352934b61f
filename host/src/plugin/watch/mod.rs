//! Watching the search path: a file that is new, changed or gone is so for the registry a moment later.
//!
//! A thread gets the system's events, each of which only means "look again", and asks [`settle`] what to do. Events make it
//! quick; what makes it sure is that every [`SWEEP`] all directories are listed and compared with what they were. So
//! nothing depends on events: directories that do not exist yet, are replaced, lie on a network or beyond the system's
//! number of watches, and links to files elsewhere, are only noticed that much later.

pub mod settle;
mod sweep;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::load::{self, Reading};
use super::stamp::Stamp;
use super::{Registry, SearchPath, bundle};
use settle::{Action, Seen, Settle, Sign};
use sweep::Sweep;

/// How often all directories are listed.
pub const SWEEP: Duration = Duration::from_secs(1);

/// How changes are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notice {
    /// By the system's events, and by listing the directories.
    #[default]
    Events,
    /// Only by listing the directories.
    Listing,
}

/// Watches the directories of a registry, until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    inbox: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Message {
    /// Something happened to these paths.
    Touched(Vec<PathBuf>, Sign),
    /// Events were lost.
    Lost,
    /// From now on do nothing, or go on.
    Pause(bool),
    End,
}

impl Watcher {
    /// Watches the search path of a registry.
    ///
    /// # Errors
    /// If the system has no more threads.
    pub fn start(registry: &Arc<Registry>, notice: Notice) -> std::io::Result<Self> {
        let (inbox, messages) = channel();
        let registry = Arc::downgrade(registry);
        let events = (notice == Notice::Events).then(|| inbox.clone());
        let thread = std::thread::Builder::new()
            .name("playa-watch".to_owned())
            .spawn(move || Work::new(registry, events).run(&messages))?;
        Ok(Self { inbox, thread: Some(thread) })
    }

    /// Leaves everything as it is until [`Watcher::resume`].
    pub fn pause(&self) {
        self.send(Message::Pause(true));
    }

    /// Goes on, with all that happened meanwhile.
    pub fn resume(&self) {
        self.send(Message::Pause(false));
    }

    fn send(&self, message: Message) {
        // The thread ends early only when the registry is gone.
        let _ = self.inbox.send(message);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.send(Message::End);
        // Somebody who is told of a plugin may drop the watcher on its own thread.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Work {
    registry: Weak<Registry>,
    settle: Settle<blake3::Hash>,
    /// Files that are ready, as they were read: nobody reads them again.
    readings: BTreeMap<PathBuf, Reading>,
    sweep: Sweep,
    /// All times count from here.
    start: Instant,
    paused: bool,
}

impl Work {
    fn new(registry: Weak<Registry>, events: Option<Sender<Message>>) -> Self {
        let mut settle = Settle::default();
        let mut directories = Vec::new();
        if let Some(registry) = registry.upgrade() {
            directories.clone_from(&registry.path().directories);
            for report in registry.effects().files() {
                settle.know(&report.path, report.content);
                // It may have changed since, or be gone already.
                if SearchPath::is_plugin(&report.path) {
                    settle.touch(&report.path, Sign::Changed, Duration::ZERO);
                }
            }
        }
        let (sweep, readings) = (Sweep::new(directories, events), BTreeMap::new());
        Self { registry, settle, readings, sweep, start: Instant::now(), paused: false }
    }

    fn run(mut self, messages: &Receiver<Message>) {
        let mut next_sweep = Duration::ZERO;
        loop {
            if !self.paused {
                let now = self.start.elapsed();
                if now >= next_sweep {
                    next_sweep = now + SWEEP;
                    let mut touched = self.sweep.touched();
                    // Events were quicker, mostly.
                    touched.retain(|(path, stamp)| !self.settle.has_seen(path, *stamp));
                    self.touch(touched.into_iter().map(|(path, _)| path).collect(), Sign::Changed);
                }
                let now = self.start.elapsed();
                for action in self.settle.poll(now) {
                    if self.perform(action).is_none() {
                        return;
                    }
                }
            }
            let wake = self.settle.wake().unwrap_or(next_sweep).min(next_sweep);
            let message = if self.paused {
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                messages.recv_timeout(wake.saturating_sub(self.start.elapsed()))
            };
            match message {
                Ok(Message::Touched(paths, sign)) => self.touch(paths, sign),
                Ok(Message::Lost) => next_sweep = Duration::ZERO,
                Ok(Message::Pause(paused)) => (self.paused, next_sweep) = (paused, Duration::ZERO),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn touch(&mut self, paths: Vec<PathBuf>, sign: Sign) {
        let Some(effects) = self.registry.upgrade().map(|registry| registry.effects()) else { return };
        // A directory that is refused is told once, and not for each of its files.
        let refused = |path: &Path| path.parent().is_some_and(|folder| effects.file(folder).is_some());
        let now = self.start.elapsed();
        for path in &paths {
            match bundle::folder_of(path) {
                // Whatever it is in a bundle, it may be its library or what is said of that.
                Some(folder) if !refused(folder) => self.settle.touch(&bundle::file_of(folder), Sign::Changed, now),
                None if SearchPath::is_plugin(path) && !refused(path) => self.settle.touch(path, sign, now),
                _ => {}
            }
        }
    }

    /// Does what is to be done. `None` when the registry is gone.
    fn perform(&mut self, action: Action) -> Option<()> {
        let registry = self.registry.upgrade()?;
        let next = match action {
            Action::Look(path) => {
                let found = Stamp::of(&path).ok();
                self.settle.observe(&path, found, self.start.elapsed())
            }
            Action::Read(path) => self.read(&path),
            Action::Load(paths) => {
                self.load(&registry, paths);
                None
            }
            Action::Refuse(path) => {
                // What it is now is told by the one who tries to load it.
                let _ = registry.load_file(&path);
                None
            }
            Action::Remove(path) => {
                registry.remove_file(&path);
                None
            }
        };
        next.map_or(Some(()), |action| self.perform(action))
    }

    fn read(&mut self, path: &Path) -> Option<Action> {
        let reading = load::read(path);
        let seen = match &reading {
            Ok(Reading { stamp, whole: Some(hash), .. }) => Seen::Whole(*stamp, *hash),
            Ok(Reading { stamp, whole: None, .. }) => Seen::Part(*stamp),
            Err(_) => Stamp::of(path).map_or(Seen::Absent, Seen::Part),
        };
        let action = self.settle.read(path, seen, self.start.elapsed());
        if let Some(reading) = reading.ok().filter(|_| self.settle.is_ready(path)) {
            self.readings.insert(path.to_owned(), reading);
        }
        action
    }

    /// Loads files as they were read, unless they changed since.
    fn load(&mut self, registry: &Registry, paths: Vec<PathBuf>) {
        // Every file that is ready is among these.
        let mut readings = std::mem::take(&mut self.readings);
        let is_as_read = |path: &PathBuf| {
            let reading = readings.get(path);
            reading.is_some_and(|reading| Stamp::of(path).is_ok_and(|stamp| stamp == reading.stamp))
        };
        let (paths, changed): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_as_read);
        let now = self.start.elapsed();
        changed.iter().for_each(|path| self.settle.retry(path, now));
        registry.load_files_with(&paths, |path| readings.remove(path).expect("it was read").candidate);
    }
}
