//! How Python calls the host: other Python threads run meanwhile, a panic becomes an exception, Ctrl-C is heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::Raise;
use crate::python_effect::{within, work_within};

/// How long a key press may go unheard.
const PATIENCE: Duration = Duration::from_millis(10);

/// Does some work of the host, detached from the interpreter.
pub fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> PyResult<T> + Send) -> PyResult<T> {
    py.detach(|| guarded(work))
}

/// Does some work that may take long, on a thread of its own, while this one listens for signals. Where a signal
/// handler raises, as that of Ctrl-C does, `abort` is set, and the work was in vain.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    abort: &AtomicBool,
    work: impl FnOnce() -> PyResult<T> + Send,
) -> PyResult<T> {
    let (sender, done) = mpsc::sync_channel(1);
    let within = within();
    py.detach(move || {
        thread::scope(|scope| {
            // Nobody listens any more after an interrupt.
            scope.spawn(move || {
                work_within(within);
                drop(sender.send(guarded(work)));
            });
            listen(abort, |patience| match done.recv_timeout(patience) {
                Ok(result) => Some(result),
                Err(RecvTimeoutError::Disconnected) => Some(Err(panicked(&"the thread ended"))),
                Err(RecvTimeoutError::Timeout) => None,
            })?
        })
    })
}

/// Waits for what other threads do, detached from the interpreter, and listens for signals meanwhile: as [`interruptible`]
/// does. `wait` waits for so long at most.
pub fn listening<T: Send>(
    py: Python<'_>,
    abort: &AtomicBool,
    wait: impl Fn(Duration) -> Option<T> + Send + Sync,
) -> PyResult<T> {
    py.detach(|| guarded(|| listen(abort, wait)))
}

fn listen<T>(abort: &AtomicBool, wait: impl Fn(Duration) -> Option<T>) -> PyResult<T> {
    loop {
        match wait(PATIENCE) {
            Some(result) => return Ok(result),
            None => Python::attach(|py| py.check_signals()).inspect_err(|_| abort.store(true, Ordering::Relaxed))?,
        }
    }
}

fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // After a panic, nothing that the work had in its hands is used again.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("the host panicked: {}", text.unwrap_or("no message"));
    let hint = "this is a bug of Playa: please report it with what you did".to_owned();
    Raise { hint: Some(hint), ..Raise::new("PlayaError", message) }.into()
}
