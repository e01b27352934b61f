//! `Frame`: pixels.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use playa_host::colour::{self, Adaptation, Codes, Content, View};
use playa_host::image::{Frame as HostFrame, Rect};
use playa_host::media::{
    self, Channels, ColourType, Depth, Format, Limits, MissingPixels, PartSelector, ReadOptions, Reading, WriteOptions,
    Writing,
};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};

use crate::array::{self, Layout};
use crate::call::call;
use crate::colour::engine;
use crate::errors::{Raise, raise};
use crate::from_array::{self, Options};
use crate::interop;
use crate::layers::Layers;
use crate::metadata;
use crate::profile;
use crate::value::type_name;
use crate::view;

/// How many names a description lists.
const LISTED: usize = 8;

/// A picture: float32 RGBA, premultiplied, scene-linear, over a data window, with a display window, metadata, and the other
/// channels of its file. Immutable; arrays made of it keep it alive. Equal only to itself: compare pixels as arrays.
#[pyclass(frozen, weakref, module = "playa_py")]
pub struct Frame {
    frame: Arc<HostFrame>,
    layout: Layout,
}

impl Frame {
    pub fn new(frame: HostFrame) -> Self {
        Self::shared(Arc::new(frame))
    }

    pub fn shared(frame: Arc<HostFrame>) -> Self {
        Self { layout: Layout::of(&frame.image), frame }
    }

    pub fn host(&self) -> &Arc<HostFrame> {
        &self.frame
    }

    /// The space of its light.
    fn light(&self) -> PyResult<Content> {
        colour::content_of(&self.frame.metadata).ok_or_else(|| {
            let message =
                "the `chromaticities` in the metadata of the frame are those of no light; mend or remove them";
            Raise::new("AttrValueError", message).into()
        })
    }

    /// How it is written in a space or for a display, and what is done to its numbers before.
    fn shown(
        &self,
        py: Python<'_>,
        colour_space: Option<&str>,
        view: &View,
        config: Option<PathBuf>,
    ) -> PyResult<(Writing, Option<Codes>)> {
        let engine = engine(py, config)?;
        let Some(name) = colour_space else {
            if *view == View::default() {
                return Ok((Writing::ByFormat, None));
            }
            return Ok((Writing::Raw, Some(Codes::of_view(&*engine, &self.light()?, view).map_err(raise)?)));
        };
        if *view != View::default() {
            let message =
                "a file is in a `colour_space`, or for a `display` with its `view` and `looks`; leave one of both out";
            return Err(Raise::new("AttrValueError", message).into());
        }
        let content = engine.find(name).map_err(raise)?;
        Ok(match Writing::of(&content) {
            Some(space) => (space, None),
            None => {
                let codes = Codes::of_space(&*engine, &self.light()?, &content, Adaptation::default());
                (Writing::Raw, Some(codes.map_err(raise)?))
            }
        })
    }
}

#[pymethods]
impl Frame {
    /// Reads a picture file: its pixels over its data window, both windows, and the metadata.
    ///
    /// `part` is the name or index of a part of a multi-part file; `view` is the view to read of a file with several, such as
    /// `"left"`, whose channels are then named without it; `channels` is what to show as colour: a layer such as
    /// `"diffuse"`, a channel such as `"Z"`, or up to four for red, green, blue and alpha such as `"N.x,N.y,N.z"`. `level` is
    /// that of a smaller picture within a tiled EXR file, `frame` that of a movie, counted from 0. `missing_pixels` says what
    /// shows where a file that was not finished has none: `"error"` refuses it, `"black"` fills in zeros, `"hold"` repeats the
    /// pixels above. `colour_space` is what the file holds, or `"raw"` for numbers that are to stay as they are; without it the
    /// file's own word counts, or else its type. `config` is the OpenColorIO config that has the space. A file that would take
    /// more than `max_bytes` in memory is refused.
    #[classmethod]
    #[pyo3(signature = (
        path, *, part=None, view=None, channels=None, level=0, frame=0, missing_pixels="error", colour_space=None, config=None,
        max_bytes=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python, each with a default")]
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        part: Option<&Bound<'_, PyAny>>,
        view: Option<String>,
        channels: Option<&str>,
        level: u32,
        frame: i64,
        missing_pixels: &str,
        colour_space: Option<&str>,
        config: Option<PathBuf>,
        max_bytes: Option<u64>,
    ) -> PyResult<Self> {
        let engine = engine(py, config)?;
        let content = colour_space.map(|name| engine.find(name).map_err(raise)).transpose()?;
        let (space, codes) = match &content {
            None => (Reading::ByFile, None),
            Some(content) => match Reading::of(content) {
                Some(space) => (space, None),
                None => {
                    let codes = Codes::to_light(&*engine, content, Adaptation::default()).map_err(raise)?;
                    (Reading::Raw, Some(codes))
                }
            },
        };
        let part = part.map(part_selector).transpose()?;
        let invalid = |message: String| PyErr::from(Raise::new("AttrValueError", message));
        let missing = missing_pixels.parse::<MissingPixels>().map_err(invalid)?;
        let channels = channels.map(|channels| channels.parse::<Channels>().map_err(invalid)).transpose()?;
        let limits = max_bytes.map_or_else(Limits::default, |max_bytes| Limits { max_bytes });
        let options =
            ReadOptions { part, view, channels, level, frame, missing, limits, space, ..ReadOptions::default() };
        Ok(Self::new(call(py, || {
            let frame = media::read(&path, &options).map_err(raise)?;
            codes.map_or(Ok(frame.clone()), |codes| codes.of(&frame).map_err(raise))
        })?))
    }

    /// A frame over the values of an array `(H, W)` or `(H, W, C)`: grey, grey and alpha, colour, or colour and alpha.
    ///
    /// An array `(H, W, 4)` of float32 in C order is shared and set read-only; other layouts and types are converted.
    /// `copy=False` refuses to convert, `copy=True` never shares.
    #[classmethod]
    #[pyo3(signature = (
        pixels, *, copy=None, transfer=None, alpha=None, data_window=None, display_window=None, pixel_aspect=1.0,
        channels=None, metadata=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python, each with a default")]
    fn from_numpy(
        _class: &Bound<'_, PyType>,
        pixels: &Bound<'_, PyAny>,
        copy: Option<bool>,
        transfer: Option<&str>,
        alpha: Option<&str>,
        data_window: Option<[i32; 4]>,
        display_window: Option<[i32; 4]>,
        pixel_aspect: f32,
        channels: Option<&Bound<'_, PyAny>>,
        metadata: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let window = data_window.map(|corners| self::window("data_window", corners)).transpose()?;
        let image = from_array::image_of(pixels, Options { copy, transfer, alpha, window })?;
        if !(pixel_aspect.is_finite() && pixel_aspect > 0.0) {
            let message = format!("pixel_aspect={pixel_aspect}: expected a finite number above 0");
            return Err(Raise::new("AttrValueError", message).into());
        }
        let frame = HostFrame::new(image);
        let window = frame.data_window();
        Ok(Self::new(HostFrame {
            display_window: match display_window {
                Some(corners) => self::window("display_window", corners)?,
                None => frame.display_window,
            },
            pixel_aspect,
            channels: channels
                .map(|channels| from_array::channels_of(channels, window))
                .transpose()?
                .unwrap_or_default(),
            metadata: metadata.map(metadata::from_mapping).transpose()?.unwrap_or_default(),
            ..frame
        }))
    }

    /// A frame over the memory of a tensor on the CPU, by DLPack. As `from_numpy` of the array that it is.
    #[classmethod]
    #[pyo3(signature = (tensor, *, copy=None, transfer=None, alpha=None))]
    fn from_dlpack(
        _class: &Bound<'_, PyType>,
        tensor: &Bound<'_, PyAny>,
        copy: Option<bool>,
        transfer: Option<&str>,
        alpha: Option<&str>,
    ) -> PyResult<Self> {
        let array = interop::tensor_array(tensor)?;
        let options = Options { copy, transfer, alpha, window: None };
        Ok(Self::new(HostFrame::new(from_array::image_of(&array, options)?)))
    }

    /// A frame of a `PIL.Image.Image`: sRGB codes become linear light, straight colour is multiplied by alpha. Profiles
    /// within the image are not looked at.
    #[classmethod]
    fn from_pil(_class: &Bound<'_, PyType>, image: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self::new(interop::from_pil(image)?))
    }

    /// The pixels as a read-only array `(height, width, 4)` of float32, without a copy.
    fn to_numpy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        array::pixels_of(slf)
    }

    /// The pixels as a new array `(height, width, 4)` of float32, to write to.
    fn copy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        array::pixels_of(slf)?.call_method0("copy")
    }

    /// The display window as a `PIL.Image.Image` in mode RGBA: 8 bit sRGB with straight alpha. Needs Pillow.
    fn to_pil<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        interop::to_pil(py, &self.frame)
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        interop::array(slf, dtype, copy)
    }

    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        slf: &Bound<'py, Self>,
        stream: Option<&Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        interop::dlpack(slf, stream, max_version, dl_device, copy)
    }

    fn __dlpack_device__(&self) -> (i32, i32) {
        (interop::CPU, 0)
    }

    #[allow(unsafe_code, reason = "a slot of Python that fills in a structure of the caller")]
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        // SAFETY: Python gives a view to fill in, and the layout is that of the frame.
        unsafe { array::lend(slf, &slf.get().layout, view, flags) }
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __reduce_ex__<'py>(slf: &Bound<'py, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        interop::reduced(slf)
    }

    /// A PNG of the display window, at most 1024 pixels wide and high, for notebooks. `None` where there is none.
    fn _repr_png_<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        interop::preview(py, &self.frame)
    }

    /// That picture with a description, for notebooks.
    fn _repr_html_(&self, py: Python<'_>) -> String {
        interop::html(py, &self.frame, &self.__repr__())
    }

    /// Writes a file of the format that the suffix names, whole or not at all.
    ///
    /// EXR keeps both windows, metadata and all channels. `dtype` is `"half"`, `"float"`, or `"keep"`: half for what was
    /// read from half, float for everything else. `compression` is one of none, rle, zips, zip, piz, pxr24, b44, b44a,
    /// dwaa, dwab. `zip_level` is how hard zip, zips, dwaa and dwab deflate, 1 for fastest to 12 for smallest; 4 unless told
    /// otherwise, and in zip none for what has no repeats. `dwa_level` is how much dwaa and dwab may lose; that of the metadata, or else 45. A still holds the display
    /// window: whole numbers of `depth` bits in sRGB, or floats.
    ///
    /// `colour_space` is what the file is to hold, or `"raw"` for the numbers as they are. Without it an EXR holds light of the
    /// frame's own primaries, and says so where these are not those of Rec.709; a still of whole numbers holds sRGB.
    ///
    /// An option of another format than the path's is refused.
    #[pyo3(signature = (
        path, *, compression=None, zip_level=None, dwa_level=None, dtype=None, depth=None, alpha=None, quality=None,
        filling=None, endian=None, colour_space=None, display=None, view=None, looks=None, config=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python, each with a default")]
    fn save(
        &self,
        py: Python<'_>,
        path: PathBuf,
        compression: Option<&str>,
        zip_level: Option<u8>,
        dwa_level: Option<f32>,
        dtype: Option<&str>,
        depth: Option<u32>,
        alpha: Option<bool>,
        quality: Option<u8>,
        filling: Option<&str>,
        endian: Option<&str>,
        colour_space: Option<&str>,
        display: Option<String>,
        view: Option<String>,
        looks: Option<String>,
        config: Option<PathBuf>,
    ) -> PyResult<()> {
        let invalid = |message: String| PyErr::from(Raise::new("AttrValueError", message));
        let format = Format::of_path(&path);
        let given = [
            ("compression", compression.is_some()),
            ("zip_level", zip_level.is_some()),
            ("dwa_level", dwa_level.is_some()),
            ("dtype", dtype.is_some()),
            ("depth", depth.is_some()),
            ("alpha", alpha.is_some()),
            ("quality", quality.is_some()),
            ("filling", filling.is_some()),
            ("endian", endian.is_some()),
        ];
        let given: Vec<_> = given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
        check_options(&path, &given)?;
        let tiff = format == Some(Format::Tiff);
        let view = View { display, view, looks };
        let (space, codes) = self.shown(py, colour_space, &view, config)?;
        let mut options = WriteOptions {
            space,
            zip_level,
            dwa_level,
            colour: match dtype {
                None | Some("keep") => ColourType::Keep,
                Some("half") => ColourType::Half,
                Some("float") => ColourType::Float,
                Some(other) => {
                    return Err(invalid(format!("dtype={other:?}: expected \"keep\", \"half\" or \"float\"")));
                }
            },
            depth: depth.map(|depth| depth.to_string().parse()).transpose().map_err(invalid)?,
            alpha,
            quality,
            filling: filling.map(str::parse).transpose().map_err(invalid)?,
            endian: endian.map(str::parse).transpose().map_err(invalid)?,
            ..WriteOptions::default()
        };
        match compression {
            Some(name) if tiff => options.tiff_compression = Some(name.parse().map_err(invalid)?),
            Some(name) => options.compression = name.parse().map_err(invalid)?,
            None => {}
        }
        if let (true, Some(dtype)) = (tiff, dtype) {
            options.depth = match (dtype, depth) {
                ("half", None) => Some(Depth::Half),
                ("float", None) => Some(Depth::Float),
                ("keep", _) => {
                    return Err(invalid("dtype=\"keep\": expected \"half\" or \"float\" for a .tif".to_owned()));
                }
                _ => return Err(invalid(format!("dtype={dtype:?}: a .tif has this or a depth, not both"))),
            };
        }
        options.check(format).map_err(|problem| invalid(format!("{}: {problem}", path.display())))?;
        let profile = profile::current();
        call(py, || {
            let start = Instant::now();
            let shown = codes.map(|codes| codes.of(&self.frame)).transpose().map_err(raise)?;
            media::write(&path, shown.as_ref().unwrap_or(&self.frame), &options).map_err(raise)?;
            profile.iter().for_each(|profile| profile.note_file("encode", &path, start));
            Ok(())
        })
    }

    /// The same light in the primaries of another space: one whose numbers are light, such as `"acescg"`. Its metadata say so.
    #[pyo3(signature = (colour_space, *, config=None))]
    fn convert(&self, py: Python<'_>, colour_space: &str, config: Option<PathBuf>) -> PyResult<Self> {
        let engine = engine(py, config)?;
        let content = engine.find(colour_space).map_err(raise)?;
        let gamut = engine.light(&content).ok_or_else(|| no_light(colour_space))?;
        let adaptation = Adaptation::default();
        Ok(Self::new(call(py, || colour::in_gamut(&self.frame, gamut, adaptation).map_err(raise))?))
    }

    /// The space of its light: `"linear"`, which has the primaries of Rec.709, unless its metadata have `chromaticities`.
    #[getter]
    fn colour_space(&self) -> String {
        match colour::content_of(&self.frame.metadata) {
            Some(content) => content.to_string(),
            None => "unknown".to_owned(),
        }
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

    /// The display window as a display of an OpenColorIO config shows it: `(height, width, 4)`, straight alpha.
    #[pyo3(signature = (display=None, view=None, *, looks=None, config, exposure=0.0, dtype="uint8"))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python, each with a default")]
    fn to_display<'py>(
        &self,
        py: Python<'py>,
        display: Option<String>,
        view: Option<String>,
        looks: Option<String>,
        config: PathBuf,
        exposure: f32,
        dtype: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let engine = engine(py, Some(config))?;
        let transform = engine.view(&self.light()?, &View { display, view, looks }).map_err(raise)?;
        view::codes(py, &self.frame, transform.as_deref(), exposure, dtype)
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
        view::histogram(py, &self.frame, &view::Counted::new(bins, range, channels, transfer)?)
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
        view::waveform(py, &self.frame, &view::Counted::new(levels, range, channels, transfer)?)
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

    /// The layers among those channels, each as a frame: `frame.layers["diffuse"]`.
    #[getter]
    fn layers(slf: Py<Self>) -> Layers {
        Layers { frame: slf }
    }

    /// What the file said besides pixels and windows, by name.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        metadata::to_dict(py, &self.frame.metadata)
    }

    fn __repr__(&self) -> String {
        let (data, display) = (self.frame.data_window(), self.frame.display_window);
        let mut parts = vec![format!("data window {:?}", corners(data))];
        if data != display {
            parts.push(format!("display window {:?}", corners(display)));
        }
        if self.frame.pixel_aspect != 1.0 {
            parts.push(format!("pixel aspect {}", self.frame.pixel_aspect));
        }
        let names = self.channels();
        if !names.is_empty() {
            let more = if names.len() > LISTED { format!(" and {} more", names.len() - LISTED) } else { String::new() };
            parts.push(format!("channels {}{more}", names[..names.len().min(LISTED)].join(" ")));
        }
        parts.push(format!("metadata {}", self.frame.metadata.len()));
        format!("<Frame {}x{} RGBA float32, {}>", data.width(), data.height(), parts.join(", "))
    }
}

/// Refuses options of other formats than the path's.
fn check_options(path: &Path, given: &[&str]) -> PyResult<()> {
    use Format::{Bmp, Dpx, Exr, Jpeg, Png, Tga, Tiff, Webp};
    let Some(format) = Format::of_path(path) else { return Ok(()) };
    for name in given {
        let of: &[Format] = match *name {
            "compression" | "dtype" => &[Exr, Tiff],
            "depth" => &[Png, Tiff, Dpx],
            "alpha" => &[Png, Tiff, Tga, Webp, Bmp, Dpx],
            "quality" => &[Jpeg],
            "zip_level" | "dwa_level" => &[Exr],
            _ => &[Dpx],
        };
        if !of.contains(&format) {
            let known = of.iter().map(|format| format!(".{}", format.suffix())).collect::<Vec<_>>().join(", ");
            let message =
                format!("{name} is an option of {known} files, and {} is a .{}", path.display(), format.suffix());
            return Err(Raise { path: Some(path.to_owned()), ..Raise::new("AttrTypeError", message) }.into());
        }
    }
    Ok(())
}

fn no_light(colour_space: &str) -> PyErr {
    let message =
        format!("colour_space={colour_space:?}: a frame holds light, expected a linear space such as \"acescg\"");
    let hint = Some("`convert_colour` brings arrays into any space, and `save` files".to_owned());
    Raise { hint, ..Raise::new("AttrValueError", message) }.into()
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

/// A window with corners in order.
fn window(name: &str, [x0, y0, x1, y1]: [i32; 4]) -> PyResult<Rect> {
    if x0 <= x1 && y0 <= y1 {
        return Ok(Rect::new(x0, y0, x1, y1));
    }
    let message = format!("{name}=({x0}, {y0}, {x1}, {y1}): expected (x0, y0, x1, y1) with x0 <= x1 and y0 <= y1");
    Err(Raise::new("AttrValueError", message).into())
}

/// `(x0, y0, x1, y1)`, the last two exclusive.
pub fn corners(rect: Rect) -> (i32, i32, i32, i32) {
    (rect.x0, rect.y0, rect.x1, rect.y1)
}
