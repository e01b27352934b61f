//! Lets a plain `cargo build` link the native module on macOS as `maturin` does: Python's symbols are there at load time.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
