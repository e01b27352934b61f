//! Where plugins are looked for.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Policy, lock};

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
    /// Whether files that others could change are loaded.
    #[serde(default)]
    allow_writable_by_others: bool,
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
/// `plugins` folder of the user's data directory, then `built_in`.
///
/// The config file is the one named by `PLAYA_CONFIG`, else `playa.toml` in the current folder, else in the user's
/// configuration directory; none is needed. `plugins.lock` beside it is the lock file of all directories but the built-in
/// ones. Files that others could change are loaded if the config file says so, or `PLAYA_ALLOW_WRITABLE` is `1`.
///
/// # Errors
/// If the config file cannot be read or says something unknown.
pub fn of_this_user(built_in: &[PathBuf]) -> Result<(SearchPath, Policy), ConfigError> {
    let mut directories: Vec<PathBuf> = Vec::new();
    if let Some(path) = std::env::var_os("PLAYA_PLUGIN_PATH") {
        directories.extend(std::env::split_paths(&path).filter(|path| !path.as_os_str().is_empty()));
    }
    let mut policy = Policy { built_in: built_in.to_vec(), ..Policy::default() };
    if let Some(file) = config_file() {
        let config = read_config(&file)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        directories.extend(config.path.iter().map(|path| folder.join(path)));
        policy.lock = Some(folder.join(lock::NAME));
        policy.allow_writable_by_others = config.allow_writable_by_others;
    }
    policy.allow_writable_by_others |= std::env::var_os("PLAYA_ALLOW_WRITABLE").is_some_and(|value| value == "1");
    directories.extend(dirs::data_dir().map(|folder| folder.join("playa").join("plugins")));
    directories.extend_from_slice(built_in);
    let mut seen = std::collections::HashSet::new();
    directories.retain(|directory| seen.insert(directory.clone()));
    Ok((SearchPath { directories }, policy))
}

impl SearchPath {
    /// The dynamic libraries directly in a directory, in the order of their names. None if it does not exist.
    ///
    /// # Errors
    /// If it exists and cannot be read.
    pub fn libraries(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
        let entries = match std::fs::read_dir(directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|file| Self::is_library(file));
        files.sort();
        Ok(files)
    }

    /// Whether a file has a dynamic library's name.
    pub fn is_library(file: &Path) -> bool {
        file.extension().is_some_and(|suffix| suffix == std::env::consts::DLL_EXTENSION)
    }
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
