//! Where plugins are looked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Deserialize;

use super::guard::{Guard, Isolation, Probe, Rules};
use super::worker::{Crew, Limits, WorkerProgram};
use super::{Policy, Quarantine, bundle, lock};

/// Folders of packages that the embedding program has, such as those of Python, in which bundles may lie.
static PACKAGES: OnceLock<Vec<PathBuf>> = OnceLock::new();

/// Says once in which folders of packages there are bundles. They are searched behind the user's folders, unless
/// `PLAYA_PLUGIN_PACKAGES` is `0` or the config file says so.
pub fn set_packages(folders: Vec<PathBuf>) {
    // Who asks first has looked as well.
    let _ = PACKAGES.set(folders);
}

/// Directories with plugins, in order: what is found first wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath {
    /// The directories.
    pub directories: Vec<PathBuf>,
}

/// The `playa.toml` of a user or a site.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    plugins: PluginConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginConfig {
    /// Directories, relative ones to the file's own folder.
    #[serde(default)]
    path: Vec<PathBuf>,
    /// Whether bundles in packages of the embedding program are looked for.
    packages: Option<bool>,
    /// Whether files that others could change are loaded.
    #[serde(default)]
    allow_writable_by_others: bool,
    /// Whether new files are tried in a process of their own first.
    probe: Option<Probe>,
    /// Which plugins live in a process of their own.
    #[serde(default)]
    isolation: Isolation,
    /// The same for some: by the name of the file, or by a path, relative ones to the file's own folder.
    #[serde(default)]
    isolate: BTreeMap<PathBuf, Isolation>,
    /// Seconds that a call of an isolated effect may take.
    call_timeout: Option<f64>,
    /// MiB that a process with a plugin may take.
    worker_memory: Option<u64>,
    /// Whether such processes do without changing files and the network.
    sandbox: Option<bool>,
}

/// A config file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", .path.display())]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, with the line.
    pub reason: String,
}

/// Where plugins of this user are looked for, and which files may become plugins.
///
/// The directories are those of `PLAYA_PLUGIN_PATH` (separated like `PATH`), then those of the config file, then the
/// `plugins` folder of the user's data directory, then those of packages, see [`set_packages`], then `built_in`.
///
/// The config file is the one named by `PLAYA_CONFIG`, else `playa.toml` in the current folder, else in the user's
/// configuration directory; none is needed. `plugins.lock` beside it is the lock file of all directories but the built-in
/// ones. Files that others could change are loaded if the config file says so, or `PLAYA_ALLOW_WRITABLE` is `1`.
///
/// New files are tried in a process of their own first, where the program has one ([`WorkerProgram`]): `PLAYA_PROBE` and
/// `probe` say which. `PLAYA_ISOLATION`, `isolation` and the table `isolate` say which plugins stay there.
///
/// # Errors
/// If the config file cannot be read or says something unknown, or an environment variable does.
pub fn of_this_user(built_in: &[PathBuf]) -> Result<(SearchPath, Policy), ConfigError> {
    let mut directories: Vec<PathBuf> = Vec::new();
    if let Some(path) = std::env::var_os("PLAYA_PLUGIN_PATH") {
        directories.extend(std::env::split_paths(&path).filter(|path| !path.as_os_str().is_empty()));
    }
    let mut policy = Policy { built_in: built_in.to_vec(), ..Policy::default() };
    let mut config = PluginConfig::default();
    let file = config_file();
    if let Some(file) = &file {
        config = read_config(file)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        config.isolate =
            std::mem::take(&mut config.isolate).into_iter().map(|(path, how)| (absolute(folder, path), how)).collect();
        directories.extend(config.path.iter().map(|path| folder.join(path)));
        policy.lock = Some(folder.join(lock::NAME));
        policy.allow_writable_by_others = config.allow_writable_by_others;
    }
    let packages = match of_environment("PLAYA_PLUGIN_PACKAGES", "0 or 1", |text| {
        Some(text == "1").filter(|_| text == "0" || text == "1")
    })? {
        Some(packages) => packages,
        None => config.packages.unwrap_or(true),
    };
    policy.guard = Some(Arc::new(config.guard(file.as_deref().unwrap_or(Path::new("playa.toml")))?));
    policy.allow_writable_by_others |= std::env::var_os("PLAYA_ALLOW_WRITABLE").is_some_and(|value| value == "1");
    directories.extend(dirs::data_dir().map(|folder| folder.join("playa").join("plugins")));
    directories.extend(PACKAGES.get().into_iter().flatten().filter(|_| packages).cloned());
    directories.extend_from_slice(built_in);
    let mut seen = std::collections::HashSet::new();
    directories.retain(|directory| seen.insert(directory.clone()));
    Ok((SearchPath { directories }, policy))
}

impl SearchPath {
    /// The dynamic libraries directly in a directory and those of its bundles, in the order of their names. None if it does
    /// not exist. Of a bundle it is what [`bundle::file_of`] says; the directory may be one itself.
    ///
    /// # Errors
    /// If it exists and cannot be read.
    pub fn libraries(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
        if bundle::is_bundle(directory) {
            return Ok(vec![bundle::file_of(directory)]);
        }
        let entries = match std::fs::read_dir(directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|file| Self::is_plugin(file));
        files.sort();
        Ok(files.iter().map(|file| bundle::file_of(file)).collect())
    }

    /// Which of the directories a library lies in, in a bundle or not; none if in none.
    pub(super) fn place_of(&self, path: &Path) -> Option<usize> {
        let found = bundle::folder_of(path).unwrap_or(path);
        self.directories.iter().position(|directory| found == directory || found.parent() == Some(directory))
    }

    /// Whether a path has a dynamic library's name, or that of a bundle.
    pub fn is_plugin(path: &Path) -> bool {
        path.extension().is_some_and(|suffix| suffix == std::env::consts::DLL_EXTENSION) || bundle::may_be_bundle(path)
    }
}

/// A path that counts from a folder; a name alone is one of files anywhere.
fn absolute(folder: &Path, path: PathBuf) -> PathBuf {
    if path.components().count() < 2 && path.is_relative() && path != Path::new(".") {
        return path;
    }
    let path = folder.join(path);
    std::path::absolute(&path).unwrap_or(path)
}

impl PluginConfig {
    /// Who looks after new files, as the file and the environment say.
    fn guard(self, file: &Path) -> Result<Guard, ConfigError> {
        let mut limits = Limits { sandbox: self.sandbox.unwrap_or(true), ..Limits::default() };
        if let Some(mib) = self.worker_memory {
            limits.memory = mib.saturating_mul(1 << 20);
        }
        if let Some(seconds) = self.call_timeout {
            let wrong = |error| format!("call_timeout = {seconds}: {error}");
            let call = Duration::try_from_secs_f64(seconds).map_err(wrong);
            limits.call = call.map_err(|reason| ConfigError { path: file.to_owned(), reason })?;
        }
        let program = WorkerProgram::of_this_process().filter(|_| cfg!(unix)).cloned();
        let crew = program.map(|program| Crew::new(program, limits));
        // Where there is nothing to try files in, nobody expects it unless it is asked for.
        let usual = if crew.is_some() { Probe::New } else { Probe::Off };
        let probe = of_environment("PLAYA_PROBE", "0, 1 or always", Probe::of_key)?;
        let isolation = of_environment("PLAYA_ISOLATION", "in-process, process or third-party", Isolation::of_key)?;
        let rules = match isolation {
            // What is said now counts more than what is written down.
            Some(all) => Rules { all, of: BTreeMap::new() },
            None => Rules { all: self.isolation, of: self.isolate },
        };
        let probe = probe.or(self.probe).unwrap_or(usual);
        Ok(Guard::new(probe, rules, crew, Arc::new(Quarantine::of_this_user())))
    }
}

/// What an environment variable says, if it is set.
fn of_environment<T>(name: &str, expected: &str, of_key: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ConfigError> {
    let Some(found) = std::env::var_os(name).filter(|found| !found.is_empty()) else { return Ok(None) };
    let wrong = || ConfigError { path: name.into(), reason: format!("expected {expected}, found {found:?}") };
    found.to_str().and_then(of_key).map(Some).ok_or_else(wrong)
}

fn config_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PLAYA_CONFIG") {
        return Some(named.into());
    }
    let candidates =
        [Some(PathBuf::from("playa.toml")), dirs::config_dir().map(|f| f.join("playa").join("playa.toml"))];
    candidates.into_iter().flatten().find(|file| file.is_file())
}

fn read_config(file: &Path) -> Result<PluginConfig, ConfigError> {
    let error = |reason: String| ConfigError { path: file.to_owned(), reason };
    let text = std::fs::read_to_string(file).map_err(|e| error(e.to_string()))?;
    let config: Config = toml::from_str(&text).map_err(|e| error(e.to_string()))?;
    Ok(config.plugins)
}
