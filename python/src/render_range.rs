//! `RenderRange`: frames in order, while the next ones are rendered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use playa_host::image::Frame as HostFrame;
use playa_host::project::{FrameSet, MAX_FRAMES};
use playa_host::render::RenderError;
use playa_host::render::batch::{Batch, Frames};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::call::listening;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::value::type_name;

/// The frames that `Comp.render_range` renders, in order, each as `(number, Frame)`.
#[pyclass(frozen, module = "playa_py")]
pub struct RenderRange {
    frames: Frames<Result<HostFrame, RenderError>>,
    /// How many there are.
    count: usize,
    abort: Arc<AtomicBool>,
}

impl RenderRange {
    /// Begins to render.
    pub fn start(batch: Batch) -> PyResult<Self> {
        let (abort, count) = (Arc::clone(&batch.options.abort), batch.frames.len());
        let started = batch.start(|_, rendered| rendered);
        let frames = started.map_err(|error| Raise::new("RenderError", format!("no thread to render on: {error}")))?;
        Ok(Self { frames, count, abort })
    }
}

#[pymethods]
impl RenderRange {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Waits for the next frame. Other Python threads run meanwhile, and Ctrl-C ends all of it.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<(i64, Frame)>> {
        if self.is_closed() {
            return Ok(None);
        }
        let next = listening(py, &self.abort, |patience| self.frames.next_within(patience).ok());
        let Some(done) = next.inspect_err(|_| self.frames.stop())? else { return Ok(None) };
        match done.result {
            // Another thread closed it.
            Err(error) if error.is_abort() && self.is_closed() => Ok(None),
            Err(error) => Err(raise(error)),
            Ok(frame) => Ok(Some((done.frame, Frame::new(frame)))),
        }
    }

    fn __repr__(&self) -> String {
        let state = if self.is_closed() { ", closed" } else { "" };
        format!("<RenderRange of {} frames{state}>", self.count)
    }

    /// Stops rendering: nothing comes any more.
    fn close(&self) {
        self.abort.store(true, Ordering::SeqCst);
        self.frames.stop();
    }
}

impl RenderRange {
    fn is_closed(&self) -> bool {
        self.abort.load(Ordering::SeqCst)
    }
}

/// Frames as a user gives them: `"1-100x2"`, or whole numbers.
pub fn frames_from_python(frames: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    if let Ok(text) = frames.cast::<PyString>() {
        let set: FrameSet = text.to_str()?.parse().map_err(|error| Raise::new("AttrValueError", format!("{error}")))?;
        return Ok(set.frames().to_vec());
    }
    let wrong = |found: &Bound<'_, PyAny>| {
        let expected = "expected whole numbers, or a text such as \"1-100x2\"";
        Raise::new("AttrTypeError", format!("frames: {expected}, found an object of type {}", type_name(found)))
    };
    let items = frames.try_iter().map_err(|_| wrong(frames))?;
    let number = |item: PyResult<Bound<'_, PyAny>>| {
        let item = item?;
        item.extract().map_err(|_| wrong(&item).into())
    };
    let frames = items.take(MAX_FRAMES + 1).map(number).collect::<PyResult<Vec<i64>>>()?;
    if frames.len() > MAX_FRAMES {
        return Err(Raise::new("AttrValueError", format!("frames: more than {MAX_FRAMES} of them")).into());
    }
    Ok(frames)
}
