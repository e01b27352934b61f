//! Frames: whether a frame depends on the order in which frames are rendered, and on which others.

use super::pixels::take;
use crate::conformance::Check;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, setting_text};
use crate::conformance::picture::Tolerance;
use crate::conformance::services::Services;

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "time-invariant-claim",
        3,
        "An effect that says that frames do not matter draws the same at every frame.",
        invariant,
    ),
    Check::of_effect("time-zoo", 4, "Every frame can be planned and rendered: negative, fractional, far away.", zoo),
    Check::of_effect("time-purity", 4, "A frame is the same in whichever order frames are rendered.", purity),
];

fn invariant(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if !bench.spec.traits.time_invariant {
        return Err(Finding::skipped("the effect does not say that frames do not matter"));
    }
    exam.each_setting(&bench, |scene| {
        let content = scene.content.clone();
        // The same picture at every frame.
        let still = scene.showing(move |input, _, x, y| content(input, 0.0, x, y));
        let expected = bench.render(&still.at(0.0), scene.canvas)?;
        let mut tally = Tally::default();
        for frame in [1.0, 7.0, 0.5, -3.0, 1001.0, 86_400.0] {
            let got = bench.render(&still.at(frame), scene.canvas)?;
            tally.note(exam.same(format_args!("frame {frame} and frame 0"), &expected, &got, Tolerance::Bits));
        }
        tally.verdict()
    })
}

fn zoo(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        for frame in [0.0, -0.0, -1.0, 0.5, 1.0 / 3.0, 1e6, -1e6, 2_147_483_648.0, 1e15] {
            exam.note(format_args!("frame {frame} {}", setting_text(&bench.spec, &scene.params)));
            let taken = take(&bench, &scene.at(frame), scene.canvas, &Services::default());
            tally.note(taken.map(|_| ()).map_err(|finding| finding.during(format_args!("frame {frame}"))));
        }
        tally.verdict()
    })
}

fn purity(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let frames: Vec<f64> = (0..12).map(f64::from).collect();
    let mut orders = vec![("in order", frames.clone()), ("in order again", frames.clone())];
    if !bench.spec.traits.sequential {
        let backwards: Vec<f64> = frames.iter().rev().copied().collect();
        let mut mixed: Vec<f64> = frames.iter().chain(&frames).copied().collect();
        exam.random("order").shuffle(&mut mixed);
        orders.extend([("backwards", backwards), ("in random order", mixed)]);
    }
    exam.each_setting(&bench, |scene| {
        let expected = frames
            .iter()
            .map(|frame| bench.another()?.render(&scene.at(*frame), scene.canvas))
            .collect::<Result<Vec<_>, _>>()?;
        let mut tally = Tally::default();
        for (order, frames) in &orders {
            for frame in frames {
                let got = bench.render(&scene.at(*frame), scene.canvas)?;
                let what = format!("frame {frame} rendered {order}");
                tally.note(exam.same(what, &expected[*frame as usize], &got, Tolerance::Bits));
            }
        }
        tally.verdict()
    })
}
