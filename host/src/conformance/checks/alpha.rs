//! Values: transparency, numbers that are not, light brighter than white.

use playa_plugin_api::{Pixel, Rect};

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::bench::Scene;
use crate::conformance::buffer::CANARY;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure};
use crate::conformance::picture::{Picture, Tolerance};

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect("alpha-in-range", 3, "Where inputs have alpha from 0 to 1, so has the output.", in_range),
    Check::of_effect(
        "premultiplication",
        3,
        "A pixel's colour does not depend on how transparent it is, and clear pixels stay clear.",
        premultiplied,
    ),
    Check::of_effect("mask-claim", 4, "Of an input that is said to be a mask, only alpha matters.", masks),
    Check::of_effect(
        "bad-pixels",
        3,
        "One pixel that is NaN or infinite spoils no pixel that does not need it.",
        bad_pixels,
    ),
    Check::of_effect(
        "hdr-values",
        3,
        "Light brighter than white, tiny values and negative ones go through unclamped.",
        hdr,
    )
    .warns(),
];

/// Rounding, of sums of a few thousand terms.
const ROUNDED: f32 = 1e-4;

fn in_range(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        let opaque = scene.content.clone();
        for (name, scene) in [
            ("noise", scene.clone()),
            (
                "opaque noise",
                scene.showing(move |input, frame, x, y| {
                    let [r, g, b, _] = opaque(input, frame, x, y);
                    [r, g, b, 1.0]
                }),
            ),
            ("edges of alpha", scene.showing(|_, _, x, y| if (x / 5 + y / 5) % 2 == 0 { [1.0; 4] } else { [0.0; 4] })),
        ] {
            let drawn = bench.render(&scene, scene.canvas)?;
            let out = |pixel: &Pixel| pixel[3].to_bits() != CANARY && !(-ROUNDED..=1.0 + ROUNDED).contains(&pixel[3]);
            let found = drawn.find(out);
            tally.note(ensure(found.is_none(), || {
                let (x, y, pixel) = found.unwrap_or_default();
                format!("{name}: alpha at ({x}, {y}) is {}, expected 0..=1", pixel[3])
            }));
        }
        tally.verdict()
    })
}

/// Of straight colour up to 2, where it was multiplied and divided again.
const STRAIGHT: f32 = 2e-3;

fn premultiplied(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    if !bench.spec.traits.pixel_wise {
        return Err(Finding::skipped("only of effects on single pixels is it known what colour should become"));
    }
    let colour = |x: i32, y: i32| -> [f32; 3] {
        let (u, v) = (x as f32 / 60.0, y as f32 / 42.0);
        [2.0 * u, 2.0 * v, (u + v) * 0.5]
    };
    let shown = move |scene: &Scene, alpha: f32| {
        scene.showing(move |_, _, x, y| {
            let [r, g, b] = colour(x, y);
            [r * alpha, g * alpha, b * alpha, alpha]
        })
    };
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        let opaque = bench.render(&shown(scene, 1.0), scene.canvas)?;
        // What changes alpha may change colour with it.
        let keeps = |picture: &Picture, alpha: f32| picture.find(|pixel| (pixel[3] - alpha).abs() > ROUNDED).is_none();
        if !keeps(&opaque, 1.0) {
            return Err(Finding::skipped("the effect changes alpha"));
        }
        for alpha in [0.5, 0.125, 1.0 / 1024.0] {
            let drawn = bench.render(&shown(scene, alpha), scene.canvas)?;
            if !keeps(&drawn, alpha) {
                continue;
            }
            let straight = Picture::of(drawn.window, |x, y| {
                let [r, g, b, a] = drawn.pixel(x, y);
                [r / alpha, g / alpha, b / alpha, if a == alpha { 1.0 } else { a / alpha }]
            });
            let peak = opaque.pixels.as_flattened().iter().fold(1.0_f32, |peak, value| peak.max(value.abs()));
            let what = format!("straight colour where alpha is {alpha}, and where it is 1");
            tally.note(exam.same(what, &opaque, &straight, Tolerance::Absolute(STRAIGHT * peak)));
        }
        let clear = bench.render(&scene.showing(|_, _, _, _| [0.0; 4]), scene.canvas)?;
        let lit = clear.find(|pixel| pixel.iter().any(|value| value.abs() > 1e-6));
        tally.note(ensure(lit.is_none(), || {
            let (x, y, pixel) = lit.unwrap_or_default();
            format!("a clear pixel becomes {pixel:?}, at ({x}, {y}): colour without alpha shows as a halo")
        }));
        tally.verdict()
    })
}

fn masks(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let masks: Vec<usize> = (0..bench.spec.inputs.len()).filter(|input| bench.spec.inputs[*input].mask).collect();
    if masks.is_empty() {
        return Err(Finding::skipped("the effect has no mask"));
    }
    exam.each_setting(&bench, |scene| {
        let expected = bench.render(scene, scene.canvas)?;
        let (content, masks) = (scene.content.clone(), masks.clone());
        let coloured = scene.showing(move |input, frame, x, y| match content(input, frame, x, y) {
            [r, g, b, a] if masks.contains(&input) => [b + 0.5 * a, r * 0.25, a - g, a],
            other => other,
        });
        let got = bench.render(&coloured, scene.canvas)?;
        exam.same("a mask of other colours and the same alpha", &expected, &got, Tolerance::Bits)
    })
}

fn bad_pixels(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    exam.each_setting(&bench, |scene| {
        let mut random = exam.random("places");
        let expected = bench.render(scene, scene.canvas)?;
        let mut tally = Tally::default();
        for (name, bad) in [
            ("NaN", [f32::NAN; 4]),
            ("infinite", [f32::INFINITY, f32::INFINITY, f32::INFINITY, 1.0]),
            ("tiny", [1e-41, 1e-42, 1e-43, 1e-40]),
        ] {
            let at = (random.between(scene.canvas.x0, scene.canvas.x1 - 1), random.between(scene.canvas.y0, scene.canvas.y1 - 1));
            let content = scene.content.clone();
            let spoilt = scene.showing(move |input, frame, x, y| {
                if input == 0 && (x, y) == at { bad } else { content(input, frame, x, y) }
            });
            exam.note(format_args!("a pixel at {at:?} that is {name}"));
            let got = bench.render(&spoilt, scene.canvas)?;
            let needed = |x: i32, y: i32| -> Result<bool, Finding> {
                let plan = bench.planned(scene, Rect::new(x, y, x + 1, y + 1))?;
                Ok(plan.needs.iter().any(|need| need.input == 0 && need.rect.contains(at.0, at.1)))
            };
            // Whichever pixel changed has to need the bad one.
            let mut wrong = None;
            for y in scene.canvas.y0..scene.canvas.y1 {
                for x in scene.canvas.x0..scene.canvas.x1 {
                    let place = Rect::new(x, y, x + 1, y + 1);
                    let same = expected.crop(place).mismatch(&got.crop(place), Tolerance::Bits).is_none();
                    if !same && wrong.is_none() && !needed(x, y)? {
                        wrong = Some((x, y, got.pixel(x, y)));
                    }
                }
            }
            tally.note(ensure(wrong.is_none(), || {
                let (x, y, pixel) = wrong.unwrap_or_default();
                format!("a pixel that is {name}, at {at:?}, changed the one at ({x}, {y}) to {pixel:?}, which does not need it")
            }));
        }
        tally.verdict()
    })
}

fn hdr(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let scene = exam.scene(&bench).on(Rect::of_size(9, 9));
    // With the defaults alone: other values may be there to cut light off.
    let level = |value: f32| -> Result<[f32; 3], Finding> {
        let drawn = bench.render(&scene.showing(move |_, _, _, _| [value, value, value, 1.0]), scene.canvas)?;
        let [r, g, b, _] = drawn.pixel(4, 4);
        Ok([r, g, b])
    };
    let (dim, half) = (level(0.25)?, level(0.5)?);
    if dim == half {
        return Err(Finding::skipped("with its defaults, the effect does not show its input"));
    }
    let mut tally = Tally::default();
    for (what, a, b) in
        [("above 1", 2.0, 8.0), ("above 1", 100.0, 10_000.0), ("below 0", -1.0, -0.25), ("below 0.0001", 1e-6, 1e-5)]
    {
        let (first, second) = (level(a)?, level(b)?);
        exam.note(format_args!("pictures of {a} and {b}"));
        tally.note(ensure(first != second, || format!("values {what} are cut off: {a} and {b} both become {first:?}")));
        let finite = first.iter().chain(&second).all(|value| value.is_finite());
        tally.note(ensure(finite, || format!("{a} becomes {first:?}, {b} becomes {second:?}")));
    }
    tally.verdict()
}
