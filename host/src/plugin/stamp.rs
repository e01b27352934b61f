//! What the system says of a file without reading it.

use std::path::Path;
use std::time::SystemTime;

use super::bundle;

/// As long as this is the same, nobody has written to the file, put another in its place, or removed it: no sooner at
/// least than the clock of the volume ticks, which is each 4 ms on Linux.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// When it was written last, where that is known.
    pub modified: Option<SystemTime>,
    /// Its number on the volume; 0 where there is none.
    pub inode: u64,
    /// The same of the manifest of the bundle that it is in.
    pub manifest: Option<(u64, Option<SystemTime>, u64)>,
}

impl Stamp {
    /// That of the file that a path leads to. A file in a bundle is there as long as no other one is loaded of the bundle.
    ///
    /// # Errors
    /// What the system says, also of a path that leads nowhere.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let of_file = |path: &Path| std::fs::metadata(path).map(|metadata| Self::from(&metadata));
        let Some(folder) = bundle::folder_of(path) else { return of_file(path) };
        let file = bundle::file_of(folder);
        if file != path && file != folder {
            return Err(std::io::ErrorKind::NotFound.into());
        }
        let Self { size, modified, inode, .. } = of_file(&folder.join(bundle::MANIFEST)).unwrap_or_default();
        Ok(Self { manifest: Some((size, modified, inode)), ..of_file(path)? })
    }
}

impl From<&std::fs::Metadata> for Stamp {
    fn from(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode, manifest: None }
    }
}
