//! `Comp.write`: frames as files, and for functions that want them in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use playa_host::delivery::{Delivered, Delivery, DeliveryError, Existing, Movie, Output};
use playa_host::media::Format;
use playa_host::render::Proxy;
use playa_host::render::batch::Batch;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};

use crate::call::{call, listening};
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::python_effect::refuse_within_effects;
use crate::value::type_name;

impl From<DeliveryError> for Raise {
    fn from(error: DeliveryError) -> Self {
        let class = if error.is_usage { "AttrValueError" } else { "RenderError" };
        Self { hint: error.hint, ..Self::new(class, error.message) }
    }
}

/// Where frames go: to files, or to functions.
struct Targets {
    /// The proxy of functions that name none.
    usual: Proxy,
    files: Vec<Output>,
    movies: Vec<Movie>,
    sinks: Vec<(Proxy, Py<PyAny>)>,
}

/// How frames are written.
pub struct Wishes<'a, 'py> {
    pub outputs: &'a Bound<'py, PyAny>,
    pub existing: &'a str,
    pub collect: bool,
    pub progress: Option<Py<PyAny>>,
}

/// Writes all frames of a batch, and returns the report as what JSON makes of it.
pub fn write<'py>(py: Python<'py>, batch: Batch, wishes: Wishes<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    refuse_within_effects()?;
    let invalid = |message: String| PyErr::from(Raise::new("AttrValueError", format!("existing: {message}")));
    let existing = wishes.existing.parse::<Existing>().map_err(invalid)?;
    let Targets { files, movies, sinks, .. } = Targets::of(wishes.outputs, batch.options.proxy)?;
    let (abort, total) = (Arc::clone(&batch.options.abort), batch.frames.len());
    let pictures = sinks.iter().map(|(proxy, _)| *proxy).collect();
    let delivery = Delivery { batch, outputs: files, movies, existing, pictures };
    let deliveries = call(py, || delivery.start().map_err(raise))?;
    let mut reports = Vec::with_capacity(total);
    // Whatever is raised here, the work stops when the deliveries are dropped.
    while let Some(delivered) = listening(py, &abort, |patience| deliveries.next_within(patience).ok())? {
        let Delivered { report, pictures, error } = delivered;
        match (error, &report.error) {
            (Some(error), _) if !wishes.collect => return Err(raise(error)),
            (None, Some(message)) if !wishes.collect => return Err(unwritten(message, &report.outputs)),
            _ => {}
        }
        let number = report.frame;
        for ((_, sink), picture) in sinks.iter().zip(pictures) {
            sink.call1(py, (number, Frame::new(picture)))?;
        }
        reports.push(report);
        if let Some(progress) = &wishes.progress {
            progress.call1(py, (reports.len(), total, number))?;
        }
    }
    let report = call(py, || Ok::<_, PyErr>(deliveries.report(reports)))?;
    if let Some(message) = report.movie_error().filter(|_| !wishes.collect) {
        return Err(Raise::new("MediaError", message).into());
    }
    let text = serde_json::to_string(&report).map_err(|error| Raise::new("PlayaError", error.to_string()))?;
    py.import("json")?.call_method1("loads", (text,))
}

/// The error of a file that could not be written.
fn unwritten(message: &str, files: &[playa_host::delivery::report::OutputReport]) -> PyErr {
    let failed = files.iter().find(|file| file.message.as_deref() == Some(message));
    Raise { path: failed.map(|file| file.path.clone()), ..Raise::new("MediaError", message) }.into()
}

impl Targets {
    /// What a Python object means: a path, a dict of a path and options, a function, or a list of these.
    fn of(outputs: &Bound<'_, PyAny>, usual: Proxy) -> PyResult<Self> {
        let mut targets = Self { usual, files: Vec::new(), movies: Vec::new(), sinks: Vec::new() };
        if outputs.is_instance_of::<PyList>() || outputs.is_instance_of::<PyTuple>() {
            outputs.try_iter()?.try_for_each(|output| targets.add(&output?))?;
        } else {
            targets.add(outputs)?;
        }
        Ok(targets)
    }

    fn add(&mut self, output: &Bound<'_, PyAny>) -> PyResult<()> {
        let options = PyDict::new(output.py());
        let target = match output.cast::<PyDict>() {
            Err(_) => output.clone(),
            Ok(given) => {
                options.update(given.as_mapping())?;
                let target = given.get_item("path")?.or(given.get_item("sink")?);
                for name in ["path", "sink"].into_iter().filter(|name| options.contains(name).unwrap_or(false)) {
                    options.del_item(name)?;
                }
                let missing = "an output in a dict has a \"path\" or a \"sink\"";
                target.ok_or_else(|| Raise::new("AttrValueError", missing))?
            }
        };
        if target.is_callable() {
            return self.add_sink(target, &options);
        }
        if !target.is_instance_of::<PyString>() && !target.hasattr("__fspath__")? {
            let message = "an output is a path, a dict with a path and options, or a function";
            let found = type_name(&target);
            return Err(Raise::new("AttrTypeError", format!("{message}; found an object of type {found}")).into());
        }
        self.add_path(&target.extract::<PathBuf>()?, &options)
    }

    fn add_sink(&mut self, sink: Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> PyResult<()> {
        let mut proxy = self.usual;
        for (name, value) in options {
            if name.extract::<String>()? != "proxy" {
                let message = format!("an output that is a function has no option {name}: it has proxy");
                return Err(Raise::new("AttrValueError", message).into());
            }
            proxy = proxy_of(value.extract()?)?;
        }
        self.sinks.push((proxy, sink.unbind()));
        Ok(())
    }

    /// A path and its options, as text.
    fn add_path(&mut self, path: &Path, options: &Bound<'_, PyDict>) -> PyResult<()> {
        let text = path.to_str().ok_or_else(|| Raise::new("AttrValueError", "an output's path has to be UTF-8"))?;
        if let Some(mut movie) = Movie::at(text) {
            each(options, |name, value| movie.set(name, value))?;
            self.movies.push(movie);
            return Ok(());
        }
        let mut output = Output::at(text).map_err(raise)?;
        // As from a frame: what is read back is what was rendered.
        if output.format == Format::Exr {
            output.set("dtype", "float").map_err(raise)?;
        }
        each(options, |name, value| output.set(name, value))?;
        self.files.push(output);
        Ok(())
    }
}

/// Sets options by their names, their values as text.
fn each(options: &Bound<'_, PyDict>, mut set: impl FnMut(&str, &str) -> Result<(), DeliveryError>) -> PyResult<()> {
    for (name, value) in options {
        let value = match value.cast::<PyBool>() {
            Ok(value) => value.is_true().to_string(),
            Err(_) => value.str()?.to_string(),
        };
        set(&name.extract::<String>()?, &value).map_err(raise)?;
    }
    Ok(())
}

/// The proxy of a number.
pub fn proxy_of(number: i64) -> PyResult<Proxy> {
    Proxy::of(number).map_err(|message| Raise::new("AttrValueError", message).into())
}
