//! Sizes, places and times that nobody means end as an error or as a picture, soon and within the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use playa_host::image::Rect;
use playa_host::project::Value;
use playa_host::render::{Problem, Region, RenderError, RenderOptions};

use crate::support::{Scene, assert_image, assert_same_bits, flat, image, noise, picture, vec3};

/// What "soon" means here: nothing like the time that the work asked for would take.
const SOON: Duration = Duration::from_secs(2);

fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    assert!(started.elapsed() < SOON, "{what}: {:?}", started.elapsed());
    result
}

fn too_large(result: Result<playa_host::image::Frame, RenderError>) -> String {
    let error = result.expect_err("it is too large");
    assert!(matches!(*error.problem, Problem::TooLarge { .. }), "{error}");
    error.to_string()
}

#[test]
fn a_comp_too_large_for_memory_is_refused_with_the_numbers() {
    let scene = Scene::new(1 << 20, 1 << 20);
    scene.layer(&picture(4, 4, noise(60)));
    let text = soon("the largest comp", || too_large(scene.try_render(0, &RenderOptions::default())));
    for part in ["comp \"Main\", frame 0", "[0, 1048576) x [0, 1048576)", "17592186044416 bytes", "2147483648"] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    // What was asked for counts, not the comp.
    let middle = 1 << 19;
    let window = Rect::new(middle - 3, middle - 3, middle + 3, middle + 3);
    let found = soon("a window of it", || scene.render_region(Region::Window(window)));
    assert_image(&found, 0.0, |x, y| noise_at(x - middle + 2, y - middle + 2));
    let everything = Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX);
    let options = RenderOptions { region: Region::Window(everything), ..RenderOptions::default() };
    soon("all of the plane", || too_large(scene.try_render(0, &options)));
}

fn noise_at(x: i32, y: i32) -> [f32; 4] {
    if Rect::of_size(4, 4).contains(x, y) { noise(60)(x, y) } else { [0.0; 4] }
}

#[test]
fn the_limit_counts_every_image_on_the_way() {
    let scene = Scene::new(64, 64);
    let layer = scene.layer(&picture(64, 64, noise(61)));
    let options = |max_image_bytes| RenderOptions { max_image_bytes, ..RenderOptions::default() };
    assert!(scene.try_render(0, &options(64 * 64 * 16)).is_ok());
    too_large(scene.try_render(0, &options(64 * 64 * 16 - 1)));
    // A blur that spreads is larger than its comp; scratch memory counts as well.
    let blur = [("radius", Value::Float(10.0)), ("edges", Value::Choice("transparent".into()))];
    scene.effect(layer, "GaussianBlur", &blur);
    scene.set(layer, &[("rotation", vec3(0.0, 0.0, 10.0))]);
    let error = scene.try_render(0, &options(64 * 64 * 16)).expect_err("the blur takes more");
    assert_eq!(error.effect.as_deref(), Some("GaussianBlur"), "{error}");
}

#[test]
fn extreme_places_are_pictures_or_errors_and_no_panic() {
    let source = picture(5, 5, flat([0.5, 0.25, 1.0, 1.0]));
    let far = 1e9;
    for (name, value) in [
        ("position", vec3(far, 0.0, 0.0)),
        ("position", vec3(-far, far, far)),
        ("position", vec3(far - 0.5, 0.25, 0.0)),
        ("pivot", vec3(far, -far, 0.0)),
        ("pivot", vec3(0.5 - far, far, 0.0)),
        ("rotation", vec3(far, -far, far)),
        ("scale", vec3(1e-9, 1e-9, 1.0)),
        ("scale", vec3(1e-300, 1e-300, 1.0)),
        ("scale", vec3(f64::MIN_POSITIVE, 1.0, 1.0)),
    ] {
        let scene = Scene::new(8, 8);
        let layer = scene.layer(&source);
        scene.set(layer, &[(name, value.clone())]);
        let found = soon(name, || scene.render());
        assert_eq!(found.window(), Rect::of_size(8, 8), "{name} {value}");
        assert!(found.values().iter().all(|value| value.is_finite() && (0.0..=1.0).contains(value)), "{name} {value}");
        let everything = RenderOptions { region: Region::Data, ..RenderOptions::default() };
        let _ = soon(name, || scene.try_render(0, &everything));
    }
    let scene = Scene::new(8, 8);
    let layer = scene.layer(&source);
    scene.set(layer, &[("position", vec3(far, far, 0.0))]);
    assert_same_bits(&scene.render(), &image(Rect::of_size(8, 8), flat([0.0; 4])));
    let window = scene.render_region(Region::Data).window();
    assert_eq!((window.x0, window.width()), (1_000_000_001, 6), "half a pixel off, so one wider");
}

#[test]
fn a_layer_of_enormous_scale_covers_the_frame_with_its_middle() {
    let source = picture(5, 5, |x, y| if (x, y) == (2, 2) { [4.0, 2.0, 1.0, 1.0] } else { [0.0; 4] });
    let scene = Scene::new(9, 7);
    let layer = scene.layer(&source);
    scene.set(layer, &[("scale", vec3(1e9, 1e9, 1.0))]);
    // Next to the middle of the middle pixel, by 4e-9 of a pixel at most.
    assert_image(&soon("enormous", || scene.render()), 1e-6, flat([4.0, 2.0, 1.0, 1.0]));
    let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
    soon("all of it", || too_large(scene.try_render(0, &options)));
    scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(10_000.0))]);
    soon("blurred", || scene.render());
}

#[test]
fn what_the_schema_refuses_never_reaches_a_render() {
    let scene = Scene::new(4, 4);
    let layer = scene.layer(&picture(4, 4, noise(62)));
    let before = scene.project.snapshot();
    for (name, value) in [
        ("speed", Value::Float(0.0)),
        ("speed", Value::Float(0.0009)),
        ("speed", Value::Float(1e9)),
        ("speed", Value::Float(f64::NAN)),
        ("opacity", Value::Float(1.5)),
        ("opacity", Value::Float(f64::INFINITY)),
        ("position", vec3(1e10, 0.0, 0.0)),
        ("scale", vec3(f64::NAN, 1.0, 1.0)),
        ("in", Value::Int(i64::MAX)),
        ("src_len", Value::Int(0)),
        ("trim_in", Value::Float(f64::NEG_INFINITY)),
        ("blend_mode", Value::Choice("bland".into())),
    ] {
        let node = playa_host::project::Node::Layer(layer);
        let error = scene.project.set_attr(node, name, &value).expect_err(name).to_string();
        assert!(error.contains(name), "{error}");
    }
    assert_eq!(scene.project.snapshot(), before);
}

#[test]
fn a_render_that_is_asked_to_stop_stops() {
    let scene = Scene::new(64, 64);
    let layer = scene.layer(&picture(64, 64, noise(63)));
    scene.effect(layer, "Gain", &[]);
    let abort = Arc::new(AtomicBool::new(true));
    let options = RenderOptions { abort: Arc::clone(&abort), ..RenderOptions::default() };
    let error = scene.try_render(0, &options).expect_err("it was stopped before it began");
    assert!(error.is_abort() && matches!(*error.problem, Problem::Aborted), "{error}");
    abort.store(false, Ordering::Relaxed);
    scene.try_render(0, &options).expect("the flag is all there is");

    // A blur that takes a minute and more is stopped in the middle of it.
    let scene = Scene::new(1500, 1500);
    let layer = scene.layer(&picture(1500, 1500, flat([1.0; 4])));
    let exact = ("quality", Value::Choice("exact".into()));
    scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(1000.0)), exact]);
    let stopped = std::thread::scope(|scope| {
        let render = scope.spawn(|| scene.try_render(0, &options).expect_err("it was stopped"));
        std::thread::sleep(Duration::from_millis(100));
        assert!(!render.is_finished(), "it takes long");
        abort.store(true, Ordering::Relaxed);
        let asked = Instant::now();
        let error = render.join().expect("no panic");
        assert!(error.is_abort(), "{error}");
        asked.elapsed()
    });
    assert!(stopped < SOON, "{stopped:?}");
}
