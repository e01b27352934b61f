//! Movies that the host delivers: `playa_py.video._outputs` writes them, with PyAV where that is installed.

use std::sync::Arc;

use playa_host::delivery::movie::{self, MovieWriter, MovieWriters};
use playa_host::delivery::{DeliveryError, Movie};
use playa_host::image::Frame as HostFrame;
use playa_host::project::Rate;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::frame::Frame;

/// Errors that say that what was asked for is wrong.
const USAGE: [&str; 3] = ["AttrTypeError", "AttrValueError", "UnsupportedMediaError"];

/// Writes movies by a module of the package.
struct PythonMovies;

/// Says to the host who writes movies.
pub fn set_writers() {
    movie::set_writers(Arc::new(PythonMovies));
}

/// A `playa_py.video.MovieWriter`.
struct Writer(Py<PyAny>);

impl MovieWriters for PythonMovies {
    fn begin(&self, movie: &Movie, size: [usize; 2], rate: Rate) -> Result<Box<dyn MovieWriter>, DeliveryError> {
        let begun = attached(|py| {
            let options = PyDict::new(py);
            movie.options.iter().try_for_each(|(name, value)| options.set_item(name, value))?;
            let rate = (rate.num(), rate.den());
            let outputs = py.import("playa_py.video._outputs")?;
            outputs.call_method1("begin", (&movie.path, size, rate, options)).map(Bound::unbind)
        });
        Ok(Box::new(Writer(begun?)))
    }
}

impl MovieWriter for Writer {
    fn append(&mut self, frame: HostFrame) -> Result<(), String> {
        self.call(|writer| writer.call_method1("append", (Frame::new(frame),)))
    }

    fn end(self: Box<Self>) -> Result<(), String> {
        self.call(|writer| writer.call_method0("close"))
    }
}

impl Writer {
    fn call(
        &self,
        call: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
    ) -> Result<(), String> {
        attached(|py| call(self.0.bind(py)).map(drop)).map_err(|error| error.message)
    }
}

impl Drop for Writer {
    /// One that was closed is left as it is.
    fn drop(&mut self) {
        // Nobody hears of it: what there was to say was said by what failed before.
        drop(self.call(|writer| writer.call_method0("abort")));
    }
}

/// Runs something of Python, and makes an error of its exception.
fn attached<T>(work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T, DeliveryError> {
    let failed = |py: Python<'_>, error: PyErr| {
        if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            // It is for who waits for the movie, and comes again there.
            let again = py.import("_thread").and_then(|thread| thread.call_method0("interrupt_main"));
            again.map_or_else(|error| error.write_unraisable(py, None), drop);
        }
        let named = |name: &str| {
            let class = py.import("playa_py.errors").and_then(|errors| errors.getattr(name));
            class.is_ok_and(|class| error.is_instance(py, &class))
        };
        let value = error.value(py);
        let ours = || value.getattr("args").and_then(|args| args.get_item(0)?.extract::<String>());
        let message = if named("PlayaError") { ours().ok() } else { None };
        DeliveryError {
            message: message.unwrap_or_else(|| error.to_string()),
            hint: value.getattr("hint").and_then(|hint| hint.extract()).unwrap_or_default(),
            is_usage: USAGE.iter().any(|name| named(name)),
        }
    };
    Python::try_attach(|py| work(py).map_err(|error| failed(py, error)))
        .unwrap_or_else(|| Err(DeliveryError { message: "Python is ending".to_owned(), hint: None, is_usage: false }))
}
