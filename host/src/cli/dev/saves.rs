//! When the source of a crate is saved.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use crate::cli::failure::{Exit, Failure};

/// How long nothing has to happen until all of a save has happened: editors write, rename and remove.
const QUIET: Duration = Duration::from_millis(15);
/// How often it is looked whether to stop.
const GLANCE: Duration = Duration::from_millis(100);
/// How often files are listed where the system is not to tell of them.
const POLL: Duration = Duration::from_millis(250);

/// What tells of saves in a crate.
pub(super) struct Saves {
    times: Receiver<Instant>,
    _watcher: Box<dyn Watcher>,
}

impl Saves {
    /// Of everything in `src`, and of the `Cargo.toml` and `build.rs` beside it. `PLAYA_WATCH=poll` lists the files instead
    /// of waiting for the system's events.
    pub(super) fn of(folder: &Path) -> Result<Self, Failure> {
        let (sender, times) = channel();
        let source = folder.join("src");
        let inside = source.clone();
        let handler = move |event: notify::Result<Event>| {
            let is_save = event.map_or(true, |event| {
                let is_source = |path: &std::path::PathBuf| {
                    path.starts_with(&inside) || path.ends_with("Cargo.toml") || path.ends_with("build.rs")
                };
                !matches!(event.kind, EventKind::Access(_))
                    && (event.need_rescan() || event.paths.iter().any(is_source))
            });
            if is_save {
                // Nobody reads any more when the command is about to end.
                let _ = sender.send(Instant::now());
            }
        };
        let mut watcher: Box<dyn Watcher> = if std::env::var_os("PLAYA_WATCH").is_some_and(|wish| wish == "poll") {
            PollWatcher::new(handler, Config::default().with_poll_interval(POLL)).map(|watcher| Box::new(watcher) as _)
        } else {
            RecommendedWatcher::new(handler, Config::default()).map(|watcher| Box::new(watcher) as _)
        }
        .map_err(|error| failed(folder, &error))?;
        for (path, mode) in [(source.as_path(), RecursiveMode::Recursive), (folder, RecursiveMode::NonRecursive)] {
            watcher.watch(path, mode).map_err(|error| failed(path, &error))?;
        }
        Ok(Self { times, _watcher: watcher })
    }

    /// Waits for a save, and until it is over; when it began. `None` when it is time to stop.
    pub(super) fn wait(&self, stop: &AtomicBool) -> Option<Instant> {
        let begun = loop {
            match self.times.recv_timeout(GLANCE) {
                Ok(time) => break time,
                Err(RecvTimeoutError::Timeout) if !stop.load(Ordering::SeqCst) => {}
                Err(_) => return None,
            }
        };
        while self.times.recv_timeout(QUIET).is_ok() && !stop.load(Ordering::SeqCst) {}
        Some(begun)
    }
}

fn failed(path: &Path, error: &notify::Error) -> Failure {
    Failure::new(Exit::Failed, format_args!("{}: cannot be watched: {error}", path.display()))
        .hint("set PLAYA_WATCH=poll to have its files listed instead")
}
