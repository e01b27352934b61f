//! Placing glyphs: lines, wrapping, alignment, right-to-left text.
//!
//! Lines are set in the order of Unicode's bidirectional algorithm, each paragraph in the direction of its first strong
//! letter, with kerning, ligatures, joined letters and combining marks as the font says. Baselines are one line height
//! apart: the font's ascent and descent lie in the middle of the first line.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::PoisonError;

use cosmic_text::fontdb::Weight;
use cosmic_text::{Align, Attrs, Buffer, Family, FontSystem, Metrics, Shaping, Wrap};

use super::fonts::{CHOSEN, Face, Font, FontError};
use super::glyphs::{Extent, Shape};
use crate::image::Rect;

/// No text is larger than this, in pixels along x or y.
pub const MAX_SIZE: u32 = 1 << 20;

/// What is set, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The text; `\n` begins a line.
    pub text: String,
    /// The font: see [`Font::find`].
    pub font: String,
    /// Pixels per em, above 0.
    pub font_size: f64,
    /// From one baseline to the next, in font sizes, above 0.
    pub line_height: f64,
    /// Where lines lie in the width.
    pub alignment: Alignment,
    /// Lines are wrapped at this width, between words where that is possible. 0 for that of the longest line, made even.
    pub width: u32,
    /// What is above or below this height is not shown. 0 for that of all lines, made even.
    pub height: u32,
}

/// Where lines lie in the width of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// At the left edge.
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
    /// From edge to edge, by wider spaces; the last line of a paragraph where it begins.
    Justified,
}

/// A text whose glyphs have their places: `(0, 0)` is its upper left corner.
#[derive(Clone, Debug)]
pub struct Typeset {
    pub(super) faces: Vec<Face>,
    pub(super) shapes: Vec<Shape>,
    pub(super) extents: Vec<Extent>,
    pub(super) glyphs: Vec<Glyph>,
    size: (u32, u32),
    ink: Rect,
}

/// A glyph in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    /// Which of the shapes, and of the extents.
    pub shape: usize,
    /// The pixel of its origin.
    pub x: i32,
    pub y: i32,
    /// The pixels that it may touch.
    pub window: Rect,
}

/// Why a text cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypesetError {
    /// There is no such font.
    #[error(transparent)]
    Font(#[from] FontError),
    /// It is too wide or too high.
    #[error(
        "the text is {width} x {height} pixels, expected at most {MAX_SIZE} along each; set a smaller font_size, or a width to wrap it at"
    )]
    TooLarge {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
    },
}

impl FromStr for Alignment {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "left" => Ok(Self::Left),
            "center" => Ok(Self::Center),
            "right" => Ok(Self::Right),
            "justified" => Ok(Self::Justified),
            _ => Err(()),
        }
    }
}

impl From<Alignment> for Align {
    fn from(alignment: Alignment) -> Self {
        match alignment {
            Alignment::Left => Align::Left,
            Alignment::Center => Align::Center,
            Alignment::Right => Align::Right,
            Alignment::Justified => Align::Justified,
        }
    }
}

impl Typeset {
    /// Sets a text in a font.
    pub fn new(font: &Font, setting: &Setting) -> Result<Self, TypesetError> {
        let mut system = font.system.lock().unwrap_or_else(PoisonError::into_inner);
        let font_size = setting.font_size as f32;
        let line_height = (setting.font_size * setting.line_height) as f32;
        let mut buffer = Buffer::new_empty(Metrics::new(font_size, line_height));
        let attrs = Attrs::new().family(Family::Name(CHOSEN));
        buffer.set_wrap(if setting.width > 0 { Wrap::WordOrGlyph } else { Wrap::None });
        buffer.set_size((setting.width > 0).then_some(setting.width as f32), None);
        buffer.set_text(&setting.text, &attrs, Shaping::Advanced, Some(setting.alignment.into()));
        buffer.shape_until_scroll(&mut system, false);
        let lines = buffer.layout_runs().count();
        let longest = buffer.layout_runs().fold(0.0_f32, |longest, line| longest.max(line.line_w));
        // Even, so that the box lies on the pixels of a comp of even size when it is in its middle.
        let pixels = |own: u32, needed: f64| if own > 0 { u64::from(own) } else { (needed / 2.0).ceil() as u64 * 2 };
        let width = pixels(setting.width, longest.into());
        let height = pixels(setting.height, lines as f64 * f64::from(line_height));
        let (Some(width), Some(height)) = (within(width), within(height)) else {
            return Err(TypesetError::TooLarge { width, height });
        };
        if setting.width == 0 {
            // Lines are aligned within the longest one.
            buffer.set_size(Some(width as f32), None);
            buffer.shape_until_scroll(&mut system, false);
        }
        let clip = (setting.height > 0).then_some(height);
        let above = ascent(font, &mut system, font_size, line_height);
        Ok(Self::placed(font, &buffer, above, (width, height), clip))
    }

    /// The glyphs of lines that were set. The first baseline is so much below the upper edge.
    fn placed(font: &Font, buffer: &Buffer, above: f32, size: (u32, u32), clip: Option<u32>) -> Self {
        let mut known = HashMap::new();
        let (mut shapes, mut extents, mut glyphs) = (Vec::new(), Vec::new(), Vec::new());
        let rows = clip.map_or(Rect { y0: i32::MIN, y1: i32::MAX, ..COLUMNS }, |height| Rect {
            y0: 0,
            y1: height as i32,
            ..COLUMNS
        });
        for line in buffer.layout_runs() {
            for glyph in line.glyphs {
                let Some(face) = font.faces.iter().position(|face| face.id == glyph.font_id) else { continue };
                let x = glyph.x + glyph.font_size * glyph.x_offset;
                let y = line.line_top + above + glyph.y - glyph.font_size * glyph.y_offset;
                let (shape, x, y) = Shape::at(face, glyph.glyph_id, glyph.font_size, x, y);
                let shape = *known.entry(shape).or_insert_with(|| {
                    shapes.push(shape);
                    extents.push(shape.extent(&font.faces));
                    shapes.len() - 1
                });
                let window = extents[shape].window.translate(x, y).intersect(&rows);
                if !window.is_empty() {
                    glyphs.push(Glyph { shape, x, y, window });
                }
            }
        }
        let ink = glyphs.iter().fold(Rect::EMPTY, |ink, glyph| ink.union(&glyph.window));
        Self { faces: font.faces.clone(), shapes, extents, glyphs, size, ink }
    }

    /// Its box, from `(0, 0)`.
    pub fn frame(&self) -> Rect {
        Rect::of_size(self.size.0, self.size.1)
    }

    /// The pixels that its glyphs may touch: a little beyond the box where they hang over it.
    pub fn ink(&self) -> Rect {
        self.ink
    }

    /// How many glyphs it has that show anything.
    pub fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// Whether it shows nothing.
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }
}

/// All columns there are.
const COLUMNS: Rect = Rect::new(i32::MIN, 0, i32::MAX, 0);

fn within(size: u64) -> Option<u32> {
    u32::try_from(size).ok().filter(|size| *size <= MAX_SIZE)
}

/// How far below the upper edge of a line its baseline is.
fn ascent(font: &Font, system: &mut FontSystem, font_size: f32, line_height: f32) -> f32 {
    let Some(chosen) = system.get_font(font.faces[0].id, Weight::NORMAL) else { return line_height };
    let metrics = chosen.metrics();
    let scale = font_size / f32::from(metrics.units_per_em.max(1));
    let (ascent, descent) = (metrics.ascent * scale, metrics.descent * scale);
    (line_height - (ascent - descent)) / 2.0 + ascent
}
