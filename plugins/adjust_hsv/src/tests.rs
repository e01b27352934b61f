//! The effect against the textbook's HSV in `f64`, exact cases, and OpenCV.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

mod opencv;

fn adjusted([hue_shift, saturation, value]: [f32; 3], pixel: Pixel) -> Pixel {
    let window = Rect::of_size(1, 1);
    let effect = AdjustHSV { hue_shift, saturation, value };
    testing::apply(&effect, &[ImageView::new(window, &[pixel])], window).expect("the effect works")[0]
}

/// There and back by way of H, S and V as everyone writes them, in `f64`. `V` must not be 0.
fn reference([hue_shift, saturation, value]: [f32; 3], [r, g, b]: [f64; 3]) -> [f64; 3] {
    let (v, c) = (r.max(g).max(b), r.max(g).max(b) - r.min(g).min(b));
    let h = match () {
        () if c == 0.0 => 0.0,
        () if v == r => 60.0 * (g - b) / c,
        () if v == g => 60.0 * (b - r) / c + 120.0,
        () => 60.0 * (r - g) / c + 240.0,
    };
    let (h, s, v) = (h + f64::from(hue_shift), c / v * f64::from(saturation), v * f64::from(value));
    [5.0, 3.0, 1.0].map(|n: f64| {
        let k = (n + h / 60.0).rem_euclid(6.0);
        v - v * s * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

fn assert_close(found: [f32; 3], expected: [f64; 3], tolerance: f64, case: &str) {
    for (found, expected) in found.iter().zip(expected) {
        let difference = (f64::from(*found) - expected).abs();
        assert!(difference <= tolerance, "{case}: {found}, expected {expected}");
    }
}

/// Every colour of these components, negative and above 1 included.
fn colours() -> impl Iterator<Item = [f32; 3]> {
    const STEPS: [f32; 7] = [-0.5, 0.0, 0.1, 0.25, 0.7, 1.0, 6.5];
    STEPS.into_iter().flat_map(|r| STEPS.into_iter().flat_map(move |g| STEPS.into_iter().map(move |b| [r, g, b])))
}

const SETTINGS: [[f32; 3]; 8] = [
    [0.0, 0.0, 1.0],
    [0.0, 2.0, 0.5],
    [45.0, 1.0, 1.0],
    [-100.0, 0.7, 1.3],
    [179.9, 1.0, 1.0],
    [-180.0, 2.0, 2.0],
    [359.99, 1.0, 1.0],
    [3600.5, 0.3, 0.0],
];

#[test]
fn colours_follow_the_textbook() {
    for setting in SETTINGS {
        for [r, g, b] in colours().filter(|[r, g, b]| r.max(*g).max(*b) != 0.0) {
            let [r2, g2, b2, _] = adjusted(setting, [r, g, b, 1.0]);
            let peak = f64::from(r.abs().max(g.abs()).max(b.abs()).max(1.0));
            // The factors are at most 2 * 2, and a place on the circle of 6 is known to 5e-7.
            let case = format!("{r} {g} {b} at {setting:?}");
            assert_close([r2, g2, b2], reference(setting, [r, g, b].map(f64::from)), 4e-6 * peak, &case);
        }
    }
}

#[test]
fn colours_agree_with_opencv() {
    for (setting, expected) in opencv::ADJUSTED {
        for ([r, g, b], expected) in opencv::COLOURS.into_iter().zip(expected) {
            let [r2, g2, b2, _] = adjusted(setting, [r, g, b, 1.0]);
            let case = format!("{r} {g} {b} at {setting:?}");
            assert_close([r2, g2, b2], expected.map(f64::from), 2e-6, &case);
        }
    }
}

#[test]
fn a_third_of_the_circle_takes_red_to_green_to_blue() {
    assert_eq!(adjusted([120.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0]), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(adjusted([120.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(adjusted([-120.0, 1.0, 1.0], [3.0, 0.0, 0.0, 1.0]), [0.0, 0.0, 3.0, 1.0]);
    assert_eq!(adjusted([60.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0]), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(adjusted([180.0, 1.0, 1.0], [1.0, 0.25, 0.25, 1.0]), [0.25, 1.0, 1.0, 1.0]);
    assert_eq!(adjusted([360.0, 1.0, 1.0], [0.3, 0.2, 0.9, 1.0]), [0.3, 0.2, 0.9, 1.0]);
}

#[test]
fn saturation_and_value_are_exact_where_numbers_are() {
    assert_eq!(adjusted([0.0, 0.0, 1.0], [0.25, 3.0, -1.0, 1.0]), [3.0, 3.0, 3.0, 1.0]);
    assert_eq!(adjusted([0.0, 2.0, 1.0], [0.5, 1.0, 0.25, 1.0]), [0.0, 1.0, -0.5, 1.0]);
    assert_eq!(adjusted([0.0, 1.0, 2.0], [0.1, 1e-8, 0.7, 0.5]), [0.2, 2e-8, 1.4, 0.5]);
    assert_eq!(adjusted([0.0, 1.0, 0.0], [0.1, 5.0, -0.7, 0.5]), [0.0, 0.0, 0.0, 0.5]);
}

#[test]
fn a_turn_of_the_hue_keeps_the_largest_and_the_smallest_component() {
    for [r, g, b] in colours() {
        for hue in [1.0, 77.7, 180.0, -13.0] {
            let [r2, g2, b2, _] = adjusted([hue, 1.0, 1.0], [r, g, b, 1.0]);
            assert_eq!(r2.max(g2).max(b2), r.max(g).max(b), "{r} {g} {b} by {hue}");
            let least = r.min(g).min(b);
            // Two roundings of the range between the two.
            let tolerance = 1.2e-7 * (r.max(g).max(b) - least);
            assert!((r2.min(g2).min(b2) - least).abs() <= tolerance, "{r} {g} {b} by {hue}");
        }
    }
}

#[test]
fn grey_stays_grey() {
    for grey in [-1.0, 0.0, 1e-30, 0.1, 0.18, 1.0, 100.0] {
        assert_eq!(adjusted([77.0, 1.0, 1.0], [grey, grey, grey, 1.0]), [grey, grey, grey, 1.0]);
        let [r, g, b, _] = adjusted([77.0, 0.3, 1.0], [grey, grey, grey, 1.0]);
        assert!(r == g && g == b && (r - grey).abs() <= 1.2e-7 * grey.abs(), "{grey} became {r} {g} {b}");
    }
}

/// Where the largest component is 0, saturation is no number, and still the change is a small one for a small step.
#[test]
fn colours_around_black_change_without_a_jump() {
    for setting in SETTINGS {
        for base in [[0.0, -0.5, -0.25], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]] {
            let [r, g, b] = base;
            let at = adjusted(setting, [r, g, b, 1.0]);
            for step in [-1e-6, 1e-6] {
                let near = adjusted(setting, [r + step, g + step, b + step, 1.0]);
                for (at, near) in at.iter().zip(near) {
                    assert!((at - near).abs() <= 1e-5, "{base:?} at {setting:?}: {at} beside {near}");
                }
            }
        }
    }
}

#[test]
fn premultiplied_colour_changes_as_straight_colour_does() {
    for setting in SETTINGS {
        for [r, g, b] in colours() {
            // Powers of two: products are exact, and so the results must be.
            for alpha in [0.5, 1.0 / 1024.0] {
                let opaque = adjusted(setting, [r, g, b, 1.0]);
                let [r2, g2, b2, a] = adjusted(setting, [r * alpha, g * alpha, b * alpha, alpha]);
                assert_eq!([r2 / a, g2 / a, b2 / a, a], [opaque[0], opaque[1], opaque[2], alpha]);
            }
        }
    }
}

#[test]
fn light_without_alpha_passes_untouched() {
    assert_eq!(adjusted([90.0, 0.5, 2.0], [0.5, 2.0, -1.0, 0.0]), [0.5, 2.0, -1.0, 0.0]);
}

#[test]
fn the_defaults_are_the_input_itself() {
    let AdjustHSV { hue_shift, saturation, value } = AdjustHSV::defaults();
    for [r, g, b] in colours() {
        let pixel = [r, g, b, 0.3];
        assert_eq!(adjusted([hue_shift, saturation, value], pixel), pixel);
        assert_eq!(kernel::Adjustment::new(hue_shift, saturation, value).apply(pixel), pixel, "the kernel agrees");
    }
}

#[test]
fn the_descriptor_says_what_users_of_playa_know() {
    let spec = AdjustHSV::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.adjust_hsv", "AdjustHSV"));
    assert_eq!(spec.param("hue_shift").expect("a hue").soft_range, Some((-180.0, 180.0)));
}
