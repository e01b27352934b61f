//! `Effect`: an effect on a layer.

use playa_host::project::{self, Project as HostProject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use uuid::Uuid;

use crate::errors::{Raise, raise};
use crate::value::{from_python, plain_name, to_python};

/// An effect on a layer. Its parameters are attributes and items: `blur.radius = 8`, `blur["radius"]`.
#[pyclass(frozen, module = "playa_py")]
pub struct Effect {
    pub project: HostProject,
    pub effect: Uuid,
}

impl Effect {
    fn look<T>(&self, look: impl FnOnce(&project::Effect, usize) -> PyResult<T>) -> PyResult<T> {
        let document = self.project.snapshot();
        let removed =
            || Raise::new("NodeRemovedError", format!("the effect {} is not in the project any more", self.effect));
        let (_, position, effect) = document.effect(self.effect).ok_or_else(removed)?;
        look(effect, position)
    }

    fn param(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.look(|effect, _| Ok(to_python(py, &effect.param(name).map_err(raise)?)?.unbind()))
    }
}

#[pymethods]
impl Effect {
    /// Identity of the effect, such as `org.playa.gaussian_blur`.
    #[getter]
    fn id(&self) -> PyResult<String> {
        self.look(|effect, _| Ok(effect.id.clone()))
    }

    /// Type name, such as `GaussianBlur`; the id while its plugin is not loaded.
    #[getter]
    fn name(&self) -> PyResult<String> {
        self.look(|effect, _| Ok(effect.name().to_owned()))
    }

    /// Version of the effect that it was made with.
    #[getter]
    fn version(&self) -> PyResult<String> {
        self.look(|effect, _| Ok(effect.version.clone()))
    }

    /// Identity of this use of the effect.
    #[getter]
    fn uuid(&self) -> String {
        self.effect.to_string()
    }

    /// Whether its plugin is loaded.
    #[getter]
    fn loaded(&self) -> PyResult<bool> {
        self.look(|effect, _| Ok(effect.spec.is_some()))
    }

    /// Whether it acts.
    #[getter]
    fn enabled(&self) -> PyResult<bool> {
        self.look(|effect, _| Ok(effect.enabled))
    }

    /// How much of its result is seen, 0..1; the rest is its input.
    #[getter]
    fn mix(&self) -> PyResult<f64> {
        self.look(|effect, _| Ok(effect.mix))
    }

    /// All parameters with their values.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        self.look(|effect, _| {
            let names: Vec<String> = match &effect.spec {
                Some(spec) => spec.params.iter().map(|param| param.name.clone()).collect(),
                None => effect.params.keys().cloned().collect(),
            };
            for name in names {
                dict.set_item(&name, to_python(py, &effect.param(&name).map_err(raise)?)?)?;
            }
            Ok(())
        })?;
        Ok(dict)
    }

    /// Takes it off its layer.
    fn remove(&self) -> PyResult<()> {
        self.project.remove_effect(self.effect).map_err(raise)
    }

    /// Moves it within its layer; 0 acts first.
    #[pyo3(name = "move")]
    fn move_to(&self, position: usize) -> PyResult<()> {
        self.project.move_effect(self.effect, position).map_err(raise)?;
        Ok(())
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.param(py, plain_name(name))
    }

    fn __setattr__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "enabled" => self.project.set_effect_enabled(self.effect, value.extract()?).map_err(raise)?,
            "mix" => self.project.set_effect_mix(self.effect, value.extract()?).map_err(raise)?,
            _ => return self.__setitem__(plain_name(name), value),
        };
        Ok(())
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.param(py, name)
    }

    fn __setitem__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.project.set_effect_param(self.effect, name, &from_python(value)?).map_err(raise)?;
        Ok(())
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Bound<'py, PyString>>> {
        let py = slf.py();
        let object = py.import("builtins")?.getattr("object")?;
        let mut names: Vec<Bound<'py, PyString>> = object.call_method1("__dir__", (slf,))?.extract()?;
        for name in slf.get().params(py)?.keys() {
            names.push(name.cast_into()?);
        }
        Ok(names)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Effect>().is_ok_and(|other| {
            let other = other.get();
            self.effect == other.effect && self.project.is_same(&other.project)
        })
    }

    fn __hash__(&self) -> u64 {
        self.effect.as_u64_pair().0
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Ok(name) = self.name() else {
            return Ok(format!("<Effect {}: removed>", self.effect));
        };
        let params = self.params(py)?;
        let params = params.iter().map(|(name, value)| Ok(format!("{name}={}", value.repr()?)));
        let state = if self.loaded()? { "" } else { ", not loaded" };
        Ok(format!("<Effect {name}({}){state}>", params.collect::<PyResult<Vec<_>>>()?.join(", ")))
    }
}
