//! All effects of one moment, and the files that they come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;

use super::generation::FileReport;
use super::{EffectType, LoadError, Plugin, SearchPath};

/// All effects at one moment, and what became of every file.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    by_id: BTreeMap<String, BTreeMap<Version, Arc<EffectType>>>,
    pub(super) files: Vec<FileReport>,
}

/// What a file became.
pub(super) type Opening = Result<Arc<Plugin>, LoadError>;

/// A file that was looked at.
pub(super) struct Looked {
    pub path: PathBuf,
    /// Its content, if it could be read.
    pub hash: Option<blake3::Hash>,
    pub result: Opening,
}

impl Looked {
    pub fn at(path: &Path, result: Opening) -> Self {
        Self { path: path.to_owned(), hash: None, result }
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
    ///
    /// Of two files with the same effect the one that `order` finds first has it, whichever was loaded first.
    pub(super) fn replace(&mut self, files: Vec<Looked>, order: &SearchPath) -> Vec<Opening> {
        // An effect may move from one file to another, in whichever order these come.
        self.take_out(|effect| files.iter().any(|file| effect.path() == file.path && file.result.is_ok()));
        let mut files: Vec<(usize, Looked)> = files.into_iter().enumerate().collect();
        files.sort_by_cached_key(|(_, file)| self.precedence(&file.path, order));
        let put = |(place, Looked { path, hash, result })| {
            let result = result.and_then(|plugin| self.add(&plugin, order).map(|()| plugin));
            let report = self.report_of(&path);
            report.content = hash.or(report.content);
            match &result {
                Ok(plugin) => report.put(Arc::clone(plugin)),
                Err(error) => {
                    if let Some(old) = report.refuse(error.clone()) {
                        // What no other file has taken meanwhile.
                        let _ = self.add(&old, order);
                    }
                }
            }
            (place, result)
        };
        let mut results: Vec<(usize, Opening)> = files.into_iter().map(put).collect();
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Which of two files has an effect that both offer: the lesser one. Those of the search path come in its order, behind
    /// them those that were loaded by name, in the order in which they were.
    fn precedence(&self, path: &Path, order: &SearchPath) -> (usize, usize, PathBuf) {
        match order.place_of(path) {
            Some(directory) => (directory, 0, path.to_owned()),
            None => {
                let known = self.files.iter().position(|report| report.path == path);
                (usize::MAX, known.unwrap_or(self.files.len()), path.to_owned())
            }
        }
    }

    /// The files that were refused for an effect that no other file has any more.
    pub(super) fn waiting(&self) -> Vec<PathBuf> {
        let waits = |report: &&FileReport| {
            let Some(LoadError::Duplicate { id, version, first, .. }) = &report.error else { return false };
            let mut has = self.file(first).into_iter().flat_map(FileReport::effects).map(|effect| effect.spec());
            !has.any(|spec| spec.id == *id && spec.version == *version)
        };
        self.files.iter().filter(waits).map(|report| report.path.clone()).collect()
    }

    /// Takes effects away.
    pub(super) fn take_out(&mut self, gone: impl Fn(&EffectType) -> bool) {
        for versions in self.by_id.values_mut() {
            versions.retain(|_, effect| !gone(effect));
        }
        self.by_id.retain(|_, versions| !versions.is_empty());
    }

    /// Adds what a plugin offers, all of it or nothing. An effect that another file has is refused, unless that file comes
    /// later in `order`: then the other one is.
    fn add(&mut self, plugin: &Plugin, order: &SearchPath) -> Result<(), LoadError> {
        let mut by_id = self.by_id.clone();
        let mut later = Vec::new();
        for effect in &plugin.effects {
            let (path, spec) = (plugin.path.clone(), effect.spec());
            let version = Version::parse(&spec.version).map_err(|error| LoadError::Descriptor {
                path: path.clone(),
                effect: spec.id.clone(),
                reason: error.to_string(),
            })?;
            let versions = by_id.entry(spec.id.clone()).or_default();
            if let Some(other) = versions.get(&version).filter(|other| other.path() != path) {
                let other_path = other.path().to_owned();
                // What the embedding program registered stays until it says otherwise.
                let files = plugin.build.is_some() && !other.is_of_host();
                let is_first = files && self.precedence(&path, order) < self.precedence(&other_path, order);
                let (path, first) = if is_first { (other_path, path) } else { (path, other_path) };
                let error = LoadError::Duplicate { path, id: spec.id.clone(), version: spec.version.clone(), first };
                if !is_first {
                    return Err(error);
                }
                later.push(error);
            }
            versions.insert(version, Arc::clone(effect));
        }
        self.by_id = by_id;
        for error in later {
            let path = error.path().to_owned();
            self.take_out(|effect| effect.path() == path);
            self.report_of(&path).displace(error);
        }
        Ok(())
    }

    /// Adds an effect of the embedding program, to the other ones of its file, in place of the one with its id.
    pub(super) fn register(&mut self, effect: &Arc<EffectType>) -> Result<(), LoadError> {
        let before = |other: &EffectType| other.is_of_host() && other.spec().id == effect.spec().id;
        self.take_out(before);
        let plugin = |path: &Path, effects| Plugin {
            path: path.to_owned(),
            hash: effect.hash(),
            size: 0,
            build: None,
            isolated: None,
            effects,
        };
        self.add(&plugin(effect.path(), vec![Arc::clone(effect)]), &SearchPath::default())?;
        let mut of_file = Vec::new();
        for report in self.files.iter_mut().filter(|report| report.is_of_host()) {
            let others = report.effects().filter(|other| !before(other)).cloned().collect::<Vec<_>>();
            if report.path == effect.path() {
                of_file = others;
            } else if others.len() < report.effects().count() {
                let rest = plugin(&report.path, others);
                report.set(Arc::new(rest));
            }
        }
        of_file.push(Arc::clone(effect));
        self.report_of(effect.path()).set(Arc::new(plugin(effect.path(), of_file)));
        self.files.retain(|report| !report.is_of_host() || report.effects().next().is_some());
        Ok(())
    }

    /// The report of a file, which there is from now on.
    fn report_of(&mut self, path: &Path) -> &mut FileReport {
        let known = self.files.iter().position(|report| report.path == path);
        let at = known.unwrap_or_else(|| {
            self.files.push(FileReport::new(path.to_owned()));
            self.files.len() - 1
        });
        &mut self.files[at]
    }
}
