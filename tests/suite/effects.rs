//! What an effect gets and what becomes of what it gives: parameters, time, inputs, windows, mix, identity.

use std::collections::BTreeMap;

use playa_host::image::{Image, Rect};
use playa_host::media::{self, ColourType, WriteOptions};
use playa_host::project::{LayerSource, Value};
use playa_host::render::{Problem, Region};

use crate::support::{Scene, assert_image, assert_same_bits, flat, image, noise, overscan, picture, vec3};

#[test]
fn every_kind_of_parameter_arrives() {
    let scene = Scene::new(5, 3);
    let layer = scene.layer(&picture(5, 3, flat([1.0, 1.0, 1.0, 1.0])));
    let numbers = |numbers: &[f64]| Value::List(numbers.iter().copied().map(Value::Float).collect());
    let params = [
        ("on", Value::Bool(true)),
        ("count", Value::Int(-20)),
        ("amount", Value::Float(0.5)),
        ("text", Value::String("twelve bytes".into())),
        ("offset", Value::Vec2([1.0, 2.0])),
        ("direction", Value::Vec3([4.0, 8.0, 16.0])),
        ("corners", Value::Vec4([1.0, 2.0, 3.0, 4.0])),
        ("tint", Value::Color([10.0, 20.0, 30.0, 40.0])),
        ("picture", Value::Choice("drop".into())),
        ("identity", Value::Uuid([7; 16])),
        ("curve", numbers(&[0.5, 0.25])),
        (
            "weights",
            Value::Map(BTreeMap::from([("a".to_string(), Value::Float(2.0)), ("b".into(), Value::Float(3.0))])),
        ),
    ];
    let effect = scene.effect(layer, "AllParams", &params);
    // By hand from the effect's documentation; the picture is dropped.
    let sums = [1.0 - 20.0 + 0.5 + 12.0, 31.0, 10.0 + 100.0, 7.0 + 0.75 + 5.0];
    assert_image(&scene.render(), 0.0, flat(sums));
    scene.project.set_effect_param(effect, "picture", &Value::Choice("keep".into())).expect("valid");
    assert_image(&scene.render(), 0.0, flat(sums.map(|sum| sum + 1.0)));
    for (name, value) in [
        ("count", Value::Int(101)),
        ("amount", Value::Float(f64::NAN)),
        ("picture", Value::Choice("lose".into())),
        ("offset", Value::Vec3([0.0; 3])),
        ("curve", Value::Bool(true)),
        ("nothing", Value::Bool(true)),
    ] {
        let error = scene.project.set_effect_param(effect, name, &value).expect_err(name).to_string();
        assert!(error.contains(name), "{error}");
    }
    assert_image(&scene.render(), 0.0, flat(sums.map(|sum| sum + 1.0)));
}

/// Writes files 3 to 6, whose red is their number.
fn numbered_footage(folder: &std::path::Path) -> LayerSource {
    for frame in 3..=6 {
        let number = picture(4, 2, flat([frame as f32, 0.0, 0.0, 1.0]));
        let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
        media::write(folder.join(format!("plate.{frame:04}.exr")), &number, &options).expect("written");
    }
    LayerSource::Path(folder.join("plate.####.exr"))
}

#[test]
fn an_effect_gets_the_frame_before_and_the_first_one_is_held() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(4, 2);
    let layer = scene.layer_of(numbered_footage(folder.path()));
    scene.effect(layer, "Temporal", &[]);
    for (frame, red) in [(3, 3.0), (4, 3.5), (5, 4.5), (6, 5.5)] {
        assert_image(&scene.render_at(frame), 0.0, flat([red, 0.0, 0.0, 1.0]));
    }
    // Two of them look two frames back: (f + 2 (f - 1) + (f - 2)) / 4.
    scene.effect(layer, "Temporal", &[]);
    for (frame, red) in [(3, 3.0), (4, 3.25), (5, 4.0), (6, 5.0)] {
        assert_image(&scene.render_at(frame), 0.0, flat([red, 0.0, 0.0, 1.0]));
    }
    // Holding the first frame for two frames more, and playing backwards.
    scene.set(layer, &[("trim_in", Value::Float(-2.0))]);
    assert_image(&scene.render_at(1), 0.0, flat([3.0, 0.0, 0.0, 1.0]));
    scene.set(layer, &[("trim_in", Value::Float(0.0)), ("speed", Value::Float(-1.0))]);
    assert_image(&scene.render_at(5), 0.0, flat([5.0, 0.0, 0.0, 1.0]));
}

#[test]
fn a_generator_fills_the_frame_of_its_layer_whatever_its_pixels() {
    let (white, black) = ([1.0; 4], [0.0, 0.0, 0.0, 0.5]);
    let board = |x: i32, y: i32| if (x.div_euclid(3) + y.div_euclid(3)) % 2 == 0 { white } else { black };
    let display = Rect::of_size(10, 7);
    for data in [display, Rect::new(4, 2, 5, 3), Rect::new(-20, -20, 40, 40)] {
        let scene = Scene::new(10, 7);
        let layer = scene.layer(&overscan(data, display, noise(5)));
        let effect = scene.effect(layer, "Generator", &[("size", Value::Int(3))]);
        assert_same_bits(&scene.render_region(Region::Data), &image(display, board));
        // Mixed, the input is seen beyond what the effect fills.
        scene.project.set_effect_mix(effect, 0.25).expect("valid");
        let source = image(data, noise(5));
        let generated = image(display, board);
        let found = scene.render_region(Region::Data);
        assert_eq!(found.window(), display.union(&data));
        assert_image(&found, 0.0, |x, y| {
            let (new, old) = (generated.pixel(x, y), source.pixel(x, y));
            // + 0.0 is the blend over nothing.
            std::array::from_fn(|i| new[i] * 0.25 + old[i] * 0.75 + 0.0)
        });
    }
}

#[test]
fn mix_is_a_share_of_the_result() {
    let source = picture(9, 5, noise(6));
    for mix in [0.0, 0.25, 0.5, 1.0] {
        let scene = Scene::new(9, 5);
        let layer = scene.layer(&source);
        let effect = scene.effect(layer, "Gain", &[("gain", Value::Float(3.0))]);
        scene.project.set_effect_mix(effect, mix).expect("valid");
        let factor = 1.0 + 2.0 * mix as f32;
        // The result is rounded at most three times, each of half a unit in the last place of values below 16.
        assert_image(&scene.render(), 3e-6, |x, y| {
            let [r, g, b, a] = source.image.pixel(x, y);
            [r * factor, g * factor, b * factor, a]
        });
    }
}

#[test]
fn many_mixed_effects_take_as_long_as_they_are_many() {
    let scene = Scene::new(4, 4);
    let layer = scene.layer(&picture(4, 4, flat([1.0, 0.5, 0.25, 1.0])));
    for _ in 0..40 {
        let effect = scene.effect(layer, "Gain", &[("gain", Value::Float(3.0))]);
        scene.project.set_effect_mix(effect, 0.5).expect("valid");
    }
    // Each doubles the colour. Rendering the input of each twice would take 2^40 steps.
    let power = 2_f32.powi(40);
    assert_image(&scene.render(), 0.0, flat([power, power / 2.0, power / 4.0, 1.0]));
}

#[test]
fn no_number_of_effects_is_too_many() {
    let scene = Scene::new(2, 2);
    let layer = scene.layer(&picture(2, 2, flat([1.0, 0.5, 0.25, 1.0])));
    for _ in 0..60 {
        scene.effect(layer, "Temporal", &[]);
    }
    for _ in 0..1000 {
        scene.effect(layer, "Gain", &[]);
    }
    // A picture in memory is the same at all of the 61 frames that the first effects look at. Each looked at once for
    // every way there would be 2^60 of them; each step within the one before, there would be no stack for it.
    assert_image(&scene.render(), 0.0, flat([1.0, 0.5, 0.25, 1.0]));
}

#[test]
fn effects_act_in_the_order_of_the_list() {
    let scene = Scene::new(2, 2);
    let layer = scene.layer(&picture(2, 2, flat([0.25, 0.25, 0.25, 1.0])));
    scene.effect(layer, "Gain", &[("gain", Value::Float(4.0))]);
    let add = scene.effect(layer, "AllParams", &[("count", Value::Int(1))]);
    assert_image(&scene.render(), 0.0, flat([2.0, 1.0, 1.0, 1.0]));
    scene.project.move_effect(add, 0).expect("valid");
    assert_image(&scene.render(), 0.0, flat([5.0, 1.0, 1.0, 1.0]));
}

/// What an effect that changes nothing would compute is what its input has: the shortcut cannot be seen.
#[test]
fn an_effect_that_changes_nothing_gives_the_bits_of_its_input() {
    let source = picture(17, 9, noise(7));
    for (name, params) in [
        ("Gain", vec![("gain", Value::Float(1.0))]),
        ("GaussianBlur", vec![("radius", Value::Float(0.0))]),
        ("BrightnessContrast", vec![]),
        ("AdjustHSV", vec![]),
        ("Temporal", vec![]),
    ] {
        let scene = Scene::new(17, 9);
        let layer = scene.layer(&source);
        scene.effect(layer, name, &params);
        assert_same_bits(
            &scene.render(),
            &image(Rect::of_size(17, 9), |x, y| source.image.pixel(x, y).map(|v| v + 0.0)),
        );
    }
}

#[test]
fn effects_reach_all_pixels_there_are_and_no_others() {
    let display = Rect::of_size(12, 8);
    for data in [Rect::new(3, 2, 7, 5), Rect::new(-5, -4, 20, 13), Rect::new(-30, 0, -25, 3)] {
        let source = overscan(data, display, noise(8));
        let scene = Scene::new(12, 8);
        let layer = scene.layer(&source);
        scene.effect(layer, "Gain", &[("gain", Value::Float(2.0))]);
        let doubled = |x, y| {
            let [r, g, b, a] = source.image.pixel(x, y);
            [r * 2.0, g * 2.0, b * 2.0, a].map(|v| v + 0.0)
        };
        assert_same_bits(&scene.render_region(Region::Data), &image(data, doubled));
        assert_same_bits(&scene.render(), &image(display, doubled));
        // Turned, so that the corners of the reached rectangle hold no pixel of the layer.
        scene.set(layer, &[("rotation", vec3(0.0, 0.0, 45.0))]);
        let whole = scene.render_region(Region::Data);
        let corner = Rect { x1: whole.window().x0 + 1, y1: whole.window().y0 + 1, ..whole.window() };
        assert_image(&scene.render_region(Region::Window(corner)), 0.0, flat([0.0; 4]));
    }
}

#[test]
fn an_effect_whose_second_input_must_be_connected_is_refused_by_its_name() {
    let scene = Scene::new(4, 4);
    let layer = scene.layer(&picture(4, 4, noise(9)));
    scene.effect(layer, "TwoInputs", &[]);
    let error = scene.error();
    assert!(matches!(&*error.problem, Problem::EffectInput { input } if input == "background"), "{error}");
    assert_eq!(error.effect.as_deref(), Some("TwoInputs"));
}

#[test]
fn a_blur_with_transparent_edges_grows_beyond_the_frame_and_keeps_its_sum() {
    let scene = Scene::new(16, 16);
    let layer = scene.layer(&picture(16, 16, flat([1.0, 2.0, 4.0, 1.0])));
    scene.effect(
        layer,
        "GaussianBlur",
        &[("radius", Value::Float(4.0)), ("edges", Value::Choice("transparent".into()))],
    );
    let found = scene.render_region(Region::Data);
    assert_eq!(found.window(), Rect::of_size(16, 16).grow(8, 8), "twice the radius on every side");
    let sum = |image: &Image| image.values().iter().map(|value| f64::from(*value)).sum::<f64>();
    // A kernel whose weights sum to 1 moves light and makes none: 256 pixels of 8 together, within f32 rounding.
    assert!((sum(&found) - 2048.0).abs() < 2048.0 * 1e-5, "{}", sum(&found));
}
