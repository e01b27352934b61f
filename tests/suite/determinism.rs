//! The same bits on any number of threads, in any load order of the plugins, and whenever it is asked again.

use std::sync::Arc;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::project::{LayerSource, Value};
use playa_host::render::{Region, RenderOptions};

use crate::support::{Scene, add_comp, assert_same_bits, engine, engine_with, noise, overscan, vec3};

/// Everything at once, at odd sizes: three effects, turned and scaled layers, a comp in a comp, two blend modes.
fn busy(engine: &Engine) -> Scene<'_> {
    let source: Arc<Frame> = overscan(Rect::new(-7, -3, 90, 61), Rect::of_size(83, 59), noise(30));
    let scene = Scene::on(engine, 97, 71);
    let inner = Scene { comp: add_comp(&scene.project, "Inner", 61, 43), project: scene.project.clone(), engine };
    let blurred = inner.layer(&source);
    inner.effect(blurred, "GaussianBlur", &[("radius", Value::Float(6.5))]);
    inner.effect(blurred, "AdjustHSV", &[("hue_shift", Value::Float(40.0)), ("saturation", Value::Float(1.5))]);
    inner.set(blurred, &[("rotation", vec3(0.0, 0.0, 12.0)), ("scale", vec3(1.3, 0.7, 1.0))]);
    let dot = inner.layer(&source);
    inner.set(dot, &[("scale", vec3(0.3, 0.3, 1.0)), ("opacity", Value::Float(0.7))]);

    scene.layer(&source);
    let nested = scene.layer_of(LayerSource::Comp(inner.comp));
    let mixed = scene.effect(nested, "GaussianBlur", &[("radius", Value::Float(3.0))]);
    scene.project.set_effect_mix(mixed, 0.6).expect("valid");
    scene.set(nested, &[("rotation", vec3(0.0, 0.0, -31.0)), ("blend_mode", Value::Choice("add".into()))]);
    let top = scene.layer_of(LayerSource::Comp(inner.comp));
    scene.effect(top, "BrightnessContrast", &[("contrast", Value::Float(0.25))]);
    scene.set(top, &[("position", vec3(20.5, 10.25, 0.0)), ("opacity", Value::Float(0.5))]);
    scene
}

fn rendered(scene: &Scene<'_>, threads: usize) -> Image {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
    pool.install(|| scene.render_region(Region::Data))
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let scene = busy(engine());
    let expected = rendered(&scene, 1);
    assert!(expected.window().width() > 97, "overscan is part of the comparison: {}", expected.window());
    assert!(expected.values().iter().any(|value| *value > 1.0), "and so is light above 1");
    for threads in [2, 3, 8] {
        assert_same_bits(&rendered(&scene, threads), &expected);
    }
}

#[test]
fn any_load_order_gives_the_same_bits() {
    let plugins = ["playa-gaussian-blur", "playa-brightness-contrast", "playa-adjust-hsv", "fixture-gain"];
    let expected = rendered(&busy(engine()), 2);
    for shift in 0..plugins.len() {
        let mut order = plugins;
        order.rotate_left(shift);
        assert_same_bits(&rendered(&busy(&engine_with(&order)), 2), &expected);
        order.reverse();
        assert_same_bits(&rendered(&busy(&engine_with(&order)), 2), &expected);
    }
}

#[test]
fn renders_at_the_same_time_do_not_disturb_each_other() {
    let scene = busy(engine());
    let expected = rendered(&scene, 2);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_same_bits(&scene.render_region(Region::Data), &expected));
        }
    });
}

/// A render works on the project of the moment at which it was asked for.
#[test]
fn an_edit_during_a_render_shows_in_the_next_one() {
    let scene = busy(engine());
    let before = scene.project.snapshot();
    let expected = scene.render();
    let layer = before.comps[&scene.comp].layers[0].uuid();
    scene.set(layer, &[("visible", Value::Bool(false))]);
    let options = RenderOptions::default();
    let old = engine().renderer().render(&before, &engine().effects(), scene.comp, 0, &options).expect("it renders");
    assert_same_bits(&old.image, &expected);
    assert_ne!(scene.render().values(), expected.values());
}
