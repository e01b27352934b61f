//! Borrowed pixels: a rectangle of an image, or of a buffer with the pixels of a tile.

use playa_plugin_api::{Pixel, Rect};

use super::Image;

/// Pixels to read. Outside its window a view is transparent black.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// From the first pixel of the window to the last one.
    pixels: &'a [Pixel],
    window: Rect,
    /// Pixels from one row to the next.
    stride: usize,
}

/// Pixels to write.
#[derive(Debug)]
pub struct ViewMut<'a> {
    pixels: &'a mut [Pixel],
    window: Rect,
    stride: usize,
}

impl<'a> View<'a> {
    /// Tight rows over `window`.
    ///
    /// # Panics
    /// If `pixels` does not hold exactly those of `window`.
    pub fn new(window: Rect, pixels: &'a [Pixel]) -> Self {
        assert_eq!(pixels.len() as u64, window.area(), "pixels fill the window {window}");
        Self { pixels, window, stride: window.width() }
    }

    /// No pixels.
    pub fn none() -> Self {
        Self::new(Rect::EMPTY, &[])
    }

    /// Rows over `window`, with `stride` pixels from one to the next, from the front of `pixels`. `None` if they do not hold
    /// them.
    pub fn strided(window: Rect, stride: usize, pixels: &'a [Pixel]) -> Option<Self> {
        let pixels = pixels.get(..extent(window, stride)?)?;
        Some(Self { pixels, window, stride })
    }

    /// Where the pixels are.
    pub fn window(&self) -> Rect {
        self.window
    }

    /// Pixels from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// From the first pixel of the window on.
    pub fn pixels(&self) -> &'a [Pixel] {
        self.pixels
    }

    /// One row of the window.
    ///
    /// # Panics
    /// If `y` is outside the window.
    #[inline(always)]
    pub fn row(&self, y: i32) -> &'a [Pixel] {
        let first = offset(y, self.window.y0) * self.stride;
        &self.pixels[first..first + self.window.width()]
    }

    /// The pixels of row `y`, none where it has none.
    pub fn row_or_empty(&self, y: i32) -> &'a [Pixel] {
        let within = !self.window.is_empty() && self.window.y0 <= y && y < self.window.y1;
        if within { self.row(y) } else { &[] }
    }

    /// The part of it inside `window`.
    #[must_use]
    pub fn crop(&self, window: Rect) -> Self {
        let window = window.intersect(&self.window);
        let pixels = &self.pixels[span(self.window, self.stride, window)];
        Self { pixels, window, ..*self }
    }

    /// The same pixels at another place.
    #[must_use]
    pub fn translate(&self, dx: i32, dy: i32) -> Self {
        Self { window: self.window.translate(dx, dy), ..*self }
    }
}

impl<'a> From<&'a Image> for View<'a> {
    fn from(image: &'a Image) -> Self {
        Self::new(image.window(), image.pixels())
    }
}

impl<'a> ViewMut<'a> {
    /// Tight rows over `window`.
    ///
    /// # Panics
    /// If `pixels` does not hold exactly those of `window`.
    pub fn new(window: Rect, pixels: &'a mut [Pixel]) -> Self {
        assert_eq!(pixels.len() as u64, window.area(), "pixels fill the window {window}");
        Self { stride: window.width(), pixels, window }
    }

    /// Rows over `window`, with `stride` pixels from one to the next, from the front of `pixels`. `None` if they do not hold
    /// them.
    pub fn strided(window: Rect, stride: usize, pixels: &'a mut [Pixel]) -> Option<Self> {
        let pixels = pixels.get_mut(..extent(window, stride)?)?;
        Some(Self { pixels, window, stride })
    }

    /// Where the pixels are.
    pub fn window(&self) -> Rect {
        self.window
    }

    /// Pixels from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// From the first pixel of the window on.
    pub fn pixels_mut(&mut self) -> &mut [Pixel] {
        self.pixels
    }

    /// One row of the window.
    ///
    /// # Panics
    /// If `y` is outside the window.
    #[inline(always)]
    pub fn row_mut(&mut self, y: i32) -> &mut [Pixel] {
        let first = offset(y, self.window.y0) * self.stride;
        &mut self.pixels[first..first + self.window.width()]
    }

    /// The part of it inside `window`, to write to.
    pub fn crop(&mut self, window: Rect) -> ViewMut<'_> {
        let window = window.intersect(&self.window);
        let span = span(self.window, self.stride, window);
        ViewMut { pixels: &mut self.pixels[span], window, stride: self.stride }
    }

    /// The same pixels at another place.
    pub fn translated(&mut self, dx: i32, dy: i32) -> ViewMut<'_> {
        ViewMut { pixels: self.pixels, window: self.window.translate(dx, dy), stride: self.stride }
    }

    /// The pixels as they are now.
    pub fn as_view(&self) -> View<'_> {
        View { pixels: self.pixels, window: self.window, stride: self.stride }
    }

    /// Makes all pixels transparent black that do not lie in `kept`.
    pub fn clear_outside(&mut self, kept: Rect) {
        let (window, kept) = (self.window, kept.intersect(&self.window));
        if kept == window {
            return;
        }
        for y in window.y0..window.y1 {
            let row = self.row_mut(y);
            if kept.is_empty() || y < kept.y0 || y >= kept.y1 {
                row.fill([0.0; 4]);
            } else {
                row[..offset(kept.x0, window.x0)].fill([0.0; 4]);
                row[offset(kept.x1, window.x0)..].fill([0.0; 4]);
            }
        }
    }

    /// Takes the pixels of `source`, transparent black where it has none.
    pub fn copy_from(&mut self, source: View<'_>) {
        let part = source.crop(self.window);
        self.clear_outside(part.window);
        let mut target = self.crop(part.window);
        for y in part.window.y0..part.window.y1 {
            target.row_mut(y).copy_from_slice(part.row(y));
        }
    }
}

/// How far `at` lies behind `start`, which it does.
#[inline(always)]
fn offset(at: i32, start: i32) -> usize {
    usize::try_from(i64::from(at) - i64::from(start)).expect("it lies in the window")
}

/// Pixels from the first to the last one of `window`. `None` where rows of it would overlap.
fn extent(window: Rect, stride: usize) -> Option<usize> {
    if window.is_empty() {
        return Some(0);
    }
    let rows = (window.height() - 1).checked_mul(stride).filter(|_| stride >= window.width());
    rows?.checked_add(window.width())
}

/// The range of pixels from the first to the last one of `part`, which lies in `window`.
fn span(window: Rect, stride: usize, part: Rect) -> std::ops::Range<usize> {
    if part.is_empty() {
        return 0..0;
    }
    let first = offset(part.y0, window.y0) * stride + offset(part.x0, window.x0);
    first..first + (part.height() - 1) * stride + part.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pixel that tells where it is.
    fn at(x: i32, y: i32) -> Pixel {
        [x as f32, y as f32, 1.0, 1.0]
    }

    fn numbered(window: Rect) -> Vec<Pixel> {
        (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| at(x, y))).collect()
    }

    #[test]
    fn a_part_of_a_part_at_another_place_has_its_own_pixels() {
        let window = Rect::new(-3, 2, 4, 7);
        let pixels = numbered(window);
        let part = View::new(window, &pixels).crop(Rect::new(-1, 3, 9, 6)).crop(Rect::new(-9, 4, 3, 9));
        assert_eq!(part.window(), Rect::new(-1, 4, 3, 6));
        let moved = part.translate(10, -4);
        for y in 0..2 {
            let row: Vec<Pixel> = (-1..3).map(|x| at(x, y + 4)).collect();
            assert_eq!(moved.row(y), row);
        }
        assert!(part.crop(Rect::new(50, 50, 60, 60)).window().is_empty());
    }

    #[test]
    fn rows_within_longer_ones_are_those_of_the_part_and_must_be_there() {
        let window = Rect::new(-3, 2, 4, 7);
        let mut pixels = numbered(window);
        let part = Rect::new(-1, 3, 2, 6);
        let first = window.width() + 2;
        let view = View::strided(part, window.width(), &pixels[first..]).expect("they are there");
        let whole = View::new(window, &pixels);
        for y in part.y0..part.y1 {
            assert_eq!(view.row(y), whole.crop(part).row(y));
        }
        for (stride, length) in [(2, 30), (7, 16), (usize::MAX, 30), (usize::MAX / 2, 30)] {
            assert!(View::strided(part, stride, &pixels[..length]).is_none(), "{stride} {length}");
            assert!(ViewMut::strided(part, stride, &mut pixels[..length]).is_none(), "{stride} {length}");
        }
        assert!(View::strided(part, 7, &pixels[..17]).is_some());
    }

    #[test]
    fn a_copy_is_clear_where_its_source_has_no_pixels() {
        let (window, within) = (Rect::new(0, 0, 6, 5), Rect::new(-2, 1, 3, 4));
        let source = numbered(within);
        let mut pixels = numbered(window);
        ViewMut::new(window, &mut pixels).copy_from(View::new(within, &source));
        for (pixel, (y, x)) in pixels.iter().zip((0..5).flat_map(|y| (0..6).map(move |x| (y, x)))) {
            assert_eq!(*pixel, if within.contains(x, y) { at(x, y) } else { [0.0; 4] }, "{x} {y}");
        }
        ViewMut::new(window, &mut pixels).clear_outside(Rect::EMPTY);
        assert!(pixels.iter().all(|pixel| *pixel == [0.0; 4]));
    }
}
