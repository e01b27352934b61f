//! Inputs: whether each of them counts, and what lies around them.

use playa_plugin_api::Rect;

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, noise};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure};
use crate::conformance::picture::Tolerance;

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect("input-has-effect", 4, "Every input changes the picture.", has_effect).warns(),
    Check::of_effect(
        "transparent-margin",
        4,
        "A transparent margin around an input is as good as its end, but where its edges are repeated.",
        margins,
    )
    .warns(),
];

fn has_effect(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let scene = exam.scene(&bench);
    let settings = exam.settings(&bench.spec, 4);
    let mut tally = Tally::default();
    for (input, spec) in bench.spec.inputs.iter().enumerate() {
        let (content, others) = (scene.content.clone(), noise(exam.random("other content").bits()));
        let other = scene.showing(move |which, frame, x, y| match which == input {
            true => others(which, frame, x, y),
            false => content(which, frame, x, y),
        });
        let is_idle = |params: &Vec<_>| -> Result<bool, Finding> {
            exam.note(format_args!("rendering with another picture as {:?}", spec.name));
            let draw = |scene: &Scene| bench.render(&scene.with_params(params), scene.canvas);
            Ok(draw(&scene)?.mismatch(&draw(&other)?, Tolerance::Bits).is_none())
        };
        // With some values it may not be seen.
        let mut idle = true;
        for params in &settings {
            idle = idle && is_idle(params)?;
        }
        tally.note(ensure(!idle, || format!("whatever input {:?} shows, no pixel changes", spec.name)));
    }
    tally.verdict()
}

/// Of values up to 3: a picture of another size may be summed in another order, and approximations begin elsewhere.
const SUMMED: f32 = 4e-3;

fn margins(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        (0..scene.domains.len()).for_each(|input| tally.note(margin(exam, &bench, scene, input)));
        tally.verdict()
    })
}

fn margin(exam: &Exam, bench: &Bench, scene: &Scene, input: usize) -> Verdict {
    let (canvas, window) = (scene.canvas, scene.canvas.grow(12, 12));
    // The others reach further, so that what is cut off of them shows.
    let with = |domain: Rect| {
        let domains = (0..scene.domains.len()).map(|at| Some(if at == input { domain } else { canvas.grow(8, 8) }));
        let content = scene.content.clone();
        let shown = move |which: usize, frame: f64, x: i32, y: i32| match which == input && !canvas.contains(x, y) {
            true => [0.0; 4],
            false => content(which, frame, x, y),
        };
        Scene { domains: domains.collect(), ..scene.showing(shown) }
    };
    let (bare, padded) = (with(canvas), with(canvas.grow(16, 16)));
    let name = &bench.spec.inputs[input].name;
    exam.note(format_args!("rendering with a transparent margin around {name:?}"));
    let (expected, got) = (bench.render(&bare, window)?, bench.render(&padded, window)?);
    let tolerance = Tolerance::Absolute(SUMMED);
    // What ends where its input ends may repeat the edge. With one input it may also fill it.
    let ends_with_it = bench.planned(&bare, window)?.domain == canvas && !bench.spec.inputs[input].mask;
    let inside = expected.crop(canvas).mismatch(&got.crop(canvas), tolerance);
    if ends_with_it && (inside.is_some() || scene.domains.len() == 1) {
        return Err(Finding::skipped("the picture ends where its input does, whose edges may be repeated"));
    }
    exam.same(format_args!("a transparent margin around {name:?}, and none"), &expected, &got, tolerance)
}
