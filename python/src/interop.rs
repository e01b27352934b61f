//! A frame among other libraries: `__array__`, DLPack, Pillow, pickle, and pictures for notebooks.

use playa_host::image::{Channel, Frame as HostFrame, Rect, SampleType};
use playa_host::media;
use playa_host::view::Tonemap;
use playa_host::view::display::{Cover, Display, to_srgb8};
use pyo3::exceptions::{PyBufferError, PyImportError, PyModuleNotFoundError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::array::{pixels_of, samples_of};
use crate::call::call;
use crate::errors::{Raise, raise};
use crate::frame::{Frame, corners};
use crate::from_array::{self, Options, channel_of};
use crate::metadata;

/// Most columns and rows of a picture in a notebook.
const PREVIEW_SIDE: usize = 1024;

/// DLPack's number of the device type CPU, and the names of the others.
pub const CPU: i32 = 1;
const DEVICES: [(i32, &str); 13] = [
    (2, "CUDA"),
    (3, "CUDA host"),
    (4, "OpenCL"),
    (7, "Vulkan"),
    (8, "Metal"),
    (9, "VPI"),
    (10, "ROCm"),
    (11, "ROCm host"),
    (13, "CUDA managed"),
    (14, "oneAPI"),
    (15, "WebGPU"),
    (16, "Hexagon"),
    (17, "MAIA"),
];

/// `__array__` as of numpy 2: without a copy where there need be none.
pub fn array<'py>(
    frame: &Bound<'py, Frame>,
    dtype: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let pixels = pixels_of(frame)?;
    let same = match dtype {
        Some(dtype) => {
            let dtype = frame.py().import("numpy")?.call_method1("dtype", (dtype,))?;
            pixels.getattr("dtype")?.eq(&dtype)?
        }
        None => true,
    };
    match (same, copy) {
        (true, Some(true)) => pixels.call_method0("copy"),
        (true, _) => Ok(pixels),
        (false, Some(false)) => {
            let message = "the pixels are float32: an array of another type needs a copy, which copy=False refuses";
            Err(PyValueError::new_err(message))
        }
        (false, _) => pixels.call_method1("astype", (dtype,)),
    }
}

/// `__dlpack__`, by numpy. Consumers that know no read-only memory (DLPack before 1.0) get an error or, if they ask for
/// one, a copy.
pub fn dlpack<'py>(
    frame: &Bound<'py, Frame>,
    stream: Option<&Bound<'py, PyAny>>,
    max_version: Option<(u32, u32)>,
    dl_device: Option<(i32, i32)>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = frame.py();
    let pixels = pixels_of(frame)?;
    let pixels = if copy == Some(true) { pixels.call_method0("copy")? } else { pixels };
    let arguments = PyDict::new(py);
    arguments.set_item("stream", stream)?;
    // numpy before 2.1 does not have these.
    if max_version.is_some() {
        arguments.set_item("max_version", max_version)?;
    }
    if dl_device.is_some() {
        arguments.set_item("dl_device", dl_device)?;
    }
    if copy != Some(true) && max_version.is_none_or(|(major, _)| major < 1) {
        let message =
            "a frame is read-only, which DLPack can only say since 1.0 and numpy since 2.1: pass frame.copy()";
        return Err(PyBufferError::new_err(message));
    }
    pixels.call_method("__dlpack__", (), Some(&arguments))
}

/// The array over a tensor's memory. Only the CPU's own is taken.
pub fn tensor_array<'py>(tensor: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = tensor.py();
    let refuse = |message: String, hint: &str| -> PyErr {
        Raise { hint: Some(hint.to_owned()), ..Raise::new("ArrayError", message) }.into()
    };
    if !tensor.hasattr("__dlpack__")? || !tensor.hasattr("__dlpack_device__")? {
        let message = format!("an object of type {} is no tensor of DLPack", crate::value::type_name(tensor));
        return Err(refuse(message, "pass it to Frame.from_numpy"));
    }
    let (device, number): (i32, i32) = tensor.call_method0("__dlpack_device__")?.extract()?;
    if device != CPU {
        let name = DEVICES.iter().find(|(known, _)| *known == device).map_or("unknown", |(_, name)| *name);
        let message = format!("the tensor is on the device {name} (type {device}, number {number}), expected the CPU");
        return Err(refuse(message, "copy it to the CPU first, as in tensor.cpu()"));
    }
    py.import("numpy")?.call_method1("from_dlpack", (tensor,))
}

/// The display window as `PIL.Image.Image` in mode RGBA.
pub fn to_pil<'py>(py: Python<'py>, frame: &HostFrame) -> PyResult<Bound<'py, PyAny>> {
    let pillow = pillow(py)?;
    let size = (frame.display_window.width(), frame.display_window.height());
    if frame.display_window.is_empty() {
        return pillow.call_method1("new", ("RGBA", size));
    }
    let display = Display { tonemap: Tonemap::Clamp, exposure: 0.0, cover: Cover::Straight };
    let bytes = call(py, || to_srgb8(frame, &display).map_err(raise))?;
    pillow.call_method1("frombytes", ("RGBA", size, PyBytes::new(py, &bytes)))
}

/// A frame of a `PIL.Image.Image` of any mode with a known white.
pub fn from_pil(image: &Bound<'_, PyAny>) -> PyResult<HostFrame> {
    let py = image.py();
    if !image.is_instance(&pillow(py)?.getattr("Image")?)? {
        let message = format!("expected a PIL.Image.Image, found an object of type {}", crate::value::type_name(image));
        return Err(Raise::new("ArrayError", message).into());
    }
    let mode: String = image.getattr("mode")?.extract()?;
    let has_transparency = image.getattr("info")?.contains("transparency")?;
    let alpha = if mode == "RGBa" || mode == "La" { Some("premultiplied") } else { None };
    let wanted = match &*mode {
        "I" => {
            let message = "a PIL.Image.Image of mode I is no picture: its white is not known";
            let hint = "pass np.asarray(image) / white to Frame.from_numpy".to_owned();
            return Err(Raise { hint: Some(hint), ..Raise::new("ArrayError", message) }.into());
        }
        "1" | "L" | "RGB" if !has_transparency => None,
        "F" | "LA" | "RGBA" | "I;16" | "I;16L" | "I;16B" | "I;16N" => None,
        // Numpy sees their bytes as those of RGBA and LA.
        "RGBa" | "La" => None,
        "PA" => Some("RGBA"),
        _ if has_transparency => Some("RGBA"),
        _ => Some("RGB"),
    };
    let image = match wanted {
        Some(mode) => image.call_method1("convert", (mode,))?,
        None => image.clone(),
    };
    Ok(HostFrame::new(from_array::image_of(&image, Options { alpha, ..Options::default() })?))
}

fn pillow(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(py
        .import("PIL.Image")
        .map_err(|error| {
            if !error.is_instance_of::<PyImportError>(py) {
                return error;
            }
            let missing = PyModuleNotFoundError::new_err("Pillow is not installed: pip install pillow");
            missing.set_cause(py, Some(error));
            missing
        })?
        .into_any())
}

/// A PNG for a notebook. `None` where there is nothing to show, or no memory for it.
pub fn preview<'py>(py: Python<'py>, frame: &HostFrame) -> Option<Bound<'py, PyBytes>> {
    let png = call(py, || Ok(media::preview(frame, PREVIEW_SIDE))).ok().flatten()?;
    Some(PyBytes::new(py, &png))
}

/// The preview with the frame's description below. Only the description, if there is no preview.
pub fn html(py: Python<'_>, frame: &HostFrame, description: &str) -> String {
    let escaped = description.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let encode = |png: Bound<'_, PyBytes>| -> PyResult<String> {
        py.import("base64")?.call_method1("b64encode", (png,))?.call_method0("decode")?.extract()
    };
    let picture = preview(py, frame).and_then(|png| encode(png).ok());
    let picture = picture.map(|png| format!("<img src=\"data:image/png;base64,{png}\" style=\"max-width: 100%\">"));
    format!("<figure>{}<figcaption><code>{escaped}</code></figcaption></figure>", picture.unwrap_or_default())
}

/// What pickle keeps of a frame. The pixels are an array, which pickle's protocol 5 can hand over without a copy.
pub fn reduced<'py>(frame: &Bound<'py, Frame>) -> PyResult<Bound<'py, PyTuple>> {
    let (py, host) = (frame.py(), frame.get().host());
    let channels = host.channels.iter().map(|channel| Ok((channel.name.clone(), samples_of(frame, &channel.samples)?)));
    let state = (
        pixels_of(frame)?,
        corners(host.data_window()),
        corners(host.display_window),
        host.pixel_aspect,
        stored_name(host.stored),
        channels.collect::<PyResult<Vec<_>>>()?,
        metadata::with_kinds(py, &host.metadata)?,
    );
    let restore = py.import("playa_py._native")?.getattr("restore_frame")?;
    (restore, state).into_pyobject(py)
}

/// A frame from what pickle kept of it.
#[pyfunction]
#[pyo3(signature = (pixels, data_window, display_window, pixel_aspect, stored, channels, metadata, /))]
#[allow(clippy::too_many_arguments, reason = "the state that `Frame.__reduce_ex__` gives, one by one")]
pub fn restore_frame(
    pixels: &Bound<'_, PyAny>,
    data_window: [i32; 4],
    display_window: [i32; 4],
    pixel_aspect: f32,
    stored: &str,
    channels: Vec<(String, Bound<'_, PyAny>)>,
    metadata: Vec<(String, String, Bound<'_, PyAny>)>,
) -> PyResult<Frame> {
    let rect = |[x0, y0, x1, y1]: [i32; 4]| Rect::new(x0, y0, x1, y1);
    let window = rect(data_window);
    let channels = channels.iter().map(|(name, samples)| channel_of(name, samples, window));
    let no_type = || Raise::new("AttrValueError", format!("a sample type {stored:?}: expected one that Playa knows"));
    Ok(Frame::new(HostFrame {
        image: from_array::image_of(pixels, Options { window: Some(window), ..Options::default() })?,
        display_window: rect(display_window),
        pixel_aspect,
        stored: STORED.iter().find(|(name, _)| *name == stored).ok_or_else(no_type)?.1,
        metadata: metadata::restored(metadata)?,
        channels: channels.collect::<PyResult<Vec<Channel>>>()?,
    }))
}

const STORED: [(&str, SampleType); 8] = [
    ("half", SampleType::Half),
    ("float", SampleType::Float),
    ("uint", SampleType::Uint),
    ("unorm8", SampleType::Unorm8),
    ("unorm10", SampleType::Unorm10),
    ("unorm12", SampleType::Unorm12),
    ("unorm16", SampleType::Unorm16),
    ("unorm32", SampleType::Unorm32),
];

fn stored_name(stored: SampleType) -> &'static str {
    STORED.iter().find(|(_, known)| *known == stored).map_or("float", |(name, _)| name)
}
