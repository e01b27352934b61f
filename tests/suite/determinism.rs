//! The same bits on any number of threads, in tiles of any size, at any SIMD level, in any load order of the plugins, in
//! any pieces, with or without what was made before, and whenever it is asked again.

use std::process::Command;
use std::sync::Arc;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::project::{Interp, LayerSource, Node, Value};
use playa_host::render::{Region, RenderOptions, TileSize};

use crate::support::{
    Scene, assert_same_bits, engine, engine_with, image, key_layer, noise, overscan, picture, set_matte, vec3,
};

/// What [`busy`] takes.
const PLUGINS: [&str; 6] = [
    "playa-gaussian-blur",
    "playa-brightness-contrast",
    "playa-adjust-hsv",
    "fixture-gain",
    "fixture-generator",
    "fixture-temporal",
];

const MODES: [&str; 8] = ["normal", "add", "screen", "soft_light", "luminosity", "difference", "atop", "overlay"];

fn float(value: f64) -> Value {
    Value::Float(value)
}

/// Everything at once, at odd sizes, best looked at in frame 2.
fn busy(engine: &Engine) -> Scene<'_> {
    let source: Arc<Frame> = overscan(Rect::new(-7, -3, 90, 61), Rect::of_size(83, 59), noise(30));
    let scene = Scene::on(engine, 97, 71);
    let flat = nested(&scene, &source);
    let deep = seen_by_a_camera(&scene, &source);
    scene.layer(&source);
    for (index, filter) in ["impulse", "bilinear", "cubic", "mitchell", "lanczos3"].into_iter().enumerate() {
        let i = index as f64;
        let layer = scene.layer(&picture(41, 37, noise(31 + index as u32)));
        scene.effect(layer, "Gain", &[("gain", float(0.5 + 0.25 * i))]);
        scene.effect(layer, "Temporal", &[]);
        scene.set(layer, &[("filter", Value::Choice(filter.into())), ("rotation", vec3(0.0, 0.0, 17.0 * i - 30.0))]);
        scene.set(layer, &[("scale", vec3(0.3 + 0.4 * i, 1.7 - 0.35 * i, 1.0)), ("opacity", float(0.9))]);
        scene.set(layer, &[("position", vec3(13.0 * i - 24.5, 9.25 - 7.0 * i, 0.0))]);
        scene.set(layer, &[("blend_mode", Value::Choice(MODES[index].into()))]);
    }
    let nested = scene.layer_of(LayerSource::Comp(flat.comp));
    let mixed = scene.effect(nested, "GaussianBlur", &[("radius", float(3.0))]);
    scene.project.set_effect_mix(mixed, 0.6).expect("valid");
    scene.set(nested, &[("rotation", vec3(0.0, 0.0, -31.0)), ("blend_mode", Value::Choice("add".into()))]);
    let matte = scene.layer_of(LayerSource::Comp(deep.comp));
    scene.effect(matte, "GaussianBlur", &[("radius", float(2.0))]);
    scene.set(matte, &[("visible", Value::Bool(false)), ("rotation", vec3(0.0, 0.0, 5.0))]);
    let top = scene.layer_of(LayerSource::Comp(flat.comp));
    scene.effect(top, "BrightnessContrast", &[("contrast", float(0.25))]);
    scene.set(top, &[("position", vec3(20.5, 10.25, 0.0)), ("opacity", float(0.5))]);
    set_matte(&scene, top, matte, "luminance", true);
    for mode in &MODES[5..] {
        let layer = scene.layer_of(LayerSource::Comp(deep.comp));
        scene.set(layer, &[("blend_mode", Value::Choice((*mode).into())), ("opacity", float(0.75))]);
        set_matte(&scene, layer, matte, "red", false);
    }
    // Opaque in parts, so that what lies below is painted in some tiles and not in others.
    let solid = picture(91, 65, |x, y| {
        let [r, g, b, a] = noise(40)(x, y);
        [r, g, b, if (x / 20 + y / 16) % 2 == 0 { 1.0 } else { a }]
    });
    scene.layer(&solid);
    let veil = scene.project.add_solid("veil", &[("color", Value::Color([0.8, 0.1, 0.4, 0.3]))]).expect("valid");
    let veil = scene.layer_of(LayerSource::Solid(veil));
    scene.set(veil, &[("blend_mode", Value::Choice("overlay".into()))]);
    set_matte(&scene, veil, matte, "alpha", false);
    let size = [("font_size", float(19.0)), ("bg_color", Value::Color([0.0, 0.2, 0.1, 0.5]))];
    let title = scene.project.add_text("Same bits\n\u{5e9}\u{5dc}\u{5d5}\u{5dd}", &size).expect("valid");
    let title = scene.layer_of(LayerSource::Text(title));
    scene.set(title, &[("rotation", vec3(0.0, 0.0, -9.0)), ("opacity", float(0.8))]);
    let moving = scene.layer(&picture(23, 11, noise(39)));
    scene.effect(moving, "Gain", &[("gain", float(1.5))]);
    scene.set(moving, &[("motion_blur", Value::Bool(true))]);
    key_layer(
        &scene,
        moving,
        "rotation",
        &[(0.0, vec3(0.0, 0.0, 0.0), Interp::Bezier), (5.0, vec3(0.0, 0.0, 200.0), Interp::Hold)],
    );
    key_layer(
        &scene,
        moving,
        "position",
        &[(0.0, vec3(-40.0, 0.0, 0.0), Interp::Linear), (5.0, vec3(50.0, 9.0, 0.0), Interp::Hold)],
    );
    scene
}

/// Effects of both kinds on a layer that is turned, and a small one.
fn nested<'a>(scene: &Scene<'a>, source: &Arc<Frame>) -> Scene<'a> {
    let inner = scene.inner("Flat", 61, 43);
    let blurred = inner.layer(source);
    inner.effect(blurred, "GaussianBlur", &[("radius", float(6.5))]);
    inner.effect(blurred, "AdjustHSV", &[("hue_shift", float(40.0)), ("saturation", float(1.5))]);
    inner.set(blurred, &[("rotation", vec3(0.0, 0.0, 12.0)), ("scale", vec3(1.3, 0.7, 1.0))]);
    let dot = inner.layer(source);
    inner.set(dot, &[("scale", vec3(0.3, 0.3, 1.0)), ("opacity", float(0.7))]);
    inner
}

/// Layers in space, one of which reaches behind the eye.
fn seen_by_a_camera<'a>(scene: &Scene<'a>, source: &Arc<Frame>) -> Scene<'a> {
    let inner = scene.inner("Deep", 73, 67);
    let (far, near) = (inner.layer(source), inner.layer(source));
    inner.effect(far, "Generator", &[("size", Value::Int(5))]);
    inner.set(far, &[("rotation", vec3(35.0, -20.0, 8.0)), ("position", vec3(6.0, 3.0, -40.0))]);
    inner.effect(near, "AdjustHSV", &[("hue_shift", float(-70.0))]);
    inner.set(near, &[("rotation", vec3(-84.0, 0.0, 0.0)), ("position", vec3(0.0, -15.0, 30.0))]);
    inner.set(near, &[("scale", vec3(1.0, 6.0, 1.0)), ("filter", Value::Choice("cubic".into()))]);
    inner.set(near, &[("motion_blur", Value::Bool(true))]);
    key_layer(&inner, near, "opacity", &[(0.0, float(0.2), Interp::Linear), (4.0, float(1.0), Interp::Hold)]);
    let camera = scene.project.add_camera("Eye", &[]).expect("valid");
    let eye = inner.layer_of(LayerSource::Camera(camera));
    key_layer(
        &inner,
        eye,
        "rotation",
        &[(0.0, vec3(0.0, 0.0, 0.0), Interp::Linear), (8.0, vec3(3.0, 9.0, 1.0), Interp::Hold)],
    );
    inner
}

const FRAME: i64 = 2;

fn rendered_with(scene: &Scene<'_>, threads: usize, options: &RenderOptions) -> Image {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
    let frame = pool.install(|| scene.engine.render(&scene.project, scene.comp, FRAME, options));
    frame.unwrap_or_else(|error| panic!("{error}")).image
}

fn anew() -> RenderOptions {
    RenderOptions { cache: false, region: Region::Data, ..RenderOptions::default() }
}

fn rendered(scene: &Scene<'_>, threads: usize) -> Image {
    rendered_with(scene, threads, &anew())
}

#[test]
fn any_number_of_threads_and_any_tiles_give_the_same_bits() {
    let scene = busy(engine());
    let expected = rendered(&scene, 1);
    assert!(expected.window().width() > 97, "overscan is part of the comparison: {}", expected.window());
    assert!(expected.values().iter().any(|value| *value > 1.0), "and so is light above 1");
    assert!(expected.values().iter().all(|value| value.is_finite()), "and nothing is lost in NaN");
    for threads in [2, 3, 8] {
        assert_same_bits(&rendered(&scene, threads), &expected);
    }
    let sizes = [(32, 32), (7, 5), (512, 1), (512, 512), (1024, 8), (256, 32), (0, 0), (usize::MAX, usize::MAX)];
    for (width, height) in sizes {
        let tile = Some(TileSize { width, height });
        assert_same_bits(&rendered_with(&scene, 3, &RenderOptions { tile, ..anew() }), &expected);
    }
}

#[test]
fn any_pieces_make_the_whole() {
    let scene = busy(engine());
    let expected = rendered(&scene, 2);
    let window = expected.window();
    for (width, height) in [(31, 29), (window.width() as i32, 9), (13, window.height() as i32)] {
        for y in (window.y0..window.y1).step_by(height as usize) {
            for x in (window.x0..window.x1).step_by(width as usize) {
                let part = Rect::new(x, y, x + width, y + height).intersect(&window);
                let found = rendered_with(&scene, 2, &RenderOptions { region: Region::Window(part), ..anew() });
                assert_same_bits(&found, &image(part, |x, y| expected.pixel(x, y)));
            }
        }
    }
}

#[test]
fn any_load_order_gives_the_same_bits() {
    let expected = rendered(&busy(engine()), 2);
    for shift in [1, 4] {
        let mut order = PLUGINS;
        order.rotate_left(shift);
        assert_same_bits(&rendered(&busy(&engine_with(&order)), 2), &expected);
        order.reverse();
        assert_same_bits(&rendered(&busy(&engine_with(&order)), 2), &expected);
    }
}

/// Set in the child: the file that gets its pixels.
const CHILD: &str = "PLAYA_TEST_PIXELS";

/// A plugin reads `PLAYA_SIMD` once, so each level takes a process.
#[test]
fn any_simd_level_gives_the_same_bits() {
    if let Some(file) = std::env::var_os(CHILD) {
        let bytes: Vec<u8> = rendered(&busy(engine()), 2).values().iter().flat_map(|v| v.to_le_bytes()).collect();
        std::fs::write(file, bytes).expect("written");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let pixels = |level: &str| {
        let file = folder.path().join(level);
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        child.args(["--exact", "determinism::any_simd_level_gives_the_same_bits"]);
        let output = child.env(CHILD, &file).env("PLAYA_SIMD", level).output().expect("a child");
        assert!(output.status.success(), "{level}: {}", String::from_utf8_lossy(&output.stdout));
        std::fs::read(file).expect("the child wrote it")
    };
    let expected: Vec<u8> = rendered(&busy(engine()), 2).values().iter().flat_map(|v| v.to_le_bytes()).collect();
    for level in ["baseline", "avx2", "avx512"] {
        let found = pixels(level);
        assert_eq!(found.len(), expected.len(), "{level}");
        let differ = found.chunks(4).zip(expected.chunks(4)).position(|(a, b)| a != b);
        assert_eq!(differ, None, "{level}: value {differ:?} differs");
    }
}

/// With a cache that holds all, one that holds little and one that holds nothing; each edit leaves other pictures behind.
#[test]
fn what_was_made_before_changes_no_bit() {
    for budget in [u64::MAX, 300_000, 0] {
        let engine = engine_with(&PLUGINS);
        engine.renderer().cache().set_budget(budget);
        let scene = busy(&engine);
        let layers: Vec<_> =
            scene.project.snapshot().comps[&scene.comp].layers.iter().map(|layer| layer.uuid()).collect();
        for (step, layer) in layers.iter().cycle().take(2 * layers.len()).enumerate() {
            let (name, value) = match step % 3 {
                0 => ("opacity", float(0.95 - step as f64 / 50.0)),
                1 => ("visible", Value::Bool(step % 2 == 0)),
                _ => ("position", vec3(step as f64, -3.0, 0.0)),
            };
            if scene.project.keys(Node::Layer(*layer), name).is_ok_and(|keys| keys.is_empty()) {
                scene.set(*layer, &[(name, value)]);
            }
            let region = [Region::Data, Region::Display, Region::Window(Rect::new(10, 20, 60, 33))][step % 3];
            let options = RenderOptions { region, ..anew() };
            let expected = rendered_with(&scene, 2, &options);
            for _ in 0..2 {
                assert_same_bits(
                    &rendered_with(&scene, 2, &RenderOptions { cache: true, ..options.clone() }),
                    &expected,
                );
            }
        }
        assert_eq!(engine.renderer().cache().stats().hits > 0, budget > 0, "{:?}", engine.renderer().cache().stats());
    }
}

#[test]
fn renders_at_the_same_time_do_not_disturb_each_other() {
    let scene = busy(engine());
    let expected = rendered(&scene, 2);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_same_bits(&rendered(&scene, 2), &expected));
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
