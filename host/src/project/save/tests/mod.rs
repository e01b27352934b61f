mod drawn;
mod kept;
mod killed;
mod original;
mod refused;
mod round_trip;

use std::path::{Path, PathBuf};

use super::*;
use crate::project::fixtures::{Effects, media};

fn load(path: &Path) -> Result<Project, ProjectError> {
    Project::load(path, &LoadOptions::default(), &Effects, media())
}

/// A project file with this text, in a folder of its own.
fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("shot.playa");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}
