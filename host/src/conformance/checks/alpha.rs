//! Values: transparency, numbers that are not, light brighter than white.

use playa_plugin_api::{Kind, Pixel, Rect};

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene};
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

/// How far filters that are sharp go beyond the values that they are put on: two passes of cubics, an eighth each. Layers
/// are resampled by such filters too.
const RINGS: f32 = 0.3;

fn in_range(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let beyond = if bench.spec.traits.pixel_wise { ROUNDED } else { RINGS };
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
            let out = |pixel: &Pixel| pixel[3].to_bits() != CANARY && !(-beyond..=1.0 + beyond).contains(&pixel[3]);
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
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        tally.note(faded(exam, &bench, scene));
        tally.note(covered(&bench, scene));
        tally.note(uncoloured(&bench, scene));
        tally.verdict()
    })
}

/// Pictures that fade as a whole: where alpha fades along, straight colour stays.
fn faded(exam: &Exam, bench: &Bench, scene: &Scene) -> Verdict {
    let shown = |alpha: f32| {
        let (content, inputs) = (scene.content.clone(), bench.spec.inputs.clone());
        scene.showing(move |input, frame, x, y| {
            let (u, v) = (x as f32 / 60.0, y as f32 / 42.0);
            match inputs[input].mask {
                true => content(input, frame, x, y),
                false => [2.0 * u * alpha, 2.0 * v * alpha, (u + v) * 0.5 * alpha, alpha],
            }
        })
    };
    let mut tally = Tally::default();
    has_inputs(bench)?;
    let opaque = bench.render(&shown(1.0), scene.canvas)?;
    let keeps = opaque.find(|pixel| (pixel[3] - 1.0).abs() > ROUNDED).is_none();
    // Only of effects on single pixels that leave alpha alone it is sure what colour should become.
    let is_sure = bench.spec.traits.pixel_wise && keeps;
    let judged = |verdict: Verdict| match verdict {
        Err(Finding::Failed(text)) if !is_sure => Err(Finding::Warned(text)),
        verdict => verdict,
    };
    for alpha in [0.5, 0.125, 1.0 / 1024.0] {
        let drawn = bench.render(&shown(alpha), scene.canvas)?;
        let straight = Picture { pixels: drawn.pixels.iter().map(|pixel| pixel.map(|v| v / alpha)).collect(), ..drawn };
        let fades = opaque.pixels.iter().zip(&straight.pixels).all(|(a, b)| (a[3] - b[3]).abs() <= STRAIGHT);
        // What treats alpha in a way of its own may change colour with it.
        if !fades {
            continue;
        }
        let peak = opaque.pixels.as_flattened().iter().fold(1.0_f32, |peak, value| peak.max(value.abs()));
        let what = format!("straight colour where alpha is {alpha}, and where it is 1");
        tally.note(judged(exam.same(what, &opaque, &straight, Tolerance::Absolute(STRAIGHT * peak))));
    }
    if is_sure {
        let clear = bench.render(&scene.showing(|_, _, _, _| [0.0; 4]), scene.canvas)?;
        let lit = clear.find(|pixel| pixel.iter().any(|value| value.abs() > 1e-6));
        tally.note(ensure(lit.is_none(), || {
            let (x, y, pixel) = lit.unwrap_or_default();
            format!("a clear pixel becomes {pixel:?}, at ({x}, {y}): colour without alpha shows as a halo")
        }));
    }
    tally.verdict()
}

/// Opaque pictures: of what becomes clear, colour goes with alpha.
fn covered(bench: &Bench, scene: &Scene) -> Verdict {
    let (content, inputs) = (scene.content.clone(), bench.spec.inputs.clone());
    let opaque = scene.showing(move |input, frame, x, y| match content(input, frame, x, y) {
        pixel if inputs[input].mask => pixel,
        [r, g, b, _] => [r, g, b, 1.0],
    });
    lit(&bench.render(&opaque, scene.canvas)?, "of an opaque picture")
}

/// Colours that are chosen: without alpha, they colour nothing.
fn uncoloured(bench: &Bench, scene: &Scene) -> Verdict {
    let mut scene = scene.clone();
    let colours = bench.spec.params.iter().zip(&mut scene.params).filter(|(param, _)| param.kind == Kind::Color);
    if colours.map(|(_, value)| value.floats[3] = 0.0).count() == 0 {
        return Err(Finding::skipped("no colour is chosen"));
    }
    lit(&bench.render(&scene, scene.canvas)?, "drawn in colours without alpha")
}

/// Whether much of a picture is clear, and has colour all the same.
fn lit(drawn: &Picture, what: &str) -> Verdict {
    let lit = |pixel: &Pixel| pixel[3].abs() <= 1e-6 && pixel.iter().any(|value| value.abs() > 1e-3);
    let count = drawn.pixels.iter().filter(|pixel| lit(pixel)).count();
    // A filter may cross 0 somewhere.
    if count * 200 <= drawn.pixels.len() {
        return Ok(());
    }
    let (x, y, pixel) = drawn.find(lit).unwrap_or_default();
    Err(Finding::warned(format!(
        "{count} pixels {what} are clear and have colour, first ({x}, {y}), which is {pixel:?}: colour without alpha shows \
         as a halo"
    )))
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
