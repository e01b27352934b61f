//! Effects on layers: which one, with which values.

mod animated;

use std::sync::Arc;

use indexmap::IndexMap;
use playa_plugin_api::{EffectSpec, ParamSpec, Value};
use uuid::Uuid;

use super::attrs::same_bits;
use super::carry::{Carried, names};
use super::error::ProjectError;
use super::keys::Curves;
use super::save::{Table, read_kept_keys};
use crate::suggest::did_you_mean;

/// Where a project finds the effects it names: the registry of loaded plugins.
pub trait EffectLookup {
    /// The effect with this id (`org.playa.gaussian_blur`), type name (`GaussianBlur`) or label (`Gaussian Blur`).
    fn find(&self, id_or_name: &str) -> Option<Arc<EffectSpec>>;

    /// The effect for a project that was made with this version of it: that version where there are several.
    fn find_version(&self, id_or_name: &str, _version: &str) -> Option<Arc<EffectSpec>> {
        self.find(id_or_name)
    }

    /// Type names of all effects, for messages.
    fn names(&self) -> Vec<String>;
}

/// An effect on a layer.
///
/// One whose plugin is not loaded keeps all that its project says of it, and is saved back with it.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Identity of this use of the effect.
    pub uuid: Uuid,
    /// Identity of the effect: `org.playa.gaussian_blur`.
    pub id: String,
    /// Version of the effect that it was made with.
    pub version: String,
    /// Whether it acts.
    pub enabled: bool,
    /// How much of its result is seen, 0..1, while it has no keys: see [`Effect::mix_at`]. The rest is its input.
    pub mix: f64,
    /// The values that were set, in the order in which they were; the others are at their defaults. Those are the
    /// constant ones, for parameters without keys: see [`Effect::values_at`].
    pub params: IndexMap<String, Value>,
    /// The layers that its further inputs read, by the names of these.
    pub(super) inputs: IndexMap<String, Uuid>,
    /// What the effect says of itself; `None` while its plugin is not loaded.
    pub spec: Option<Arc<EffectSpec>>,
    /// Keys of its table that this version does not know.
    pub(super) extra: Table,
    /// Keys of parameters.
    pub(super) curves: Curves,
    /// Keys of the mix, called `mix`.
    pub(super) mix_curves: Curves,
}

/// The effect of a name, or an error that lists the names there are.
pub fn find_effect(lookup: &dyn EffectLookup, name: &str) -> Result<Arc<EffectSpec>, ProjectError> {
    lookup.find(name).ok_or_else(|| {
        let names = lookup.names();
        let hint = did_you_mean(name, names.iter().map(String::as_str));
        ProjectError::UnknownEffect { name: name.to_string(), hint, names }
    })
}

impl Effect {
    /// An effect with all parameters at their defaults.
    pub fn new(spec: Arc<EffectSpec>) -> Self {
        Self {
            uuid: Uuid::new_v4(),
            id: spec.id.clone(),
            version: spec.version.clone(),
            enabled: true,
            mix: 1.0,
            params: IndexMap::new(),
            inputs: IndexMap::new(),
            spec: Some(spec),
            extra: Table::new(),
            curves: Curves::default(),
            mix_curves: Curves::default(),
        }
    }

    /// Type name of the effect, or its id while its plugin is not loaded.
    pub fn name(&self) -> &str {
        self.spec.as_ref().map_or(&self.id, |spec| &spec.type_name)
    }

    /// The constant value of a parameter, its default where it was not set.
    pub fn param(&self, name: &str) -> Result<Value, ProjectError> {
        let Some(spec) = &self.spec else {
            let unknown = || self.unknown_param(name, self.params.keys().cloned().collect());
            return self.params.get(name).cloned().ok_or_else(unknown);
        };
        let param = spec.param(name).ok_or_else(|| self.unknown_param(name, param_names(spec)))?;
        Ok(self.constant(param))
    }

    /// The constant values of all parameters in the order of the effect's declaration; `None` while its plugin is not
    /// loaded.
    pub fn values(&self) -> Option<Vec<Value>> {
        let params = &self.spec.as_ref()?.params;
        Some(params.iter().map(|param| self.constant(param)).collect())
    }

    /// The constant value of a parameter: what was set under its name or a former one, in its kind where that can be, or
    /// else its default.
    fn constant(&self, param: &ParamSpec) -> Value {
        match names(param).find_map(|name| self.params.get(name)) {
            Some(set) => param.check(set).unwrap_or_else(|_| set.clone()),
            None => param.default.clone(),
        }
    }

    /// Goes on with what the effect says of itself from now on, or with its absence. Returns what becomes of the values that
    /// were set and keyed, if the effect is there and says something else than before.
    ///
    /// The values themselves stay as they are, under the names under which they were set, so that an earlier generation of
    /// the effect finds them again when it comes back.
    pub(super) fn meet(&mut self, spec: Option<Arc<EffectSpec>>) -> Option<Carried> {
        if std::mem::replace(&mut self.spec, spec.clone()) == spec {
            return None;
        }
        let spec = spec?;
        read_kept_keys(self);
        let constant = self.params.iter().map(|(name, value)| (name.as_str(), value));
        let keyed = self.curves.iter().filter(|(name, _)| !self.params.contains_key(*name));
        let first_key = keyed.map(|(name, curve)| (name, &curve.keys()[0].value));
        Some(Carried::of(constant.chain(first_key), &spec))
    }

    /// Sets a parameter to a constant; its keys are removed. Tells whether that changed its value.
    pub fn set_param(&mut self, name: &str, value: &Value) -> Result<bool, ProjectError> {
        let (spec, param) = self.loaded_param(name)?;
        let value = param.check(value).map_err(|source| ProjectError::Param {
            effect: spec.type_name.clone(),
            param: param.name.clone(),
            source,
        })?;
        let changed = !same_bits(&self.constant(param), &value);
        let (name, names): (_, Vec<String>) = (param.name.clone(), names(param).map(str::to_owned).collect());
        let animated = names.iter().fold(false, |any, name| self.curves.clear(name) | any);
        self.params.insert(name, value);
        Ok(changed | animated)
    }

    /// Sets the mix to a constant; its keys are removed. Tells whether that changed it.
    pub fn set_mix(&mut self, mix: f64) -> Result<bool, ProjectError> {
        if !(0.0..=1.0).contains(&mix) {
            return Err(ProjectError::Mix { effect: self.name().to_string(), mix });
        }
        let animated = self.mix_curves.clear("mix");
        Ok((std::mem::replace(&mut self.mix, mix) != mix) | animated)
    }

    /// A parameter that values can be checked for.
    fn loaded_param(&self, name: &str) -> Result<(&EffectSpec, &ParamSpec), ProjectError> {
        let Some(spec) = &self.spec else {
            return Err(ProjectError::EffectNotLoaded { id: self.id.clone(), param: name.to_string() });
        };
        let param = spec.param(name).ok_or_else(|| self.unknown_param(name, param_names(spec)))?;
        Ok((spec, param))
    }

    fn unknown_param(&self, name: &str, valid: Vec<String>) -> ProjectError {
        let hint = did_you_mean(name, valid.iter().map(String::as_str));
        ProjectError::UnknownParam { effect: self.name().to_string(), name: name.to_string(), hint, valid }
    }
}

fn param_names(spec: &EffectSpec) -> Vec<String> {
    spec.params.iter().map(|param| param.name.clone()).collect()
}

/// Equal in all that a project says of it, and of the same effect.
impl PartialEq for Effect {
    fn eq(&self, other: &Self) -> bool {
        let same_param = |((a, v), (b, w)): ((&String, &Value), (&String, &Value))| a == b && same_bits(v, w);
        (self.uuid, &self.id, &self.version, self.enabled) == (other.uuid, &other.id, &other.version, other.enabled)
            && self.mix == other.mix
            && (&self.curves, &self.mix_curves) == (&other.curves, &other.mix_curves)
            && self.params.len() == other.params.len()
            && self.params.iter().zip(&other.params).all(same_param)
            && self.inputs == other.inputs
            && self.spec == other.spec
            && self.extra == other.extra
    }
}
