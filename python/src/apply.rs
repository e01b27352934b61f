//! An effect called on arrays and frames.

use std::sync::Arc;

use playa_host::image::{Frame as HostFrame, Image, Rect};
use playa_host::project::Effect;
use playa_host::render::{Application, Region, RenderError, RenderOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::array;
use crate::call::interruptible_here;
use crate::comp::region_from_python;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::from_array::Lent;
use crate::plugins::checked;
use crate::profile;
use crate::python_effect::is_within_effects;
use crate::value::type_name;

/// A picture as it was given.
enum Given {
    Frame(Arc<HostFrame>),
    Array(Lent, HostFrame),
}

impl Given {
    fn from_python(object: &Bound<'_, PyAny>, effect: &Effect, input: &str) -> PyResult<Self> {
        if let Ok(frame) = object.cast::<Frame>() {
            return Ok(Given::Frame(Arc::clone(frame.get().host())));
        }
        if !object.hasattr("__array__")? {
            let found = type_name(object);
            let message = format!("{}: `{input}`: expected an array or a Frame, found {found}", effect.name());
            return Err(Raise::new("ParamTypeError", message).into());
        }
        let lent = Lent::of(object)?;
        let frame = HostFrame::new(lent.image.clone());
        Ok(Given::Array(lent, frame))
    }

    fn frame(&self) -> &HostFrame {
        match self {
            Given::Frame(frame) => frame,
            Given::Array(_, frame) => frame,
        }
    }
}

/// What an effect makes of pictures: an array of an array, a `Frame` of a `Frame` and of nothing.
#[pyfunction]
#[pyo3(signature = (effect, params, pictures, *, frame=0, region=None, size=None, window=None))]
#[allow(clippy::too_many_arguments, reason = "they are Python's keyword arguments")]
pub fn apply_effect<'py>(
    py: Python<'py>,
    effect: &str,
    params: &Bound<'py, PyDict>,
    pictures: &Bound<'py, PyTuple>,
    frame: i64,
    region: Option<&Bound<'py, PyAny>>,
    size: Option<(u32, u32)>,
    window: Option<[i32; 4]>,
) -> PyResult<Bound<'py, PyAny>> {
    let (engine, effects) = (engine(py)?, engine(py)?.effects());
    let effect = checked(&effects, effect, Some(params))?;
    let kind = effects.find(&effect.id).expect("its parameters were just checked");
    let inputs: Vec<&str> = kind.spec().inputs.iter().map(|input| input.name.as_str()).collect();
    let refused = |class, reason: String| PyErr::from(Raise::new(class, format!("{}: {reason}", effect.name())));
    if pictures.len() > inputs.len() {
        let takes = if inputs.is_empty() { "no pictures".to_owned() } else { inputs.join(", ") };
        return Err(refused("ParamTypeError", format!("it takes {takes}, found {} pictures", pictures.len())));
    }
    let mut given: Vec<Option<Given>> = Vec::new();
    for (at, input) in kind.spec().inputs.iter().enumerate() {
        given.push(match pictures.get_item(at).ok().filter(|picture| !picture.is_none()) {
            Some(picture) => Some(Given::from_python(&picture, &effect, &input.name)?),
            None if input.optional => None,
            None => {
                let takes = inputs.join(", ");
                return Err(refused("ParamTypeError", format!("`{}` is missing: it takes {takes}", input.name)));
            }
        });
    }
    let canvas = match (inputs.is_empty(), size, window) {
        (true, Some((width, height)), None) => Some(Rect::of_size(width, height)),
        (true, None, Some([x0, y0, x1, y1])) if x0 <= x1 && y0 <= y1 => Some(Rect::new(x0, y0, x1, y1)),
        (false, None, None) => None,
        (false, ..) => {
            let reason = "`size` and `window` are for effects that take no picture; `region` says which pixels to make";
            return Err(refused("ParamError", reason.to_owned()));
        }
        (true, ..) => {
            let reason =
                "it takes no picture: say how large its own is, by size=(width, height) or window=(x0, y0, x1, y1)";
            return Err(refused("ParamError", reason.to_owned()));
        }
    };
    let region = match (given.first(), region) {
        (_, Some(_)) => region_from_python(region)?,
        (Some(Some(Given::Array(_, frame))), None) => Region::Window(frame.data_window()),
        (Some(_), None) => Region::Data,
        (None, None) => Region::Display,
    };
    let (profile, nested) = (profile::current(), is_within_effects());
    let options = RenderOptions { region, profile, nested, ..RenderOptions::default() };
    let values = effect.values().expect("its plugin is loaded");
    let result = interruptible_here(py, &options.abort, || {
        let pictures: Vec<Option<&HostFrame>> = given.iter().map(|given| given.as_ref().map(Given::frame)).collect();
        let application = Application { effect: kind, values: &values, pictures: &pictures, canvas, frame };
        engine.renderer().apply(application, &options).map_err(|error: RenderError| raise(error))
    });
    let mut changeable = false;
    for given in &given {
        if let Some(Given::Array(lent, _)) = given {
            let same = result.as_ref().is_ok_and(|result| result.image.serial() == lent.image.serial());
            changeable |= lent.give_back(py) && same;
        }
    }
    let result = result?;
    if !matches!(given.first(), Some(Some(Given::Array(..)))) {
        return Ok(Bound::new(py, Frame::new(result))?.into_any());
    }
    drop(given);
    if changeable {
        // It changed nothing, and what it was given is its owner's to change.
        let copy = Image::from_vec(result.image.window(), result.image.values().to_vec());
        return array::array_of(py, copy.map_err(|error| Raise::new("MemoryLimitError", error.to_string()))?);
    }
    array::array_of(py, result.image)
}
