//! The plugins of the process: which files are in use, and what happens when they change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use playa_plugin_api::EffectSpec;

use super::effects::{Looked, Opening};
use super::generation::{FileReport, Generation, Held, Opened};
use super::load::{self, Candidate, Copied};
use super::{
    EffectType, Effects, HostEffect, LoadError, Plugin, PluginEvent, Policy, SearchPath, Stamp, bundle, quarantine,
};
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

    /// Loads every library directly in a directory, and those of its bundles.
    pub fn load_directory(&self, directory: &Path) {
        let files = self.list(directory);
        self.load_files(&files);
    }

    /// The libraries directly in a directory; none if it is refused, which is then reported.
    fn list(&self, directory: &Path) -> Vec<PathBuf> {
        let unreadable =
            |error: std::io::Error| LoadError::Unreadable { path: directory.to_owned(), reason: error.to_string() };
        let trusted = self.policy.check_trust(directory);
        match trusted.and_then(|()| SearchPath::libraries(directory).map_err(unreadable)) {
            Ok(files) => {
                if self.effects().file(directory).is_some() {
                    // It was refused before.
                    self.remove_file(directory);
                }
                files
            }
            Err(error) => {
                let loading = self.loading();
                let (_, events) = self.publish(vec![Looked::at(directory, Err(error))], Instant::now());
                drop(loading);
                self.tell(&events);
                Vec::new()
            }
        }
    }

    /// Loads one file, or the one that a bundle has for this machine. Loading a file again replaces what it offered before;
    /// renders in flight keep theirs. The same content again changes nothing.
    ///
    /// # Errors
    /// Why it did not become a plugin; then nothing changes but the report.
    pub fn load_file(&self, path: &Path) -> Result<Arc<Plugin>, LoadError> {
        let result = self.load_files(&[bundle::file_of(path)]).pop();
        result.expect("one result for one file")
    }

    /// Loads several files, which switch to their new content at one moment: nobody sees some of them new and others old.
    /// What became of each, in the same order.
    pub fn load_files(&self, paths: &[PathBuf]) -> Vec<Result<Arc<Plugin>, LoadError>> {
        self.load_files_with(paths, Candidate::read)
    }

    /// The same, of what `read` gives of each that others could not change.
    pub(super) fn load_files_with(
        &self,
        paths: &[PathBuf],
        read: impl FnMut(&Path) -> Result<Candidate, LoadError> + Send,
    ) -> Vec<Result<Arc<Plugin>, LoadError>> {
        let start = Instant::now();
        let loading = self.loading();
        let before = self.effects();
        let opened = self.open_all(paths, read, &before);
        let (results, events) = self.publish(opened, start);
        drop(loading);
        self.tell(&events);
        if let Some(guard) = &self.policy.guard {
            guard.quarantine.write();
        }
        self.load_waiting();
        results
    }

    /// Registers an effect of the embedding program, written in the file at `path`, in place of the one that it
    /// registered with the same id before. `hash` is the identity of what it does: with the same hash, pixels made before
    /// are used again.
    ///
    /// # Errors
    /// What of its description cannot be right, or which file offers the same effect in the same version. Then nothing
    /// changes.
    pub fn register(
        &self,
        spec: EffectSpec,
        path: &Path,
        hash: blake3::Hash,
        effect: Arc<dyn HostEffect>,
    ) -> Result<Arc<EffectType>, LoadError> {
        let start = Instant::now();
        let wrong = |reason| LoadError::Descriptor { path: path.to_owned(), effect: spec.id.clone(), reason };
        load::check_effect(&spec).map_err(wrong)?;
        if spec.traits.pixel_wise || spec.traits.in_place || spec.traits.blocks {
            return Err(wrong("an effect of the embedding program is never run on single tiles".to_owned()));
        }
        let effect = Arc::new(EffectType::of_host(spec, effect, path, hash));
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Effects::clone(&current);
        next.register(&effect)?;
        let next = Arc::new(next);
        let before = std::mem::replace(&mut *current, Arc::clone(&next));
        drop(current);
        let event = next.file(path).and_then(|report| event(before.file(path), report, start.elapsed()));
        self.tell(event.as_slice());
        self.load_waiting();
        Ok(effect)
    }

    /// Takes a file that is gone out of use. Its effects are missing, and projects keep what they say of them; when the file
    /// comes back, so do they. Files that were refused because this one had their effects are loaded.
    pub fn remove_file(&self, path: &Path) {
        let loading = self.loading();
        let mut removed = None;
        self.change(|effects| {
            effects.take_out(|effect| effect.path() == path);
            let Some(report) = effects.files.iter_mut().find(|report| report.path == path) else { return };
            removed = report.take_out();
            // A file that never was in use leaves nothing behind.
            effects.files.retain(|report| report.path != path || report.previous.is_some());
        });
        drop(loading);
        if let Some(old) = removed {
            self.tell(&[PluginEvent::Removed { path: path.to_owned(), effects: ids(&old.plugin) }]);
        }
        self.load_waiting();
    }

    /// Loads the files that were refused for an effect that is free by now.
    fn load_waiting(&self) {
        let waiting = self.effects().waiting();
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
        let (there, gone): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| Stamp::of(path).is_ok());
        for path in gone {
            if before.file(&path).is_some() { self.remove_file(&path) } else { drop(self.load_file(&path)) }
        }
        self.load_files(&there);
    }

    /// The path under which a file is known that is named in another way, or by the bundle that it is in.
    pub fn known_as(&self, path: &Path) -> PathBuf {
        let path = bundle::file_of(path);
        let same = |report: &&FileReport| std::path::absolute(&report.path).ok() == std::path::absolute(&path).ok();
        self.effects().files.iter().find(same).map_or_else(|| path.clone(), |report| report.path.clone())
    }

    /// All files that are known, and all in the directories of the search path.
    fn all_files(&self) -> Vec<PathBuf> {
        let effects = self.effects();
        let files = effects.files.iter().filter(|report| !report.is_of_host()).map(|report| report.path.clone());
        let known = files.filter(|path| !self.path.directories.contains(path));
        let mut paths: Vec<_> =
            known.chain(self.path.directories.iter().flat_map(|folder| self.list(folder))).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Takes a file out of quarantine, named by its path or the first digits of its hash, and looks at it again. Returns what
    /// was quarantined; nothing if it was not.
    pub fn retry(&self, what: &Path) -> Vec<quarantine::Entry> {
        let Some(guard) = &self.policy.guard else { return Vec::new() };
        let taken = guard.quarantine.forget(&self.known_as(what));
        taken.iter().for_each(|entry| self.reload(Some(&entry.file)));
        taken
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
        self.load_waiting();
        results.pop().expect("one result for one file").map(|_| earlier)
    }

    /// The effects at this moment.
    pub fn effects(&self) -> Arc<Effects> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls `observer` with everything that happens to plugins from now on, after it happened, on the thread that did it
    /// and with no lock held.
    pub fn observe(&self, observer: impl Fn(&PluginEvent) + Send + Sync + 'static) {
        let observer = Arc::new(observer);
        if let Some(guard) = &self.policy.guard {
            guard.quarantine.observe(Arc::clone(&observer) as _);
        }
        let mut observers = self.observers.write().unwrap_or_else(PoisonError::into_inner);
        observers.push(Observer(observer));
    }

    /// Libraries of a file, or of all files: first all that were ever opened, then those that something still refers to,
    /// such as a render that began before a reload, or the generation that [`Registry::rollback`] returns to.
    pub fn held(&self, path: Option<&Path>) -> (Held, Held) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).held(path)
    }

    /// What several files are now. Those that are tried wait for processes of their own, so they do so side by side.
    fn open_all(
        &self,
        paths: &[PathBuf],
        read: impl FnMut(&Path) -> Result<Candidate, LoadError> + Send,
        before: &Effects,
    ) -> Vec<Looked> {
        /// More processes than this at a time would only wait for the processor.
        const TOGETHER: usize = 8;
        let read = Mutex::new(read);
        let open = |path: &PathBuf| self.open(path, &read, before);
        if paths.len() < 2 || self.policy.guard.is_none() {
            return paths.iter().map(open).collect();
        }
        let (next, looked) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let index = next.fetch_add(1, Ordering::Relaxed)
                && let Some(path) = paths.get(index)
            {
                let file = open(path);
                looked.lock().unwrap_or_else(PoisonError::into_inner).push((index, file));
            }
        };
        std::thread::scope(|scope| (0..paths.len().min(TOGETHER)).for_each(|_| drop(scope.spawn(work))));
        let mut looked = looked.into_inner().unwrap_or_else(PoisonError::into_inner);
        looked.sort_by_key(|(index, _)| *index);
        looked.into_iter().map(|(_, file)| file).collect()
    }

    /// What a file is now. Content that is still at hand is not opened again.
    fn open(
        &self,
        path: &Path,
        read: &Mutex<impl FnMut(&Path) -> Result<Candidate, LoadError>>,
        before: &Effects,
    ) -> Looked {
        let read = || (read.lock().unwrap_or_else(PoisonError::into_inner))(path);
        let file = match self.policy.check_trust(path).and_then(|()| read()) {
            Ok(file) => file,
            Err(error) => return Looked::at(path, Err(error)),
        };
        let hash = Some(file.hash);
        let known = before.file(path).and_then(|report| report.with_hash(file.hash));
        let result = self.policy.check_lock(&file).and_then(|()| match known {
            Some(known) => Ok(Arc::clone(known)),
            None => self.policy.open(file, |file| self.open_here(file)),
        });
        Looked { hash, ..Looked::at(path, result) }
    }

    /// Opens a file in this process.
    fn open_here(&self, file: Copied) -> Opening {
        let (path, size) = (file.path.clone(), file.size);
        let result = file.open();
        let effects = match &result {
            // Before the loader had it.
            Err(LoadError::Open { .. }) => return result,
            Err(_) => &[][..],
            Ok(plugin) => &plugin.effects,
        };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).add(path, size, effects);
        result
    }

    /// Puts what files became into use, all at once. Returns that again, and what there is to tell.
    fn publish(&self, files: Vec<Looked>, start: Instant) -> (Vec<Opening>, Vec<PluginEvent>) {
        let before = self.effects();
        let mut results = Vec::new();
        self.change(|effects| results = effects.replace(files, &self.path));
        let (took, after) = (start.elapsed(), self.effects());
        // Others may have lost their effects to these.
        let told = |report: &FileReport| event(before.file(&report.path), report, took);
        (results, after.files().iter().filter_map(told).collect())
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

/// What is different about a file, if anything is.
fn event(before: Option<&FileReport>, after: &FileReport, took: std::time::Duration) -> Option<PluginEvent> {
    let path = after.path.clone();
    let hash = |report: &FileReport| report.live.as_ref().map(|live| live.plugin.hash);
    if let Some(error) = &after.error {
        let known = before.and_then(|before| before.error.as_ref()) == Some(error);
        return (!known).then(|| match error.clone() {
            LoadError::Quarantined { path, hash, reason } => PluginEvent::Quarantined { path, hash, reason },
            error => PluginEvent::Failed { path, error },
        });
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
