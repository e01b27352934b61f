//! Which files may become plugins.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::Candidate;
use super::{LoadError, lock, trust};

/// Is asked about a file that was read and inspected, with its hash and bytes, before any of its code runs in this
/// process. An error refuses it.
pub type Probe = Arc<dyn Fn(&Path, blake3::Hash, &[u8]) -> Result<(), LoadError> + Send + Sync>;

/// What a file has to pass before its code runs, besides being a plugin for this host.
///
/// By default, files that others could change are refused, see [`trust`](super::trust), and a `plugins.lock` in a folder
/// holds for that folder.
#[derive(Clone)]
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
    /// The last word on each new file. Lets everything pass by default.
    pub probe: Probe,
}

impl Default for Policy {
    fn default() -> Self {
        let probe = Arc::new(|_: &Path, _, _: &[u8]| Ok(()));
        Self { allow_writable_by_others: false, lock: None, locked: true, built_in: Vec::new(), probe }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { allow_writable_by_others, lock, locked, built_in, probe: _ } = self;
        let mut debug = f.debug_struct("Policy");
        debug.field("allow_writable_by_others", allow_writable_by_others).field("lock", lock);
        debug.field("locked", locked).field("built_in", built_in).finish_non_exhaustive()
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
        let beside = file.path.parent().map(|folder| folder.join(lock::NAME));
        let locks = beside.iter().chain(&self.lock);
        locks.into_iter().try_for_each(|lock| lock::check(lock, &file.path, file.hash))
    }

    /// Whether the file or folder came with the host.
    pub fn is_built_in(&self, path: &Path) -> bool {
        self.built_in.iter().any(|folder| path.starts_with(folder))
    }
}
