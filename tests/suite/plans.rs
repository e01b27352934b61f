//! What is made whole, what is fused, what is not made at all, and how much of it is asked for.

use std::time::{Duration, Instant};

use playa_host::image::Rect;
use playa_host::project::{LayerSource, Value};
use playa_host::render::plan::Making;
use playa_host::render::{Region, RenderOptions};

use crate::support::{Call, Record, Scene, assert_image, flat, noise, picture, solid_file, vec3};

/// Each picture by what it is, and how it is made.
fn plan(scene: &Scene<'_>) -> Vec<(String, Making)> {
    let name = |label: &str| label.split(" of ").next().expect("a name").to_owned();
    scene.graph().nodes.iter().map(|node| (name(&node.label), node.making)).collect()
}

#[track_caller]
fn assert_plan(scene: &Scene<'_>, expected: &[(&str, Making)]) {
    let found = plan(scene);
    let found: Vec<_> = found.iter().map(|(name, making)| (name.as_str(), *making)).collect();
    assert_eq!(found, expected);
}

const GAIN: (&str, Value) = ("gain", Value::Float(2.0));

#[test]
fn pixel_wise_effects_are_fused_whoever_made_them_and_wide_ones_are_not() {
    use Making::{Fused, Output, Sampled, Source, Wide};
    let scene = Scene::new(16, 9);
    let layer = scene.layer(&picture(16, 9, noise(1)));
    scene.effect(layer, "Gain", &[GAIN]);
    scene.effect(layer, "BrightnessContrast", &[("contrast", Value::Float(0.5))]);
    scene.effect(layer, "AdjustHSV", &[("hue_shift", Value::Float(90.0))]);
    scene.effect(layer, "GaussianBlur", &[]);
    scene.effect(layer, "Gain", &[GAIN]);
    scene.set(layer, &[("position", vec3(3.0, 0.0, 0.0))]);
    let expected = [
        ("memory", Source),
        ("Gain", Fused),
        ("BrightnessContrast", Fused),
        ("AdjustHSV", Sampled),
        ("GaussianBlur", Wide),
        ("Gain", Fused),
        ("move by 3, 0", Fused),
        ("comp \"Main\"", Output),
    ];
    assert_plan(&scene, &expected);
}

#[test]
fn what_is_turned_is_made_whole_before_and_a_comp_shown_twice_once() {
    use Making::{Fused, Output, Sampled, Shared, Source};
    let scene = Scene::new(16, 9);
    let turned = scene.layer(&picture(16, 9, noise(1)));
    scene.effect(turned, "Gain", &[GAIN]);
    scene.set(turned, &[("rotation", vec3(0.0, 0.0, 30.0))]);
    let expected = [("memory", Source), ("Gain", Sampled), ("transform (bilinear)", Fused), ("comp \"Main\"", Output)];
    assert_plan(&scene, &expected);

    let scene = Scene::new(16, 9);
    let inner = scene.inner("Inner", 16, 9);
    inner.layer(&picture(16, 9, noise(1)));
    inner.layer(&picture(16, 9, noise(2)));
    for shift in [1.0, 2.0] {
        let layer = scene.layer_of(LayerSource::Comp(inner.comp));
        scene.set(layer, &[("position", vec3(shift, 0.0, 0.0))]);
    }
    let expected = [
        ("memory", Source),
        ("memory", Source),
        ("comp \"Inner\"", Shared),
        ("move by 1, 0", Fused),
        ("move by 2, 0", Fused),
        ("comp \"Main\"", Output),
    ];
    assert_plan(&scene, &expected);
}

#[test]
fn layers_that_show_the_same_share_it() {
    let scene = Scene::new(16, 9);
    let source = picture(16, 9, noise(1));
    for opacity in [0.25, 0.5] {
        let layer = scene.layer(&source);
        scene.effect(layer, "Gain", &[GAIN]);
        scene.set(layer, &[("opacity", Value::Float(opacity))]);
    }
    assert_plan(&scene, &[("memory", Making::Source), ("Gain", Making::Shared), ("comp \"Main\"", Making::Output)]);
}

#[test]
fn a_long_chain_is_cut_and_has_the_pixels_of_its_steps() {
    let scene = Scene::new(13, 7);
    let source = picture(13, 7, noise(3));
    let layer = scene.layer(&source);
    let gains: Vec<f32> = (0..200).map(|step| if step % 2 == 0 { 1.3 } else { 0.75 }).collect();
    for gain in &gains {
        // As a project has it: the f64 nearest to the f32.
        scene.effect(layer, "Gain", &[("gain", Value::Float((*gain).into()))]);
    }
    let deep = plan(&scene).iter().filter(|(_, making)| *making == Making::Deep).count();
    assert_eq!(deep, 3, "every 64 of 200");
    let step = |[r, g, b, a]: [f32; 4], gain: &f32| [r * gain, g * gain, b * gain, a];
    assert_image(&scene.render(), 0.0, |x, y| gains.iter().fold(source.image.pixel(x, y), step));
}

#[test]
fn what_changes_nothing_and_what_is_empty_is_not_there() {
    let scene = Scene::new(16, 9);
    let layer = scene.layer(&picture(16, 9, noise(1)));
    scene.effect(layer, "BrightnessContrast", &[]);
    scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(0.0))]);
    scene.effect(layer, "AdjustHSV", &[]);
    let unseen = scene.layer(&picture(16, 9, noise(2)));
    scene.set(unseen, &[("opacity", Value::Float(0.0))]);
    let flat = scene.layer(&picture(16, 9, noise(3)));
    scene.set(flat, &[("scale", vec3(1.0, 0.0, 1.0))]);
    scene.layer_of(LayerSource::Comp(scene.inner("Empty", 9, 9).comp));
    let nodes = scene.graph().nodes;
    let comp = nodes.last().expect("the comp");
    assert_eq!((comp.layers.len(), comp.inputs.as_slice()), (1, &[0][..]), "{nodes:?}");
    assert_eq!((nodes[0].kind, comp.kind), ("memory", "comp"));
}

/// A layer whose effect writes down its calls, at the bottom.
fn recorded(scene: &Scene<'_>, effect: &str) -> Record {
    let record = Record::new();
    let layer = scene.layer(&picture(64, 48, noise(4)));
    scene.effect(layer, effect, &[record.param()]);
    record
}

#[test]
fn what_lies_under_something_opaque_is_not_made() {
    let scene = Scene::new(64, 48);
    let record = recorded(&scene, "RecordsPixels");
    let top = scene.layer(&picture(64, 48, flat([0.5, 0.25, 2.0, 1.0])));
    assert_image(&scene.render(), 0.0, flat([0.5, 0.25, 2.0, 1.0]));
    assert_eq!(record.take(), [], "its pixels are all opaque");
    scene.set(top, &[("opacity", Value::Float(0.5))]);
    scene.render();
    assert!(!record.take().is_empty(), "now it is seen");

    // A wide effect is made before any pixel of the layer above is known. A file without alpha is known to be opaque.
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(64, 48);
    let record = recorded(&scene, "RecordsArea");
    let top = scene.layer_of(LayerSource::Path(solid_file(folder.path(), "top.png", 64, 48)));
    scene.render();
    assert_eq!(record.take(), []);
    scene.set(top, &[("opacity", Value::Float(0.5))]);
    scene.render();
    assert_eq!(record.take().len(), 1);
}

/// What lies below may be a picture that is kept for the next render; under something opaque it is not needed either.
#[test]
fn what_was_to_be_kept_is_not_made_under_something_opaque() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(64, 48);
    let record = recorded(&scene, "RecordsArea");
    let second = scene.layer(&picture(64, 48, noise(5)));
    scene.effect(second, "Temporal", &[]);
    scene.set(second, &[("opacity", Value::Float(0.5))]);
    let top = scene.layer_of(LayerSource::Path(solid_file(folder.path(), "top.png", 64, 48)));
    for mode in ["normal", "copy", "normal", "copy"] {
        scene.set(top, &[("blend_mode", Value::Choice(mode.into()))]);
        scene.render_cached(0);
        assert_eq!(record.take(), [], "{mode}");
    }
}

#[test]
fn a_window_asks_for_just_what_it_needs() {
    let scene = Scene::new(64, 48);
    let record = Record::new();
    let layer = scene.layer(&picture(64, 48, noise(4)));
    let effect = scene.effect(layer, "RecordsArea", &[record.param(), ("radius", Value::Int(3))]);
    scene.set(layer, &[("position", vec3(5.0, 2.0, 0.0))]);
    let window = Rect::new(20, 10, 31, 17);
    let source = window.translate(-5, 2);
    scene.render_region(Region::Window(window));
    assert_eq!(record.take(), [Call { output: source, input: source.grow(3, 3) }]);
    // At the edge there is no more than there is.
    scene.render_region(Region::Window(Rect::new(0, 0, 7, 4)));
    let corner = Rect::new(0, 2, 2, 6);
    assert_eq!(record.take(), [Call { output: corner, input: Rect::new(0, 0, 5, 9) }]);
    scene.render_region(Region::Window(Rect::new(-40, -40, 5, 3)));
    assert_eq!(record.take(), [], "nothing of it is there");
    // Through a blur that looks 2 * radius around, and an effect that is fused.
    let blur = scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(2.0))]);
    let pixels = scene.effect(layer, "RecordsPixels", &[record.param()]);
    scene.project.move_effect(pixels, 0).expect("valid");
    scene.render_region(Region::Window(window));
    let blurred = source.grow(4, 4);
    let calls = record.take();
    let wide = Call { output: blurred, input: blurred.grow(3, 3) };
    assert_eq!(calls.last(), Some(&wide), "{calls:?}");
    let fused = &calls[..calls.len() - 1];
    assert_eq!(fused.iter().fold(Rect::EMPTY, |all, call| all.union(&call.output)), wide.input);
    assert_eq!(fused.iter().map(|call| call.output.area()).sum::<u64>(), wide.input.area(), "each pixel once");
    assert!(fused.iter().all(|call| call.output == call.input), "{fused:?}");
    // Turned by 90 degrees and enlarged, a window of 10 x 6 is 3 x 5 pixels of the layer; bilinear takes one more around,
    // and what is planned may have some to spare.
    for gone in [blur, pixels] {
        scene.project.remove_effect(gone).expect("it is there");
    }
    scene.project.set_effect_param(effect, "radius", &Value::Int(0)).expect("valid");
    scene.set(layer, &[("rotation", vec3(0.0, 0.0, 90.0)), ("scale", vec3(2.0, 2.0, 1.0))]);
    scene.render_region(Region::Window(Rect::new(30, 20, 40, 26)));
    let calls = record.take();
    assert_eq!(calls.len(), 1);
    let (width, height) = (calls[0].output.width(), calls[0].output.height());
    assert!((3..=7).contains(&width) && (5..=9).contains(&height), "{calls:?}");
}

/// Whatever a comp shows twice is made once, or made of what is: else each of these would double the work.
#[test]
fn comps_that_show_the_next_one_twice_take_as_long_as_they_are_deep() {
    for shift in [0.0, 1.0] {
        let scene = Scene::new(8, 8);
        let mut outer = scene.inner("Inside 0", 8, 8);
        scene.layer_of(LayerSource::Comp(outer.comp));
        for depth in 1..40 {
            let inner = scene.inner(&format!("Inside {depth}"), 8, 8);
            for mode in ["normal", "in"] {
                let layer = outer.layer_of(LayerSource::Comp(inner.comp));
                outer.set(layer, &[("position", vec3(shift, 0.0, 0.0)), ("blend_mode", Value::Choice(mode.into()))]);
            }
            outer = inner;
        }
        outer.layer(&picture(100, 8, flat([0.5, 0.25, 0.125, 1.0])));
        let start = Instant::now();
        let abort = RenderOptions::default().abort;
        let options = RenderOptions { abort: abort.clone(), ..RenderOptions::default() };
        std::thread::scope(|scope| {
            // 2^40 steps would not end.
            let watch = scope.spawn(move || {
                while start.elapsed() < Duration::from_secs(20) && std::sync::Arc::strong_count(&abort) > 1 {
                    std::thread::sleep(Duration::from_millis(5));
                }
                abort.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            let found = scene.try_render(0, &options);
            assert_image(&found.expect("it ends").image, 0.0, flat([0.5, 0.25, 0.125, 1.0]));
            let elsewhere = Region::Window(Rect::new(2000, 0, 2008, 8));
            let found = scene.try_render(0, &RenderOptions { region: elsewhere, ..options });
            assert_image(&found.expect("it ends").image, 0.0, flat([0.0; 4]));
            watch.join().expect("no panic");
        });
    }
}
