//! `Effect`: an effect on a layer.

use std::path::PathBuf;

use playa_host::project::{self, NodeKind, Project as HostProject, Value};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use uuid::Uuid;

use crate::errors::{Raise, raise, removed};
use crate::inputs::EffectInputs;
use crate::keys::{frame_from_python, key_from_python, keys_to_python};
use crate::node::refuse_own;
use crate::pickling::{Reduced, pickled_handle};
use crate::preset::{self, Preset};
use crate::value::{Slot, from_python, index, keywords, plain_name, to_python, type_name};

/// An effect on a layer. Its parameters are attributes and items: `blur.radius = 8`, `blur["radius"]`.
#[pyclass(frozen, module = "playa_py")]
pub struct Effect {
    pub project: HostProject,
    pub uuid: Uuid,
}

impl Effect {
    /// The effect as it is now.
    pub fn look(&self) -> PyResult<project::Effect> {
        let document = self.project.snapshot();
        let found = document.effect(self.uuid).map(|(_, _, effect)| effect.clone());
        found.ok_or_else(|| removed(NodeKind::Effect, self.uuid))
    }

    fn param(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        Ok(to_python(py, &self.look()?.param(name).map_err(raise)?)?.unbind())
    }
}

#[pymethods]
impl Effect {
    /// Identity of the effect, such as `org.playa.gaussian_blur`.
    #[getter]
    fn id(&self) -> PyResult<String> {
        Ok(self.look()?.id)
    }

    /// Type name, such as `GaussianBlur`; the id while its plugin is not loaded.
    #[getter]
    fn name(&self) -> PyResult<String> {
        Ok(self.look()?.name().to_owned())
    }

    /// Version of the effect that it was made with.
    #[getter]
    fn version(&self) -> PyResult<String> {
        Ok(self.look()?.version)
    }

    /// Identity of this use of the effect.
    #[getter]
    fn uuid(&self) -> String {
        self.uuid.to_string()
    }

    /// Whether its plugin is loaded.
    #[getter]
    fn loaded(&self) -> PyResult<bool> {
        Ok(self.look()?.spec.is_some())
    }

    /// Whether it acts.
    #[getter]
    fn enabled(&self) -> PyResult<bool> {
        Ok(self.look()?.enabled)
    }

    /// How much of its result is seen, 0..1; the rest is its input.
    #[getter]
    fn mix(&self) -> PyResult<f64> {
        Ok(self.look()?.mix)
    }

    /// All parameters with their values.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        params_of(py, &self.look()?)
    }

    /// Sets a key of a parameter, or of `mix`: its value at a comp frame, in place of a key on the same frame. See
    /// `Node.set_key`.
    #[pyo3(signature = (name, frame, value, interp="linear", *, incoming=None, outgoing=None))]
    fn set_key(
        &self,
        name: &str,
        frame: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        interp: &str,
        incoming: Option<&Bound<'_, PyAny>>,
        outgoing: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let key = key_from_python(Slot::Param, name, frame, value, interp, [incoming, outgoing])?;
        match name {
            "mix" => self.project.set_effect_mix_key(self.uuid, &key),
            _ => self.project.set_effect_key(self.uuid, name, &key),
        }
        .map_err(raise)?;
        Ok(())
    }

    /// Removes the key of a parameter, or of `mix`, on a frame. With its last key it has its constant value again. Tells
    /// whether there was one.
    fn remove_key(&self, name: &str, frame: &Bound<'_, PyAny>) -> PyResult<bool> {
        let frame = frame_from_python(Slot::Param, frame)?;
        match name {
            "mix" => self.project.remove_effect_mix_key(self.uuid, frame),
            _ => self.project.remove_effect_key(self.uuid, name, frame),
        }
        .map_err(raise)
    }

    /// The keys of a parameter, or of `mix`, in the order of their frames.
    fn keys<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let effect = self.look()?;
        let curve = match name {
            "mix" => effect.mix_curve(),
            _ => {
                effect.param(name).map_err(raise)?;
                effect.curve(name)
            }
        };
        keys_to_python(py, curve.map_or(&[], |curve| curve.keys()))
    }

    /// The value of a parameter, or of `mix`, at a comp frame, which need not be whole.
    fn value_at(&self, py: Python<'_>, name: &str, frame: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (effect, frame) = (self.look()?, frame_from_python(Slot::Param, frame)?);
        let value = match name {
            "mix" => Value::Float(effect.mix_at(frame)),
            _ => effect.param_at(name, frame).map_err(raise)?,
        };
        Ok(to_python(py, &value)?.unbind())
    }

    /// The layers that it reads beside its own, by the names of its further inputs.
    #[getter]
    fn inputs(&self) -> PyResult<EffectInputs> {
        self.look()?;
        Ok(EffectInputs::of(self))
    }

    /// Its presets.
    fn presets(&self, py: Python<'_>) -> PyResult<Vec<Preset>> {
        preset::presets(py, &self.look()?.id)
    }

    /// Sets its parameters to the values of a preset, in one step. Returns what was left out, and why.
    fn apply_preset(&self, preset: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let preset = preset::found(preset, &self.look()?.id)?;
        self.project.apply_preset(self.uuid, &preset).map_err(preset::refused)
    }

    /// Saves the values of its parameters that have no keys as a preset. Returns the file.
    #[pyo3(signature = (name, *, about="", folder=None, replace=false))]
    fn save_preset(&self, name: &str, about: &str, folder: Option<PathBuf>, replace: bool) -> PyResult<PathBuf> {
        preset::save(&self.look()?, name, about, folder, replace)
    }

    /// Takes it off its layer.
    fn remove(&self) -> PyResult<()> {
        self.project.remove_effect(self.uuid).map_err(raise)
    }

    /// Moves it within its layer: `effects[index]` is where it is then, 0 acts first.
    #[pyo3(name = "move")]
    fn move_to(&self, #[pyo3(from_py_with = index)] index: usize) -> PyResult<()> {
        self.project.move_effect(self.uuid, index).map_err(raise)?;
        Ok(())
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        if name.starts_with('_') {
            // Python asks for such names, which no parameter has, also of an effect that was removed.
            return Err(PyAttributeError::new_err(name.to_owned()));
        }
        self.param(py, plain_name(name))
    }

    fn __setattr__(slf: &Bound<'_, Self>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let effect = slf.get();
        let wrong_type = |expected| {
            let message = format!("`{name}` of an effect: expected {expected}, found {}", type_name(value));
            move |_| PyErr::from(Raise::new("ParamTypeError", message))
        };
        match name {
            "enabled" => {
                let enabled = value.extract().map_err(wrong_type("a bool"))?;
                effect.project.set_effect_enabled(effect.uuid, enabled).map_err(raise)?;
            }
            "mix" => {
                let mix = value.extract().map_err(wrong_type("a number within 0..=1"))?;
                effect.project.set_effect_mix(effect.uuid, mix).map_err(raise)?;
            }
            _ => {
                refuse_own(slf, name)?;
                effect.__setitem__(plain_name(name), value)?;
            }
        }
        Ok(())
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.param(py, name)
    }

    fn __setitem__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = from_python(value, Slot::Param, name).map_err(|raise| *raise)?;
        self.project.set_effect_param(self.uuid, name, &value).map_err(raise)?;
        Ok(())
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Bound<'py, PyString>>> {
        let py = slf.py();
        let object = py.import("builtins")?.getattr("object")?;
        let mut names: Vec<Bound<'py, PyString>> = object.call_method1("__dir__", (slf,))?.extract()?;
        if let Ok(params) = slf.get().params(py) {
            let params: Vec<_> = params.keys().extract()?;
            names.extend(params);
        }
        Ok(names)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Effect>().is_ok_and(|other| {
            let other = other.get();
            self.uuid == other.uuid && self.project.is_same(&other.project)
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        self.look()?;
        pickled_handle(py, &self.project, "effect", Some(self.uuid))
    }

    fn __hash__(&self) -> u64 {
        self.uuid.as_u64_pair().0
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Ok(effect) = self.look() else {
            return Ok(format!("<Effect {}: removed>", self.uuid));
        };
        let params = params_of(py, &effect)?;
        let params = params.iter().map(|(name, value)| Ok(format!("{name}={}", value.repr()?)));
        let params = params.collect::<PyResult<Vec<_>>>()?.join(", ");
        let state = if effect.spec.is_some() { "" } else { ", not loaded" };
        Ok(format!("<Effect {}({params}){state}>", effect.name()))
    }
}

/// All parameters of an effect with their values.
pub fn params_of<'py>(py: Python<'py>, effect: &project::Effect) -> PyResult<Bound<'py, PyDict>> {
    let names: Vec<&String> = match &effect.spec {
        Some(spec) => spec.params.iter().map(|param| &param.name).collect(),
        None => effect.params.keys().collect(),
    };
    let dict = PyDict::new(py);
    for name in names {
        dict.set_item(name, to_python(py, &effect.param(name).map_err(raise)?)?)?;
    }
    Ok(dict)
}

/// The name and parameters of what was given as an effect: a text, something with a `spec` or an `id`, and perhaps
/// `params`.
pub fn effect_call(effect: &Bound<'_, PyAny>) -> PyResult<(String, Vec<(String, Value)>)> {
    if let Ok(name) = effect.extract() {
        return Ok((name, Vec::new()));
    }
    let id = effect.getattr("spec").and_then(|spec| spec.getattr("id")).or_else(|_| effect.getattr("id"));
    let Ok(id) = id.and_then(|id| id.extract()) else {
        let expected = "an effect by its id, its type name, an EffectType, or from playa_py.effects";
        let message = format!("expected {expected}, found an object of type {}", type_name(effect));
        return Err(Raise::new("ParamTypeError", message).into());
    };
    let params = effect.getattr("params").ok().and_then(|params| params.cast_into::<PyDict>().ok());
    Ok((id, keywords(params.as_ref(), Slot::Param)?))
}
