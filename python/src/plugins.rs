//! Plugins and the effects they offer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use playa_host::plugin::{self, LoadError};
use playa_host::project::Effect;
use playa_host::project::effect::find_effect as find_spec;
use playa_host::stubs;
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
    generation: String,
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
    /// What it did in a process of its own for which it is not loaded, in one line, if it is quarantined.
    quarantine: Option<String>,
    /// Whether its effects that are in use live in a process of their own.
    isolated: bool,
    /// Which of its contents is in use: 1 for the first.
    generation: Option<u64>,
    /// BLAKE3 of that content, in hexadecimal digits.
    hash: Option<String>,
    /// Version of the plugin API that it speaks.
    api: Option<String>,
    /// The bundle that it is in, if it is in one.
    bundle: Option<PathBuf>,
    /// How it was built: `rustc`, `target`, `sdk`, `cpu_features` and `panic`.
    build: Option<BTreeMap<&'static str, String>>,
}

impl PluginFile {
    fn of(registry: &plugin::Registry, report: &plugin::FileReport) -> Self {
        let guard = registry.policy().guard.as_ref();
        let live = report.live.as_ref();
        let plugin = live.map(|live| &*live.plugin);
        let facts = plugin.and_then(|plugin| plugin.build.as_ref());
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
            quarantine: report.content.and_then(|hash| guard?.quarantine.reason(hash)),
            isolated: plugin.is_some_and(|plugin| plugin.isolated.is_some()),
            generation: live.map(|live| live.number),
            hash: plugin.map(|plugin| plugin.hash.to_hex().to_string()),
            api: facts.map(|facts| facts.api.clone()),
            bundle: plugin::bundle::folder_of(&report.path).map(Path::to_owned),
            build: facts.map(build),
        }
    }
}

impl EffectSpec {
    pub fn of(effect: &plugin::EffectType) -> Self {
        let generation = effect.hash().to_hex().to_string();
        Self { spec: effect.spec().clone(), path: effect.path().to_owned(), generation }
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

    /// Identity of what was loaded: another one wherever the file, or the code of a Python function, is another.
    #[getter]
    fn generation(&self) -> &str {
        &self.generation
    }

    /// Names of the pictures that it takes. The first one is that of the layer it is put on; a generator has none.
    #[getter]
    fn inputs(&self) -> Vec<&str> {
        self.spec.inputs.iter().map(|input| input.name.as_str()).collect()
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

    /// Names it had in earlier versions.
    #[getter]
    fn renamed_from(&self) -> Vec<&str> {
        self.param.renamed_from.iter().map(String::as_str).collect()
    }

    /// Name of the keyword argument in Python: with a trailing `_` where Python has the name for itself.
    #[getter]
    fn argument(&self) -> String {
        stubs::argument(&self.param.name)
    }

    /// Name of the class of its choices within that of the effect.
    #[getter]
    fn enum_name(&self) -> String {
        stubs::enum_name(&self.param.name)
    }

    /// Choices as members of that class: name, key and what it does.
    #[getter]
    fn members(&self) -> Vec<(String, &str, &str)> {
        let choices = &self.param.choices;
        let names = stubs::member_names(choices).into_iter().zip(choices);
        names.map(|(name, choice)| (name, choice.key.as_str(), choice.doc.as_str())).collect()
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
    find_spec(&*effects, name).map_err(raise)?;
    Ok(EffectSpec::of(effects.find(name).expect("it was found by this name just now")))
}

/// Checks keyword arguments of an effect, and returns all its parameters with their values.
#[pyfunction]
#[pyo3(signature = (effect, /, **params))]
pub fn check_params<'py>(
    py: Python<'py>,
    effect: &str,
    params: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    params_of(py, &checked(&engine(py)?.effects(), effect, params)?)
}

/// An effect with these parameters.
pub fn checked(effects: &plugin::Effects, effect: &str, params: Option<&Bound<'_, PyDict>>) -> PyResult<Effect> {
    let mut checked = Effect::new(find_spec(effects, effect).map_err(raise)?);
    for (name, value) in keywords(params, Slot::Param)? {
        checked.set_param(&name, &value).map_err(raise)?;
    }
    Ok(checked)
}

/// Every file of the plugin directories, with what became of it.
#[pyfunction]
pub fn plugins(py: Python<'_>) -> PyResult<Vec<PluginFile>> {
    let registry = engine(py)?.registry();
    Ok(registry.effects().files().iter().map(|report| PluginFile::of(registry, report)).collect())
}

/// Makes the classes of effects those of what was just loaded, on whichever thread that was.
pub fn update_classes(event: &plugin::PluginEvent) {
    let (plugin::PluginEvent::Loaded { effects, .. } | plugin::PluginEvent::Reloaded { effects, .. }) = event else {
        return;
    };
    // At the end of the interpreter nobody needs them any more.
    Python::try_attach(|py| {
        let update = || -> PyResult<()> {
            let update = py.import("playa_py.effects")?.getattr("_update")?;
            for id in effects {
                // Another file may have a higher version, or the effect be gone again.
                if let Ok(spec) = find_effect(py, id) {
                    update.call1((spec,))?;
                }
            }
            Ok(())
        };
        if let Err(error) = update() {
            error.write_unraisable(py, None);
        }
    });
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
    let of = |report| PluginFile::of(engine.registry(), report);
    Ok(effects.files().iter().filter(asked).map(of).collect())
}

/// Takes a plugin file out of quarantine and looks at it again.
#[pyfunction]
pub fn retry_plugin(py: Python<'_>, path: PathBuf) -> PyResult<PluginFile> {
    let registry = engine(py)?.registry();
    call(py, || {
        if registry.retry(&path).is_empty() {
            let none = LoadError::NotQuarantined { path: registry.known_as(&path) };
            return Err(raise(none));
        }
        Ok(())
    })?;
    let (effects, path) = (registry.effects(), registry.known_as(&path));
    let gone = || raise(LoadError::Unreadable { path: path.clone(), reason: "it is gone".to_owned() });
    effects.file(&path).map(|report| PluginFile::of(registry, report)).ok_or_else(gone)
}

/// Goes back to the content of a plugin file that was in use before.
#[pyfunction]
pub fn rollback_plugin(py: Python<'_>, path: PathBuf) -> PyResult<PluginFile> {
    let engine = engine(py)?;
    call(py, || engine.registry().rollback(&path).map_err(raise))?;
    let path = engine.registry().known_as(&path);
    let effects = engine.effects();
    Ok(PluginFile::of(engine.registry(), effects.file(&path).expect("it was gone back just now")))
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
