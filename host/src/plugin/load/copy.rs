//! A private copy of a plugin file, at a path that was never used before.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::LoadError;

/// Far more than any effect needs, and little enough to read.
const LARGEST: u64 = 1 << 30;

/// Reads the whole file, and makes sure that it did not change meanwhile.
pub(super) fn read_stable(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable = |error: std::io::Error| LoadError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    let state = || -> std::io::Result<(u64, Option<SystemTime>)> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        if metadata.len() > LARGEST {
            let message = format!("it has {} bytes, expected a plugin of at most {LARGEST}", metadata.len());
            return Err(std::io::Error::other(message));
        }
        Ok((metadata.len(), metadata.modified().ok()))
    };
    let before = state().map_err(unreadable)?;
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if state().map_err(unreadable)? != before || bytes.len() as u64 != before.0 {
        return Err(LoadError::Incomplete { path: path.to_owned(), reason: "it changed while it was read".into() });
    }
    Ok(bytes)
}

/// A copy in a private folder. Dropping it removes the file where the system allows that for an open library.
pub(super) struct PrivateCopy {
    path: PathBuf,
}

impl PrivateCopy {
    pub(super) fn write(original: &Path, bytes: &[u8]) -> Result<Self, LoadError> {
        /// Numbers the copies of this process, so that no path is used twice.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let write = || -> std::io::Result<PathBuf> {
            let name = original.file_name().unwrap_or_default().to_string_lossy();
            let path = private_folder()?.join(format!("{number}-{name}"));
            std::fs::write(&path, bytes)?;
            Ok(path)
        };
        match write() {
            Ok(path) => Ok(Self { path }),
            Err(error) => Err(LoadError::Unreadable {
                path: original.to_owned(),
                reason: format!("no private copy in {}: {error}", std::env::temp_dir().display()),
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // Windows keeps an open library's file; the folder is then left to the system's own cleaning.
        if std::fs::remove_file(&self.path).is_ok()
            && let Some(folder) = self.path.parent()
        {
            // Fails while another copy is in it, which is when it should stay.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// This process's folder for copies, made when needed, readable by this user alone.
fn private_folder() -> std::io::Result<PathBuf> {
    static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = folder.as_ref().filter(|folder| folder.is_dir()) {
        return Ok(folder.clone());
    }
    let new = tempfile::Builder::new().prefix("playa-plugins-").tempdir()?.keep();
    *folder = Some(new.clone());
    Ok(new)
}
