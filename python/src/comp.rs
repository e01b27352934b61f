//! `Comp`.

use std::sync::Arc;
use std::time::Duration;

use playa_host::image::Rect;
use playa_host::project::{Comp as HostComp, LayerSource, Node as HostNode, Project as HostProject};
use playa_host::render::batch::Batch;
use playa_host::render::{MissingEffects, Region, RenderOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use uuid::Uuid;

use crate::call::{call, interruptible};
use crate::delivery::{self, Wishes};
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::from_array::{self, Options};
use crate::future;
use crate::layer::Layer;
use crate::node::Node;
use crate::profile;
use crate::project::Project;
use crate::python_effect::is_within_effects;
use crate::render_range::{RenderRange, frames_from_python};
use crate::value::{Slot, borrowed, index, keywords, type_name};

/// Layers over a range of frames, in a frame of `width` x `height` pixels. `layers[0]` is the top one.
#[pyclass(extends = Node, frozen, module = "playa_py")]
pub struct Comp {
    uuid: Uuid,
}

impl Comp {
    pub fn wrap(py: Python<'_>, project: &HostProject, uuid: Uuid) -> PyResult<Py<Self>> {
        Py::new(py, Node::new(project, HostNode::Comp(uuid)).add_subclass(Self { uuid }))
    }

    /// Its project, and its identity there.
    pub fn place(slf: &Bound<'_, Self>) -> (HostProject, Uuid) {
        (slf.as_super().get().project.clone(), slf.get().uuid)
    }

    /// Frames to be rendered one beside the other, those of the work area unless it is said which.
    fn batch(
        slf: &Bound<'_, Self>,
        frames: Option<&Bound<'_, PyAny>>,
        workers: Option<i64>,
        options: RenderOptions,
    ) -> PyResult<Batch> {
        let (first, last) = Self::look(slf)?.frames();
        let frames = frames.map_or_else(|| Ok((first..=last).collect()), frames_from_python)?;
        let mut batch = engine(slf.py())?.batch(&slf.as_super().get().project, slf.get().uuid, frames, options);
        if let Some(workers) = workers {
            batch.workers =
                usize::try_from(workers).ok().filter(|workers| (1..=256).contains(workers)).ok_or_else(|| {
                    Raise::new("AttrValueError", format!("workers={workers}: expected 1 to 256 frames in flight"))
                })?;
        }
        Ok(batch)
    }

    /// The comp as it is now.
    fn look(slf: &Bound<'_, Self>) -> PyResult<Arc<HostComp>> {
        let uuid = slf.get().uuid;
        let document = slf.as_super().get().project.snapshot();
        document.node::<HostComp>(uuid).cloned().map_err(raise)
    }
}

#[pymethods]
impl Comp {
    /// Adds a layer, on top unless `index` says where in `layers` it comes to be.
    ///
    /// `source` is a path (a file, or a sequence such as `fg.####.exr`), media of the project, another comp, a camera, a
    /// solid, a text, a `Frame`, or an array of numpy, which is wrapped as by `Frame.from_numpy`. Keyword arguments are attributes.
    #[pyo3(signature = (source, /, *, index=None, **attrs))]
    fn add_layer(
        slf: &Bound<'_, Self>,
        source: &Bound<'_, PyAny>,
        index: Option<&Bound<'_, PyAny>>,
        attrs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<Layer>> {
        let (project, comp) = (&slf.as_super().get().project, slf.get().uuid);
        let index = index.map(self::index).transpose()?;
        let attrs = keywords(attrs, Slot::Attr)?;
        let source = layer_source(project, source)?;
        let layer = call(slf.py(), || project.add_layer_with(comp, source, index, &borrowed(&attrs)).map_err(raise))?;
        Layer::wrap(slf.py(), project, layer)
    }

    /// The layers, the top one first.
    #[getter]
    fn layers(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Layer>>> {
        let project = &slf.as_super().get().project;
        Self::look(slf)?.layers.iter().map(|layer| Layer::wrap(slf.py(), project, layer.uuid())).collect()
    }

    /// First frame of the work area.
    #[getter]
    fn in_frame(slf: &Bound<'_, Self>) -> PyResult<i64> {
        Ok(Self::look(slf)?.frames().0)
    }

    /// Last frame of the work area, included.
    #[getter]
    fn out_frame(slf: &Bound<'_, Self>) -> PyResult<i64> {
        Ok(Self::look(slf)?.frames().1)
    }

    /// The project it belongs to.
    #[getter]
    fn project(slf: &Bound<'_, Self>) -> PyResult<Py<Project>> {
        Self::look(slf)?;
        Project::wrap(slf.py(), &slf.as_super().get().project)
    }

    /// Renders a frame. Other Python threads run meanwhile, and Ctrl-C ends it.
    ///
    /// `region` is `"display"` (the comp's own frame), `"data"` (all that its layers reach, overscan included), or a
    /// rectangle `(x0, y0, x1, y1)`, the last two exclusive. An effect that is not loaded is an error, or passed over
    /// with `skip_missing_effects`; so is one that fails, with `skip_failing_effects`. With `cache=False` nothing is used
    /// that was made before, and nothing is kept. It may take `timeout` seconds. With a `proxy` of 2, 4 or 8 the comp is made in
    /// that part of its size.
    #[pyo3(signature = (frame, *, region=None, proxy=1, skip_missing_effects=false, skip_failing_effects=false, cache=true, timeout=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn render(
        slf: &Bound<'_, Self>,
        frame: i64,
        region: Option<&Bound<'_, PyAny>>,
        proxy: i64,
        skip_missing_effects: bool,
        skip_failing_effects: bool,
        cache: bool,
        timeout: Option<f64>,
    ) -> PyResult<Frame> {
        /// How long a render that is out of time has to say so itself: what a plugin or a file does may take longer.
        const GRACE: Duration = Duration::from_millis(50);
        let (project, comp) = (&slf.as_super().get().project, slf.get().uuid);
        let options = options((region, proxy), (skip_missing_effects, skip_failing_effects), cache, timeout)?;
        let batch = engine(slf.py())?.batch(project, comp, vec![frame], options);
        let (abort, within) = (Arc::clone(&batch.options.abort), batch.options.timeout);
        let work = move || batch.renderer.render(&batch.document, &batch.effects, comp, frame, &batch.options);
        match interruptible(slf.py(), &abort, within.map(|within| within.saturating_add(GRACE)), work)? {
            Some(rendered) => Ok(Frame::new(rendered.map_err(raise)?)),
            None => {
                let name = Self::look(slf).map_or_else(|_| comp.to_string(), |comp| comp.name().to_owned());
                let seconds = within.unwrap_or_default().as_secs_f64();
                let message = format!("comp {name:?}, frame {frame}: not done within {seconds} seconds");
                Err(Raise { node: Some(name), frame: Some(frame), ..Raise::new("RenderTimeoutError", message) }.into())
            }
        }
    }

    /// Begins to render a frame and returns at once, with a `RenderFuture` of it. The project is as it is now.
    #[pyo3(signature = (frame, *, region=None, proxy=1, skip_missing_effects=false, skip_failing_effects=false, cache=true, timeout=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn render_async(
        slf: &Bound<'_, Self>,
        frame: i64,
        region: Option<&Bound<'_, PyAny>>,
        proxy: i64,
        skip_missing_effects: bool,
        skip_failing_effects: bool,
        cache: bool,
        timeout: Option<f64>,
    ) -> PyResult<Py<PyAny>> {
        let (project, comp) = (&slf.as_super().get().project, slf.get().uuid);
        let options = options((region, proxy), (skip_missing_effects, skip_failing_effects), cache, timeout)?;
        let batch = engine(slf.py())?.batch(project, comp, vec![frame], options);
        future::render(slf.py(), batch, frame)
    }

    /// Renders many frames, the comp's work area unless `frames` says which: an iterator of `(number, Frame)` in that
    /// order, while the next ones are rendered. The project is as it is now.
    ///
    /// At most `workers` frames are in the making or wait to be taken. The error of a frame is raised in its place, or
    /// stands there with `on_error="collect"`, and the iterator goes on with the next one. Ctrl-C, `close()` and dropping
    /// it stop the work.
    #[pyo3(signature = (
        frames=None, *, on_error="raise", workers=None, progress=None, timeout=None, region=None, proxy=1,
        skip_missing_effects=false, skip_failing_effects=false, cache=true
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn render_range(
        slf: &Bound<'_, Self>,
        frames: Option<&Bound<'_, PyAny>>,
        on_error: &str,
        workers: Option<i64>,
        progress: Option<Py<PyAny>>,
        timeout: Option<f64>,
        region: Option<&Bound<'_, PyAny>>,
        proxy: i64,
        skip_missing_effects: bool,
        skip_failing_effects: bool,
        cache: bool,
    ) -> PyResult<RenderRange> {
        let collect = collects(on_error)?;
        let options = options((region, proxy), (skip_missing_effects, skip_failing_effects), cache, timeout)?;
        RenderRange::start(slf.py(), Self::batch(slf, frames, workers, options)?, collect, progress)
    }

    /// Writes many frames to files, the comp's work area unless `frames` says which, and returns a report.
    ///
    /// An output is a path with a place for the frame number, a dict of a `path` and options, or a function that gets each
    /// frame in order. There may be a list of them: each frame is composited once. `existing` says what becomes of files
    /// that are there: `"overwrite"`, `"skip"` for those that are good, or `"error"`.
    #[pyo3(signature = (
        outputs, frames=None, *, existing="overwrite", on_error="raise", workers=None, progress=None, timeout=None,
        region=None, proxy=1, skip_missing_effects=false, skip_failing_effects=false, cache=true
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn write<'py>(
        slf: &Bound<'py, Self>,
        outputs: &Bound<'py, PyAny>,
        frames: Option<&Bound<'py, PyAny>>,
        existing: &str,
        on_error: &str,
        workers: Option<i64>,
        progress: Option<Py<PyAny>>,
        timeout: Option<f64>,
        region: Option<&Bound<'py, PyAny>>,
        proxy: i64,
        skip_missing_effects: bool,
        skip_failing_effects: bool,
        cache: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let wishes = Wishes { outputs, existing, collect: collects(on_error)?, progress };
        let options = options((region, proxy), (skip_missing_effects, skip_failing_effects), cache, timeout)?;
        delivery::write(slf.py(), Self::batch(slf, frames, workers, options)?, wishes)
    }

    /// What a frame is made of, and how. Reads headers of files, but makes no pixels.
    #[pyo3(signature = (frame, *, skip_missing_effects=false))]
    fn graph<'py>(slf: &Bound<'py, Self>, frame: i64, skip_missing_effects: bool) -> PyResult<Bound<'py, PyAny>> {
        let (project, comp) = (&slf.as_super().get().project, slf.get().uuid);
        let engine = engine(slf.py())?;
        let text = call(slf.py(), || {
            let (document, effects) = (project.snapshot(), engine.effects());
            let graph = engine.renderer().graph(&document, &effects, comp, frame, missing(skip_missing_effects));
            let text = serde_json::to_string(&graph.map_err(raise)?);
            text.map_err(|error| Raise::new("PlayaError", error.to_string()).into())
        })?;
        slf.py().import("json")?.call_method1("loads", (text,))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        match Self::look(slf) {
            Err(_) => format!("<Comp {}: removed>", slf.get().uuid),
            Ok(comp) => {
                let ((width, height), (first, last)) = (comp.size(), comp.frames());
                let (name, rate, layers) = (comp.name(), comp.rate(), comp.layers.len());
                format!("<Comp {name:?}: {width}x{height}, {rate} fps, frames {first}-{last}, {layers} layers>")
            }
        }
    }
}

/// Whether errors of frames are collected, and not raised.
fn collects(on_error: &str) -> PyResult<bool> {
    match on_error {
        "raise" => Ok(false),
        "collect" => Ok(true),
        other => {
            let message = format!("on_error={other:?}: expected \"raise\" or \"collect\"");
            Err(Raise::new("AttrValueError", message).into())
        }
    }
}

fn missing(skip: bool) -> MissingEffects {
    if skip { MissingEffects::Skip } else { MissingEffects::Fail }
}

/// How to render, with the notes of who is within a `Profile`.
fn options(
    (region, proxy): (Option<&Bound<'_, PyAny>>, i64),
    (skip_missing_effects, skip_failing_effects): (bool, bool),
    cache: bool,
    timeout: Option<f64>,
) -> PyResult<RenderOptions> {
    let timeout = match timeout.map(|seconds| (seconds, Duration::try_from_secs_f64(seconds))) {
        None => None,
        Some((_, Ok(given))) if !given.is_zero() => Some(given),
        Some((seconds, _)) => {
            let message = format!("timeout={seconds}: expected seconds, more than 0");
            return Err(Raise::new("AttrValueError", message).into());
        }
    };
    Ok(RenderOptions {
        timeout,
        region: region_from_python(region)?,
        proxy: delivery::proxy_of(proxy)?,
        missing_effects: missing(skip_missing_effects),
        skip_failing_effects,
        cache,
        profile: profile::current(),
        nested: is_within_effects(),
        ..RenderOptions::default()
    })
}

/// Which pixels are meant: `"display"`, `"data"` or a window; without any, those of the display window.
pub fn region_from_python(region: Option<&Bound<'_, PyAny>>) -> PyResult<Region> {
    let Some(region) = region else {
        return Ok(Region::Display);
    };
    match region.extract::<String>().as_deref() {
        Ok("display") => return Ok(Region::Display),
        Ok("data") => return Ok(Region::Data),
        _ => {}
    }
    match region.extract::<[i32; 4]>() {
        Ok([x0, y0, x1, y1]) if x0 <= x1 && y0 <= y1 => Ok(Region::Window(Rect::new(x0, y0, x1, y1))),
        _ => {
            let expected = "expected \"display\", \"data\" or (x0, y0, x1, y1) with x0 <= x1 and y0 <= y1";
            Err(Raise::new("AttrValueError", format!("region={}: {expected}", region.repr()?)).into())
        }
    }
}

/// What a Python object means as the source of a layer.
fn layer_source(project: &HostProject, source: &Bound<'_, PyAny>) -> PyResult<LayerSource> {
    let wrong_type = || {
        let message = "a layer shows a path, media, a comp, a camera, a solid, a text, a Frame or an array";
        Raise::new("AttrTypeError", format!("{message}, found an object of type {}", type_name(source)))
    };
    if let Ok(node) = source.cast::<Node>() {
        return match node.get().within(project)? {
            HostNode::Comp(comp) => Ok(LayerSource::Comp(comp)),
            HostNode::Media(media) => Ok(LayerSource::Media(media)),
            HostNode::Camera(camera) => Ok(LayerSource::Camera(camera)),
            HostNode::Solid(solid) => Ok(LayerSource::Solid(solid)),
            HostNode::Text(text) => Ok(LayerSource::Text(text)),
            HostNode::Layer(_) | HostNode::Project => Err(wrong_type().into()),
        };
    }
    if let Ok(frame) = source.cast::<Frame>() {
        return Ok(LayerSource::Memory(frame.get().host().clone()));
    }
    if source.is_instance_of::<PyString>() || source.hasattr("__fspath__")? {
        return Ok(LayerSource::Path(source.extract()?));
    }
    if source.hasattr("__array__")? {
        let frame = playa_host::image::Frame::new(from_array::image_of(source, Options::default())?);
        return Ok(LayerSource::Memory(frame.into()));
    }
    Err(wrong_type().into())
}
