//! The effect against its formula.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

fn exposed(stops: f32, pixels: &[Pixel]) -> Vec<Pixel> {
    let window = Rect::of_size(pixels.len() as u32, 1);
    testing::apply(&Exposure { stops }, &[ImageView::new(window, pixels)], window).expect("the effect works")
}

#[test]
fn colour_follows_the_formula() {
    for stops in [-20.5, -3.3, -0.1, 1e-6, 0.5, 2.7, 15.9] {
        for value in [-1000.0_f32, -0.2, 1e-6, 0.18, 1.0, 65504.0] {
            let found = exposed(stops, &[[value, value / 3.0, -value, 0.7]])[0];
            for (before, found) in [value, value / 3.0, -value].into_iter().zip(found) {
                let expected = f64::from(before) * f64::from(stops).exp2();
                // Two units in the last place from the factor, half of one from the product.
                let tolerance = 3e-7 * expected.abs();
                assert!((f64::from(found) - expected).abs() <= tolerance, "{before} by {stops}: {found}, {expected}");
            }
            assert_eq!(found[3], 0.7, "alpha stays");
        }
    }
}

#[test]
fn whole_stops_are_exact() {
    assert_eq!(exposed(1.0, &[[0.1, -0.3, 70.0, 1.0]]), [[0.2, -0.6, 140.0, 1.0]]);
    assert_eq!(exposed(-3.0, &[[0.1, -0.3, 70.0, 0.5]]), [[0.0125, -0.0375, 8.75, 0.5]]);
}

#[test]
fn light_without_alpha_is_scaled_too() {
    assert_eq!(exposed(2.0, &[[0.5, 2.0, -1.0, 0.0]]), [[2.0, 8.0, -4.0, 0.0]]);
}

#[test]
fn the_default_is_the_input_itself() {
    let pixels = [[0.1, -0.2, 1e30, 0.7], [f32::MIN_POSITIVE, 0.3, 0.6, 1e-30]];
    assert!(Exposure::defaults().is_identity());
    assert_eq!(pixels.map(|pixel| kernel::expose(pixel, 0.0)), pixels, "the kernel agrees");
}

#[test]
fn the_descriptor_says_what_users_know() {
    let spec = Exposure::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.exposure", "Exposure"));
    let stops = spec.param("stops").expect("stops");
    assert_eq!((stops.soft_range, stops.unit.as_str()), (Some((-10.0, 10.0)), "stops"));
}
