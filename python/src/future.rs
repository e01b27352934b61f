//! Renders that go on while Python does something else, and complete a `RenderFuture` of `playa_py.futures`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use playa_host::image::Frame as HostFrame;
use playa_host::render::RenderError;
use playa_host::render::batch::Batch;
use playa_host::render::queue::Queue;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::panicked;
use crate::errors::{Raise, raise};
use crate::frame::Frame;
use crate::log;
use crate::python_effect::refuse_within_effects;

/// What came of a render, or its panic.
pub type Outcome = thread::Result<Result<HostFrame, RenderError>>;

/// The renders that were asked for one by one.
static QUEUE: LazyLock<Queue> = LazyLock::new(Queue::default);

/// The render of a `RenderFuture`.
#[pyclass(frozen, module = "playa_py._native")]
pub struct RenderTask {
    begun: Box<dyn Fn() -> bool + Send + Sync>,
    stop: Box<dyn Fn() + Send + Sync>,
}

#[pymethods]
impl RenderTask {
    /// Whether it has begun.
    fn begun(&self) -> bool {
        (self.begun)()
    }

    /// Asks it to stop.
    fn stop(&self) {
        (self.stop)();
    }
}

/// A `RenderFuture` that is to be completed.
pub struct Promise {
    future: Py<PyAny>,
    _busy: Busy,
}

impl Promise {
    /// A promise of the frame `number`.
    pub fn new(
        py: Python<'_>,
        number: i64,
        begun: impl Fn() -> bool + Send + Sync + 'static,
        stop: impl Fn() + Send + Sync + 'static,
    ) -> PyResult<Self> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let task = RenderTask { begun: Box::new(begun), stop: Box::new(stop) };
        let class = CLASS.import(py, "playa_py.futures", "RenderFuture")?;
        Ok(Self { future: class.call1((number, Py::new(py, task)?))?.unbind(), _busy: Busy::new() })
    }

    /// The future that it is about.
    pub fn future(&self, py: Python<'_>) -> Py<PyAny> {
        self.future.clone_ref(py)
    }

    /// Completes it, where Python is still there to be told.
    pub fn complete(self, outcome: Option<Outcome>) {
        // The future is dropped while attached, and only then nobody is busy with it.
        let Self { future, _busy } = self;
        Python::try_attach(move |py| {
            let fail = |error: PyErr| future.call_method1(py, "_fail", (error,));
            let told = log::deliver(py).and_then(|()| match outcome {
                Some(Ok(Ok(frame))) => future.call_method1(py, "_finish", (Frame::new(frame),)),
                Some(Ok(Err(error))) if !error.is_abort() => fail(raise(error)),
                Some(Err(panic)) => fail(panicked(&*panic)),
                Some(Ok(Err(_))) | None => future.call_method0(py, "cancel"),
            });
            if let Err(error) = told {
                error.write_unraisable(py, Some(future.bind(py)));
            }
        });
    }
}

/// Renders the only frame of a batch when its turn in the queue comes, and returns its `RenderFuture`.
pub fn render(py: Python<'_>, batch: Batch, number: i64) -> PyResult<Py<PyAny>> {
    refuse_within_effects()?;
    log::listen(py)?;
    let (abort, begun) = (Arc::clone(&batch.options.abort), Arc::new(AtomicBool::new(false)));
    let (stop, has_begun) = (Arc::clone(&abort), Arc::clone(&begun));
    let stop = move || stop.store(true, Ordering::SeqCst);
    let promise = Promise::new(py, number, move || has_begun.load(Ordering::SeqCst), stop)?;
    let future = promise.future(py);
    let work = move || {
        if abort.load(Ordering::SeqCst) {
            return promise.complete(None);
        }
        begun.store(true, Ordering::SeqCst);
        let Batch { renderer, document, effects, comp, options, .. } = &batch;
        let render = AssertUnwindSafe(|| renderer.render(document, effects, *comp, number, options));
        let outcome = catch_unwind(render);
        // What the project holds is let go before anybody hears of the frame.
        drop(batch);
        promise.complete(Some(outcome));
    };
    let pushed = py.detach(|| QUEUE.push(work));
    pushed.map_err(|error| Raise::new("RenderError", format!("no thread to render on: {error}")))?;
    Ok(future)
}

/// Waits until no native thread has a future to complete, for so many seconds at most.
#[pyfunction]
pub fn settle(py: Python<'_>, seconds: f64) {
    let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    py.detach(|| {
        let busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
        drop(IDLE.wait_timeout_while(busy, patience, |busy| *busy > 0));
    });
}

/// How many futures native threads have to complete.
static BUSY: Mutex<usize> = Mutex::new(0);
static IDLE: Condvar = Condvar::new();

struct Busy;

impl Busy {
    fn new() -> Self {
        *BUSY.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *BUSY.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        IDLE.notify_all();
    }
}
