//! A folder that appears whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use crate::cli::failure::{Exit, Failure};

/// Makes a folder with these files, in a folder that is there: a mistyped path makes no tree of folders.
///
/// The files are written in a temporary folder beside it, which then takes the name.
pub(super) fn make(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(Exit::Failed, format_args!("{}: {error}", folder.display()));
    let target = std::path::absolute(folder).map_err(failed)?;
    if target.symlink_metadata().is_ok() {
        let message = format_args!("{}: there is something of this name already", folder.display());
        return Err(Failure::usage(message).hint("name another folder with --path DIR"));
    }
    let Some(parent) = target.parent().filter(|parent| parent.is_dir()) else {
        let message = format_args!("{}: the folder above it does not exist", folder.display());
        return Err(Failure::usage(message).hint("make it first, or check the spelling"));
    };
    let write = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".playa-").suffix(".part");
        // Without this the folder would be for its owner alone; the umask takes away what the user wants taken away.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let temporary = builder.tempdir_in(parent)?;
        for (name, text) in files {
            let path = temporary.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(temporary.path()))?;
            fs::write(path, text)?;
        }
        fs::rename(temporary.path(), &target)?;
        // It has another name now, so there is nothing to clean up.
        let _ = temporary.keep();
        Ok(())
    };
    write().map_err(failed)
}
