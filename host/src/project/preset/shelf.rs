//! Where presets are: in the folders of `PLAYA_PRESET_PATH`, of the user, and of bundles.
//!
//! In a folder of presets they lie as files `*.toml`, in it or in folders in it. Those that are written here go to a folder
//! of their effect, `presets/com.example.film_grain/heavy-grain.toml`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Preset, ProjectError};
use crate::atomic::write_atomic;
use crate::suggest::did_you_mean;

/// Which kind of folder a preset is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of `PLAYA_PRESET_PATH`, such as that of a show.
    Path,
    /// The user's: `playa/presets` in the configuration folder.
    User,
    /// That of the bundle that the effect comes from.
    Bundle,
}

impl Origin {
    /// `path`, `user` or `bundle`.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Path => "path",
            Origin::User => "user",
            Origin::Bundle => "bundle",
        }
    }
}

/// A preset with where it was found.
#[derive(Clone, Debug)]
pub struct Shelved {
    /// The preset.
    pub preset: Preset,
    /// In which kind of folder.
    pub origin: Origin,
}

/// The presets of one effect, from all folders: of several with one name, the first counts.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The presets, in the order of the folders and the names of their files.
    pub presets: Vec<Shelved>,
    /// What is wrong with files that are no presets; the others can be used all the same.
    pub problems: Vec<ProjectError>,
}

impl Shelf {
    /// The presets of an effect; `bundled` is the folder of those that come with it.
    pub fn of(effect: &str, bundled: Option<&Path>) -> Self {
        let named = std::env::var_os("PLAYA_PRESET_PATH").unwrap_or_default();
        let named = std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty());
        let folders = named.map(|folder| (Origin::Path, folder)).chain(of_user().map(|folder| (Origin::User, folder)));
        let folders = folders.chain(bundled.map(|folder| (Origin::Bundle, folder.to_owned())));
        Self::of_folders(effect, &folders.collect::<Vec<_>>())
    }

    /// The presets of an effect in these folders.
    pub fn of_folders(effect: &str, folders: &[(Origin, PathBuf)]) -> Self {
        let mut shelf = Self::default();
        for (origin, folder) in folders {
            for file in files_in(folder) {
                match Preset::read(&file) {
                    Ok(preset) if preset.effect == effect => {
                        let known = shelf.presets.iter().any(|other| other.preset.name == preset.name);
                        if !known {
                            shelf.presets.push(Shelved { preset, origin: *origin });
                        }
                    }
                    Ok(_) => {}
                    Err(error) => shelf.problems.push(error),
                }
            }
        }
        shelf
    }

    /// The preset of this name, or that of a file (`.toml`); `effect` is the type name, for the message.
    ///
    /// # Errors
    /// If there is none, or the file is no preset.
    pub fn named(&self, effect: &str, name: &str) -> Result<Shelved, ProjectError> {
        if Path::new(name).extension().is_some_and(|suffix| suffix == "toml") {
            return Ok(Shelved { preset: Preset::read(Path::new(name))?, origin: Origin::Path });
        }
        let found = self.presets.iter().find(|shelved| shelved.preset.name == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<String> = self.presets.iter().map(|shelved| shelved.preset.name.clone()).collect();
            let hint = did_you_mean(name, names.iter().map(String::as_str));
            ProjectError::UnknownPreset { effect: effect.to_owned(), name: name.to_owned(), hint, names }
        })
    }
}

/// The user's folder of presets.
fn of_user() -> Option<PathBuf> {
    dirs::config_dir().map(|folder| folder.join("playa").join("presets"))
}

/// The files of presets in a folder and in the folders in it, in the order of their names. None if it cannot be listed.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let inner = |path: PathBuf| if path.is_dir() { list(&path) } else { vec![path] };
    let is_preset = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "toml") && path.is_file();
    list(folder).into_iter().flat_map(inner).filter(is_preset).collect()
}

impl Preset {
    /// Writes it into a folder of presets, the user's where none is named, as `EFFECT/NAME.toml`. Returns the file.
    ///
    /// # Errors
    /// If it is there already and may not be replaced, or cannot be written.
    pub fn save(&self, folder: Option<&Path>, replace: bool) -> Result<PathBuf, ProjectError> {
        let failed =
            |path: &Path, source| ProjectError::Io { path: path.to_owned(), action: "write the preset", source };
        let Some(folder) = folder.map(Path::to_owned).or_else(of_user) else {
            let reason = "this user has no configuration folder: name a folder for presets".to_owned();
            return Err(ProjectError::Path { path: PathBuf::new(), reason });
        };
        let folder = folder.join(&self.effect);
        let path = folder.join(format!("{}.toml", file_stem(&self.name)));
        if !replace && path.exists() {
            return Err(ProjectError::PresetExists { path });
        }
        let text = self.to_text()?;
        std::fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
        write_atomic(&path, |out| out.write_all(text.as_bytes())).map_err(|source| failed(&path, source))?;
        Ok(path)
    }
}

/// The name of a file for the name of a preset: `Heavy grain (2)` is `heavy-grain-2`.
fn file_stem(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
