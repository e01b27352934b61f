//! How frames are looked at: tone maps and scopes, as arrays.

use std::str::FromStr;

use playa_host::colour::Transform;
use playa_host::image::Frame;
use playa_host::view::codes;
use playa_host::view::display::{self, Cover, Display};
use playa_host::view::scopes::{self, Bins, Component, Transfer};
use playa_host::view::{Tonemap, stats as channel_stats};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::array::new_array;
use crate::call::call;
use crate::errors::{Raise, raise};

fn invalid(message: impl Into<String>) -> PyErr {
    Raise::new("AttrValueError", message).into()
}

pub fn tonemap<'py>(
    py: Python<'py>,
    frame: &Frame,
    tonemap: &str,
    exposure: f32,
    alpha: &str,
    background: Option<[f32; 3]>,
) -> PyResult<Bound<'py, PyAny>> {
    let cover = match (alpha, background) {
        ("straight", None) => Cover::Straight,
        ("straight", Some(light)) if light.iter().all(|light| (0.0..=1.0).contains(light)) => Cover::Over(light),
        ("straight", Some(light)) => {
            return Err(invalid(format!("background={light:?}: expected linear light of red, green and blue, 0..1")));
        }
        ("premultiplied", None) => Cover::Premultiplied,
        ("premultiplied", Some(_)) => {
            return Err(invalid(
                "alpha=\"premultiplied\": over a background the result is opaque; leave one of both out",
            ));
        }
        (other, _) => return Err(invalid(format!("alpha={other:?}: expected \"straight\" or \"premultiplied\""))),
    };
    if !exposure.is_finite() {
        return Err(invalid(format!("exposure={exposure}: expected a finite number of stops")));
    }
    let display = Display { tonemap: Tonemap::from_str(tonemap).map_err(invalid)?, exposure, cover };
    let codes = call(py, || display::to_srgb8(frame, &display).map_err(raise))?;
    new_array(py, codes, [frame.display_window.height(), frame.display_window.width(), 4])
}

/// Codes of a display, as an array of the type that is asked for.
pub fn codes<'py>(
    py: Python<'py>,
    frame: &Frame,
    transform: Option<&dyn Transform>,
    exposure: f32,
    dtype: &str,
) -> PyResult<Bound<'py, PyAny>> {
    if !exposure.is_finite() {
        return Err(invalid(format!("exposure={exposure}: expected a finite number of stops")));
    }
    let shape = [frame.display_window.height(), frame.display_window.width(), 4];
    let floats = || Ok(codes::straight(frame, transform, exposure).map_err(raise)?.into_flattened());
    // NaN becomes 0.
    let whole = |value: f32, largest: f32| value.clamp(0.0, 1.0) * largest + 0.5;
    match dtype {
        "uint8" => {
            let codes = call(py, || Ok(floats()?.into_iter().map(|value| whole(value, 255.0) as u8).collect()))?;
            new_array::<u8, 3>(py, codes, shape)
        }
        "uint16" => {
            let codes = call(py, || Ok(floats()?.into_iter().map(|value| whole(value, 65535.0) as u16).collect()))?;
            new_array::<u16, 3>(py, codes, shape)
        }
        "float32" => new_array::<f32, 3>(py, call(py, floats)?, shape),
        other => Err(invalid(format!("dtype={other:?}: expected \"uint8\", \"uint16\" or \"float32\""))),
    }
}

pub fn stats<'py>(py: Python<'py>, frame: &Frame) -> PyResult<Bound<'py, PyAny>> {
    let stats = call(py, || Ok(channel_stats::stats(&frame.image)))?;
    let fields = PyDict::new(py);
    for (name, values) in [
        ("min", stats.map(|channel| channel.min)),
        ("max", stats.map(|channel| channel.max)),
        ("mean", stats.map(|channel| channel.mean)),
        ("std", stats.map(|channel| channel.std)),
    ] {
        fields.set_item(name, new_array(py, values.to_vec(), [4])?)?;
    }
    for (name, counts) in [
        ("nan", stats.map(|channel| channel.nan)),
        ("inf", stats.map(|channel| channel.inf)),
        ("negative", stats.map(|channel| channel.negative)),
        ("above_one", stats.map(|channel| channel.above_one)),
    ] {
        fields.set_item(name, new_array(py, counts.to_vec(), [4])?)?;
    }
    record(py, "FrameStats", &fields)
}

/// What a histogram or waveform counts: which components, behind which curve, in which bins.
pub struct Counted {
    bins: Bins,
    components: Vec<Component>,
    transfer: Transfer,
}

impl Counted {
    pub fn new(bins: usize, range: (f64, f64), channels: &str, transfer: &str) -> PyResult<Self> {
        Ok(Self {
            bins: self::bins(bins, range)?,
            components: components(channels)?,
            transfer: self::transfer(transfer)?,
        })
    }
}

pub fn histogram<'py>(py: Python<'py>, frame: &Frame, counted: &Counted) -> PyResult<Bound<'py, PyAny>> {
    let Counted { bins, components, transfer } = counted;
    let histograms = call(py, || Ok(scopes::histogram(&frame.image, *transfer, components, bins)))?;
    let fields = PyDict::new(py);
    let counts = histograms.iter().flat_map(|histogram| &histogram.counts).copied().collect();
    fields.set_item("counts", new_array(py, counts, [components.len(), bins.count()])?)?;
    fields.set_item("edges", new_array(py, bins.edges().to_vec(), [bins.count() + 1])?)?;
    let each =
        |of: fn(&scopes::Histogram) -> u64| new_array(py, histograms.iter().map(of).collect(), [components.len()]);
    fields.set_item("under", each(|histogram| histogram.under)?)?;
    fields.set_item("over", each(|histogram| histogram.over)?)?;
    fields.set_item("nan", each(|histogram| histogram.nan)?)?;
    record(py, "Histogram", &fields)
}

pub fn waveform<'py>(py: Python<'py>, frame: &Frame, counted: &Counted) -> PyResult<Bound<'py, PyAny>> {
    let Counted { bins, components, transfer } = counted;
    let counts = call(py, || scopes::waveform(&frame.image, *transfer, components, bins).map_err(raise))?;
    let columns = new_array(py, counts, [components.len(), frame.image.window().width(), bins.count()])?;
    let fields = PyDict::new(py);
    fields.set_item("counts", columns.call_method1("swapaxes", (1, 2))?)?;
    fields.set_item("edges", new_array(py, bins.edges().to_vec(), [bins.count() + 1])?)?;
    record(py, "Waveform", &fields)
}

pub fn vectorscope<'py>(
    py: Python<'py>,
    frame: &Frame,
    bins: usize,
    range: (f64, f64),
    transfer: &str,
) -> PyResult<Bound<'py, PyAny>> {
    /// Each thread counts in a table of its own: this one takes 32 MiB.
    const MOST: usize = 2048;
    if bins > MOST {
        return Err(invalid(format!("{bins} bins, expected 1 to {MOST}")));
    }
    let (bins, transfer) = (self::bins(bins, range)?, self::transfer(transfer)?);
    let counts = call(py, || Ok(scopes::vectorscope(&frame.image, transfer, &bins)))?;
    let fields = PyDict::new(py);
    fields.set_item("counts", new_array(py, counts, [bins.count(), bins.count()])?)?;
    fields.set_item("edges", new_array(py, bins.edges().to_vec(), [bins.count() + 1])?)?;
    record(py, "Vectorscope", &fields)
}

fn record<'py>(py: Python<'py>, class: &str, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    py.import("playa_py.records")?.getattr(class)?.call((), Some(fields))
}

fn bins(count: usize, range: (f64, f64)) -> PyResult<Bins> {
    Bins::new(count, range).map_err(|error| invalid(error.to_string()))
}

fn components(channels: &str) -> PyResult<Vec<Component>> {
    let components: Option<Vec<Component>> = channels.chars().map(Component::of_letter).collect();
    components.filter(|components| !components.is_empty() && components.len() <= 5).ok_or_else(|| {
        invalid(format!("channels={channels:?}: expected up to five letters of r, g, b, a, and y for luma"))
    })
}

fn transfer(name: &str) -> PyResult<Transfer> {
    match name {
        "linear" => Ok(Transfer::Linear),
        "srgb" => Ok(Transfer::Srgb),
        other => Err(invalid(format!("transfer={other:?}: expected \"linear\" or \"srgb\""))),
    }
}
