//! `plugins.lock`: the plugin files that may be loaded, by hash.
//!
//! It lies in a folder of plugins and is for the files there, or beside `playa.toml` and is for every folder but the
//! built-in ones. Where there is one, what is not in it or differs is refused. `playa plugins lock` writes it:
//!
//! ```toml
//! lock = 1
//!
//! [[plugin]]
//! file = "libgain.so"
//! hash = "9f2c..."
//! effects = ["com.example.gain 1.0.0"]
//! ```
//!
//! `file` counts from the folder of the lock file, `hash` is BLAKE3 of its bytes in hexadecimal digits, and `effects` is
//! for people.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{LoadError, Plugin};

/// Name of the file.
pub const NAME: &str = "plugins.lock";
/// Version of its format.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    lock: u32,
    #[serde(default)]
    plugin: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: PathBuf,
    hash: String,
    effects: Vec<String>,
}

/// Refuses a plugin file that the lock file does not have, or has with another hash. No lock file refuses nothing.
///
/// # Errors
/// [`LoadError::NotLocked`] or [`LoadError::BadLock`].
pub(super) fn check(lock: &Path, path: &Path, hash: blake3::Hash) -> Result<(), LoadError> {
    let bad = |reason: String| LoadError::BadLock { path: path.to_owned(), lock: lock.to_owned(), reason };
    let text = match std::fs::read_to_string(lock) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        text => text.map_err(|error| bad(error.to_string()))?,
    };
    let read: Lock = toml::from_str(&text).map_err(|error| bad(super::one_line(&error.to_string())))?;
    if read.lock != FORMAT {
        return Err(bad(format!("it is of version {}, expected {FORMAT}", read.lock)));
    }
    let folder = lock.parent().unwrap_or(Path::new(""));
    let same = |file: &Path| std::path::absolute(folder.join(file)).ok() == std::path::absolute(path).ok();
    let found = hash.to_hex().to_string();
    let expected = match read.plugin.iter().find(|entry| same(&entry.file)) {
        Some(entry) if entry.hash == found => return Ok(()),
        Some(entry) => entry.hash.clone(),
        None => "no such file".to_owned(),
    };
    Err(LoadError::NotLocked { path: path.to_owned(), lock: lock.to_owned(), found, expected })
}

/// Writes a lock file with these plugins, in the order of their paths, whole or not at all.
///
/// # Errors
/// What the system says.
pub fn write<'a>(lock: &Path, plugins: impl IntoIterator<Item = &'a Plugin>) -> io::Result<()> {
    let lock = std::path::absolute(lock)?;
    let folder = lock.parent().unwrap_or(Path::new(""));
    let entry = |plugin: &Plugin| {
        let path = std::path::absolute(&plugin.path)?;
        let effect =
            |effect: &std::sync::Arc<super::EffectType>| format!("{} {}", effect.spec().id, effect.spec().version);
        Ok(Entry {
            file: path.strip_prefix(folder).map_or(path.clone(), Path::to_owned),
            hash: plugin.hash.to_hex().to_string(),
            effects: plugin.effects.iter().map(effect).collect(),
        })
    };
    let mut plugin = plugins.into_iter().map(entry).collect::<io::Result<Vec<_>>>()?;
    plugin.sort_by(|a, b| a.file.cmp(&b.file));
    let text = toml::to_string(&Lock { lock: FORMAT, plugin }).map_err(io::Error::other)?;
    let head = "# The plugin files that may be loaded. Written by `playa plugins lock`.\n";
    crate::atomic::write_atomic(&lock, |out| write!(out, "{head}{text}"))
}
