//! Windows: whether parts are parts of the whole, and plans say what is needed and what changes.

use std::collections::BTreeMap;

use playa_plugin_api::{ErrorCode, Plan, Rect};

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, told};
use crate::conformance::buffer::POISON;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, places, setting_text};
use crate::conformance::picture::{Picture, Tolerance};
use crate::conformance::services::Services;

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "origin-zoo",
        2,
        "A picture at another place, far away or at negative coordinates, gives the same pixels there.",
        origins,
    ),
    Check::of_effect("tile-invariance", 3, "Parts of a picture are to the bit what they are in the whole.", tiles)
        .within(180),
    Check::of_effect("roi-honesty", 3, "Pixels depend on nothing beyond what the plan says it needs.", roi),
    Check::of_effect("rod-honesty", 3, "The domain of a plan does not depend on the window that is asked for.", rod),
    Check::of_effect("tile-order", 4, "Tiles may be rendered in any order, and again.", tile_order),
    Check::of_effect(
        "roi-sane",
        4,
        "A larger window needs no less than a smaller one, of the same frames, and not far too much.",
        roi_sane,
    ),
    Check::of_effect("rod-tight", 4, "The domain is not much larger than what is drawn.", rod_tight).warns(),
    Check::of_effect(
        "rod-cases",
        4,
        "Inputs may be empty, far away, or not connected: that is an error or a picture, never a crash.",
        rod_cases,
    ),
];

/// Of the largest value in a picture of noise: effects may compute with coordinates as floats.
const PLACED: f32 = 4e-3;

fn origins(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let expected = bench.render(scene, scene.canvas)?;
        let mut tally = Tally::default();
        let mut along = false;
        for (dx, dy) in [(-30, -20), (-61, 0), (1, 1000), (-7, -3), (1_000_003, -999_999), (-40_000_000, 40_000_000)] {
            exam.note(format_args!("a picture moved by ({dx}, {dy}) {}", setting_text(&bench.spec, &scene.params)));
            let content = scene.content.clone();
            let moved = scene
                .on(scene.canvas.translate(dx, dy))
                .showing(move |input, frame, x, y| content(input, frame, x - dx, y - dy));
            let got = bench
                .render(&moved, moved.canvas)
                .map_err(|finding| finding.during(format_args!("moved by ({dx}, {dy})")));
            tally.note(got.and_then(|got| {
                let back = |got: &Picture| got.translate(-dx, -dy);
                let fits = |got: &Picture| expected.mismatch(&back(got), Tolerance::Absolute(PLACED)).is_none();
                if bench.spec.traits.random || fits(&got) {
                    return Ok(());
                }
                // Far away, floats do not hold places.
                let far = dx.abs().max(dy.abs()) > 10_000;
                along = along || !far && goes_along(&bench, &moved, [dx, dy], fits)?;
                if along {
                    return Ok(());
                }
                let what = format!("a picture moved by ({dx}, {dy})");
                exam.same(what, &expected, &back(&got), Tolerance::Absolute(PLACED))
            }));
        }
        // Of what lies beyond its domain a plan says that there is nothing, or something; but it says it.
        for window in [
            Rect::new(-500, -500, -400, -450),
            Rect::new(-10, -10, 5, 5),
            Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX),
        ] {
            exam.note(format_args!("planning the window {window}"));
            tally.note(bench.planned(scene, window).map(|_| ()));
        }
        tally.verdict()
    })
}

/// Whether a picture that was moved fits where places that a user chose are moved along: they may be places in the comp,
/// +Y down or up, and not on the canvas.
fn goes_along(bench: &Bench, moved: &Scene, by: [i32; 2], fits: impl Fn(&Picture) -> bool) -> Result<bool, Finding> {
    let places: Vec<usize> = places(&bench.spec).collect();
    if places.is_empty() {
        return Ok(false);
    }
    let [right, down] = by.map(f64::from);
    for way in [[right, down], [right, -down]] {
        let mut scene = moved.clone();
        for at in &places {
            let [x, y, ..] = &mut scene.params[*at].floats;
            (*x, *y) = (*x + way[0], *y + way[1]);
        }
        if fits(&bench.render(&scene, scene.canvas)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Rectangles that cover `window` without gap or overlap.
fn grid(window: Rect, width: usize, height: usize) -> Vec<Rect> {
    let starts = |from: i32, to: i32, step: usize| (from..to).step_by(step);
    let tile = |x: i32, y: i32| Rect::new(x, y, x + width as i32, y + height as i32).intersect(&window);
    let rows = starts(window.y0, window.y1, height);
    rows.flat_map(|y| starts(window.x0, window.x1, width).map(move |x| tile(x, y))).collect()
}

/// The whole picture, and what of it a host renders.
fn whole(bench: &Bench, scene: &Scene) -> Result<Picture, Finding> {
    let domain = bench.planned(scene, scene.canvas)?.domain.intersect(&scene.canvas.grow(16, 16));
    bench.render(scene, domain)
}

fn is_tileable(bench: &Bench) -> Verdict {
    if bench.spec.traits.tileable {
        return Ok(());
    }
    Err(Finding::skipped("the effect does not say that windows can be rendered by themselves"))
}

/// Wider than 256 pixels and higher than 64, which are usual sizes of blocks.
const BLOCKS: Rect = Rect::new(0, 0, 271, 70);

fn tiles(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    is_tileable(&bench)?;
    exam.each_scene(&bench, |scene| {
        let expected = whole(&bench, scene)?;
        let (window, mut random) = (expected.window, exam.random("splits"));
        if window.is_empty() {
            return Ok(());
        }
        let mut splits: Vec<(String, Vec<Rect>)> = [(10_000, 1), (1, 10_000), (13, 17), (64, 64), (16, 16)]
            .map(|(width, height)| (format!("tiles of at most {width} x {height}"), grid(window, width, height)))
            .to_vec();
        splits.push(("random parts".to_owned(), (0..12).map(|_| random.part(window)).collect()));
        let mut tally = Tally::default();
        for (name, windows) in splits {
            let verdict = windows.into_iter().try_for_each(|part| {
                exam.note(format_args!("the part {part} {}", setting_text(&bench.spec, &scene.params)));
                let got = bench.render(scene, part)?;
                exam.same(format_args!("{name}, the part {part}"), &expected.crop(part), &got, Tolerance::Bits)
            });
            tally.note(verdict);
        }
        tally.verdict()
    })?;
    // Effects may work in blocks of their own, which are larger than the canvas.
    exam.each_setting(&bench, |scene| {
        let scene = scene.on(BLOCKS);
        let expected = bench.render(&scene, BLOCKS)?;
        let mut random = exam.random("parts of blocks");
        (0..4).map(|_| random.part(BLOCKS)).try_for_each(|part| {
            let got = bench.render(&scene, part)?;
            exam.same(format_args!("the part {part} of {BLOCKS}"), &expected.crop(part), &got, Tolerance::Bits)
        })
    })
}

fn tile_order(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    is_tileable(&bench)?;
    exam.each_setting(&bench, |scene| {
        let expected = whole(&bench, scene)?;
        let mut random = exam.random("order");
        let mut parts = grid(expected.window, 16, 11);
        parts.extend(parts.clone());
        random.shuffle(&mut parts);
        let mut drawn = Picture::of(expected.window, |_, _| [f32::NAN; 4]);
        for part in parts {
            drawn.paste(&bench.render(scene, part)?);
        }
        exam.same("tiles in random order, each twice", &expected, &drawn, Tolerance::Bits)
    })
}

fn roi(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    exam.each_scene(&bench, |scene| {
        let mut random = exam.random("windows");
        let expected = whole(&bench, scene)?;
        if expected.window.is_empty() {
            return Ok(());
        }
        let mut tally = Tally::default();
        for number in 0..8 {
            let part = if number == 0 { expected.window } else { random.part(expected.window) };
            exam.note(format_args!("the window {part} {}", setting_text(&bench.spec, &scene.params)));
            let around = |bits: u32| bench.render(&Scene { around: bits, ..scene.clone() }, part);
            let first = around(POISON)?;
            // NaN alone is swallowed by a minimum, a maximum or a comparison.
            for (what, bits) in
                [("huge numbers", 1e30_f32.to_bits()), ("zeros", 0), ("large negative numbers", (-1e6_f32).to_bits())]
            {
                let what = format!("the window {part}, with {what} instead of NaN around what it needs");
                tally.note(exam.same(what, &first, &around(bits)?, Tolerance::Bits));
            }
            // What it does not get it may also miss.
            if bench.spec.traits.tileable {
                let what = format!("the window {part}, given what it needs, and as part of the whole");
                tally.note(exam.same(what, &expected.crop(part), &first, Tolerance::Bits));
            }
        }
        tally.verdict()
    })
}

/// What a plan needs, by input and frame.
fn by_frame(plan: &Plan) -> BTreeMap<(usize, u64), Rect> {
    let mut needs = BTreeMap::new();
    for need in &plan.needs {
        let rect = needs.entry((need.input, need.frame.to_bits())).or_insert(Rect::EMPTY);
        *rect = rect.union(&need.rect);
    }
    needs
}

fn roi_sane(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    exam.each_scene(&bench, |scene| {
        let mut random = exam.random("windows");
        let mut tally = Tally::default();
        let domain = bench.planned(scene, scene.canvas)?.domain.intersect(&scene.canvas.grow(16, 16));
        if domain.is_empty() {
            return Ok(());
        }
        for _ in 0..40 {
            let large = random.part(domain);
            let small = random.part(large);
            let (outer, inner) = (by_frame(&bench.planned(scene, large)?), by_frame(&bench.planned(scene, small)?));
            tally.note(ensure(outer.len() <= 256, || format!("the window {large} needs {} images", outer.len())));
            tally.note(ensure(outer.keys().eq(inner.keys()), || {
                format!("the windows {large} and {small} need other frames of their inputs; only rectangles may depend on it")
            }));
            for ((input, frame), rect) in &inner {
                let domain = scene.domain(*input);
                let (rect, outer) = (rect.intersect(&domain), outer.get(&(*input, *frame)).copied().unwrap_or(Rect::EMPTY));
                tally.note(ensure(outer.contains_rect(&rect), || {
                    format!("the window {small} needs {rect} of input {input}, but {large}, which it lies in, only {outer}")
                }));
            }
        }
        tally.note(thrift(exam, &bench, scene));
        tally.verdict()
    })
}

/// Whether half of what a pixel needs would do.
fn thrift(exam: &Exam, bench: &Bench, scene: &Scene) -> Verdict {
    let (x, y) = ((scene.canvas.x0 + scene.canvas.x1) / 2, (scene.canvas.y0 + scene.canvas.y1) / 2);
    let pixel = Rect::new(x, y, x + 1, y + 1);
    let plan = bench.planned(scene, pixel)?;
    for need in &plan.needs {
        let rect = need.rect.intersect(&scene.domain(need.input));
        if rect.area() < 100 {
            continue;
        }
        let inner = Rect::new((rect.x0 + x) / 2, (rect.y0 + y) / 2, (rect.x1 + x + 1) / 2, (rect.y1 + y + 1) / 2);
        let before = bench.render(scene, pixel)?;
        let changes = (1..4).any(|salt| {
            let (content, other) = (scene.content.clone(), crate::conformance::bench::noise(exam.seed() + salt));
            let input = need.input;
            let changed = scene.showing(move |which, frame, x, y| match which == input && !inner.contains(x, y) {
                true => other(which, frame, x, y),
                false => content(which, frame, x, y),
            });
            bench.render(&changed, pixel).is_ok_and(|after| before.mismatch(&after, Tolerance::Bits).is_some())
        });
        if !changes {
            let message =
                format!("one pixel needs {rect} of input {}, but depends on nothing beyond {inner}", need.input);
            return Err(Finding::warned(message));
        }
    }
    Ok(())
}

fn rod(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let mut random = exam.random("windows");
        let first = bench.planned(scene, scene.canvas)?.domain;
        let mut tally = Tally::default();
        let beyond = scene.canvas.grow(100, 100);
        for _ in 0..30 {
            let window = random.part(beyond);
            let domain = bench.planned(scene, window)?.domain;
            let same = domain == first || (domain.is_empty() && first.is_empty());
            tally.note(ensure(same, || {
                format!("the domain is {first} for the window {}, and {domain} for {window}", scene.canvas)
            }));
        }
        tally.verdict()
    })
}

/// Columns or rows beyond which a margin is waste.
const MARGIN: i32 = 16;

fn rod_tight(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_setting(&bench, |scene| {
        let scene = scene.showing(|_, _, _, _| [1.0; 4]);
        let domain = bench.planned(&scene, scene.canvas)?.domain;
        if domain.area() > 4_000_000 {
            return Err(Finding::warned(format!("the domain of a picture of {} is {domain}", scene.canvas)));
        }
        let drawn = bench.render(&scene, domain)?;
        let mut within = Rect::EMPTY;
        for y in domain.y0..domain.y1 {
            for x in domain.x0..domain.x1 {
                if drawn.pixel(x, y) != [0.0; 4] {
                    within = within.union(&Rect::new(x, y, x + 1, y + 1));
                }
            }
        }
        let margins = [within.x0 - domain.x0, within.y0 - domain.y0, domain.x1 - within.x1, domain.y1 - within.y1];
        let loose =
            !within.is_empty() && margins.iter().any(|margin| *margin > MARGIN) && domain.area() > 2 * within.area();
        ensure(!loose, || format!("the domain is {domain}, but of an opaque white picture only {within} is drawn"))
    })
}

fn rod_cases(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let inputs = &bench.spec.inputs;
    let states = |canvas: Rect| [Some(canvas), None, Some(Rect::EMPTY), Some(canvas.translate(10_000, -300))];
    let cases = 4_usize.pow(inputs.len().min(4) as u32);
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        for case in 0..cases {
            let state = |at: usize| states(scene.canvas)[case / 4_usize.pow(at.min(4) as u32) % 4];
            let domains: Vec<_> = (0..inputs.len()).map(state).collect();
            let complete = inputs.iter().zip(&domains).all(|(input, domain)| input.optional || domain.is_some());
            let scene = Scene { domains, ..scene.clone() };
            let what = format!(
                "with inputs at {:?}",
                scene.domains.iter().map(|d| d.map(|d| d.to_string())).collect::<Vec<_>>()
            );
            exam.note(format_args!("{what}, {}", setting_text(&bench.spec, &scene.params)));
            let result = bench.plan(&scene, scene.canvas).and_then(|plan| {
                let wanted = scene.canvas.intersect(&plan.domain);
                if wanted.is_empty() || (plan.identity.is_some() && plan.needs.is_empty()) {
                    return Ok(());
                }
                let plan = bench.plan(&scene, wanted)?;
                match bench.take(&scene, &plan, wanted, &Services::default()) {
                    Ok(taken) => taken.result,
                    Err(_) => Ok(()),
                }
            });
            tally.note(match result {
                Err(error) if error.code == ErrorCode::Panicked || complete => {
                    Err(Finding::failed(format!("{what}: {}", told(&error))))
                }
                _ => Ok(()),
            });
        }
        tally.verdict()
    })
}
