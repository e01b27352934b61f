//! The effect against its formula on straight colour.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

fn mixed(effect: &ColorMatrix, pixel: Pixel) -> Pixel {
    let window = Rect::of_size(1, 1);
    testing::apply(effect, &[ImageView::new(window, &[pixel])], window).expect("the effect works")[0]
}

#[test]
fn straight_colour_follows_the_formula() {
    let effect = ColorMatrix {
        red: [0.9, 0.2, -0.1],
        green: [-1.5, 2.0, 0.25],
        blue: [1e-3, 1e3, 0.7],
        offset: [0.1, -0.4, 30.0],
    };
    let values = [-2.0_f32, -0.1, 0.0, 1e-6, 0.18, 1.0, 1000.0];
    for alpha in [1.0_f32, 0.5, 0.3, 1e-4] {
        for straight in values.map(|v| [v, 0.3 - v, v / 7.0]) {
            let [r, g, b] = straight.map(|v| v * alpha);
            let found = mixed(&effect, [r, g, b, alpha]);
            assert_eq!(found[3], alpha, "alpha stays");
            let a = f64::from(alpha);
            let [r, g, b] = [r, g, b].map(|v| f64::from(v) / a);
            let rows = [effect.red, effect.green, effect.blue];
            for ((row, offset), found) in rows.into_iter().zip(effect.offset).zip(found) {
                let ([x, y, z], offset) = (row.map(f64::from), f64::from(offset));
                let expected = (x * r + y * g + z * b + offset) * a;
                // Seven roundings of at most the sum of the terms' magnitudes, half a unit in the last place each.
                let size = ((x * r).abs() + (y * g).abs() + (z * b).abs() + offset.abs()) * a;
                let difference = (f64::from(found) - expected).abs();
                assert!(difference <= 4.2e-7 * size, "{straight:?} x {alpha}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn rows_choose_components() {
    let effect = ColorMatrix {
        red: [0.0, 0.0, 1.0],
        green: [1.0, 0.0, 0.0],
        blue: [0.0, -2.0, 0.0],
        offset: [0.0, 0.5, 0.0],
    };
    assert_eq!(mixed(&effect, [0.1, 0.2, 7.0, 0.5]), [7.0, 0.35, -0.4, 0.5]);
}

#[test]
fn light_without_alpha_is_mixed_and_gets_no_offset() {
    let effect = ColorMatrix { red: [0.5, 0.5, 0.0], offset: [1.0, 1.0, 1.0], ..ColorMatrix::defaults() };
    assert_eq!(mixed(&effect, [1.0, 3.0, -1.0, 0.0]), [2.0, 3.0, -1.0, 0.0]);
    assert_eq!(mixed(&effect, [0.0; 4]), [0.0; 4], "what is empty stays empty");
}

#[test]
fn the_defaults_are_the_input_itself() {
    let defaults = ColorMatrix::defaults();
    assert!(defaults.is_identity());
    assert!(!ColorMatrix { offset: [0.0, 0.0, 1e-6], ..ColorMatrix::defaults() }.is_identity());
    for pixel in [[0.1, -0.2, 1e30, 0.7], [f32::MIN_POSITIVE, 0.3, 0.6, 1e-30]] {
        let ColorMatrix { red, green, blue, offset } = defaults;
        assert_eq!(kernel::mix(pixel, [red, green, blue], offset), pixel, "the kernel agrees");
    }
}

#[test]
fn the_descriptor_says_what_users_know() {
    let spec = ColorMatrix::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.color_matrix", "ColorMatrix"));
    assert_eq!(spec.params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>(), ["red", "green", "blue", "offset"]);
}
