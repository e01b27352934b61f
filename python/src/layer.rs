//! `Layer`.

use playa_host::project::effect::find_effect;
use playa_host::project::{Node as HostNode, Project as HostProject, Source};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use uuid::Uuid;

use crate::comp::Comp;
use crate::effect::Effect;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::media::FileNode;
use crate::node::Node;
use crate::plugins::effect_name;
use crate::value::{borrowed, keywords};

/// A source in a comp, with its place in time and space and its effects.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Layer;

impl Layer {
    pub fn wrap(py: Python<'_>, project: &HostProject, layer: Uuid) -> PyResult<Py<Self>> {
        let node = Node { project: project.clone(), node: HostNode::Layer(layer) };
        Py::new(py, PyClassInitializer::from(node).add_subclass(Self))
    }

    fn parts<'a>(slf: &'a Bound<'_, Self>) -> (&'a HostProject, Uuid) {
        let node = slf.as_super().get();
        let HostNode::Layer(layer) = node.node else { unreachable!("a Layer is made of a layer") };
        (&node.project, layer)
    }

    /// Looks at the layer as it is now.
    fn look<T>(
        slf: &Bound<'_, Self>,
        look: impl FnOnce(&playa_host::project::Comp, &playa_host::project::Layer) -> PyResult<T>,
    ) -> PyResult<T> {
        let (project, uuid) = Self::parts(slf);
        let document = project.snapshot();
        let removed = || Raise::new("NodeRemovedError", format!("the layer {uuid} is not in the project any more"));
        let (comp, _, layer) = document.layer(uuid).ok_or_else(removed)?;
        look(comp, layer)
    }
}

#[pymethods]
impl Layer {
    /// Adds an effect behind those it has. `effect` is an id, a type name, an `EffectType`, or an effect of
    /// `playa_py.effects` with its parameters; keyword arguments are parameters.
    #[pyo3(signature = (effect, **params))]
    fn add_effect(
        slf: &Bound<'_, Self>,
        effect: &Bound<'_, PyAny>,
        params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Effect> {
        let (project, layer) = Self::parts(slf);
        let (name, mut values) = effect_name(effect)?;
        values.extend(keywords(params)?);
        let spec = find_effect(&*engine(slf.py())?.effects(), &name).map_err(raise)?;
        let effect = project.add_effect(layer, &spec, &borrowed(&values)).map_err(raise)?;
        Ok(Effect { project: project.clone(), effect })
    }

    /// The effects, in the order in which they act.
    #[getter]
    fn effects(slf: &Bound<'_, Self>) -> PyResult<Vec<Effect>> {
        let project = Self::parts(slf).0;
        Self::look(slf, |_, layer| {
            let effects = layer.effects.iter().map(|effect| Effect { project: project.clone(), effect: effect.uuid });
            Ok(effects.collect())
        })
    }

    /// What it shows: a `FileNode`, a `Comp` or a `Frame`.
    #[getter]
    fn source(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let (py, project) = (slf.py(), Self::parts(slf).0);
        Self::look(slf, |_, layer| match &layer.source {
            Source::Media(media) => Ok(FileNode::wrap(py, project, *media)?.into_any()),
            Source::Comp(comp) => Ok(Comp::wrap(py, project, *comp)?.into_any()),
            Source::Memory(frame) => Ok(Py::new(py, Frame::shared(frame.clone()))?.into_any()),
        })
    }

    /// The comp it is in.
    #[getter]
    fn comp(slf: &Bound<'_, Self>) -> PyResult<Py<Comp>> {
        let project = Self::parts(slf).0;
        Self::look(slf, |comp, _| Comp::wrap(slf.py(), project, comp.uuid()))
    }

    /// Takes it out of its comp.
    fn remove(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (project, layer) = Self::parts(slf);
        project.remove_layer(layer).map_err(raise)
    }

    /// Moves it within its comp; 0 is the top.
    #[pyo3(name = "move")]
    fn move_to(slf: &Bound<'_, Self>, position: usize) -> PyResult<()> {
        let (project, layer) = Self::parts(slf);
        project.move_layer(layer, position).map_err(raise)?;
        Ok(())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let uuid = Self::parts(slf).1;
        let text = Self::look(slf, |comp, layer| {
            let (first, last) = layer.time().visible();
            let effects: Vec<_> = layer.effects.iter().map(|effect| effect.name().to_owned()).collect();
            Ok(format!("<Layer {:?} of {:?}: frames {first}-{last}, effects {effects:?}>", layer.name(), comp.name()))
        });
        Ok(text.unwrap_or_else(|_| format!("<Layer {uuid}: removed>")))
    }
}
