//! Edits of effects.

use std::fmt;
use std::sync::Arc;

use playa_plugin_api::{EffectSpec, Value};
use uuid::Uuid;

use super::layers::check_position;
use crate::project::document::{Document, Layer};
use crate::project::effect::Effect;
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::keys::Key;

impl Project {
    /// Adds an effect to a layer, behind those that are there, with the given parameters; the others are at their
    /// defaults.
    pub fn add_effect(
        &self,
        layer: Uuid,
        spec: &Arc<EffectSpec>,
        params: &[(&str, Value)],
    ) -> Result<Uuid, ProjectError> {
        let mut effect = Effect::new(Arc::clone(spec));
        for (name, value) in params {
            effect.set_param(name, value)?;
        }
        self.insert_effect(layer, effect)
    }

    /// Adds an effect with all that it has to a layer, behind those that are there.
    pub fn insert_effect(&self, layer: Uuid, effect: Effect) -> Result<Uuid, ProjectError> {
        let uuid = effect.uuid;
        self.change("add effect", |document| {
            let done = document.change_layer(layer, |layer| {
                layer.effects.push(effect);
                Ok((true, uuid))
            })?;
            document.layer(layer).map_or(Ok(()), |(comp, ..)| comp.check_inputs())?;
            Ok(done)
        })
    }

    /// Removes an effect from its layer.
    pub fn remove_effect(&self, effect: Uuid) -> Result<(), ProjectError> {
        self.change("remove effect", |document| {
            change_effects(document, effect, |layer, position| {
                layer.effects.remove(position);
                Ok((true, ()))
            })
        })
    }

    /// Moves an effect within its layer: 0 acts first. Tells whether that changed its place.
    pub fn move_effect(&self, effect: Uuid, position: usize) -> Result<bool, ProjectError> {
        self.change("move effect", |document| {
            change_effects(document, effect, |layer, from| {
                check_position(position, layer.effects.len() - 1)?;
                let moved = layer.effects.remove(from);
                layer.effects.insert(position, moved);
                Ok((from != position, from != position))
            })
        })
    }

    /// Sets a parameter of an effect to a constant; its keys are removed. Tells whether that changed its value.
    pub fn set_effect_param(&self, effect: Uuid, name: &str, value: &Value) -> Result<bool, ProjectError> {
        self.change_effect(effect, format_args!("set {name}"), |effect| effect.set_param(name, value))
    }

    /// Switches an effect on or off. Tells whether that changed it.
    pub fn set_effect_enabled(&self, effect: Uuid, enabled: bool) -> Result<bool, ProjectError> {
        self.change_effect(effect, "set enabled", |effect| {
            Ok(std::mem::replace(&mut effect.enabled, enabled) != enabled)
        })
    }

    /// Sets how much of an effect's result is seen, 0..1, at all times; its keys are removed. Tells whether that changed
    /// it.
    pub fn set_effect_mix(&self, effect: Uuid, mix: f64) -> Result<bool, ProjectError> {
        self.change_effect(effect, "set mix", |effect| effect.set_mix(mix))
    }

    /// Sets a key of a parameter of an effect. Tells whether that changed anything.
    pub fn set_effect_key(&self, effect: Uuid, name: &str, key: &Key) -> Result<bool, ProjectError> {
        self.change_effect(effect, format_args!("set key of {name}"), |effect| effect.set_key(name, key))
    }

    /// Removes the key of a parameter of an effect on a frame. Tells whether there was one.
    pub fn remove_effect_key(&self, effect: Uuid, name: &str, frame: f64) -> Result<bool, ProjectError> {
        self.change_effect(effect, format_args!("remove key of {name}"), |effect| effect.remove_key(name, frame))
    }

    /// Sets a key of how much of an effect's result is seen. Tells whether that changed anything.
    pub fn set_effect_mix_key(&self, effect: Uuid, key: &Key) -> Result<bool, ProjectError> {
        self.change_effect(effect, "set key of mix", |effect| effect.set_mix_key(key))
    }

    /// Removes the key of how much of an effect's result is seen on a frame. Tells whether there was one.
    pub fn remove_effect_mix_key(&self, effect: Uuid, frame: f64) -> Result<bool, ProjectError> {
        self.change_effect(effect, "remove key of mix", |effect| Ok(effect.remove_mix_key(frame)))
    }

    pub(in crate::project) fn change_effect(
        &self,
        effect: Uuid,
        name: impl fmt::Display,
        change: impl FnOnce(&mut Effect) -> Result<bool, ProjectError>,
    ) -> Result<bool, ProjectError> {
        self.change(name, |document| {
            change_effects(document, effect, |layer, position| {
                let changed = change(&mut layer.effects[position])?;
                Ok((changed, changed))
            })
        })
    }
}

/// Changes the list of effects that one is in.
fn change_effects<T>(
    document: &mut Document,
    effect: Uuid,
    change: impl FnOnce(&mut Layer, usize) -> Result<T, ProjectError>,
) -> Result<T, ProjectError> {
    let (layer, position, _) = document.effect(effect).ok_or_else(|| removed(NodeKind::Effect, effect))?;
    let layer = layer.uuid();
    let done = document.change_layer(layer, |layer| change(layer, position))?;
    document.layer(layer).map_or(Ok(()), |(comp, ..)| comp.check_inputs())?;
    Ok(done)
}
