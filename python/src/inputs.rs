//! `EffectInputs`: the layers that an effect reads beside its own.

use playa_host::project::{Node as HostNode, Project as HostProject};
use pyo3::prelude::*;
use pyo3::types::PyList;
use uuid::Uuid;

use crate::effect::Effect;
use crate::errors::{Raise, raise};
use crate::layer::Layer;
use crate::node::Node;
use crate::value::type_name;

/// The further inputs of an effect, by name, each a layer of its comp or `None`: `key.inputs["mask"] = layer`.
#[pyclass(frozen, mapping, module = "playa_py")]
pub struct EffectInputs {
    project: HostProject,
    effect: Uuid,
}

impl EffectInputs {
    pub fn of(effect: &Effect) -> Self {
        Self { project: effect.project.clone(), effect: effect.uuid }
    }

    fn names(&self) -> PyResult<Vec<String>> {
        Ok(self.effect().look()?.input_names())
    }

    fn effect(&self) -> Effect {
        Effect { project: self.project.clone(), uuid: self.effect }
    }

    fn get(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<Layer>>> {
        let layer = self.effect().look()?.input(name).map_err(raise)?;
        layer.map(|layer| Layer::wrap(py, &self.project, layer)).transpose()
    }
}

#[pymethods]
impl EffectInputs {
    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<Layer>>> {
        self.get(py, name)
    }

    fn __setitem__(&self, name: &str, layer: &Bound<'_, PyAny>) -> PyResult<()> {
        let named = match layer.cast::<Node>().map(|node| node.get().node) {
            Ok(HostNode::Layer(layer)) => Some(layer),
            _ if layer.is_none() => None,
            _ => {
                let found = type_name(layer);
                let message = format!("input `{name}` of an effect: expected a Layer or None, found {found}");
                return Err(Raise::new("ParamTypeError", message).into());
            }
        };
        self.project.set_effect_input(self.effect, name, named).map_err(raise)?;
        Ok(())
    }

    /// The same as setting it to `None`.
    fn __delitem__(&self, name: &str) -> PyResult<()> {
        self.project.set_effect_input(self.effect, name, None).map_err(raise)?;
        Ok(())
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.names()?.len())
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(name.extract::<String>().is_ok_and(|name| self.names().is_ok_and(|names| names.contains(&name))))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        PyList::new(py, self.names()?)?.as_any().try_iter().map(Bound::into_any)
    }

    /// The names of the inputs.
    fn keys(&self) -> PyResult<Vec<String>> {
        self.names()
    }

    /// The layers, in the order of the names.
    fn values(&self, py: Python<'_>) -> PyResult<Vec<Option<Py<Layer>>>> {
        self.names()?.iter().map(|name| self.get(py, name)).collect()
    }

    /// The names with their layers.
    fn items(&self, py: Python<'_>) -> PyResult<Vec<(String, Option<Py<Layer>>)>> {
        self.names()?.into_iter().map(|name| Ok((name.clone(), self.get(py, &name)?))).collect()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let item = |(name, layer): (String, Option<Py<Layer>>)| -> PyResult<String> {
            let layer = match layer {
                Some(layer) => layer.bind(py).repr()?.to_string(),
                None => "None".to_owned(),
            };
            Ok(format!("{name}={layer}"))
        };
        let items = self.items(py)?.into_iter().map(item).collect::<PyResult<Vec<_>>>()?;
        Ok(format!("<EffectInputs {}>", items.join(", ")))
    }
}
