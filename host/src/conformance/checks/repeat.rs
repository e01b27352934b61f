//! The same call, again: on other threads, in another process, while others call.

use playa_plugin_api::Rect;
use playa_plugin_api::abi::WireValue;

use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene};
use crate::conformance::buffer::{CANARY, POISON};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure};
use crate::conformance::picture::{Picture, Tolerance};
use crate::conformance::services::{Loops, Services};

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "determinism",
        2,
        "The same call gives the same pixels, whatever scratch memory and output held before.",
        same_again,
    ),
    Check::of_effect(
        "plan-is-pure",
        2,
        "The same question is planned the same, at any time, on any thread, also after a render.",
        plans,
    ),
    Check::of_effect(
        "determinism-threads",
        4,
        "The pixels are the same on any number of threads, in any order of the pieces of loops.",
        threads,
    ),
    Check::of_effect(
        "determinism-processes",
        4,
        "The pixels are the same in every process, whatever was rendered in it before.",
        processes,
    ),
    Check::of_effect("seed-claim", 4, "Pixels depend on the seed only where an effect says that it is random.", seeds),
    Check::of_effect(
        "concurrent-instances",
        4,
        "Objects of one effect do not disturb each other, on several threads at once.",
        instances,
    ),
    Check::of_effect(
        "concurrent-calls",
        4,
        "One object serves several threads at once, with different parameters.",
        calls,
    ),
    Check::of_effect(
        "lock-across-loop",
        6,
        "A thread that waits in a loop of the host may meanwhile render another picture.",
        locks,
    )
    .within(20),
];

/// As large as it takes to have several bands.
const LARGE: Rect = Rect::new(0, 0, 331, 127);

fn same_again(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let expected = bench.render(scene, scene.canvas)?;
        let mut tally = Tally::default();
        for (what, filler) in
            [("NaN", POISON), ("zeros", 0), ("ones", 1.0_f32.to_bits()), ("bytes 0xff", u32::MAX), ("canaries", CANARY)]
        {
            let services = Services { filler, ..Services::default() };
            let got = bench.render_with(scene, scene.canvas, &services)?;
            let again = format!("rendered again, with {what} in scratch memory");
            tally.note(exam.same(again, &expected, &got, Tolerance::Bits));
            // The canary is one that this picture may not hold.
            let got = bench.render(&Scene { blank: filler, ..scene.clone() }, scene.canvas)?;
            let over = format!("rendered over {what}");
            tally.note(exam.same(over, &expected, &got, Tolerance::Bits));
        }
        tally.verdict()
    })
}

fn plans(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut random = exam.random("windows");
        let windows: Vec<Rect> = (0..6).map(|_| random.part(scene.canvas)).collect();
        let all = || windows.iter().map(|window| bench.planned(scene, *window)).collect::<Result<Vec<_>, _>>();
        let first = all()?;
        let same = |when: &str| {
            let now = all()?;
            let at = first.iter().zip(&now).position(|(first, now)| first != now);
            ensure(at.is_none(), || {
                let at = at.unwrap_or_default();
                format!("planned {when}, the window {} gives {:?}, before {:?}", windows[at], now[at], first[at])
            })
        };
        let mut tally = Tally::default();
        tally.note(same("again"));
        let on_threads: Vec<Verdict> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..10).try_for_each(|_| same("on another thread")))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        on_threads.into_iter().for_each(|verdict| tally.note(verdict));
        bench.render(scene, scene.canvas)?;
        tally.note(same("after a render"));
        tally.verdict()
    })
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, Finding> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Finding::skipped(format!("there are no {threads} threads: {error}")))
}

fn threads(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let pools = [1, 2, 3, 7].into_iter().map(|count| Ok((count, pool(count)?))).collect::<Result<Vec<_>, Finding>>()?;
    exam.each_setting(&bench, |scene| {
        let scene = scene.on(LARGE);
        let expected = bench.render(&scene, LARGE)?;
        let mut tally = Tally::default();
        let backwards = Services { loops: Loops::Backwards, ..Services::default() };
        let got = bench.render_with(&scene, LARGE, &backwards)?;
        tally.note(exam.same("loops run from their end", &expected, &got, Tolerance::Bits));
        for (count, pool) in &pools {
            for _ in 0..2 {
                let services = Services { loops: Loops::On(pool), ..Services::default() };
                let got = pool.install(|| bench.render_with(&scene, LARGE, &services))?;
                tally.note(exam.same(format_args!("on {count} threads"), &expected, &got, Tolerance::Bits));
            }
        }
        tally.verdict()
    })
}

/// What all settings draw, a word each, rendered from the first on or from the last.
fn digest(exam: &Exam, bench: &Bench, backwards: bool) -> Result<String, Finding> {
    let scene = exam.scene(bench);
    let draw = |params: &Vec<WireValue>| {
        let drawn = bench.render(&scene.with_params(params), scene.canvas)?;
        let mut hasher = blake3::Hasher::new();
        for value in drawn.pixels.as_flattened() {
            // What a NaN carries is nobody's business.
            let bits = if value.is_nan() { f32::NAN.to_bits() } else { value.to_bits() };
            hasher.update(&bits.to_le_bytes());
        }
        Ok(hasher.finalize().to_hex().to_string())
    };
    let settings = exam.settings(&bench.spec, 3);
    let mut words = match backwards {
        true => settings.iter().rev().map(draw).collect::<Result<Vec<_>, Finding>>()?,
        false => settings.iter().map(draw).collect::<Result<_, _>>()?,
    };
    if backwards {
        words.reverse();
    }
    Ok(words.join(" "))
}

/// What the process is for that begins with the last setting.
const BACKWARDS: &str = "backwards";

fn processes(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let own = digest(exam, &bench, exam.purpose() == BACKWARDS)?;
    if !exam.purpose().is_empty() {
        exam.say(own);
        return Ok(());
    }
    let mut tally = Tally::default();
    for (purpose, how) in [("again", "in another process"), (BACKWARDS, "made in another order in another process")] {
        let other = exam.in_another_process(purpose)?;
        tally.note(ensure(other == own, || format!("the same calls give other pixels {how}")));
    }
    tally.verdict()
}

fn seeds(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let is_random = bench.spec.traits.random;
    exam.each_setting(&bench, |scene| {
        let with = |seed| bench.render(&Scene { seed, ..scene.clone() }, scene.canvas);
        let first = with(1)?;
        let mut tally = Tally::default();
        tally.note(exam.same("the same seed again", &first, &with(1)?, Tolerance::Bits));
        if !is_random {
            for seed in [0, 2, u64::MAX] {
                tally.note(exam.same(
                    format_args!("seed {seed}, though it is not random"),
                    &first,
                    &with(seed)?,
                    Tolerance::Bits,
                ));
            }
        } else if [2, 3, u64::MAX]
            .into_iter()
            .map(with)
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .all(|other| first.mismatch(other, Tolerance::Bits).is_none())
        {
            tally.note(Err(Finding::warned("it says that it is random, but no seed changes a pixel")));
        }
        tally.verdict()
    })
}

/// A few calls with what each gives alone.
fn references(exam: &Exam, bench: &Bench) -> Result<Vec<(Scene, Picture)>, Finding> {
    let scene = exam.scene(bench);
    let settings = exam.settings(&bench.spec, 3);
    let scenes = settings.iter().enumerate().map(|(at, params)| scene.with_params(params).at(at as f64));
    scenes.map(|scene| Ok((scene.clone(), bench.render(&scene, scene.canvas)?))).collect()
}

/// Renders all of them on several threads at once, many times, with the bench that each thread makes.
fn at_once<'a>(
    exam: &Exam,
    references: &[(Scene, Picture)],
    bench: impl Fn() -> Result<Held<'a>, Finding> + Sync,
) -> Verdict {
    const THREADS: usize = 6;
    const ROUNDS: usize = 12;
    let results: Vec<Result<Vec<(usize, Picture)>, Finding>> = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let bench = &bench;
            move || {
                let held = bench()?;
                let one = |round: usize| {
                    let at = (thread + round) % references.len();
                    let (scene, expected) = &references[at];
                    let got = held.get().render(scene, scene.canvas)?;
                    Ok(expected.mismatch(&got, Tolerance::Bits).map(|_| (at, got)))
                };
                let found: Result<Vec<_>, Finding> = (0..ROUNDS).map(one).collect();
                found.map(|found| found.into_iter().flatten().collect())
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut tally = Tally::default();
    for result in results {
        let wrong = match result {
            Ok(wrong) => wrong,
            Err(finding) => {
                tally.note(Err(finding.during("while others render")));
                continue;
            }
        };
        tally.note(Ok(()));
        for (at, got) in wrong {
            tally.note(exam.same("rendered while others render, and alone", &references[at].1, &got, Tolerance::Bits));
        }
    }
    tally.verdict()
}

/// A bench of one's own, or one that others use too.
enum Held<'a> {
    Own(Box<Bench>),
    Shared(&'a Bench),
}

impl Held<'_> {
    fn get(&self) -> &Bench {
        match self {
            Self::Own(bench) => bench,
            Self::Shared(bench) => bench,
        }
    }
}

fn instances(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.note("rendering with an object for each thread");
    at_once(exam, &references(exam, &bench)?, || Ok(Held::Own(Box::new(bench.another()?))))
}

fn calls(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.note("rendering on several threads with one object");
    at_once(exam, &references(exam, &bench)?, || Ok(Held::Shared(&bench)))
}

fn locks(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let scene = exam.scene(&bench).on(LARGE);
    exam.note("rendering a picture on a thread that waits for the loop of another one");
    let inner = || {
        let _ = bench.render(&scene, LARGE);
    };
    let services = Services { interlude: Some(&inner), ..Services::default() };
    let expected = bench.render(&scene, LARGE)?;
    let got = bench.render_with(&scene, LARGE, &services)?;
    exam.same("rendered around another picture, and alone", &expected, &got, Tolerance::Bits)
}
