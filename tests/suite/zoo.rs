//! Effects that do to their process what native code can do. Isolated, each is an error of its frame in one line; the next
//! frame is right, and so is everything else.

use std::time::Duration;

use playa_host::engine::Engine;
use playa_host::plugin::Limits;
use playa_host::project::{Node, Value};
use playa_host::render::{Problem, RenderOptions};
use playa_tests::plugin;

use crate::support::{Scene, assert_same_bits, engine_with, isolated, noise, picture};

fn quick() -> Limits {
    Limits { call: Duration::from_secs(2), ..Limits::default() }
}

/// A layer with an effect of the zoo that happens or does not, over a good one with a good effect.
fn scene<'a>(engine: &'a Engine, effect: &str, happens: bool) -> Scene<'a> {
    let scene = Scene::on(engine, 64, 48);
    let good = scene.layer(&picture(64, 48, noise(1)));
    scene.effect(good, "GaussianBlur", &[("radius", Value::Float(4.0))]);
    let upper = scene.layer(&picture(60, 40, noise(2)));
    scene.set(upper, &[("opacity", Value::Float(0.5)), ("name", Value::String("animal".into()))]);
    scene.effect(upper, effect, &[("trigger", Value::Bool(happens))]);
    scene
}

const PACKAGES: [&str; 2] = ["playa-gaussian-blur", "fixture-zoo"];

/// Renders with the fault, which has to be an error that says all of this, and then without.
fn fails(engine: &Engine, effect: &str, parts: &[&str]) {
    let bad = scene(engine, effect, true);
    let error = bad.try_render(0, &RenderOptions::default()).expect_err("its process ends");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(matches!(&*error.problem, Problem::Effect(_)) && !error.is_abort(), "{text}");
    assert_eq!((error.layer.as_deref(), error.effect.as_deref(), error.frame), (Some("animal"), Some(effect), 0));
    let file = plugin("fixture-zoo");
    let hash = blake3::hash(&std::fs::read(&file).expect("it is there")).to_hex();
    for part in [&file.display().to_string(), &hash[..12]].into_iter().chain(parts.iter().copied()) {
        assert!(text.contains(part), "{effect}: {part:?} in {text}");
    }
    // Without that layer, the frame is right at once.
    let comp = bad.project.snapshot();
    let layers: Vec<_> =
        comp.comps[&bad.comp].layers.iter().map(|layer| (layer.name().to_owned(), layer.uuid())).collect();
    let (_, animal) = layers.iter().find(|(name, _)| name == "animal").expect("it is there");
    bad.project.set_attr(Node::Layer(*animal), "visible", &Value::Bool(false)).expect("it can be hidden");
    let local = engine_with(&PACKAGES);
    let expected = scene(&local, effect, false);
    let alone = Scene::on(&local, 64, 48);
    let good = alone.layer(&picture(64, 48, noise(1)));
    alone.effect(good, "GaussianBlur", &[("radius", Value::Float(4.0))]);
    assert_same_bits(&bad.render(), &alone.render());
    assert_same_bits(&scene(engine, effect, false).render(), &expected.render());
}

macro_rules! ends_its_process {
    ($($name:ident: $effect:literal, $parts:expr;)*) => { $(
        #[test]
        fn $name() {
            fails(&isolated(&PACKAGES, quick()), $effect, &$parts);
        }
    )* };
}

ends_its_process! {
    an_abort_is_an_error_of_its_frame: "Aborts", ["SIGABRT"];
    a_thread_that_ends_is_an_error_of_its_frame: "EndsThread", ["SIGABRT"];
    an_exit_is_an_error_of_its_frame: "Exits", ["ended its process with status 0"];
    a_killed_process_is_an_error_of_its_frame: "KillsItself", ["SIGKILL"];
    a_full_stack_is_an_error_of_its_frame: "OverflowsStack", ["overflowed its stack"];
    memory_that_is_not_there_is_an_error_of_its_frame: "Segfaults", ["SIGSEGV"];
    what_never_returns_is_an_error_of_its_frame: "Spins", ["did not come to an end within 2 s"];
}

#[test]
fn memory_without_end_is_an_error_of_its_frame() {
    let limits = Limits { memory: 256 << 20, ..Limits::default() };
    fails(&isolated(&PACKAGES, limits), "Hoards", &["SIGABRT", "memory allocation"]);
}

/// What an effect does to its process and goes on stays in that process.
#[test]
fn what_an_effect_changes_in_its_process_is_not_seen() {
    let engine = isolated(&PACKAGES, quick());
    let local = engine_with(&PACKAGES);
    let before = (std::env::current_dir().expect("a folder"), std::env::var_os("PATH"));
    for effect in ["ChangesProcess", "ClosesStdio", "Forks", "IgnoresSignals"] {
        let expected = scene(&local, effect, false).render();
        for happens in [true, true, false] {
            assert_same_bits(&scene(&engine, effect, happens).render(), &expected);
        }
    }
    assert_eq!(before, (std::env::current_dir().expect("a folder"), std::env::var_os("PATH")));
    let file = tempfile::tempdir().expect("TMPDIR is as it was").path().join("file");
    assert!(!file.exists());
    println!("standard output is open");
    // A process that ignores segmentation faults has one.
    fails(&engine, "Segfaults", &["crashed"]);
}

#[test]
fn three_ends_quarantine_a_plugin_until_it_is_retried() {
    let engine = isolated(&PACKAGES, quick());
    let guard = engine.registry().policy().guard.as_ref().expect("guarded").clone();
    let file = plugin("fixture-zoo");
    for strike in 1..=3 {
        let error = scene(&engine, "Exits", true).error().to_string();
        assert_eq!(error.contains("quarantined from now on"), strike == 3, "{error}");
    }
    let error = scene(&engine, "Forks", false).error().to_string();
    for part in ["is quarantined", "3 worker processes", "status 0", "playa plugins retry"] {
        assert!(error.contains(part), "{part:?} in {error}");
    }
    assert_eq!(guard.quarantine.entries().len(), 1);
    // The other plugin goes on.
    let other = Scene::on(&engine, 8, 8);
    let layer = other.layer(&picture(8, 8, noise(3)));
    other.effect(layer, "GaussianBlur", &[]);
    other.render();
    assert_eq!(engine.registry().retry(&file).len(), 1);
    let expected = scene(&engine_with(&PACKAGES), "Exits", false).render();
    assert_same_bits(&scene(&engine, "Exits", false).render(), &expected);
    fails(&engine, "Exits", &["status 0"]);
}

/// Of frames that are made side by side only the one at fault fails.
#[test]
fn a_frame_that_ends_the_process_takes_no_other_with_it() {
    let engine = isolated(&PACKAGES, quick());
    let expected = scene(&engine_with(&PACKAGES), "Aborts", false).render();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let (engine, expected) = (&engine, &expected);
            scope.spawn(move || match index {
                3 => drop(scene(engine, "Aborts", true).error()),
                _ => (0..4).for_each(|_| assert_same_bits(&scene(engine, "Aborts", false).render(), expected)),
            });
        }
    });
}

/// An effect that does not listen is ended with its process when the render is stopped.
#[test]
fn what_never_returns_can_be_stopped() {
    let engine = isolated(&PACKAGES, Limits { call: Duration::from_secs(600), ..quick() });
    let options = RenderOptions { timeout: Some(Duration::from_millis(300)), ..RenderOptions::default() };
    let error = scene(&engine, "Spins", true).try_render(0, &options).expect_err("its time is over");
    assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
    let expected = scene(&engine_with(&PACKAGES), "Spins", false).render();
    assert_same_bits(&scene(&engine, "Spins", false).render(), &expected);
}
