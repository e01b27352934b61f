//! Effects that are written in Python: `playa_py.effect`.
//!
//! What the decorator learnt from the function becomes the same description that a plugin file gives, and is checked by the
//! same code. The function is called attached to the interpreter, from whichever thread renders; that is never one of the
//! pool, so no thread that it may need waits for it.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray3, PyArrayMethods};
use playa_host::image::{Image, Rect, ViewMut};
use playa_host::plugin::{EffectFailure, HostEffect, Input, Services, Setting};
use playa_host::project::{EffectSpec as HostSpec, ParamSpec as HostParam, Value};
use playa_plugin_api::{ChoiceSpec, EffectError, ErrorCode, InputSpec, Kind, Need, Plan, Query, Traits};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::array;
use crate::call::call;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::plugins::EffectSpec;
use crate::value::{Slot, from_python, to_python};

thread_local! {
    /// The effects in whose functions this thread is, or the one that it works for.
    static WITHIN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The effects in whose functions this thread is: for a thread that works for it.
pub fn within() -> Vec<usize> {
    WITHIN.with_borrow(Vec::clone)
}

/// Whether this thread is in the function of an effect: what it renders is part of the frame for which that runs.
pub fn is_within_effects() -> bool {
    WITHIN.with_borrow(|within| !within.is_empty())
}

/// Works for a thread that is in the functions of these effects.
pub fn work_within(effects: Vec<usize>) {
    WITHIN.set(effects);
}

/// Refuses renders on other threads to the functions of effects.
pub fn refuse_within_effects() -> PyResult<()> {
    if !is_within_effects() {
        return Ok(());
    }
    let message = "the function of an effect renders single frames only: its threads could wait for each other";
    Err(Raise::new("RenderError", message).into())
}

/// A function of Python as an effect.
struct PythonEffect {
    function: Py<PyAny>,
    reach: Reach,
    /// Held while it runs, unless it may run several times at once.
    turn: Option<Mutex<()>>,
    params: Vec<String>,
}

/// How far the function looks.
enum Reach {
    /// At the whole picture.
    Whole,
    /// So many pixels to each side.
    Radius(u32),
    /// As many as this says of the parameters.
    Says(Py<PyAny>),
}

impl PythonEffect {
    fn radius(&self, params: &[Value]) -> Result<Option<u32>, EffectFailure> {
        let says = match &self.reach {
            Reach::Whole => return Ok(None),
            Reach::Radius(radius) => return Ok(Some(*radius)),
            Reach::Says(says) => says,
        };
        attached(|py| {
            let keywords = PyDict::new(py);
            for (name, value) in self.params.iter().zip(params) {
                keywords.set_item(name, to_python(py, value)?)?;
            }
            says.bind(py).call((), Some(&keywords))?.extract().map(Some)
        })
    }

    /// The pixels that it makes for `area`, which its first picture has.
    fn run<'py>(
        &self,
        py: Python<'py>,
        params: &[Value],
        setting: Setting,
        inputs: &[Input<'_>],
        area: Rect,
    ) -> PyResult<Bound<'py, PyArray3<f32>>> {
        let mut pictures =
            vec![py.None().into_bound(py); inputs.iter().map(|input| input.input + 1).max().unwrap_or(0)];
        for input in inputs {
            pictures[input.input] = match input.image {
                Some(image) if input.pixels.window() == area => array::part_of(py, image, area)?,
                _ => array::part_of(py, &padded(input, area)?, area)?,
            };
        }
        let values = params.iter().map(|value| to_python(py, value)).collect::<PyResult<Vec<_>>>()?;
        let corners = |rect: Rect| (rect.x0, rect.y0, rect.x1, rect.y1);
        let (pictures, values) = (PyTuple::new(py, pictures)?, PyTuple::new(py, values)?);
        let arguments = (pictures, values, corners(area), corners(setting.canvas), setting.frame);
        Ok(self.function.bind(py).call1(arguments)?.cast_into()?)
    }
}

impl HostEffect for PythonEffect {
    fn plan(&self, params: &[Value], query: &Query<'_>) -> Result<Plan, EffectFailure> {
        let domain = if query.domains.is_empty() { query.canvas } else { query.domain(0) };
        let area = match self.radius(params)? {
            None => domain,
            Some(radius) => query.window.intersect(&domain).grow(radius, radius).intersect(&domain),
        };
        let connected = (0..query.domains.len()).filter(|input| query.domains[*input].is_some());
        let needs = connected.map(|input| Need { input, frame: query.frame, rect: area }).collect();
        Ok(Plan { domain, identity: None, needs })
    }

    fn render(
        &self,
        params: &[Value],
        setting: Setting,
        inputs: &[Input<'_>],
        mut output: ViewMut<'_>,
        _services: &Services<'_>,
    ) -> Result<(), EffectFailure> {
        let this = std::ptr::from_ref(self).addr();
        if WITHIN.with_borrow(|within| within.contains(&this)) {
            let message =
                "it was asked to render while it renders: its function uses a picture that it is put on itself";
            return Err(EffectError::failed(message).into());
        }
        let turn = self.turn.as_ref().map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner));
        let window = output.window();
        let area = inputs.iter().find(|input| input.input == 0).map_or(window, |input| input.pixels.window());
        WITHIN.with_borrow_mut(|within| within.push(this));
        let done = attached(|py| {
            let made = self.run(py, params, setting, inputs, area)?;
            let made = made.readonly();
            let (width, values) = (area.width(), made.as_slice()?);
            for y in window.y0..window.y1 {
                let first = (y - area.y0) as usize * width + (window.x0 - area.x0) as usize;
                let row = output.row_mut(y);
                row.as_flattened_mut().copy_from_slice(&values[first * 4..][..window.width() * 4]);
            }
            Ok(())
        });
        WITHIN.with_borrow_mut(Vec::pop);
        drop(turn);
        done
    }
}

/// An input over all of `area`, transparent black where it has no pixels.
fn padded(input: &Input<'_>, area: Rect) -> PyResult<Image> {
    let no_memory = |error: playa_host::image::ImageError| Raise::new("MemoryLimitError", error.to_string());
    let mut image = Image::transparent(area).map_err(no_memory)?;
    image.view_mut().expect("a new image is not shared").copy_from(input.pixels);
    Ok(image)
}

/// Runs something of Python; its exception is what lies behind the failure. A `MemoryError` is lack of memory, after which
/// the frame may be made once more.
fn attached<T>(work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T, EffectFailure> {
    let failed = |py: Python<'_>, error: PyErr| {
        let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let lacks_memory = error.is_instance_of::<PyMemoryError>(py);
        let code = if lacks_memory { ErrorCode::OutOfMemory } else { ErrorCode::Failed };
        EffectFailure { error: EffectError::new(code, text), cause: Some(Box::new(error)) }
    };
    match Python::try_attach(|py| work(py).map_err(|error| failed(py, error))) {
        Some(result) => result,
        None => Err(EffectError::aborted().into()),
    }
}

/// Registers a function of Python as an effect, in place of the one with the same id before.
///
/// `function` gets pictures, values of the parameters, the window of the pictures, the canvas and the frame, and returns a
/// float32 array in C order with the shape of the window. `reach` is how far it looks: a number of pixels, a function of
/// the parameters that says it, or None for the whole picture. The same `fingerprint` says that it makes the same pixels.
#[pyfunction]
pub fn register_effect(
    py: Python<'_>,
    spec: &Bound<'_, PyDict>,
    function: Py<PyAny>,
    reach: &Bound<'_, PyAny>,
    parallel: bool,
    path: PathBuf,
    fingerprint: &[u8],
) -> PyResult<EffectSpec> {
    let spec = spec_from_python(spec)?;
    let reach = match reach {
        reach if reach.is_none() => Reach::Whole,
        reach if reach.is_callable() => Reach::Says(reach.clone().unbind()),
        reach => Reach::Radius(reach.extract()?),
    };
    let params = spec.params.iter().map(|param| param.name.clone()).collect();
    let effect = PythonEffect { function, reach, turn: (!parallel).then(Mutex::default), params };
    let (engine, hash) = (engine(py)?, blake3::hash(fingerprint));
    let registered = call(py, || engine.registry().register(spec, &path, hash, Arc::new(effect)).map_err(raise))?;
    Ok(EffectSpec::of(&registered))
}

fn spec_from_python(spec: &Bound<'_, PyDict>) -> PyResult<HostSpec> {
    let inputs: Vec<(String, bool)> = field(spec, "inputs")?;
    let params: Vec<Bound<'_, PyDict>> = field(spec, "params")?;
    Ok(HostSpec {
        id: field(spec, "id")?,
        type_name: field(spec, "name")?,
        label: field(spec, "label")?,
        version: field(spec, "version")?,
        help: field(spec, "help")?,
        tags: field(spec, "tags")?,
        inputs: inputs.into_iter().map(|(name, optional)| InputSpec { name, optional, mask: false }).collect(),
        params: params.iter().map(param_from_python).collect::<PyResult<_>>()?,
        traits: Traits { time_invariant: field(spec, "time_invariant")?, ..Traits::TILEABLE },
        alpha: playa_plugin_api::Alpha::Premultiplied,
    })
}

fn param_from_python(param: &Bound<'_, PyDict>) -> PyResult<HostParam> {
    let (name, kind): (String, String) = (field(param, "name")?, field(param, "kind")?);
    let known = Kind::ALL.into_iter().find(|known| known.name() == kind);
    let kind = known.ok_or_else(|| Raise::new("PluginLoadError", format!("parameter `{name}`: no kind {kind:?}")))?;
    let default = from_python(&field(param, "default")?, Slot::Param, &name).map_err(|raise| *raise)?;
    let choice = |(key, doc): (String, String)| ChoiceSpec { label: key.clone(), key, doc };
    Ok(HostParam {
        // One that is of another kind is for the registry to refuse.
        default: default.coerce(kind).unwrap_or(default),
        name,
        kind,
        label: field(param, "label")?,
        hard_range: field(param, "range")?,
        soft_range: field(param, "soft_range")?,
        step: field(param, "step")?,
        unit: field(param, "unit")?,
        doc: field(param, "doc")?,
        group: field(param, "group")?,
        choices: field::<Vec<_>>(param, "choices")?.into_iter().map(choice).collect(),
        enabled_if: None,
        renamed_from: field(param, "renamed_from")?,
    })
}

fn field<'py, T: FromPyObjectOwned<'py>>(dict: &Bound<'py, PyDict>, name: &str) -> PyResult<T> {
    let value = dict.as_any().get_item(PyString::new(dict.py(), name))?;
    value.extract().map_err(Into::into)
}
