//! Renders that are stopped, by who asked for them or by an effect that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use playa_host::image::Image;
use playa_host::project::Value;
use playa_host::render::{Problem, RenderError, RenderOptions};

use crate::support::{Record, Scene, assert_same_bits, engine_with, noise, picture, vec3};

/// Renders with the cache, and sets the flag once `when` says so.
fn stopped(scene: &Scene<'_>, when: impl Fn() -> bool + Send) -> (Result<Image, RenderError>, Duration) {
    let abort = Arc::new(AtomicBool::new(false));
    let options = RenderOptions { abort: Arc::clone(&abort), ..RenderOptions::default() };
    std::thread::scope(|scope| {
        let at = scope.spawn(move || {
            let start = Instant::now();
            while !when() && start.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(1));
            }
            abort.store(true, Ordering::Relaxed);
            Instant::now()
        });
        let rendered = scene.engine.render(&scene.project, scene.comp, 0, &options).map(|frame| frame.image);
        let end = Instant::now();
        (rendered, end.saturating_duration_since(at.join().expect("no panic")))
    })
}

#[test]
fn a_long_render_stops_soon_and_leaves_nothing_wrong_behind() {
    let engine = engine_with(&["playa-gaussian-blur", "fixture-records"]);
    let scene = Scene::on(&engine, 1920, 1080);
    let record = Record::new();
    let source = picture(1920, 1080, noise(1));
    for index in 0..24 {
        let layer = scene.layer(&source);
        if index == 0 {
            scene.effect(layer, "RecordsPixels", &[record.param()]);
        }
        scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(20.0 + f64::from(index)))]);
        scene.set(layer, &[("rotation", vec3(0.0, 0.0, f64::from(index))), ("opacity", Value::Float(0.5))]);
    }
    let (rendered, after) = stopped(&scene, || record.is_there());
    let error = rendered.expect_err("it was stopped");
    assert!(error.is_abort(), "{error}");
    // It looks at the flag after each tile; tiles take milliseconds. The rest is for machines that have much to do.
    assert!(after < Duration::from_secs(2), "{after:?}");
    assert_eq!(engine.renderer().cache().stats().bytes_in_flight, 0);
}

/// An effect that is told to stop may leave its pixels as they are and say nothing.
#[test]
fn what_an_effect_left_undone_is_not_kept() {
    let engine = engine_with(&["fixture-records"]);
    for wide_after in [false, true] {
        let scene = Scene::on(&engine, 20, 10);
        let record = Record::new();
        let source = picture(20, 10, noise(2));
        let layer = scene.layer(&source);
        scene.effect(layer, "StopsInSilence", &[record.param()]);
        if wide_after {
            scene.set(layer, &[("rotation", vec3(0.0, 0.0, 30.0))]);
        }
        let (rendered, _) = stopped(&scene, || record.is_there());
        assert!(rendered.expect_err("it was stopped").is_abort());
        let found = scene.render_cached(0);
        assert_same_bits(&found, &scene.render());
        assert!(found.values().iter().any(|value| *value != 0.0));
    }
}

#[test]
fn an_effect_that_fails_in_a_tile_says_where_and_stops_the_others() {
    let scene = Scene::new(64, 4096);
    let record = Record::new();
    let layer = scene.layer(&picture(64, 4096, noise(3)));
    scene.set(layer, &[("name", Value::String("culprit".into()))]);
    scene.effect(layer, "RecordsPixels", &[record.param()]);
    scene.effect(layer, "PanicsInLoop", &[]);
    scene.layer(&picture(64, 64, noise(4)));
    for tile in [None, Some(playa_host::render::TileSize { width: 64, height: 2 })] {
        let options = RenderOptions { tile, ..RenderOptions::default() };
        let error = scene.try_render(0, &options).expect_err("it panics");
        let place = (error.comp.as_str(), error.layer.as_deref(), error.effect.as_deref());
        assert_eq!(place, ("Main", Some("culprit"), Some("PanicsInLoop")));
        assert!(
            matches!(&*error.problem, Problem::Effect(_)) && error.to_string().contains("no pixel at all"),
            "{error}"
        );
        // Of 512 or 2048 tiles only those that had begun when the first one failed.
        assert!(record.take().len() <= 64, "the others go on");
    }
}
