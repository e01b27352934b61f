//! What the eye takes in of a picture: colours blurred by its contrast sensitivity, and edges and points.

use std::f64::consts::PI;

use super::colour::{Opponent, lab};
use crate::compare::filter::{Padded, Taps};

/// The filters of an eye at a viewing distance.
///
/// Contrast sensitivity in space is a Gaussian `a sqrt(pi / b) exp(-pi^2 d^2 / b)` of the distance `d` in degrees for
/// light and dark (b 0.0047) and for red and green (b 0.0053), and the sum of two for blue and yellow (a 34.1 and 13.5, b
/// 0.04 and 0.025); all reach 3 standard deviations of the widest. Features are found by the first and second derivative
/// of a Gaussian of 0.041 degrees, which reach 3 of it, and whose positive and negative weights sum up to 1 each.
pub(super) struct Eye {
    light: Taps<f32>,
    red_green: Taps<f32>,
    blue_yellow: [Taps<f32>; 2],
    blur: Taps<f32>,
    slope: Taps<f32>,
    bend: Taps<f32>,
    /// The widest of them.
    pad: usize,
}

impl Eye {
    /// So many pixels lie in a degree.
    pub(super) fn at(ppd: f32) -> Self {
        let ppd = f64::from(ppd);
        const BLUE_YELLOW: [(f64, f64); 2] = [(34.1, 0.04), (13.5, 0.025)];
        let reach = (3.0 * deviation(BLUE_YELLOW[0].1) * ppd).ceil() as i32;
        let sensitivity = |b: f64| {
            // Beyond 6 standard deviations there is nothing that a float could hold beside the rest.
            let own = (6.0 * deviation(b) * ppd).ceil() as i32;
            sample(reach.min(own), |d| (-PI * PI * (d / ppd) * (d / ppd) / b).exp())
        };
        let terms = BLUE_YELLOW.map(|(a, b)| (a * (PI / b).sqrt(), sensitivity(b)));
        let total: f64 = terms.iter().map(|(weight, taps)| weight * taps.iter().sum::<f64>().powi(2)).sum();
        // Each term goes along columns and along rows, so its weight by root.
        let blue_yellow = terms.map(|(weight, taps)| taps_of(&taps, (weight / total).sqrt()));

        let sigma = 0.5 * 0.082 * ppd;
        let reach = (3.0 * sigma).ceil() as i32;
        let gauss = |d: f64| (-d * d / (2.0 * sigma * sigma)).exp();
        let eye = Self {
            light: of_sum_1(&sensitivity(0.0047)),
            red_green: of_sum_1(&sensitivity(0.0053)),
            blue_yellow,
            blur: of_sum_1(&sample(reach, gauss)),
            slope: of_sums_1(&sample(reach, |d| -d * gauss(d))),
            bend: of_sums_1(&sample(reach, |d| (d * d / (sigma * sigma) - 1.0) * gauss(d))),
            pad: 0,
        };
        let pad = [&eye.light, &eye.red_green, &eye.blue_yellow[0], &eye.blue_yellow[1], &eye.blur];
        let pad = pad.iter().map(|taps| taps.radius()).max().unwrap_or(0);
        Self { pad, ..eye }
    }
}

/// Standard deviation in degrees of a Gaussian `exp(-pi^2 d^2 / b)`.
fn deviation(b: f64) -> f64 {
    (b / (2.0 * PI * PI)).sqrt()
}

fn sample(reach: i32, of: impl Fn(f64) -> f64) -> Vec<f64> {
    (-reach..=reach).map(|d| of(f64::from(d))).collect()
}

fn taps_of(weights: &[f64], by: f64) -> Taps<f32> {
    Taps::new(weights.iter().map(|weight| (weight * by) as f32).collect())
}

fn of_sum_1(weights: &[f64]) -> Taps<f32> {
    taps_of(weights, 1.0 / weights.iter().sum::<f64>())
}

/// Positive weights of sum 1, negative ones of sum -1.
fn of_sums_1(weights: &[f64]) -> Taps<f32> {
    let sum = |sign: f64| weights.iter().map(|weight| (weight * sign).max(0.0)).sum::<f64>();
    let (positive, negative) = (sum(1.0), sum(-1.0));
    let normed = weights.iter().map(|weight| weight / if *weight > 0.0 { positive } else { negative });
    Taps::new(normed.map(|weight| weight as f32).collect())
}

/// What is seen of a row.
#[derive(Default)]
pub(super) struct Sight {
    columns: Padded<f32>,
    sums: [Vec<f32>; 2],
    /// L, a and b.
    pub(super) lab: [Vec<f32>; 3],
    /// How strong the edges are.
    pub(super) edges: Vec<f32>,
    /// How strong the points are.
    pub(super) points: Vec<f32>,
}

impl Sight {
    /// Looks at a row of a picture.
    #[inline(always)]
    pub(super) fn look(&mut self, picture: &Opponent, y: usize, eye: &Eye) {
        let [light, red_green, blue_yellow] = &picture.planes;
        let width = light.window().width();
        let Self { columns, sums, lab: [l, a, b], edges, points } = self;
        for (sums, plane, taps) in [
            (&mut *l, light, std::slice::from_ref(&eye.light)),
            (&mut *a, red_green, std::slice::from_ref(&eye.red_green)),
            (&mut *b, blue_yellow, &eye.blue_yellow[..]),
        ] {
            clear(sums, width);
            for taps in taps {
                columns.columns(plane, y, taps, eye.pad);
                columns.rows(0, taps, sums);
            }
        }
        for ((l, a), b) in l.iter_mut().zip(a).zip(b) {
            [*l, *a, *b] = lab([*l, *a, *b]);
        }

        // Edges: the slope along rows of what is blurred along columns, and the other way round; points likewise.
        for (strength, taps) in [(edges, &eye.slope), (points, &eye.bend)] {
            let [across, down] = sums;
            clear(across, width);
            clear(down, width);
            columns.columns(light, y, &eye.blur, eye.pad);
            columns.rows(0, taps, across);
            columns.columns(light, y, taps, eye.pad);
            columns.rows(0, &eye.blur, down);
            clear(strength, width);
            for ((strength, across), down) in strength.iter_mut().zip(&*across).zip(&*down) {
                *strength = (across * across + down * down).sqrt();
            }
        }
    }
}

#[inline(always)]
fn clear(values: &mut Vec<f32>, width: usize) {
    values.clear();
    values.resize(width, 0.0);
}
