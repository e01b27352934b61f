//! Plugins and the effects they offer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use playa_host::plugin;
use playa_host::project::effect::find_effect as find_spec;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::call;
use crate::effect::params_of;
use crate::engine::engine;
use crate::errors::raise;
use crate::value::{Slot, keywords, to_python};

/// What an effect says of itself.
#[pyclass(frozen, module = "playa_py")]
pub struct EffectSpec {
    spec: Arc<playa_host::project::EffectSpec>,
    path: PathBuf,
}

/// What an effect says of one of its parameters.
#[pyclass(frozen, module = "playa_py")]
pub struct ParamSpec {
    param: playa_host::project::ParamSpec,
}

/// A file of the plugin directories: the plugin it became, or why it did not.
#[pyclass(frozen, get_all, module = "playa_py")]
pub struct PluginFile {
    /// The file.
    path: PathBuf,
    /// `live`, `refused`, or `missing`: it was in use and is gone.
    state: &'static str,
    /// Ids of its effects that are in use.
    effects: Vec<String>,
    /// Why it was refused, in one line. What was in use of it before goes on.
    error: Option<String>,
    /// Which of its contents is in use: 1 for the first.
    generation: Option<u64>,
    /// BLAKE3 of that content, in hexadecimal digits.
    hash: Option<String>,
    /// Version of the plugin API that it speaks.
    api: Option<String>,
    /// How it was built: `rustc`, `target`, `sdk`, `cpu_features` and `panic`.
    build: Option<BTreeMap<&'static str, String>>,
}

impl PluginFile {
    fn of(report: &plugin::FileReport) -> Self {
        let live = report.live.as_ref();
        let plugin = live.map(|live| &*live.plugin);
        let build = |build: &plugin::BuildInfo| {
            let facts = [
                ("rustc", &build.rustc),
                ("target", &build.target),
                ("sdk", &build.sdk),
                ("cpu_features", &build.cpu_features),
                ("panic", &build.panic),
            ];
            facts.map(|(name, fact)| (name, fact.clone())).into_iter().collect()
        };
        let effects = plugin.into_iter().flat_map(|plugin| &plugin.effects);
        Self {
            path: report.path.clone(),
            state: report.state().name(),
            effects: effects.map(|effect| effect.spec().id.clone()).collect(),
            error: report.error.as_ref().map(ToString::to_string),
            generation: live.map(|live| live.number),
            hash: plugin.map(|plugin| plugin.hash.to_hex().to_string()),
            api: plugin.map(|plugin| plugin.build.api.clone()),
            build: plugin.map(|plugin| build(&plugin.build)),
        }
    }
}

impl EffectSpec {
    fn of(effect: &plugin::EffectType) -> Self {
        Self { spec: effect.spec().clone(), path: effect.path().to_owned() }
    }
}

#[pymethods]
impl EffectSpec {
    /// Identity: `org.playa.gaussian_blur`.
    #[getter]
    fn id(&self) -> &str {
        &self.spec.id
    }

    /// Type name: `GaussianBlur`.
    #[getter]
    fn name(&self) -> &str {
        &self.spec.type_name
    }

    /// Name for people: `Gaussian Blur`.
    #[getter]
    fn label(&self) -> &str {
        &self.spec.label
    }

    /// Version: `1.0.0`.
    #[getter]
    fn version(&self) -> &str {
        &self.spec.version
    }

    /// What it does.
    #[getter]
    fn help(&self) -> &str {
        &self.spec.help
    }

    /// Words to find it by.
    #[getter]
    fn tags(&self) -> Vec<&str> {
        self.spec.tags.iter().map(String::as_str).collect()
    }

    /// The file it comes from.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Its parameters.
    #[getter]
    fn params(&self) -> Vec<ParamSpec> {
        self.spec.params.iter().map(|param| ParamSpec { param: param.clone() }).collect()
    }

    fn __repr__(&self) -> String {
        let params: Vec<_> = self.spec.params.iter().map(|p| format!("{}={}", p.name, p.default)).collect();
        format!("<EffectSpec {} {}: {}({})>", self.spec.id, self.spec.version, self.spec.type_name, params.join(", "))
    }
}

#[pymethods]
impl ParamSpec {
    /// Name of the keyword argument.
    #[getter]
    fn name(&self) -> &str {
        &self.param.name
    }

    /// Name for people.
    #[getter]
    fn label(&self) -> &str {
        &self.param.label
    }

    /// Kind of value: bool, int, float, string, vec2, vec3, vec4, color, choice, uuid, list or map.
    #[getter]
    fn kind(&self) -> &'static str {
        self.param.kind.name()
    }

    /// The value until another is set.
    #[getter]
    fn default<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.param.default)
    }

    /// Lowest and highest value that is taken.
    #[getter]
    fn range(&self) -> Option<(f64, f64)> {
        self.param.hard_range
    }

    /// Lowest and highest value that a slider shows.
    #[getter]
    fn soft_range(&self) -> Option<(f64, f64)> {
        self.param.soft_range
    }

    /// Unit, such as `px`.
    #[getter]
    fn unit(&self) -> &str {
        &self.param.unit
    }

    /// What it does.
    #[getter]
    fn doc(&self) -> &str {
        &self.param.doc
    }

    /// Keys of a choice.
    #[getter]
    fn choices(&self) -> Vec<&str> {
        self.param.choices.iter().map(|choice| choice.key.as_str()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<ParamSpec {}: {} = {}>", self.param.name, self.param.kind, self.param.default)
    }
}

#[pymethods]
impl PluginFile {
    fn __repr__(&self) -> String {
        let (path, state) = (self.path.display(), self.state);
        match (&self.error, self.generation) {
            (Some(error), _) => format!("<PluginFile {state}: {error}>"),
            (None, Some(generation)) => {
                format!("<PluginFile {path}: {}, generation {generation}>", self.effects.join(", "))
            }
            (None, None) => format!("<PluginFile {path}: {state}>"),
        }
    }
}

/// Every effect that is loaded, by id; of several versions of one, the highest.
#[pyfunction]
pub fn effect_specs(py: Python<'_>) -> PyResult<Vec<EffectSpec>> {
    let effects = engine(py)?.effects();
    let mut specs: Vec<EffectSpec> = effects.iter().map(|effect| EffectSpec::of(effect)).collect();
    // Versions of one effect follow each other, the highest last.
    specs.reverse();
    specs.dedup_by(|next, kept| next.spec.id == kept.spec.id);
    specs.reverse();
    Ok(specs)
}

/// The effect of this id, type name or label.
#[pyfunction]
pub fn find_effect(py: Python<'_>, name: &str) -> PyResult<EffectSpec> {
    let effects = engine(py)?.effects();
    let spec = find_spec(&*effects, name).map_err(raise)?;
    let path = effects.find(&spec.id).map(|effect| effect.path().to_owned()).unwrap_or_default();
    Ok(EffectSpec { spec, path })
}

/// Checks keyword arguments of an effect, and returns all its parameters with their values.
#[pyfunction]
#[pyo3(signature = (effect, /, **params))]
pub fn check_params<'py>(
    py: Python<'py>,
    effect: &str,
    params: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut checked = playa_host::project::Effect::new(find_spec(&*engine(py)?.effects(), effect).map_err(raise)?);
    for (name, value) in keywords(params, Slot::Param)? {
        checked.set_param(&name, &value).map_err(raise)?;
    }
    params_of(py, &checked)
}

/// Every file of the plugin directories, with what became of it.
#[pyfunction]
pub fn plugins(py: Python<'_>) -> PyResult<Vec<PluginFile>> {
    Ok(engine(py)?.effects().files().iter().map(PluginFile::of).collect())
}

/// Looks again at one plugin file, or at all of them and their directories.
#[pyfunction]
#[pyo3(signature = (path=None))]
pub fn reload_plugins(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Vec<PluginFile>> {
    let engine = engine(py)?;
    call(py, || {
        engine.registry().reload(path.as_deref());
        Ok(())
    })?;
    let effects = engine.effects();
    let path = path.map(|path| engine.registry().known_as(&path));
    let asked = |report: &&plugin::FileReport| path.as_ref().is_none_or(|path| report.path == *path);
    Ok(effects.files().iter().filter(asked).map(PluginFile::of).collect())
}

/// Goes back to the content of a plugin file that was in use before.
#[pyfunction]
pub fn rollback_plugin(py: Python<'_>, path: PathBuf) -> PyResult<PluginFile> {
    let engine = engine(py)?;
    call(py, || engine.registry().rollback(&path).map_err(raise))?;
    let path = engine.registry().known_as(&path);
    Ok(PluginFile::of(engine.effects().file(&path).expect("it was gone back just now")))
}

/// Leaves plugins as they are until `resume_watch`.
#[pyfunction]
pub fn pause_watch(py: Python<'_>) -> PyResult<()> {
    if let Some(watcher) = &*engine(py)?.watcher() {
        watcher.pause();
    }
    Ok(())
}

/// Goes on watching, with all that happened meanwhile.
#[pyfunction]
pub fn resume_watch(py: Python<'_>) -> PyResult<()> {
    if let Some(watcher) = &*engine(py)?.watcher() {
        watcher.resume();
    }
    Ok(())
}

/// Loads one plugin file, wherever it is, and returns the ids of its effects.
#[pyfunction]
pub fn load_plugin(py: Python<'_>, path: PathBuf) -> PyResult<Vec<String>> {
    let engine = engine(py)?;
    let plugin = call(py, || engine.registry().load_file(&path).map_err(raise))?;
    Ok(plugin.effects.iter().map(|effect| effect.spec().id.clone()).collect())
}
