//! Which pixels of the comp a layer reaches, and which of its pixels a part of the comp needs.

use super::filter::Filter;
use super::points::{ToLayer, density};
use crate::image::Rect;
use crate::project::{Affine, Homography};

/// A rectangle in the plane: x0, y0, x1, y1.
type Bounds = [f64; 4];

/// The comp pixels that layer pixels in `source` reach.
pub fn affine_domain(source: Rect, to_comp: &Affine, to_layer: &Affine, filter: Filter) -> Rect {
    // A pixel is felt at points as far from its centre as the filter reaches, and its edge is half a pixel out already.
    let margin = |by_x, by_y| filter.reach(density(by_x, by_y)) - 0.5;
    let grown = grow(bounds(source), margin(to_layer.xx, to_layer.xy), margin(to_layer.yx, to_layer.yy));
    pixels(around(corners(grown).map(|(x, y)| to_comp.apply(x, y))))
}

/// The comp pixels that layer pixels in `source` reach, before the eye.
pub fn projective_domain(
    source: Rect,
    to_comp: &Homography,
    to_layer: &Homography,
    filter: Filter,
    view: Rect,
) -> Rect {
    let Some(grown) = felt(source, to_comp, to_layer, filter) else { return view };
    let homogeneous = |(x, y): (f64, f64)| to_comp.m.map(|row| row[0] * x + row[1] * y + row[2]);
    let corners = corners(grown).map(homogeneous);
    let farthest = corners.iter().map(|corner| corner[2]).fold(0.0, f64::max);
    let nearest = corners.iter().map(|corner| corner[2]).fold(f64::INFINITY, f64::min);
    let flat = |[x, y, w]: [f64; 3]| (x / w, y / w);
    if nearest > 0.0 {
        return pixels(around(corners.map(flat)));
    }
    let seen: Vec<_> = before(&corners, farthest * 1e-9).into_iter().map(flat).collect();
    if seen.is_empty() { Rect::EMPTY } else { pixels(around(seen)).intersect(&view) }
}

/// `source` grown by as much as its pixels are felt. `None` if that has no limit.
///
/// How far they are felt depends on how much is shrunk there, which grows with the distance.
fn felt(source: Rect, to_comp: &Homography, to_layer: &Homography, filter: Filter) -> Option<Bounds> {
    let [a, b, c] = to_layer.m;
    let mut grown = bounds(source);
    for _ in 0..16 {
        let depth = to_comp.m[2];
        let deepest = corners(grown).map(|(u, v)| depth[0] * u + depth[1] * v + depth[2]);
        let deepest = deepest.into_iter().fold(0.0, f64::max);
        // At (u, v), u moves by (m[0][k] - u m[2][k]) times the depth there with one pixel of the comp.
        let most = |row: [f64; 3], low: f64, high: f64, k: usize| {
            (row[k] - low * c[k]).abs().max((row[k] - high * c[k]).abs()) * deepest
        };
        let reach = |row: [f64; 3], low: f64, high: f64| {
            filter.reach(density(most(row, low, high, 0), most(row, low, high, 1))) - 0.5
        };
        let [x0, y0, x1, y1] = grown;
        let next = grow(bounds(source), reach(a, x0, x1), reach(b, y0, y1));
        let growth = (next[2] - x1).max(next[3] - y1);
        grown = [next[0].min(x0), next[1].min(y0), next[2].max(x1), next[3].max(y1)];
        if growth < 1e-3 {
            return Some(grow(grown, 1e-2, 1e-2));
        }
    }
    None
}

/// The layer pixels that the comp pixels of `window` need. `None` if that has no limit.
pub fn source_window(window: Rect, to_layer: &ToLayer, filter: Filter) -> Option<Rect> {
    let centres = corners(grow(bounds(window), -0.5, -0.5));
    // A pixel's edge is half a pixel beyond its centre.
    let grown =
        |seen: Bounds, dense_x, dense_y| pixels(grow(seen, filter.reach(dense_x) + 0.5, filter.reach(dense_y) + 0.5));
    match to_layer {
        ToLayer::Affine(map, [dense_x, dense_y]) => {
            Some(grown(around(centres.map(|(x, y)| map.apply(x, y))), *dense_x, *dense_y))
        }
        ToLayer::Projective(map) => {
            let [a, b, c] = map.m;
            let depths = centres.map(|(x, y)| c[0] * x + c[1] * y + c[2]);
            let nearest = depths.into_iter().fold(f64::INFINITY, f64::min);
            if nearest <= 0.0 || nearest.is_nan() {
                return None;
            }
            let seen = around(centres.into_iter().filter_map(|(x, y)| map.apply(x, y)));
            let [u0, v0, u1, v1] = seen;
            let most = |row: [f64; 3], low: f64, high: f64, k: usize| {
                (row[k] - low * c[k]).abs().max((row[k] - high * c[k]).abs()) / nearest
            };
            let dense = |row, low, high| density(most(row, low, high, 0), most(row, low, high, 1));
            Some(grown(seen, dense(a, u0, u1), dense(b, v0, v1)))
        }
    }
}

fn bounds(rect: Rect) -> Bounds {
    [rect.x0, rect.y0, rect.x1, rect.y1].map(f64::from)
}

fn grow([x0, y0, x1, y1]: Bounds, dx: f64, dy: f64) -> Bounds {
    [x0 - dx, y0 - dy, x1 + dx, y1 + dy]
}

fn corners([x0, y0, x1, y1]: Bounds) -> [(f64, f64); 4] {
    [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
}

/// The smallest rectangle around points.
fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Bounds {
    let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    points.into_iter().fold(nothing, |[x0, y0, x1, y1], (x, y)| [x0.min(x), y0.min(y), x1.max(x), y1.max(y)])
}

/// All pixels that have a part in it.
fn pixels([x0, y0, x1, y1]: Bounds) -> Rect {
    // `as` saturates at the range of `i32`.
    Rect::new(x0.floor() as i32, y0.floor() as i32, x1.ceil() as i32, y1.ceil() as i32)
}

/// The part of a polygon that is at least this deep.
fn before(polygon: &[[f64; 3]], depth: f64) -> Vec<[f64; 3]> {
    let mut part = Vec::new();
    for (i, &from) in polygon.iter().enumerate() {
        let to = polygon[(i + 1) % polygon.len()];
        if from[2] >= depth {
            part.push(from);
        }
        if (from[2] >= depth) != (to[2] >= depth) {
            let share = (depth - from[2]) / (to[2] - from[2]);
            part.push(std::array::from_fn(|k| from[k] + share * (to[k] - from[k])));
        }
    }
    part
}
