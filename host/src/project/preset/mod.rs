//! Presets: named values for the parameters of one effect, as text.
//!
//! ```toml
//! preset = 1
//! name = "Heavy grain"
//! about = "As pushed by two stops."
//! effect = "com.example.film_grain"
//! version = "1.2.0"
//!
//! [params]
//! amount = 0.8
//! stock = "kodak_500t"
//! ```
//!
//! `preset` is the version of this format. `params` are values as a project file has them, a choice by its key; what it does
//! not name stays as it is. `version` is that of the effect for which the values were chosen. In that version, every one of
//! them has to fit. In another one, those that fit are set and the others told: a parameter may have gone since, or not be
//! there yet.

mod shelf;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use playa_plugin_api::Value;
use uuid::Uuid;

use super::effect::Effect;
use super::error::{Place, ProjectError};
use super::handle::Project;
use super::save::notes::Notes;
use super::save::{Data, Table, Tree, toml_text, tree_of};
use crate::suggest::did_you_mean;

pub use shelf::{Origin, Shelf, Shelved, files_in};

/// Version of the format.
pub const FORMAT: i64 = 1;
/// A preset is at most this long, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;
/// Its name is at most this long, in characters.
pub const MAX_NAME: usize = 100;

/// Named values for the parameters of an effect.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Its name, for people.
    pub name: String,
    /// What it is for; may be empty.
    pub about: String,
    /// Identity of the effect.
    pub effect: String,
    /// Version of the effect that the values were chosen for.
    pub version: String,
    /// The values by name.
    pub params: IndexMap<String, Value>,
    /// The file that it was read from.
    pub file: Option<PathBuf>,
    /// For each value, the line of the file.
    lines: IndexMap<String, Option<u32>>,
}

impl Preset {
    /// The constant values of all parameters of an effect. Those that have keys are left out.
    ///
    /// # Errors
    /// If it cannot be called so, or the effect is not loaded.
    pub fn of(effect: &Effect, name: &str, about: &str) -> Result<Self, ProjectError> {
        check_name(name)?;
        let Some(spec) = &effect.spec else {
            return Err(ProjectError::EffectNotLoaded { id: effect.id.clone(), param: "all of them".to_owned() });
        };
        let constant = spec.params.iter().filter(|param| effect.curve(&param.name).is_none());
        let params = constant.map(|param| Ok((param.name.clone(), effect.param(&param.name)?)));
        Ok(Self {
            name: name.to_owned(),
            about: about.to_owned(),
            effect: spec.id.clone(),
            version: spec.version.clone(),
            params: params.collect::<Result<_, ProjectError>>()?,
            file: None,
            lines: IndexMap::new(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is no preset; the error names the line.
    pub fn read(path: &Path) -> Result<Self, ProjectError> {
        let failed = |source| ProjectError::Io { path: path.to_owned(), action: "read the preset", source };
        let notes = Notes::of(Some(path));
        let length = std::fs::metadata(path).map_err(failed)?.len();
        if length > MAX_BYTES {
            let expected = format!("at most {MAX_BYTES} bytes");
            return Err(notes.invalid(None, "size of the preset", length.to_string(), expected));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let Data::Table(table) = toml_text::read(&text, Some(path))?.data else {
            return Err(notes.invalid(None, "the preset", "no table".to_owned(), "a table".to_owned()));
        };
        Self::of_table(table, &notes)
    }

    fn of_table(mut table: Table, notes: &Notes) -> Result<Self, ProjectError> {
        // What a later format means by the rest is not known.
        let expected = || format!("`preset = {FORMAT}`, the version of the format, as its first line");
        match table.shift_remove("preset").map(|tree| (tree.line, tree.found(), tree.data)) {
            Some((_, _, Data::Int(FORMAT))) => {}
            Some((line, found, Data::Int(newer))) if newer > FORMAT => {
                let expected = format!("at most {FORMAT}: this preset was saved by a newer Playa, update this one");
                return Err(notes.invalid(line, "version of the format", found, expected));
            }
            Some((line, found, _)) => return Err(notes.invalid(line, "version of the format", found, expected())),
            None => return Err(notes.invalid(None, "the preset", "no `preset` key".to_owned(), expected())),
        }
        let mut text = |key: &str, meaning: &str| match table.shift_remove(key) {
            Some(Tree { data: Data::Text(text), .. }) => Ok(text),
            Some(tree) => {
                Err(notes.invalid(tree.line, &format!("`{key}` of the preset"), tree.found(), meaning.to_owned()))
            }
            None if key == "about" => Ok(String::new()),
            None => Err(notes.invalid(None, "the preset", format!("no `{key}` key"), meaning.to_owned())),
        };
        let name = text("name", "its name, a string")?;
        let about = text("about", "what it is for, a string")?;
        let effect = text("effect", "the id of an effect, such as \"org.playa.gaussian_blur\"")?;
        let version = text("version", "the version of the effect, such as \"1.0.0\"")?;
        check_name(&name)?;
        let params = match table.shift_remove("params").map(|tree| (tree.line, tree.found(), tree.data)) {
            Some((_, _, Data::Table(params))) => params,
            Some((line, found, _)) => {
                return Err(notes.invalid(line, "`params` of the preset", found, "a table of values".to_owned()));
            }
            None => {
                return Err(notes.invalid(
                    None,
                    "the preset",
                    "no [params]".to_owned(),
                    "a table of values".to_owned(),
                ));
            }
        };
        if let Some((key, tree)) = table.first() {
            let known = ["preset", "name", "about", "effect", "version", "params"];
            let what = format!("`{key}` of the preset{}", did_you_mean(key, known));
            return Err(notes.invalid(tree.line, &what, "a key of this name".to_owned(), known.join(", ")));
        }
        let lines = params.iter().map(|(name, tree)| (name.clone(), tree.line)).collect();
        let value = |(name, tree): (String, Tree)| match tree.value() {
            Ok(value) => Ok((name, value)),
            Err(date) => {
                let expected = "a bool, number, string, list or table".to_owned();
                Err(notes.invalid(date.line, &format!("parameter `{name}`"), date.found(), expected))
            }
        };
        let params = params.into_iter().map(value).collect::<Result<_, _>>()?;
        Ok(Self { name, about, effect, version, params, file: notes.file.clone(), lines })
    }

    /// As text.
    ///
    /// # Errors
    /// Why TOML cannot hold it.
    pub fn to_text(&self) -> Result<String, ProjectError> {
        let text = |text: &str| Data::Text(text.to_owned()).into();
        let params = self.params.iter().map(|(name, value)| (name.clone(), tree_of(value))).collect();
        let about = (!self.about.is_empty()).then(|| ("about", text(&self.about)));
        let entries = [("preset", Tree::from(Data::Int(FORMAT))), ("name", text(&self.name))];
        let rest =
            [("effect", text(&self.effect)), ("version", text(&self.version)), ("params", Data::Table(params).into())];
        let table = entries.into_iter().chain(about).chain(rest).map(|(key, tree)| (key.to_owned(), tree)).collect();
        toml_text::write(&table).map_err(|reason| ProjectError::Syntax { place: Place::default(), reason })
    }

    /// Sets the values of an effect: all that fit it, or none. Returns what was left out, and why, where the preset is of
    /// another version of the effect.
    ///
    /// # Errors
    /// If it is for another effect, or is of this version and does not fit it.
    pub fn apply(&self, effect: &mut Effect) -> Result<Vec<String>, ProjectError> {
        let notes = Notes::of(self.file.as_deref());
        let what = format!("preset {:?}", self.name);
        let Some(version) = effect.spec.as_ref().map(|spec| spec.version.clone()) else {
            return Err(ProjectError::EffectNotLoaded { id: effect.id.clone(), param: what });
        };
        if self.effect != effect.id {
            let (found, expected) = (format!("one for {}", self.effect), format!("one for {}", effect.id));
            return Err(notes.invalid(None, &what, found, expected));
        }
        let (mut changed, mut left_out) = (effect.clone(), Vec::new());
        for (name, value) in &self.params {
            let misfit = match changed.set_param(name, value) {
                Ok(_) => continue,
                Err(misfit) => misfit,
            };
            if self.version != version {
                left_out.push(format!("`{name}` is of version {}, this is {version}: {misfit}", self.version));
                continue;
            }
            let line = self.lines.get(name).copied().flatten();
            let key = format!("parameter `{name}` of preset {:?}", self.name);
            return Err(match misfit {
                ProjectError::Param { source, .. } => notes.misfit(line, &key, source),
                ProjectError::UnknownParam { effect, hint, valid, .. } => {
                    let expected = format!("a parameter of {effect}{hint}: {}", valid.join(", "));
                    notes.invalid(line, &key, "no such parameter".to_owned(), expected)
                }
                other => other,
            });
        }
        *effect = changed;
        Ok(left_out)
    }

    /// Where a value stands, for messages; the preset itself for a name that it does not have.
    pub fn place(&self, name: &str) -> Place {
        Place { file: self.file.clone(), line: self.lines.get(name).copied().flatten() }
    }
}

impl Project {
    /// Sets the values of an effect to those of a preset, in one step. Returns what was left out, see [`Preset::apply`].
    ///
    /// # Errors
    /// See [`Preset::apply`]; then nothing was changed.
    pub fn apply_preset(&self, effect: Uuid, preset: &Preset) -> Result<Vec<String>, ProjectError> {
        let mut left_out = Vec::new();
        self.change_effect(effect, format_args!("apply preset {}", preset.name), |effect| {
            let before = effect.clone();
            left_out = preset.apply(effect)?;
            Ok(before != *effect)
        })?;
        Ok(left_out)
    }
}

/// Refuses what cannot be the name of a preset.
fn check_name(name: &str) -> Result<(), ProjectError> {
    let fits = name.chars().count() <= MAX_NAME
        && !name.chars().any(char::is_control)
        && name.chars().any(char::is_alphanumeric)
        && name.trim() == name;
    if fits { Ok(()) } else { Err(ProjectError::PresetName { name: name.to_owned(), limit: MAX_NAME }) }
}

#[cfg(test)]
mod tests;
