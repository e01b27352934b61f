//! Watching the search path: a file that is new, changed or gone is so for the registry a moment later.
//!
//! A thread gets the system's events, each of which only means "look again", and asks [`settle`] what to do. Events make it
//! quick; what makes it sure is that every [`SWEEP`] all directories are listed and compared with what they were. So
//! nothing depends on events: directories that do not exist yet, are replaced, lie on a network or beyond the system's
//! number of watches, and links to files elsewhere, are only noticed that much later.

pub mod settle;
mod sweep;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{LoadError, Registry, SearchPath, load};
use settle::{Action, Seen, Settle};
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
    Touched(Vec<PathBuf>),
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
                if SearchPath::is_library(&report.path) {
                    settle.touch(&report.path, Duration::ZERO);
                }
            }
        }
        Self { registry, settle, sweep: Sweep::new(directories, events), start: Instant::now(), paused: false }
    }

    fn run(mut self, messages: &Receiver<Message>) {
        let mut next_sweep = Duration::ZERO;
        loop {
            if !self.paused {
                let now = self.start.elapsed();
                if now >= next_sweep {
                    next_sweep = now + SWEEP;
                    let touched = self.sweep.touched();
                    self.touch(touched);
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
                Ok(Message::Touched(paths)) => self.touch(paths),
                Ok(Message::Lost) => next_sweep = Duration::ZERO,
                Ok(Message::Pause(paused)) => (self.paused, next_sweep) = (paused, Duration::ZERO),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn touch(&mut self, paths: Vec<PathBuf>) {
        let Some(effects) = self.registry.upgrade().map(|registry| registry.effects()) else { return };
        // A directory that is refused is told once, and not for each of its files.
        let refused = |path: &Path| path.parent().is_some_and(|folder| effects.file(folder).is_some());
        let now = self.start.elapsed();
        for path in paths.iter().filter(|path| SearchPath::is_library(path) && !refused(path)) {
            self.settle.touch(path, now);
        }
    }

    /// Does what is to be done. `None` when the registry is gone.
    fn perform(&mut self, action: Action) -> Option<()> {
        let registry = self.registry.upgrade()?;
        match action {
            Action::Look(path) => {
                let seen = look(&path);
                if let Some(action) = self.settle.observe(&path, seen, self.start.elapsed()) {
                    return self.perform(action);
                }
            }
            Action::Load(paths) => {
                let results = registry.load_files(&paths);
                for (path, result) in paths.iter().zip(results) {
                    if let Err(LoadError::Incomplete { .. } | LoadError::Unreadable { .. }) = result {
                        self.settle.retry(path, self.start.elapsed());
                    }
                }
            }
            // What it is now is told by the one who tries to load it.
            Action::Refuse(path) => drop(registry.load_file(&path)),
            Action::Remove(path) => registry.remove_file(&path),
        }
        Some(())
    }
}

/// What is at a path.
fn look(path: &Path) -> Seen<blake3::Hash> {
    let stamp = match sweep::stamp(path) {
        Ok(stamp) => stamp,
        Err(_) => return Seen::Absent,
    };
    match load::look(path) {
        Ok((hash, true)) => Seen::Whole(stamp, hash),
        Ok((_, false)) | Err(_) => Seen::Part(stamp),
    }
}
