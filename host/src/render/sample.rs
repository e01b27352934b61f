//! Placing a layer's pixels in the comp.
//!
//! A move by whole pixels shares the pixels as they are. Any other map samples bilinearly: the value at a point is the
//! mean of the four pixels whose centres surround it, weighted by nearness; outside the image it is transparent black.

use rayon::prelude::*;

use super::Problem;
use crate::image::{Image, Rect};
use crate::project::Affine;

/// A layer's place in its comp, where it can be seen at all.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Where it reaches, in comp pixels.
    pub domain: Rect,
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
            return Some(Self { domain: domain.translate(dx, dy), map: Map::Shift(dx, dy) });
        }
        // A pixel is felt up to one pixel away from its centre: half a pixel beyond its edge.
        let reach = bounds(&to_comp, domain, 0.5);
        Some(Self { domain: reach, map: Map::Sample(to_comp.inverse()?) })
    }

    /// The layer pixels that show in `window` of the comp.
    pub fn source_window(&self, window: Rect) -> Rect {
        match self.map {
            Map::Shift(dx, dy) => window.translate(-dx, -dy),
            Map::Sample(to_layer) => bounds(&to_layer, window, 0.0).grow(1, 1),
        }
    }

    /// The layer's image as it lies in `window` of the comp.
    ///
    /// # Errors
    /// What `allocate` says.
    pub fn apply(
        &self,
        image: &Image,
        window: Rect,
        allocate: impl FnOnce(Rect) -> Result<Image, Problem>,
    ) -> Result<Image, Problem> {
        let to_layer = match self.map {
            Map::Shift(dx, dy) => {
                let moved = image.translated(dx, dy);
                return moved.ok_or(Problem::OutOfPlane { window: image.window(), dx, dy });
            }
            Map::Sample(to_layer) => to_layer,
        };
        let mut output = allocate(window)?;
        let values = output.values_mut().expect("a new image is not shared");
        values.par_chunks_mut(window.width() * 4).zip(window.y0..window.y1).for_each(|(row, y)| {
            for (pixel, x) in row.as_chunks_mut::<4>().0.iter_mut().zip(window.x0..) {
                let (u, v) = to_layer.apply(f64::from(x) + 0.5, f64::from(y) + 0.5);
                *pixel = bilinear(image, u, v);
            }
        });
        Ok(output)
    }
}

/// The value at (u, v), where pixel centres are at +0.5.
fn bilinear(image: &Image, u: f64, v: f64) -> [f32; 4] {
    let (u, v) = (u - 0.5, v - 0.5);
    let (left, top) = (u.floor(), v.floor());
    let window = image.window();
    let beside = |at: f64, low: i32, high: i32| at + 1.0 < f64::from(low) || at >= f64::from(high);
    if beside(left, window.x0, window.x1) || beside(top, window.y0, window.y1) || !(u + v).is_finite() {
        return [0.0; 4];
    }
    let (fx, fy) = ((u - left) as f32, (v - top) as f32);
    let (x, y) = (left as i32, top as i32);
    let [a, b] = [image.pixel(x, y), image.pixel(x.saturating_add(1), y)];
    let [c, d] = [image.pixel(x, y.saturating_add(1)), image.pixel(x.saturating_add(1), y.saturating_add(1))];
    std::array::from_fn(|i| between(between(a[i], b[i], fx), between(c[i], d[i], fx), fy))
}

/// From `a` at 0 to `b` at 1. What has no weight has no part in it, infinity and NaN included.
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
