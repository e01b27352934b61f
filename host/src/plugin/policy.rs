//! Which files may become plugins.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{Candidate, Copied, Plugin};
use super::{Guard, LoadError, bundle, lock, trust};

/// What a file has to pass before its code runs, besides being a plugin for this host.
///
/// By default, files that others could change are refused, see [`trust`](super::trust), and a `plugins.lock` in a folder
/// holds for that folder.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether files that others could change are loaded nevertheless.
    pub allow_writable_by_others: bool,
    /// A lock file for all folders, used if it exists.
    pub lock: Option<PathBuf>,
    /// Whether lock files hold at all.
    pub locked: bool,
    /// Folders that came with the host. Who could change these could change the host itself: they are neither checked nor
    /// locked.
    pub built_in: Vec<PathBuf>,
    /// Who tries new files before their code runs in this process, and knows which do not run in it at all. By default
    /// nobody: all run here at once.
    pub guard: Option<Arc<Guard>>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { allow_writable_by_others: false, lock: None, locked: true, built_in: Vec::new(), guard: None }
    }
}

impl Policy {
    /// Whether others could change the file or folder.
    pub(super) fn check_trust(&self, path: &Path) -> Result<(), LoadError> {
        if self.allow_writable_by_others || self.is_built_in(path) { Ok(()) } else { trust::check(path) }
    }

    /// Whether the file is the one that the lock files have.
    pub(super) fn check_lock(&self, file: &Candidate) -> Result<(), LoadError> {
        if !self.locked || self.is_built_in(&file.path) {
            return Ok(());
        }
        let place = bundle::folder_of(&file.path).unwrap_or(&file.path);
        let beside = place.parent().map(|folder| folder.join(lock::NAME));
        let locks = beside.iter().chain(&self.lock);
        locks.into_iter().try_for_each(|lock| lock::check(lock, &file.path, file.hash))
    }

    /// Opens a file that is new: in this process by `here`, or not in this one.
    pub(super) fn open(
        &self,
        file: Candidate,
        here: impl FnOnce(Copied) -> Result<Arc<Plugin>, LoadError>,
    ) -> Result<Arc<Plugin>, LoadError> {
        match &self.guard {
            Some(guard) => {
                let built_in = self.is_built_in(&file.path);
                guard.open(file, built_in, here)
            }
            None => here(file.into_copied()?),
        }
    }

    /// Whether the file or folder came with the host.
    pub fn is_built_in(&self, path: &Path) -> bool {
        self.built_in.iter().any(|folder| path.starts_with(folder))
    }
}
