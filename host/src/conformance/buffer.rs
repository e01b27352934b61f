//! Pixels in memory as a plugin gets them: rows with whatever lies between and around them, and pages beyond that end the
//! process.

use std::io;

use playa_plugin_api::{Pixel, Rect, abi};

use super::machine::{Flush, Pages};
use super::picture::Picture;

/// What every value is that nobody wrote: a quiet NaN with a payload, which no computation makes.
pub const CANARY: u32 = 0x7fca_5eed;

/// What lies around inputs: another quiet NaN.
pub const POISON: u32 = 0x7fdd_dead;

/// How the rows of a window lie in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Rows above and below, and pixels left and right, that belong to the memory and not to the window.
    pub apron: usize,
    /// Values behind each row.
    pub padding: usize,
    /// Values before the first row.
    pub shift: usize,
    /// The last row comes first, so that the stride is negative.
    pub flipped: bool,
    /// Where the pages end.
    pub flush: Flush,
}

impl Layout {
    /// Tight rows, and pages that end with them.
    pub const TIGHT: Layout = Layout { apron: 0, padding: 0, shift: 0, flipped: false, flush: Flush::End };
    /// Rows in the middle of a larger image.
    pub const APRON: Layout = Layout { apron: 3, ..Layout::TIGHT };
}

/// A window's pixels in memory.
#[derive(Debug)]
pub struct Buffer {
    pages: Pages,
    window: Rect,
    layout: Layout,
    /// Values from one row in memory to the next.
    stride: usize,
    filler: u32,
}

impl Buffer {
    /// All of it `filler`.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn new(window: Rect, layout: Layout, filler: u32) -> io::Result<Self> {
        let (columns, rows) = (window.width() + 2 * layout.apron, window.height() + 2 * layout.apron);
        let stride = columns * 4 + layout.padding;
        let values = layout.shift + (rows * stride).saturating_sub(layout.padding);
        let mut pages = Pages::new(values, layout.flush)?;
        pages.values_mut().fill(f32::from_bits(filler));
        Ok(Self { pages, window, layout, stride, filler })
    }

    /// The pixels of `picture`, in the midst of `filler`.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn of(picture: &Picture, layout: Layout, filler: u32) -> io::Result<Self> {
        let mut buffer = Self::new(picture.window, layout, filler)?;
        let width = picture.window.width();
        for row in 0..picture.window.height() {
            let first = buffer.row(row);
            let pixels = &picture.pixels[row * width..][..width];
            buffer.pages.values_mut()[first..first + width * 4].copy_from_slice(pixels.as_flattened());
        }
        Ok(buffer)
    }

    /// Where the row of this number, from the top of the window, begins.
    fn row(&self, row: usize) -> usize {
        let place = if self.layout.flipped { self.window.height() - 1 - row } else { row };
        self.layout.shift + (self.layout.apron + place) * self.stride + self.layout.apron * 4
    }

    /// As a plugin sees it.
    pub fn wire(&self) -> abi::WireImage {
        let first = if self.window.is_empty() { 0 } else { self.row(0) };
        let bytes = (self.stride * size_of::<f32>()) as isize;
        abi::WireImage {
            data: self.pages.address().wrapping_add(first).cast(),
            row_stride: if self.layout.flipped { -bytes } else { bytes },
            pixel_stride: size_of::<Pixel>() as isize,
            window: self.window,
            format: 0,
        }
    }

    /// From here on, whoever writes to it ends the process.
    ///
    /// # Errors
    /// Where the system cannot do that.
    pub fn protect(&self) -> io::Result<()> {
        self.pages.protect()
    }

    /// The pixels of the window.
    pub fn picture(&self) -> Picture {
        let (width, values) = (self.window.width(), self.pages.values());
        let row = |row: usize| {
            let first = self.row(row);
            values[first..first + width * 4].as_chunks().0.iter().copied()
        };
        Picture { window: self.window, pixels: (0..self.window.height()).flat_map(row).collect() }
    }

    /// The first pixel of the window that was not written, or not all of it, and how many of them there are.
    pub fn unwritten(&self) -> Option<(i32, i32, usize)> {
        let picture = self.picture();
        let is_left = |pixel: &Pixel| pixel.iter().any(|value| value.to_bits() == self.filler);
        let (x, y, _) = picture.find(is_left)?;
        Some((x, y, picture.pixels.iter().filter(|pixel| is_left(pixel)).count()))
    }

    /// Where the first value outside of the window lies that is not what it was, in words.
    pub fn disturbed(&self) -> Option<String> {
        let (apron, columns) = (self.layout.apron, self.window.width() * 4);
        let changed = self.pages.values().iter().enumerate().filter(|(_, value)| value.to_bits() != self.filler);
        changed.map(|(at, value)| (at as i64 - self.layout.shift as i64, value)).find_map(|(at, value)| {
            let row = at.div_euclid(self.stride as i64) - apron as i64;
            let column = at.rem_euclid(self.stride as i64) - apron as i64 * 4;
            let inside = row >= 0 && row < self.window.height() as i64 && column >= 0 && column < columns as i64;
            if inside && at >= 0 {
                return None;
            }
            let row = if self.layout.flipped { self.window.height() as i64 - 1 - row } else { row };
            let (x, y) = (i64::from(self.window.x0) + column.div_euclid(4), i64::from(self.window.y0) + row);
            Some(format!("the value at ({x}, {y}), outside of {}, became {value:?}", self.window))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_where_their_view_says_and_what_lies_around_is_seen() {
        let window = Rect::new(-3, 10, 2, 14);
        let picture = Picture::of(window, |x, y| [x as f32, y as f32, 0.5, 1.0]);
        for layout in [
            Layout::TIGHT,
            Layout::APRON,
            Layout { flipped: true, ..Layout::APRON },
            Layout { padding: 5, shift: 1, ..Layout::TIGHT },
            Layout { flush: Flush::Start, flipped: true, padding: 16, ..Layout::TIGHT },
        ] {
            let mut buffer = Buffer::of(&picture, layout, CANARY).expect("memory");
            assert_eq!(buffer.picture().mismatch(&picture, super::super::picture::Tolerance::Bits), None, "{layout:?}");
            assert_eq!((buffer.disturbed(), buffer.unwritten()), (None, None), "{layout:?}");
            let wire = buffer.wire();
            let offset = (wire.data as isize - buffer.pages.address() as isize) / 4;
            let second = offset + wire.row_stride / 4;
            assert_eq!(buffer.pages.values()[offset as usize..][..2], [-3.0, 10.0], "{layout:?}");
            assert_eq!(buffer.pages.values()[second as usize..][..2], [-3.0, 11.0], "{layout:?}");
            if layout.apron > 0 {
                let before = offset as usize - 1;
                buffer.pages.values_mut()[before] = 7.0;
                let text = buffer.disturbed().expect("it is seen");
                assert!(text.starts_with("the value at (-4, 10), outside of"), "{text}");
            }
            buffer.pages.values_mut()[offset as usize + 2] = f32::from_bits(CANARY);
            assert_eq!(buffer.unwritten(), Some((-3, 10, 1)), "{layout:?}");
        }
    }
}
