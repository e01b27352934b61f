//! The effect against its formula in `f64`, the region it plans, and its exact cases.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

const CANVAS: Rect = Rect::of_size(64, 40);

fn effect([k1, k2, scale]: [f32; 3], centre: [f32; 2], filter: Filter) -> LensDistortion {
    LensDistortion { k1, k2, centre, scale, filter }
}

fn apply(effect: &LensDistortion, pixels: &[Pixel], window: Rect) -> Vec<Pixel> {
    testing::apply(effect, &[ImageView::new(CANVAS, pixels)], window).expect("the effect works")
}

/// The domain of the output.
fn domain(effect: &LensDistortion) -> Rect {
    let query = Query { window: CANVAS, canvas: CANVAS, frame: 0.0, scale: 1.0, domains: &[Some(CANVAS)] };
    effect.plan(&query).expect("a plan").domain
}

/// Values from 0.5 to 1.5, so that a pixel that is missing is seen.
fn noise() -> Vec<Pixel> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.5 + (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..CANVAS.area()).map(|_| [(); 4].map(|()| next())).collect()
}

/// Coefficients that pull, push, turn back, and do both; zoomed and moved.
const LENSES: [([f32; 3], [f32; 2]); 10] = [
    ([0.3, 0.0, 1.0], [0.0, 0.0]),
    ([-0.3, 0.0, 1.0], [0.0, 0.0]),
    ([-0.6, 0.2, 1.2], [3.5, -2.25]),
    ([0.5, -0.4, 0.7], [-20.0, 11.0]),
    ([2.0, 2.0, 1.0], [0.0, 0.0]),
    ([-2.0, -2.0, 1.0], [0.5, 0.0]),
    ([-2.0, 2.0, 3.0], [10.0, 10.0]),
    ([0.0, 0.0, 0.37], [0.0, 0.0]),
    ([0.2, 0.1, 10.0], [0.0, 0.0]),
    ([-0.1, 0.0, 1.0], [200.0, 90.0]),
];

/// A value of the formula: the sum over all pixels of the picture, each with the weight of its distance.
fn reference(effect: &LensDistortion, pixels: &[Pixel], x: i32, y: i32) -> [f64; 4] {
    let [right, up] = effect.centre.map(f64::from);
    let centre = [32.0 + right, 20.0 - up];
    let d = [f64::from(x) + 0.5 - centre[0], f64::from(y) + 0.5 - centre[1]].map(|d| d / f64::from(effect.scale));
    let half = 32.0_f64.hypot(20.0);
    let r = d[0].hypot(d[1]) / half;
    let [k1, k2] = [effect.k1, effect.k2].map(f64::from);
    // Beyond the turn: the slope of r * (1 + k1 r² + k2 r⁴) was negative on the way.
    let slope = |r: f64| 1.0 + 3.0 * k1 * r.powi(2) + 5.0 * k2 * r.powi(4);
    if (0..=4000).any(|step| slope(r * f64::from(step) / 4000.0) < 0.0) {
        return [0.0; 4];
    }
    let place = [0, 1].map(|axis| centre[axis] + d[axis] * (1.0 + k1 * r.powi(2) + k2 * r.powi(4)));
    let weight = |distance: f64| match (effect.filter, distance.abs()) {
        (Filter::Bilinear, t) => (1.0 - t).max(0.0),
        (Filter::Cubic, t) if t < 1.0 => 1.5 * t.powi(3) - 2.5 * t.powi(2) + 1.0,
        (Filter::Cubic, t) if t < 2.0 => -0.5 * t.powi(3) + 2.5 * t.powi(2) - 4.0 * t + 2.0,
        _ => 0.0,
    };
    let mut sum = [0.0; 4];
    for (index, pixel) in pixels.iter().enumerate() {
        let (column, row) = ((index % 64) as f64 + 0.5, (index / 64) as f64 + 0.5);
        let weight = weight(place[0] - column) * weight(place[1] - row);
        for channel in 0..4 {
            sum[channel] += weight * f64::from(pixel[channel]);
        }
    }
    sum
}

#[test]
fn pixels_are_those_of_the_formula_inside_the_domain_and_around_it() {
    let pixels = noise();
    for (index, (lens, centre)) in LENSES.into_iter().enumerate() {
        let filter = [Filter::Cubic, Filter::Bilinear][index % 2];
        let effect = effect(lens, centre, filter);
        let window = domain(&effect).union(&CANVAS).grow(3, 3).intersect(&Rect::new(-40, -40, 104, 80));
        let found = apply(&effect, &pixels, window);
        let places = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
        for ((x, y), found) in places.zip(found) {
            for (found, expected) in found.iter().zip(reference(&effect, &pixels, x, y)) {
                // Weights are rounded to 24 bits, and 16 products summed.
                let difference = (f64::from(*found) - expected).abs();
                assert!(difference <= 2e-6, "{lens:?} {filter:?} at {x}, {y}: {found}, expected {expected}");
            }
        }
    }
}

#[test]
fn a_window_has_the_pixels_of_the_whole_from_what_it_planned() {
    let pixels = noise();
    for (index, (lens, centre)) in LENSES.into_iter().enumerate() {
        let effect = effect(lens, centre, [Filter::Bilinear, Filter::Cubic][index % 2]);
        let whole = domain(&effect).intersect(&Rect::new(-200, -200, 300, 300));
        let expected = apply(&effect, &pixels, whole);
        for x0 in (whole.x0..whole.x1).step_by(29) {
            for y0 in (whole.y0..whole.y1).step_by(13) {
                let window = Rect::new(x0, y0, x0 + 29, y0 + 13).intersect(&whole);
                let found = apply(&effect, &pixels, window);
                for (y, row) in (window.y0..).zip(found.chunks(window.width())) {
                    let first = (y - whole.y0) as usize * whole.width() + (window.x0 - whole.x0) as usize;
                    assert_eq!(row, &expected[first..][..window.width()], "{lens:?}, row {y} of {window}");
                }
            }
        }
    }
}

/// The plan asks for a part of the picture, not for all of it: at most a few pixels beyond what is shown.
#[test]
fn a_small_window_needs_a_small_part() {
    let effect = effect([0.2, 0.05, 1.0], [0.0, 0.0], Filter::Bilinear);
    for window in [Rect::new(0, 0, 8, 8), Rect::new(28, 16, 36, 24), Rect::new(50, 30, 58, 38)] {
        let query =
            Query { window, canvas: CANVAS, frame: 0.0, scale: 1.0, domains: &[Some(Rect::new(-99, -99, 199, 199))] };
        let need = effect.plan(&query).expect("a plan").needs[0].rect;
        let lens = Lens::new(&effect, CANVAS);
        let mut shown = Rect::EMPTY;
        for y in window.y0..window.y1 {
            for x in window.x0..window.x1 {
                let [x, y] = lens.source_of(f64::from(x) + 0.5, f64::from(y) + 0.5).expect("shown");
                let (x, y) = ((x - 0.5).floor() as i32, (y - 0.5).floor() as i32);
                shown = shown.union(&Rect::new(x, y, x + 2, y + 2));
            }
        }
        assert!(need.contains_rect(&shown), "{window}: {need} without {shown}");
        assert!(shown.grow(3, 3).contains_rect(&need), "{window}: {need} for {shown}");
    }
}

#[test]
fn the_domain_is_where_there_are_pixels() {
    let pixels = noise();
    for lens in [[0.3, 0.0, 1.0], [-0.2, 0.0, 1.0], [0.1, 0.1, 2.0], [0.0, 0.0, 0.5]] {
        let effect = effect(lens, [0.0, 0.0], Filter::Bilinear);
        let domain = domain(&effect);
        let window = domain.grow(9, 9);
        let found = apply(&effect, &pixels, window);
        let places =
            (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| Rect::new(x, y, x + 1, y + 1)));
        let seen =
            places.zip(found).filter(|(_, pixel)| pixel[3] > 0.0).fold(Rect::EMPTY, |all, (at, _)| all.union(&at));
        assert!(seen.grow(4, 4).contains_rect(&domain), "{lens:?}: {domain}, seen is {seen}");
    }
}

#[test]
fn neutral_coefficients_and_whole_steps_are_exact() {
    let pixels = noise();
    let neutral = effect([0.0, 0.0, 1.0], [5.0, 5.0], Filter::Cubic);
    assert_eq!(apply(&neutral, &pixels, CANVAS), pixels);
    // Twice as large around a corner of a pixel: bilinear weights are quarters.
    let twice = effect([0.0, 0.0, 2.0], [0.0, 0.0], Filter::Bilinear);
    let found = apply(&twice, &pixels, Rect::new(32, 20, 33, 21))[0];
    let at = |x: usize, y: usize| pixels[y * 64 + x];
    let expected: Pixel = std::array::from_fn(|channel| {
        let row = |y| 0.25 * at(31, y)[channel] + 0.75 * at(32, y)[channel];
        0.25 * row(19) + 0.75 * row(20)
    });
    assert_eq!(found, expected);
}

#[test]
fn lengths_of_the_output_are_those_of_the_input_backwards() {
    for (lens, centre) in LENSES {
        let lens = Lens::new(&effect(lens, centre, Filter::Cubic), CANVAS);
        for output in [0.0, 0.1, 0.4, 0.9, 1.7].into_iter().filter(|length| *length < lens.turn) {
            let input = output * lens.factor(output * output);
            let found = lens.output_length(input);
            assert!((found - output).abs() <= 1e-7, "{lens:?}: {output} came back as {found}");
        }
    }
}

#[test]
fn numbers_outside_their_range_are_errors() {
    let pixels = noise();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 11.0] {
        for (name, lens) in [("k1", [bad, 0.0, 1.0]), ("k2", [0.0, bad, 1.0]), ("scale", [0.1, 0.0, bad])] {
            let effect = effect(lens, [0.0, 0.0], Filter::Cubic);
            let error = testing::apply(&effect, &[ImageView::new(CANVAS, &pixels)], CANVAS).expect_err("refused");
            assert_eq!(error.param.as_str(), name);
        }
    }
}
