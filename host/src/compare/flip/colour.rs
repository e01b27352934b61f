//! The colour spaces of FLIP, and distances in them.

use playa_plugin_api::{math, simd};
use rayon::prelude::*;

use crate::compare::{CompareError, Plane};
use crate::image::Image;

/// Linear sRGB to X, Y and Z, each divided by that of white: the primaries and the white of IEC 61966-2-1, in whole numbers
/// over the sum of each row.
const TO_XYZ: [[f64; 3]; 3] = [
    over_sum([10_135_552.0, 8_788_810.0, 4_435_075.0]),
    over_sum([2_613_072.0, 8_788_810.0, 887_015.0]),
    over_sum([1_425_312.0, 8_788_810.0, 70_074_185.0]),
];

const fn over_sum([r, g, b]: [f64; 3]) -> [f64; 3] {
    let sum = r + g + b;
    [r / sum, g / sum, b / sum]
}

/// The inverse of [`TO_XYZ`].
const TO_RGB: [[f64; 3]; 3] = inverse(TO_XYZ);

/// A picture in opponent colours. They are those of YCxCz without its scale and offset: `y`, `x - y` and `y - z` of XYZ
/// relative to white. Filters are linear, so that nothing but the number of operations is different.
pub(super) struct Opponent {
    pub(super) planes: [Plane; 3],
}

impl Opponent {
    /// Of what `tone` makes of light from 0 up, cut off at 1.
    pub(super) fn of(image: &Image, tone: impl Fn(f32) -> f32 + Sync) -> Result<Self, CompareError> {
        let window = image.window();
        let mut planes = [Plane::new(window)?, Plane::new(window)?, Plane::new(window)?];
        let width = window.width();
        let [y, cx, cz] = &mut planes;
        let rows = y.par_rows_mut().zip(cx.par_rows_mut()).zip(cz.par_rows_mut());
        rows.for_each(|(((index, y), (_, cx)), (_, cz))| {
            let pixels = &image.pixels()[index * width..][..width];
            simd::dispatch(
                #[inline(always)]
                || {
                    for (((pixel, y), cx), cz) in pixels.iter().zip(y).zip(cx).zip(cz) {
                        let [r, g, b, _] = *pixel;
                        let light = [shown(&tone, r), shown(&tone, g), shown(&tone, b)];
                        let xyz = product(TO_XYZ, light);
                        (*y, *cx, *cz) = (xyz[1], xyz[0] - xyz[1], xyz[1] - xyz[2]);
                    }
                },
            );
        });
        Ok(Self { planes })
    }
}

/// Light as the display shows it: NaN and what is below 0 is 0.
#[inline(always)]
fn shown(tone: impl Fn(f32) -> f32, light: f32) -> f32 {
    /// Beyond every exposure, and its square is still a float.
    const BRIGHTEST: f32 = 1e12;
    tone(if light > 0.0 { light.min(BRIGHTEST) } else { 0.0 }).clamp(0.0, 1.0)
}

/// Lab of an opponent colour that the eye has blurred, cut to what the display can show; a and b follow the Hunt effect:
/// they are less in the dark.
#[inline(always)]
pub(super) fn lab([y, cx, cz]: [f32; 3]) -> [f32; 3] {
    let rgb = product(TO_RGB, [y + cx, y, y - cz]).map(
        #[inline(always)]
        |light| light.clamp(0.0, 1.0),
    );
    lab_of_rgb(rgb)
}

#[inline(always)]
fn lab_of_rgb(rgb: [f32; 3]) -> [f32; 3] {
    let [x, y, z] = product(TO_XYZ, rgb).map(lightness);
    let l = 116.0 * y - 16.0;
    let hunt = 0.01 * l;
    [l, 500.0 * (x - y) * hunt, 200.0 * (y - z) * hunt]
}

/// The cube root, with CIE's straight piece near 0.
#[inline(always)]
fn lightness(t: f32) -> f32 {
    const DELTA: f32 = 6.0 / 29.0;
    let root = math::pow(t, 1.0 / 3.0);
    if t > DELTA * DELTA * DELTA { root } else { t / (3.0 * DELTA * DELTA) + 4.0 / 29.0 }
}

/// `HyAB^0.7`: lightness counts by itself, the other two by their distance (Abasi et al. 2020).
#[inline(always)]
fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let [l, a, b] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    math::pow(l.abs() + (a * a + b * b).sqrt(), 0.7)
}

/// The distance of green and blue, the largest that counts.
pub(super) fn largest_difference() -> f32 {
    distance(lab_of_rgb([0.0, 1.0, 0.0]), lab_of_rgb([0.0, 0.0, 1.0]))
}

/// The difference of two colours, 0..1: distances up to 0.4 of the largest take 0..0.95.
#[inline(always)]
pub(super) fn difference(a: [f32; 3], b: [f32; 3], largest: f32) -> f32 {
    const SHARE: f32 = 0.95;
    let distance = distance(a, b);
    let bend = 0.4 * largest;
    let low = distance * (SHARE / bend);
    let high = SHARE + (distance - bend) / (largest - bend) * (1.0 - SHARE);
    (if distance < bend { low } else { high }).min(1.0)
}

#[inline(always)]
fn product(matrix: [[f64; 3]; 3], [a, b, c]: [f32; 3]) -> [f32; 3] {
    matrix.map(
        #[inline(always)]
        |row| row[0] as f32 * a + row[1] as f32 * b + row[2] as f32 * c,
    )
}

const fn inverse(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut adjugate = [[0.0; 3]; 3];
    let mut row = 0;
    while row < 3 {
        let (r1, r2) = ((row + 1) % 3, (row + 2) % 3);
        let mut column = 0;
        while column < 3 {
            let (c1, c2) = ((column + 1) % 3, (column + 2) % 3);
            adjugate[column][row] = m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
            column += 1;
        }
        row += 1;
    }
    let determinant = m[0][0] * adjugate[0][0] + m[0][1] * adjugate[1][0] + m[0][2] * adjugate[2][0];
    let mut index = 0;
    while index < 9 {
        adjugate[index / 3][index % 3] /= determinant;
        index += 1;
    }
    adjugate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_one_and_the_way_back_ends_where_it_began() {
        assert_eq!(product(TO_XYZ, [1.0; 3]), [1.0; 3]);
        for rgb in [[0.1, 0.7, 0.3], [1.0, 0.0, 0.0], [0.0, 0.2, 1.0]] {
            let back = product(TO_RGB, product(TO_XYZ, rgb));
            assert!(rgb.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-6), "{rgb:?} {back:?}");
        }
    }

    /// CIE Lab of the sRGB primaries as published, before the Hunt effect, to the digits that are printed.
    #[test]
    fn lab_has_its_known_values() {
        let known = [
            ([1.0, 1.0, 1.0], [100.0, 0.0, 0.0]),
            ([1.0, 0.0, 0.0], [53.24, 80.09, 67.20]),
            ([0.0, 1.0, 0.0], [87.73, -86.18, 83.18]),
            ([0.0, 0.0, 1.0], [32.30, 79.19, -107.86]),
            ([0.001, 0.001, 0.001], [0.903, 0.0, 0.0]),
        ];
        for (rgb, [l, a, b]) in known {
            let [l_found, a_found, b_found] = lab_of_rgb(rgb);
            let apart = [l_found - l, a_found - a * 0.01 * l, b_found - b * 0.01 * l];
            assert!(apart.iter().all(|apart| apart.abs() < 0.05), "{rgb:?}: {apart:?}");
        }
    }

    #[test]
    fn the_largest_difference_is_that_of_green_and_blue() {
        let largest = largest_difference();
        assert_eq!(difference(lab_of_rgb([0.0, 1.0, 0.0]), lab_of_rgb([0.0, 0.0, 1.0]), largest), 1.0);
        assert_eq!(difference([50.0, 1.0, 2.0], [50.0, 1.0, 2.0], largest), 0.0);
    }
}
