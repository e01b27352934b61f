//! All effects that were found, by id and version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use semver::Version;

use playa_plugin_api::EffectSpec;

use super::{EffectType, HostEffect, LoadError, Plugin, SearchPath, load};

/// The plugins of this process. Cheap to share; a render takes the [`Effects`] of one moment and keeps them.
#[derive(Debug, Default)]
pub struct Registry {
    current: RwLock<Arc<Effects>>,
}

/// All effects at one moment, and what became of every file.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    by_id: BTreeMap<String, BTreeMap<Version, Arc<EffectType>>>,
    files: Vec<FileReport>,
}

/// What became of one file or directory of the search path.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// The plugin, or why there is none.
    pub result: Result<Arc<Plugin>, LoadError>,
}

impl Registry {
    /// A registry with everything found on the search path. One bad file never hides the others: what became of each is
    /// in [`Effects::files`].
    pub fn scan(path: &SearchPath) -> Self {
        let registry = Self::default();
        for directory in &path.directories {
            registry.load_directory(directory);
        }
        registry
    }

    /// Loads every library directly in a directory.
    pub fn load_directory(&self, directory: &Path) {
        match SearchPath::libraries(directory) {
            Ok(files) => files.iter().for_each(|file| drop(self.load_file(file))),
            Err(error) => {
                let error = LoadError::Unreadable { path: directory.to_owned(), reason: error.to_string() };
                let _ = self.record(directory, Err(error));
            }
        }
    }

    /// Loads one file. Loading a file again replaces what it offered before; renders in flight keep theirs.
    ///
    /// # Errors
    /// Why it did not become a plugin; then nothing changes but the report.
    pub fn load_file(&self, path: &Path) -> Result<Arc<Plugin>, LoadError> {
        self.record(path, load::load(path))
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
        let wrong = |reason| LoadError::Descriptor { path: path.to_owned(), effect: spec.id.clone(), reason };
        load::check_effect(&spec).map_err(wrong)?;
        if spec.traits.pixel_wise || spec.traits.in_place {
            return Err(wrong("an effect of the embedding program is never run on single tiles".to_owned()));
        }
        let effect = Arc::new(EffectType::of_host(spec, effect, path, hash));
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Effects::clone(&current);
        next.register(&effect)?;
        *current = Arc::new(next);
        Ok(effect)
    }

    /// The effects at this moment.
    pub fn effects(&self) -> Arc<Effects> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, path: &Path, result: Result<Arc<Plugin>, LoadError>) -> Result<Arc<Plugin>, LoadError> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Effects::clone(&current);
        let result = result.and_then(|plugin| next.add(&plugin).map(|()| plugin));
        next.files.retain(|file| file.path != path);
        next.files.push(FileReport { path: path.to_owned(), result: result.clone() });
        *current = Arc::new(next);
        result
    }
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

    /// What became of every file, in the order they were loaded.
    pub fn files(&self) -> &[FileReport] {
        &self.files
    }

    /// Adds what a plugin offers, in place of what the same file offered before; all of it or nothing.
    fn add(&mut self, plugin: &Plugin) -> Result<(), LoadError> {
        self.replace(|effect| effect.path() == plugin.path, plugin)
    }

    /// Adds an effect of the embedding program, to the other ones of its file.
    fn register(&mut self, effect: &Arc<EffectType>) -> Result<(), LoadError> {
        let before = |other: &EffectType| other.is_of_host() && other.spec().id == effect.spec().id;
        let plugin = |path: &Path, effects| Plugin { path: path.to_owned(), hash: effect.hash(), build: None, effects };
        self.replace(before, &plugin(effect.path(), vec![Arc::clone(effect)]))?;
        let mut of_file = vec![Arc::clone(effect)];
        let files = std::mem::take(&mut self.files);
        for file in files {
            let Ok(old) = &file.result else {
                self.files.push(file);
                continue;
            };
            let kept: Vec<_> = old.effects.iter().filter(|other| !before(other)).cloned().collect();
            if old.build.is_none() && file.path == effect.path() {
                of_file.splice(0..0, kept);
            } else if kept.len() == old.effects.len() {
                self.files.push(file);
            } else if !kept.is_empty() {
                let result = Ok(Arc::new(plugin(&file.path, kept)));
                self.files.push(FileReport { result, ..file });
            }
        }
        let result = Ok(Arc::new(plugin(effect.path(), of_file)));
        self.files.push(FileReport { path: effect.path().to_owned(), result });
        Ok(())
    }

    /// Puts what a plugin offers in place of some of the effects; all of it or nothing.
    fn replace(&mut self, old: impl Fn(&EffectType) -> bool, plugin: &Plugin) -> Result<(), LoadError> {
        let mut by_id = self.by_id.clone();
        for versions in by_id.values_mut() {
            versions.retain(|_, effect| !old(effect));
        }
        by_id.retain(|_, versions| !versions.is_empty());
        for effect in &plugin.effects {
            let (path, spec) = (plugin.path.clone(), effect.spec());
            let version = Version::parse(&spec.version).map_err(|error| LoadError::Descriptor {
                path: path.clone(),
                effect: spec.id.clone(),
                reason: error.to_string(),
            })?;
            let versions = by_id.entry(spec.id.clone()).or_default();
            if let Some(first) = versions.get(&version) {
                let (id, version, first) = (spec.id.clone(), spec.version.clone(), first.path().to_owned());
                return Err(LoadError::Duplicate { path, id, version, first });
            }
            versions.insert(version, Arc::clone(effect));
        }
        self.by_id = by_id;
        Ok(())
    }
}
