//! Exact cases of the key, its garbage matte, and its refusals; whole pictures are compared in the Python tests.

use playa_plugin_api::{ErrorCode, ImageView, Rect, simd, testing};

use super::*;

const GREEN: [f32; 3] = [0.1, 0.6, 0.15];

fn keyed(effect: &ChromaKey, pixel: Pixel) -> Pixel {
    let window = Rect::of_size(1, 1);
    testing::apply(effect, &[ImageView::new(window, &[pixel])], window).expect("the effect works")[0]
}

fn luma([r, g, b, _]: Pixel) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[test]
fn the_screen_vanishes_and_what_is_far_from_it_stays() {
    let key = ChromaKey::defaults();
    let [r, g, b] = GREEN;
    for light in [0.75, 1.0, 3.0] {
        let pixel = [light * r, light * g, light * b, 1.0];
        assert_eq!(keyed(&key, pixel).map(f32::abs), [0.0; 4], "the screen in {light} of its light");
        assert_eq!(keyed(&key, pixel.map(|value| value * 0.5)).map(f32::abs), [0.0; 4], "half transparent");
    }
    // Red, blue, magenta, skin, white and black, beyond 45 degrees from green.
    for [r, g, b] in [[1.0, 0.0, 0.0], [0.0, 0.0, 5.0], [1.0, 0.0, 1.0], [0.6, 0.4, 0.3], [1.0, 1.0, 1.0], [0.0; 3]] {
        let found = keyed(&key, [r, g, b, 1.0]);
        for (found, expected) in found.iter().zip([r, g, b, 1.0]) {
            assert!((found - expected).abs() <= 1e-6, "{r}, {g}, {b}: {found}, expected {expected}");
        }
    }
}

#[test]
fn between_tolerance_and_softness_alpha_is_a_straight_line() {
    let key = ChromaKey { tolerance: 0.25, softness: 0.5, despill: 0.0, ..ChromaKey::defaults() };
    for step in 0..=40 {
        // That much of the screen's chroma, on grey.
        let k = step as f32 / 40.0;
        let [r, g, b] = GREEN.map(|value| 0.2 + k * value);
        let expected = ((0.75 - k) / 0.5).clamp(0.0, 1.0);
        let found = keyed(&key, [r, g, b, 1.0]);
        assert!((found[3] - expected).abs() <= 2e-6, "{k}: {}, expected {expected}", found[3]);
        assert!((found[1] - g * expected).abs() <= 2e-6, "{k}: premultiplied");
    }
    let hard = ChromaKey { softness: 0.0, ..key };
    let at = |k: f32| keyed(&hard, [0.2 + k * 0.1, 0.2 + k * 0.6, 0.2 + k * 0.15, 1.0])[3];
    assert_eq!([at(0.74), at(0.76)], [1.0, 0.0]);
}

#[test]
fn despill_takes_the_screens_colour_and_keeps_luminance() {
    let key = ChromaKey { tolerance: 0.0, softness: 0.0, despill: 1.0, ..ChromaKey::defaults() };
    // Half of the screen's light on grey: grey of the same luminance is left.
    let spilt = [0.35, 0.6, 0.375, 1.0];
    let [r, g, b, a] = keyed(&key, spilt);
    assert!((r - g).abs() <= 1e-6 && (g - b).abs() <= 1e-6 && a == 1.0, "{r}, {g}, {b}");
    assert!((luma([r, g, b, a]) - luma(spilt)).abs() <= 1e-6);
    assert_eq!(keyed(&ChromaKey { despill: 0.0, ..key }, spilt), spilt);
}

#[test]
fn the_garbage_matte_takes_out_what_it_covers() {
    let (window, matte) = (Rect::of_size(4, 3), Rect::new(1, 1, 9, 2));
    let source = [[1.0, 0.0, 0.0, 1.0]; 12];
    let garbage: Vec<Pixel> = (0..8).map(|x| [9.0, 9.0, 9.0, x as f32 / 2.0]).map(|p| p.map(|v| v.min(1.0))).collect();
    let inputs = [ImageView::new(window, &source), ImageView::new(matte, &garbage)];
    let key = ChromaKey::defaults();
    simd::on_each_level(|_| {
        let found = testing::apply(&key, &inputs, window).expect("the effect works");
        let alphas: Vec<f32> = found.iter().map(|pixel| pixel[3]).collect();
        assert_eq!(alphas, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(found[6], [0.5, 0.0, 0.0, 0.5]);
        let part = Rect::new(2, 1, 4, 3);
        let found = testing::apply(&key, &inputs, part).expect("the effect works");
        assert_eq!(found.iter().map(|pixel| pixel[3]).collect::<Vec<_>>(), [0.5, 0.0, 1.0, 1.0]);
    });
}

#[test]
fn light_without_alpha_stays_unless_it_is_garbage() {
    let light = [0.1, 0.6, 0.15, 0.0];
    assert_eq!(keyed(&ChromaKey::defaults(), light), light);
    let window = Rect::of_size(1, 1);
    let (source, garbage) = ([light], [[0.0, 0.0, 0.0, 1.0]]);
    let inputs = [ImageView::new(window, &source), ImageView::new(window, &garbage)];
    assert_eq!(testing::apply(&ChromaKey::defaults(), &inputs, window).expect("the effect works"), [[0.0; 4]]);
}

#[test]
fn a_grey_screen_is_an_error() {
    let window = Rect::of_size(1, 1);
    for grey in [0.0, 0.3, 7.0] {
        let key = ChromaKey { screen: Color([grey, grey, grey, 1.0]), ..ChromaKey::defaults() };
        let error = testing::apply(&key, &[ImageView::new(window, &[[1.0; 4]])], window).expect_err("refused");
        assert_eq!((error.code, error.param.as_str()), (ErrorCode::Param, "screen"));
    }
}
