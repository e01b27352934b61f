//! The presets of a bundle.

use std::path::{Path, PathBuf};

use playa_plugin_api::Kind;

use super::{Bundle, folder_of};
use crate::plugin::load::StaticEffect;
use crate::project::error::Place;
use crate::project::{Preset, ProjectError};
use crate::suggest::did_you_mean;

/// The folder with presets of the bundle that a file is in, if there is one.
pub fn presets_of(file: &Path) -> Option<PathBuf> {
    let bundle = Bundle::read(folder_of(file)?).ok()?;
    bundle.path(bundle.manifest.presets.as_deref()?).ok()
}

/// Whether a preset is for one of the effects of a file, as far as that can be told without running it: its parameters have
/// these names and kinds, where it is of this version.
///
/// # Errors
/// What does not fit.
pub fn check_preset(preset: &Preset, effects: &[StaticEffect]) -> Result<(), ProjectError> {
    let invalid = |place: Place, what: String, found: String, expected: String| {
        Err(ProjectError::Invalid { place, what, found, expected })
    };
    let Some(effect) = effects.iter().find(|effect| effect.id == preset.effect) else {
        let ids: Vec<&str> = effects.iter().map(|effect| &*effect.id).collect();
        let (what, place) = (format!("`effect` of preset {:?}", preset.name), preset.place(""));
        return invalid(place, what, preset.effect.clone(), format!("one of {}", ids.join(", ")));
    };
    if preset.version != effect.version {
        return Ok(());
    }
    for (name, value) in &preset.params {
        let (what, place) = (format!("parameter `{name}` of preset {:?}", preset.name), preset.place(name));
        let Some(param) = effect.params.iter().find(|param| param.name == *name) else {
            let names: Vec<&str> = effect.params.iter().map(|param| &*param.name).collect();
            let hint = did_you_mean(name, names.iter().copied());
            let expected = format!("a parameter of {}{hint}: {}", effect.type_name, names.join(", "));
            return invalid(place, what, "no such parameter".to_owned(), expected);
        };
        // A kind of a later API is not known here.
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == param.kind);
        if kind.is_some_and(|kind| value.coerce(kind).is_none()) {
            return invalid(place, what, format!("{value} ({})", value.kind()), param.kind.clone());
        }
    }
    Ok(())
}
