//! What an effect does with the services of its host: memory, stopping, progress, the state of its threads.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use playa_plugin_api::{EffectResult, ErrorCode, Rect};

use super::pixels::take;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, no_memory, told};
use crate::conformance::buffer::Buffer;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, setting_text};
use crate::conformance::picture::Tolerance;
use crate::conformance::services::{Loops, Services};
use crate::plugin::float;

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "fp-environment",
        3,
        "Calls leave rounding, and what becomes of tiny numbers, as it was on their thread.",
        float_environment,
    ),
    Check::of_effect(
        "scratch-returned",
        3,
        "All scratch memory is given back as it was lent, after an error too.",
        returned,
    ),
    Check::of_effect("stops-when-told", 3, "A render that is told to stop stops soon, and says that it did.", stops),
    Check::of_effect("progress", 4, "Progress goes from 0 to 1 and never back.", progress).warns(),
    Check::of_effect(
        "host-moods",
        6,
        "A host that refuses memory or stops at any moment gets an error or the right pixels.",
        moods,
    ),
    Check::of_effect(
        "scratch-refused",
        8,
        "Each request for scratch memory may be refused: that is an error, or slower, never a crash.",
        refused,
    ),
];

fn float_environment(exam: &Exam) -> Verdict {
    if float::environment().is_none() {
        return Err(Finding::skipped("it is not known how to ask this processor"));
    }
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let before = float::environment();
        let same = |call: &str| {
            let after = float::environment();
            ensure(before == after, || {
                format!("{call} changed the floating-point control register from {before:x?} to {after:x?}")
            })
        };
        bench.planned(scene, scene.canvas)?;
        same("planning")?;
        take(&bench, scene, scene.canvas, &Services::default())?;
        same("rendering")
    })
}

fn returned(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        let stopped = |asked| Services { stops_after: Some(asked), ..Services::default() };
        let refused = |number| Services { refused: Some(number), ..Services::default() };
        for (what, services) in [
            ("after a render", Services::default()),
            ("after a render that was stopped at once", stopped(0)),
            ("after a render that was stopped in the middle", stopped(2)),
            ("after a render that got no memory", refused(0)),
            ("after a render that got no second buffer", refused(1)),
        ] {
            exam.note(format_args!("rendering {}, looking {what}", setting_text(&bench.spec, &scene.params)));
            let ended = take(&bench, scene, scene.canvas, &services);
            if services.stops_after.is_none() && services.refused.is_none() {
                ended?;
            }
            let seen = services.seen();
            tally.note(ensure(seen.kept() == 0, || format!("{what}, {} buffers were not given back", seen.kept())));
            tally.note(ensure(seen.faults.is_empty(), || format!("{what}: {}", seen.faults.join("; "))));
        }
        tally.verdict()
    })
}

/// How long a render may go on after it was told to stop, whatever it takes in all.
const SOON: Duration = Duration::from_millis(250);

fn stops(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    // Told before it begins: it may finish what is quick, but not say that all is well with pixels missing.
    exam.each_setting(&bench, |scene| {
        for asked in [0, 1, 3] {
            let services = Services { stops_after: Some(asked), ..Services::default() };
            let Some((result, unwritten)) = outcome(&bench, scene, scene.canvas, &services)? else { return Ok(()) };
            match result {
                Ok(()) => ensure(!unwritten, || {
                    "a render that was stopped says that all is well, with pixels missing".to_owned()
                })?,
                Err(error) => ensure(error.code == ErrorCode::Aborted, || {
                    format!("a render that was stopped fails with {}, expected Aborted", told(&error))
                })?,
            }
        }
        Ok(())
    })?;
    slow(exam, &bench)
}

/// What a render says, and whether pixels are missing; nothing where there is nothing to render.
fn outcome(
    bench: &Bench,
    scene: &Scene,
    window: Rect,
    services: &Services<'_>,
) -> Result<Option<(EffectResult<()>, bool)>, Finding> {
    let wanted = window.intersect(&bench.planned(scene, window)?.domain);
    let plan = bench.planned(scene, wanted)?;
    if wanted.is_empty() || (plan.identity.is_some() && plan.needs.is_empty()) {
        return Ok(None);
    }
    let taken = bench.take(scene, &plan, wanted, services)?;
    Ok(Some((taken.result, taken.output.unwritten().is_some())))
}

/// Told in the middle of a large picture. Machines are busy with other things too, so the best of a few tries counts.
fn slow(exam: &Exam, bench: &Bench) -> Verdict {
    let canvas = Rect::of_size(1280, 720);
    let scene = exam.scene(bench).on(canvas).showing(|_, _, x, y| [x as f32 * 1e-3, y as f32 * 1e-3, 0.5, 1.0]);
    let wanted = canvas.intersect(&bench.planned(&scene, canvas)?.domain);
    let plan = bench.planned(&scene, wanted)?;
    if wanted.is_empty() || (plan.identity.is_some() && plan.needs.is_empty()) {
        return Ok(());
    }
    let inputs = bench.inputs(&scene, &plan)?;
    let output = Buffer::new(wanted, scene.output_layout, 0).map_err(no_memory)?;
    let wires = Bench::wires(&inputs);
    // The whole time is that of a render that is not told to stop, on one thread.
    let start = Instant::now();
    exam.note("rendering a picture of 1280 x 720 pixels");
    let whole = bench.call(&scene, &wires, output.wire(), &Services::default());
    whole.map_err(|error| Finding::failed(format!("rendering {wanted} fails: {}", told(&error))))?;
    let whole = start.elapsed();
    if whole < 2 * SOON {
        exam.say(format_args!("a picture of 1280 x 720 pixels takes {:.0} ms in all", whole.as_secs_f64() * 1e3));
        return Ok(());
    }
    let tries = (0..3).map(|_| {
        let services = Services { loops: Loops::InOrder, ..Services::default() };
        std::thread::scope(|scope| {
            let teller = scope.spawn(|| {
                std::thread::sleep(whole / 8);
                services.stop.store(true, Ordering::Relaxed);
                Instant::now()
            });
            let _ = bench.call(&scene, &wires, output.wire(), &services);
            let end = Instant::now();
            end.saturating_duration_since(teller.join().expect("no panic"))
        })
    });
    let late = tries.min().unwrap_or_default();
    ensure(late < SOON.max(whole / 4), || {
        format!(
            "a render of {:.1} s went on for {:.0} ms after it was told to stop: ask the host in loops, or use its own",
            whole.as_secs_f64(),
            late.as_secs_f64() * 1e3
        )
    })
}

fn progress(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let services = Services::default();
        take(&bench, scene, scene.canvas, &services)?;
        let told = services.seen().progress;
        let outside = told.iter().find(|done| !(0.0..=1.0).contains(*done));
        ensure(outside.is_none(), || format!("progress is {outside:?}, expected 0..=1"))?;
        let back = told.windows(2).find(|pair| pair[1] < pair[0]);
        ensure(back.is_none(), || format!("progress goes back: {back:?}"))
    })
}

fn moods(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut random = exam.random("moods");
        let expected = bench.render(scene, scene.canvas)?;
        let mut tally = Tally::default();
        for _ in 0..24 {
            let services = Services {
                loops: if random.below(2) == 0 { Loops::InOrder } else { Loops::Backwards },
                refused: (random.below(2) == 0).then(|| random.below(6)),
                stops_after: (random.below(2) == 0).then(|| random.below(8)),
                filler: random.bits() as u32,
                ..Services::default()
            };
            let mood = format!("memory refused: {:?}, stopped after: {:?}", services.refused, services.stops_after);
            exam.note(format_args!("rendering {}, {mood}", setting_text(&bench.spec, &scene.params)));
            let wanted = scene.canvas.intersect(&bench.planned(scene, scene.canvas)?.domain);
            let plan = bench.planned(scene, wanted)?;
            if wanted.is_empty() || (plan.identity.is_some() && plan.needs.is_empty()) {
                return Ok(());
            }
            let taken = bench.take(scene, &plan, wanted, &services)?;
            tally.note(match taken.result {
                Ok(()) => exam.same(
                    format_args!("with a host in a mood ({mood})"),
                    &expected.crop(wanted),
                    &taken.output.picture(),
                    Tolerance::Bits,
                ),
                Err(error) if error.code == ErrorCode::Panicked => {
                    Err(Finding::failed(format!("{mood}: {}", told(&error))))
                }
                Err(_) => Ok(()),
            });
        }
        tally.verdict()
    })
}

fn refused(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let services = Services::default();
        take(&bench, scene, scene.canvas, &services)?;
        let mut tally = Tally::default();
        for number in 0..services.seen().requests.min(40) {
            exam.note(format_args!("rendering {}, request {number} refused", setting_text(&bench.spec, &scene.params)));
            let services = Services { refused: Some(number), ..Services::default() };
            let Some((result, unwritten)) = outcome(&bench, scene, scene.canvas, &services)? else { return Ok(()) };
            tally.note(match result {
                Ok(()) => ensure(!unwritten, || {
                    format!("with request {number} for scratch memory refused, it says that all is well, with pixels missing")
                }),
                Err(error) => ensure(error.code == ErrorCode::OutOfMemory, || {
                    format!("with request {number} refused it fails with {}, expected OutOfMemory", told(&error))
                }),
            });
        }
        tally.verdict()
    })
}
