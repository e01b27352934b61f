//! Mattes: what a layer's values are where another one says.

use std::sync::Arc;

use playa_host::image::{Frame, Rect};
use playa_host::project::Value;
use uuid::Uuid;

use crate::support::{Pixel, Scene, assert_image, flat, noise, overscan, picture, set_matte, vec3};

type Share = fn(Pixel) -> f32;

const CHANNELS: [(&str, Share); 5] = [
    ("alpha", |[_, _, _, a]| a),
    ("luminance", |[r, g, b, _]| 0.2126 * r + 0.7152 * g + 0.0722 * b),
    ("red", |[r, ..]| r),
    ("green", |[_, g, ..]| g),
    ("blue", |[_, _, b, _]| b),
];

/// What the definition says: the value within 0..1, what is no number is 0.
fn share(value: f32, invert: bool) -> f32 {
    let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    if invert { 1.0 - value } else { value }
}

/// What is not seen has no part, infinity and NaN included.
fn times(pixel: Pixel, share: f32) -> Pixel {
    if share == 0.0 { [0.0; 4] } else { pixel.map(|value| value * share) }
}

/// A layer and, over it, a hidden one for its matte.
fn matted(fill: &Arc<Frame>, matte: &Arc<Frame>, width: i64, height: i64) -> (Scene<'static>, Uuid, Uuid) {
    let scene = Scene::new(width, height);
    let (fill, matte) = (scene.layer(fill), scene.layer(matte));
    scene.set(matte, &[("visible", Value::Bool(false))]);
    (scene, fill, matte)
}

#[test]
fn each_channel_and_its_inverse_multiplies_the_layer() {
    let fill = picture(23, 11, |x, y| match (x, y) {
        (5, 4) => [f32::INFINITY, f32::NAN, 1.0, 1.0],
        _ => noise(60)(x, y),
    });
    // Values below 0 and above 1, and some that are no numbers.
    let values = move |x: i32, y: i32| match (x, y) {
        (3, 4) => [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.5],
        (4, 4) => [f32::INFINITY, f32::NAN, -0.0, f32::NAN],
        (5, 4) => [-1.0, 0.0, -1.0, 0.0],
        _ => noise(61)(x, y),
    };
    let (scene, layer, matte) = matted(&fill, &picture(23, 11, values), 23, 11);
    for (channel, value) in CHANNELS {
        for invert in [false, true] {
            set_matte(&scene, layer, matte, channel, invert);
            assert_image(&scene.render(), 0.0, |x, y| {
                let share = share(value(values(x, y)), invert);
                times(fill.image.pixel(x, y), share)
            });
        }
    }
}

#[test]
fn a_layer_over_others_is_blended_by_what_its_matte_leaves() {
    let (below, fill, mask) = (picture(23, 11, noise(62)), picture(23, 11, noise(63)), picture(23, 11, noise(64)));
    let scene = Scene::new(23, 11);
    scene.layer(&below);
    let layer = scene.layer(&fill);
    let matte = scene.layer(&mask);
    scene.set(layer, &[("opacity", Value::Float(0.5))]);
    scene.set(matte, &[("visible", Value::Bool(false))]);
    set_matte(&scene, layer, matte, "red", false);
    assert_image(&scene.render(), 0.0, |x, y| {
        let share = share(mask.image.pixel(x, y)[0], false);
        let s = times(fill.image.pixel(x, y), share).map(|value| value * 0.5);
        let (d, rest) = (below.image.pixel(x, y), 1.0 - s[3]);
        std::array::from_fn(|i| s[i] + rest * d[i])
    });
}

/// There it is 0, so that the layer is not seen, or seen as it is where the matte is inverted.
#[test]
fn outside_of_its_pixels_a_matte_is_nothing() {
    let fill = picture(20, 16, noise(65));
    let data = Rect::new(-3, 4, 9, 11);
    let mask = overscan(data, Rect::of_size(20, 16), noise(66));
    let (scene, layer, matte) = matted(&fill, &mask, 20, 16);
    for (invert, outside) in [(false, 0.0), (true, 1.0)] {
        set_matte(&scene, layer, matte, "alpha", invert);
        assert_image(&scene.render(), 0.0, |x, y| {
            let inside = data.contains_rect(&Rect::new(x, y, x + 1, y + 1));
            let share = if inside { share(mask.image.pixel(x, y)[3], invert) } else { outside };
            times(fill.image.pixel(x, y), share)
        });
    }
    // Out of its range it has no pixels at all.
    scene.set(matte, &[("in", Value::Int(5))]);
    assert_image(&scene.render(), 0.0, |x, y| fill.image.pixel(x, y));
    set_matte(&scene, layer, matte, "alpha", false);
    assert_image(&scene.render(), 0.0, flat([0.0; 4]));
}

#[test]
fn a_matte_may_be_shown_and_have_a_matte() {
    let [fill, mask, over] = [67, 68, 69].map(|seed| picture(23, 11, noise(seed)));
    let (scene, layer, first) = matted(&fill, &mask, 23, 11);
    let second = scene.layer(&over);
    scene.set(second, &[("visible", Value::Bool(false))]);
    set_matte(&scene, layer, first, "alpha", false);
    set_matte(&scene, first, second, "green", true);
    let masked = |x, y| {
        let share = share(over.image.pixel(x, y)[1], true);
        times(mask.image.pixel(x, y), share)
    };
    let filled = |x, y| {
        let share = share(masked(x, y)[3], false);
        times(fill.image.pixel(x, y), share)
    };
    assert_image(&scene.render(), 0.0, filled);
    scene.set(first, &[("visible", Value::Bool(true)), ("blend_mode", Value::Choice("add".into()))]);
    assert_image(&scene.render(), 0.0, |x, y| {
        let (s, d) = (masked(x, y), filled(x, y));
        [s[0] + d[0], s[1] + d[1], s[2] + d[2], s[3] + (1.0 - s[3]) * d[3]]
    });
}

#[test]
fn a_matte_is_seen_in_its_place_with_its_effects_and_opacity() {
    let (fill, mask) = (picture(23, 11, noise(70)), picture(23, 11, noise(71)));
    let (scene, layer, matte) = matted(&fill, &mask, 23, 11);
    set_matte(&scene, layer, matte, "red", false);
    scene.effect(matte, "Gain", &[("gain", Value::Float(0.25))]);
    scene.set(matte, &[("position", vec3(4.0, -2.0, 0.0)), ("opacity", Value::Float(0.5))]);
    assert_image(&scene.render(), 0.0, |x, y| {
        let share = share(mask.image.pixel(x - 4, y - 2)[0] * 0.25 * 0.5, false);
        times(fill.image.pixel(x, y), share)
    });
    // Turned, and behind an effect that looks around: as the same layer alone is.
    scene.set(matte, &[("rotation", vec3(0.0, 0.0, 30.0)), ("blend_mode", Value::Choice("stencil".into()))]);
    scene.effect(matte, "GaussianBlur", &[("radius", Value::Float(1.5))]);
    let alone = Scene::new(23, 11);
    let same = alone.layer(&mask);
    alone.effect(same, "Gain", &[("gain", Value::Float(0.25))]);
    alone.effect(same, "GaussianBlur", &[("radius", Value::Float(1.5))]);
    let place =
        [("position", vec3(4.0, -2.0, 0.0)), ("rotation", vec3(0.0, 0.0, 30.0)), ("opacity", Value::Float(0.5))];
    alone.set(same, &place);
    let seen = alone.render();
    assert_image(&scene.render(), 0.0, |x, y| {
        let share = share(seen.pixel(x, y)[0], false);
        times(fill.image.pixel(x, y), share)
    });
}
