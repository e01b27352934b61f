//! Movies for the host: `playa_py.video._reader` takes them apart, with PyAV where that is installed.
//!
//! A frame is asked for in steps, between which nobody is attached to the interpreter and the render is asked whether it
//! shall stop. Its planes are lent as they lie in PyAV's memory.

use std::path::Path;
use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1};
use playa_host::colour::Content;
use playa_host::media::MediaError;
use playa_host::media::movie::{
    self, Coding, Component, Model, MovieFailure, MovieInfo, MovieReader, PlaneOptions, Planes, Stopped,
};
use pyo3::prelude::*;
use pyo3::types::PyModule;

use crate::call::call;
use crate::colour::engine;
use crate::errors::{Raise, raise};
use crate::frame::Frame;

/// Reads movies by a module of the package.
struct PythonMovies;

/// Says to the host who takes movies apart.
pub fn set_reader() {
    movie::set_reader(Arc::new(PythonMovies));
}

/// What the module says of a movie.
#[derive(FromPyObject)]
struct Facts {
    frames: i64,
    rate: Option<(i32, u32)>,
    size: [u32; 2],
    rotation: u32,
    pixel_aspect: f32,
    codec: String,
    pixel_format: String,
    model: String,
    alpha: bool,
    bits: u32,
    sampling: [u32; 2],
    coding: (u32, u32, u32, Option<bool>),
    warning: Option<String>,
}

/// A frame of it.
#[derive(FromPyObject)]
struct Picture<'py> {
    size: [usize; 2],
    rotation: u32,
    model: String,
    alpha: bool,
    bits: u32,
    sampling: [usize; 2],
    centred: bool,
    coding: (u32, u32, u32, Option<bool>),
    planes: Vec<PyReadonlyArray1<'py, u8>>,
    /// Plane, bytes from row to row and from code to code, bytes to the first code, bits below a code.
    components: Vec<(usize, usize, usize, usize, u32)>,
}

impl MovieReader for PythonMovies {
    fn probe(&self, path: &Path) -> Result<MovieInfo, MovieFailure> {
        attached(|py| {
            let facts: Facts = module(py)?.call_method1("probe", (path,))?.extract()?;
            Ok(MovieInfo {
                frames: facts.frames,
                rate: facts.rate,
                size: facts.size,
                rotation: facts.rotation,
                pixel_aspect: facts.pixel_aspect,
                codec: facts.codec,
                pixel_format: facts.pixel_format,
                model: model(&facts.model),
                alpha: facts.alpha,
                bits: facts.bits,
                sampling: facts.sampling,
                coding: coding(facts.coding),
                warning: facts.warning,
            })
        })
    }

    fn read(
        &self,
        path: &Path,
        frame: i64,
        stopped: Stopped<'_>,
        show: &mut (dyn FnMut(&Planes<'_>) + Send),
    ) -> Result<(), MovieFailure> {
        let steps = attached(|py| Ok(module(py)?.call_method1("steps", (path, frame))?.unbind()))?;
        loop {
            if stopped() {
                attached(|py| steps.bind(py).call_method0("close").map(drop))?;
                let message = format!("reading frame {frame} was stopped");
                return Err(MovieFailure { message, unsupported: false, cause: None });
            }
            let found =
                attached(|py| {
                    let next = py.import("builtins")?.getattr("next")?.call1((&steps,))?;
                    if next.is_none() {
                        return Ok(false);
                    }
                    let picture: Picture<'_> = next.extract()?;
                    let bytes = picture.planes.iter().map(|plane| plane.as_slice()).collect::<Result<Vec<_>, _>>()?;
                    let component = |&(plane, stride, step, start, shift): &(usize, usize, usize, usize, u32)| {
                        Component { bytes: bytes.get(plane).copied().unwrap_or_default(), stride, step, start, shift }
                    };
                    let planes = Planes {
                        size: picture.size,
                        rotation: picture.rotation,
                        model: model(&picture.model),
                        components: picture.components.iter().map(component).collect(),
                        alpha: picture.alpha,
                        bits: picture.bits,
                        sampling: picture.sampling,
                        centred: picture.centred,
                        coding: coding(picture.coding),
                    };
                    py.detach(|| show(&planes));
                    Ok(true)
                })?;
            if found {
                return Ok(());
            }
        }
    }
}

/// A frame as the planes of a movie: brightness, two differences, and alpha if asked for, each an array of uint16 of so
/// many rows and columns, one behind the other. `playa_py.video` writes them.
#[pyfunction]
#[pyo3(signature = (frame, *, size, colour_space, matrix, full_range, bits, sampling, alpha))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn movie_planes<'py>(
    py: Python<'py>,
    frame: &Frame,
    size: [usize; 2],
    colour_space: &str,
    matrix: u32,
    full_range: bool,
    bits: u32,
    sampling: [usize; 2],
    alpha: bool,
) -> PyResult<Vec<Bound<'py, PyArray1<u16>>>> {
    let Content::Colour(space) = engine(py, None)?.find(colour_space).map_err(raise)? else {
        let message = format!("colour_space={colour_space:?}: a movie holds colour");
        return Err(Raise::new("AttrValueError", message).into());
    };
    let coding = Coding { primaries: 2, transfer: 2, matrix, full_range: Some(full_range) };
    let options = PlaneOptions { size, space, coding, bits, sampling, alpha };
    let failed = |problem| raise(MediaError { path: "a movie".into(), problem });
    let planes = call(py, || movie::encode_planes(frame.host(), &options).map_err(failed))?;
    Ok(planes.into_iter().map(|plane| PyArray1::from_vec(py, plane)).collect())
}

fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("playa_py.video._reader")
}

fn model(name: &str) -> Model {
    match name {
        "grey" => Model::Grey,
        "rgb" => Model::Rgb,
        _ => Model::Ycc,
    }
}

fn coding((primaries, transfer, matrix, full_range): (u32, u32, u32, Option<bool>)) -> Coding {
    Coding { primaries, transfer, matrix, full_range }
}

/// Runs something of Python; its exception is what lies behind the failure.
fn attached<T>(work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T, MovieFailure> {
    let failed = |py: Python<'_>, error: PyErr| {
        let message = error.value(py).to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let named = |name: &str| {
            let class = py.import("playa_py.errors").and_then(|errors| errors.getattr(name));
            class.is_ok_and(|class| error.is_instance(py, &class))
        };
        let message = if named("PlayaError") { message } else { error.to_string() };
        MovieFailure { message, unsupported: named("UnsupportedMediaError"), cause: Some(Box::new(error)) }
    };
    match Python::try_attach(|py| work(py).map_err(|error| failed(py, error))) {
        Some(result) => result,
        None => {
            let message = "Python is ending".to_owned();
            Err(MovieFailure { message, unsupported: false, cause: None })
        }
    }
}
