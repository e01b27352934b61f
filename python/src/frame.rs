//! `Frame`: pixels.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use playa_host::image::{Frame as HostFrame, MetaValue, Rect};
use playa_host::media::{self, ColourType, Limits, PartSelector, PngDepth, ReadOptions, WriteOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::array;
use crate::call::call;
use crate::errors::{Raise, raise};
use crate::profile;
use crate::value::type_name;
use crate::view;

/// A picture: float32 RGBA, premultiplied, scene-linear, over a data window, with a display window, metadata, and the other
/// channels of its file. Immutable; arrays made of it keep it alive.
#[pyclass(frozen, module = "playa_py")]
pub struct Frame {
    frame: Arc<HostFrame>,
}

impl Frame {
    pub fn new(frame: HostFrame) -> Self {
        Self::shared(Arc::new(frame))
    }

    pub fn shared(frame: Arc<HostFrame>) -> Self {
        Self { frame }
    }

    pub fn host(&self) -> &Arc<HostFrame> {
        &self.frame
    }
}

#[pymethods]
impl Frame {
    /// Reads an EXR or PNG file: its pixels over its data window, both windows, and the metadata.
    ///
    /// `part` is the name or index of a part of a multi-part file, `layer` the prefix of the channels to show as colour,
    /// such as `diffuse`. A file that would take more than `max_bytes` in memory is refused.
    #[classmethod]
    #[pyo3(signature = (path, *, part=None, layer=None, max_bytes=None))]
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        part: Option<&Bound<'_, PyAny>>,
        layer: Option<String>,
        max_bytes: Option<u64>,
    ) -> PyResult<Self> {
        let part = part.map(part_selector).transpose()?;
        let limits = max_bytes.map_or_else(Limits::default, |max_bytes| Limits { max_bytes });
        let options = ReadOptions { part, layer, limits, ..ReadOptions::default() };
        Ok(Self::new(call(py, || media::read(&path, &options).map_err(raise))?))
    }

    /// A frame over the values of an array. `(H, W, 4)` float32 in C order is wrapped without a copy and set read-only;
    /// other float arrays and shapes are converted. `copy=False` refuses to convert, `copy=True` always copies.
    #[classmethod]
    #[pyo3(signature = (pixels, *, copy=None))]
    fn from_numpy(_class: &Bound<'_, PyType>, pixels: &Bound<'_, PyAny>, copy: Option<bool>) -> PyResult<Self> {
        Ok(Self::new(HostFrame::new(array::image_of(pixels, copy)?)))
    }

    /// The pixels as a read-only array `(height, width, 4)` of float32, without a copy.
    fn to_numpy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        array::pixels_of(slf)
    }

    /// Writes an `.exr` or `.png` file, whole or not at all.
    ///
    /// EXR keeps both windows, metadata and all channels. `dtype` is `"half"`, `"float"`, or `"keep"`: half for what was
    /// read from half, float for everything else. `compression` is one of none, rle, zips, zip, piz, pxr24, b44, b44a,
    /// dwaa, dwab. PNG holds the display window in sRGB with straight alpha, `depth` 8 or 16.
    #[pyo3(signature = (path, *, compression="zip", dtype="keep", depth=8))]
    fn save(&self, py: Python<'_>, path: PathBuf, compression: &str, dtype: &str, depth: u32) -> PyResult<()> {
        let invalid = |message: String| PyErr::from(Raise::new("AttrValueError", message));
        let options = WriteOptions {
            compression: compression.parse().map_err(invalid)?,
            colour: match dtype {
                "keep" => ColourType::Keep,
                "half" => ColourType::Half,
                "float" => ColourType::Float,
                other => return Err(invalid(format!("dtype={other:?}: expected \"keep\", \"half\" or \"float\""))),
            },
            png_depth: match depth {
                8 => PngDepth::Eight,
                16 => PngDepth::Sixteen,
                other => return Err(invalid(format!("depth={other}: expected 8 or 16"))),
            },
            ..WriteOptions::default()
        };
        let profile = profile::current();
        call(py, || {
            let start = Instant::now();
            media::write(&path, &self.frame, &options).map_err(raise)?;
            profile.iter().for_each(|profile| profile.note_file("encode", &path, start));
            Ok(())
        })
    }

    /// The display window as a display shows it: `(height, width, 4)` of uint8, sRGB, through a tone map.
    #[pyo3(signature = (tonemap="clamp", *, exposure=0.0, alpha="straight", background=None))]
    fn tonemap<'py>(
        &self,
        py: Python<'py>,
        tonemap: &str,
        exposure: f32,
        alpha: &str,
        background: Option<[f32; 3]>,
    ) -> PyResult<Bound<'py, PyAny>> {
        view::tonemap(py, &self.frame, tonemap, exposure, alpha, background)
    }

    /// Smallest, largest and mean value of each channel and the like, as a `FrameStats`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        view::stats(py, &self.frame)
    }

    /// How often values fall into bins of equal width, as a `Histogram`.
    #[pyo3(signature = (bins=256, range=(0.0, 1.0), *, channels="rgba", transfer="linear"))]
    fn histogram<'py>(
        &self,
        py: Python<'py>,
        bins: usize,
        range: (f64, f64),
        channels: &str,
        transfer: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        view::histogram(py, &self.frame, bins, range, channels, transfer)
    }

    /// How often values fall into levels in each column of the picture, as a `Waveform`.
    #[pyo3(signature = (levels=256, range=(0.0, 1.0), *, channels="y", transfer="srgb"))]
    fn waveform<'py>(
        &self,
        py: Python<'py>,
        levels: usize,
        range: (f64, f64),
        channels: &str,
        transfer: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        view::waveform(py, &self.frame, levels, range, channels, transfer)
    }

    /// How often colours fall into squares of the plane of colour differences, as a `Vectorscope`.
    #[pyo3(signature = (bins=256, range=(-0.5, 0.5), *, transfer="srgb"))]
    fn vectorscope<'py>(
        &self,
        py: Python<'py>,
        bins: usize,
        range: (f64, f64),
        transfer: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        view::vectorscope(py, &self.frame, bins, range, transfer)
    }

    /// Columns of the pixels: width of the data window.
    #[getter]
    fn width(&self) -> usize {
        self.frame.image.window().width()
    }

    /// Rows of the pixels: height of the data window.
    #[getter]
    fn height(&self) -> usize {
        self.frame.image.window().height()
    }

    /// Where the pixels are: `(x0, y0, x1, y1)`, the last two exclusive, row 0 on top.
    #[getter]
    fn data_window(&self) -> (i32, i32, i32, i32) {
        corners(self.frame.data_window())
    }

    /// The frame that the picture is meant to fill: `(x0, y0, x1, y1)`, the last two exclusive.
    #[getter]
    fn display_window(&self) -> (i32, i32, i32, i32) {
        corners(self.frame.display_window)
    }

    /// Width of a pixel divided by its height.
    #[getter]
    fn pixel_aspect(&self) -> f32 {
        self.frame.pixel_aspect
    }

    /// Names of the channels beyond the colour, such as `Z` or `diffuse.R`.
    #[getter]
    fn channels(&self) -> Vec<String> {
        self.frame.channels.iter().map(|channel| channel.name.clone()).collect()
    }

    /// A channel beyond the colour as a read-only array `(height, width)` in the type of its file: float16, float32 or
    /// uint32. Without a copy.
    fn channel<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let frame = slf.get();
        match frame.frame.channel(name) {
            Some(channel) => array::samples_of(slf, &channel.samples),
            None => {
                let message =
                    format!("there is no channel {name:?} beyond the colour; there are {:?}", frame.channels());
                Err(Raise::new("ChannelNotFoundError", message).into())
            }
        }
    }

    /// What the file said besides pixels and windows, by name.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (name, value) in self.frame.metadata.iter() {
            dict.set_item(name, meta_value(py, value)?)?;
        }
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let (data, display) = (self.frame.data_window(), self.frame.display_window);
        let windows = if data == display { format!("{data}") } else { format!("{data} in {display}") };
        let channels = self.channels();
        let channels = if channels.is_empty() { String::new() } else { format!(", channels {channels:?}") };
        format!("<Frame {}x{}: {windows}{channels}>", data.width(), data.height())
    }
}

fn part_selector(part: &Bound<'_, PyAny>) -> PyResult<PartSelector> {
    if let Ok(name) = part.extract() {
        return Ok(PartSelector::Name(name));
    }
    let wrong = |_| {
        let message = format!("part: expected a name, or an index from 0, found an object of type {}", type_name(part));
        Raise::new("AttrTypeError", message)
    };
    Ok(PartSelector::Index(part.extract().map_err(wrong)?))
}

pub fn corners(rect: Rect) -> (i32, i32, i32, i32) {
    (rect.x0, rect.y0, rect.x1, rect.y1)
}

/// Numbers and texts as they are, vectors as tuples, fractions as `fractions.Fraction`, other types of attributes as the
/// pair of their type's name and their bytes.
fn meta_value<'py>(py: Python<'py>, value: &MetaValue) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        MetaValue::Int(value) => value.into_pyobject(py)?.into_any(),
        MetaValue::Float(value) => value.into_pyobject(py)?.into_any(),
        MetaValue::Double(value) => value.into_pyobject(py)?.into_any(),
        MetaValue::Text(value) => value.into_pyobject(py)?.into_any(),
        MetaValue::TextList(values) => tuple(py, values)?,
        MetaValue::Vec2i(values) => tuple(py, values)?,
        MetaValue::Vec3i(values) => tuple(py, values)?,
        MetaValue::Vec2(values) => tuple(py, values)?,
        MetaValue::Vec3(values) => tuple(py, values)?,
        MetaValue::Matrix3(values) => tuple(py, values)?,
        MetaValue::Matrix4(values) => tuple(py, values)?,
        MetaValue::BoxInt(values) => tuple(py, values)?,
        MetaValue::BoxFloat(values) => tuple(py, values)?,
        MetaValue::Rational(_, 0) => py.None().into_bound(py),
        MetaValue::Rational(num, den) => py.import("fractions")?.getattr("Fraction")?.call1((*num, *den))?,
        MetaValue::TimeCode(time, user) => tuple(py, &[*time, *user])?,
        MetaValue::KeyCode(values) => tuple(py, values)?,
        MetaValue::Chromaticities(values) => tuple(py, values)?,
        MetaValue::Opaque { type_name, bytes } => (type_name, &**bytes).into_pyobject(py)?.into_any(),
        other => format!("{other:?}").into_pyobject(py)?.into_any(),
    })
}

fn tuple<'py, T>(py: Python<'py>, values: &[T]) -> PyResult<Bound<'py, PyAny>>
where
    T: Clone + IntoPyObject<'py>,
{
    Ok(PyTuple::new(py, values.iter().cloned())?.into_any())
}
