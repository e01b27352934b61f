//! Long lives and bad treatment: many objects, many calls, calls that make no sense.

use std::collections::HashMap;

use playa_plugin_api::{ErrorCode, Rect, abi};

use super::file::Surroundings;
use super::pixels::take;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, no_memory, told};
use crate::conformance::buffer::{Buffer, CANARY, Layout};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, setting_text};
use crate::conformance::picture::{Picture, Tolerance};
use crate::conformance::services::{Loops, Services};

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "survives-bad-calls",
        2,
        "Calls that make no sense are errors, and the next good one gives the right pixels.",
        bad_calls,
    ),
    Check::of_effect(
        "finishes",
        2,
        "Pictures of ordinary size are rendered in a time that a user would wait.",
        finishes,
    ),
    Check::of_effect(
        "lifecycle-storm",
        3,
        "Objects are made and ended a thousand times, on any thread, also after an error.",
        storm,
    ),
    Check::of_effect(
        "no-leak",
        5,
        "Three hundred renders take no more memory, files and threads than one hundred.",
        leak,
    ),
    Check::of_effect(
        "render-leaves-process",
        5,
        "Rendering leaves threads, files, environment, folder, signals, locale and umask as they were.",
        surroundings,
    )
    .warns(),
    Check::of_effect(
        "session-fuzz",
        8,
        "Any order of planning, rendering, making and ending gives the pixels that each call gives alone.",
        session,
    )
    .within(180),
];

fn bad_calls(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let scene = exam.scene(&bench);
    let expected = bench.render(&scene, scene.canvas)?;
    let plan = bench.planned(&scene, scene.canvas)?;
    let wanted = scene.canvas.intersect(&plan.domain);
    let given = bench.inputs(&scene, &bench.planned(&scene, wanted)?)?;
    let output = Buffer::new(wanted, Layout::APRON, CANARY).map_err(no_memory)?;
    let without = Scene { params: Vec::new(), ..scene.clone() };
    let (wires, wire) = (Bench::wires(&given), output.wire());
    let other: Vec<_> =
        wires.iter().map(|input| abi::InputImage { at: abi::InputAt { input: 77, ..input.at }, ..*input }).collect();
    let nothing = abi::WireImage { window: Rect::EMPTY, ..wire };
    let calls: [(&str, &Scene, &[abi::InputImage], abi::WireImage); 5] = [
        ("no inputs", &scene, &[], wire),
        ("inputs of other numbers", &scene, &other, wire),
        ("no values of parameters", &without, &wires, wire),
        ("an output without pixels", &scene, &wires, nothing),
        ("no inputs, no values, and no pixels", &without, &[], nothing),
    ];
    let mut tally = Tally::default();
    for (what, scene, inputs, output) in calls {
        for loops in [Loops::InOrder, Loops::Backwards] {
            exam.note(format_args!("rendering with {what}"));
            let result = bench.call(scene, inputs, output, &Services { loops, ..Services::default() });
            if let Err(error) = result
                && error.code == ErrorCode::Panicked
            {
                let message =
                    format!("rendering with {what}: {}, expected an error that says what is missing", told(&error));
                tally.note(Err(Finding::warned(message)));
            }
        }
    }
    exam.note("planning without values of parameters");
    let _ = bench.plan(&without, scene.canvas);
    exam.note("planning without inputs");
    let _ = bench.plan(&Scene { domains: Vec::new(), ..scene.clone() }, scene.canvas);
    exam.note("planning at a frame that is NaN");
    let _ = bench.plan(&scene.at(f64::NAN), scene.canvas);
    exam.note("rendering as usual afterwards");
    let after = bench.render(&scene, scene.canvas)?;
    tally.note(exam.same("after calls that made no sense", &expected, &after, Tolerance::Bits));
    tally.verdict()
}

fn finishes(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let mut tally = Tally::default();
    for canvas in [Rect::of_size(97, 89), Rect::of_size(640, 360), Rect::of_size(360, 640)] {
        let scene = exam.scene(&bench).on(canvas).showing(|_, _, x, y| [x as f32 * 1e-3, y as f32 * 1e-3, 0.25, 1.0]);
        exam.note(format_args!("a picture of {} x {} pixels", canvas.width(), canvas.height()));
        tally.note(take(&bench, &scene, canvas, &Services::default()).map(|_| ()));
    }
    tally.verdict()
}

/// Bytes that the process holds in memory, where the system tells.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    // The page size is not told here; 4 KiB is the smallest there is.
    Some(pages * 4096)
}

/// Growth that may come from anywhere, in bytes.
const NOISE: u64 = 512 << 10;

fn storm(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let round = |count: usize| -> Verdict {
        for _ in 0..count {
            bench.another()?.close()?;
        }
        Ok(())
    };
    exam.note("making and ending objects");
    round(300)?;
    let before = resident();
    round(1000)?;
    let after = resident();
    let mut tally = Tally::default();
    if let (Some(before), Some(after)) = (before, after) {
        tally.note(ensure(after < before + NOISE, || {
            format!("a thousand objects that were made and ended left {} KiB behind", (after - before) / 1024)
        }));
    }
    exam.note("making objects on one thread and ending them on others");
    let objects = (0..32).map(|_| bench.another()).collect::<Result<Vec<_>, _>>()?;
    std::thread::scope(|scope| {
        for object in objects {
            scope.spawn(move || object.close());
        }
    });
    exam.note("ending an object after a call that failed");
    let failed = bench.another()?;
    let scene = exam.scene(&bench);
    let output = Buffer::new(scene.canvas, Layout::APRON, CANARY).map_err(no_memory)?;
    let _ = failed.call(&Scene { params: Vec::new(), ..scene }, &[], output.wire(), &Services::default());
    tally.note(failed.close());
    tally.verdict()
}

fn leak(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let scene = exam.scene(&bench);
    let settings = exam.settings(&bench.spec, 3);
    let round = |count: usize| -> Verdict {
        for number in 0..count {
            let scene = scene.with_params(&settings[number % settings.len()]).at(number as f64);
            take(&bench, &scene, scene.canvas, &Services::default())?;
        }
        Ok(())
    };
    exam.note("rendering many times");
    round(100)?;
    let (files, Some(before)) = (Surroundings::now(), resident()) else {
        return Err(Finding::skipped("this system does not tell how much memory a process has"));
    };
    round(150)?;
    let middle = resident().unwrap_or(before);
    round(150)?;
    let after = resident().unwrap_or(middle);
    // What grows once is a cache; what leaks grows in both halves.
    let grows = middle > before + NOISE / 2 && after > middle + NOISE / 2;
    exam.say(format_args!("{} KiB after 100 renders, {} KiB after 400", before / 1024, after / 1024));
    let mut tally = Tally::default();
    tally.note(ensure(!grows, || {
        let each = (after - before) / 300;
        format!("memory grew from {} to {} KiB in 300 renders, {each} bytes each", before / 1024, after / 1024)
    }));
    tally.note(files.is_left());
    tally.verdict()
}

fn surroundings(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let before = Surroundings::now();
    let verdict = exam.each_setting(&bench, |scene| {
        bench.planned(scene, scene.canvas)?;
        take(&bench, scene, scene.canvas, &Services::default()).map(|_| ())
    });
    verdict.and(before.is_left())
}

/// Frames that a session moves between.
const FRAMES: usize = 3;

fn session(exam: &Exam) -> Verdict {
    let first = exam.bench()?;
    let mut random = exam.random("steps");
    let scene = exam.scene(&first);
    let settings = exam.settings(&first.spec, 3);
    let windows: Vec<Rect> = (0..4).map(|_| random.part(scene.canvas)).collect();
    // What each call gives, before anything else was done.
    let mut known: HashMap<(usize, usize, usize), Picture> = HashMap::new();
    for (setting, params) in settings.iter().enumerate() {
        for (window, rect) in windows.iter().enumerate() {
            for frame in 0..FRAMES {
                let scene = scene.with_params(params).at(frame as f64);
                known.insert((setting, window, frame), first.render(&scene, *rect)?);
            }
        }
    }
    let mut benches = vec![first.another()?];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
    let pool = pool.map_err(|error| Finding::skipped(format!("there are no threads: {error}")))?;
    let mut tally = Tally::default();
    for step in 0..400 {
        let bench = random.below(benches.len());
        let (setting, window, frame) =
            (random.below(settings.len()), random.below(windows.len()), random.below(FRAMES));
        let scene = scene.with_params(&settings[setting]).at(frame as f64);
        let text = setting_text(&first.spec, &scene.params);
        match random.below(10) {
            0 => benches.push(first.another()?),
            1 if benches.len() > 1 => {
                exam.note(format_args!("step {step}: ending an object"));
                tally.note(benches.swap_remove(bench).close());
            }
            2 | 3 => {
                exam.note(format_args!("step {step}: planning frame {frame} {text}"));
                tally.note(benches[bench].planned(&scene, windows[window]).map(|_| ()));
            }
            4 => {
                exam.note(format_args!("step {step}: a call that fails"));
                let _ = benches[bench].plan(&Scene { params: Vec::new(), ..scene }, windows[window]);
            }
            5 => {
                exam.note(format_args!("step {step}: a render that is stopped, frame {frame} {text}"));
                let services = Services { stops_after: Some(random.below(3)), ..Services::default() };
                let _ = take(&benches[bench], &scene, windows[window], &services);
            }
            _ => {
                exam.note(format_args!("step {step}: rendering {} of frame {frame} {text}", windows[window]));
                let expected = &known[&(setting, window, frame)];
                let loops = match random.below(3) {
                    0 => Loops::InOrder,
                    1 => Loops::Backwards,
                    _ => Loops::On(&pool),
                };
                let services = Services { loops, filler: random.bits() as u32, ..Services::default() };
                let got = benches[bench].render_with(&scene, windows[window], &services)?;
                tally.note(exam.same(format_args!("step {step}, {text}"), expected, &got, Tolerance::Bits));
            }
        }
    }
    tally.verdict()
}
