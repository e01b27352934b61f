//! The layers of a comp, and which of them are kept as one picture from render to render.
//!
//! Who changes one layer of many renders again and again what lies below it. So the layers below the lowest one that
//! changed since the last render are made as a picture of their own, which the cache keeps. Painting goes on from it with
//! the same operations, so the bits are the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::{NodeId, Painted};
use crate::render::cache::Cache;
use crate::render::key::Key;

/// The layers of a comp, the first one lowest.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// What the lower layers make, where that is a picture of its own.
    pub base: Option<NodeId>,
    pub layers: Vec<Painted>,
}

impl Stack {
    /// The pictures that it is made of.
    pub fn inputs(&self) -> Vec<NodeId> {
        let of_layer = |layer: &Painted| [Some(layer.pixels), layer.matte.map(|matte| matte.pixels)];
        self.base.into_iter().chain(self.layers.iter().flat_map(of_layer).flatten()).collect()
    }

    /// The only layer, where the comp shows just its picture as it is.
    pub fn only(&self) -> Option<NodeId> {
        match (&self.base, &self.layers[..]) {
            (None, [layer]) if layer.shows_alone() => Some(layer.pixels),
            _ => None,
        }
    }
}

/// A stack of so many layers is expected to be edited at its top: all but the top one are kept at once.
const TALL: usize = 12;

/// So many comps are remembered. What is forgotten is learnt again at the next render.
const COMPS: usize = 4096;

/// What the comps of the last renders were made of.
#[derive(Debug, Default)]
pub struct Stacks {
    last: Mutex<HashMap<Uuid, Last>>,
}

#[derive(Debug)]
struct Last {
    frame: i64,
    /// The keys of the lowest layer, of the two lowest ones, and so on.
    keys: Vec<Key>,
}

impl Stacks {
    /// How many of the layers of a comp are to be a picture of their own, and remembers them for the next time. `keys` are
    /// those of the lowest layer, of the two lowest ones, and so on.
    pub fn split(&self, cache: &Cache, comp: Uuid, frame: i64, keys: &[Key]) -> usize {
        let mut all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= COMPS {
            all.clear();
        }
        let last = all.insert(comp, Last { frame, keys: keys.to_vec() });
        drop(all);
        let count = keys.len();
        if let Some(kept) = (2..count).rev().find(|kept| cache.contains(keys[kept - 1])) {
            return kept;
        }
        let same_frame = last.as_ref().is_none_or(|last| last.frame == frame);
        let unchanged = last.map_or(0, |last| last.keys.iter().zip(keys).take_while(|(a, b)| a == b).count());
        match unchanged {
            0 | 1 if same_frame && count >= TALL => count - 1,
            unchanged if (2..count).contains(&unchanged) => unchanged,
            _ => 0,
        }
    }
}
