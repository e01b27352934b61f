//! The definition, one pixel at a time in `f64`.

use super::*;

/// The value at the centre of the comp pixel (x, y). `None` where two pixels are as near and one must be chosen.
pub fn value(image: &Image, filter: Filter, to_layer: &Homography, x: i32, y: i32) -> Option<[f64; 4]> {
    let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
    let Some((u, v)) = to_layer.apply(x, y) else { return Some([0.0; 4]) };
    if filter == Filter::Impulse {
        let edge = |u: f64| (u - u.round()).abs() < 1e-6;
        return (!edge(u) && !edge(v)).then(|| image.pixel(u.floor() as i32, v.floor() as i32).map(f64::from));
    }
    // How far (u, v) moves with one pixel, by differences.
    let moved = |dx: f64, dy: f64| to_layer.apply(x + dx, y + dy).unwrap_or((f64::NAN, f64::NAN));
    let h = 1e-4;
    let along = |(a, b): (f64, f64), (c, d): (f64, f64)| [(c - a) / (2.0 * h), (d - b) / (2.0 * h)];
    let (by_x, by_y) = (along(moved(-h, 0.0), moved(h, 0.0)), along(moved(0.0, -h), moved(0.0, h)));
    let columns = weights(filter, u, by_x[0].hypot(by_y[0]));
    let rows = weights(filter, v, by_x[1].hypot(by_y[1]));
    let mut value = [0.0; 4];
    for (row, down) in &rows {
        for (column, across) in &columns {
            for (sum, pixel) in value.iter_mut().zip(image.pixel(*column, *row)) {
                *sum += down * across * f64::from(pixel);
            }
        }
    }
    Some(value)
}

/// The pixels around `u` along an axis and their weights, whose sum is 1.
fn weights(filter: Filter, u: f64, density: f64) -> Vec<(i32, f64)> {
    let density = density.max(1.0);
    let reach = 3.0 * density + 1.0;
    let pixels = (u - reach).floor() as i32..=(u + reach).ceil() as i32;
    let weights = pixels.map(|k| (k, kernel(filter, (f64::from(k) + 0.5 - u) / density)));
    let weights: Vec<_> = weights.filter(|(_, weight)| *weight != 0.0).collect();
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    weights.into_iter().map(|(k, weight)| (k, weight / sum)).collect()
}

/// The textbook's kernels.
pub fn kernel(filter: Filter, t: f64) -> f64 {
    let t = t.abs();
    // Mitchell and Netravali's family.
    let cubic = |b: f64, c: f64| {
        let near = (12.0 - 9.0 * b - 6.0 * c) * t.powi(3) + (-18.0 + 12.0 * b + 6.0 * c) * t * t + (6.0 - 2.0 * b);
        let far = (-b - 6.0 * c) * t.powi(3)
            + (6.0 * b + 30.0 * c) * t * t
            + (-12.0 * b - 48.0 * c) * t
            + (8.0 * b + 24.0 * c);
        if t < 1.0 {
            near / 6.0
        } else if t < 2.0 {
            far / 6.0
        } else {
            0.0
        }
    };
    let sinc = |t: f64| {
        let x = std::f64::consts::PI * t;
        if t == 0.0 { 1.0 } else { x.sin() / x }
    };
    match filter {
        Filter::Impulse => f64::from(u8::from(t <= 0.5)),
        Filter::Bilinear => (1.0 - t).max(0.0),
        Filter::Cubic => cubic(0.0, 0.5),
        Filter::Mitchell => cubic(1.0 / 3.0, 1.0 / 3.0),
        Filter::Lanczos3 => {
            if t < 3.0 {
                sinc(t) * sinc(t / 3.0)
            } else {
                0.0
            }
        }
    }
}
