//! `Preset`: named values for the parameters of an effect.

use std::path::PathBuf;

use playa_host::plugin::bundle;
use playa_host::project::preset::{Origin, Shelf};
use playa_host::project::{Effect as HostEffect, ProjectError, preset};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::effect::params_of;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::plugins::checked;
use crate::value::{to_python, type_name};

/// Named values for the parameters of an effect.
#[pyclass(frozen, module = "playa_py")]
pub struct Preset {
    pub preset: preset::Preset,
    origin: Option<Origin>,
}

#[pymethods]
impl Preset {
    /// The preset in a file.
    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        let preset = preset::Preset::read(&path).map_err(refused)?;
        Ok(Self { preset, origin: None })
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.preset.name
    }

    /// What it is for; may be empty.
    #[getter]
    fn about(&self) -> &str {
        &self.preset.about
    }

    /// Identity of the effect.
    #[getter]
    fn effect(&self) -> &str {
        &self.preset.effect
    }

    /// Version of the effect that the values were chosen for.
    #[getter]
    fn version(&self) -> &str {
        &self.preset.version
    }

    /// Where it was found: `path`, `user` or `bundle`; `None` for one that was loaded by its file.
    #[getter]
    fn origin(&self) -> Option<&'static str> {
        self.origin.map(Origin::name)
    }

    /// Its file.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.preset.file.clone()
    }

    /// The values by name.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (name, value) in &self.preset.params {
            dict.set_item(name, to_python(py, value)?)?;
        }
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        format!("<Preset {:?} of {} {}>", self.preset.name, self.preset.effect, self.preset.version)
    }
}

/// The presets of the effect with this id, type name or label.
#[pyfunction]
pub fn presets(py: Python<'_>, effect: &str) -> PyResult<Vec<Preset>> {
    let (_, shelf) = shelf(py, effect)?;
    let preset = |shelved: preset::Shelved| Preset { preset: shelved.preset, origin: Some(shelved.origin) };
    Ok(shelf.presets.into_iter().map(preset).collect())
}

/// What the values of an effect are with those of a preset: the ones that it sets, and what was left out of it.
#[pyfunction]
pub fn preset_params<'py>(
    py: Python<'py>,
    effect: &str,
    preset: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, Vec<String>)> {
    let mut of = checked(&engine(py)?.effects(), effect, None)?;
    let left_out = found(preset, effect)?.apply(&mut of).map_err(refused)?;
    let (all, set) = (params_of(py, &of)?, PyDict::new(py));
    for name in of.params.keys() {
        set.set_item(name, all.get_item(name)?)?;
    }
    Ok((set, left_out))
}

/// Saves values of an effect as a preset. Returns the file.
#[pyfunction]
#[pyo3(signature = (effect, params, name, about, folder, replace))]
pub fn save_preset(
    py: Python<'_>,
    effect: &str,
    params: &Bound<'_, PyDict>,
    name: &str,
    about: &str,
    folder: Option<PathBuf>,
    replace: bool,
) -> PyResult<PathBuf> {
    save(&checked(&engine(py)?.effects(), effect, Some(params))?, name, about, folder, replace)
}

/// Saves the values of an effect as a preset. Returns the file.
pub fn save(effect: &HostEffect, name: &str, about: &str, folder: Option<PathBuf>, replace: bool) -> PyResult<PathBuf> {
    let preset = preset::Preset::of(effect, name, about).map_err(refused)?;
    preset.save(folder.as_deref(), replace).map_err(refused)
}

/// The preset that was meant for an effect: one itself, or by its name or the path of its file.
pub fn found(preset: &Bound<'_, PyAny>, effect: &str) -> PyResult<preset::Preset> {
    if let Ok(preset) = preset.cast::<Preset>() {
        return Ok(preset.get().preset.clone());
    }
    let Ok(name) = preset.extract::<PathBuf>() else {
        let found = type_name(preset);
        let message = format!("expected a preset by its name, its file, or a Preset, found an object of type {found}");
        return Err(Raise::new("ParamTypeError", message).into());
    };
    let (type_name, shelf) = shelf(preset.py(), effect)?;
    let shelved = shelf.named(&type_name, &name.to_string_lossy()).map_err(refused)?;
    Ok(shelved.preset)
}

/// The type name of an effect and its presets. Files that are no presets are logged.
fn shelf(py: Python<'_>, effect: &str) -> PyResult<(String, Shelf)> {
    let effects = engine(py)?.effects();
    let spec = playa_host::project::effect::find_effect(&*effects, effect).map_err(raise)?;
    let kind = effects.find(&spec.id).expect("it was found by this name just now");
    let shelf = Shelf::of(&spec.id, bundle::presets_of(kind.path()).as_deref());
    shelf.problems.iter().for_each(|problem| ::log::warn!("{problem}"));
    Ok((spec.type_name.clone(), shelf))
}

/// The exception for what is wrong with a preset.
pub fn refused(error: ProjectError) -> PyErr {
    let message = error.to_string();
    let path = match &error {
        ProjectError::Syntax { place, .. } | ProjectError::Invalid { place, .. } => place.file.clone(),
        ProjectError::PresetExists { path } | ProjectError::Io { path, .. } => Some(path.clone()),
        ProjectError::UnknownPreset { .. } | ProjectError::PresetName { .. } | ProjectError::Path { .. } => None,
        _ => return raise(error),
    };
    Raise { path, ..Raise::new("PresetError", message) }.into()
}
