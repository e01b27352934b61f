//! `Comp`.

use playa_host::project::{LayerSource, Node as HostNode, Project as HostProject};
use playa_host::render::{MissingEffects, Region, RenderOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use uuid::Uuid;

use crate::array;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::layer::Layer;
use crate::node::Node;
use crate::project::Project;
use crate::value::keywords;

/// Layers over a range of frames, in a frame of `width` x `height` pixels. `layers[0]` is the top one.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Comp;

impl Comp {
    pub fn wrap(py: Python<'_>, project: &HostProject, comp: Uuid) -> PyResult<Py<Self>> {
        let node = Node { project: project.clone(), node: HostNode::Comp(comp) };
        Py::new(py, PyClassInitializer::from(node).add_subclass(Self))
    }

    fn parts<'a>(slf: &'a Bound<'_, Self>) -> (&'a HostProject, Uuid) {
        let node = slf.as_super().get();
        let HostNode::Comp(comp) = node.node else { unreachable!("a Comp is made of a comp") };
        (&node.project, comp)
    }

    fn frames(slf: &Bound<'_, Self>) -> PyResult<(i64, i64)> {
        let (project, comp) = Self::parts(slf);
        let document = project.snapshot();
        let removed = || Raise::new("NodeRemovedError", format!("the comp {comp} is not in the project any more"));
        Ok(document.comps.get(&comp).ok_or_else(removed)?.frames())
    }
}

#[pymethods]
impl Comp {
    /// Adds a layer, on top unless `position` says how many layers stay above it.
    ///
    /// `source` is a path (a file, or a sequence such as `fg.####.exr`), media of the project, another comp, a `Frame`, or
    /// a numpy array `(H, W, 4)` of float32, which is wrapped without a copy. Keyword arguments are attributes.
    #[pyo3(signature = (source, *, position=None, **attrs))]
    fn add_layer(
        slf: &Bound<'_, Self>,
        source: &Bound<'_, PyAny>,
        position: Option<usize>,
        attrs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<Layer>> {
        let (project, comp) = Self::parts(slf);
        let source = layer_source(project, source)?;
        let attrs = keywords(attrs)?;
        let layer = slf.py().detach(|| project.add_layer(comp, source, position)).map_err(raise)?;
        for (name, value) in attrs {
            if let Err(error) = project.set_attr(HostNode::Layer(layer), &name, &value) {
                project.remove_layer(layer).map_err(raise)?;
                return Err(raise(error));
            }
        }
        Layer::wrap(slf.py(), project, layer)
    }

    /// The layers, the top one first.
    #[getter]
    fn layers(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Layer>>> {
        let (project, comp) = Self::parts(slf);
        Self::frames(slf)?;
        let document = project.snapshot();
        let layers = document.comps.get(&comp).map(|comp| comp.layers.clone()).unwrap_or_default();
        layers.iter().map(|layer| Layer::wrap(slf.py(), project, layer.uuid())).collect()
    }

    /// First frame of the work area.
    #[getter]
    fn in_frame(slf: &Bound<'_, Self>) -> PyResult<i64> {
        Ok(Self::frames(slf)?.0)
    }

    /// Last frame of the work area, included.
    #[getter]
    fn out_frame(slf: &Bound<'_, Self>) -> PyResult<i64> {
        Ok(Self::frames(slf)?.1)
    }

    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Project::wrap(slf.py(), Self::parts(slf).0.clone())
    }

    /// Renders a frame. Other Python threads run meanwhile.
    ///
    /// `region` is `"display"` (the comp's own frame), `"data"` (all that its layers reach, overscan included), or a
    /// rectangle `(x0, y0, x1, y1)`, the last two exclusive. An effect that is not loaded is an error, or passed over
    /// with `skip_missing_effects`.
    #[pyo3(signature = (frame, *, region=None, skip_missing_effects=false))]
    fn render(
        slf: &Bound<'_, Self>,
        frame: i64,
        region: Option<&Bound<'_, PyAny>>,
        skip_missing_effects: bool,
    ) -> PyResult<Frame> {
        let (project, comp) = Self::parts(slf);
        let missing_effects = if skip_missing_effects { MissingEffects::Skip } else { MissingEffects::Fail };
        let options = RenderOptions { region: parse_region(region)?, missing_effects, ..RenderOptions::default() };
        let engine = engine(slf.py())?;
        let rendered = slf.py().detach(|| engine.render(project, comp, frame, &options));
        Ok(Frame::new(rendered.map_err(raise)?))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let (project, comp) = Self::parts(slf);
        match project.snapshot().comps.get(&comp) {
            None => format!("<Comp {comp}: removed>"),
            Some(comp) => {
                let ((width, height), (first, last)) = (comp.size(), comp.frames());
                let (name, rate, layers) = (comp.name(), comp.rate(), comp.layers.len());
                format!("<Comp {name:?}: {width}x{height}, {rate} fps, frames {first}-{last}, {layers} layers>")
            }
        }
    }
}

fn parse_region(region: Option<&Bound<'_, PyAny>>) -> PyResult<Region> {
    let Some(region) = region else {
        return Ok(Region::Display);
    };
    if let Ok((x0, y0, x1, y1)) = region.extract::<(i32, i32, i32, i32)>() {
        return Ok(Region::Window(playa_host::image::Rect::new(x0, y0, x1, y1)));
    }
    match region.extract::<String>().as_deref() {
        Ok("display") => Ok(Region::Display),
        Ok("data") => Ok(Region::Data),
        _ => {
            let message = format!("region={}: expected \"display\", \"data\" or (x0, y0, x1, y1)", region.repr()?);
            Err(Raise::new("AttrValueError", message).into())
        }
    }
}

/// What a Python object means as the source of a layer.
fn layer_source(project: &HostProject, source: &Bound<'_, PyAny>) -> PyResult<LayerSource> {
    if let Ok(node) = source.cast::<Node>() {
        let node = node.get();
        let foreign = || Raise::new("AttrValueError", format!("{:?} belongs to another project", node.name()));
        return match node.node {
            _ if !node.project.is_same(project) => Err(foreign().into()),
            HostNode::Comp(comp) => Ok(LayerSource::Comp(comp)),
            HostNode::Media(media) => Ok(LayerSource::Media(media)),
            HostNode::Layer(_) | HostNode::Project => {
                Err(Raise::new("AttrTypeError", "a layer shows a path, media, a comp, a Frame or an array").into())
            }
        };
    }
    if let Ok(frame) = source.cast::<Frame>() {
        return Ok(LayerSource::Memory(frame.get().host().clone()));
    }
    if source.is_instance_of::<PyString>() || source.hasattr("__fspath__")? {
        return Ok(LayerSource::Path(source.extract()?));
    }
    let frame = playa_host::image::Frame::new(array::image_of(source, None)?);
    Ok(LayerSource::Memory(frame.into()))
}
