//! Which plugin files did what no plugin may, and which were tried and are good: `plugins.toml` in the user's cache folder.
//!
//! Files are known by the hash of their content, so another content is another file. What another version of the host
//! found is forgotten. Several processes may share the file: each change is applied to what is there at that moment.
//!
//! ```toml
//! host = "0.1.0"
//! good = ["9f2c..."]
//!
//! [[bad]]
//! hash = "41b7..."
//! file = "/home/me/plugins/libgain.so"
//! reason = "while it was opened, it crashed with SIGSEGV"
//! ```

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::PluginEvent;

/// How many good contents are remembered; of more, those that were found first are tried again.
pub const GOOD: usize = 4096;
/// How many bad ones.
pub const BAD: usize = 1024;

/// What is known of the contents of plugin files.
#[derive(Default)]
pub struct Quarantine {
    /// Where it is kept; nowhere if there is no such folder.
    file: Option<PathBuf>,
    state: Mutex<State>,
    observers: Mutex<Vec<Observer>>,
}

type Observer = Arc<dyn Fn(&PluginEvent) + Send + Sync>;

#[derive(Debug, Default)]
struct State {
    book: Book,
    /// The file when it was read last.
    read: Option<(u64, Option<SystemTime>)>,
    /// What is not written yet.
    changes: Vec<Change>,
}

/// The file's content.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Book {
    host: String,
    #[serde(default)]
    good: Vec<String>,
    #[serde(default)]
    bad: Vec<Entry>,
}

/// A content that is quarantined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// BLAKE3 of its bytes, in hexadecimal digits.
    pub hash: String,
    /// The file that it was found in.
    pub file: PathBuf,
    /// What it did, in one line.
    pub reason: String,
}

#[derive(Clone, Debug)]
enum Change {
    Good(String),
    Bad(Entry),
    Forget(String),
}

impl fmt::Debug for Quarantine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quarantine").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Quarantine {
    /// That of this user.
    pub fn of_this_user() -> Self {
        Self { file: dirs::cache_dir().map(|folder| folder.join("playa").join("plugins.toml")), ..Self::default() }
    }

    /// One that is kept in this file.
    pub fn at(file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..Self::default() }
    }

    /// Why a content is quarantined, if it is.
    pub fn reason(&self, hash: blake3::Hash) -> Option<String> {
        let hash = hash.to_hex();
        self.current().book.bad.iter().find(|entry| entry.hash == *hash).map(|entry| entry.reason.clone())
    }

    /// All that is quarantined.
    pub fn entries(&self) -> Vec<Entry> {
        self.current().book.bad.clone()
    }

    /// Whether a content was tried and is good.
    pub fn is_good(&self, hash: blake3::Hash) -> bool {
        let hash = hash.to_hex();
        self.current().book.good.iter().any(|good| *good == *hash)
    }

    /// Notes that a content was tried and is good. It is written by the next [`Quarantine::write`].
    pub(super) fn put_good(&self, hash: blake3::Hash) {
        self.change(Change::Good(hash.to_hex().to_string()));
    }

    /// Quarantines a content. It is written by the next [`Quarantine::write`].
    pub(super) fn put(&self, hash: blake3::Hash, file: &Path, reason: &str) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.change(Change::Bad(Entry { hash: hash.to_hex().to_string(), file, reason: reason.to_owned() }));
    }

    /// Quarantines a content that is in use, writes that and tells of it.
    pub(super) fn put_now(&self, hash: blake3::Hash, file: &Path, reason: &str) {
        self.put(hash, file, reason);
        self.write();
        let event = PluginEvent::Quarantined { path: file.to_owned(), hash, reason: reason.to_owned() };
        let observers = self.observers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        observers.iter().for_each(|observer| observer(&event));
    }

    /// Takes out the contents of a file, or those whose hash begins with these digits, at least 8. Returns them.
    pub fn forget(&self, what: &Path) -> Vec<Entry> {
        let digits = what.to_str().filter(|text| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let path = std::path::absolute(what).ok();
        let is_it = |entry: &&Entry| {
            digits.is_some_and(|digits| entry.hash.starts_with(&digits.to_ascii_lowercase()))
                || path.as_ref() == Some(&entry.file)
        };
        let found: Vec<Entry> = self.current().book.bad.iter().filter(is_it).cloned().collect();
        found.iter().for_each(|entry| self.change(Change::Forget(entry.hash.clone())));
        self.write();
        found
    }

    /// From now on this one is told when a content is quarantined that is in use.
    pub(super) fn observe(&self, observer: Observer) {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    /// Writes what is new. Where that fails it is logged, and known in this process alone.
    pub fn write(&self) {
        let Some(file) = &self.file else { return };
        let mut state = self.state();
        if state.changes.is_empty() {
            return;
        }
        let written = locked(file, || {
            let mut book = read(file);
            state.changes.iter().for_each(|change| book.apply(change));
            let text = toml::to_string(&book).map_err(io::Error::other)?;
            let head = "# Plugin files that Playa tried. `playa plugins retry FILE` takes one out of quarantine.\n";
            crate::atomic::write_atomic(file, |out| write!(out, "{head}{text}"))?;
            Ok(book)
        });
        match written {
            Ok(book) => *state = State { book, read: stamp(file), changes: Vec::new() },
            Err(error) => log::warn!("{}: cannot be written: {error}", file.display()),
        }
    }

    fn change(&self, change: Change) {
        let mut state = self.current();
        state.book.apply(&change);
        state.changes.push(change);
    }

    /// What is known now, by whichever process.
    fn current(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        if let Some(file) = &self.file {
            let now = stamp(file);
            if now.is_some() && state.read != now {
                state.book = read(file);
                let State { book, changes, .. } = &mut *state;
                changes.iter().for_each(|change| book.apply(change));
                state.read = now;
            }
        }
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn apply(&mut self, change: &Change) {
        let hash = match change {
            Change::Good(hash) | Change::Forget(hash) => hash,
            Change::Bad(entry) => &entry.hash,
        };
        self.bad.retain(|entry| entry.hash != *hash);
        self.good.retain(|good| good != hash);
        match change {
            Change::Good(hash) => self.good.push(hash.clone()),
            Change::Bad(entry) => self.bad.push(entry.clone()),
            Change::Forget(_) => {}
        }
        self.good.drain(..self.good.len().saturating_sub(GOOD));
        self.bad.drain(..self.bad.len().saturating_sub(BAD));
    }
}

/// The version of this host, whose judgements hold for it alone.
fn host() -> String {
    format!("{}, API {}", env!("CARGO_PKG_VERSION"), playa_plugin_api::abi::API_VERSION)
}

/// What is in the file; nothing if it is that of another version or cannot be read.
fn read(file: &Path) -> Book {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                log::warn!("{}: is begun anew, because it cannot be read: {error}", file.display());
            }
            String::new()
        }
    };
    let book = if text.is_empty() { Ok(Book::default()) } else { toml::from_str::<Book>(&text) };
    let book = book.unwrap_or_else(|error| {
        log::warn!(
            "{}: is begun anew, because it cannot be read: {}",
            file.display(),
            super::one_line(&error.to_string())
        );
        Book::default()
    });
    if book.host == host() { book } else { Book { host: host(), ..Book::default() } }
}

fn stamp(file: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Does something with the file that no other process does at the same time.
fn locked<T>(file: &Path, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let lock = File::create(file.with_extension("lock"))?;
    lock.lock()?;
    let done = work();
    lock.unlock()?;
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: usize) -> blake3::Hash {
        blake3::hash(&number.to_le_bytes())
    }

    #[test]
    fn what_one_process_finds_another_one_knows_and_none_undoes_what_the_other_did() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cache").join("plugins.toml");
        let (first, second) = (Quarantine::at(&file), Quarantine::at(&file));
        assert!(first.reason(hash(1)).is_none() && !first.is_good(hash(2)));
        first.put(hash(1), Path::new("/p/one.so"), "it crashed");
        first.put_good(hash(2));
        assert_eq!(first.reason(hash(1)).as_deref(), Some("it crashed"));
        second.put(hash(3), Path::new("/p/three.so"), "it lies: \"a\"\\");
        first.write();
        second.write();
        for quarantine in [&first, &second, &Quarantine::at(&file)] {
            assert_eq!(quarantine.reason(hash(1)).as_deref(), Some("it crashed"));
            assert_eq!(quarantine.reason(hash(3)).as_deref(), Some("it lies: \"a\"\\"));
            assert!(quarantine.is_good(hash(2)));
        }
        let taken = second.forget(Path::new("/p/one.so"));
        assert_eq!(taken.iter().map(|entry| entry.reason.as_str()).collect::<Vec<_>>(), ["it crashed"]);
        assert!(first.reason(hash(1)).is_none());
        assert!(first.forget(Path::new("3")).is_empty(), "too few digits");
        let digits = &hash(3).to_hex()[..10];
        assert_eq!(first.forget(Path::new(&digits.to_uppercase())).len(), 1);
        assert!(Quarantine::at(&file).entries().is_empty() && second.entries().is_empty());
    }

    #[test]
    fn good_becomes_bad_and_the_other_way_and_the_oldest_go_when_there_are_too_many() {
        let quarantine = Quarantine::default();
        quarantine.put_good(hash(0));
        quarantine.put(hash(0), Path::new("a"), "it hangs");
        assert!(!quarantine.is_good(hash(0)));
        quarantine.put_good(hash(0));
        assert!(quarantine.is_good(hash(0)) && quarantine.reason(hash(0)).is_none());
        for number in 1..=GOOD {
            quarantine.put_good(hash(number));
        }
        assert!(!quarantine.is_good(hash(0)) && quarantine.is_good(hash(1)) && quarantine.is_good(hash(GOOD)));
        for number in 0..=BAD {
            quarantine.put(hash(number), Path::new("a"), "it hangs");
        }
        assert_eq!(quarantine.entries().len(), BAD);
    }

    #[test]
    fn a_damaged_file_and_one_of_another_host_are_begun_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("plugins.toml");
        for text in
            ["good = 3", "host = \"0.0.1\"\ngood = [\"aa\"]\n[[bad]]\nhash = \"bb\"\nfile = \"b\"\nreason = \"c\"\n"]
        {
            std::fs::write(&file, text).expect("written");
            let quarantine = Quarantine::at(&file);
            assert!(quarantine.entries().is_empty());
            quarantine.put_good(hash(1));
            quarantine.write();
            let text = std::fs::read_to_string(&file).expect("written");
            assert!(text.contains(&hash(1).to_hex().to_string()) && !text.contains("aa\""), "{text}");
        }
    }
}
