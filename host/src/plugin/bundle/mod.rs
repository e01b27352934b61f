//! Bundles: a plugin as a folder `NAME.playa`, with a library for each platform and what goes with it.
//!
//! ```text
//! film-grain.playa/
//!     plugin.toml                               what is in it: the manifest
//!     x86_64-unknown-linux-gnu/libfilm_grain.so
//!     aarch64-apple-darwin/libfilm_grain.dylib
//!     presets/*.toml
//!     help/README.md
//!     LICENSE-MIT
//! ```
//!
//! To the host a bundle is the library in it that is for this machine: that file is loaded, watched, tried, locked and
//! quarantined as any other. The manifest can only say no: a library is loaded when it is what the manifest says of it, see
//! [`check`]. A bundle that has none for this machine stands for itself in reports, by the path of its folder.
//!
//! Files are told to be in a bundle by their path alone: a folder with the suffix `.playa` is a bundle.

mod manifest;
mod platform;
mod presets;

use std::path::{Component, Path, PathBuf};

use super::LoadError;
use super::load::BuildInfo;

pub use manifest::{BundleEffect, FORMAT, Library, Manifest};
pub use platform::runs_here;
pub use presets::{check_preset, presets_of};

/// Suffix of the folder.
pub const SUFFIX: &str = "playa";
/// Name of the manifest.
pub const MANIFEST: &str = "plugin.toml";
/// A manifest is at most this long, in bytes.
pub const MAX_MANIFEST: u64 = 1 << 20;

/// A bundle with what its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The folder.
    pub folder: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

/// Whether a path is that of a bundle.
pub fn is_bundle(path: &Path) -> bool {
    has_suffix(path) && path.is_dir()
}

/// Whether a path may be that of a bundle, perhaps of one that is gone. Project files have the same suffix.
pub(super) fn may_be_bundle(path: &Path) -> bool {
    has_suffix(path) && !path.is_file()
}

/// The bundle that a path is that of, or that a file is in.
pub fn folder_of(path: &Path) -> Option<&Path> {
    path.ancestors().find(|part| has_suffix(part)).filter(|part| part.is_dir())
}

fn has_suffix(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| suffix == SUFFIX)
}

/// The file that is loaded of a path: of a bundle its library for this machine, or the folder itself where there is none;
/// of everything else that itself.
pub fn file_of(path: &Path) -> PathBuf {
    if !is_bundle(path) {
        return path.to_owned();
    }
    Bundle::read(path).and_then(|bundle| bundle.library_here()).unwrap_or_else(|_| path.to_owned())
}

/// Whether a library in a bundle is what the manifest says: one that it names, with this hash, built for that platform, and
/// with those effects. What is in no bundle always is.
///
/// # Errors
/// [`LoadError::Bundle`].
pub(super) fn check(file: &Path, hash: blake3::Hash, build: &BuildInfo) -> Result<(), LoadError> {
    match folder_of(file) {
        Some(folder) => Bundle::read(folder)?.check(file, hash, build),
        None => Ok(()),
    }
}

impl Bundle {
    /// Reads the manifest of the bundle in this folder.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let wrong = |reason: String| LoadError::Bundle { path: folder.to_owned(), reason };
        let file = folder.join(MANIFEST);
        let length = std::fs::metadata(&file).map_err(|error| wrong(format!("{MANIFEST}: {error}")))?.len();
        if length > MAX_MANIFEST {
            return Err(wrong(format!("{MANIFEST} has {length} bytes, expected at most {MAX_MANIFEST}")));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| wrong(format!("{MANIFEST}: {error}")))?;
        let manifest = Manifest::parse(&text).map_err(|reason| wrong(format!("{MANIFEST}: {reason}")))?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// The library for this machine.
    ///
    /// # Errors
    /// If there is none, or it is not there.
    pub fn library_here(&self) -> Result<PathBuf, LoadError> {
        let libraries = &self.manifest.libraries;
        let Some(library) = libraries.iter().find(|library| runs_here(&library.platform)) else {
            let there: Vec<&str> = libraries.iter().map(|library| &*library.platform).collect();
            let here = platform::here();
            return Err(
                self.wrong(format!("it has no library for this machine ({here}), only for {}", there.join(", ")))
            );
        };
        self.path(&library.file)
    }

    /// A file that the manifest names.
    ///
    /// # Errors
    /// If it is not there, or not inside the bundle.
    pub fn path(&self, named: &str) -> Result<PathBuf, LoadError> {
        let inside = is_inside(named).then(|| self.folder.join(named));
        let Some(path) = inside else {
            return Err(self.wrong(format!("{MANIFEST} names {named:?}, which is not in it")));
        };
        // A link may lead anywhere.
        match (path.canonicalize(), self.folder.canonicalize()) {
            (Ok(real), Ok(folder)) if real.starts_with(&folder) => Ok(path),
            (Ok(real), Ok(_)) => Err(self.wrong(format!("{named} leads out of it, to {}", real.display()))),
            (Err(error), _) | (_, Err(error)) => Err(self.wrong(format!("{named}: {error}"))),
        }
    }

    /// Whether a library is what the manifest says.
    ///
    /// # Errors
    /// Where the two differ first.
    pub fn check(&self, file: &Path, hash: blake3::Hash, build: &BuildInfo) -> Result<(), LoadError> {
        let named = |library: &&Library| self.folder.join(&library.file) == file;
        let Some(library) = self.manifest.libraries.iter().find(named) else {
            let file = file.strip_prefix(&self.folder).unwrap_or(file);
            return Err(self.wrong(format!("{MANIFEST} does not name {}", file.display())));
        };
        self.path(&library.file)?;
        let name = &library.file;
        let found = hash.to_hex();
        let facts = [
            ("hash", library.hash.as_str(), found.as_str()),
            ("platform", &library.platform, &build.target),
            ("api", &library.api, &build.api),
        ];
        if let Some((key, said, is)) = facts.into_iter().find(|(_, said, is)| said != is) {
            let reason = format!("`{key}` of {name} is {is}, {MANIFEST} says {said}: make it anew with `playa bundle`");
            return Err(self.wrong(reason));
        }
        let effects: Vec<BundleEffect> = build.effects.iter().map(BundleEffect::from).collect();
        let said = &self.manifest.effects;
        let at = (0..effects.len().max(said.len())).find(|at| effects.get(*at) != said.get(*at));
        let Some(at) = at else { return Ok(()) };
        let text = |effect: Option<&BundleEffect>| effect.map_or("none".to_owned(), ToString::to_string);
        let (is, said) = (text(effects.get(at)), text(said.get(at)));
        Err(self
            .wrong(format!("effect {at} of {name} is {is}, {MANIFEST} says {said}: make it anew with `playa bundle`")))
    }

    fn wrong(&self, reason: String) -> LoadError {
        LoadError::Bundle { path: self.folder.clone(), reason }
    }
}

/// Whether a path of a manifest counts from the bundle and stays in it.
pub(super) fn is_inside(named: &str) -> bool {
    let mut parts = Path::new(named).components().peekable();
    parts.peek().is_some() && !named.contains('\\') && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests;
