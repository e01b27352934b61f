//! The services of the host, as an effect sees them: stopping, and the memory that comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use playa_host::engine::Engine;
#[cfg(unix)]
use playa_host::plugin::Limits;
use playa_host::project::Value;
use playa_host::render::{Problem, RenderOptions};

use super::kept::assert_kept;
use super::record::{Record, What};
use super::{alone, in_flight, in_use};
#[cfg(unix)]
use crate::support::isolated;
use crate::support::{Scene, assert_same_bits, engine_with, noise, picture};

const SPY: &str = "fixture-spy";

/// How long it takes at most until an effect is told to stop, after somebody asked for it. In this process it is told at
/// once, in another one some 5 ms later; the rest is for machines that have much to do.
const TOLD_WITHIN: Duration = Duration::from_millis(250);

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later")
}

/// A render that waits to be told to stop, over a layer that is good.
fn waiting<'a>(engine: &'a Engine, record: &Record) -> Scene<'a> {
    let scene = Scene::on(engine, 200, 100);
    scene.layer(&picture(200, 100, noise(1)));
    let layer = scene.layer(&picture(200, 100, noise(2)));
    scene.effect(layer, "SpyFull", &[record.param(), ("wait", Value::Bool(true))]);
    scene
}

/// Starts such renders, stops them, and asserts that their effect was told within the limit. Machines have other things to
/// do too, so the best of a few tries counts.
fn assert_told(engine: &Engine) {
    const TRIES: usize = 3;
    let record = Record::new();
    let scene = waiting(engine, &record);
    let late = |number: usize, by_cancel: bool| {
        let (abort, cancel) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (asks, cancels) = (Arc::clone(&abort), Some(Arc::clone(&cancel)));
        let options = RenderOptions { abort: asks, cancel: cancels, ..RenderOptions::default() };
        let asked = std::thread::scope(|scope| {
            let render = scope.spawn(|| scene.try_render(0, &options).expect_err("it was stopped"));
            record.wait_for(number, |what| matches!(what, What::Waiting { .. }));
            let asked = now();
            if by_cancel { &cancel } else { &abort }.store(true, Ordering::Relaxed);
            let error = render.join().expect("no panic");
            assert!(error.is_abort(), "{error}");
            asked
        });
        let told = record.wait_for(number, |what| matches!(what, What::Told { .. }));
        assert_eq!(in_flight(engine), 0);
        Duration::from_nanos(told.time).saturating_sub(asked)
    };
    for (first, by_cancel) in [(1, false), (1 + TRIES, true)] {
        let late: Vec<_> = (first..first + TRIES).map(|number| late(number, by_cancel)).collect();
        assert!(late.iter().any(|late| *late < TOLD_WITHIN), "{late:?}");
    }
    let options = RenderOptions { timeout: Some(Duration::from_millis(100)), ..RenderOptions::default() };
    let error = scene.try_render(0, &options).expect_err("its time is over");
    assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
    assert!(assert_kept(&record).failed >= 2 * TRIES);
}

#[test]
fn an_effect_is_told_to_stop_soon() {
    assert_told(&engine_with(&[SPY]));
}

#[cfg(unix)]
#[test]
fn an_isolated_effect_is_told_to_stop_soon() {
    assert_told(&isolated(&[SPY], Limits { sandbox: false, ..Limits::default() }));
}

#[test]
fn the_memory_of_a_render_that_was_stopped_comes_back() {
    alone("promises::spied_services::the_memory_of_a_render_that_was_stopped_comes_back", || {
        let engine = engine_with(&[SPY]);
        let before = in_use();
        assert_told(&engine);
        assert_eq!(in_use(), before);
    });
}

/// Scratch memory of calls that run at once, on several threads and in several renders, is never the same memory.
#[test]
fn scratch_memory_is_lent_to_one_call_at_a_time() {
    let record = Record::new();
    let engine = engine_with(&[SPY]);
    let scene = Scene::on(&engine, 40, 30);
    let source = picture(40, 30, noise(1));
    for _ in 0..4 {
        let layer = scene.layer(&source);
        scene.effect(layer, "SpyFull", &[record.param()]);
        // Another one each, so that it is rendered four times.
        scene.effect(layer, "SpyFull", &[record.param()]);
        scene.set(layer, &[("opacity", Value::Float(0.5))]);
    }
    let expected = scene.render();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..3).for_each(|_| assert_same_bits(&scene.render(), &expected)));
        }
    });
    let seen = assert_kept(&record);
    assert!(seen.services >= 19 && seen.at_once > 1, "{seen:?}");
}
