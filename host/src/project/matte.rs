//! Track mattes: a layer that says where another one is seen.
//!
//! The value of the matte's channel, at the same place and time of the comp, multiplies the layer's alpha and its
//! premultiplied colour. A matte is a layer of the same comp, usually one with `visible` off: a hidden layer still
//! serves as matte. It may have a matte itself.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::document::{Comp, Layer};
use super::error::ProjectError;
use crate::media::Channels;

#[cfg(test)]
mod tests;

/// Mattes have mattes at most this deep, so that a render needs a bounded stack.
pub const MAX_MATTES: usize = 64;

/// What says where a layer is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matte {
    /// A layer of the same comp.
    pub layer: Uuid,
    /// What of it counts.
    pub channel: MatteChannel,
    /// The channel of its file that it shows instead, where one is named. Its numbers stay as they are, and it is grey.
    pub of_file: Option<Channels>,
    /// Whether the layer is seen where the matte is not.
    pub invert: bool,
}

/// What of a matte counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatteChannel {
    /// Its alpha.
    Alpha,
    /// The luminance of its premultiplied colour, by Rec. 709.
    Luminance,
    /// Its premultiplied red.
    Red,
    /// Its premultiplied green.
    Green,
    /// Its premultiplied blue.
    Blue,
}

impl Layer {
    /// What says where it is seen, if anything does.
    pub fn matte(&self) -> Option<Matte> {
        let layer = self.attrs.text("matte").parse().ok()?;
        let (channel, of_file) = match self.attrs.text("matte_channel") {
            "alpha" => (MatteChannel::Alpha, None),
            "luminance" => (MatteChannel::Luminance, None),
            "red" => (MatteChannel::Red, None),
            "green" => (MatteChannel::Green, None),
            "blue" => (MatteChannel::Blue, None),
            name => (MatteChannel::Red, name.parse().ok()),
        };
        Some(Matte { layer, channel, of_file, invert: self.attrs.bool("matte_invert") })
    }
}

impl Comp {
    /// Refuses to part with a layer that is a matte.
    pub(super) fn check_no_matte(&self, layer: &Layer) -> Result<(), ProjectError> {
        let uses = |user: &&Arc<Layer>| user.matte().is_some_and(|matte| matte.layer == layer.uuid());
        let users: Vec<_> = self.layers.iter().filter(uses).map(|user| self.path_of(user)).collect();
        if users.is_empty() { Ok(()) } else { Err(ProjectError::UsedAsMatte { layer: self.path_of(layer), users }) }
    }

    /// Refuses mattes that are no other layers of this comp, or cameras, or mattes of themselves, or too deep.
    pub(super) fn check_mattes(&self) -> Result<(), ProjectError> {
        let mattes: Vec<_> = self.layers.iter().filter_map(|layer| Some((layer, layer.matte()?.layer))).collect();
        if mattes.is_empty() {
            return Ok(());
        }
        let layers: HashMap<Uuid, &Arc<Layer>> = self.layers.iter().map(|layer| (layer.uuid(), layer)).collect();
        for (layer, matte) in &mattes {
            if layers.get(matte).is_none_or(|matte| matte.is_camera()) {
                return Err(ProjectError::NoMatte { layer: self.path_of(layer), uuid: layer.uuid(), matte: *matte });
            }
        }
        let next: HashMap<Uuid, Uuid> = mattes.iter().map(|(layer, matte)| (layer.uuid(), *matte)).collect();
        // How many mattes act on a layer, one on the other.
        let mut depths: HashMap<Uuid, usize> = HashMap::new();
        for (start, _) in &mattes {
            let mut way = vec![start.uuid()];
            while let (false, Some(matte)) = (depths.contains_key(&way[way.len() - 1]), next.get(&way[way.len() - 1])) {
                way.push(*matte);
                if way.len() > mattes.len() + 1 {
                    return Err(self.matte_cycle(*matte, &next, &layers));
                }
            }
            let mut depth = depths.get(&way[way.len() - 1]).map_or(0, |depth| *depth);
            depths.insert(way[way.len() - 1], depth);
            for layer in way.iter().rev().skip(1) {
                depth += 1;
                depths.insert(*layer, depth);
            }
            if depth > MAX_MATTES {
                return Err(ProjectError::TooManyMattes {
                    layer: self.path_of(start),
                    uuid: start.uuid(),
                    limit: MAX_MATTES,
                });
            }
        }
        Ok(())
    }

    /// The error for a layer that is a matte of itself.
    fn matte_cycle(
        &self,
        layer: Uuid,
        next: &HashMap<Uuid, Uuid>,
        layers: &HashMap<Uuid, &Arc<Layer>>,
    ) -> ProjectError {
        let mut cycle = vec![layer, next[&layer]];
        while cycle[cycle.len() - 1] != layer {
            cycle.push(next[&cycle[cycle.len() - 1]]);
        }
        let path = cycle.iter().map(|layer| layers[layer].name().to_string()).collect();
        ProjectError::MatteCycle { path, layers: cycle }
    }

    /// A layer, for messages.
    pub(super) fn path_of(&self, layer: &Layer) -> String {
        format!("{} / {}", self.name(), layer.name())
    }
}
