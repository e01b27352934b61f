//! Pixels that the effect makes, beside those that its formula says.

use playa_plugin_api::{ImageView, Pixel, Rect, prelude::*, testing};

use __crate__::__Type__;

fn tinted(effect: &__Type__, pixel: Pixel) -> Pixel {
    let window = Rect::of_size(1, 1);
    testing::apply(effect, &[ImageView::new(window, &[pixel])], window).expect("it renders")[0]
}

#[track_caller]
fn assert_close(found: Pixel, expected: Pixel) {
    for (found, expected) in found.into_iter().zip(expected) {
        // A few roundings of numbers around 1.
        assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{found}, expected {expected}");
    }
}

#[test]
fn a_colour_becomes_its_brightness_in_the_tint() {
    let effect = __Type__::defaults();
    assert_close(tinted(&effect, [1.0, 1.0, 1.0, 1.0]), [1.0, 0.75, 0.5, 1.0]);
    assert_close(tinted(&effect, [4.0, 0.0, 0.0, 1.0]), [0.8504, 0.6378, 0.4252, 1.0]);
    // Premultiplied by a half.
    assert_close(tinted(&effect, [0.0, 0.5, 0.0, 0.5]), [0.3576, 0.2682, 0.1788, 0.5]);
}

#[test]
fn without_an_amount_nothing_changes() {
    let effect = __Type__ { amount: 0.0, ..__Type__::defaults() };
    assert!(effect.is_identity());
    assert_eq!(tinted(&effect, [0.5, -0.25, 8.0, 0.75]), [0.5, -0.25, 8.0, 0.75]);
}
