//! Pixels between numpy and the host, without a copy in either direction.
//!
//! The only `unsafe` of the Python module: one side's memory is shown to the other, and kept alive by a reference.

#![allow(unsafe_code, reason = "memory of one language is lent to the other; each block says what keeps it valid")]

use numpy::ndarray::{ArrayView, ArrayViewMut};
use numpy::{Element, PyArray, PyArray3, PyArrayMethods, PyUntypedArrayMethods};
use playa_host::image::{Image, Rect, Samples};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::Raise;
use crate::frame::Frame;

/// Memory of an image that nobody else has, which an array may change.
#[pyclass(frozen, module = "playa_py")]
struct Pixels {
    _image: Image,
}

/// A read-only array `(H, W, 4)` over the frame's pixels. It keeps the frame alive.
pub fn pixels_of<'py>(frame: &Bound<'py, Frame>) -> PyResult<Bound<'py, PyAny>> {
    let image = &frame.get().host().image;
    let window = image.window();
    view(frame, image.values(), [window.height(), window.width(), 4])
}

/// A read-only array `(H, W)` over the samples of one of the frame's channels, in their own type.
pub fn samples_of<'py>(frame: &Bound<'py, Frame>, samples: &Samples) -> PyResult<Bound<'py, PyAny>> {
    let window = frame.get().host().image.window();
    let shape = [window.height(), window.width()];
    match samples {
        Samples::F16(samples) => view(frame, samples, shape),
        Samples::F32(samples) => view(frame, samples, shape),
        Samples::U32(samples) => view(frame, samples, shape),
    }
}

/// A new array of these values.
pub fn new_array<'py, T: Element, const N: usize>(
    py: Python<'py>,
    values: Vec<T>,
    shape: [usize; N],
) -> PyResult<Bound<'py, PyAny>>
where
    [usize; N]: numpy::ndarray::IntoDimension<Dim = numpy::ndarray::Dim<[usize; N]>>,
    numpy::ndarray::Dim<[usize; N]>: numpy::ndarray::Dimension,
{
    Ok(PyArray::from_vec(py, values).reshape(shape)?.into_any())
}

/// A read-only array `(H, W, 4)` over the pixels of an image in `window`, which lies in that of the image.
pub fn part_of<'py>(py: Python<'py>, image: &Image, window: Rect) -> PyResult<Bound<'py, PyAny>> {
    let all = image.window();
    let whole = pixels_of(&Bound::new(py, Frame::new(playa_host::image::Frame::new(image.clone())))?)?;
    if all == window {
        return Ok(whole);
    }
    let span = |from: i32, to: i32, origin: i32| PySlice::new(py, (from - origin) as isize, (to - origin) as isize, 1);
    whole.get_item((span(window.y0, window.y1, all.y0), span(window.x0, window.x1, all.x0)))
}

/// An array `(H, W, 4)` over the pixels of an image, without a copy: to be changed, if nobody else has the image.
pub fn array_of(py: Python<'_>, mut image: Image) -> PyResult<Bound<'_, PyAny>> {
    let window = image.window();
    let shape = (window.height(), window.width(), 4);
    let Some(first) = image.values_mut().map(<[f32]>::as_mut_ptr) else {
        return pixels_of(&Bound::new(py, Frame::new(playa_host::image::Frame::new(image)))?);
    };
    let owner = Bound::new(py, Pixels { _image: image })?.into_any();
    // SAFETY: the memory of `height * width * 4` floats does not move with the image, which nobody reads any more, and the
    // array keeps its owner alive as its base.
    let array = unsafe { PyArray::borrow_from_array(&ArrayViewMut::from_shape_ptr(shape, first), owner) };
    Ok(array.into_any())
}

/// `values` belong to `frame`.
fn view<'py, T: Element, const N: usize>(
    frame: &Bound<'py, Frame>,
    values: &[T],
    shape: [usize; N],
) -> PyResult<Bound<'py, PyAny>>
where
    [usize; N]: numpy::ndarray::IntoDimension<Dim = numpy::ndarray::Dim<[usize; N]>>,
    numpy::ndarray::Dim<[usize; N]>: numpy::ndarray::Dimension,
{
    let view = ArrayView::from_shape(shape, values)
        .map_err(|error| Raise::new("PlayaError", format!("the pixels do not have the shape {shape:?}: {error}")))?;
    // SAFETY: the values belong to the frame, which nobody changes and which the array keeps alive as its base.
    let array = unsafe { PyArray::borrow_from_array(&view, frame.clone().into_any()) };
    drop(array.readwrite().make_nonwriteable());
    Ok(array.into_any())
}

/// An image over the values of an array.
///
/// An array `(H, W, 4)` of float32 in C order is wrapped without a copy and set read-only, so that nothing changes under a
/// render; other views of the same memory are the caller's care. `(H, W, 3)` gets an alpha of 1, `(H, W)` and `(H, W, 1)` are grey; these and float16, float64 and other layouts
/// are converted. `copy=False` refuses to convert, `copy=True` always copies.
pub fn image_of(object: &Bound<'_, PyAny>, copy: Option<bool>) -> PyResult<Image> {
    let py = object.py();
    if copy != Some(true)
        && let Some(array) = plain(object)
    {
        return wrap(array);
    }
    if copy == Some(false) {
        let message = format!("{} cannot be wrapped without a copy", describe(object)?);
        let hint = Some("pass float32 in C order with shape (H, W, 4), or copy=None".to_owned());
        return Err(Raise { hint, ..Raise::new("ArrayError", message) }.into());
    }
    let rgba = py.import("playa_py._arrays")?.call_method1("rgba", (object,))?;
    let rgba = rgba.cast::<PyArray3<f32>>()?.readonly();
    let (height, width) = (rgba.shape()[0], rgba.shape()[1]);
    let values = rgba.as_slice().map_err(|error| Raise::new("ArrayError", error.to_string()))?.to_vec();
    Image::from_vec(window(height, width)?, values).map_err(|error| Raise::new("ArrayError", error.to_string()).into())
}

/// Memory of an array as an image, for the time of a call.
pub struct Lent {
    pub image: Image,
    /// The array, which was its owner's to change before.
    array: Option<Py<PyArray3<f32>>>,
}

impl Lent {
    /// An image over the values of an array, as [`image_of`] makes it. The array is read-only until it is given back.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let array = match plain(object) {
            Some(array) if array.getattr("flags")?.getattr("writeable")?.extract()? => Some(array.clone().unbind()),
            _ => None,
        };
        Ok(Self { image: image_of(object, None)?, array })
    }

    /// Lets the owner change the array again. Tells whether it may.
    pub fn give_back(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(array) = &self.array else { return Ok(false) };
        set_writeable(array.bind(py), true)?;
        Ok(true)
    }
}

/// An array that is laid out as an image is.
fn plain<'a, 'py>(object: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, PyArray3<f32>>> {
    let array = object.cast::<PyArray3<f32>>().ok()?;
    (array.shape()[2] == 4 && array.is_c_contiguous() && array.data().is_aligned()).then_some(array)
}

fn set_writeable(array: &Bound<'_, PyArray3<f32>>, writeable: bool) -> PyResult<()> {
    let keywords = pyo3::types::IntoPyDict::into_py_dict([("write", writeable)], array.py())?;
    array.call_method("setflags", (), Some(&keywords)).map(drop)
}

/// The array's own memory as an image.
fn wrap(array: &Bound<'_, PyArray3<f32>>) -> PyResult<Image> {
    let window = window(array.shape()[0], array.shape()[1])?;
    set_writeable(array, false)?;
    let owner = Wrapped { data: array.data().cast_const(), len: array.len(), _array: array.clone().unbind() };
    Image::from_owner(window, Box::new(owner)).map_err(|error| Raise::new("ArrayError", error.to_string()).into())
}

/// Memory of an array, which it keeps alive.
struct Wrapped {
    data: *const f32,
    len: usize,
    _array: Py<PyArray3<f32>>,
}

// SAFETY: the memory is only read, the array was set read-only, and `Py` may be dropped on any thread.
unsafe impl Send for Wrapped {}
// SAFETY: as above.
unsafe impl Sync for Wrapped {}

impl AsRef<[f32]> for Wrapped {
    fn as_ref(&self) -> &[f32] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: a C-contiguous array of `len` floats begins at `data`, and `_array` keeps it; numpy does not move it.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }
}

fn window(height: usize, width: usize) -> PyResult<Rect> {
    match (i32::try_from(width), i32::try_from(height)) {
        (Ok(width), Ok(height)) => Ok(Rect::new(0, 0, width, height)),
        _ => Err(Raise::new("ArrayError", format!("{width} x {height} pixels are more than an image can have")).into()),
    }
}

fn describe(object: &Bound<'_, PyAny>) -> PyResult<String> {
    match (object.getattr("dtype"), object.getattr("shape")) {
        (Ok(dtype), Ok(shape)) => Ok(format!("an array of {dtype} with shape {shape}")),
        _ => Ok(format!("an object of type {}", object.get_type().name()?)),
    }
}
