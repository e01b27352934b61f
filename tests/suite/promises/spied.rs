//! Comps of all kinds with effects that write down every call, and all that is promised of those calls.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use playa_host::engine::Engine;
use playa_host::image::{Image, Rect, memory};
#[cfg(unix)]
use playa_host::plugin::Limits;
use playa_host::project::{Interp, Key, LayerSource, Node, Value};
use playa_host::render::{Application, Proxy, Region, RenderOptions, TileSize};

use super::kept::{Seen, assert_kept};
use super::record::{Event, Record, What};
use super::{alone, in_flight, in_use, render_on};
#[cfg(unix)]
use crate::support::isolated;
use crate::support::{
    Scene, assert_same_bits, engine_with, image, key_layer, new_build, noise, overscan, picture, vec3,
};

const SPY: &str = "fixture-spy";

/// All effects of the spy that a layer can have.
const EFFECTS: [&str; 6] = ["SpyPixel", "SpyArea", "SpyTemporal", "SpyTwo", "SpyGenerator", "SpyFull"];

fn float(value: f64) -> Value {
    Value::Float(value)
}

/// Everything that puts an effect into another place: overscan, other effects before and behind, a share of the source,
/// layers that are moved, turned, shrunk, blurred by motion and shown twice, comps in comps at other times.
fn park<'a>(engine: &'a Engine, record: &Record) -> Scene<'a> {
    let scene = Scene::on(engine, 64, 48);
    let source = overscan(Rect::new(-5, -3, 70, 44), Rect::of_size(60, 40), noise(1));
    let inner = scene.inner("Inner", 50, 30);
    let effect = |scene: &Scene<'_>, layer, name: &str| scene.effect(layer, name, &[record.param()]);
    for (index, name) in EFFECTS.into_iter().enumerate() {
        let layer = inner.layer(&picture(40, 26, noise(2 + index as u32)));
        effect(&inner, layer, name);
        inner.set(layer, &[("opacity", float(0.7)), ("position", vec3(index as f64 * 1.5, 0.0, 0.0))]);
    }
    let bottom = scene.layer(&source);
    for name in ["SpyPixel", "SpyPixel", "SpyPixel", "SpyArea", "SpyPixel", "SpyTemporal", "SpyFull"] {
        effect(&scene, bottom, name);
    }
    let shown = scene.layer_of(LayerSource::Comp(inner.comp));
    let mixed = effect(&scene, shown, "SpyPixel");
    scene.project.set_effect_mix(mixed, 0.5).expect("valid");
    scene.set(shown, &[("rotation", vec3(0.0, 0.0, 20.0)), ("opacity", float(0.8)), ("speed", float(2.0))]);
    let again = scene.layer_of(LayerSource::Comp(inner.comp));
    effect(&scene, again, "SpyArea");
    effect(&scene, again, "SpyTemporal");
    scene.set(again, &[("scale", vec3(0.4, 0.6, 1.0)), ("blend_mode", Value::Choice("add".into()))]);
    let moving = scene.layer(&picture(23, 11, noise(9)));
    effect(&scene, moving, "SpyPixel");
    effect(&scene, moving, "SpyFull");
    scene.set(moving, &[("motion_blur", Value::Bool(true))]);
    let keys = [(0.0, vec3(-20.0, 0.0, 0.0), Interp::Linear), (8.0, vec3(30.0, 9.0, 0.0), Interp::Hold)];
    key_layer(&scene, moving, "position", &keys);
    scene
}

/// Every way to ask for pixels.
fn ways() -> Vec<RenderOptions> {
    let anew = || RenderOptions { cache: false, ..RenderOptions::default() };
    let region = |region| RenderOptions { region, ..anew() };
    let tile = |width, height| RenderOptions { tile: Some(TileSize { width, height }), ..anew() };
    vec![
        anew(),
        region(Region::Data),
        region(Region::Window(Rect::new(7, 5, 31, 22))),
        region(Region::Window(Rect::new(-9, 40, 12, 60))),
        tile(16, 8),
        tile(1024, 1),
        RenderOptions::default(),
        RenderOptions::default(),
    ]
}

#[track_caller]
fn assert_much_was_seen(seen: &Seen, effects: usize) {
    assert_eq!(seen.renders.len(), effects, "{seen:?}");
    assert!(seen.plans > 10 && seen.renders.values().all(|renders| *renders > 0), "{seen:?}");
}

#[test]
fn every_call_is_as_promised_on_any_threads_in_any_tiles_and_regions() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = park(&engine, &record);
    for options in ways() {
        let [expected, others @ ..] = [1, 2, 8].map(|threads| render_on(threads, &scene, 3, &options));
        let expected = expected.unwrap_or_else(|error| panic!("{error}"));
        for other in others {
            assert_same_bits(&other.unwrap_or_else(|error| panic!("{error}")), &expected);
        }
    }
    assert_eq!(in_flight(&engine), 0);
    drop(scene);
    let before = assert_kept(&record);
    assert_eq!(before.destroyed, 0, "{before:?}");
    drop(engine);
    let seen = assert_kept(&record);
    assert_much_was_seen(&seen, EFFECTS.len());
    assert_eq!((seen.libraries, seen.created, seen.destroyed), (1, EFFECTS.len(), EFFECTS.len()), "{seen:?}");
    assert_eq!(seen.failed, 0, "{seen:?}");
    assert!(
        seen.tiles > 0 && seen.in_place > 0 && seen.blocks > 0 && seen.services > 0 && seen.threads > 4,
        "{seen:?}"
    );
}

#[test]
fn frames_that_are_made_side_by_side_keep_every_promise_to_each_other() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = park(&engine, &record);
    let expected: Vec<Image> = (0..4).map(|frame| scene.render_at(frame)).collect();
    std::thread::scope(|scope| {
        for start in 0..6 {
            let (scene, expected) = (&scene, &expected);
            scope.spawn(move || {
                for step in 0..4 {
                    let frame = (start + step) % 4;
                    assert_same_bits(&scene.render_at(frame as i64), &expected[frame]);
                }
            });
        }
    });
    drop(scene);
    drop(engine);
    let seen = assert_kept(&record);
    assert_much_was_seen(&seen, EFFECTS.len());
    assert!(seen.at_once > 1, "{seen:?}");
    assert_eq!(seen.destroyed, EFFECTS.len(), "{seen:?}");
}

/// In a process of its own an effect gets its calls in the same form. That process may end without a `destroy`.
#[cfg(unix)]
#[test]
fn isolated_effects_get_their_calls_in_the_same_form() {
    let record = Record::new();
    // A confined process could not write its record.
    let engine = isolated(&[SPY], Limits { sandbox: false, ..Limits::default() });
    let local = engine_with(&[SPY]);
    let (scene, expected) = (park(&engine, &record), park(&local, &Record::new()));
    for options in ways().iter().skip(1).step_by(2) {
        let [found, expected] = [&scene, &expected].map(|scene| render_on(2, scene, 3, options).expect("it renders"));
        assert_same_bits(&found, &expected);
    }
    let seen = assert_kept(&record);
    assert_much_was_seen(&seen, EFFECTS.len());
    assert_eq!((seen.libraries, seen.created, seen.tiles), (1, EFFECTS.len(), 0), "{seen:?}");
    assert!(seen.services > 0, "{seen:?}");
}

/// All that the spy was asked, with what it was.
fn asked(record: &Record, id: &str) -> Vec<(i64, Vec<f64>, bool)> {
    let events = record.events();
    let of = |event: &Event| match &event.what {
        What::Plan { id: found, asked, .. } if found.ends_with(id) => Some((asked.clone(), false)),
        What::Render { id: found, asked, .. } if found.ends_with(id) => Some((asked.clone(), true)),
        _ => None,
    };
    let told = |(asked, render): (super::record::Asked, bool)| {
        let floats = asked.params.iter().skip(1).map(|(_, int, floats, _)| floats[0] + *int as f64).collect();
        (asked.frame as i64, floats, render)
    };
    events.iter().filter_map(of).map(told).collect()
}

#[test]
fn parameters_are_those_of_the_keys_at_the_frame_of_the_comp() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = Scene::on(&engine, 8, 8);
    let layer = scene.layer(&picture(8, 8, noise(1)));
    let effect = scene.effect(layer, "SpyPixel", &[record.param()]);
    // Linear from 2 at frame 0 to 10 at frame 16, in steps of a half.
    for (frame, amount) in [(0.0, 2.0), (16.0, 10.0)] {
        let key = Key::new(frame, float(amount), Interp::Linear);
        scene.project.set_effect_key(effect, "amount", &key).expect("valid");
    }
    for frame in [0, 1, 7, 16] {
        scene.render_at(frame);
    }
    let found = asked(&record, "pixel");
    assert!(found.iter().filter(|(.., render)| *render).count() >= 4, "{found:?}");
    for (frame, floats, _) in &found {
        assert_eq!(floats, &[2.0 + *frame as f64 / 2.0], "at frame {frame}");
    }
    let frames: std::collections::BTreeSet<i64> = found.iter().map(|(frame, ..)| *frame).collect();
    assert_eq!(frames, [0, 1, 7, 16].into(), "no other frame was asked for");
    assert_kept(&record);
}

#[test]
fn the_frame_is_that_of_the_comp_in_which_the_layer_is() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let outer = Scene::on(&engine, 8, 8);
    let inner = outer.inner("Inner", 8, 8);
    for (name, value) in [("in", Value::Int(0)), ("out", Value::Int(99))] {
        inner.project.set_attr(Node::Comp(inner.comp), name, &value).expect("valid");
    }
    let layer = inner.layer(&picture(8, 8, noise(1)));
    inner.effect(layer, "SpyFull", &[record.param(), ("services", Value::Bool(false))]);
    let shown = outer.layer_of(LayerSource::Comp(inner.comp));
    let temporal = outer.effect(shown, "SpyTemporal", &[record.param()]);
    // Twice as fast: frame f of the outer comp shows frame 2 f of the inner one, and beside it 2 f - 2 and 2 f + 2.
    outer.set(shown, &[("speed", float(2.0))]);
    outer.render_at(5);
    let frames = |id: &str| -> std::collections::BTreeSet<i64> {
        asked(&record, id).iter().filter(|(.., render)| *render).map(|(frame, ..)| *frame).collect()
    };
    assert_eq!((frames("full"), frames("temporal")), ([8, 10, 12].into(), [5].into()));
    // Backwards: 99 - 2 f.
    outer.project.remove_effect(temporal).expect("it is there");
    outer.set(shown, &[("speed", float(-2.0))]);
    outer.render_at(7);
    assert!(frames("full").contains(&(99 - 14)), "{:?}", frames("full"));
    assert_kept(&record);
}

#[test]
fn at_a_proxy_the_scale_is_told_and_lengths_in_pixels_are_scaled() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = Scene::on(&engine, 64, 40);
    let layer = scene.layer(&picture(64, 40, noise(1)));
    scene.effect(layer, "SpyArea", &[record.param(), ("radius", Value::Int(12))]);
    scene.effect(layer, "SpyPixel", &[record.param(), ("amount", float(3.0))]);
    for proxy in Proxy::ALL {
        let before = record.events().len();
        scene.try_render(0, &RenderOptions { proxy, ..RenderOptions::default() }).expect("it renders");
        let mut seen = 0;
        for event in &record.events()[before..] {
            let (What::Plan { id, asked, .. } | What::Render { id, asked, .. }) = &event.what else { continue };
            let canvas = Rect::of_size(64 / proxy.pixels() as u32, 40 / proxy.pixels() as u32);
            assert_eq!((asked.scale, asked.canvas.0), (proxy.scale(), canvas));
            let (_, radius, [amount, ..], _) = asked.params[1];
            match id.ends_with("area") {
                // 12, 6, 3 and 1.5, which is 2.
                true => assert_eq!(radius, (12.0 * proxy.scale()).round() as i64),
                false => assert_eq!(amount, 3.0, "it is no length"),
            }
            seen += 1;
        }
        assert!(seen >= 4, "both were planned and rendered");
    }
    assert_kept(&record);
}

#[test]
fn after_undo_and_redo_an_effect_gets_the_values_of_that_step() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = Scene::on(&engine, 8, 8);
    let layer = scene.layer(&picture(8, 8, noise(1)));
    let effect = scene.effect(layer, "SpyPixel", &[record.param(), ("amount", float(2.0))]);
    let render = |amount: f64| {
        let before = asked(&record, "pixel").len();
        scene.render();
        let found = asked(&record, "pixel");
        assert!(found.len() > before);
        assert!(found[before..].iter().all(|(_, floats, _)| floats == &[amount]), "{amount}: {found:?}");
    };
    render(2.0);
    scene.project.set_effect_param(effect, "amount", &float(4.0)).expect("valid");
    render(4.0);
    scene.project.undo().expect("it is an edit");
    render(2.0);
    scene.project.redo().expect("it was undone");
    render(4.0);
    assert_kept(&record);
}

#[test]
fn two_pictures_come_as_the_inputs_they_were_planned_for() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let effects = engine.effects();
    let effect = effects.find("SpyTwo").expect("it is there");
    let (_, file) = record.param();
    let above = overscan(Rect::new(2, 1, 30, 20), Rect::of_size(32, 24), noise(1));
    let below = overscan(Rect::new(-4, -2, 12, 40), Rect::of_size(32, 24), noise(2));
    let mut renders = 0;
    for second in [Some(&*below), None] {
        for region in [Region::Display, Region::Data, Region::Window(Rect::new(5, 5, 9, 9))] {
            let (values, pictures) = ([file.clone()], [Some(&*above), second]);
            let on = Application { effect, values: &values, pictures: &pictures, canvas: None, frame: 7 };
            let options = RenderOptions { region, ..RenderOptions::default() };
            let found = engine.renderer().apply(on, &options).expect("it renders").image;
            let (top, bottom) = (&above.image, second.map(|second| &second.image));
            let expected = image(found.window(), |x, y| {
                let (above, below) = (top.pixel(x, y), bottom.map_or([0.0; 4], |image| image.pixel(x, y)));
                std::array::from_fn(|channel| above[channel] + below[channel] * (1.0 - above[3]))
            });
            // Outside of what it reaches there is nothing, and no minus zero either.
            let plain =
                |image: &Image| crate::support::image(image.window(), |x, y| image.pixel(x, y).map(|v| v + 0.0));
            assert_same_bits(&plain(&found), &plain(&expected));
            renders += 1;
        }
    }
    let seen = assert_kept(&record);
    assert_eq!(seen.renders["com.example.spy_two"], renders, "{seen:?}");
}

/// A file that changes while frames are made: each library is described once, makes its objects once, and each frame goes
/// on with the one that it began with.
#[test]
fn a_reload_in_the_middle_ends_no_object_that_is_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join(format!("spy.{}", std::env::consts::DLL_EXTENSION));
    let put = || std::fs::write(&path, new_build(SPY)).expect("it is written");
    put();
    let engine = Engine::default();
    engine.registry().load_file(&path).expect("it loads");
    let record = Record::new();
    let scene = park(&engine, &record);
    let expected = scene.render();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert_same_bits(&scene.render(), &expected);
                }
            });
        }
        for _ in 0..4 {
            put();
            engine.registry().load_file(&path).expect("it loads");
            assert_same_bits(&scene.render(), &expected);
        }
        done.store(true, Ordering::Relaxed);
    });
    drop(scene);
    let before = assert_kept(&record);
    assert_eq!(before.libraries, 5, "{before:?}");
    // The one in use and the one before it, to which `rollback` goes.
    assert_eq!(before.created - before.destroyed, 2 * EFFECTS.len(), "{before:?}");
    drop(engine);
    let seen = assert_kept(&record);
    assert_eq!(seen.created, seen.destroyed, "{seen:?}");
}

/// With little memory frames wait for each other, are made alone, and give up what was kept.
#[test]
fn when_memory_is_short_every_promise_holds_and_all_of_it_comes_back() {
    alone("promises::spied::when_memory_is_short_every_promise_holds_and_all_of_it_comes_back", || {
        let record = Record::new();
        let engine = engine_with(&[SPY]);
        let scene = park(&engine, &record);
        let expected: Vec<Image> = (0..3).map(|frame| scene.render_at(frame)).collect();
        let before = in_use();
        // Little more than one frame takes at most.
        memory::PROCESS.set_limit(before + (3 << 19));
        let waited = std::thread::scope(|scope| {
            let render = |frame: usize| {
                let start = std::time::Instant::now();
                for _ in 0..3 {
                    assert_same_bits(&scene.render_cached(frame as i64), &expected[frame]);
                }
                start.elapsed()
            };
            let threads: Vec<_> = (0..6).map(|index| scope.spawn(move || render(index % 3))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).max()
        });
        assert!(waited < Some(Duration::from_secs(30)), "{waited:?}");
        assert_eq!((in_use(), in_flight(&engine)), (before, 0));
        let seen = assert_kept(&record);
        assert_much_was_seen(&seen, EFFECTS.len());
    });
}
