//! What became of a file, and which generations of it there are.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use super::{EffectType, LoadError, Plugin};

/// What became of one file or directory of the search path.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Why it was refused when it was looked at last, if it was. What was in use before goes on.
    pub error: Option<LoadError>,
    /// Hash of the content it had then, if it could be read.
    pub content: Option<blake3::Hash>,
    /// What of it is in use.
    pub live: Option<Generation>,
    /// What was in use before, to go back to.
    pub previous: Option<Generation>,
    /// How many generations it has had.
    pub generations: u64,
    /// The file is gone.
    pub missing: bool,
}

/// One content of a plugin file.
#[derive(Clone, Debug)]
pub struct Generation {
    /// 1 for the first content that was loaded of the file, and so on.
    pub number: u64,
    /// The plugin that it is.
    pub plugin: Arc<Plugin>,
    /// When it was loaded.
    pub loaded: SystemTime,
}

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its effects are in use.
    Live,
    /// It was refused, and nothing of it is in use.
    Refused,
    /// It was in use and is gone.
    Missing,
}

impl State {
    /// `live`, `refused` or `missing`.
    pub fn name(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Refused => "refused",
            State::Missing => "missing",
        }
    }
}

impl FileReport {
    /// A file of which nothing is known yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, error: None, content: None, live: None, previous: None, generations: 0, missing: false }
    }

    /// How it stands.
    pub fn state(&self) -> State {
        match (self.missing, &self.live) {
            (true, _) => State::Missing,
            (false, Some(_)) => State::Live,
            (false, None) => State::Refused,
        }
    }

    /// The effects of it that are in use.
    pub fn effects(&self) -> impl Iterator<Item = &Arc<EffectType>> {
        self.live.iter().flat_map(|live| &live.plugin.effects)
    }

    /// Whether it is a file of the embedding program, such as a Python module, and no library.
    pub fn is_of_host(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.plugin.build.is_none())
    }

    /// A generation that is still at hand with this content.
    pub(super) fn with_hash(&self, hash: blake3::Hash) -> Option<&Arc<Plugin>> {
        let known = [&self.live, &self.previous].into_iter().flatten();
        known.map(|generation| &generation.plugin).find(|plugin| plugin.hash == hash)
    }

    /// Puts a plugin into use: a new generation, or one that was there before.
    pub(super) fn put(&mut self, plugin: Arc<Plugin>) {
        (self.error, self.missing) = (None, false);
        let is_it = |generation: &&mut Generation| generation.plugin.hash == plugin.hash;
        if self.live.as_mut().filter(is_it).is_some() {
            return;
        }
        if self.previous.as_mut().filter(is_it).is_some() {
            std::mem::swap(&mut self.live, &mut self.previous);
            // A file that came back has nothing before it.
            return;
        }
        self.generations += 1;
        let new = Generation { number: self.generations, plugin, loaded: SystemTime::now() };
        if let Some(old) = self.live.replace(new) {
            self.previous = Some(old);
        }
    }

    /// What the embedding program offers in this file from now on. There is no going back from that.
    pub(super) fn set(&mut self, plugin: Arc<Plugin>) {
        self.generations += 1;
        (self.error, self.missing, self.content) = (None, false, Some(plugin.hash));
        self.live = Some(Generation { number: self.generations, plugin, loaded: SystemTime::now() });
    }

    /// Notes why the file as it is now is no plugin. Returns what of it is in use, which goes on.
    pub(super) fn refuse(&mut self, error: LoadError) -> Option<Arc<Plugin>> {
        (self.error, self.missing) = (Some(error), false);
        Some(Arc::clone(&self.live.as_ref()?.plugin))
    }

    /// Notes that another file has its effects now; it stays at hand for when that one is gone.
    pub(super) fn displace(&mut self, error: LoadError) {
        self.error = Some(error);
        if let Some(old) = self.live.take() {
            self.previous = Some(old);
        }
    }

    /// Takes it out of use, as its file is gone; it stays at hand for when that comes back.
    pub(super) fn take_out(&mut self) -> Option<Generation> {
        self.missing = true;
        let old = self.live.take()?;
        self.previous = Some(old.clone());
        Some(old)
    }
}

/// Libraries in memory. They are never unloaded, as their code may be on some thread's stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub count: usize,
    /// Bytes of their files.
    pub bytes: u64,
}

/// Which libraries were opened.
#[derive(Debug, Default)]
pub(super) struct Opened(Vec<Library>);

#[derive(Debug)]
struct Library {
    path: PathBuf,
    size: u64,
    effects: Vec<Weak<EffectType>>,
}

impl Opened {
    /// A library of this path and size, with the effects that came of it; none if it was refused after it was opened.
    pub(super) fn add(&mut self, path: PathBuf, size: u64, effects: &[Arc<EffectType>]) {
        self.0.push(Library { path, size, effects: effects.iter().map(Arc::downgrade).collect() });
    }

    /// Those of a file, or of all: first all that were ever opened, then those that something still refers to, such as a
    /// render that began before a reload, or a generation that can be gone back to.
    pub(super) fn held(&self, path: Option<&std::path::Path>) -> (Held, Held) {
        let sum = |held: Held, size| Held { count: held.count + 1, bytes: held.bytes + size };
        let of_path = self.0.iter().filter(|library| path.is_none_or(|path| library.path == path));
        of_path.fold((Held::default(), Held::default()), |(all, used), library| {
            let in_use = library.effects.iter().any(|effect| effect.strong_count() > 0);
            (sum(all, library.size), if in_use { sum(used, library.size) } else { used })
        })
    }
}
