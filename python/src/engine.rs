//! The one engine of the process.

use std::path::PathBuf;
use std::sync::Arc;

use playa_host::engine::Engine;
use playa_host::plugin::search;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::call;
use crate::errors::raise;
use crate::plugins::update_classes;
use crate::{log, worker};

/// The engine, made when it is first needed: that is when the plugin directories are read, and watched from then on.
pub fn engine(py: Python<'_>) -> PyResult<&'static Arc<Engine>> {
    static ENGINE: PyOnceLock<Arc<Engine>> = PyOnceLock::new();
    ENGINE.get_or_try_init(py, || {
        log::start(py)?;
        let built_in = [built_in_plugins(py)?];
        worker::set_program(py)?;
        set_packages(py)?;
        call(py, || {
            let engine = Engine::of_this_user(&built_in).map_err(raise)?;
            engine.registry().observe(update_classes);
            if let Err(error) = engine.watch() {
                ::log::warn!("plugins are not watched: {error}");
            }
            Ok(Arc::new(engine))
        })
    })
}

/// Says in which packages of this Python there are plugins.
pub fn set_packages(py: Python<'_>) -> PyResult<()> {
    search::set_packages(py.import("playa_py._packages")?.call_method0("folders")?.extract()?);
    Ok(())
}

/// The folder of the package in which the effects that come with it lie.
pub fn built_in_plugins(py: Python<'_>) -> PyResult<PathBuf> {
    let package: PathBuf = py.import("playa_py")?.getattr("__file__")?.extract()?;
    Ok(package.with_file_name("plugins"))
}
