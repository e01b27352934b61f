//! Further inputs of effects: which layer is read, when, and what of it.

use std::sync::Arc;
use std::time::Instant;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image};
use playa_host::project::{Interp, Key, LayerSource, Node, Value};
use playa_host::render::{Application, Problem, Region, RenderOptions};
use uuid::Uuid;

use crate::support::{Scene, assert_image, assert_same_bits, engine_with, flat, key_layer, noise, picture, vec3};

const SIZE: (u32, u32) = (40, 30);

/// The effects with further inputs, and one to put before them.
fn mixers() -> Engine {
    engine_with(&["playa-dissolve", "playa-chroma-key", "playa-exposure", "fixture-two-inputs"])
}

/// A comp of the size of all pictures.
fn scene(engine: &Engine) -> Scene<'_> {
    Scene::on(engine, SIZE.0.into(), SIZE.1.into())
}

fn noisy(seed: u32) -> Arc<Frame> {
    picture(SIZE.0, SIZE.1, noise(seed))
}

/// A hidden layer of a picture.
fn hidden(scene: &Scene<'_>, frame: &Arc<Frame>) -> Uuid {
    let layer = scene.layer(frame);
    scene.set(layer, &[("visible", Value::Bool(false))]);
    layer
}

fn connect(scene: &Scene<'_>, effect: Uuid, name: &str, layer: Uuid) {
    scene.project.set_effect_input(effect, name, Some(layer)).unwrap_or_else(|error| panic!("{error}"));
}

/// What an effect makes of pictures without a project: the peer of these tests.
fn applied(scene: &Scene<'_>, effect: Uuid, pictures: &[Option<&Frame>]) -> Image {
    let document = scene.project.snapshot();
    let (_, _, effect) = document.effect(effect).expect("it is there");
    let effects = scene.engine.effects();
    let kind = effects.find(&effect.id).expect("it is loaded");
    let values = effect.values().expect("it is loaded");
    let application = Application { effect: kind, values: &values, pictures, canvas: None, frame: 0 };
    let options = RenderOptions { region: Region::Display, ..RenderOptions::default() };
    scene.engine.renderer().apply(application, &options).unwrap_or_else(|error| panic!("{error}")).image
}

#[test]
fn a_layer_gives_the_bits_of_the_effect_on_the_pictures() {
    let engine = mixers();
    let (source, other, mask) = (noisy(1), noisy(2), noisy(3));
    for (name, params, inputs) in [
        ("Dissolve", vec![("amount", Value::Float(0.3))], vec![("other", &other)]),
        ("Dissolve", vec![("amount", Value::Float(0.3))], vec![("other", &other), ("mask", &mask)]),
        ("Dissolve", vec![("amount", Value::Float(1.0))], vec![("other", &other)]),
        ("ChromaKey", vec![], vec![]),
        ("ChromaKey", vec![], vec![("garbage", &mask)]),
        ("TwoInputs", vec![], vec![("background", &other)]),
    ] {
        let scene = scene(&engine);
        let layers: Vec<_> = inputs.iter().map(|(input, frame)| (*input, hidden(&scene, frame))).collect();
        let effect = scene.effect(scene.layer(&source), name, &params);
        layers.iter().for_each(|(input, layer)| connect(&scene, effect, input, *layer));
        let count = scene.project.snapshot().effect(effect).expect("it is there").2.input_names().len() + 1;
        let mut pictures = vec![None; count];
        pictures[0] = Some(&*source);
        inputs.iter().zip(1..).for_each(|((_, frame), at)| pictures[at] = Some(&**frame));
        assert_same_bits(&scene.render(), &applied(&scene, effect, &pictures));
        assert_same_bits(&scene.render_cached(0), &scene.render());
    }
}

#[test]
fn an_input_that_has_to_be_there_is_an_error_until_it_is() {
    let engine = mixers();
    let scene = scene(&engine);
    let other = hidden(&scene, &noisy(2));
    let effect = scene.effect(scene.layer(&noisy(1)), "TwoInputs", &[]);
    let error = scene.error();
    assert!(matches!(&*error.problem, Problem::EffectInput { input } if input == "background"), "{error}");
    assert!(error.to_string().contains("set it in the effect's `inputs`"), "{error}");
    connect(&scene, effect, "background", other);
    scene.render();
}

#[test]
fn what_is_read_is_the_layer_after_its_effects_and_not_in_its_place() {
    let engine = mixers();
    let scene = scene(&engine);
    let (source, other) = (noisy(1), noisy(2));
    let under = hidden(&scene, &other);
    scene.set(under, &[("position", vec3(7.0, 3.0, 0.0)), ("opacity", Value::Float(0.25))]);
    let stops = scene.effect(under, "Exposure", &[("stops", Value::Float(1.0))]);
    let effect = scene.effect(scene.layer(&source), "Dissolve", &[("amount", Value::Float(0.5))]);
    connect(&scene, effect, "other", under);
    let brighter = Frame::new(applied(&scene, stops, &[Some(&other)]));
    let expected = applied(&scene, effect, &[Some(&source), Some(&brighter), None]);
    assert_same_bits(&scene.render_cached(0), &expected);
    // Keys hold what it depends on: an edit of the one that is read shows, and taken back, it shows again.
    scene.project.set_effect_param(stops, "stops", &Value::Float(0.0)).expect("it fits");
    let plain = applied(&scene, effect, &[Some(&source), Some(&other), None]);
    assert_same_bits(&scene.render_cached(0), &plain);
    scene.project.undo().expect("nothing is open");
    assert_same_bits(&scene.render_cached(0), &expected);
    // What is shown of it elsewhere has no part in it.
    scene.set(under, &[("visible", Value::Bool(true)), ("opacity", Value::Float(0.0))]);
    assert_same_bits(&scene.render(), &expected);
}

#[test]
fn its_time_is_that_of_the_comp_and_its_trims_hold() {
    let engine = mixers();
    let scene = scene(&engine);
    let source = picture(SIZE.0, SIZE.1, flat([0.0, 0.0, 0.0, 1.0]));
    // White at frame 10, black at frame 0.
    let solid = scene.project.add_solid("ramp", &[]).expect("a solid");
    let key = |frame: f64, value: f64| {
        let key = Key::new(frame, Value::Color([value, value, value, 1.0]), Interp::Linear);
        scene.project.set_key(Node::Solid(solid), "color", &key).expect("it fits");
    };
    key(0.0, 0.0);
    key(10.0, 1.0);
    let ramp = scene.layer_of(LayerSource::Solid(solid));
    scene.set(ramp, &[("visible", Value::Bool(false))]);
    let dissolve = scene.effect(scene.layer(&source), "Dissolve", &[("amount", Value::Float(0.5))]);
    connect(&scene, dissolve, "other", ramp);
    for frame in [0, 3, 10] {
        let value = frame as f32 / 20.0;
        assert_image(&scene.render_at(frame), 1e-6, flat([value, value, value, 1.0]));
    }
    scene.set(ramp, &[("trim_in", Value::Float(5.0))]);
    assert_image(&scene.render_at(4), 0.0, flat([0.0, 0.0, 0.0, 0.5]));
    assert_image(&scene.render_at(6), 1e-6, flat([0.3, 0.3, 0.3, 1.0]));
    key_layer(&scene, ramp, "opacity", &[(0.0, Value::Float(0.1), Interp::Linear)]);
    assert_image(&scene.render_at(6), 1e-6, flat([0.3, 0.3, 0.3, 1.0]));
}

#[test]
fn many_ways_to_one_layer_are_gone_once() {
    let engine = mixers();
    let scene = scene(&engine);
    let mut below = hidden(&scene, &picture(SIZE.0, SIZE.1, flat([0.5, 0.25, 0.125, 1.0])));
    // Each reads the one below twice: 2^40 ways.
    for _ in 0..40 {
        let layer = hidden(&scene, &noisy(1));
        let effect = scene.effect(layer, "Dissolve", &[("amount", Value::Float(0.5))]);
        connect(&scene, effect, "other", below);
        connect(&scene, effect, "mask", below);
        below = layer;
    }
    scene.set(below, &[("visible", Value::Bool(true))]);
    let start = Instant::now();
    scene.render();
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert!(scene.graph().nodes.len() < 200, "{}", scene.graph().nodes.len());
}

#[test]
fn the_graph_shows_which_pictures_an_effect_is_made_of() {
    let engine = mixers();
    let scene = scene(&engine);
    let other = hidden(&scene, &noisy(2));
    let effect = scene.effect(scene.layer(&noisy(1)), "Dissolve", &[("amount", Value::Float(0.5))]);
    connect(&scene, effect, "other", other);
    let graph = scene.graph();
    let dissolve = graph.nodes.iter().find(|node| node.kind == "effect").expect("there is one");
    assert_eq!(dissolve.inputs.len(), 2, "{graph}");
    assert!(dissolve.inputs.iter().all(|input| graph.nodes[*input].kind == "memory"), "{graph}");
}
