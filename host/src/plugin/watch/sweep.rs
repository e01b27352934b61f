//! The directories: told of by the system where it can, and listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Message;
use super::settle::Sign;
use crate::plugin::stamp::Stamp;
use crate::plugin::{SearchPath, bundle};

/// What the directories were like when they were listed last.
pub(super) struct Sweep {
    directories: Vec<Directory>,
    /// Tells of events; `None` where the system has none for us.
    events: Option<RecommendedWatcher>,
}

struct Directory {
    path: PathBuf,
    /// The folders that the system tells of, it and its bundles, by number: another one of the same name is to be asked for
    /// anew.
    watched: BTreeMap<PathBuf, u64>,
    /// That events failed was logged.
    told: bool,
    files: BTreeMap<PathBuf, Stamp>,
}

impl Sweep {
    /// Nothing is known of the directories yet. Events go to the inbox, if there is one.
    pub(super) fn new(directories: Vec<PathBuf>, inbox: Option<Sender<Message>>) -> Self {
        let directory = |path| Directory { path, watched: BTreeMap::new(), told: false, files: BTreeMap::new() };
        let events = inbox.and_then(|inbox| {
            let watcher = notify::recommended_watcher(move |event| forward(event, &inbox));
            watcher
                .inspect_err(|error| log::warn!("plugins: no events of files, they are listed instead: {error}"))
                .ok()
        });
        Self { directories: directories.into_iter().map(directory).collect(), events }
    }

    /// Lists all directories. Returns the libraries that are new, different or gone since the last time, and what they are
    /// now.
    pub(super) fn touched(&mut self) -> Vec<(PathBuf, Option<Stamp>)> {
        let mut touched = Vec::new();
        for directory in &mut self.directories {
            // A directory that cannot be read right now is not therefore empty; one that is not there is.
            let names = SearchPath::libraries(&directory.path);
            if let Some(events) = &mut self.events {
                directory.watch(events, names.as_deref().unwrap_or_default());
            }
            let Ok(names) = names else { continue };
            let stamps = names.into_iter().filter_map(|path| Some((path.clone(), Stamp::of(&path).ok()?)));
            let files: BTreeMap<PathBuf, Stamp> = stamps.collect();
            let before = std::mem::replace(&mut directory.files, files);
            let files = &directory.files;
            let other = files.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp));
            touched.extend(other.map(|(path, stamp)| (path.clone(), Some(*stamp))));
            let gone = before.into_keys().filter(|path| !files.contains_key(path));
            touched.extend(gone.map(|path| (path, None)));
        }
        touched
    }
}

impl Directory {
    /// Asks the system to tell of the directory and of the bundles with these files, unless it does already.
    fn watch(&mut self, events: &mut RecommendedWatcher, files: &[PathBuf]) {
        let bundles = files.iter().filter_map(|file| bundle::folder_of(file));
        let folders: BTreeSet<&Path> = bundles.chain([&*self.path]).collect();
        let now: BTreeMap<PathBuf, u64> = folders.into_iter().filter_map(numbered).collect();
        self.watched.retain(|folder, number| {
            let same = now.get(folder) == Some(number);
            if !same {
                // It fails where the folder is gone, and the watch with it.
                let _ = events.unwatch(folder);
            }
            same
        });
        for (folder, number) in now {
            if self.watched.contains_key(&folder) {
                continue;
            }
            let inside = if folder == self.path { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
            match events.watch(&folder, inside) {
                Ok(()) => {
                    self.told = false;
                    self.watched.insert(folder, number);
                }
                Err(error) if !std::mem::replace(&mut self.told, true) => {
                    log::warn!("{}: no events of its files, it is listed instead: {error}", folder.display());
                }
                Err(_) => {}
            }
        }
    }
}

/// A folder with its number on the volume, if it is there.
fn numbered(folder: &Path) -> Option<(PathBuf, u64)> {
    let metadata = std::fs::metadata(folder).ok()?;
    Some((folder.to_owned(), Stamp::from(&metadata).inode))
}

fn forward(event: notify::Result<Event>, inbox: &Sender<Message>) {
    let message = match event {
        Ok(event) if !event.need_rescan() => {
            let Some(sign) = sign(event.kind, || event.paths.iter().find_map(|path| names(path))) else { return };
            Message::Touched(event.paths, sign)
        }
        Ok(_) | Err(_) => Message::Lost,
    };
    // Nobody reads any more when the watcher is about to end.
    let _ = inbox.send(message);
}

/// What an event says of a file, if anything happened to it. `names` tells how many names the file has, see [`names`].
pub(super) fn sign(kind: EventKind, names: impl FnOnce() -> Option<u64>) -> Option<Sign> {
    let finished_if = |finished: bool| if finished { Sign::Finished } else { Sign::Changed };
    Some(match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Sign::Finished,
        // That somebody reads a file is no change; we do so ourselves.
        EventKind::Access(_) => return None,
        // What is renamed, or gets one more name, as what cargo builds does, was written elsewhere. The file that a
        // symbolic link leads to may be in the making all the same.
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => finished_if(names().is_some()),
        EventKind::Create(_) => finished_if(names().is_some_and(|names| names > 1)),
        // Of a rename, each side was told before.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both) | ModifyKind::Metadata(_)) => Sign::Beside,
        _ => Sign::Changed,
    })
}

/// How many names the file at a path has, where that is known; `None` if it is none itself, but a link to one.
pub(super) fn names(path: &Path) -> Option<u64> {
    let metadata = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    #[cfg(unix)]
    let names = std::os::unix::fs::MetadataExt::nlink(&metadata);
    #[cfg(not(unix))]
    let names = u64::from(metadata.is_file());
    Some(names)
}
