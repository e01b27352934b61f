//! The directories: told of by the system where it can, and listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Message;
use super::settle::Stamp;
use crate::plugin::SearchPath;

/// What the directories were like when they were listed last.
pub(super) struct Sweep {
    directories: Vec<Directory>,
    /// Tells of events; `None` where the system has none for us.
    events: Option<RecommendedWatcher>,
}

struct Directory {
    path: PathBuf,
    /// The directory that the system tells of: another one of the same name is to be asked for anew.
    watched: Option<u64>,
    /// That events failed was logged.
    told: bool,
    files: BTreeMap<PathBuf, Stamp>,
}

impl Sweep {
    /// Nothing is known of the directories yet. Events go to the inbox, if there is one.
    pub(super) fn new(directories: Vec<PathBuf>, inbox: Option<Sender<Message>>) -> Self {
        let directory = |path| Directory { path, watched: None, told: false, files: BTreeMap::new() };
        let events = inbox.and_then(|inbox| {
            let watcher = notify::recommended_watcher(move |event| forward(event, &inbox));
            watcher
                .inspect_err(|error| log::warn!("plugins: no events of files, they are listed instead: {error}"))
                .ok()
        });
        Self { directories: directories.into_iter().map(directory).collect(), events }
    }

    /// Lists all directories. Returns the libraries that are new, different or gone since the last time.
    pub(super) fn touched(&mut self) -> Vec<PathBuf> {
        let mut touched = Vec::new();
        for directory in &mut self.directories {
            if let Some(events) = &mut self.events {
                directory.watch(events);
            }
            // A directory that cannot be read right now is not therefore empty; one that is not there is.
            let Ok(names) = SearchPath::libraries(&directory.path) else { continue };
            let stamps = names.into_iter().filter_map(|path| Some((path.clone(), stamp(&path).ok()?)));
            let files: BTreeMap<PathBuf, Stamp> = stamps.collect();
            let before = std::mem::replace(&mut directory.files, files);
            let files = &directory.files;
            touched
                .extend(files.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp)).map(|(p, _)| p.clone()));
            touched.extend(before.into_keys().filter(|path| !files.contains_key(path)));
        }
        touched
    }
}

impl Directory {
    /// Asks the system to tell of the directory, unless it does already.
    fn watch(&mut self, events: &mut RecommendedWatcher) {
        let now = stamp(&self.path).ok().map(|stamp| stamp.inode);
        if now == self.watched {
            return;
        }
        if self.watched.take().is_some() {
            // It fails where the directory is gone, and the watch with it.
            let _ = events.unwatch(&self.path);
        }
        if now.is_none() {
            return;
        }
        match events.watch(&self.path, RecursiveMode::NonRecursive) {
            Ok(()) => (self.watched, self.told) = (now, false),
            Err(error) if !self.told => {
                self.told = true;
                log::warn!("{}: no events of its files, it is listed instead: {error}", self.path.display());
            }
            Err(_) => {}
        }
    }
}

fn forward(event: notify::Result<Event>, inbox: &Sender<Message>) {
    let message = match event {
        Ok(event) if event.need_rescan() => Message::Lost,
        // That somebody reads a file is no change; we do so ourselves.
        Ok(Event {
            kind: EventKind::Access(notify::event::AccessKind::Close(notify::event::AccessMode::Write)),
            paths,
            ..
        }) => Message::Touched(paths),
        Ok(Event { kind: EventKind::Access(_), .. }) => return,
        Ok(event) => Message::Touched(event.paths),
        Err(_) => Message::Lost,
    };
    // Nobody reads any more when the watcher is about to end.
    let _ = inbox.send(message);
}

/// What the system says of the file that a path leads to.
pub(super) fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Ok(Stamp { size: metadata.len(), modified: metadata.modified().ok(), inode })
}
