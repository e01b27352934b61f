//! A file that appears whole or not at all.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How the names of temporary files begin and end.
const PREFIX: &str = ".playa-";
const SUFFIX: &str = ".part";

/// Makes or replaces the file at `path` with what `fill` writes.
///
/// The bytes go to a temporary file in the same folder, which is brought to the disk and then takes the name. If anything
/// fails, or the process is killed, the old file is untouched; an error leaves no temporary file behind, and what a killed
/// process leaves, [`clear_leftovers`] finds. A link is followed, and the permissions of a file that is replaced stay.
///
/// # Errors
/// What the system says, or what `fill` says.
pub fn write_atomic<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&File>) -> Result<(), E>,
) -> Result<(), E> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = temporary(folder)?;
    if let Ok(old) = std::fs::metadata(&target) {
        temporary.as_file().set_permissions(old.permissions())?;
    }
    // What is longer goes past the buffer, without a copy.
    let mut out = BufWriter::with_capacity(1 << 16, temporary.as_file());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|failure| failure.error)?;
    // The new name is in the folder, which is brought to disk too; elsewhere, folders cannot be opened for this.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// A temporary file, locked as long as it is open, so that it can be told from one whose process was killed.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        // Without this the file would be for its owner alone; the umask takes away what the user wants taken away.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(folder)?;
        // Some file systems know no locks; there nothing is cleared either.
        let locked = temporary.as_file().lock().is_ok();
        // Somebody who clears the folder may have been there before the lock.
        if !locked || temporary.path().exists() {
            return Ok(temporary);
        }
    }
}

/// What killed processes left in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Temporary files that were removed.
    pub removed: usize,
    /// Those that nobody writes and that could not be removed, or of which it cannot be known whether somebody does.
    pub kept: Vec<PathBuf>,
}

/// Removes the temporary files of processes that were killed while they wrote into a folder. Files that are being written
/// stay: whoever writes one has it locked. Where the folder cannot be read there are none.
pub fn clear_leftovers(folder: &Path) -> Leftovers {
    let mut found = Leftovers::default();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| name.starts_with(PREFIX) && name.ends_with(SUFFIX);
    for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(is_ours)) {
        let path = entry.path();
        // It is gone again, or is another user's.
        let Ok(file) = File::options().write(true).open(&path) else { continue };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => found.kept.push(path),
            Ok(()) => match std::fs::remove_file(&path) {
                Ok(()) => found.removed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => found.kept.push(path),
            },
        }
    }
    found
}
