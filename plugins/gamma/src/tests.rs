//! The effect against its formula on straight colour.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

fn bent(gamma: [f32; 3], pixel: Pixel) -> Pixel {
    let window = Rect::of_size(1, 1);
    testing::apply(&Gamma { gamma }, &[ImageView::new(window, &[pixel])], window).expect("the effect works")[0]
}

#[test]
fn straight_colour_follows_the_formula() {
    for gamma in [[0.2, 0.45, 0.7], [1.5, 2.2, 5.0]] {
        for value in [-2.0_f32, -0.1, 1e-6, 0.18, 1.0, 3.5, 1000.0] {
            for alpha in [1.0_f32, 0.3, 1e-4] {
                let [r, g, b] = [value, value / 3.0, -value].map(|v| v * alpha);
                let found = bent(gamma, [r, g, b, alpha]);
                assert_eq!(found[3], alpha, "alpha stays");
                for ((before, gamma), found) in [r, g, b].into_iter().zip(gamma).zip(found) {
                    let straight = f64::from(before) / f64::from(alpha);
                    let power = straight.abs().powf(1.0 / f64::from(gamma)).copysign(straight);
                    let expected = power * f64::from(alpha);
                    // What the power states; those of the straight colour and of 1 / gamma, a unit in the last place
                    // each, come back times the exponent, the second one also times the logarithm.
                    let bend = (1.0 + straight.abs().ln().abs()) / f64::from(gamma);
                    let tolerance = (3.6e-7 + 1.2e-7 * bend) * expected.abs();
                    let difference = (f64::from(found) - expected).abs();
                    assert!(difference <= tolerance, "{straight} at {gamma}: {found}, {expected}");
                }
            }
        }
    }
}

#[test]
fn squares_roots_and_fixed_points_are_where_they_should_be() {
    for (gamma, pixel, expected) in [
        (0.5, [3.0, -0.5, 0.25, 1.0], [9.0, -0.25, 0.0625, 1.0]),
        (2.0, [9.0, -0.25, 0.0625, 1.0], [3.0, -0.5, 0.25, 1.0]),
        // Premultiplied by a half.
        (0.5, [1.0, -0.25, 0.125, 0.5], [2.0, -0.125, 0.03125, 0.5]),
    ] {
        for (found, expected) in bent([gamma; 3], pixel).into_iter().zip(expected) {
            // What the power states, and one rounding of the product with alpha.
            assert!((found - expected).abs() <= 4.8e-7 * expected.abs(), "{pixel:?}: {found}, {expected}");
        }
    }
    for gamma in [0.01, 0.3, 2.2, 100.0] {
        assert_eq!(bent([gamma; 3], [0.0, 1.0, -1.0, 1.0]), [0.0, 1.0, -1.0, 1.0]);
    }
}

#[test]
fn light_without_alpha_passes_untouched() {
    assert_eq!(bent([2.2; 3], [0.5, 2.0, -1.0, 0.0]), [0.5, 2.0, -1.0, 0.0]);
}

#[test]
fn the_default_is_the_input_itself() {
    assert!(Gamma::defaults().is_identity());
    assert!(!Gamma { gamma: [1.0, 1.0, 1.1] }.is_identity());
    let pixel = [0.1, -0.2, 1e-30, 0.7];
    assert_eq!(kernel::curves([1.0; 3])(pixel), pixel, "the kernel agrees");
}

#[test]
fn the_descriptor_says_what_users_know() {
    let spec = Gamma::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.gamma", "Gamma"));
    assert_eq!(spec.param("gamma").expect("gamma").hard_range, Some((0.01, 100.0)));
}
