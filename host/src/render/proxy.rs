//! Smaller pictures for a quick look: a comp at half its size, at a quarter, at an eighth.
//!
//! A point `(x, y)` of the comp is at `(x / n, y / n)` of the smaller picture, also where a size is no multiple of `n`. So a
//! window is as large as it takes to hold all of it, and a pixel at its edge may be covered in part.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use crate::image::{Frame, Image, ImageError, Rect, View};
use crate::project::Homography;

/// How many pixels of the comp, along each axis, one pixel of the picture stands for: 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proxy(u8);

impl Proxy {
    /// The whole picture.
    pub const FULL: Proxy = Proxy(1);
    /// All there are.
    pub const ALL: [Proxy; 4] = [Proxy(1), Proxy(2), Proxy(4), Proxy(8)];

    /// The one of a number; an error names those there are.
    ///
    /// # Errors
    /// If it is none of 1, 2, 4 and 8.
    pub fn of(number: i64) -> Result<Self, String> {
        let known = Proxy::ALL.into_iter().find(|proxy| i64::from(proxy.0) == number);
        known.ok_or_else(|| format!("a proxy of {number}: expected 1, 2, 4 or 8, for the whole picture to an eighth"))
    }

    /// How many pixels of the comp one pixel stands for, along each axis.
    pub fn pixels(self) -> i32 {
        self.0.into()
    }

    /// The size of the picture divided by that of the comp, 1 to 0.125.
    pub fn scale(self) -> f64 {
        1.0 / f64::from(self.0)
    }

    /// How many times the picture was halved.
    pub fn level(self) -> u32 {
        self.0.trailing_zeros()
    }

    /// Whether it is the whole picture.
    pub fn is_full(self) -> bool {
        self == Proxy::FULL
    }

    /// The one that makes of pictures at this proxy such of a coarser one.
    pub(crate) fn to(self, coarser: Proxy) -> Proxy {
        Proxy((coarser.0 / self.0).max(1))
    }

    /// The window that holds all of `window`.
    pub fn window(self, window: Rect) -> Rect {
        let n = self.pixels();
        let up = |x: i32| -(-x).div_euclid(n);
        if window.is_empty() {
            return Rect::EMPTY;
        }
        Rect::new(window.x0.div_euclid(n), window.y0.div_euclid(n), up(window.x1), up(window.y1))
    }

    /// The pixels of the comp for which those of `window` stand.
    pub(crate) fn full(self, window: Rect) -> Rect {
        let corner = |x: i32| x.saturating_mul(self.pixels());
        Rect::new(corner(window.x0), corner(window.y0), corner(window.x1), corner(window.y1))
    }

    /// A map between pictures of the size in the project as one between those of this size.
    pub(super) fn map(self, Homography { m: [[a, b, x], [c, d, y], [g, h, w]] }: Homography) -> Homography {
        let n = f64::from(self.pixels());
        Homography { m: [[a, b, x / n], [c, d, y / n], [g * n, h * n, w]] }
    }

    /// The picture as small: each pixel is the mean of all for which it stands; where the picture has none they are
    /// transparent. The other channels of a file stay behind, because their mean may mean nothing.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn reduced(self, frame: &Frame) -> Result<Frame, ImageError> {
        if self.is_full() {
            return Ok(frame.clone());
        }
        let mut image = Image::unpainted(self.window(frame.image.window()))?;
        self.reduce(View::from(&frame.image), &mut image);
        let (display_window, metadata) = (self.window(frame.display_window), frame.metadata.clone());
        Ok(Frame { image, display_window, metadata, channels: Vec::new(), ..*frame })
    }

    /// Fills a new picture with the pixel of another one that is in the middle of those for which each stands.
    pub(super) fn pick(self, from: View<'_>, into: &mut Image) {
        let (n, window, source) = (self.pixels(), into.window(), from.window());
        let middle = |at: i32| at * n + n / 2;
        let values = into.values_mut().expect("a new image is not shared");
        values.par_chunks_mut((4 * window.width()).max(1)).enumerate().for_each(|(row, values)| {
            let y = middle(window.y0 + row as i32);
            for (pixel, x) in values.as_chunks_mut::<4>().0.iter_mut().zip((window.x0..).map(middle)) {
                let within = source.contains(x, y);
                *pixel = if within { from.row(y)[(x - source.x0) as usize] } else { [0.0; 4] };
            }
        });
    }

    /// Fills a new picture with the means of the pixels of another one.
    pub(super) fn reduce(self, from: View<'_>, into: &mut Image) {
        let (n, window, source) = (self.pixels(), into.window(), from.window());
        let weight = 1.0 / (n * n) as f32;
        let values = into.values_mut().expect("a new image is not shared");
        values.par_chunks_mut((4 * window.width()).max(1)).enumerate().for_each(|(row, values)| {
            let (means, _) = values.as_chunks_mut::<4>();
            means.fill([0.0; 4]);
            let top = (window.y0 + row as i32) * n;
            for y in top.max(source.y0)..(top + n).min(source.y1) {
                let pixels = from.row(y);
                for (mean, x) in means.iter_mut().zip((window.x0..).map(|x| x * n)) {
                    let (first, end) = (x.max(source.x0), (x + n).min(source.x1));
                    if first < end {
                        let within = (first - source.x0) as usize..(end - source.x0) as usize;
                        for pixel in &pixels[within] {
                            *mean = std::array::from_fn(|i| mean[i] + pixel[i]);
                        }
                    }
                }
            }
            means.iter_mut().for_each(|mean| *mean = mean.map(|sum| sum * weight));
        });
    }
}

impl Default for Proxy {
    fn default() -> Self {
        Proxy::FULL
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().parse().map_err(|_| format!("a proxy of {text:?}: expected 1, 2, 4 or 8"))?;
        Proxy::of(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_power_of_two_up_to_8_are_refused() {
        for (text, expected) in
            [("1", Some(Proxy::FULL)), ("4", Some(Proxy(4))), ("3", None), ("16", None), ("-2", None)]
        {
            assert_eq!(text.parse::<Proxy>().ok(), expected, "{text}");
        }
        assert!("half".parse::<Proxy>().expect_err("no number").contains("1, 2, 4 or 8"));
        assert_eq!(Proxy::ALL.map(Proxy::level), [0, 1, 2, 3]);
        assert_eq!((Proxy(2).to(Proxy(8)), Proxy(8).to(Proxy(2))), (Proxy(4), Proxy(1)));
    }

    #[test]
    fn a_window_holds_all_of_the_one_it_stands_for() {
        for proxy in Proxy::ALL {
            for window in [Rect::new(0, 0, 1920, 1080), Rect::new(-5, -8, 3, 9), Rect::new(7, 1, 8, 2)] {
                let small = proxy.window(window);
                assert!(proxy.full(small).contains_rect(&window));
                let inner = Rect::new(small.x0 + 1, small.y0 + 1, small.x1 - 1, small.y1 - 1);
                assert!(window.contains_rect(&proxy.full(inner)) || inner.is_empty(), "{proxy} of {window}: {small}");
            }
        }
        assert_eq!(Proxy(8).window(Rect::EMPTY), Rect::EMPTY);
    }

    #[test]
    fn a_pixel_is_the_mean_of_all_for_which_it_stands_and_what_is_missing_counts_as_clear() {
        let window = Rect::new(-3, 1, 6, 8);
        let value = |x: i32, y: i32| [x as f32, y as f32, (x * y) as f32, 1.0];
        let pixels: Vec<f32> =
            (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).flat_map(move |x| value(x, y))).collect();
        let frame = Frame::new(Image::from_vec(window, pixels).expect("it fits"));
        for proxy in [Proxy(2), Proxy(4), Proxy(8)] {
            let n = proxy.pixels();
            let small = proxy.reduced(&frame).expect("there is memory");
            assert_eq!((small.image.window(), small.display_window), (proxy.window(window), proxy.window(window)));
            let within = small.image.window();
            for (x, y) in (within.y0..within.y1).flat_map(|y| (within.x0..within.x1).map(move |x| (x, y))) {
                let mut sum = [0.0; 4];
                for (i, j) in (y * n..(y + 1) * n).flat_map(|j| (x * n..(x + 1) * n).map(move |i| (i, j))) {
                    if window.contains(i, j) {
                        sum = std::array::from_fn(|c| sum[c] + value(i, j)[c]);
                    }
                }
                // Small whole numbers: sums and their divisions by 4, 16 and 64 are exact.
                assert_eq!(small.image.pixel(x, y), sum.map(|sum| sum / (n * n) as f32), "{proxy} at {x}, {y}");
            }
        }
    }
}
