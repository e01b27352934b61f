//! A file that appears whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Makes or replaces the file at `path` with what `fill` writes.
///
/// The bytes go to a temporary file in the same folder, which is brought to the disk and then takes the name. If anything
/// fails, or the process is killed, the old file is untouched; an error leaves no temporary file behind. A link is
/// followed, and the permissions of a file that is replaced stay.
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
    let mut builder = tempfile::Builder::new();
    builder.prefix(".playa-").suffix(".part");
    // Without this the file would be for its owner alone; the umask takes away what the user wants taken away.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.tempfile_in(folder)?;
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
