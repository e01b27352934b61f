//! What an array means as a picture, and when its memory can be shared.

use numpy::{PyArray2, PyArray3, PyArrayDescrMethods, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use playa_host::image::{Channel, Image, ImageError, Rect, Samples};
use playa_host::media::samples::{self, Alpha, Flag, Meaning, Transfer};
use pyo3::prelude::*;

use crate::array::{Stored, Strided, set_writeable, wrap};
use crate::call::call;
use crate::errors::Raise;
use crate::metadata::dict_of;
use crate::value::type_name;

/// Rows and columns that are read at once: a long run where samples lie one behind the other, else a block whose lines of
/// the cache are all used before they are gone.
const RUN: [usize; 2] = [1, 1024];
const BLOCK: [usize; 2] = [16, 64];

/// What a caller may say of an array.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// `False` shares the memory or fails, `True` never shares it, `None` shares it where it can.
    pub copy: Option<bool>,
    /// `"linear"` or `"srgb"`; by the type where not said.
    pub transfer: Option<&'a str>,
    /// `"premultiplied"` or `"straight"`; by the type where not said.
    pub alpha: Option<&'a str>,
    /// Where the pixels are; from (0, 0) on where not said.
    pub window: Option<Rect>,
}

/// The types that samples may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    U8,
    U16,
    F16,
    F32,
    F64,
}

impl Kind {
    fn of(array: &Bound<'_, PyUntypedArray>) -> PyResult<Self> {
        let dtype = array.dtype();
        match (dtype.kind(), dtype.itemsize()) {
            (b'b', 1) => Ok(Kind::Bool),
            (b'u', 1) => Ok(Kind::U8),
            (b'u', 2) => Ok(Kind::U16),
            (b'f', 2) => Ok(Kind::F16),
            (b'f', 4) => Ok(Kind::F32),
            (b'f', 8) => Ok(Kind::F64),
            (kind, _) => {
                let hint = match kind {
                    b'i' | b'u' => {
                        "only you know which number is white: divide by it, as in pixels.astype(np.float32) / white"
                    }
                    b'f' => "pass pixels.astype(np.float64)",
                    b'V' => "stack its fields, as in np.stack([pixels[name] for name in \"RGBA\"], axis=-1)",
                    _ => "pass an array of numbers of shape (H, W, 4)",
                };
                let expected = "expected bool, uint8, uint16, float16, float32 or float64";
                Err(refusal(format!("an array of {dtype} is no picture, {expected}"), hint))
            }
        }
    }

    /// What samples of this type mean: whole numbers and their curve come from pictures to look at, where alpha is
    /// straight; floats are what compositing works on.
    fn usual_meaning(self) -> Meaning {
        match self {
            Kind::U8 | Kind::U16 => Meaning { transfer: Transfer::Srgb, alpha: Alpha::Straight },
            _ => Meaning { transfer: Transfer::Linear, alpha: Alpha::Premultiplied },
        }
    }
}

/// An image over the values of an array, or of what numpy makes an array of.
pub fn image_of(object: &Bound<'_, PyAny>, options: Options<'_>) -> PyResult<Image> {
    let py = object.py();
    let array = array_of(object, options.copy)?;
    let kind = Kind::of(&array)?;
    let strided = Strided::of(&array);
    let [height, width, channels] = check_shape(&array, strided.shape())?;
    let window = window_of(options.window, height, width)?;
    let meaning = meaning(kind, options)?;
    if options.copy != Some(true) {
        let reasons = conversions(&array, kind, channels, meaning);
        if reasons.is_empty() {
            return wrap(array.cast::<PyArray3<f32>>()?, window);
        }
        if options.copy == Some(false) {
            let what = described(&array);
            let message = format!("{what} cannot be wrapped without a copy: {}", reasons.join(", "));
            let hint =
                "pass an aligned float32 array of shape (H, W, 4) in C order, linear and premultiplied, or copy=None";
            return Err(refusal(message, hint));
        }
    }
    match kind {
        Kind::Bool => converted::<Flag>(py, &strided, meaning, window),
        Kind::U8 => converted::<u8>(py, &strided, meaning, window),
        Kind::U16 => converted::<u16>(py, &strided, meaning, window),
        Kind::F16 => converted::<half::f16>(py, &strided, meaning, window),
        Kind::F32 => converted::<f32>(py, &strided, meaning, window),
        Kind::F64 => converted::<f64>(py, &strided, meaning, window),
    }
}

fn converted<T: Stored>(py: Python<'_>, array: &Strided, meaning: Meaning, window: Rect) -> PyResult<Image> {
    let tile = if array.has_tight_rows() { RUN } else { BLOCK };
    let [_, _, channels] = array.shape();
    call(py, || {
        samples::image::<T>(window, channels, meaning, tile, |rows, columns, room| array.read(rows, columns, room))
            .map_err(no_memory)
    })
}

/// Memory of an array as an image, for the time of a call.
pub struct Lent {
    pub image: Image,
    /// The array, which was its owner's to change before.
    array: Option<Py<PyUntypedArray>>,
}

impl Lent {
    /// An image over the values of an array, as [`image_of`] makes it. The array is read-only until it is given back.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_writeable = || match object.cast::<PyUntypedArray>() {
            Ok(array) => array.getattr("flags")?.getattr("writeable")?.extract::<bool>(),
            Err(_) => Ok(false),
        };
        let was_writeable = is_writeable()?;
        let image = image_of(object, Options::default())?;
        // Only what is shared is set read-only.
        let is_shared = was_writeable && !is_writeable()?;
        let array = is_shared.then(|| object.cast::<PyUntypedArray>()).transpose()?;
        Ok(Self { image, array: array.map(|array| array.clone().unbind()) })
    }

    /// Lets the owner change the array again. Tells whether it may.
    pub fn give_back(&self, py: Python<'_>) -> bool {
        if let Some(array) = &self.array {
            set_writeable(array.bind(py), true);
        }
        self.array.is_some()
    }
}

/// A channel, copied from an array `(H, W)` of float16, float32 or uint32.
pub fn channel_of(name: &str, object: &Bound<'_, PyAny>, window: Rect) -> PyResult<Channel> {
    let py = object.py();
    let array = array_of(object, None)?;
    let expected = [window.height(), window.width()];
    let wrong = |found: String| {
        let [height, width] = expected;
        let hint = "convert it, as in channel.astype(np.float32)";
        refusal(
            format!("channel {name:?}: {found}, expected float16, float32 or uint32 of shape ({height}, {width})"),
            hint,
        )
    };
    let dtype = array.dtype();
    if array.shape() != expected {
        return Err(wrong(described(&array)));
    }
    // Aligned, in C order, and of this machine's byte order.
    let plain = |name: &str| py.import("numpy")?.call_method1("require", (&array, name, ["C", "A"]));
    let samples = match (dtype.kind(), dtype.itemsize()) {
        (b'f', 2) => Samples::F16(values::<half::f16>(&plain("=f2")?)?.into()),
        (b'f', 4) => Samples::F32(values::<f32>(&plain("=f4")?)?.into()),
        (b'u', 4) => Samples::U32(values::<u32>(&plain("=u4")?)?.into()),
        _ => return Err(wrong(described(&array))),
    };
    Ok(Channel { name: name.to_owned(), samples })
}

fn values<T: numpy::Element + Clone>(array: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    let array = array.cast::<PyArray2<T>>()?.readonly();
    Ok(array.as_slice().map_err(|error| Raise::new("ArrayError", error.to_string()))?.to_vec())
}

/// The object as an array. Without a copy only what is one, or lends its memory.
fn array_of<'py>(object: &Bound<'py, PyAny>, copy: Option<bool>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = object.py();
    let numpy = py.import("numpy")?;
    if let Ok(array) = object.cast::<PyUntypedArray>() {
        if object.is_instance(&numpy.getattr("ma")?.getattr("MaskedArray")?)? {
            let message = "a masked array is no picture: a pixel cannot be missing";
            return Err(refusal(message.to_owned(), "pass pixels.filled(0), or put the mask into the alpha"));
        }
        return Ok(array.clone());
    }
    let what = format!("an object of type {}", type_name(object));
    let source = match copy {
        Some(false) => py.import("builtins")?.call_method1("memoryview", (object,)).map_err(|_| {
            let message = format!("{what} cannot be wrapped without a copy: it does not lend its memory");
            refusal(message, "pass an array of numpy, or copy=None")
        })?,
        _ => object.clone(),
    };
    let array = numpy.call_method1("asarray", (source,)).map_err(|error| {
        let raised =
            PyErr::from(Raise::new("ArrayError", format!("numpy makes no array of {what}: {}", error.value(py))));
        raised.set_cause(py, Some(error));
        raised
    })?;
    Ok(array.cast_into::<PyUntypedArray>()?)
}

/// Rows, columns and channels, if it is a picture.
fn check_shape(array: &Bound<'_, PyUntypedArray>, [height, width, channels]: [usize; 3]) -> PyResult<[usize; 3]> {
    let shape = array.shape();
    if matches!(shape.len(), 2 | 3) && (1..=4).contains(&channels) {
        return Ok([height, width, channels]);
    }
    let hint = match shape {
        [1..=4, _, _] => "its channels come first: pass np.moveaxis(pixels, 0, -1)",
        [_, _, _, _] => "pass one picture after the other",
        _ => "select the channels to show, as in pixels[..., :3]; others go into `channels`",
    };
    let expected = "expected (H, W), or (H, W, C) with 1 to 4 channels";
    Err(refusal(format!("{} is no picture, {expected}", described(array)), hint))
}

fn window_of(wanted: Option<Rect>, height: usize, width: usize) -> PyResult<Rect> {
    match wanted {
        Some(window) if (window.height(), window.width()) == (height, width) => Ok(window),
        Some(window) => {
            let message =
                format!("the data window {window} does not have the {height} rows and {width} columns of the array");
            Err(refusal(message, "give (x0, y0, x0 + width, y0 + height): the last two are exclusive"))
        }
        None => match (i32::try_from(width), i32::try_from(height)) {
            (Ok(width), Ok(height)) => Ok(Rect::new(0, 0, width, height)),
            _ => {
                let message = format!("{width} x {height} pixels are more than an image can have");
                Err(Raise::new("ArrayError", message).into())
            }
        },
    }
}

fn meaning(kind: Kind, options: Options<'_>) -> PyResult<Meaning> {
    let usual = kind.usual_meaning();
    let transfer = match options.transfer {
        None => usual.transfer,
        Some("linear") => Transfer::Linear,
        Some("srgb") => Transfer::Srgb,
        Some(other) => return Err(no_choice("transfer", other, "\"linear\" or \"srgb\"")),
    };
    let alpha = match options.alpha {
        None => usual.alpha,
        Some("premultiplied") => Alpha::Premultiplied,
        Some("straight") => Alpha::Straight,
        Some(other) => return Err(no_choice("alpha", other, "\"premultiplied\" or \"straight\"")),
    };
    Ok(Meaning { transfer, alpha })
}

/// Why the array's memory is not that of an image.
fn conversions(array: &Bound<'_, PyUntypedArray>, kind: Kind, channels: usize, meaning: Meaning) -> Vec<&'static str> {
    let reasons = [
        (kind != Kind::F32, "its type is not float32"),
        (array.dtype().is_native_byteorder() == Some(false), "its bytes are in the order of another machine"),
        (channels != 4 || array.ndim() != 3, "it does not have 4 channels"),
        (!array.is_c_contiguous(), "its values do not lie in C order, one behind the other"),
        (!array.is_aligned(), "its memory is not aligned"),
        (meaning.transfer != Transfer::Linear, "its colour is on the sRGB curve"),
        (meaning.alpha != Alpha::Premultiplied, "its alpha is straight"),
    ];
    reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect()
}

fn described(array: &Bound<'_, PyUntypedArray>) -> String {
    let shape = array.getattr("shape").map_or_else(|_| "?".to_owned(), |shape| shape.to_string());
    format!("an array of {} with shape {shape}", array.dtype())
}

fn no_choice(option: &str, found: &str, expected: &str) -> PyErr {
    Raise::new("AttrValueError", format!("{option}={found:?}: expected {expected}")).into()
}

fn no_memory(error: ImageError) -> PyErr {
    Raise::new("MemoryLimitError", error.to_string()).into()
}

fn refusal(message: String, hint: &str) -> PyErr {
    Raise { hint: Some(hint.to_owned()), ..Raise::new("ArrayError", message) }.into()
}

/// Named channels beyond the colour, in the order of the dict.
pub fn channels_of(channels: &Bound<'_, PyAny>, window: Rect) -> PyResult<Vec<Channel>> {
    let entry = |(name, array): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name: String = name.extract()?;
        if name.is_empty() || ["R", "G", "B", "A"].contains(&&*name) {
            let message = format!("channel {name:?}: expected the name of a channel beyond R, G, B and A");
            return Err(refusal(
                message,
                "give the colour as `pixels`, and others names such as \"Z\" or \"diffuse.R\"",
            ));
        }
        channel_of(&name, &array, window)
    };
    dict_of("channels", channels)?.iter().map(entry).collect()
}
