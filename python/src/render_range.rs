//! `RenderRange`: frames in order, while the next ones are rendered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use playa_host::image::Frame as HostFrame;
use playa_host::project::{FrameSet, MAX_FRAMES};
use playa_host::render::RenderError;
use playa_host::render::batch::{Batch, Frames, NotYet};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyString, PyType};

use crate::call::listening;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::future::{Outcome, Promise};
use crate::log;
use crate::python_effect::refuse_within_effects;
use crate::value::type_name;

type Rendered = Frames<Result<HostFrame, RenderError>>;

/// The frames that `Comp.render_range` renders, in order, each as `(number, Frame)`.
#[pyclass(frozen, module = "playa_py")]
pub struct RenderRange {
    frames: Arc<Rendered>,
    numbers: Arc<[i64]>,
    abort: Arc<AtomicBool>,
    /// Whether an error stands in the place of its frame, instead of being raised.
    collect: bool,
    progress: Option<Py<PyAny>>,
    /// How many came by iteration.
    given: AtomicUsize,
    /// Whether they come as futures.
    has_futures: AtomicBool,
}

impl RenderRange {
    /// Begins to render.
    pub fn start(py: Python<'_>, batch: Batch, collect: bool, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        refuse_within_effects()?;
        log::listen(py)?;
        let (abort, numbers) = (Arc::clone(&batch.options.abort), batch.frames.clone().into());
        let started = batch.start(|_, rendered| rendered);
        let frames = started.map_err(no_thread)?.into();
        let (given, has_futures) = (AtomicUsize::new(0), AtomicBool::new(false));
        Ok(Self { frames, numbers, abort, collect, progress, given, has_futures })
    }
}

#[pymethods]
impl RenderRange {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Waits for the next frame. Other Python threads run meanwhile, and Ctrl-C ends all of it.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<(i64, Py<PyAny>)>> {
        if self.has_futures.load(Ordering::SeqCst) {
            return Err(Raise::new("RenderError", "the frames of this range come as futures").into());
        }
        if self.is_closed() {
            return Ok(None);
        }
        let next = listening(py, &self.abort, |patience| self.frames.next_within(patience).ok());
        let Some(done) = next.inspect_err(|_| self.frames.stop())? else { return Ok(None) };
        let number = done.frame;
        let result = match done.result {
            // Another thread closed it.
            Err(error) if error.is_abort() && self.is_closed() => return Ok(None),
            Err(error) => Err(raise(error)),
            Ok(frame) => Ok(Py::new(py, Frame::new(frame))?.into_any()),
        };
        if let Some(progress) = &self.progress {
            let given = self.given.fetch_add(1, Ordering::SeqCst) + 1;
            progress.call1(py, (given, self.numbers.len(), number))?;
        }
        match result {
            Err(error) if self.collect => Ok(Some((number, error.into_value(py).into_any()))),
            result => result.map(|frame| Some((number, frame))),
        }
    }

    /// `RenderRange[Frame]`, for annotations.
    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, item: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        class.py().import("types")?.getattr("GenericAlias")?.call1((class, item))
    }

    /// How many frames it was asked for.
    fn __len__(&self) -> usize {
        self.numbers.len()
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    /// The frames that were not taken yet as an iterator of `RenderFuture`s, in order. It never waits.
    fn futures(&self) -> PyResult<RenderFutures> {
        if self.has_futures.swap(true, Ordering::SeqCst) {
            return Err(Raise::new("RenderError", "the frames of this range come as futures already").into());
        }
        let (sender, promises) = mpsc::channel::<Promise>();
        let frames = Arc::clone(&self.frames);
        let complete = move || promises.iter().for_each(|promise| promise.complete(next(&frames)));
        thread::Builder::new().name("playa futures".to_owned()).spawn(complete).map_err(no_thread)?;
        let (frames, numbers, abort) = (Arc::clone(&self.frames), Arc::clone(&self.numbers), Arc::clone(&self.abort));
        let state = Mutex::new((frames.taken(), sender));
        Ok(RenderFutures { frames, numbers, abort, state })
    }

    fn __repr__(&self) -> String {
        let state = if self.is_closed() { ", closed" } else { "" };
        format!("<RenderRange of {} frames{state}>", self.numbers.len())
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

/// The frames of a `RenderRange` as futures, in order.
#[pyclass(frozen, module = "playa_py._native")]
pub struct RenderFutures {
    frames: Arc<Rendered>,
    numbers: Arc<[i64]>,
    abort: Arc<AtomicBool>,
    /// The place of the next one, and who completes them.
    state: Mutex<(usize, Sender<Promise>)>,
}

#[pymethods]
impl RenderFutures {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.abort.load(Ordering::SeqCst) {
            return Ok(None);
        }
        // Python code makes the future, and other threads run meanwhile: who waits for the lock lets them.
        let mut state = self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let index = state.0;
        let Some(number) = self.numbers.get(index) else { return Ok(None) };
        // A future that is kept does not keep the range.
        let (begun, stopped) = (Arc::downgrade(&self.frames), Arc::downgrade(&self.frames));
        let begun = move || begun.upgrade().is_some_and(|frames| frames.has_begun(index));
        let stop = move || stopped.upgrade().iter().for_each(|frames| frames.cancel(index));
        let promise = Promise::new(py, *number, begun, stop)?;
        let future = promise.future(py);
        state.0 += 1;
        state.1.send(promise).map_err(|_| Raise::new("RenderError", "the thread that completes futures ended"))?;
        Ok(Some(future))
    }

    fn __length_hint__(&self, py: Python<'_>) -> usize {
        self.numbers.len() - self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What comes of the next frame; `None` where none comes any more.
fn next(frames: &Rendered) -> Option<Outcome> {
    loop {
        match catch_unwind(AssertUnwindSafe(|| frames.next_within(Duration::from_secs(1)))) {
            Ok(Err(NotYet)) => {}
            Ok(Ok(done)) => return done.map(|done| Ok(done.result)),
            Err(panic) => return Some(Err(panic)),
        }
    }
}

fn no_thread(error: std::io::Error) -> Raise {
    Raise::new("RenderError", format!("no thread to render on: {error}"))
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
