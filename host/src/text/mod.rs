//! Text: fonts, how a text is set, and its pixels.
//!
//! The same text has the same pixels on every machine. Two fonts are part of the program, DejaVu Sans and Noto Emoji; no
//! other is looked at unless it is asked for, by family or by path, and glyphs that it lacks come from those two. Glyphs
//! are not hinted, and start at quarters of a pixel.
//!
//! [`fonts`] finds a font, [`typeset`] places its glyphs, `glyphs` makes them pixels and `paint` puts these together.

pub mod fonts;
mod glyphs;
mod paint;
pub mod typeset;

pub use fonts::{Font, FontError};
pub use paint::{Ink, PaintError};
pub use typeset::{Alignment, Setting, Typeset, TypesetError};

#[cfg(test)]
mod tests;
