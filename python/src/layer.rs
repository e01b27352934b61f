//! `Layer`.

use std::sync::Arc;

use playa_host::project::effect::find_effect;
use playa_host::project::{
    Comp as HostComp, Effect as HostEffect, Layer as HostLayer, Node as HostNode, NodeKind, Project as HostProject,
    Source,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use uuid::Uuid;

use crate::camera::Camera;
use crate::comp::Comp;
use crate::effect::{Effect, effect_call};
use crate::engine::engine;
use crate::errors::{raise, removed};
use crate::frame::Frame;
use crate::media::FileNode;
use crate::node::Node;
use crate::solid::Solid;
use crate::text::Text;
use crate::value::{Slot, index, keywords};

/// A source in a comp, with its place in time and space and its effects.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Layer {
    uuid: Uuid,
}

impl Layer {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Layer(uuid)).add_subclass(Self { uuid }))
    }

    /// The layer as it is now, and the comp it is in.
    fn look(slf: &Bound<'_, Self>) -> PyResult<(Arc<HostComp>, Arc<HostLayer>)> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        let (comp, _, layer) = document.layer(uuid).ok_or_else(|| removed(NodeKind::Layer, uuid))?;
        Ok((comp.clone(), layer.clone()))
    }
}

#[pymethods]
impl Layer {
    /// Adds an effect behind those it has. `effect` is an id, a type name, an `EffectType`, an effect of
    /// `playa_py.effects` with or without its parameters, a function that `playa_py.effect` made one, or one of another
    /// layer, whose parameters are copied with their keys; keyword arguments are parameters.
    #[pyo3(signature = (effect, /, **params))]
    fn add_effect(
        slf: &Bound<'_, Self>,
        effect: &Bound<'_, PyAny>,
        params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Effect> {
        let project = &slf.as_super().get().project;
        let model = effect.cast::<Effect>().ok().map(|model| model.get().look()).transpose()?;
        let (name, mut values) = effect_call(effect)?;
        let named = keywords(params, Slot::Param)?;
        let is_named = |name: &str| named.iter().any(|(named, _)| named == name);
        let spec = find_effect(&*engine(slf.py())?.effects(), &name).map_err(raise)?;
        values.extend(named.iter().cloned());
        let mut effect = HostEffect::new(Arc::clone(&spec));
        for (name, value) in &values {
            effect.set_param(name, value).map_err(raise)?;
        }
        for param in spec.params.iter().filter(|param| !is_named(&param.name)) {
            let curve = model.as_ref().and_then(|model| model.curve(&param.name));
            for key in curve.into_iter().flat_map(|curve| curve.keys()) {
                effect.set_key(&param.name, key).map_err(raise)?;
            }
        }
        for (name, layer) in model.iter().flat_map(|model| model.inputs()) {
            // What it reads in another comp is not in this one.
            if Self::look(slf)?.0.layers.iter().any(|other| other.uuid() == *layer) {
                effect.set_input(name, Some(*layer)).map_err(raise)?;
            }
        }
        let uuid = project.insert_effect(slf.get().uuid, effect).map_err(raise)?;
        Ok(Effect { project: project.clone(), uuid })
    }

    /// The effects, in the order in which they act.
    #[getter]
    fn effects(slf: &Bound<'_, Self>) -> PyResult<Vec<Effect>> {
        let project = &slf.as_super().get().project;
        let effects = &Self::look(slf)?.1.effects;
        Ok(effects.iter().map(|effect| Effect { project: project.clone(), uuid: effect.uuid }).collect())
    }

    /// What it shows: a `FileNode`, a `Comp`, a `Camera`, a `Solid`, a `Text` or a `Frame`.
    #[getter]
    fn source(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let (py, project) = (slf.py(), &slf.as_super().get().project);
        match &Self::look(slf)?.1.source {
            Source::Media(media) => Ok(FileNode::wrap(py, project, *media)?.into_any()),
            Source::Comp(comp) => Ok(Comp::wrap(py, project, *comp)?.into_any()),
            Source::Camera(camera) => Ok(Camera::wrap(py, project, *camera)?.into_any()),
            Source::Solid(solid) => Ok(Solid::wrap(py, project, *solid)?.into_any()),
            Source::Text(text) => Ok(Text::wrap(py, project, *text)?.into_any()),
            Source::Memory(frame) => Ok(Py::new(py, Frame::shared(frame.clone()))?.into_any()),
        }
    }

    /// The comp it is in.
    #[getter]
    fn comp(slf: &Bound<'_, Self>) -> PyResult<Py<Comp>> {
        let comp = Self::look(slf)?.0;
        Comp::wrap(slf.py(), &slf.as_super().get().project, comp.uuid())
    }

    /// Takes it out of its comp.
    fn remove(slf: &Bound<'_, Self>) -> PyResult<()> {
        slf.as_super().get().project.remove_layer(slf.get().uuid).map_err(raise)
    }

    /// Moves it within its comp: `layers[index]` is where it is then, 0 is the top.
    #[pyo3(name = "move")]
    fn move_to(slf: &Bound<'_, Self>, #[pyo3(from_py_with = index)] index: usize) -> PyResult<()> {
        slf.as_super().get().project.move_layer(slf.get().uuid, index).map_err(raise)?;
        Ok(())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<Layer {}: removed>", slf.get().uuid),
            Ok((comp, layer)) => {
                let (name, (first, last)) = (layer.name(), layer.time().visible());
                let effects: Vec<_> = layer.effects.iter().map(|effect| effect.name()).collect();
                format!("<Layer {name:?} of {:?}: frames {first}-{last}, effects {effects:?}>", comp.name())
            }
        }
    }
}
