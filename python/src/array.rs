//! Memory between Python and the host: shown to either side without a copy, or read from any layout.
//!
//! With the slot of the buffer protocol in `frame.rs` the only `unsafe` of the Python module: one side's memory is shown
//! to the other, and kept alive by a reference.

#![allow(unsafe_code, reason = "memory of one language is lent to the other; each block says what keeps it valid")]

use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::ptr;

use numpy::ndarray::ArrayViewMut;
use numpy::npyffi::{self, NPY_ARRAY_CARRAY_RO, NPY_ARRAY_WRITEABLE, PY_ARRAY_API};
use numpy::{
    Element, PyArray, PyArray3, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods,
};
use playa_host::image::{Image, Rect, Samples};
use playa_host::media::samples::{Flag, Sample};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
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
) -> PyResult<Bound<'py, PyAny>> {
    let py = frame.py();
    assert_eq!(values.len(), shape.iter().product::<usize>(), "the values fill the shape");
    let mut shape = shape.map(|side| side as npyffi::npy_intp);
    // SAFETY: the values fill the shape in C order, and belong to the frame, which nobody changes. The array is read-only,
    // and keeps the frame alive as its base, of which it takes the reference also where that fails. A null pointer is
    // Python's error, and everything else here is a new reference.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            npyffi::get_type_object(py, npyffi::NpyTypes::PyArray_Type),
            T::get_dtype(py).into_dtype_ptr(),
            N as c_int,
            shape.as_mut_ptr(),
            ptr::null_mut(),
            values.as_ptr().cast_mut().cast(),
            NPY_ARRAY_CARRAY_RO,
            ptr::null_mut(),
        );
        let array = Bound::from_owned_ptr_or_err(py, array)?;
        match PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), frame.clone().into_ptr()) {
            0 => Ok(array),
            _ => Err(PyErr::fetch(py)),
        }
    }
}

/// What a buffer says of its shape, and what has to lie still while it is lent.
pub struct Layout {
    shape: [ffi::Py_ssize_t; 3],
    strides: [ffi::Py_ssize_t; 3],
}

impl Layout {
    /// Rows, columns and values of an image, in C order.
    pub fn of(image: &Image) -> Self {
        let (height, width) = (image.window().height() as isize, image.window().width() as isize);
        Self { shape: [height, width, 4], strides: [width * 16, 16, 4] }
    }
}

/// Lends the pixels of a frame as a read-only buffer of floats, `(H, W, 4)`.
///
/// # Safety
/// `view` is a buffer to fill in, or null; the layout belongs to the frame.
pub unsafe fn lend(frame: &Bound<'_, Frame>, layout: &Layout, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
    if view.is_null() {
        return Err(PyBufferError::new_err("there is no buffer to fill in"));
    }
    let refusal = match flags {
        _ if flags & ffi::PyBUF_WRITABLE != 0 => Some("a frame is read-only: write to a copy of it, `frame.copy()`"),
        _ if flags & ffi::PyBUF_F_CONTIGUOUS == ffi::PyBUF_F_CONTIGUOUS => Some("a frame is in C order, row by row"),
        _ => None,
    };
    let values = frame.get().host().image.values();
    let wanted = |flag: c_int| flags & flag == flag;
    // SAFETY: the view is the caller's to fill in. The pixels, the layout and the format live as long as the frame, to
    // which the view has a reference; nobody writes through the pointers.
    unsafe {
        (*view).obj = ptr::null_mut();
        if let Some(refusal) = refusal {
            return Err(PyBufferError::new_err(refusal));
        }
        (*view).buf = values.as_ptr().cast_mut().cast::<c_void>();
        (*view).len = size_of_val(values) as ffi::Py_ssize_t;
        (*view).readonly = 1;
        (*view).itemsize = 4;
        (*view).format = if wanted(ffi::PyBUF_FORMAT) { c"f".as_ptr().cast_mut() } else { ptr::null_mut() };
        (*view).ndim = if wanted(ffi::PyBUF_ND) { 3 } else { 1 };
        (*view).shape = if wanted(ffi::PyBUF_ND) { layout.shape.as_ptr().cast_mut() } else { ptr::null_mut() };
        (*view).strides = if wanted(ffi::PyBUF_STRIDES) { layout.strides.as_ptr().cast_mut() } else { ptr::null_mut() };
        (*view).suboffsets = ptr::null_mut();
        (*view).internal = ptr::null_mut();
        (*view).obj = frame.clone().into_any().into_ptr();
    }
    Ok(())
}

/// Keeps Python from changing an array, or lets it again what it might before. numpy's own `setflags` knows no way back for
/// an array over memory that is not an array's.
pub fn set_writeable(array: &Bound<'_, PyUntypedArray>, writeable: bool) {
    // SAFETY: the object is an array, and whoever reads or writes its flags is attached to the interpreter, as we are.
    let flags = unsafe { &mut (*array.as_array_ptr()).fields.flags };
    if writeable {
        *flags |= NPY_ARRAY_WRITEABLE;
    } else {
        *flags &= !NPY_ARRAY_WRITEABLE;
    }
}

/// The array's own memory as an image. It is set read-only, so that nothing changes under a render; other views of the
/// same memory are the caller's care. The array is in C order and aligned, and fills the window.
pub fn wrap(array: &Bound<'_, PyArray3<f32>>, window: Rect) -> PyResult<Image> {
    assert!(array.is_c_contiguous() && array.is_aligned(), "the array is a slice");
    set_writeable(array.as_untyped(), false);
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

/// A type that an array's samples may have in memory.
pub trait Stored: Sample {
    /// The sample with its bytes in the opposite order.
    fn swapped(self) -> Self;
}

macro_rules! stored {
    ($($sample:ty: $swapped:expr;)*) => {$(
        impl Stored for $sample {
            #[inline(always)]
            fn swapped(self) -> Self {
                let swapped: fn(Self) -> Self = $swapped;
                swapped(self)
            }
        }
    )*};
}

stored! {
    Flag: |sample| sample;
    u8: |sample| sample;
    u16: u16::swap_bytes;
    half::f16: |sample| half::f16::from_bits(sample.to_bits().swap_bytes());
    f32: |sample| f32::from_bits(sample.to_bits().swap_bytes());
    f64: |sample| f64::from_bits(sample.to_bits().swap_bytes());
}

/// Memory of an array `(H, W)` or `(H, W, C)` of any strides, alignment and byte order.
pub struct Strided {
    data: *const u8,
    shape: [usize; 3],
    /// In bytes.
    strides: [isize; 3],
    itemsize: usize,
    swapped: bool,
    _array: Py<PyUntypedArray>,
}

// SAFETY: the memory is only read. Whoever writes to an array on another thread while it is being read gets pixels of
// before and after, as from numpy's own functions, which also let go of the interpreter.
unsafe impl Sync for Strided {}

impl Strided {
    /// An array of two or three dimensions.
    pub fn of(array: &Bound<'_, PyUntypedArray>) -> Self {
        let side = |at: usize| array.shape().get(at).copied().unwrap_or(1);
        let itemsize = array.dtype().itemsize();
        let stride = |at: usize| array.strides().get(at).copied().unwrap_or(itemsize as isize);
        // SAFETY: only the address of the memory is asked for, which is the same for every type of values.
        let data = unsafe { array.cast_unchecked::<PyArrayDyn<u8>>() }.data();
        Self {
            data: data.cast_const(),
            shape: [side(0), side(1), side(2)],
            strides: [stride(0), stride(1), stride(2)],
            itemsize,
            swapped: array.dtype().is_native_byteorder() == Some(false),
            _array: array.clone().unbind(),
        }
    }

    /// Rows, columns and channels.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Whether the samples of a row lie one behind the other.
    pub fn has_tight_rows(&self) -> bool {
        let pixel = self.itemsize * self.shape[2];
        self.strides[1] == pixel as isize && (self.shape[2] == 1 || self.strides[2] == self.itemsize as isize)
    }

    /// Copies the samples of some rows and columns, row by row.
    ///
    /// # Panics
    /// If they are not in the array, are of another size than its own, or not as many as there is room for.
    pub fn read<T: Stored>(&self, rows: Range<usize>, columns: Range<usize>, samples: &mut [T]) {
        let [height, width, channels] = self.shape;
        assert!(rows.end <= height && columns.end <= width && size_of::<T>() == self.itemsize, "it is in the array");
        assert_eq!(samples.len(), rows.len() * columns.len() * channels, "there is room for all");
        if samples.is_empty() {
            return;
        }
        let row_length = columns.len() * channels;
        for (y, row) in rows.zip(samples.chunks_exact_mut(row_length)) {
            let first = y as isize * self.strides[0] + columns.start as isize * self.strides[1];
            // SAFETY: rows, columns and channels are within the shape, and so the samples within the memory of the array,
            // which `_array` keeps. `T` is as long as a sample, and every pattern of bits is one.
            unsafe {
                let first = self.data.offset(first);
                if self.has_tight_rows() {
                    ptr::copy_nonoverlapping(first, row.as_mut_ptr().cast::<u8>(), row_length * self.itemsize);
                } else {
                    for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
                        for (channel, sample) in pixel.iter_mut().enumerate() {
                            let offset = x as isize * self.strides[1] + channel as isize * self.strides[2];
                            *sample = first.offset(offset).cast::<T>().read_unaligned();
                        }
                    }
                }
            }
            if self.swapped {
                row.iter_mut().for_each(|sample| *sample = sample.swapped());
            }
        }
    }
}
