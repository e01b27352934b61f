//! Texts as sources of layers.

use uuid::Uuid;

use super::attrs::Attrs;
use super::save::Table;
use crate::text::{Alignment, Setting};

/// A text. Its picture is as large as its box; the glyphs that hang over that are not cut, unless it has a `height`.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Its attributes.
    pub attrs: Attrs,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

impl Text {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// What is set at a time, in frames of the comp that shows it, and how.
    pub fn setting_at(&self, time: f64) -> Setting {
        Setting {
            text: self.attrs.text_at("text", time),
            font: self.attrs.text("font").to_owned(),
            font_size: self.attrs.float_at("font_size", time),
            line_height: self.attrs.float_at("line_height", time),
            alignment: self.attrs.text("alignment").parse().unwrap_or(Alignment::Left),
            width: self.attrs.int("width") as u32,
            height: self.attrs.int("height") as u32,
        }
    }

    /// The colour of its glyphs at a time: scene-linear, straight.
    pub fn color_at(&self, time: f64) -> [f64; 4] {
        self.attrs.color_at("color", time)
    }

    /// The colour of its box at a time: scene-linear, straight.
    pub fn background_at(&self, time: f64) -> [f64; 4] {
        self.attrs.color_at("bg_color", time)
    }
}

/// The name of a new text: the first of its lines that says something, or what fits of it.
pub(super) fn name_of(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("Text");
    line.chars().take(LONGEST).collect()
}
