//! The curves of a node by name, and what is done to them.

use std::sync::Arc;

use indexmap::IndexMap;
use playa_plugin_api::{Kind, ParamSpec};

use super::{Curve, Key, KeyError};
use crate::project::carry::names;

/// Curves by the name of what they animate. Without any, it takes no memory of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves(IndexMap<String, Arc<Curve>>);

impl Curves {
    pub fn get(&self, name: &str) -> Option<&Curve> {
        self.0.get(name).map(|curve| &**curve)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Curve)> {
        self.0.iter().map(|(name, curve)| (name.as_str(), &**curve))
    }

    /// Adds a checked key. Tells whether that changed anything.
    pub fn set(&mut self, name: &str, kind: Kind, range: Option<(f64, f64)>, key: Key) -> Result<bool, KeyError> {
        match self.0.get_mut(name) {
            Some(curve) => Arc::make_mut(curve).set(key),
            None => {
                self.0.insert(name.to_string(), Arc::new(Curve { kind, range, keys: vec![key] }));
                Ok(true)
            }
        }
    }

    /// Adds a checked key of a parameter. A curve from an earlier generation of it, under this or a former name, becomes
    /// one of today; where its values are nothing for the parameter as it is now, it ends.
    pub fn set_param(&mut self, param: &ParamSpec, key: Key) -> Result<bool, KeyError> {
        let (kind, range) = (param.kind, param.hard_range);
        let used = names(param).find(|name| self.0.contains_key(*name));
        if let Some((used, curve)) = used.and_then(|name| self.0.shift_remove_entry(name)) {
            let same = used == param.name && (curve.kind, curve.range) == (kind, range);
            if let Some(curve) = if same { Some(curve) } else { curve.for_param(param).map(Arc::new) } {
                self.0.insert(param.name.clone(), curve);
            }
        }
        self.set(&param.name, kind, range, key)
    }

    /// Removes the key on a frame, and with the last one the curve. Tells whether there was one.
    pub fn remove_key(&mut self, name: &str, frame: f64) -> bool {
        let Some(curve) = self.0.get_mut(name) else { return false };
        let on_frame = curve.on_frame(frame);
        if on_frame.is_empty() {
            return false;
        }
        if on_frame.len() == curve.keys.len() {
            self.0.shift_remove(name);
        } else {
            Arc::make_mut(curve).keys.drain(on_frame);
        }
        true
    }

    /// Removes all keys of a name. Tells whether there were any.
    pub fn clear(&mut self, name: &str) -> bool {
        self.0.shift_remove(name).is_some()
    }
}
