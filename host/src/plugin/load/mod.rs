//! From a file to a plugin, in steps that each refuse what the next could not survive:
//!
//! 1. [`inspect`]: the file is a whole library for this machine and carries a plugin's metadata. Nothing is run, and a
//!    file that is not a plugin is never run. One in a [`bundle`] is what the manifest says.
//! 2. [`copy`]: its bytes are copied to a private path that was never used before. The loader never maps the file that
//!    was found: overwriting a mapped file kills the process, and a path opened twice gives the first library again.
//! 3. [`open`]: the copy is opened with all symbols resolved and none shared, and the layout of its interface compared.
//! 4. [`describe`]: its descriptors are copied into the host's types and checked.
//!
//! A library, once opened, is never closed: its code may be on some thread's stack for as long as the process lives.

mod copy;
mod describe;
mod inspect;
mod open;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use playa_plugin_api::abi::{API_VERSION, PluginModuleRef};

use super::stamp::Stamp;
use super::{Bundle, Confined, EffectType, LoadError, bundle, one_line};

pub(super) use copy::PrivateCopy;
pub(crate) use describe::check_effect;
pub use inspect::{BuildInfo, StaticEffect, inspect, inspect_any};

/// A loaded plugin file: one generation of the effects in it.
#[derive(Debug)]
pub struct Plugin {
    /// The file it was found in.
    pub path: PathBuf,
    /// Hash of the file's bytes: the identity of this generation.
    pub hash: blake3::Hash,
    /// How many bytes those are.
    pub size: u64,
    /// How it was built; `None` for effects of the embedding program.
    pub build: Option<BuildInfo>,
    /// What the worker process cannot do in which it lives, if it does not live in this one.
    pub isolated: Option<Confined>,
    /// Its effects, in the order it lists them.
    pub effects: Vec<Arc<EffectType>>,
}

/// A file that was read and is a plugin for this host by all that it says of itself. Nothing of it has run.
#[derive(Debug)]
pub struct Candidate {
    /// The file.
    pub path: PathBuf,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Hash of these bytes.
    pub hash: blake3::Hash,
    /// How it was built.
    pub build: BuildInfo,
}

impl Candidate {
    /// Reads and inspects a file.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        read(path)?.candidate
    }

    /// Opens it and asks it for nothing.
    ///
    /// # Errors
    /// If the system's loader refuses it, or its interface has another layout.
    pub(crate) fn open_module(self) -> Result<PluginModuleRef, LoadError> {
        open::open(&self.path, PrivateCopy::write(&self.path, &self.bytes)?.path())
    }

    /// Copies it to a private path.
    pub(super) fn into_copied(self) -> Result<Copied, LoadError> {
        let Self { path, bytes, hash, build } = self;
        let (copy, size) = (PrivateCopy::write(&path, &bytes)?, bytes.len() as u64);
        Ok(Copied { path, copy, hash, size, build })
    }
}

/// A candidate with a private copy, which lasts as long as this.
#[derive(Debug)]
pub(super) struct Copied {
    pub path: PathBuf,
    pub copy: PrivateCopy,
    pub hash: blake3::Hash,
    pub size: u64,
    pub build: BuildInfo,
}

impl Copied {
    /// Opens the copy: from here on its code runs in this process.
    pub fn open(self) -> Result<Arc<Plugin>, LoadError> {
        let Self { path, copy, hash, size, build } = self;
        open_copy(&path, copy.path(), hash, size, build).map(Arc::new)
    }
}

/// Opens the private copy of the file at `path`.
pub(super) fn open_copy(
    path: &Path,
    copy: &Path,
    hash: blake3::Hash,
    size: u64,
    build: BuildInfo,
) -> Result<Plugin, LoadError> {
    let module = open::open(path, copy)?;
    let specs = describe::describe(path, module, &build)?;
    let effects = specs.into_iter().map(|spec| Arc::new(EffectType::new(spec, module, path, hash))).collect();
    Ok(Plugin { path: path.to_owned(), hash, size, build: Some(build), isolated: None, effects })
}

/// What reading a file found.
pub(super) struct Reading {
    /// The file when it was read.
    pub stamp: Stamp,
    /// Hash of its bytes if it is a whole library, of whatever kind: one that is still being written is not, nor is one in
    /// a bundle whose manifest is still to come.
    pub whole: Option<blake3::Hash>,
    /// What becomes of it.
    pub candidate: Result<Candidate, LoadError>,
}

/// Reads a file, once: what is inspected, hashed, and may be opened later is the same bytes.
///
/// # Errors
/// If it cannot be read, or changes meanwhile.
pub(super) fn read(path: &Path) -> Result<Reading, LoadError> {
    if bundle::is_bundle(path) {
        // It stands for itself only while it has no library for this machine.
        let changed = LoadError::Incomplete { path: path.to_owned(), reason: "it changed while it was read".into() };
        return Err(Bundle::read(path).and_then(|bundle| bundle.library_here()).err().unwrap_or(changed));
    }
    let (stamp, bytes) = copy::read_stable(path)?;
    let hash = blake3::hash(&bytes);
    let build = inspect(path, &bytes).and_then(|build| bundle::check(path, hash, &build).map(|()| build));
    let torn =
        matches!(build, Err(LoadError::Incomplete { .. } | LoadError::NotALibrary { .. } | LoadError::Bundle { .. }));
    let whole = (!torn).then_some(hash);
    let candidate = build.and_then(|build| {
        build.check_this_host(path)?;
        Ok(Candidate { path: path.to_owned(), hash, bytes, build })
    });
    Ok(Reading { stamp, whole, candidate })
}

/// The version this host speaks, for messages.
fn expected_api() -> String {
    API_VERSION.to_owned()
}
