//! Attributes as functions of time.

use playa_plugin_api::Value;

use super::{AttrError, Attrs};
use crate::project::keys::{Curve, Key};

impl Attrs {
    /// Sets a key of an attribute, in place of one on the same frame. Tells whether that changed anything.
    pub fn set_key(&mut self, name: &str, key: &Key) -> Result<bool, AttrError> {
        let (schema, spec) = (self.schema, self.schema.spec(name)?);
        if !spec.flags.keyable {
            let keyable = schema.attrs.iter().filter(|spec| spec.flags.keyable).map(|spec| spec.name).collect();
            return Err(AttrError::NotKeyable { node: schema.node, name: spec.name, keyable });
        }
        let key = key.checked(spec.kind, |value| spec.fit(value));
        let set = key.and_then(|key| self.curves.set(spec.name, spec.kind, spec.range, key));
        set.map_err(|source| AttrError::Key { node: schema.node, name: spec.name, source })
    }

    /// Removes the key of an attribute on a frame. With its last key it has its constant value again. Tells whether
    /// there was one.
    pub fn remove_key(&mut self, name: &str, frame: f64) -> Result<bool, AttrError> {
        self.schema.index(name)?;
        Ok(self.curves.remove_key(name, frame))
    }

    /// The attribute as a function of time, if it has keys.
    pub fn curve(&self, name: &str) -> Option<&Curve> {
        self.curves.get(name)
    }

    /// Whether any attribute is a function of time.
    pub fn is_animated(&self) -> bool {
        !self.curves.is_empty()
    }

    /// The value of an attribute at a time in comp frames.
    pub fn at(&self, name: &str, time: f64) -> Result<Value, AttrError> {
        let constant = self.get(name)?;
        Ok(self.curve(name).map_or_else(|| constant.clone(), |curve| curve.at(time)))
    }

    /// A float attribute at a time in comp frames.
    pub fn float_at(&self, name: &str, time: f64) -> f64 {
        match self.curve(name).map(|curve| curve.at(time)) {
            Some(Value::Float(v)) => v,
            _ => self.float(name),
        }
    }

    /// A string attribute at a time in comp frames.
    pub fn text_at(&self, name: &str, time: f64) -> String {
        match self.curve(name).map(|curve| curve.at(time)) {
            Some(Value::String(v)) => v,
            _ => self.text(name).to_owned(),
        }
    }

    /// A colour at a time in comp frames. What a curve overshoots is cut from its alpha, which stays within 0..=1.
    pub fn color_at(&self, name: &str, time: f64) -> [f64; 4] {
        let [r, g, b, alpha] = match self.curve(name).map(|curve| curve.at(time)) {
            Some(Value::Color(v)) => v,
            _ => self.color(name),
        };
        [r, g, b, alpha.clamp(0.0, 1.0)]
    }

    /// A vector of three at a time in comp frames.
    pub fn vec3_at(&self, name: &str, time: f64) -> [f64; 3] {
        match self.curve(name).map(|curve| curve.at(time)) {
            Some(Value::Vec3(v)) => v,
            _ => self.vec3(name),
        }
    }
}
