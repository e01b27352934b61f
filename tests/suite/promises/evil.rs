//! Effects that abuse every service: the host survives, the other layers and the next frame are right to the bit, memory
//! comes back, and an error is one line that says whose it is.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::{Image, memory};
#[cfg(unix)]
use playa_host::plugin::Limits;
use playa_host::plugin::float;
use playa_host::project::Value;
use playa_host::render::{Problem, RenderError, RenderOptions};
use playa_tests::plugin;

use super::{alone, in_flight, in_use, render_on};
#[cfg(unix)]
use crate::support::isolated;
use crate::support::{Scene, assert_same_bits, engine_with, image, noise, picture, vec3};

const PACKAGES: [&str; 3] = ["playa-gaussian-blur", "fixture-evil", "fixture-evil-raw"];

/// What "soon" means here, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

/// The effects in this process, and in one of their own.
fn engines() -> Vec<Engine> {
    let here = engine_with(&PACKAGES);
    #[cfg(unix)]
    return vec![here, isolated(&PACKAGES, Limits { call: Duration::from_secs(20), ..Limits::default() })];
    #[cfg(not(unix))]
    vec![here]
}

/// A layer with an evil effect between good ones, each over something opaque in parts, all of which round.
fn scene<'a>(engine: &'a Engine, effect: &str, params: &[(&str, Value)]) -> Scene<'a> {
    let scene = Scene::on(engine, 90, 70);
    for seed in 0..3 {
        let layer = scene.layer(&picture(90, 70, noise(seed)));
        scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(3.5))]);
        scene.set(layer, &[("opacity", Value::Float(0.7)), ("rotation", vec3(0.0, 0.0, 7.0 * f64::from(seed)))]);
        if seed == 1 {
            scene.set(layer, &[("name", Value::String("culprit".into()))]);
            scene.effect(layer, effect, params);
            scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(1.5))]);
        }
    }
    scene
}

fn evil<'a>(engine: &'a Engine, effect: &str, happens: bool) -> Scene<'a> {
    scene(engine, effect, &[("trigger", Value::Bool(happens))])
}

/// Renders with what is evil, and asserts that it takes no time and that the next frame is right.
fn survived(engine: &Engine, effect: &str, options: &RenderOptions) -> (Result<Image, RenderError>, Image) {
    let calm = evil(engine, effect, false);
    let expected = calm.render();
    let start = Instant::now();
    let result = evil(engine, effect, true).try_render(0, options).map(|frame| frame.image);
    assert!(start.elapsed() < SOON, "{effect}: {:?}", start.elapsed());
    assert_same_bits(&calm.render(), &expected);
    assert_eq!(in_flight(engine), 0, "{effect}");
    (result, expected)
}

/// It is as if nothing had happened.
fn harmless(effect: &str) {
    for engine in engines() {
        let (found, expected) = survived(&engine, effect, &RenderOptions::default());
        assert_same_bits(&found.unwrap_or_else(|error| panic!("{error}")), &expected);
    }
}

/// It is an error in one line, which names the effect, its file, and the cause.
fn fails(effect: &str, parts: &[&str]) {
    for engine in engines() {
        let (result, _) = survived(&engine, effect, &RenderOptions::default());
        let text = result.expect_err(effect).to_string();
        assert_one_line(&text);
        for part in [&format!("layer \"culprit\", effect {effect}: ")[..]].iter().chain(parts) {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
}

fn assert_one_line(text: &str) {
    assert!(text.lines().count() == 1 && text.len() < 5000 && !text.contains(char::is_control), "{text}");
}

#[test]
fn loops_nest_twenty_deep() {
    harmless("NestsDeep");
    let engine = engine_with(&PACKAGES);
    for threads in [1, 8] {
        let scene = evil(&engine, "NestsDeep", true);
        render_on(threads, &scene, 0, &RenderOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn services_may_be_used_from_threads_of_the_effect() {
    harmless("HasThreads");
}

#[test]
fn memory_that_is_not_there_is_refused_and_little_of_it_is_not() {
    harmless("WantsMemory");
}

#[test]
fn progress_may_be_anything() {
    harmless("TellsProgress");
}

/// With a pool of one thread, nobody but the one who holds the lock could run the pieces that it waits for.
#[test]
fn a_lock_held_across_loops_does_not_stop_a_pool_of_one_thread() {
    harmless("LocksAcrossLoops");
    let engine = engine_with(&PACKAGES);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let scene = evil(&engine, "LocksAcrossLoops", true);
                pool.install(|| scene.try_render(0, &RenderOptions::default()))
                    .unwrap_or_else(|error| panic!("{error}"));
            });
        }
    });
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn panics_in_pieces_of_loops_are_the_first_of_them_as_an_error() {
    let file = plugin("fixture-evil").display().to_string();
    fails("PanicsInPieces", &["piece 3 of loop 2 breaks", "services.rs:", "plugin ", &file]);
}

#[test]
fn an_error_of_any_length_is_one_line() {
    fails("FailsAtLength", &["parameter \"trigger\": it \u{fffd} ends here: no no no", "..."]);
}

/// Nothing but the host can end that loop.
#[test]
fn a_loop_without_end_ends_when_the_render_is_to_stop() {
    for engine in engines() {
        let timeout = Duration::from_millis(200);
        let options = RenderOptions { timeout: Some(timeout), ..RenderOptions::default() };
        for threads in [1, 4] {
            let scene = evil(&engine, "LoopsWithoutEnd", true);
            let start = Instant::now();
            let error = render_on(threads, &scene, 0, &options).expect_err("it has no end");
            assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
            assert!(start.elapsed() - timeout < Duration::from_secs(1), "{:?}", start.elapsed());
        }
        let (result, _) = survived(&engine, "LoopsWithoutEnd", &options);
        assert_one_line(&result.expect_err("it has no end").to_string());
    }
}

/// What it rendered in spite of that is no frame.
#[test]
fn an_effect_that_never_asks_ends_before_the_render_does() {
    for engine in engines() {
        let options = RenderOptions { timeout: Some(Duration::from_millis(50)), ..RenderOptions::default() };
        let (result, _) = survived(&engine, "NeverAsks", &options);
        let error = result.expect_err("its time is over");
        assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
    }
}

/// In plans, in renders, in the pieces of loops, and in tiles on all threads.
#[test]
fn a_floating_point_environment_that_was_changed_is_put_back() {
    for effect in ["ChangesFloats", "ChangesFloatsOfPixels"] {
        harmless(effect);
        let engine = engine_with(&PACKAGES);
        let expected = evil(&engine, effect, false).render();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("a pool of threads");
        let before = pool.broadcast(|_| float::environment());
        for _ in 0..3 {
            let scene = evil(&engine, effect, true);
            let found = pool.install(|| scene.render());
            assert_same_bits(&found, &expected);
        }
        assert_eq!(pool.broadcast(|_| float::environment()), before, "{effect}");
    }
}

/// What effects say in the log.
struct Heard;

static HEARD: Mutex<Vec<(log::Level, String)>> = Mutex::new(Vec::new());

impl log::Log for Heard {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "playa::effect"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// What effects with this id said meanwhile.
fn heard(id: &str, work: impl FnOnce()) -> Vec<(log::Level, String)> {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        log::set_logger(&Heard).expect("nobody else listens");
        log::set_max_level(log::LevelFilter::Debug);
    });
    let of = |(_, line): &(log::Level, String)| line.starts_with(id);
    let lines =
        || HEARD.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|line| of(line)).cloned().collect();
    let before: Vec<_> = lines();
    work();
    // A worker's last line may be on its way.
    std::thread::sleep(Duration::from_millis(100));
    let after: Vec<_> = lines();
    after[before.len()..].to_vec()
}

#[test]
fn each_message_in_the_log_is_one_line_of_limited_length() {
    const ID: &str = "com.example.evil.talks_much";
    for engine in engines() {
        let said = heard(ID, || {
            let (found, expected) = survived(&engine, "TalksMuch", &RenderOptions::default());
            assert_same_bits(&found.unwrap_or_else(|error| panic!("{error}")), &expected);
        });
        assert_eq!(said.len(), 6 + 8 * 100);
        said.iter().for_each(|(_, line)| assert_one_line(line));
        let line = |index: usize| said[index].1.strip_prefix(&format!("{ID}:")).expect("it is named").trim_start();
        let expected = ["", "nul \u{fffd} inside", "two lines", "\u{fffd}[2J\u{fffd} bells"];
        assert_eq!([line(0), line(1), line(2), line(3)], expected);
        assert!(line(4).starts_with("long long") && line(4).ends_with("...") && line(5).ends_with("xxx..."));
        let mut each: Vec<_> = said[6..].iter().map(|(_, line)| line.clone()).collect();
        each.sort();
        each.dedup();
        assert_eq!(each.len(), 800, "no line is lost or torn");
    }
}

/// It is counted, as it is not there any more; the log says whose it is, once.
#[test]
fn memory_that_is_never_given_back_stays_counted_and_is_told() {
    alone("promises::evil::memory_that_is_never_given_back_stays_counted_and_is_told", || {
        let engine = engine_with(&PACKAGES);
        let expected = evil(&engine, "KeepsMemory", false).render();
        let before = in_use();
        let said = heard("com.example.evil.keeps_memory", || {
            for _ in 0..3 {
                assert_same_bits(&evil(&engine, "KeepsMemory", true).render(), &expected);
            }
        });
        assert_eq!(in_use() - before, 3 << 20);
        let [(level, line)] = &said[..] else { panic!("{said:?}") };
        assert_eq!(*level, log::Level::Warn);
        let file = plugin("fixture-evil").display().to_string();
        for part in ["kept 1 buffers of scratch memory, 1048576 bytes", "plugin ", &file] {
            assert!(line.contains(part), "{part:?} in {line}");
        }
    });
}

/// Everything that is lent or made for an effect comes back, however its call ends.
#[test]
fn memory_is_as_it_was_after_every_abuse() {
    alone("promises::evil::memory_is_as_it_was_after_every_abuse", || {
        let engine = engine_with(&PACKAGES);
        let effects = engine.effects();
        let all = effects.iter().map(|effect| effect.spec());
        let evil_ones: Vec<_> = all.filter(|spec| spec.params.iter().any(|param| param.name == "trigger")).collect();
        assert_eq!(evil_ones.len(), 14);
        let timeout = Some(Duration::from_millis(200));
        let options = RenderOptions { timeout, ..RenderOptions::default() };
        let before = in_use();
        for spec in evil_ones.into_iter().filter(|spec| spec.type_name != "KeepsMemory") {
            // Twice, with memory for little more than a frame.
            memory::PROCESS.set_limit(before + (64 << 20));
            for _ in 0..2 {
                drop(evil(&engine, &spec.type_name, true).try_render(0, &options));
            }
            assert_eq!(in_use(), before, "{}", spec.type_name);
        }
    });
}

/// Who needs memory that an effect has waits for it, or is made again alone.
#[test]
fn frames_wait_for_an_effect_that_has_all_memory() {
    alone("promises::evil::frames_wait_for_an_effect_that_has_all_memory", || {
        let engine = engine_with(&PACKAGES);
        let expected = evil(&engine, "HoldsMemory", false).render();
        memory::PROCESS.set_limit(in_use() + (40 << 20));
        let start = Instant::now();
        std::thread::scope(|scope| {
            for index in 0..4 {
                let (engine, expected) = (&engine, &expected);
                scope.spawn(move || {
                    for _ in 0..2 {
                        let found =
                            evil(engine, "HoldsMemory", index % 2 == 0).try_render(0, &RenderOptions::default());
                        assert_same_bits(&found.unwrap_or_else(|error| panic!("{error}")).image, expected);
                    }
                });
            }
        });
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    });
}

fn raw(what: &str) -> [(&'static str, Value); 1] {
    [("evil", Value::Choice(what.to_owned()))]
}

#[test]
fn what_is_no_text_is_shown_as_far_as_it_is_one() {
    for engine in engines() {
        let calm = scene(&engine, "EvilRaw", &raw("nothing"));
        let expected = calm.render();
        let said = heard("com.example.evil.raw", || {
            assert_same_bits(&scene(&engine, "EvilRaw", &raw("log")).render(), &expected);
        });
        assert_eq!(said, [(log::Level::Debug, "com.example.evil.raw: no \u{fffd} text \u{fffd} \u{fffd}".to_owned())]);
        let error = scene(&engine, "EvilRaw", &raw("failure")).error().to_string();
        let text = "no \u{fffd} text \u{fffd} \u{fffd}";
        assert!(error.ends_with(&format!("effect EvilRaw: parameter {text:?}: {text}")), "{error}");
        assert_one_line(&error);
        assert_same_bits(&calm.render(), &expected);
    }
}

/// Memory that was not lent is not kept for the next one who asks, and does not count as if it had been.
#[test]
fn foreign_memory_and_memory_of_another_size_do_not_change_the_count() {
    alone("promises::evil::foreign_memory_and_memory_of_another_size_do_not_change_the_count", || {
        let expected = image(playa_host::image::Rect::of_size(8, 8), |_, _| [0.25, 0.5, 0.125, 0.5]);
        // Of what grew, or was freed, nobody can tell any more that it is gone.
        for (what, left, told) in [
            ("nothing", 0, None),
            ("cut_memory", 0, None),
            ("foreign_memory", 0, Some("that it was not lent")),
            ("grown_memory", 20_000, Some("that it was not lent, or not in this form")),
            ("freed_memory", 20_000, Some("it kept 1 buffers")),
        ] {
            // A new engine, which has no buffers left from before.
            let engine = engine_with(&PACKAGES);
            let scene = Scene::on(&engine, 8, 8);
            let layer = scene.layer(&picture(8, 8, noise(1)));
            scene.effect(layer, "EvilRaw", &raw(what));
            let before = in_use();
            let said = heard("com.example.evil.raw", || {
                for _ in 0..2 {
                    assert_same_bits(&scene.render(), &expected);
                }
            });
            assert_eq!(in_use() - before, 2 * left, "{what}");
            assert_eq!(said.len(), usize::from(told.is_some()), "{what}: {said:?}");
            assert!(said.iter().all(|(_, line)| told.is_some_and(|told| line.contains(told))), "{what}: {said:?}");
        }
    });
}
