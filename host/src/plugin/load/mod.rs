//! From a file to a plugin, in steps that each refuse what the next could not survive:
//!
//! 1. [`inspect`]: the file is a whole library for this machine and carries a plugin's metadata. Nothing is run, and a
//!    file that is not a plugin is never run.
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

use super::{EffectType, LoadError, one_line};

pub(crate) use describe::check_effect;
pub use inspect::{BuildInfo, inspect};

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
        let bytes = copy::read_stable(path)?;
        let build = inspect(path, &bytes)?;
        build.check_this_host(path)?;
        Ok(Self { path: path.to_owned(), hash: blake3::hash(&bytes), bytes, build })
    }

    /// Opens it and asks it for nothing.
    ///
    /// # Errors
    /// If the system's loader refuses it, or its interface has another layout.
    pub(crate) fn open_module(self) -> Result<PluginModuleRef, LoadError> {
        open::open(&self.path, &copy::PrivateCopy::write(&self.path, &self.bytes)?)
    }

    /// Opens it: from here on its code runs.
    ///
    /// # Errors
    /// The first step that refuses it says why, in one line.
    pub fn open(self) -> Result<Arc<Plugin>, LoadError> {
        let Self { path, bytes, hash, build } = self;
        let module = open::open(&path, &copy::PrivateCopy::write(&path, &bytes)?)?;
        let specs = describe::describe(&path, module, &build)?;
        let effects = specs.into_iter().map(|spec| Arc::new(EffectType::new(spec, module, &path, hash))).collect();
        Ok(Arc::new(Plugin { path, hash, size: bytes.len() as u64, build: Some(build), effects }))
    }
}

/// Reads a file and hashes it, and tells whether it is a whole library, of whatever kind: one that is still being written
/// is not.
///
/// # Errors
/// If it cannot be read, or changes meanwhile.
pub(super) fn look(path: &Path) -> Result<(blake3::Hash, bool), LoadError> {
    let bytes = copy::read_stable(path)?;
    let torn = matches!(inspect(path, &bytes), Err(LoadError::Incomplete { .. } | LoadError::NotALibrary { .. }));
    Ok((blake3::hash(&bytes), !torn))
}

/// The version this host speaks, for messages.
fn expected_api() -> String {
    API_VERSION.to_owned()
}
