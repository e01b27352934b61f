//! Texts as sources: what they set, remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Problem;
use super::key::{Key, KeyBuilder};
use crate::project;
use crate::text::{Font, Ink, Setting, Typeset};

/// How many glyphs in their places are remembered, in as many texts as these make. What is forgotten is set again.
const GLYPHS: usize = 1 << 20;

/// Texts that were set. Shared by renders.
#[derive(Debug, Default)]
pub(super) struct Texts {
    known: Mutex<HashMap<Key, Arc<Typeset>>>,
}

/// A text with its colours.
#[derive(Clone, Debug)]
pub(super) struct Lettering {
    pub typeset: Arc<Typeset>,
    pub ink: Ink,
}

impl Texts {
    /// A text at a time, in frames of the comp that shows it, and what tells its pixels from others.
    pub fn look(&self, text: &project::Text, time: f64) -> Result<(Key, Lettering), Problem> {
        let setting = text.setting_at(time);
        let font = Font::find(&setting.font).map_err(|error| Problem::Text(error.into()))?;
        let key = key(&font, &setting);
        let known = self.known().get(&key).cloned();
        let typeset = match known {
            Some(typeset) => typeset,
            None => self.keep(key, Typeset::new(&font, &setting)?),
        };
        let ink = Ink { color: single(text.color_at(time)), background: single(text.background_at(time)) };
        let key = KeyBuilder::new("text").key(key);
        let key = ink.color.iter().chain(&ink.background).fold(key, |key, value| key.float((*value).into()));
        Ok((key.finish(), Lettering { typeset, ink }))
    }

    fn keep(&self, key: Key, typeset: Typeset) -> Arc<Typeset> {
        let typeset = Arc::new(typeset);
        let mut known = self.known();
        let glyphs: usize = known.values().map(|typeset| 1 + typeset.len()).sum();
        if glyphs + typeset.len() > GLYPHS {
            known.clear();
        }
        known.insert(key, Arc::clone(&typeset));
        typeset
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Arc<Typeset>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(font: &Font, setting: &Setting) -> Key {
    let Setting { text, font: _, font_size, line_height, alignment, width, height } = setting;
    let key = KeyBuilder::new("typeset").bytes(font.hash().as_bytes()).text(text).float(*font_size);
    let key = key.float(*line_height).int(*alignment as i64).int((*width).into());
    key.int((*height).into()).finish()
}

/// A colour in the precision of pixels.
pub(super) fn single(color: [f64; 4]) -> [f32; 4] {
    color.map(|value| value as f32)
}
