//! Parameters and mix as functions of time, in frames of the comp.

use playa_plugin_api::{Kind, ParamSpec, Value, check_value};

use super::Effect;
use crate::project::carry::names;
use crate::project::error::ProjectError;
use crate::project::keys::{Curve, Key};
use crate::project::save::{Data, Table};

/// The name of the mix where keys are concerned.
const MIX: &str = "mix";

impl Effect {
    /// Sets a key of a parameter, in place of one on the same frame. Tells whether that changed anything.
    pub fn set_key(&mut self, name: &str, key: &Key) -> Result<bool, ProjectError> {
        let (spec, param) = self.loaded_param(name)?;
        let (effect, param) = (spec.type_name.clone(), param.clone());
        let key = key.checked(param.kind, |value| param.check(value));
        let set = key.and_then(|key| self.curves.set_param(&param, key));
        set.map_err(|source| ProjectError::Key { effect, param: param.name, source })
    }

    /// Removes the key of a parameter on a frame. With its last key it has its constant value again. Tells whether
    /// there was one.
    pub fn remove_key(&mut self, name: &str, frame: f64) -> Result<bool, ProjectError> {
        let param = self.loaded_param(name)?.1;
        let used = names(param).find(|name| self.curves.get(name).is_some()).unwrap_or(&param.name).to_owned();
        Ok(self.curves.remove_key(&used, frame))
    }

    /// Sets a key of the mix, in place of one on the same frame. Tells whether that changed anything.
    pub fn set_mix_key(&mut self, key: &Key) -> Result<bool, ProjectError> {
        let range = Some((0.0, 1.0));
        let key = key.checked(Kind::Float, |value| check_value(Kind::Float, range, &[], value));
        let set = key.and_then(|key| self.mix_curves.set(MIX, Kind::Float, range, key));
        set.map_err(|source| ProjectError::Key { effect: self.name().to_string(), param: MIX.to_string(), source })
    }

    /// Removes the key of the mix on a frame. Tells whether there was one.
    pub fn remove_mix_key(&mut self, frame: f64) -> bool {
        self.mix_curves.remove_key(MIX, frame)
    }

    /// A parameter as a function of time, if it has keys.
    pub fn curve(&self, name: &str) -> Option<&Curve> {
        if self.curves.is_empty() {
            return None;
        }
        let param = self.spec.as_ref().and_then(|spec| spec.param(name));
        match param {
            Some(param) => names(param).find_map(|name| self.curves.get(name)),
            None => self.curves.get(name),
        }
    }

    /// The mix as a function of time, if it has keys.
    pub fn mix_curve(&self) -> Option<&Curve> {
        self.mix_curves.get(MIX)
    }

    /// Whether a parameter or the mix is a function of time.
    pub fn is_animated(&self) -> bool {
        !self.curves.is_empty() || !self.mix_curves.is_empty()
    }

    /// The value of a parameter at a time.
    pub fn param_at(&self, name: &str, time: f64) -> Result<Value, ProjectError> {
        let Some(curve) = self.curve(name) else { return self.param(name) };
        let param = self.spec.as_ref().and_then(|spec| spec.param(name));
        Ok(param.map_or_else(|| curve.at(time), |param| in_kind(param, curve.at(time))))
    }

    /// The values of all parameters at a time, in the order of the effect's declaration; `None` while its plugin is not
    /// loaded.
    pub fn values_at(&self, time: f64) -> Option<Vec<Value>> {
        let mut values = self.values()?;
        if !self.curves.is_empty() {
            for (value, param) in values.iter_mut().zip(&self.spec.as_ref()?.params) {
                if let Some(curve) = names(param).find_map(|name| self.curves.get(name)) {
                    *value = in_kind(param, curve.at(time));
                }
            }
        }
        Some(values)
    }

    /// The mix at a time, 0..1.
    pub fn mix_at(&self, time: f64) -> f64 {
        match self.mix_curve().map(|curve| curve.at(time)) {
            Some(Value::Float(mix)) => mix,
            _ => self.mix,
        }
    }

    /// Keys of parameters as its project's file has them, where there was no effect to check them against.
    pub(in crate::project) fn unread_keys(&self) -> Option<&Table> {
        match &self.extra.get("keys")?.data {
            Data::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether its project's file has keys for a parameter that could not be read, because its plugin was not loaded.
    pub fn has_unread_keys(&self, name: &str) -> bool {
        self.unread_keys().is_some_and(|keys| keys.contains_key(name))
    }
}

/// A value that was keyed for an earlier generation of the parameter, in its kind of today where that can be.
fn in_kind(param: &ParamSpec, value: Value) -> Value {
    param.check(&value).unwrap_or(value)
}
