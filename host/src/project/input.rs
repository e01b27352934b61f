//! Further inputs of effects: other layers of the comp that an effect on a layer reads.
//!
//! The first input of an effect is the picture of the layer that it is on. Each further one may name another layer of the
//! same comp, usually one with `visible` off: a hidden layer still serves. What is read is that layer after its effects in
//! its own pixels, as a layer that an effect names is in After Effects and an input in Nuke: not its place in the comp, its
//! opacity, its blend mode or its matte. Its pixel (0, 0) meets pixel (0, 0) of the layer that the effect is on. Its time is
//! that of the comp; before and after its trims it is empty. Who wants it as the comp shows it names a layer with a comp in
//! which it has its place.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;
use playa_plugin_api::InputSpec;
use uuid::Uuid;

use super::document::{Comp, Layer};
use super::effect::Effect;
use super::error::ProjectError;
use super::handle::Project;
use crate::suggest::did_you_mean;

/// Layers read layers that read layers at most this deep, so that a render needs a bounded stack.
pub const MAX_INPUTS: usize = 64;

impl Effect {
    /// The layers that its further inputs name.
    pub fn inputs(&self) -> &IndexMap<String, Uuid> {
        &self.inputs
    }

    /// The layer that a further input names.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn input(&self, name: &str) -> Result<Option<Uuid>, ProjectError> {
        match (self.inputs.get(name), &self.spec) {
            (Some(layer), _) => Ok(Some(*layer)),
            (None, Some(spec)) if further(&spec.inputs).any(|input| input.name == name) => Ok(None),
            (None, _) => Err(self.unknown_input(name)),
        }
    }

    /// Names of its further inputs; while its plugin is not loaded, of those that were set.
    pub fn input_names(&self) -> Vec<String> {
        match &self.spec {
            Some(spec) => further(&spec.inputs).map(|input| input.name.clone()).collect(),
            None => self.inputs.keys().cloned().collect(),
        }
    }

    /// Has a further input read this layer, or none. Tells whether that changed it.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn set_input(&mut self, name: &str, layer: Option<Uuid>) -> Result<bool, ProjectError> {
        if !self.input_names().iter().any(|known| known == name) {
            return Err(self.unknown_input(name));
        }
        Ok(match layer {
            Some(layer) => self.inputs.insert(name.to_owned(), layer) != Some(layer),
            None => self.inputs.shift_remove(name).is_some(),
        })
    }

    fn unknown_input(&self, name: &str) -> ProjectError {
        let valid = self.input_names();
        let first = self.spec.as_ref().and_then(|spec| spec.inputs.first()).is_some_and(|first| first.name == name);
        let hint = match first {
            true => ", which is the layer that it is on".to_owned(),
            false => did_you_mean(name, valid.iter().map(String::as_str)),
        };
        ProjectError::UnknownInput { effect: self.name().to_owned(), name: name.to_owned(), hint, valid }
    }
}

/// The inputs of an effect that are not the picture which it is put on.
fn further(inputs: &[InputSpec]) -> impl Iterator<Item = &InputSpec> {
    inputs.iter().skip(1)
}

impl Layer {
    /// The layers that its effects read.
    pub fn inputs(&self) -> impl Iterator<Item = Uuid> {
        self.effects.iter().flat_map(|effect| effect.inputs.values().copied())
    }
}

impl Project {
    /// Has a further input of an effect read another layer of the comp, or none. Tells whether that changed it.
    ///
    /// # Errors
    /// If there is no such input, or the layer is none that could be one.
    pub fn set_effect_input(&self, effect: Uuid, name: &str, layer: Option<Uuid>) -> Result<bool, ProjectError> {
        self.change_effect(effect, format_args!("set input {name}"), |effect| effect.set_input(name, layer))
    }
}

impl Comp {
    /// Refuses to part with a layer that effects of others read.
    pub(super) fn check_no_input(&self, layer: &Layer) -> Result<(), ProjectError> {
        let uses = |user: &&Arc<Layer>| user.uuid() != layer.uuid() && user.inputs().any(|input| input == layer.uuid());
        let users: Vec<_> = self.layers.iter().filter(uses).map(|user| self.path_of(user)).collect();
        if users.is_empty() { Ok(()) } else { Err(ProjectError::UsedAsInput { layer: self.path_of(layer), users }) }
    }

    /// Refuses inputs of effects that are no layers of this comp, or cameras, or lead back to the layer, or too deep.
    pub(super) fn check_inputs(&self) -> Result<(), ProjectError> {
        let mut next: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        let layers: HashMap<Uuid, &Arc<Layer>> = self.layers.iter().map(|layer| (layer.uuid(), layer)).collect();
        for layer in &self.layers {
            for (effect, (name, input)) in
                layer.effects.iter().flat_map(|e| e.inputs.iter().map(move |input| (e, input)))
            {
                if layers.get(input).is_none_or(|input| input.is_camera()) {
                    let (effect, name) = (effect.name().to_owned(), name.clone());
                    let (layer, uuid) = (self.path_of(layer), layer.uuid());
                    return Err(ProjectError::NoInput { layer, uuid, effect, name, input: *input });
                }
                next.entry(layer.uuid()).or_default().push(*input);
            }
        }
        // How many layers are read one by the other, from a layer on.
        let mut depths: HashMap<Uuid, usize> = HashMap::new();
        for start in self.layers.iter().filter(|layer| next.contains_key(&layer.uuid())) {
            let mut way = vec![(start.uuid(), 0)];
            let mut on_way = HashSet::from([start.uuid()]);
            while let Some((layer, at)) = way.last_mut() {
                let inputs = next.get(layer).map_or(&[][..], Vec::as_slice);
                let Some(input) = inputs.get(*at).copied() else {
                    let deepest = inputs.iter().map(|input| depths[input] + 1).max().unwrap_or(0);
                    depths.insert(*layer, deepest);
                    on_way.remove(layer);
                    way.pop();
                    continue;
                };
                *at += 1;
                if on_way.contains(&input) {
                    let from = way.iter().position(|(layer, _)| *layer == input).unwrap_or(0);
                    let cycle: Vec<Uuid> = way[from..].iter().map(|(layer, _)| *layer).chain([input]).collect();
                    let path = cycle.iter().map(|layer| layers[layer].name().to_owned()).collect();
                    return Err(ProjectError::InputCycle { path, layers: cycle });
                }
                if !depths.contains_key(&input) {
                    on_way.insert(input);
                    way.push((input, 0));
                }
            }
            if depths[&start.uuid()] > MAX_INPUTS {
                let (layer, uuid) = (self.path_of(start), start.uuid());
                return Err(ProjectError::TooManyInputs { layer, uuid, limit: MAX_INPUTS });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
