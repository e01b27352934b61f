//! How Python calls the host: other Python threads run meanwhile, a panic becomes an exception, Ctrl-C is heard, and what
//! the host has to say is told.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python_effect::{within as effects_within, work_within};
use crate::{Raise, log};

/// How long a key press may go unheard.
const PATIENCE: Duration = Duration::from_millis(10);

/// Does some work of the host, detached from the interpreter.
pub fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> PyResult<T> + Send) -> PyResult<T> {
    let result = py.detach(|| guarded(work));
    log::deliver(py)?;
    result
}

/// Does some work that may take long, on a thread of its own, while this one listens for signals, and returns what comes
/// of it, or `None` if that takes longer than `within`. Where a signal handler raises, as that of Ctrl-C does, or the time
/// is over, `abort` is set and nobody waits for the work to end.
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    abort: &AtomicBool,
    within: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<Option<T>> {
    log::listen(py)?;
    let until = within.and_then(|within| Instant::now().checked_add(within));
    let (sender, done) = mpsc::sync_channel(1);
    let effects = effects_within();
    let begun = thread::Builder::new().name("playa render".to_owned()).spawn(move || {
        work_within(effects);
        // Nobody listens any more after an interrupt.
        drop(sender.send(catch_unwind(AssertUnwindSafe(work))));
    });
    begun.map_err(|error| Raise::new("RenderError", format!("no thread to render on: {error}")))?;
    let result = py.detach(move || listen(abort, until, |patience| received(&done, patience)));
    log::deliver(py)?;
    Ok(result?.transpose()?.transpose().map_err(|panic| panicked(&*panic))?)
}

/// The same for work that borrows: also after a signal it is waited for until it ends, which it does soon once `abort` is
/// set.
pub fn interruptible_here<T: Send>(
    py: Python<'_>,
    abort: &AtomicBool,
    work: impl FnOnce() -> PyResult<T> + Send,
) -> PyResult<T> {
    log::listen(py)?;
    let (sender, done) = mpsc::sync_channel(1);
    let effects = effects_within();
    let result = py.detach(move || {
        thread::scope(|scope| {
            scope.spawn(move || {
                work_within(effects);
                drop(sender.send(guarded(work)));
            });
            listen(abort, None, |patience| received(&done, patience))
        })
    });
    log::deliver(py)?;
    result?.unwrap_or_else(|| Err(panicked(&"it waited until never")))?
}

/// What a thread that works sends when it is done, if that is soon.
fn received<T>(done: &Receiver<T>, patience: Duration) -> Option<PyResult<T>> {
    match done.recv_timeout(patience) {
        Ok(result) => Some(Ok(result)),
        Err(RecvTimeoutError::Disconnected) => Some(Err(panicked(&"the thread ended"))),
        Err(RecvTimeoutError::Timeout) => None,
    }
}

/// Waits for what other threads do, detached from the interpreter, and listens for signals meanwhile: as [`interruptible`]
/// does. `wait` waits for so long at most.
pub fn listening<T: Send>(
    py: Python<'_>,
    abort: &AtomicBool,
    wait: impl Fn(Duration) -> Option<T> + Send + Sync,
) -> PyResult<T> {
    log::listen(py)?;
    let result = py.detach(|| guarded(|| listen(abort, None, wait)));
    log::deliver(py)?;
    result?.ok_or_else(|| panicked(&"it waited until never"))
}

/// What comes in time.
fn listen<T>(abort: &AtomicBool, until: Option<Instant>, wait: impl Fn(Duration) -> Option<T>) -> PyResult<Option<T>> {
    loop {
        if let Some(result) = wait(PATIENCE) {
            return Ok(Some(result));
        }
        let heard = Python::attach(|py| py.check_signals().and_then(|()| log::deliver(py)));
        let late = until.is_some_and(|until| Instant::now() >= until);
        if heard.is_err() || late {
            abort.store(true, Ordering::Relaxed);
            return heard.map(|()| None);
        }
    }
}

fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // After a panic, nothing that the work had in its hands is used again.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// The exception for a panic of the host.
pub fn panicked(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("the host panicked: {}", text.unwrap_or("no message"));
    let hint = "this is a bug of Playa: please report it with what you did".to_owned();
    Raise { hint: Some(hint), ..Raise::new("PlayaError", message) }.into()
}
