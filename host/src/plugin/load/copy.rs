//! A private copy of a plugin file, at a path that was never used before.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::LoadError;
use crate::plugin::stamp::Stamp;

/// Far more than any effect needs, and little enough to read.
const LARGEST: u64 = 1 << 30;

/// Reads the whole file, and makes sure that it did not change meanwhile.
pub(super) fn read_stable(path: &Path) -> Result<(Stamp, Vec<u8>), LoadError> {
    let unreadable = |error: std::io::Error| LoadError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    if metadata.len() > LARGEST {
        let message = format!("it has {} bytes, expected a plugin of at most {LARGEST}", metadata.len());
        return Err(unreadable(std::io::Error::other(message)));
    }
    let stamp = Stamp::from(&metadata);
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if Stamp::of(path).map_err(unreadable)? != stamp || bytes.len() as u64 != stamp.size {
        return Err(LoadError::Incomplete { path: path.to_owned(), reason: "it changed while it was read".into() });
    }
    Ok((stamp, bytes))
}

/// A copy in a folder of its own, whose name was never used before and which only this user can read. Dropping it removes
/// both where the system allows that for an open library; Windows does not, and they stay for its own cleaning.
#[derive(Debug)]
pub(in crate::plugin) struct PrivateCopy {
    path: PathBuf,
    _folder: TempDir,
}

impl PrivateCopy {
    pub(super) fn write(original: &Path, bytes: &[u8]) -> Result<Self, LoadError> {
        let write = || -> std::io::Result<Self> {
            let folder = tempfile::Builder::new().prefix("playa-plugin-").tempdir()?;
            let path = folder.path().join(original.file_name().unwrap_or_default());
            std::fs::write(&path, bytes)?;
            Ok(Self { path, _folder: folder })
        };
        write().map_err(|error| LoadError::Unreadable {
            path: original.to_owned(),
            reason: format!("no private copy in {}: {error}", std::env::temp_dir().display()),
        })
    }

    pub(in crate::plugin) fn path(&self) -> &Path {
        &self.path
    }
}
