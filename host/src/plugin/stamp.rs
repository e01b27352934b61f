//! What the system says of a file without reading it.

use std::path::Path;
use std::time::SystemTime;

/// As long as this is the same, nobody has written to the file, put another in its place, or removed it: no sooner at
/// least than the clock of the volume ticks, which is each 4 ms on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// When it was written last, where that is known.
    pub modified: Option<SystemTime>,
    /// Its number on the volume; 0 where there is none.
    pub inode: u64,
}

impl Stamp {
    /// That of the file that a path leads to.
    ///
    /// # Errors
    /// What the system says, also of a path that leads nowhere.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|metadata| Self::from(&metadata))
    }
}

impl From<&std::fs::Metadata> for Stamp {
    fn from(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode }
    }
}
