//! Rectangles of pixels.

/// A half-open rectangle of pixels, `[x0, x1) x [y0, y1)`, row 0 on top. It may start anywhere, negative
/// coordinates included.
///
/// A rectangle with `x1 <= x0` or `y1 <= y0` is empty. Widths and heights are computed in 64 bits where they
/// could overflow, so every combination of corners is a valid value.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, abi_stable::StableAbi)]
pub struct Rect {
    /// Left edge, inclusive.
    pub x0: i32,
    /// Top edge, inclusive.
    pub y0: i32,
    /// Right edge, exclusive.
    pub x1: i32,
    /// Bottom edge, exclusive.
    pub y1: i32,
}

impl Rect {
    /// The empty rectangle at the origin.
    pub const EMPTY: Rect = Rect::new(0, 0, 0, 0);

    /// A rectangle from its corners.
    pub const fn new(x0: i32, y0: i32, x1: i32, y1: i32) -> Self {
        Self { x0, y0, x1, y1 }
    }

    /// A rectangle at the origin. Sizes beyond `i32::MAX` saturate.
    pub const fn of_size(width: u32, height: u32) -> Self {
        Self::new(0, 0, saturate(width as i64), saturate(height as i64))
    }

    /// Columns, 0 when empty.
    pub const fn width(&self) -> usize {
        if self.is_empty() { 0 } else { (self.x1 as i64 - self.x0 as i64) as usize }
    }

    /// Rows, 0 when empty.
    pub const fn height(&self) -> usize {
        if self.is_empty() { 0 } else { (self.y1 as i64 - self.y0 as i64) as usize }
    }

    /// Number of pixels.
    pub const fn area(&self) -> u64 {
        self.width() as u64 * self.height() as u64
    }

    /// Whether it holds no pixel.
    pub const fn is_empty(&self) -> bool {
        self.x1 <= self.x0 || self.y1 <= self.y0
    }

    /// Whether the pixel at (x, y) lies inside.
    pub const fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.x0 && x < self.x1 && y >= self.y0 && y < self.y1
    }

    /// Whether every pixel of `other` lies inside; an empty rectangle lies in every other.
    pub const fn contains_rect(&self, other: &Rect) -> bool {
        other.is_empty() || (other.x0 >= self.x0 && other.x1 <= self.x1 && other.y0 >= self.y0 && other.y1 <= self.y1)
    }

    /// The pixels in both.
    #[must_use]
    pub fn intersect(&self, other: &Rect) -> Rect {
        let both =
            Rect::new(self.x0.max(other.x0), self.y0.max(other.y0), self.x1.min(other.x1), self.y1.min(other.y1));
        if both.is_empty() { Rect::EMPTY } else { both }
    }

    /// The smallest rectangle that holds both; an empty one adds nothing.
    #[must_use]
    pub fn union(&self, other: &Rect) -> Rect {
        match (self.is_empty(), other.is_empty()) {
            (true, true) => Rect::EMPTY,
            (true, false) => *other,
            (false, true) => *self,
            (false, false) => {
                Rect::new(self.x0.min(other.x0), self.y0.min(other.y0), self.x1.max(other.x1), self.y1.max(other.y1))
            }
        }
    }

    /// Grown by `dx` columns on the left and right and `dy` rows above and below, saturating at the range of `i32`.
    /// An empty rectangle stays empty.
    #[must_use]
    pub fn grow(&self, dx: u32, dy: u32) -> Rect {
        if self.is_empty() {
            return Rect::EMPTY;
        }
        let (dx, dy) = (dx as i64, dy as i64);
        Rect::new(
            saturate(self.x0 as i64 - dx),
            saturate(self.y0 as i64 - dy),
            saturate(self.x1 as i64 + dx),
            saturate(self.y1 as i64 + dy),
        )
    }

    /// Moved by (dx, dy), saturating at the range of `i32`.
    #[must_use]
    pub fn translate(&self, dx: i32, dy: i32) -> Rect {
        Rect::new(
            self.x0.saturating_add(dx),
            self.y0.saturating_add(dy),
            self.x1.saturating_add(dx),
            self.y1.saturating_add(dy),
        )
    }
}

impl std::fmt::Display for Rect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}, {}) x [{}, {})", self.x0, self.x1, self.y0, self.y1)
    }
}

const fn saturate(value: i64) -> i32 {
    if value > i32::MAX as i64 {
        i32::MAX
    } else if value < i32::MIN as i64 {
        i32::MIN
    } else {
        value as i32
    }
}
