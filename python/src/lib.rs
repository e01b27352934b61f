//! `playa_py._native`: the host as Python objects.
//!
//! One file per Python class. Every call that takes longer than an attribute access detaches from the interpreter, so
//! that other Python threads run meanwhile, and what fails becomes an exception of `playa_py.errors`.

pub mod errors;

/// The compiled half of `playa_py`. Import names from `playa_py`, not from here.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    /// Version of the compiled half, the same as that of the distribution `playa-py`.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name is Python's convention")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
