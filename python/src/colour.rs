//! Colour spaces: which there are, what a file is taken for, and arrays from one to another.

use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use playa_host::colour::{self, BuiltIn, ColourError, Engine, Listed, Transform};
use playa_host::engine::{Explanation, Told};
use playa_host::image::Pixel;
use playa_host::project::Document;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::call::call;
use crate::errors::{Raise, raise};
use crate::project::Project;
use crate::value::type_name;

/// The config of a name or path; the built-in spaces without one.
pub fn engine(py: Python<'_>, config: Option<PathBuf>) -> PyResult<Arc<dyn Engine>> {
    let Some(config) = config else { return Ok(Arc::new(BuiltIn)) };
    let Some(name) = config.to_str() else {
        let (name, reason) = (config.to_string_lossy().into_owned(), "its path is not UTF-8".to_owned());
        return Err(raise(ColourError::Config { name, reason }));
    };
    call(py, || colour::open_config(name).map_err(raise))
}

/// The project that is meant, or an empty one.
fn document(project: Option<&Bound<'_, Project>>) -> Arc<Document> {
    project.map_or_else(Arc::default, |project| project.as_super().get().project.snapshot())
}

fn record<'py>(py: Python<'py>, class: &str, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    py.import("playa_py.records")?.getattr(class)?.call((), Some(fields))
}

/// The colour spaces there are, each as a `ColourSpace`.
#[pyfunction]
#[pyo3(signature = (project=None))]
pub fn colour_spaces<'py>(py: Python<'py>, project: Option<&Bound<'py, Project>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let colours = document(project).colours().map_err(raise)?;
    spaces(py, &*colours.engine)
}

fn spaces<'py>(py: Python<'py>, engine: &dyn Engine) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let space = |space: Listed| {
        let fields = PyDict::new(py);
        fields.set_item("name", space.name)?;
        fields.set_item("aliases", PyTuple::new(py, space.aliases)?)?;
        fields.set_item("linear", space.linear)?;
        fields.set_item("doc", space.doc)?;
        record(py, "ColourSpace", &fields)
    };
    engine.spaces().into_iter().map(space).collect()
}

/// What is in an OpenColorIO config, as a `ColourConfig`.
#[pyfunction]
pub fn colour_config<'py>(py: Python<'py>, config: PathBuf) -> PyResult<Bound<'py, PyAny>> {
    let name = config.to_string_lossy().into_owned();
    let engine = engine(py, Some(config))?;
    let fields = PyDict::new(py);
    fields.set_item("name", name)?;
    fields.set_item("spaces", PyTuple::new(py, spaces(py, &*engine)?)?)?;
    let [roles, displays] = [PyDict::new(py), PyDict::new(py)];
    engine.roles().into_iter().try_for_each(|(role, space)| roles.set_item(role, space))?;
    for display in engine.displays() {
        displays.set_item(display.name, PyTuple::new(py, display.views)?)?;
    }
    fields.set_item("roles", roles)?;
    fields.set_item("displays", displays)?;
    fields.set_item("looks", PyTuple::new(py, engine.looks())?)?;
    record(py, "ColourConfig", &fields)
}

/// Names of the OpenColorIO configs that are built in.
#[pyfunction]
pub fn colour_configs() -> Vec<String> {
    colour::built_in_configs()
}

/// What the colour of a file, or of a sequence by its pattern, is taken for and why, as a `ColourExplanation`: in a project,
/// or without one.
#[pyfunction]
#[pyo3(signature = (path, project=None))]
pub fn explain_colour<'py>(
    py: Python<'py>,
    path: PathBuf,
    project: Option<&Bound<'py, Project>>,
) -> PyResult<Bound<'py, PyAny>> {
    let document = document(project);
    let told = call(py, || Explanation::of(&path, &document).map_err(raise))?;
    let word = |told: &Told| {
        let fields = PyDict::new(py);
        fields.set_item("space", &told.space)?;
        fields.set_item("by", serde_json::json!(told.by).as_str())?;
        fields.set_item("why", &told.why)?;
        record(py, "ColourWord", &fields)
    };
    let fields = PyDict::new(py);
    fields.set_item("path", &told.path)?;
    fields.set_item("space", &told.word.space)?;
    fields.set_item("by", serde_json::json!(told.word.by).as_str())?;
    fields.set_item("why", &told.word.why)?;
    let otherwise = told.otherwise.iter().map(word).collect::<PyResult<Vec<_>>>()?;
    fields.set_item("otherwise", PyTuple::new(py, otherwise)?)?;
    fields.set_item("working_space", &told.working_space)?;
    fields.set_item("steps", PyTuple::new(py, &told.steps)?)?;
    record(py, "ColourExplanation", &fields)
}

/// Straight colours of one space in another: a new array of float32 of the same shape, whose last axis has 3 or 4 values. The
/// fourth is alpha, which stays.
#[pyfunction]
#[pyo3(signature = (pixels, from_space, to_space, *, project=None))]
pub fn convert_colour<'py>(
    py: Python<'py>,
    pixels: &Bound<'py, PyAny>,
    from_space: &str,
    to_space: &str,
    project: Option<&Bound<'py, Project>>,
) -> PyResult<Bound<'py, PyAny>> {
    let colours = document(project).colours().map_err(raise)?;
    let engine = &colours.engine;
    let [from, to] = [engine.find(from_space).map_err(raise)?, engine.find(to_space).map_err(raise)?];
    let transform = engine.way(&from, &to, colours.adaptation).map_err(raise)?;
    let array = PyDict::new(py);
    array.set_item("dtype", "float32")?;
    array.set_item("order", "C")?;
    let array = py.import("numpy")?.getattr("array")?.call((pixels,), Some(&array))?;
    let array = array.cast::<PyArrayDyn<f32>>()?;
    let channels = array.shape().last().copied().unwrap_or(0);
    if !matches!(channels, 3 | 4) {
        let found = format!("an object of type {} with shape {:?}", type_name(pixels), array.shape());
        let message = format!("pixels: expected an array whose last axis has 3 or 4 values, found {found}");
        return Err(Raise::new("ArrayError", message).into());
    }
    if let Some(transform) = transform {
        let mut values = array.readwrite();
        // It was made just now, in C order.
        let values = values.as_slice_mut().map_err(|error| Raise::new("ArrayError", error.to_string()))?;
        call(py, || {
            convert(values, channels, &*transform);
            Ok(())
        })?;
    }
    Ok(array.clone().into_any())
}

fn convert(values: &mut [f32], channels: usize, transform: &dyn Transform) {
    /// As many as stay in the nearest cache.
    const RUN: usize = 256;
    let mut pixels: [Pixel; RUN] = [[0.0, 0.0, 0.0, 1.0]; RUN];
    for values in values.chunks_mut(RUN * channels) {
        let pixels = &mut pixels[..values.len() / channels];
        for (pixel, value) in pixels.iter_mut().zip(values.chunks(channels)) {
            pixel[..3].copy_from_slice(&value[..3]);
        }
        transform.apply_straight(pixels);
        for (pixel, value) in pixels.iter().zip(values.chunks_mut(channels)) {
            value[..3].copy_from_slice(&pixel[..3]);
        }
    }
}
