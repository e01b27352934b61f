//! `EventBus`, `Subscription`, and the queue behind `Listener`.

use std::ffi::CString;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use playa_host::events::{
    BUILT_IN, Event as HostEvent, EventBus as HostBus, Filter, Listener, Next, Subscription as HostSubscription,
};
use playa_host::suggest::did_you_mean;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::call::listening;
use crate::dispatch::{Receiver, Waiting, call_soon, close_at_exit, flushed};
use crate::errors::Raise;
use crate::event::{Event, field_from_python};
use crate::value::type_name;

/// Where events are emitted and subscribed to.
#[pyclass(frozen, module = "playa_py")]
pub struct EventBus {
    pub bus: HostBus,
}

/// A callback that is called with events, until it is closed.
#[pyclass(frozen, module = "playa_py")]
pub struct Subscription {
    name: String,
    subscription: HostSubscription,
    receiver: Arc<Receiver>,
}

/// The events that wait for a `Listener`.
#[pyclass(frozen, module = "playa_py")]
pub struct EventQueue {
    listener: Arc<Listener>,
}

/// The helpers of the thread that calls callbacks.
fn thread(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("playa_py._events")
}

/// Subscribes a callback, for every class that has a bus.
pub fn subscribe(bus: &HostBus, name: &str, callback: &Bound<'_, PyAny>) -> PyResult<Subscription> {
    let py = callback.py();
    if !callback.is_callable() {
        let found = type_name(callback);
        return Err(PyTypeError::new_err(format!("expected a function of one event, found an object of type {found}")));
    }
    let filter = filter(py, &[name.to_owned()])?;
    thread(py)?.call_method0("start")?;
    let receiver = Receiver::new(callback.clone().unbind());
    let subscription = bus.subscribe(filter, {
        let receiver = Arc::clone(&receiver);
        move |event| receiver.receive(event)
    });
    Ok(Subscription { name: name.to_owned(), subscription, receiver })
}

/// The filter for these names. One that is almost that of a built-in event is warned of.
fn filter(py: Python<'_>, names: &[String]) -> PyResult<Filter> {
    for name in names.iter().filter(|name| *name != "*") {
        check_name(name)?;
        if BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
            continue;
        }
        let hint = did_you_mean(name, BUILT_IN.iter().map(|(name, _)| *name));
        if !hint.is_empty() {
            let category = py.import("playa_py.errors")?.getattr("EventNameWarning")?;
            let message = format!("no event of Playa is called `{name}`{hint}; only an event that you emit will be");
            PyErr::warn(py, &category, &CString::new(message)?, 1)?;
        }
    }
    Ok(names.iter().map(String::as_str).collect())
}

fn check_name(name: &str) -> PyResult<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits) {
        return Ok(());
    }
    let expected = "expected lower case letters, digits, `_` and `.`, a letter first, such as `shot_approved`";
    Err(Raise::new("EventNameError", format!("event name {name:?}: {expected}")).into())
}

/// When so many seconds will be over; `None` for never, as far as anyone can wait.
pub fn deadline(timeout: Option<f64>) -> PyResult<Option<Instant>> {
    match timeout {
        Some(seconds) if seconds >= 0.0 => {
            Ok(Duration::try_from_secs_f64(seconds).ok().and_then(|patience| Instant::now().checked_add(patience)))
        }
        Some(seconds) => {
            Err(Raise::new("AttrValueError", format!("timeout={seconds}: expected seconds, 0 or more")).into())
        }
        None => Ok(None),
    }
}

#[pymethods]
impl EventBus {
    /// A bus of one's own.
    #[new]
    fn new() -> Self {
        Self { bus: HostBus::new() }
    }

    /// Calls `callback` with each event of this name from now on, `"*"` for all, on the dispatcher thread.
    fn subscribe(&self, name: &str, callback: &Bound<'_, PyAny>) -> PyResult<Subscription> {
        subscribe(&self.bus, name, callback)
    }

    /// Emits an event. Keyword arguments are what it says. Returns at once: callbacks are called later.
    #[pyo3(signature = (name, /, **payload))]
    fn emit(&self, name: &str, payload: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        check_name(name)?;
        let mut event = HostEvent::new(name.to_owned());
        for (field, value) in payload.into_iter().flatten() {
            let field: String = field.extract()?;
            if matches!(&*field, "name" | "payload") {
                let message = format!("`{field}` of event {name}: every event has that already, take another name");
                return Err(Raise::new("EventNameError", message).into());
            }
            event = event.with(field, field_from_python(&value)?);
        }
        self.bus.emit(event);
        Ok(())
    }

    /// The events of these names from now on, all without any, to iterate over with `for` or `async for`.
    #[pyo3(signature = (*names, timeout=None))]
    fn listen<'py>(&self, py: Python<'py>, names: Vec<String>, timeout: Option<f64>) -> PyResult<Bound<'py, PyAny>> {
        deadline(timeout)?;
        let filter = if names.is_empty() { Filter::All } else { filter(py, &names)? };
        let listener = thread(py)?.getattr("Listener")?;
        let queue = EventQueue { listener: Arc::new(self.bus.listen(filter)) };
        close_at_exit(&queue.listener);
        listener.call1((queue, PyTuple::new(py, names)?, timeout))
    }

    /// Waits until the callbacks for all events emitted so far are done, on any bus. Tells whether they were before
    /// `timeout` seconds were over.
    #[pyo3(signature = (timeout=None))]
    fn flush(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<bool> {
        let end = deadline(timeout)?;
        if !thread(py)?.call_method0("can_flush")?.is_truthy()? {
            return Err(PyRuntimeError::new_err("a callback cannot flush: it would wait for itself"));
        }
        let _waiting = Waiting::new();
        let done = Mutex::new(flushed());
        listening(py, &AtomicBool::new(false), |patience| {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let done = done.lock().unwrap_or_else(PoisonError::into_inner);
            match done.recv_timeout(left.unwrap_or(patience).min(patience)) {
                Ok(()) => Some(true),
                Err(RecvTimeoutError::Disconnected) => Some(false),
                Err(RecvTimeoutError::Timeout) => left.is_some_and(|left| left.is_zero()).then_some(false),
            }
        })
    }

    fn __repr__(&self) -> String {
        format!("<{:?}>", self.bus)
    }
}

#[pymethods]
impl Subscription {
    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.subscription.is_closed()
    }

    /// Ends it: no call begins any more, also of events that were emitted before.
    fn close(&self) {
        self.subscription.close();
        self.receiver.close();
    }

    /// The same as `close`.
    fn unsubscribe(&self) {
        self.close();
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __repr__(&self) -> String {
        let state = if self.closed() { ": closed" } else { "" };
        format!("<Subscription to {}{state}>", self.name)
    }
}

#[pymethods]
impl EventQueue {
    /// Waits for the next event, for so many seconds at most. None when it is closed or the time is over.
    #[pyo3(signature = (timeout=None))]
    fn next(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Option<Event>> {
        let end = deadline(timeout)?;
        let _waiting = Waiting::new();
        listening(py, &AtomicBool::new(false), |patience| {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            match self.listener.next_within(left.unwrap_or(patience).min(patience)) {
                Next::Event(event) => Some(Some(Event::new(event))),
                Next::Closed => Some(None),
                Next::Timeout => left.is_some_and(|left| left.is_zero()).then_some(None),
            }
        })
    }

    /// The next event, or None, and whether it is closed. Does not wait.
    fn poll(&self) -> (Option<Event>, bool) {
        match self.listener.next_within(Duration::ZERO) {
            Next::Event(event) => (Some(Event::new(event)), false),
            Next::Closed => (None, true),
            Next::Timeout => (None, false),
        }
    }

    /// Calls `wake` on the dispatcher thread once there is an event or it is closed.
    fn on_next(&self, wake: Py<PyAny>) {
        self.listener.on_next(move || call_soon(wake));
    }

    fn close(&self) {
        self.listener.close();
    }
}
