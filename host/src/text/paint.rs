//! Putting the glyphs of a text together.
//!
//! Glyphs go over each other as if the colour of the text were opaque; then its alpha counts for all of them, so that
//! letters that touch are not seen through each other. That goes over the background. All of it in linear light.

use rayon::prelude::*;

use super::glyphs::{Drawn, Pixels, Shape};
use super::typeset::{Glyph, Typeset};
use crate::image::{Image, Pixel, Rect};

/// The colours of a text: scene-linear, straight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// Of its glyphs, but for those that have their own. Alpha counts for all.
    pub color: [f32; 4],
    /// Of its box.
    pub background: [f32; 4],
}

/// Why a text could not be painted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaintError {
    /// Its glyphs take too much memory.
    #[error("the glyphs of the text take {bytes} bytes, and the limit is {limit}; set a smaller font_size")]
    Glyphs {
        /// What they take.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
}

/// Rows that one thread paints at a time.
const BAND: usize = 16;

impl Typeset {
    /// The pixels that it has: those of its glyphs, and its box where that has a background.
    pub fn domain(&self, ink: &Ink) -> Rect {
        let glyphs = if ink.color[3] > 0.0 { self.ink() } else { Rect::EMPTY };
        if ink.background[3] > 0.0 { self.frame().union(&glyphs) } else { glyphs }
    }

    /// Whether each pixel of its domain has alpha 1.
    pub fn is_opaque(&self, ink: &Ink) -> bool {
        ink.background[3] == 1.0 && self.domain(ink) == self.frame()
    }

    /// Fills all of an image, which nobody else shares. Its glyphs may take so much memory.
    pub fn paint(&self, ink: &Ink, image: &mut Image, max_bytes: u64) -> Result<(), PaintError> {
        let window = image.window();
        if window.is_empty() {
            return Ok(());
        }
        // What is clear is not drawn.
        let drawn_in = if ink.color[3] > 0.0 { window } else { Rect::EMPTY };
        let bytes = self.glyph_bytes(drawn_in);
        if bytes > max_bytes {
            return Err(PaintError::Glyphs { bytes, limit: max_bytes });
        }
        let [r, g, b, _] = ink.color;
        let draw = |(shape, seen): (&Shape, bool)| seen.then(|| shape.draw(&self.faces, [r, g, b])).flatten();
        let drawn: Vec<Option<Drawn>> = self.shapes.par_iter().zip(self.seen(drawn_in)).map(draw).collect();
        let pixels = image.values_mut().expect("a new image is not shared").as_chunks_mut::<4>().0;
        pixels.par_chunks_mut(window.width() * BAND).enumerate().for_each(|(band, pixels)| {
            // Both fit an `i32`, as the window does.
            let y0 = window.y0 + (band * BAND) as i32;
            let rows = Rect { y0, y1: y0.saturating_add(BAND as i32).min(window.y1), ..window };
            pixels.fill([0.0; 4]);
            for glyph in &self.glyphs {
                if let Some(drawn) = &drawn[glyph.shape] {
                    put(pixels, rows, glyph, drawn, ink.color);
                }
            }
            finish(pixels, rows, self.frame(), ink);
        });
        Ok(())
    }

    /// The memory that it takes to draw the glyphs that are seen in a window.
    pub fn glyph_bytes(&self, window: Rect) -> u64 {
        let shapes = self.extents.iter().zip(self.seen(window));
        shapes.filter(|(_, seen)| *seen).map(|(extent, _)| extent.bytes).fold(0, u64::saturating_add)
    }

    /// For each shape, whether a glyph of it is seen in a window.
    fn seen(&self, window: Rect) -> Vec<bool> {
        let mut seen = vec![false; self.shapes.len()];
        for glyph in self.glyphs.iter().filter(|glyph| !glyph.window.intersect(&window).is_empty()) {
            seen[glyph.shape] = true;
        }
        seen
    }
}

/// Puts a glyph over what is in some rows, in the opaque colour of the text or its own ones.
fn put(pixels: &mut [Pixel], rows: Rect, glyph: &Glyph, drawn: &Drawn, [r, g, b, _]: [f32; 4]) {
    let place = drawn.window.translate(glyph.x, glyph.y);
    let seen = place.intersect(&glyph.window).intersect(&rows);
    for y in seen.y0..seen.y1 {
        let row = |rect: Rect| {
            let start = (y - rect.y0) as usize * rect.width() + (seen.x0 - rect.x0) as usize;
            start..start + seen.width()
        };
        let target = &mut pixels[row(rows)];
        match &drawn.pixels {
            Pixels::Covered(mask) => {
                for (pixel, covered) in target.iter_mut().zip(&mask[row(place)]) {
                    let share = f32::from(*covered) / 255.0;
                    over(pixel, [r * share, g * share, b * share, share]);
                }
            }
            Pixels::Coloured(colours) => {
                target.iter_mut().zip(&colours[row(place)]).for_each(|(pixel, colour)| over(pixel, *colour));
            }
        }
    }
}

/// Gives the glyphs in some rows the alpha of the text, and puts them over the background.
fn finish(pixels: &mut [Pixel], rows: Rect, frame: Rect, ink: &Ink) {
    let alpha = ink.color[3];
    let [r, g, b, a] = ink.background;
    let ground = [r * a, g * a, b * a, a];
    let framed = frame.intersect(&rows);
    for (y, row) in (rows.y0..rows.y1).zip(pixels.chunks_exact_mut(rows.width())) {
        row.iter_mut().for_each(|pixel| *pixel = pixel.map(|value| value * alpha));
        if a > 0.0 && framed.y0 <= y && y < framed.y1 {
            for pixel in &mut row[(framed.x0 - rows.x0) as usize..(framed.x1 - rows.x0) as usize] {
                let above = *pixel;
                let rest = 1.0 - above[3];
                // In this order an opaque background stays one.
                *pixel = std::array::from_fn(|i| above[i] + ground[i] * rest);
                pixel[3] = a + above[3] * (1.0 - a);
            }
        }
    }
}

fn over(pixel: &mut Pixel, above: Pixel) {
    let rest = 1.0 - above[3];
    *pixel = std::array::from_fn(|i| above[i] + pixel[i] * rest);
}
