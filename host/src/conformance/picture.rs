//! Pictures as checks compare them: tight rows of pixels over a window.

use std::fmt;

use playa_plugin_api::{Pixel, Rect};

/// Pixels over a window. Outside, a picture is transparent black.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Where the pixels are.
    pub window: Rect,
    /// Row by row.
    pub pixels: Vec<Pixel>,
}

/// How much two pictures may differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// Not in a bit. NaN equals NaN, whatever it carries.
    Bits,
    /// Each value by so much.
    Absolute(f32),
}

/// Where two pictures differ first, and how much in all.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// How many pixels differ.
    pub pixels: usize,
    /// Of how many.
    pub of: usize,
    /// Column and row of the first one.
    pub at: (i32, i32),
    /// What it should be.
    pub expected: Pixel,
    /// What it is.
    pub got: Pixel,
    /// All that differ lie in here.
    pub within: Rect,
}

impl Picture {
    /// A function of column and row.
    pub fn of(window: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Self {
        let rows = window.y0..window.y1;
        Self {
            window,
            pixels: rows.flat_map(|y| (window.x0..window.x1).map(|x| pixel(x, y)).collect::<Vec<_>>()).collect(),
        }
    }

    /// The pixel at (x, y).
    pub fn pixel(&self, x: i32, y: i32) -> Pixel {
        if !self.window.contains(x, y) {
            return [0.0; 4];
        }
        let (column, row) = (i64::from(x) - i64::from(self.window.x0), i64::from(y) - i64::from(self.window.y0));
        self.pixels[row as usize * self.window.width() + column as usize]
    }

    /// The same over another window.
    #[must_use]
    pub fn crop(&self, window: Rect) -> Self {
        Self::of(window, |x, y| self.pixel(x, y))
    }

    /// The same at another place.
    #[must_use]
    pub fn translate(&self, dx: i32, dy: i32) -> Self {
        Self { window: self.window.translate(dx, dy), pixels: self.pixels.clone() }
    }

    /// Takes over the pixels of another one, as far as they lie inside.
    pub fn paste(&mut self, other: &Picture) {
        let (part, width) = (self.window.intersect(&other.window), self.window.width());
        for y in part.y0..part.y1 {
            for x in part.x0..part.x1 {
                let (column, row) = ((x - self.window.x0) as usize, (y - self.window.y0) as usize);
                self.pixels[row * width + column] = other.pixel(x, y);
            }
        }
    }

    /// What differs in `got`, which is compared where this picture has pixels.
    pub fn mismatch(&self, got: &Picture, tolerance: Tolerance) -> Option<Mismatch> {
        let mut found: Option<Mismatch> = None;
        let places =
            (self.window.y0..self.window.y1).flat_map(|y| (self.window.x0..self.window.x1).map(move |x| (x, y)));
        for ((x, y), expected) in places.zip(&self.pixels) {
            let pixel = got.pixel(x, y);
            if same(expected, &pixel, tolerance) {
                continue;
            }
            let place = Rect::new(x, y, x + 1, y + 1);
            let first = Mismatch {
                pixels: 0,
                of: self.pixels.len(),
                at: (x, y),
                expected: *expected,
                got: pixel,
                within: place,
            };
            let found = found.get_or_insert(first);
            found.pixels += 1;
            found.within = found.within.union(&place);
        }
        found
    }

    /// The first pixel for which this holds.
    pub fn find(&self, holds: impl Fn(&Pixel) -> bool) -> Option<(i32, i32, Pixel)> {
        let at = self.pixels.iter().position(holds)?;
        let (width, window) = (self.window.width(), self.window);
        Some((window.x0 + (at % width) as i32, window.y0 + (at / width) as i32, self.pixels[at]))
    }
}

fn same(a: &Pixel, b: &Pixel, tolerance: Tolerance) -> bool {
    a.iter().zip(b).all(|(a, b)| match tolerance {
        _ if a.is_nan() || b.is_nan() => a.is_nan() && b.is_nan(),
        Tolerance::Bits => a.to_bits() == b.to_bits(),
        Tolerance::Absolute(limit) => a == b || (a - b).abs() <= limit,
    })
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pixels, of, at: (x, y), expected, got, within } = self;
        write!(
            f,
            "{pixels} of {of} pixels differ, within {within}; first at ({x}, {y}): expected {expected:?}, got {got:?}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found_where_they_are() {
        let window = Rect::new(-2, 3, 4, 7);
        let a = Picture::of(window, |x, y| [x as f32, y as f32, f32::NAN, 1.0]);
        assert_eq!(a.mismatch(&a, Tolerance::Bits), None, "NaN is where it was");
        let mut b = a.clone();
        b.paste(&Picture::of(Rect::new(1, 5, 2, 6), |_, _| [1.0, 5.25, f32::NAN, 1.0]));
        let found = a.mismatch(&b, Tolerance::Bits).expect("one pixel differs");
        assert_eq!((found.pixels, found.at, found.within), (1, (1, 5), Rect::new(1, 5, 2, 6)));
        assert_eq!(a.mismatch(&b, Tolerance::Absolute(0.25)), None);
        assert!(a.mismatch(&b, Tolerance::Absolute(0.125)).is_some());
        let minus = Picture::of(Rect::of_size(1, 1), |_, _| [-0.0; 4]);
        let zero = minus.crop(Rect::new(5, 5, 6, 6)).translate(-5, -5);
        assert!(
            minus.mismatch(&zero, Tolerance::Bits).is_some()
                && minus.mismatch(&zero, Tolerance::Absolute(0.0)).is_none()
        );
    }
}
