//! Plugins that live in processes of their own make the same pixels as those that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use playa_host::image::Rect;
use playa_host::plugin::Limits;
use playa_host::project::Value;
use playa_host::render::{Application, Problem, Region, RenderOptions};

use crate::support::{Scene, assert_same_bits, engine_with, isolated, noise, overscan, picture, vec3};

const PACKAGES: [&str; 4] = ["playa-gaussian-blur", "playa-gamma", "fixture-gain", "fixture-two-inputs"];

/// Layers with wide and pixel-wise effects, moved, over each other.
fn build(scene: &Scene<'_>) {
    let lower = scene.layer(&overscan(Rect::new(-20, -7, 150, 90), Rect::of_size(120, 80), noise(1)));
    scene.effect(lower, "GaussianBlur", &[("radius", Value::Float(6.5))]);
    scene.effect(lower, "Gamma", &[]);
    let upper = scene.layer(&picture(90, 60, noise(2)));
    scene.effect(upper, "Gain", &[("gain", Value::Float(1.5))]);
    scene.effect(upper, "Gamma", &[]);
    scene.effect(upper, "GaussianBlur", &[("radius", Value::Float(30.0))]);
    scene.set(upper, &[("rotation", vec3(0.0, 0.0, 20.0)), ("opacity", Value::Float(0.7))]);
    let mixed = scene.layer(&picture(50, 50, noise(3)));
    let effect = scene.effect(mixed, "GaussianBlur", &[]);
    scene.project.set_effect_mix(effect, 0.25).expect("it is there");
}

#[test]
fn the_pixels_are_the_same_to_the_bit() {
    let (here, there) = (engine_with(&PACKAGES), isolated(&PACKAGES, Limits::default()));
    assert!(there.effects().iter().all(|effect| effect.is_isolated()));
    let (ours, theirs) = (Scene::on(&here, 120, 80), Scene::on(&there, 120, 80));
    build(&ours);
    build(&theirs);
    for region in [Region::Display, Region::Data, Region::Window(Rect::new(-5, 3, 77, 41))] {
        assert_same_bits(&theirs.render_region(region), &ours.render_region(region));
    }
    // What is kept is the same as what is made.
    for _ in 0..2 {
        assert_same_bits(&theirs.render_cached(0), &ours.render_cached(0));
    }
    let (opened, _) = there.registry().held(None);
    assert_eq!(opened.count, 0, "nothing of them was opened in this process");
}

#[test]
fn an_effect_on_pictures_gives_the_same_bits() {
    let (here, there) = (engine_with(&PACKAGES), isolated(&PACKAGES, Limits::default()));
    let source = picture(333, 97, noise(4));
    for name in ["GaussianBlur", "Gamma"] {
        let made = [&here, &there].map(|engine| {
            let effects = engine.effects();
            let effect = effects.find(name).expect("it is there");
            let values: Vec<Value> = effect.spec().params.iter().map(|param| param.default.clone()).collect();
            let pictures = [Some(&*source)];
            let on = Application { effect, values: &values, pictures: &pictures, canvas: None, frame: 0 };
            engine.renderer().apply(on, &RenderOptions::default()).expect("it renders")
        });
        assert_same_bits(&made[1].image, &made[0].image);
    }
}

#[test]
fn frames_that_are_made_side_by_side_are_right() {
    let (here, there) = (engine_with(&PACKAGES), isolated(&PACKAGES, Limits::default()));
    let (ours, theirs) = (Scene::on(&here, 120, 80), Scene::on(&there, 120, 80));
    build(&ours);
    build(&theirs);
    let expected = ours.render();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..5).for_each(|_| assert_same_bits(&theirs.render(), &expected)));
        }
    });
}

#[test]
fn an_error_and_a_panic_of_an_effect_come_with_their_words() {
    let engine = isolated(&["fixture-panics"], Limits::default());
    for (name, message) in [("PanicsInPlan", "no plan today"), ("PanicsInLoop", "no pixel at all")] {
        let scene = Scene::on(&engine, 20, 10);
        let layer = scene.layer(&picture(20, 10, noise(5)));
        scene.effect(layer, name, &[]);
        let error = scene.error().to_string();
        assert!(error.contains(&format!("effect {name}")) && error.contains(message), "{error}");
    }
    assert!(engine.registry().policy().guard.as_ref().expect("guarded").quarantine.entries().is_empty());
}

#[test]
fn a_long_render_stops_soon_when_it_is_asked_to_and_when_its_time_is_over() {
    let engine = isolated(&["playa-gaussian-blur"], Limits::default());
    let scene = Scene::on(&engine, 3000, 2000);
    let layer = scene.layer(&picture(3000, 2000, noise(6)));
    for _ in 0..20 {
        let exact = Value::Choice("exact".into());
        scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(80.0)), ("quality", exact)]);
    }
    let abort = Arc::<AtomicBool>::default();
    let asks = Arc::clone(&abort);
    let asking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        asks.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let options = RenderOptions { abort, ..RenderOptions::default() };
    let error = scene.try_render(0, &options).expect_err("it is stopped");
    let end = Instant::now();
    assert!(error.is_abort(), "{error}");
    let after = end.saturating_duration_since(asking.join().expect("no panic"));
    assert!(after < Duration::from_secs(5), "{after:?}");
    let options = RenderOptions { timeout: Some(Duration::from_millis(200)), ..RenderOptions::default() };
    let error = scene.try_render(0, &options).expect_err("it is late");
    assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
}

/// Sandboxed workers cannot write, nor open sockets; what an effect tries there is its own error.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_reads_files_but_changes_none() {
    let engine = isolated(&["fixture-records"], Limits::default());
    let confined = engine.effects().files()[0].live.as_ref().expect("it is live").plugin.isolated.expect("isolated");
    let record = crate::support::Record::new();
    let scene = Scene::on(&engine, 20, 10);
    let layer = scene.layer(&picture(20, 10, noise(7)));
    scene.effect(layer, "RecordsPixels", &[record.param()]);
    let rendered = scene.try_render(0, &RenderOptions::default());
    assert_eq!(record.is_there(), !confined.files, "{rendered:?}");
    let open = isolated(&["fixture-records"], Limits { sandbox: false, ..Limits::default() });
    let scene = Scene::on(&open, 20, 10);
    let layer = scene.layer(&picture(20, 10, noise(7)));
    scene.effect(layer, "RecordsPixels", &[record.param()]);
    scene.render();
    assert!(record.is_there());
}
