//! All effects that were found, by id and version.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use semver::Version;

use super::generation::{FileReport, Generation, Held, Opened};
use super::load::Candidate;
use super::{EffectType, LoadError, Plugin, PluginEvent, Policy, SearchPath};
use crate::project::Carried;

/// The plugins of this process. Cheap to share; a render takes the [`Effects`] of one moment and keeps them.
#[derive(Debug, Default)]
pub struct Registry {
    current: RwLock<Arc<Effects>>,
    path: SearchPath,
    policy: Policy,
    opened: Mutex<Opened>,
    /// One change of files after the other: what is compared with the current effects must not become old meanwhile.
    loading: Mutex<()>,
    observers: RwLock<Vec<Observer>>,
}

/// Who is told what happens to plugins.
#[derive(Clone)]
struct Observer(Arc<dyn Fn(&PluginEvent) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// All effects at one moment, and what became of every file.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    by_id: BTreeMap<String, BTreeMap<Version, Arc<EffectType>>>,
    files: Vec<FileReport>,
}

impl Registry {
    /// A registry with everything found on the search path. One bad file never hides the others: what became of each is
    /// in [`Effects::files`].
    pub fn scan(path: &SearchPath) -> Self {
        Self::scan_with(path, Policy::default())
    }

    /// The same, of those files that the policy lets pass.
    pub fn scan_with(path: &SearchPath, policy: Policy) -> Self {
        let registry = Self { path: path.clone(), policy, ..Self::default() };
        for directory in &path.directories {
            registry.load_directory(directory);
        }
        registry
    }

    /// Where its plugins are looked for.
    pub fn path(&self) -> &SearchPath {
        &self.path
    }

    /// Which files may become plugins.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Loads every library directly in a directory.
    pub fn load_directory(&self, directory: &Path) {
        let unreadable =
            |error: std::io::Error| LoadError::Unreadable { path: directory.to_owned(), reason: error.to_string() };
        let trusted = self.policy.check_trust(directory);
        match trusted.and_then(|()| SearchPath::libraries(directory).map_err(unreadable)) {
            Ok(files) => drop(self.load_files(&files)),
            Err(error) => {
                let loading = self.loading();
                let (_, events) = self.publish(vec![Looked::at(directory, Err(error))], Instant::now());
                drop(loading);
                self.tell(&events);
            }
        }
    }

    /// Loads one file. Loading a file again replaces what it offered before; renders in flight keep theirs. The same
    /// content again changes nothing.
    ///
    /// # Errors
    /// Why it did not become a plugin; then nothing changes but the report.
    pub fn load_file(&self, path: &Path) -> Result<Arc<Plugin>, LoadError> {
        let result = self.load_files(&[path.to_owned()]).pop();
        result.expect("one result for one file")
    }

    /// Loads several files, which switch to their new content at one moment: nobody sees some of them new and others old.
    /// What became of each, in the same order.
    pub fn load_files(&self, paths: &[PathBuf]) -> Vec<Result<Arc<Plugin>, LoadError>> {
        let start = Instant::now();
        let loading = self.loading();
        let before = self.effects();
        let opened = paths.iter().map(|path| self.open(path, &before)).collect();
        let (results, events) = self.publish(opened, start);
        drop(loading);
        self.tell(&events);
        results
    }

    /// Takes a file that is gone out of use. Its effects are missing, and projects keep what they say of them; when the file
    /// comes back, so do they. Files that were refused because this one had their effects are loaded.
    pub fn remove_file(&self, path: &Path) {
        let loading = self.loading();
        let (mut removed, mut waiting) = (None, Vec::new());
        self.change(|effects| {
            effects.take_out(|effect| effect.path() == path);
            let Some(report) = effects.files.iter_mut().find(|report| report.path == path) else { return };
            removed = report.take_out();
            let waits = |report: &&FileReport| {
                matches!(report.error.as_ref(), Some(LoadError::Duplicate { first, .. }) if first == path)
            };
            waiting = effects.files.iter().filter(waits).map(|report| report.path.clone()).collect();
            // A file that never was in use leaves nothing behind.
            effects.files.retain(|report| report.path != path || report.previous.is_some());
        });
        drop(loading);
        if let Some(old) = removed {
            self.tell(&[PluginEvent::Removed { path: path.to_owned(), effects: ids(&old.plugin) }]);
        }
        if !waiting.is_empty() {
            self.load_files(&waiting);
        }
    }

    /// Looks again at a file, or at all files of the search path and all that were loaded by name: what differs from what is
    /// in use is loaded, also what was refused before or gone back from, and what is gone is taken out of use.
    pub fn reload(&self, path: Option<&Path>) {
        let before = self.effects();
        let paths = match path {
            Some(path) => vec![self.known_as(path)],
            None => self.all_files(),
        };
        let (there, gone): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.exists());
        for path in gone {
            if before.file(&path).is_some() { self.remove_file(&path) } else { drop(self.load_file(&path)) }
        }
        self.load_files(&there);
    }

    /// The path under which a file is known that is named in another way.
    pub fn known_as(&self, path: &Path) -> PathBuf {
        let same = |report: &&FileReport| std::path::absolute(&report.path).ok() == std::path::absolute(path).ok();
        self.effects().files.iter().find(same).map_or_else(|| path.to_owned(), |report| report.path.clone())
    }

    /// All files that are known, and all in the directories of the search path. What became of directories themselves is
    /// found out anew.
    fn all_files(&self) -> Vec<PathBuf> {
        let known = self.effects().files.iter().map(|report| report.path.clone()).collect::<Vec<_>>();
        let (directories, mut paths): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|path| self.path.directories.contains(path));
        directories.iter().for_each(|directory| self.remove_file(directory));
        for directory in &self.path.directories {
            match self.policy.check_trust(directory) {
                Ok(()) => paths.extend(SearchPath::libraries(directory).unwrap_or_default()),
                // The same refusal again is not told.
                Err(_) => self.load_directory(directory),
            }
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// Goes back to the generation of a file that was in use before. The file itself is not touched, and is not loaded
    /// again until it changes or [`Registry::reload`] asks for it. Going back again returns.
    ///
    /// # Errors
    /// If there is none, or another file has its effects by now.
    pub fn rollback(&self, path: &Path) -> Result<Generation, LoadError> {
        let start = Instant::now();
        let loading = self.loading();
        let path = &*self.known_as(path);
        let none = || LoadError::NoEarlier { path: path.to_owned() };
        let before = self.effects();
        let report = before.file(path).filter(|report| !report.missing).ok_or_else(none)?;
        let earlier = report.previous.clone().ok_or_else(none)?;
        let (mut results, events) = self.publish(vec![Looked::at(path, Ok(earlier.plugin.clone()))], start);
        drop(loading);
        self.tell(&events);
        results.pop().expect("one result for one file").map(|_| earlier)
    }

    /// The effects at this moment.
    pub fn effects(&self) -> Arc<Effects> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls `observer` with everything that happens to plugins from now on, after it happened, on the thread that did it
    /// and with no lock held.
    pub fn observe(&self, observer: impl Fn(&PluginEvent) + Send + Sync + 'static) {
        let mut observers = self.observers.write().unwrap_or_else(PoisonError::into_inner);
        observers.push(Observer(Arc::new(observer)));
    }

    /// Libraries of a file, or of all files: first all that were ever opened, then those that something still refers to,
    /// such as a render that began before a reload, or the generation that [`Registry::rollback`] returns to.
    pub fn held(&self, path: Option<&Path>) -> (Held, Held) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).held(path)
    }

    /// What a file is now. Content that is still at hand is not opened again.
    fn open(&self, path: &Path, before: &Effects) -> Looked {
        let read = self.policy.check_trust(path).and_then(|()| Candidate::read(path));
        let file = match read {
            Ok(file) => file,
            Err(error) => return Looked::at(path, Err(error)),
        };
        let hash = Some(file.hash);
        let known = before.file(path).and_then(|report| report.with_hash(file.hash));
        let result = self.policy.check_lock(&file).and_then(|()| match known {
            Some(known) => Ok(Arc::clone(known)),
            None => self.open_new(file),
        });
        Looked { hash, ..Looked::at(path, result) }
    }

    fn open_new(&self, file: Candidate) -> Opening {
        (self.policy.probe)(&file.path, file.hash, &file.bytes)?;
        let plugin = file.open()?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).add(&plugin);
        Ok(plugin)
    }

    /// Puts what files became into use, all at once. Returns that again, and what there is to tell.
    fn publish(&self, files: Vec<Looked>, start: Instant) -> (Vec<Opening>, Vec<PluginEvent>) {
        let before = self.effects();
        let mut results = Vec::new();
        self.change(|effects| results = effects.replace(files));
        let took = start.elapsed();
        let after = self.effects();
        let told = |report: &FileReport| event(before.file(&report.path), report, took);
        (results, after.files.iter().filter_map(told).collect())
    }

    /// Replaces the effects by what `edit` makes of them.
    fn change(&self, edit: impl FnOnce(&mut Effects)) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Effects::clone(&current);
        edit(&mut next);
        *current = Arc::new(next);
    }

    fn loading(&self) -> MutexGuard<'_, ()> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, events: &[PluginEvent]) {
        let observers = self.observers.read().unwrap_or_else(PoisonError::into_inner).clone();
        for event in events {
            observers.iter().for_each(|Observer(observer)| observer(event));
        }
    }
}

/// What a file became.
type Opening = Result<Arc<Plugin>, LoadError>;

/// A file that was looked at.
struct Looked {
    path: PathBuf,
    /// Its content, if it could be read.
    hash: Option<blake3::Hash>,
    result: Opening,
}

impl Looked {
    fn at(path: &Path, result: Opening) -> Self {
        Self { path: path.to_owned(), hash: None, result }
    }
}

/// What is different about a file, if anything is.
fn event(before: Option<&FileReport>, after: &FileReport, took: std::time::Duration) -> Option<PluginEvent> {
    let path = after.path.clone();
    let hash = |report: &FileReport| report.live.as_ref().map(|live| live.plugin.hash);
    if let Some(error) = &after.error {
        let known = before.and_then(|before| before.error.as_ref()) == Some(error);
        return (!known).then(|| PluginEvent::Failed { path, error: error.clone() });
    }
    let live = after.live.as_ref()?;
    if before.and_then(hash) == Some(live.plugin.hash) {
        return None;
    }
    let (generation, effects) = (live.number, ids(&live.plugin));
    let Some(old) = before.and_then(|report| report.live.as_ref()) else {
        return Some(PluginEvent::Loaded { path, generation, effects, took });
    };
    let new_spec = |id: &str| live.plugin.effects.iter().map(|effect| effect.spec()).find(|spec| spec.id == id);
    let carried = |old: &Arc<EffectType>| {
        let id = &old.spec().id;
        Some((id.clone(), Carried::between(old.spec(), new_spec(id)?)))
    };
    let gone = ids(&old.plugin).into_iter().filter(|id| !effects.contains(id)).collect();
    let carried = old.plugin.effects.iter().filter_map(carried).collect();
    Some(PluginEvent::Reloaded { path, generation, effects, gone, carried, took })
}

fn ids(plugin: &Plugin) -> Vec<String> {
    plugin.effects.iter().map(|effect| effect.spec().id.clone()).collect()
}

impl Effects {
    /// The effect with this id, type name or label; of several versions the highest.
    pub fn find(&self, name: &str) -> Option<&Arc<EffectType>> {
        let versions = self.by_id.get(name).or_else(|| {
            let named = |effect: &EffectType| effect.spec().type_name == name || effect.spec().label == name;
            self.by_id.values().find(|versions| versions.values().next_back().is_some_and(|effect| named(effect)))
        })?;
        versions.values().next_back()
    }

    /// The effect for a project that was made with `version`: that version itself, else the highest there is.
    pub fn find_version(&self, id: &str, version: &str) -> Option<&Arc<EffectType>> {
        let exact = Version::parse(version).ok().and_then(|version| self.by_id.get(id)?.get(&version));
        exact.or_else(|| self.by_id.get(id)?.values().next_back())
    }

    /// Every effect in every version, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<EffectType>> {
        self.by_id.values().flat_map(BTreeMap::values)
    }

    /// What became of every file, in the order in which they were found.
    pub fn files(&self) -> &[FileReport] {
        &self.files
    }

    /// What became of a file.
    pub fn file(&self, path: &Path) -> Option<&FileReport> {
        self.files.iter().find(|report| report.path == path)
    }

    /// Puts what files became in place of what they were, and returns that again; what is refused here is refused for an
    /// effect that another file has. Then, and if it was refused before, what was in use of the file goes on.
    fn replace(&mut self, files: Vec<Looked>) -> Vec<Opening> {
        // An effect may move from one file to another, in whichever order these come.
        self.take_out(|effect| files.iter().any(|file| effect.path() == file.path && file.result.is_ok()));
        let put = |Looked { path, hash, result }| {
            let result = result.and_then(|plugin| self.add(&plugin).map(|()| plugin));
            let at = self.files.iter().position(|report| report.path == path).unwrap_or_else(|| {
                self.files.push(FileReport::new(path));
                self.files.len() - 1
            });
            let report = &mut self.files[at];
            report.content = hash.or(report.content);
            match &result {
                Ok(plugin) => report.put(Arc::clone(plugin)),
                Err(error) => {
                    if let Some(old) = report.refuse(error.clone()) {
                        // What no other file has taken meanwhile.
                        let _ = self.add(&old);
                    }
                }
            }
            result
        };
        files.into_iter().map(put).collect()
    }

    /// Takes effects away.
    fn take_out(&mut self, gone: impl Fn(&EffectType) -> bool) {
        for versions in self.by_id.values_mut() {
            versions.retain(|_, effect| !gone(effect));
        }
        self.by_id.retain(|_, versions| !versions.is_empty());
    }

    /// Adds what a plugin offers, unless another one offers it; all of it or nothing.
    fn add(&mut self, plugin: &Plugin) -> Result<(), LoadError> {
        let mut by_id = self.by_id.clone();
        for effect in &plugin.effects {
            let (path, spec) = (plugin.path.clone(), effect.spec());
            let version = Version::parse(&spec.version).map_err(|error| LoadError::Descriptor {
                path: path.clone(),
                effect: spec.id.clone(),
                reason: error.to_string(),
            })?;
            let versions = by_id.entry(spec.id.clone()).or_default();
            match versions.get(&version) {
                Some(first) if first.path() != plugin.path => {
                    let (id, version, first) = (spec.id.clone(), spec.version.clone(), first.path().to_owned());
                    return Err(LoadError::Duplicate { path, id, version, first });
                }
                _ => {}
            }
            versions.insert(version, Arc::clone(effect));
        }
        self.by_id = by_id;
        Ok(())
    }
}
