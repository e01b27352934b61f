//! A second way to say what a camera sees: 4x4 matrices as OpenGL has them, and its viewport.

use super::{Lens, Placement, Projection, Rect};

type Matrix = [[f64; 4]; 4];

fn times(a: Matrix, b: Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..4).map(|k| a[i][k] * b[k][j]).sum()))
}

fn diagonal([x, y, z]: [f64; 3]) -> Matrix {
    [[x, 0.0, 0.0, 0.0], [0.0, y, 0.0, 0.0], [0.0, 0.0, z, 0.0], [0.0, 0.0, 0.0, 1.0]]
}

fn moved([x, y, z]: [f64; 3]) -> Matrix {
    [[1.0, 0.0, 0.0, x], [0.0, 1.0, 0.0, y], [0.0, 0.0, 1.0, z], [0.0, 0.0, 0.0, 1.0]]
}

/// Counter-clockwise about one axis, as in textbooks.
fn turned(axis: usize, degrees: f64) -> Matrix {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut matrix = diagonal([1.0; 3]);
    (matrix[i][i], matrix[i][j], matrix[j][i], matrix[j][j]) = (cos, -sin, sin, cos);
    matrix
}

/// Clockwise, X first.
fn rotation([x, y, z]: [f64; 3]) -> Matrix {
    times(turned(2, -z), times(turned(1, -y), turned(0, -x)))
}

fn model(placement: &Placement, window: Rect) -> Matrix {
    let centre = [f64::from(window.x0 + window.x1) / 2.0, f64::from(window.y0 + window.y1) / 2.0];
    let from_pixels = times(diagonal([1.0, -1.0, 1.0]), moved([-centre[0], -centre[1], 0.0]));
    let turned = times(rotation(placement.rotation), diagonal(placement.scale));
    times(moved(placement.position), times(turned, times(moved(placement.pivot.map(|v| -v)), from_pixels)))
}

fn look(camera: &Placement, lens: Lens) -> Matrix {
    let eye = camera.position;
    let turn = match lens.point_of_interest {
        None => {
            let turn = rotation(camera.rotation);
            // The inverse of a rotation is its transpose.
            std::array::from_fn(|i| std::array::from_fn(|j| turn[j][i]))
        }
        Some(point) => {
            // gluLookAt, with +Y up.
            let unit = |v: [f64; 3]| v.map(|x| x / (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt());
            let cross = |a: [f64; 3], b: [f64; 3]| {
                [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
            };
            let f = unit([point[0] - eye[0], point[1] - eye[1], point[2] - eye[2]]);
            let s = unit(cross(f, [0.0, 1.0, 0.0]));
            let u = cross(s, f);
            let row = |v: [f64; 3]| [v[0], v[1], v[2], 0.0];
            [row(s), row(u), row(f.map(|x| -x)), [0.0, 0.0, 0.0, 1.0]]
        }
    };
    times(turn, moved(eye.map(|v| -v)))
}

fn projection(lens: Lens, width: f64, height: f64) -> Matrix {
    let (n, f) = (lens.near_clip, lens.far_clip);
    match lens.projection {
        Projection::Perspective { fov } => {
            // gluPerspective.
            let cot = 1.0 / (fov.to_radians() / 2.0).tan();
            [
                [cot * height / width, 0.0, 0.0, 0.0],
                [0.0, cot, 0.0, 0.0],
                [0.0, 0.0, (f + n) / (n - f), 2.0 * f * n / (n - f)],
                [0.0, 0.0, -1.0, 0.0],
            ]
        }
        // glOrtho.
        Projection::Orthographic { scale } => [
            [2.0 * scale / width, 0.0, 0.0, 0.0],
            [0.0, 2.0 * scale / height, 0.0, 0.0],
            [0.0, 0.0, -2.0 / (f - n), -(f + n) / (f - n)],
            [0.0, 0.0, 0.0, 1.0],
        ],
    }
}

/// Where a layer pixel is in the comp, and W.
pub fn project(
    (width, height): (u32, u32),
    lens: Lens,
    camera: &Placement,
    layer: &Placement,
    window: Rect,
    (x, y): (f64, f64),
) -> (f64, f64, f64) {
    let (width, height) = (f64::from(width), f64::from(height));
    let all = times(projection(lens, width, height), times(look(camera, lens), model(layer, window)));
    let [x, y, _, w] = all.map(|row| row[0] * x + row[1] * y + row[3]);
    ((x / w + 1.0) / 2.0 * width, (1.0 - y / w) / 2.0 * height, w)
}
