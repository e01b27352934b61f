//! Why a file did not become a plugin.

use std::path::PathBuf;

/// Why one file of a plugin directory did not become a plugin. The others stay usable. Every message is one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file or folder could not be read.
    #[error("{}: cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is not a dynamic library of this machine.
    #[error("{}: is no dynamic library for this machine: found {found}, expected {expected}", .path.display())]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// The file ends too early, or what it says of itself cannot be.
    #[error("{}: is incomplete or damaged: {reason}; is it still being written?", .path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// A dynamic library, but not a Playa plugin.
    #[error("{}: is no Playa plugin: {reason}; a plugin calls export_effects![...]", .path.display())]
    NotAPlugin {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// A bundle that is not what its manifest says, or has nothing for this machine.
    #[error("{}: the bundle cannot be used: {reason}", .path.display())]
    Bundle {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Built for another version of the plugin API.
    #[error("{}: speaks plugin API {found}, this host speaks {expected}: rebuild the plugin with playa-plugin-api {expected}", .path.display())]
    ApiVersion {
        /// The file.
        path: PathBuf,
        /// What the plugin speaks.
        found: String,
        /// What the host speaks.
        expected: String,
    },
    /// Built so that a panic ends the process.
    #[error("{}: is built with panic = {found:?}, so a panic in it would end this process: rebuild it with panic = \"unwind\"", .path.display())]
    PanicStrategy {
        /// The file.
        path: PathBuf,
        /// The strategy found.
        found: String,
    },
    /// Built for instructions that this processor does not have.
    #[error("{}: uses processor features this machine lacks: {}", .path.display(), .missing.join(", "))]
    CpuFeatures {
        /// The file.
        path: PathBuf,
        /// What the machine lacks.
        missing: Vec<String>,
    },
    /// The system's loader refused it, for example because a library or symbol it needs is missing.
    #[error("{}: cannot be opened: {reason}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// The types of its interface are laid out differently from the host's.
    #[error("{}: its plugin interface has another layout than this host's: {difference}: rebuild the plugin with playa-plugin-api {expected}", .path.display())]
    Layout {
        /// The file.
        path: PathBuf,
        /// The first difference.
        difference: String,
        /// The version to build with.
        expected: String,
    },
    /// It failed while it described its effects.
    #[error("{}: failed to describe its effects: {reason}", .path.display())]
    Describe {
        /// The file.
        path: PathBuf,
        /// What it said, or its panic.
        reason: String,
    },
    /// What it says of an effect cannot be right.
    #[error("{}: effect {effect:?} describes itself wrongly: {reason}", .path.display())]
    Descriptor {
        /// The file.
        path: PathBuf,
        /// The effect.
        effect: String,
        /// What is wrong.
        reason: String,
    },
    /// Another file already offers this effect in this version.
    #[error("{}: effect {id:?} version {version} is already there, from {}; remove one, or give one another version", .path.display(), .first.display())]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The effect.
        id: String,
        /// Its version.
        version: String,
        /// Where it was found first.
        first: PathBuf,
    },
    /// Others could change the file, or put another in its place.
    #[error("{}: is not loaded, because others could change it: {reason}; change that, or set `allow_writable_by_others = true` in [plugins] of playa.toml, or PLAYA_ALLOW_WRITABLE=1", .path.display())]
    Untrusted {
        /// The file or folder.
        path: PathBuf,
        /// What is open to others.
        reason: String,
    },
    /// A `plugins.lock` has another file of this name, or none.
    #[error("{}: its hash is {found}, {} has {expected}: run `playa plugins lock` if the file is the one that is wanted", .path.display(), .lock.display())]
    NotLocked {
        /// The file.
        path: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// Hash of the file.
        found: String,
        /// Hash in the lock file, or that there is none.
        expected: String,
    },
    /// A `plugins.lock` that cannot be read refuses everything that it is for.
    #[error("{}: is not loaded, because {} cannot be used: {reason}; write it anew with `playa plugins lock`", .path.display(), .lock.display())]
    BadLock {
        /// The file.
        path: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is quarantined: it crashed, hung or lied before, in a process of its own.
    #[error("{}: is quarantined: {reason}; it is tried again when the file changes, or after `playa plugins retry {}`", .path.display(), .path.display())]
    Quarantined {
        /// The file.
        path: PathBuf,
        /// Hash of its content.
        hash: blake3::Hash,
        /// What it did.
        reason: String,
    },
    /// There is nothing to take out of quarantine.
    #[error("{}: is not quarantined", .path.display())]
    NotQuarantined {
        /// The file.
        path: PathBuf,
    },
    /// It is to be tried or to live in a worker process, and there is none.
    #[error("{}: is not loaded, because it is to run in a process of its own first: {reason}; PLAYA_PROBE=0 loads files untried, PLAYA_ISOLATION=in-process into this process", .path.display())]
    NoWorker {
        /// The file.
        path: PathBuf,
        /// Why there is none.
        reason: String,
    },
    /// There is no earlier generation to go back to.
    #[error("{}: has no earlier generation to go back to", .path.display())]
    NoEarlier {
        /// The file.
        path: PathBuf,
    },
}

impl LoadError {
    /// The file or folder it is about.
    pub fn path(&self) -> &PathBuf {
        match self {
            LoadError::Unreadable { path, .. }
            | LoadError::NotALibrary { path, .. }
            | LoadError::Incomplete { path, .. }
            | LoadError::NotAPlugin { path, .. }
            | LoadError::Bundle { path, .. }
            | LoadError::ApiVersion { path, .. }
            | LoadError::PanicStrategy { path, .. }
            | LoadError::CpuFeatures { path, .. }
            | LoadError::Open { path, .. }
            | LoadError::Layout { path, .. }
            | LoadError::Describe { path, .. }
            | LoadError::Descriptor { path, .. }
            | LoadError::Duplicate { path, .. }
            | LoadError::Untrusted { path, .. }
            | LoadError::NotLocked { path, .. }
            | LoadError::BadLock { path, .. }
            | LoadError::Quarantined { path, .. }
            | LoadError::NoWorker { path, .. }
            | LoadError::NotQuarantined { path }
            | LoadError::NoEarlier { path } => path,
        }
    }
}
