//! What a render writes, and what it leaves alone.

use playa_plugin_api::{ErrorCode, Rect};

use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, Taken, input_image, no_memory, told};
use crate::conformance::buffer::{Buffer, CANARY, Layout};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, setting_text};
use crate::conformance::machine::{Flush, GUARDS};
use crate::conformance::picture::Tolerance;
use crate::conformance::services::Services;

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "basic-render",
        1,
        "Noise, a gradient and a zone plate are rendered without error and without NaN.",
        basic,
    ),
    Check::of_effect(
        "every-pixel-written",
        1,
        "Every pixel of the window that was asked for is written, all four values.",
        written,
    ),
    Check::of_effect("nothing-outside-window", 1, "Nothing in memory around the window is written.", outside),
    Check::of_effect("inputs-untouched", 1, "Inputs, and the memory around them, are as they were.", untouched),
    Check::of_effect(
        "stride-zoo",
        2,
        "Rows may have any distance, lie upside down, and begin at any multiple of 4 bytes.",
        strides,
    ),
    Check::of_effect(
        "size-zoo",
        2,
        "Pictures of every size are rendered, from one pixel on, wide and high ones too.",
        sizes,
    ),
    Check::of_effect("guard-pages", 3, "Nothing is read or written beyond the memory that was given.", guard_pages),
    Check::of_effect("inputs-read-only", 3, "Inputs may lie in memory that cannot be written.", read_only),
    Check::of_effect(
        "unknown-format",
        3,
        "Pixels in a format that the plugin does not know are refused with an error.",
        format,
    ),
    Check::of_effect("in-place", 4, "Where an effect says so, input and output may be the same memory.", in_place),
];

/// A gradient over the canvas, and rings that come closer towards its border.
fn gradient(canvas: Rect) -> impl Fn(usize, f64, i32, i32) -> [f32; 4] + Send + Sync + 'static {
    let (width, height) = (canvas.width().max(2) as f32 - 1.0, canvas.height().max(2) as f32 - 1.0);
    move |_, _, x, y| {
        let (u, v) = ((x as f32 - canvas.x0 as f32) / width, (y as f32 - canvas.y0 as f32) / height);
        [u, v, (u + v) / 2.0, 1.0]
    }
}

fn zone_plate(canvas: Rect) -> impl Fn(usize, f64, i32, i32) -> [f32; 4] + Send + Sync + 'static {
    let middle = ((canvas.x0 as f32 + canvas.x1 as f32) / 2.0, (canvas.y0 as f32 + canvas.y1 as f32) / 2.0);
    move |_, _, x, y| {
        let (dx, dy) = (x as f32 - middle.0, y as f32 - middle.1);
        let value = 0.5 + 0.5 * (std::f32::consts::PI * (dx * dx + dy * dy) / canvas.width().max(1) as f32).cos();
        [value, value, value, 1.0]
    }
}

/// One call as the effect planned it; nothing where it draws nothing.
pub(super) fn take(
    bench: &Bench,
    scene: &Scene,
    window: Rect,
    services: &Services<'_>,
) -> Result<Option<Taken>, Finding> {
    let wanted = window.intersect(&bench.planned(scene, window)?.domain);
    if wanted.is_empty() {
        return Ok(None);
    }
    let plan = bench.planned(scene, wanted)?;
    if plan.identity.is_some() && plan.needs.is_empty() && !bench.spec.inputs.is_empty() {
        // A host takes the input then, and asks for no pixels.
        return Ok(None);
    }
    let taken = bench.take(scene, &plan, wanted, services)?;
    match &taken.result {
        Ok(()) => Ok(Some(taken)),
        Err(error) => Err(Finding::failed(format!("rendering the window {wanted} fails: {}", told(error)))),
    }
}

/// What the process does that finds out whether an effect renders at all.
pub(in crate::conformance) const DEFAULTS: &str = "defaults";

fn basic(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if exam.purpose() == DEFAULTS {
        let scene = exam.scene(&bench);
        exam.note("rendering with defaults");
        return bench.render(&scene, scene.canvas).map(|_| ());
    }
    let verdict = exam.each_scene(&bench, |scene| {
        let mut tally = Tally::default();
        for (name, scene) in [
            ("noise", scene.clone()),
            ("a gradient", scene.showing(gradient(scene.canvas))),
            ("a zone plate", scene.showing(zone_plate(scene.canvas))),
        ] {
            let drawn = bench.render(&scene, scene.canvas).map_err(|finding| finding.during(name));
            tally.note(drawn.and_then(|picture| {
                // What was not written is another check's.
                let bad = |value: &f32| value.is_nan() && value.to_bits() != CANARY;
                match picture.find(|pixel| pixel.iter().any(bad)) {
                    Some((x, y, pixel)) => {
                        Err(Finding::failed(format!("{name}: the pixel at ({x}, {y}) is {pixel:?}")))
                    }
                    None => Ok(()),
                }
            }));
        }
        tally.verdict()
    });
    verdict.and(bench.close())
}

fn written(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_scene(&bench, |scene| {
        let mut tally = Tally::default();
        let mut random = exam.random("windows");
        let windows = [scene.canvas].into_iter().chain((0..8).map(|_| random.part(scene.canvas)));
        for window in windows.collect::<Vec<_>>() {
            tally.note(take(&bench, scene, window, &Services::default()).and_then(|taken| {
                let left = taken.and_then(|taken| taken.output.unwritten());
                left.map_or(Ok(()), |(x, y, count)| {
                    Err(Finding::failed(format!(
                        "of the window {window}, {count} pixels were not written, first the one at ({x}, {y})"
                    )))
                })
            }));
        }
        tally.verdict()
    })
}

fn outside(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    exam.each_scene(&bench, |scene| {
        let mut tally = Tally::default();
        let mut random = exam.random("windows");
        for flipped in [false, true] {
            let output_layout = Layout { padding: 12, flipped, ..Layout::APRON };
            let scene = Scene { output_layout, ..scene.clone() };
            let windows = [scene.canvas].into_iter().chain((0..6).map(|_| random.part(scene.canvas)));
            for window in windows.collect::<Vec<_>>() {
                tally.note(take(&bench, &scene, window, &Services::default()).and_then(|taken| {
                    let changed = taken.and_then(|taken| taken.output.disturbed());
                    changed.map_or(Ok(()), |what| Err(Finding::failed(format!("of the output, {what}"))))
                }));
            }
        }
        tally.verdict()
    })
}

fn untouched(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    exam.each_setting(&bench, |scene| {
        let Some(taken) = take(&bench, scene, scene.canvas, &Services::default())? else { return Ok(()) };
        let mut tally = Tally::default();
        for (need, buffer, before) in &taken.inputs {
            let what = format!("input {} after the call", need.input);
            tally.note(exam.same(&what, before, &buffer.picture(), Tolerance::Bits));
            let around = buffer.disturbed();
            tally.note(ensure(around.is_none(), || format!("{what}: {}", around.unwrap_or_default())));
        }
        tally.verdict()
    })
}

/// Skips an effect without inputs.
pub(super) fn has_inputs(bench: &Bench) -> Verdict {
    if bench.spec.inputs.is_empty() { Err(Finding::skipped("the effect has no inputs")) } else { Ok(()) }
}

fn strides(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let layouts = [
        ("64 bytes between rows", Layout { padding: 16, ..Layout::TIGHT }),
        ("36 bytes between rows", Layout { padding: 9, ..Layout::TIGHT }),
        ("the first row last", Layout { flipped: true, ..Layout::TIGHT }),
        ("the first row last, 4 bytes between rows", Layout { flipped: true, padding: 1, ..Layout::TIGHT }),
        ("rows that begin at an odd multiple of 4 bytes", Layout { shift: 1, padding: 2, ..Layout::TIGHT }),
        ("rows in the middle of a larger image", Layout { padding: 7, ..Layout::APRON }),
    ];
    exam.each_setting(&bench, |scene| {
        let tight = Scene { input_layout: Layout::TIGHT, output_layout: Layout::TIGHT, ..scene.clone() };
        let expected = bench.render(&tight, scene.canvas)?;
        let mut tally = Tally::default();
        for (name, layout) in layouts {
            for (which, input_layout, output_layout) in
                [("inputs", layout, Layout::TIGHT), ("the output", Layout::TIGHT, layout), ("all", layout, layout)]
            {
                exam.note(format_args!("{}: {which} with {name}", setting_text(&bench.spec, &scene.params)));
                let scene = Scene { input_layout, output_layout, ..scene.clone() };
                let got = bench.render(&scene, scene.canvas);
                let what = format!("{which} with {name}");
                tally.note(got.and_then(|got| exam.same(what, &expected, &got, Tolerance::Bits)));
            }
        }
        tally.verdict()
    })
}

fn sizes(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let mut tally = Tally::default();
    for (width, height) in [
        (1, 1),
        (1, 7),
        (7, 1),
        (2, 2),
        (3, 5),
        (7, 5),
        (17, 13),
        (31, 29),
        (1, 509),
        (509, 1),
        (4097, 3),
        (3, 4097),
        (16_411, 2),
    ] {
        let canvas = Rect::of_size(width, height);
        let scene = exam.scene(&bench).on(canvas);
        exam.note(format_args!("a picture of {width} x {height} pixels"));
        tally.note(take(&bench, &scene, canvas, &Services::default()).and_then(|taken| {
            let left = taken.and_then(|taken| taken.output.unwritten());
            ensure(left.is_none(), || format!("not all pixels of a picture of {width} x {height} are written"))
        }));
    }
    // Nothing is planned for nothing. What it answers is its own affair, as long as it does.
    for empty in [Rect::EMPTY, Rect::new(5, 5, 5, 9), Rect::new(9, 9, 3, 3)] {
        exam.note(format_args!("planning the empty window {empty}"));
        let scene = exam.scene(&bench);
        tally.note(bench.planned(&scene, empty).map(|_| ()));
        tally.note(bench.plan(&scene.on(empty), empty).map(|_| ()).or_else(|error| match error.code {
            ErrorCode::Panicked => Err(Finding::failed(format!("planning an empty picture: {}", told(&error)))),
            _ => Ok(()),
        }));
    }
    tally.verdict()
}

fn guard_pages(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if !GUARDS {
        return Err(Finding::skipped("memory cannot be made untouchable on this system"));
    }
    exam.each_scene(&bench, |scene| {
        let mut tally = Tally::default();
        let mut random = exam.random("windows");
        let windows: Vec<_> = [scene.canvas].into_iter().chain((0..4).map(|_| random.part(scene.canvas))).collect();
        for (input_end, output_end) in [
            (Flush::End, Flush::End),
            (Flush::Start, Flush::Start),
            (Flush::End, Flush::Start),
            (Flush::Start, Flush::End),
        ] {
            for flipped in [false, true] {
                let input_layout = Layout { flush: input_end, flipped, ..Layout::TIGHT };
                let output_layout = Layout { flush: output_end, flipped, ..Layout::TIGHT };
                let scene = Scene { input_layout, output_layout, ..scene.clone() };
                for window in &windows {
                    exam.note(format_args!(
                        "rendering {window} {}, with nothing beyond the {} of inputs and the {} of the output",
                        setting_text(&bench.spec, &scene.params),
                        end_name(input_end, flipped),
                        end_name(output_end, flipped),
                    ));
                    tally.note(take(&bench, &scene, *window, &Services::default()).map(|_| ()));
                }
            }
        }
        tally.verdict()
    })
}

fn end_name(flush: Flush, flipped: bool) -> &'static str {
    if (flush == Flush::Start) == flipped { "last row" } else { "first row" }
}

fn read_only(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    if !GUARDS {
        return Err(Finding::skipped("memory cannot be made read-only on this system"));
    }
    exam.each_setting(&bench, |scene| {
        let plan = bench.planned(scene, scene.canvas)?;
        let wanted = scene.canvas.intersect(&plan.domain);
        if wanted.is_empty() || plan.identity.is_some() && plan.needs.is_empty() {
            return Ok(());
        }
        exam.note(format_args!(
            "rendering {}, with inputs that cannot be written",
            setting_text(&bench.spec, &scene.params)
        ));
        let given = bench.inputs(scene, &bench.planned(scene, wanted)?)?;
        for (_, buffer, _) in &given {
            buffer.protect().map_err(|error| Finding::skipped(format!("memory cannot be made read-only: {error}")))?;
        }
        let output = Buffer::new(wanted, scene.output_layout, CANARY).map_err(no_memory)?;
        let result = bench.call(scene, &Bench::wires(&given), output.wire(), &Services::default());
        result.map_err(|error| Finding::failed(format!("rendering fails: {}", told(&error))))
    })
}

fn format(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let scene = exam.scene(&bench);
    let plan = bench.planned(&scene, scene.canvas)?;
    let wanted = scene.canvas.intersect(&plan.domain);
    let given = bench.inputs(&scene, &bench.planned(&scene, wanted)?)?;
    let output = Buffer::new(wanted, scene.output_layout, CANARY).map_err(no_memory)?;
    let mut tally = Tally::default();
    for (what, change) in [
        ("format 1", (|image: &mut playa_plugin_api::abi::WireImage| image.format = 1) as fn(&mut _)),
        ("format 4294967295", |image| image.format = u32::MAX),
        ("8 bytes a pixel", |image| image.pixel_stride = 8),
    ] {
        for (which, of_input) in [("inputs", true), ("the output", false)] {
            let mut wires = Bench::wires(&given);
            let mut wire = output.wire();
            match of_input {
                true if wires.is_empty() => continue,
                true => wires.iter_mut().for_each(|input| change(&mut input.image)),
                false => change(&mut wire),
            }
            exam.note(format_args!("rendering with {which} in {what}"));
            let result = bench.call(&scene, &wires, wire, &Services::default());
            tally.note(match result {
                Ok(()) => {
                    Err(Finding::failed(format!("{which} in {what} are taken for RGBA floats, expected an error")))
                }
                Err(error) if error.code == ErrorCode::Panicked => {
                    Err(Finding::failed(format!("{which} in {what}: {}", told(&error))))
                }
                Err(_) => Ok(()),
            });
        }
    }
    tally.verdict()
}

fn in_place(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if !bench.spec.traits.in_place {
        return Err(Finding::skipped("the effect does not say that it works in place"));
    }
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        for layout in [Layout::TIGHT, Layout { padding: 3, ..Layout::APRON }, Layout { flipped: true, ..Layout::TIGHT }]
        {
            let scene = Scene { input_layout: layout, output_layout: layout, ..scene.clone() };
            let expected = bench.render(&scene, scene.canvas)?;
            let plan = bench.planned(&scene, scene.canvas)?;
            let [need] = &plan.needs[..] else {
                return Err(Finding::failed(format!(
                    "it says that it works in place, and needs {} images",
                    plan.needs.len()
                )));
            };
            ensure(need.rect.contains_rect(&scene.canvas), || {
                format!("it works in place, but needs only {}", need.rect)
            })?;
            let before = scene.picture(need.input, need.frame, scene.canvas);
            let buffer = Buffer::of(&before, layout, CANARY).map_err(no_memory)?;
            let input = input_image(need, buffer.wire());
            exam.note(format_args!("rendering in place {}", setting_text(&bench.spec, &scene.params)));
            let result = bench.call(&scene, &[input], buffer.wire(), &Services::default());
            tally.note(result.map_err(|error| Finding::failed(format!("in place: {}", told(&error)))));
            tally.note(exam.same("in place", &expected, &buffer.picture(), Tolerance::Bits));
            let around = buffer.disturbed();
            tally.note(ensure(around.is_none(), || format!("in place: {}", around.unwrap_or_default())));
        }
        tally.verdict()
    })
}
