//! Writing a file so that it is never half written.

use std::io::Write;
use std::path::Path;

use crate::project::error::ProjectError;

/// Replaces a file: a temporary file in the same folder is written and brought to disk, then takes its name, then the
/// folder is brought to disk. A link is followed, and the permissions of a file that is replaced stay.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ProjectError> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let failed = |action| move |source| ProjectError::Io { path: path.to_path_buf(), action, source };
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".playa-").suffix(".tmp");
    // Temporary files are private, projects are as public as other files: the umask decides.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed("make a temporary file beside it"))?;
    if let Ok(old) = std::fs::metadata(&target) {
        file.as_file().set_permissions(old.permissions()).map_err(failed("keep its permissions"))?;
    }
    file.write_all(bytes).map_err(failed("write it"))?;
    file.as_file().sync_all().map_err(failed("bring it to disk"))?;
    file.persist(&target).map_err(|error| failed("replace it")(error.error))?;
    // Elsewhere, folders cannot be opened for this.
    #[cfg(unix)]
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("bring its folder to disk"))?;
    Ok(())
}
