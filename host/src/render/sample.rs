//! Placing a layer's pixels in the comp.
//!
//! A move by whole pixels takes the pixels as they are. Any other map samples bilinearly: the value at a point is the
//! mean of the four pixels whose centres surround it, weighted by nearness; outside the image it is transparent black.

use super::key::KeyBuilder;
use crate::image::{Image, Pixel, Rect};
use crate::project::Affine;

/// A layer's place in its comp, where it can be seen at all.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Where it reaches, in comp pixels.
    pub domain: Rect,
    to_comp: Affine,
    map: Map,
}

#[derive(Clone, Copy, Debug)]
enum Map {
    /// By whole pixels.
    Shift(i32, i32),
    /// From comp pixels to layer pixels.
    Sample(Affine),
}

impl Placed {
    /// Places a layer with pixels in `domain` by the map from layer to comp pixels. `None` if nothing of it is seen:
    /// it has no pixels, or is seen edge on.
    pub fn new(domain: Rect, to_comp: Affine) -> Option<Self> {
        if domain.is_empty() {
            return None;
        }
        if let Some((dx, dy)) = to_comp.whole_pixel_shift() {
            return Some(Self { domain: domain.translate(dx, dy), to_comp, map: Map::Shift(dx, dy) });
        }
        // A pixel is felt up to one pixel away from its centre: half a pixel beyond its edge.
        let reach = bounds(&to_comp, domain, 0.5);
        Some(Self { domain: reach, to_comp, map: Map::Sample(to_comp.inverse()?) })
    }

    /// The map from layer pixels to comp pixels.
    pub fn to_comp(&self) -> Affine {
        self.to_comp
    }

    /// By how many whole pixels the layer is moved, where that is all.
    pub fn shift(&self) -> Option<(i32, i32)> {
        match self.map {
            Map::Shift(dx, dy) => Some((dx, dy)),
            Map::Sample(_) => None,
        }
    }

    /// A key with all that the placed pixels depend on besides those of the layer.
    pub fn key(&self, key: KeyBuilder) -> KeyBuilder {
        let Affine { xx, xy, yx, yy, x, y } = self.to_comp;
        [xx, xy, yx, yy, x, y].into_iter().fold(key, KeyBuilder::float)
    }

    /// The layer pixels that show in `window` of the comp.
    pub fn source_window(&self, window: Rect) -> Rect {
        match self.map {
            Map::Shift(dx, dy) => window.translate(-dx, -dy),
            Map::Sample(to_layer) => bounds(&to_layer, window, 0.0).grow(1, 1),
        }
    }

    /// Samples the image for every pixel of `at`, one row high.
    #[inline(always)]
    pub fn sample_row(&self, image: &Image, at: Rect, out: &mut [Pixel]) {
        match self.map {
            Map::Shift(dx, dy) => {
                for (pixel, x) in out.iter_mut().zip(at.x0..) {
                    *pixel = image.pixel(x.saturating_sub(dx), at.y0.saturating_sub(dy));
                }
            }
            Map::Sample(to_layer) => {
                for (pixel, x) in out.iter_mut().zip(at.x0..) {
                    let (u, v) = to_layer.apply(f64::from(x) + 0.5, f64::from(at.y0) + 0.5);
                    *pixel = bilinear(image, u, v);
                }
            }
        }
    }
}

/// The value at (u, v), where pixel centres are at +0.5.
#[inline(always)]
fn bilinear(image: &Image, u: f64, v: f64) -> Pixel {
    let (u, v) = (u - 0.5, v - 0.5);
    let (left, top) = (u.floor(), v.floor());
    let (fx, fy) = ((u - left) as f32, (v - top) as f32);
    let w = image.window();
    let column = left - f64::from(w.x0);
    let row = top - f64::from(w.y0);
    let (width, height) = (w.width(), w.height());
    // NaN compares false, and so is outside.
    if column >= 0.0 && row >= 0.0 && column + 1.0 < width as f64 && row + 1.0 < height as f64 {
        let first = row as usize * width + column as usize;
        let pixels = image.pixels();
        let (above, below) = (&pixels[first..first + 2], &pixels[first + width..first + width + 2]);
        return mean(above[0], above[1], below[0], below[1], fx, fy);
    }
    if !(column >= -1.0 && row >= -1.0 && column < width as f64 && row < height as f64) {
        return [0.0; 4];
    }
    let (x, y) = (left as i32, top as i32);
    let (right, under) = (x.saturating_add(1), y.saturating_add(1));
    mean(image.pixel(x, y), image.pixel(right, y), image.pixel(x, under), image.pixel(right, under), fx, fy)
}

#[inline(always)]
fn mean(a: Pixel, b: Pixel, c: Pixel, d: Pixel, fx: f32, fy: f32) -> Pixel {
    std::array::from_fn(|i| between(between(a[i], b[i], fx), between(c[i], d[i], fx), fy))
}

/// From `a` at 0 to `b` at 1. What has no weight has no part in it, infinity and NaN included.
#[inline(always)]
fn between(a: f32, b: f32, share: f32) -> f32 {
    if share == 0.0 { a } else { a * (1.0 - share) + b * share }
}

/// The smallest rectangle that holds the image of `rect`, grown by `margin` on every side first.
fn bounds(map: &Affine, rect: Rect, margin: f64) -> Rect {
    let (x0, x1) = (f64::from(rect.x0) - margin, f64::from(rect.x1) + margin);
    let (y0, y1) = (f64::from(rect.y0) - margin, f64::from(rect.y1) + margin);
    let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| map.apply(x, y));
    let least = |pick: fn((f64, f64)) -> f64| corners.iter().map(|c| pick(*c)).fold(f64::INFINITY, f64::min).floor();
    let most = |pick: fn((f64, f64)) -> f64| corners.iter().map(|c| pick(*c)).fold(f64::NEG_INFINITY, f64::max).ceil();
    // `as` saturates at the range of `i32`.
    Rect::new(least(|c| c.0) as i32, least(|c| c.1) as i32, most(|c| c.0) as i32, most(|c| c.1) as i32)
}
