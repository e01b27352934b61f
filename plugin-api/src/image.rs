//! Views of pixels that the host lends to an effect for the length of one call.
//!
//! Both views reach their pixels through a pointer and a signed row stride, because tiles of one image are written by
//! several threads at once: no slice may span the rows between them. This is one of the few modules with `unsafe`; the
//! invariant is in the two constructors, and everything else is bounds checked against the window.

use std::marker::PhantomData;

use crate::abi::formats::BLOCK;
use crate::rect::Rect;

/// Red, green, blue, alpha; scene-linear, premultiplied unless the effect asked for straight colour.
pub type Pixel = [f32; 4];

/// The components of some pixels, each by itself.
pub type Block = [[f32; BLOCK]; 4];

/// `change` of red, green and blue, each by itself; alpha stays.
///
/// For a [`PixelEffect`](crate::PixelEffect) it does what the array's own `map` cannot: it is always inlined, so that
/// the pixels are computed in vectors. Mark a closure that does more than a few operations `#[inline(always)]`.
#[inline(always)]
pub fn map_colour([r, g, b, a]: Pixel, change: impl Fn(f32) -> f32) -> Pixel {
    [change(r), change(g), change(b), a]
}

/// Borrowed pixels to read: RGBA `f32`, row 0 on top. Colour is unbounded, alpha is in `0.0..=1.0`.
///
/// `Copy`, and safe to share between threads; it lives no longer than the call it was given to.
#[derive(Clone, Copy)]
pub struct ImageView<'a> {
    raw: RawView<Pixel>,
    lifetime: PhantomData<&'a [Pixel]>,
}

/// Borrowed pixels to write. Every pixel of the window has to be written; what they hold before is unspecified.
pub struct ImageViewMut<'a> {
    raw: RawView<Pixel>,
    lifetime: PhantomData<&'a mut [Pixel]>,
}

/// Borrowed blocks to read, for the SDK's own loops.
pub struct BlockView<'a> {
    raw: RawView<Block>,
    lifetime: PhantomData<&'a [Block]>,
}

/// Borrowed blocks to write.
pub struct BlockViewMut<'a> {
    raw: RawView<Block>,
    lifetime: PhantomData<&'a mut [Block]>,
}

/// A pointer to the first pixel or block of the window's first row, and the distance between rows in bytes.
pub(crate) struct RawView<T> {
    pub(crate) first: *mut T,
    pub(crate) window: Rect,
    pub(crate) stride: isize,
}

impl<T> Clone for RawView<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RawView<T> {}

// SAFETY: an `ImageView` only reads, and the constructor's contract says that nobody writes during its lifetime.
#[allow(unsafe_code, reason = "views cross threads; see the module's documentation")]
unsafe impl Send for ImageView<'_> {}
// SAFETY: as above.
#[allow(unsafe_code, reason = "views cross threads; see the module's documentation")]
unsafe impl Sync for ImageView<'_> {}
// SAFETY: an `ImageViewMut` is the only way to its pixels for its lifetime, like `&mut [Pixel]`, which is `Send`.
#[allow(unsafe_code, reason = "views cross threads; see the module's documentation")]
unsafe impl Send for ImageViewMut<'_> {}
// SAFETY: through a shared reference only the window can be read.
#[allow(unsafe_code, reason = "views cross threads; see the module's documentation")]
unsafe impl Sync for ImageViewMut<'_> {}

impl<T> RawView<T> {
    /// The start of row `y`, counted from the top of the image's coordinates.
    fn row(&self, y: i32) -> *mut T {
        assert!(y >= self.window.y0 && y < self.window.y1, "row {y} is outside the window {}", self.window);
        let index = (y as i64 - self.window.y0 as i64) as isize;
        self.first.wrapping_byte_offset(index * self.stride)
    }
}

impl<'a> ImageView<'a> {
    /// # Safety
    /// For `'a`, every row of `raw.window` is readable, aligned for `f32`, and written by nobody.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) unsafe fn from_raw(raw: RawView<Pixel>) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    /// A view of tight rows, for tests and tools.
    ///
    /// # Panics
    /// If `pixels` does not hold exactly the pixels of `window`.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub fn new(window: Rect, pixels: &'a [Pixel]) -> Self {
        assert_eq!(pixels.len() as u64, window.area(), "pixels fill the window {window}");
        let stride = (window.width() * size_of::<Pixel>()) as isize;
        // SAFETY: the slice holds `area` pixels in tight rows, and its borrow keeps writers away for `'a`.
        unsafe { Self::from_raw(RawView { first: pixels.as_ptr().cast_mut(), window, stride }) }
    }

    /// Where the pixels are. Outside, an image is transparent black.
    pub fn window(&self) -> Rect {
        self.raw.window
    }

    /// One row of the window.
    ///
    /// # Panics
    /// If `y` is outside the window.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub fn row(&self, y: i32) -> &'a [Pixel] {
        let (row, width) = (self.raw.row(y), self.raw.window.width());
        // SAFETY: `row` checked `y`, and the constructor's contract covers every row of the window for `'a`.
        unsafe { std::slice::from_raw_parts(row, width) }
    }

    /// The pixels of row `y` from column `x0` up to `x1`.
    ///
    /// # Panics
    /// If they are not all inside the window.
    pub fn span(&self, y: i32, x0: i32, x1: i32) -> &'a [Pixel] {
        let left = self.raw.window.x0 as i64;
        &self.row(y)[(x0 as i64 - left) as usize..(x1 as i64 - left) as usize]
    }

    /// Whether the pixels of `output` are the pixels of this view at the same places.
    pub(crate) fn is_memory_of(&self, output: &ImageViewMut<'_>) -> bool {
        let (window, source) = (output.raw.window, self.raw.window);
        if !source.contains_rect(&window) || window.is_empty() || self.raw.stride != output.raw.stride {
            return false;
        }
        let columns = (window.x0 as i64 - source.x0 as i64) as usize;
        self.raw.row(window.y0).wrapping_add(columns) == output.raw.first
    }

    /// The pixel at (x, y); transparent black outside the window.
    pub fn pixel(&self, x: i32, y: i32) -> Pixel {
        if self.raw.window.contains(x, y) { self.span(y, x, x + 1)[0] } else { [0.0; 4] }
    }
}

impl<'a> ImageViewMut<'a> {
    /// # Safety
    /// For `'a`, every row of `raw.window` is writable, aligned for `f32`, holds initialised values, and is reached by
    /// nobody else.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) unsafe fn from_raw(raw: RawView<Pixel>) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    /// A view of tight rows, for tests and tools.
    ///
    /// # Panics
    /// If `pixels` does not hold exactly the pixels of `window`.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub fn new(window: Rect, pixels: &'a mut [Pixel]) -> Self {
        assert_eq!(pixels.len() as u64, window.area(), "pixels fill the window {window}");
        let stride = (window.width() * size_of::<Pixel>()) as isize;
        // SAFETY: the slice holds `area` pixels in tight rows, and its exclusive borrow lasts for `'a`.
        unsafe { Self::from_raw(RawView { first: pixels.as_mut_ptr(), window, stride }) }
    }

    /// The window to fill.
    pub fn window(&self) -> Rect {
        self.raw.window
    }

    /// One row of the window.
    ///
    /// # Panics
    /// If `y` is outside the window.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub fn row_mut(&mut self, y: i32) -> &mut [Pixel] {
        let (row, width) = (self.raw.row(y), self.raw.window.width());
        // SAFETY: `row` checked `y`; the constructor's contract makes this view the only way to its pixels, and the
        // returned borrow holds `self` exclusively.
        unsafe { std::slice::from_raw_parts_mut(row, width) }
    }

    /// Gives every row to `fill`, from the top, with its y.
    pub fn for_each_row(&mut self, mut fill: impl FnMut(i32, &mut [Pixel])) {
        for y in self.raw.window.y0..self.raw.window.y1 {
            fill(y, self.row_mut(y));
        }
    }

    /// Cuts the view into bands of `rows` rows, the last one perhaps lower, for several threads to fill.
    pub fn into_bands(self, rows: usize) -> Vec<ImageViewMut<'a>> {
        let window = self.raw.window;
        let rows = i32::try_from(rows.max(1)).unwrap_or(i32::MAX);
        let mut bands = Vec::new();
        let mut y0 = window.y0;
        while y0 < window.y1 {
            let y1 = y0.saturating_add(rows).min(window.y1);
            let raw = RawView { first: self.raw.row(y0), window: Rect { y0, y1, ..window }, ..self.raw };
            bands.push(ImageViewMut { raw, lifetime: PhantomData });
            y0 = y1;
        }
        bands
    }
}

impl<'a> BlockView<'a> {
    /// # Safety
    /// As for [`ImageView::from_raw`], with rows of whole blocks.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) unsafe fn from_raw(raw: RawView<Block>) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    /// One row of the window, filled up to whole blocks.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) fn row(&self, y: i32) -> &'a [Block] {
        let (row, blocks) = (self.raw.row(y), self.raw.window.width().div_ceil(BLOCK));
        // SAFETY: `row` checked `y`, and the constructor's contract covers every row of the window for `'a`.
        unsafe { std::slice::from_raw_parts(row, blocks) }
    }

    /// Whether the blocks of `output` are those of this view.
    pub(crate) fn is_memory_of(&self, output: &BlockViewMut<'_>) -> bool {
        self.raw.first == output.raw.first
    }
}

impl BlockViewMut<'_> {
    /// # Safety
    /// As for [`ImageViewMut::from_raw`], with rows of whole blocks.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) unsafe fn from_raw(raw: RawView<Block>) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    pub(crate) fn window(&self) -> Rect {
        self.raw.window
    }

    /// One row of the window, filled up to whole blocks.
    #[allow(unsafe_code, reason = "the boundary between host memory and author code")]
    pub(crate) fn row_mut(&mut self, y: i32) -> &mut [Block] {
        let (row, blocks) = (self.raw.row(y), self.raw.window.width().div_ceil(BLOCK));
        // SAFETY: `row` checked `y`; the constructor's contract makes this view the only way to its blocks, and the
        // returned borrow holds `self` exclusively.
        unsafe { std::slice::from_raw_parts_mut(row, blocks) }
    }
}

impl std::fmt::Debug for ImageView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageView({})", self.raw.window)
    }
}

impl std::fmt::Debug for ImageViewMut<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageViewMut({})", self.raw.window)
    }
}
