//! A private copy of a plugin file, at a path that was never used before.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::LoadError;
use super::inspect::loaded_part;
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
    let stamp = Stamp::of(path).map_err(unreadable)?;
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
            // The copy stays in memory as long as the library: this is most of what a reload takes, in time and in space.
            std::fs::write(&path, if is_debugged() { bytes } else { loaded_part(bytes) })?;
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

/// Whether a debugger watches this process, which reads all of a library when it is opened. `true` where that is not known.
fn is_debugged() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    !status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() == "0"))
}

#[cfg(test)]
mod tests {
    use object::{Object as _, ObjectSegment as _};

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_copy_has_all_that_is_mapped_and_nothing_behind_it() {
        let original = playa_tests::plugin("fixture-gain");
        let bytes = std::fs::read(&original).expect("it was built");
        let copy = PrivateCopy::write(&original, &bytes).expect("it can be copied");
        let copied = std::fs::read(copy.path()).expect("it is there");
        assert!(!is_debugged() && bytes.starts_with(&copied) && copied.len() < bytes.len());
        let file = object::File::parse(&*bytes).expect("a library");
        let ends = file.segments().map(|segment| segment.file_range()).map(|(start, size)| start + size);
        assert_eq!(ends.max(), Some(copied.len() as u64));
    }
}
