//! How Python calls the host: other Python threads run meanwhile, a panic becomes an exception, Ctrl-C is heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::Raise;

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
    py.detach(move || {
        thread::scope(|scope| {
            // Nobody listens any more after an interrupt.
            scope.spawn(move || drop(sender.send(guarded(work))));
            loop {
                match done.recv_timeout(PATIENCE) {
                    Ok(result) => return result,
                    Err(RecvTimeoutError::Disconnected) => return Err(panicked(&"the thread ended")),
                    Err(RecvTimeoutError::Timeout) => {
                        Python::attach(|py| py.check_signals()).inspect_err(|_| abort.store(true, Ordering::Relaxed))?
                    }
                }
            }
        })
    })
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
