//! Several transforms, one after the other.

use std::sync::Arc;

use super::super::{Transform, straightened};
use crate::image::Pixel;

/// Several transforms, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Chain(Vec<Arc<dyn Transform>>);

impl Chain {
    /// Those that there are. `None` where nothing is to be done.
    pub fn of(transforms: impl IntoIterator<Item = Option<Arc<dyn Transform>>>) -> Option<Arc<dyn Transform>> {
        let mut transforms: Vec<_> = transforms.into_iter().flatten().collect();
        match transforms.len() {
            0 | 1 => transforms.pop(),
            _ => Some(Arc::new(Chain(transforms))),
        }
    }
}

impl Transform for Chain {
    fn apply(&self, pixels: &mut [Pixel]) {
        if self.is_linear() {
            self.0.iter().for_each(|transform| transform.apply(pixels));
        } else {
            straightened(pixels, |pixels| self.apply_straight(pixels));
        }
    }

    fn apply_straight(&self, pixels: &mut [Pixel]) {
        self.0.iter().for_each(|transform| transform.apply_straight(pixels));
    }

    fn is_linear(&self) -> bool {
        self.0.iter().all(|transform| transform.is_linear())
    }

    fn fingerprint(&self) -> Vec<u8> {
        let print = |transform: &Arc<dyn Transform>| {
            let bytes = transform.fingerprint();
            (bytes.len() as u64).to_le_bytes().into_iter().chain(bytes)
        };
        self.0.iter().flat_map(print).collect()
    }

    fn steps(&self) -> Vec<String> {
        self.0.iter().flat_map(|transform| transform.steps()).collect()
    }
}
