//! Attributes of layers and parameters of effects as functions of time, through whole renders.

use playa_host::project::{Interp, Key, Node, Value};
use playa_host::render::{Region, RenderOptions};
use uuid::Uuid;

use crate::support::{Pixel, Scene, assert_image, assert_same_bits, flat, key_layer, noise, picture, vec3};

const GREY: Pixel = [0.5, 0.25, 2.0, 1.0];

fn key_effect(scene: &Scene<'_>, effect: Uuid, name: &str, keys: &[(f64, Value, Interp)]) {
    for (frame, value, interp) in keys {
        let key = Key::new(*frame, value.clone(), *interp);
        scene.project.set_effect_key(effect, name, &key).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_fade_has_the_opacity_of_each_frame() {
    let scene = Scene::new(7, 3);
    let layer = scene.layer(&picture(7, 3, flat(GREY)));
    key_layer(
        &scene,
        layer,
        "opacity",
        &[
            (0.0, Value::Float(0.0), Interp::Linear),
            (4.0, Value::Float(1.0), Interp::Hold),
            (6.0, Value::Float(0.25), Interp::Hold),
        ],
    );
    for (frame, opacity) in [(0, 0.0), (1, 0.25), (2, 0.5), (3, 0.75), (4, 1.0), (5, 1.0), (6, 0.25), (100, 0.25)] {
        assert_image(&scene.render_at(frame), 0.0, flat(GREY.map(|value| value * opacity)));
    }
}

#[test]
fn every_part_of_the_placement_moves_as_if_it_were_set_at_that_frame() {
    let picture = picture(13, 9, noise(5));
    for (name, from, to) in [
        ("position", vec3(0.0, 0.0, 0.0), vec3(6.0, -3.0, 0.0)),
        ("rotation", vec3(0.0, 0.0, 0.0), vec3(0.0, 0.0, 90.0)),
        ("scale", vec3(1.0, 1.0, 1.0), vec3(2.0, 0.5, 1.0)),
        ("pivot", vec3(-3.0, 0.0, 0.0), vec3(3.0, 1.5, 0.0)),
    ] {
        let (keyed, set) = (Scene::new(17, 11), Scene::new(17, 11));
        let (moving, still) = (keyed.layer(&picture), set.layer(&picture));
        key_layer(&keyed, moving, name, &[(0.0, from, Interp::Bezier), (3.0, to, Interp::Linear)]);
        for frame in 0..=4 {
            let value = keyed.project.value_at(Node::Layer(moving), name, frame as f64).expect("an attribute");
            set.set(still, &[(name, value)]);
            assert_same_bits(&keyed.render_at(frame), &set.render_at(frame));
        }
        assert_ne!(keyed.render_at(0).values(), keyed.render_at(3).values(), "{name} moves it");
    }
}

#[test]
fn a_parameter_has_its_value_at_each_frame() {
    let scene = Scene::new(5, 4);
    let layer = scene.layer(&picture(5, 4, flat([0.5, 0.25, 0.125, 1.0])));
    let gain = scene.effect(layer, "Gain", &[("gain", Value::Float(9.0))]);
    key_effect(
        &scene,
        gain,
        "gain",
        &[(0.0, Value::Float(0.0), Interp::Linear), (8.0, Value::Float(4.0), Interp::Linear)],
    );
    for frame in 0..=8 {
        let gain = frame as f32 * 0.5;
        assert_image(&scene.render_at(frame), 0.0, flat([0.5 * gain, 0.25 * gain, 0.125 * gain, 1.0]));
    }
}

#[test]
fn a_blur_grows_and_its_domain_with_it() {
    let scene = Scene::new(21, 15);
    let layer = scene.layer(&picture(21, 15, noise(8)));
    let blur = scene.effect(layer, "GaussianBlur", &[("edges", Value::Choice("transparent".into()))]);
    key_effect(
        &scene,
        blur,
        "radius",
        &[(0.0, Value::Float(0.0), Interp::Linear), (2.0, Value::Float(8.0), Interp::Linear)],
    );
    let still = Scene::new(21, 15);
    let other = still.layer(&picture(21, 15, noise(8)));
    let constant = still.effect(other, "GaussianBlur", &[("edges", Value::Choice("transparent".into()))]);
    let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
    for (frame, radius) in [(0, 0.0), (1, 4.0), (2, 8.0), (3, 8.0)] {
        still.project.set_effect_param(constant, "radius", &Value::Float(radius)).expect("valid");
        let [found, expected] =
            [&scene, &still].map(|scene| scene.try_render(frame, &options).expect("rendered").image);
        assert_same_bits(&found, &expected);
    }
}

#[test]
fn a_keyed_mix_goes_from_the_input_to_the_result() {
    let scene = Scene::new(6, 5);
    let layer = scene.layer(&picture(6, 5, flat([1.0, 0.5, 0.0, 1.0])));
    let gain = scene.effect(layer, "Gain", &[("gain", Value::Float(3.0))]);
    for (frame, mix) in [(0.0, 0.0), (4.0, 1.0)] {
        let key = Key::new(frame, Value::Float(mix), Interp::Linear);
        scene.project.set_effect_mix_key(gain, &key).expect("valid");
    }
    for (frame, gain) in [(0, 1.0), (1, 1.5), (2, 2.0), (3, 2.5), (4, 3.0), (5, 3.0)] {
        assert_image(&scene.render_at(frame), 0.0, flat([gain, 0.5 * gain, 0.0, 1.0]));
    }
}

#[test]
fn an_effect_that_looks_at_another_frame_sees_the_values_of_that_frame() {
    let scene = Scene::new(4, 4);
    let layer = scene.layer(&picture(4, 4, flat([1.0, 0.5, 0.0, 1.0])));
    let gain = scene.effect(layer, "Gain", &[]);
    scene.effect(layer, "Temporal", &[]);
    key_effect(
        &scene,
        gain,
        "gain",
        &[(0.0, Value::Float(0.0), Interp::Linear), (8.0, Value::Float(8.0), Interp::Linear)],
    );
    // The mean of frame 5 and frame 4.
    assert_image(&scene.render_at(5), 0.0, flat([4.5, 2.25, 0.0, 1.0]));
    key_effect(&scene, gain, "gain", &[(4.0, Value::Float(0.0), Interp::Linear)]);
    assert_image(&scene.render_at(5), 0.0, flat([1.0, 0.5, 0.0, 1.0]));
}
