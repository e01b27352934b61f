//! `playa_py._native`: the host as Python objects.
//!
//! One file per Python class. Every call that takes longer than an attribute access detaches from the interpreter, so
//! that other Python threads run meanwhile, and what fails becomes an exception of `playa_py.errors`.

mod apply;
mod array;
mod attrs;
mod cache;
mod call;
mod camera;
mod cli;
mod colour;
mod comp;
mod delivery;
mod diff;
mod dispatch;
mod edit;
mod effect;
mod engine;
mod errors;
mod event;
mod event_bus;
mod frame;
mod from_array;
mod future;
mod inputs;
mod interop;
mod keys;
mod layer;
mod layers;
mod log;
mod media;
mod memory;
mod metadata;
mod movie;
mod movie_writer;
mod node;
mod pickling;
mod player;
mod plugins;
mod preset;
mod profile;
mod project;
mod python_effect;
mod render_range;
mod sequences;
mod solid;
mod source;
mod text;
mod value;
mod view;
mod worker;

use errors::Raise;

/// The compiled half of `playa_py`. Import names from `playa_py`, not from here.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    use playa_host::project::schema;
    use pyo3::prelude::*;

    use super::node::add_properties;

    #[pymodule_export]
    use super::apply::apply_effect;
    #[pymodule_export]
    use super::attrs::Attrs;
    #[pymodule_export]
    use super::cache::Cache;
    #[pymodule_export]
    use super::camera::Camera;
    #[pymodule_export]
    use super::cli::cli_main;
    #[pymodule_export]
    use super::colour::{colour_config, colour_configs, colour_spaces, convert_colour, explain_colour};
    #[pymodule_export]
    use super::comp::Comp;
    #[pymodule_export]
    use super::diff::{Diff, diff};
    #[pymodule_export]
    use super::dispatch::{forked, next_delivery, stop_events};
    #[pymodule_export]
    use super::edit::Edit;
    #[pymodule_export]
    use super::effect::Effect;
    #[pymodule_export]
    use super::event::Event;
    #[pymodule_export]
    use super::event_bus::{EventBus, EventQueue, Subscription};
    #[pymodule_export]
    use super::frame::Frame;
    #[pymodule_export]
    use super::future::{RenderTask, settle};
    #[pymodule_export]
    use super::inputs::EffectInputs;
    #[pymodule_export]
    use super::interop::restore_frame;
    #[pymodule_export]
    use super::layer::Layer;
    #[pymodule_export]
    use super::layers::Layers;
    #[pymodule_export]
    use super::media::FileNode;
    #[pymodule_export]
    use super::memory::Memory;
    #[pymodule_export]
    use super::movie::movie_planes;
    #[pymodule_export]
    use super::node::Node;
    #[pymodule_export]
    use super::pickling::SharedProject;
    #[pymodule_export]
    use super::player::Player;
    #[pymodule_export]
    use super::plugins::{
        EffectSpec, ParamSpec, PluginFile, check_params, effect_specs, find_effect, load_plugin, pause_watch, plugins,
        reload_plugins, resume_watch, retry_plugin, rollback_plugin,
    };
    #[pymodule_export]
    use super::preset::{Preset, preset_params, presets, save_preset};
    #[pymodule_export]
    use super::profile::Profile;
    #[pymodule_export]
    use super::project::{Diagnostic, Project};
    #[pymodule_export]
    use super::python_effect::register_effect;
    #[pymodule_export]
    use super::render_range::{RenderFutures, RenderRange};
    #[pymodule_export]
    use super::sequences::find_sequences;
    #[pymodule_export]
    use super::solid::Solid;
    #[pymodule_export]
    use super::text::Text;
    #[pymodule_export]
    use super::worker::serve_worker;

    /// Version of the compiled half, the same as that of the distribution `playa-py`.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name is Python's convention")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        super::movie::set_reader();
        super::movie_writer::set_writers();
        module.add("cache", Py::new(py, Cache)?)?;
        module.add("events", Py::new(py, EventBus { bus: playa_host::events::process().clone() })?)?;
        module.add("memory", Py::new(py, Memory)?)?;
        add_properties::<Project>(py, schema::project())?;
        add_properties::<Comp>(py, schema::comp())?;
        add_properties::<Camera>(py, schema::camera())?;
        add_properties::<Solid>(py, schema::solid())?;
        add_properties::<Text>(py, schema::text())?;
        add_properties::<Layer>(py, schema::layer())?;
        add_properties::<FileNode>(py, schema::media())
    }
}
