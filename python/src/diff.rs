//! `Diff`: how much two pictures differ.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use playa_host::compare::{CompareError, Comparison, DEFAULT_PPD, Errors, Metric, Plane};
use playa_host::image::Frame as HostFrame;
use playa_host::media::{self, ChannelSet, ReadOptions};
use pyo3::prelude::*;

use crate::array::new_array;
use crate::call::call;
use crate::errors::{Raise, raise};
use crate::frame::{Frame, corners};
use crate::from_array::{Options, image_of};

/// How much two pictures differ. What takes long is computed when it is first asked for, and kept.
#[pyclass(frozen, module = "playa_py")]
pub struct Diff {
    comparison: Comparison,
    errors: Errors,
    ppd: f32,
    ssim: OnceLock<f64>,
    flip: OnceLock<Seen>,
    hdr_flip: OnceLock<Seen>,
}

/// The errors of each pixel that a viewer sees, and their mean.
#[derive(Clone)]
struct Seen {
    errors: Arc<Plane>,
    mean: f64,
}

/// Compares two pictures: frames, arrays as `Frame.from_numpy` takes them, or paths of files.
#[pyfunction]
#[pyo3(signature = (a, b, *, metrics=Vec::new(), ppd=DEFAULT_PPD))]
pub fn diff(
    py: Python<'_>,
    a: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
    metrics: Vec<String>,
    ppd: f32,
) -> PyResult<Diff> {
    let invalid = |message: String| PyErr::from(Raise::new("AttrValueError", message));
    let metrics = metrics.iter().map(|name| Metric::from_str(name).map_err(invalid)).collect::<PyResult<Vec<_>>>()?;
    let (a, b) = (picture(a)?, picture(b)?);
    let diff = call(py, || {
        let comparison = Comparison::new(&a, &b).map_err(raise)?;
        let errors = comparison.errors();
        Ok(Diff { comparison, errors, ppd, ssim: OnceLock::new(), flip: OnceLock::new(), hdr_flip: OnceLock::new() })
    })?;
    for metric in metrics {
        match metric {
            Metric::Ssim => drop(diff.ssim(py)?),
            Metric::Flip => drop(diff.flip(py)?),
            Metric::HdrFlip => drop(diff.hdr_flip(py)?),
            Metric::Max | Metric::Mean | Metric::Rms | Metric::Psnr => {}
        }
    }
    Ok(diff)
}

/// A frame, the file of a path, or the values of an array, which stays the caller's.
fn picture(object: &Bound<'_, PyAny>) -> PyResult<Arc<HostFrame>> {
    if let Ok(frame) = object.cast::<Frame>() {
        return Ok(Arc::clone(frame.get().host()));
    }
    if let Ok(path) = object.extract::<PathBuf>() {
        let options = ReadOptions { kept: ChannelSet::RgbaOnly, ..ReadOptions::default() };
        return call(object.py(), || media::read(&path, &options).map(Arc::new).map_err(raise));
    }
    Ok(Arc::new(HostFrame::new(image_of(object, Options { copy: Some(true), ..Options::default() })?)))
}

/// What was found before, or is found now.
fn once<T: Clone + Send + Sync>(
    py: Python<'_>,
    cell: &OnceLock<T>,
    find: impl FnOnce() -> Result<T, CompareError> + Send,
) -> PyResult<T> {
    match cell.get() {
        Some(found) => Ok(found.clone()),
        None => {
            let found = call(py, || find().map_err(raise))?;
            Ok(cell.get_or_init(|| found).clone())
        }
    }
}

impl Diff {
    fn seen(&self, py: Python<'_>) -> PyResult<Seen> {
        once(py, &self.flip, || self.comparison.flip(self.ppd).map(Seen::of))
    }

    fn seen_hdr(&self, py: Python<'_>) -> PyResult<Seen> {
        once(py, &self.hdr_flip, || self.comparison.hdr_flip(self.ppd).map(|(errors, _)| Seen::of(errors)))
    }
}

impl Seen {
    fn of(errors: Plane) -> Self {
        Self { mean: errors.mean(), errors: Arc::new(errors) }
    }

    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let window = self.errors.window();
        new_array(py, self.errors.values().to_vec(), [window.height(), window.width()])
    }
}

#[pymethods]
impl Diff {
    /// The largest difference of a value.
    #[getter]
    fn max(&self) -> f64 {
        self.errors.max()
    }

    /// The mean difference of all values.
    #[getter]
    fn mean(&self) -> f64 {
        self.errors.mean()
    }

    /// The root of the mean squared difference.
    #[getter]
    fn rms(&self) -> f64 {
        self.errors.rms()
    }

    /// Peak signal to noise ratio in decibels, with a peak of 1: `-20 log10(rms)`.
    #[getter]
    fn psnr(&self) -> f64 {
        self.errors.psnr()
    }

    /// Mean structural similarity.
    #[getter]
    fn ssim(&self, py: Python<'_>) -> PyResult<f64> {
        once(py, &self.ssim, || self.comparison.ssim())
    }

    /// Mean FLIP error.
    #[getter]
    fn flip(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.seen(py)?.mean)
    }

    /// Mean HDR-FLIP error.
    #[getter]
    fn hdr_flip(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.seen_hdr(py)?.mean)
    }

    /// Where the largest difference is: column, row, channel.
    #[getter]
    fn at(&self) -> Option<(i32, i32, usize)> {
        self.errors.largest.map(|largest| (largest.x, largest.y, largest.channel))
    }

    /// The largest difference of each channel.
    #[getter]
    fn max_by_channel(&self) -> (f64, f64, f64, f64) {
        self.errors.max_by_channel.into()
    }

    /// The mean difference of each channel.
    #[getter]
    fn mean_by_channel(&self) -> (f64, f64, f64, f64) {
        self.errors.mean_by_channel.into()
    }

    /// The root of the mean squared difference of each channel.
    #[getter]
    fn rms_by_channel(&self) -> (f64, f64, f64, f64) {
        self.errors.rms_by_channel.into()
    }

    /// How many pixels differ.
    #[getter]
    fn differing(&self) -> u64 {
        self.errors.differing
    }

    /// What was compared, in the coordinates of the first picture.
    #[getter]
    fn window(&self) -> (i32, i32, i32, i32) {
        corners(self.comparison.region())
    }

    /// The error of each pixel, as a new array.
    #[pyo3(signature = (of="abs"))]
    fn map<'py>(&self, py: Python<'py>, of: &str) -> PyResult<Bound<'py, PyAny>> {
        match of {
            "abs" => {
                let map = call(py, || self.comparison.map().map_err(raise))?;
                let window = map.window();
                new_array(py, map.values().to_vec(), [window.height(), window.width(), 4])
            }
            "flip" => self.seen(py)?.to_numpy(py),
            "hdr_flip" => self.seen_hdr(py)?.to_numpy(py),
            other => {
                let message = format!("map({other:?}): expected \"abs\", \"flip\" or \"hdr_flip\"");
                Err(Raise::new("AttrValueError", message).into())
            }
        }
    }

    fn __repr__(&self) -> String {
        match self.at() {
            None => "<Diff: equal>".to_owned(),
            Some((x, y, channel)) => format!(
                "<Diff: max {:.6} at ({x}, {y}, {channel}), mean {:.6}, rms {:.6}, psnr {:.2} dB>",
                self.max(),
                self.mean(),
                self.rms(),
                self.psnr()
            ),
        }
    }
}
