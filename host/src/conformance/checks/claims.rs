//! What an effect claims so that a host need not render it: that nothing changes, that pixels do not matter to each other.

use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectSpec, Kind, Rect, Value};

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, setting_text};
use crate::conformance::picture::{Picture, Tolerance};

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect(
        "identity-honesty",
        3,
        "Where a plan says that an input is the output, rendering gives that input.",
        identity,
    ),
    Check::of_effect(
        "pixel-wise-claim",
        4,
        "An effect that says that pixels do not depend on others does not mix them.",
        pixel_wise,
    ),
    Check::of_effect(
        "identity-missed",
        5,
        "Parameters that change nothing are said to change nothing.",
        identity_missed,
    )
    .warns(),
    Check::of_effect("identity-jump", 5, "Next to values that change nothing, values change little.", identity_jump)
        .warns(),
];

/// The defaults, and them with one parameter at each of the values that often change nothing.
fn neutral_settings(exam: &Exam, spec: &EffectSpec) -> Vec<Vec<WireValue>> {
    let mut settings = exam.settings(spec, 2);
    let defaults = settings[0].clone();
    for (at, param) in spec.params.iter().enumerate() {
        let ends = param.hard_range.map_or_else(Vec::new, |(low, high)| vec![low, high]);
        let numbers = [0.0, 1.0].into_iter().chain(ends);
        let values: Vec<Value> = match &param.default {
            Value::Bool(_) => [true, false].map(Value::Bool).to_vec(),
            Value::Int(_) => numbers.map(|number| Value::Int(number as i64)).collect(),
            Value::Float(_) => numbers.map(Value::Float).collect(),
            Value::Vec2(_) => numbers.map(|number| Value::Vec2([number; 2])).collect(),
            Value::Vec3(_) => numbers.map(|number| Value::Vec3([number; 3])).collect(),
            Value::Vec4(_) => numbers.map(|number| Value::Vec4([number; 4])).collect(),
            Value::Choice(_) => param.choices.iter().map(|choice| Value::Choice(choice.key.clone())).collect(),
            _ => Vec::new(),
        };
        let components = param.kind.components().unwrap_or(0);
        for value in values.into_iter().filter(|value| param.check(value).is_ok()).map(|value| WireValue::from(&value))
        {
            // All components alike, and each of them alone.
            for component in 0..components {
                let mut setting = defaults.clone();
                setting[at].floats[component] = value.floats[component];
                settings.push(setting);
            }
            let mut setting = defaults.clone();
            setting[at] = value;
            settings.push(setting);
        }
    }
    settings
}

/// Of values up to 3: colour may be divided by alpha and multiplied again.
const REPEATED: f32 = 1e-5;

fn identity(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let canvas = Rect::of_size(31, 23);
    let scene = exam.scene(&bench).on(canvas);
    let (mut tally, mut claims) = (Tally::default(), 0);
    for params in neutral_settings(exam, &bench.spec) {
        let scene = scene.with_params(&params);
        let setting = setting_text(&bench.spec, &params);
        let mut random = exam.random("windows");
        for number in 0..5 {
            let window = if number == 0 { canvas } else { random.part(canvas) };
            exam.note(format_args!("the window {window} {setting}"));
            let plan = bench.planned(&scene, window)?;
            let Some((input, frame)) = plan.identity else { continue };
            claims += 1;
            let claimed = scene.picture(input, frame, canvas.intersect(&scene.domain(input))).crop(window);
            tally.note(ensure(plan.domain.contains_rect(&window.intersect(&scene.domain(input))), || {
                format!("{setting}: it says that the output is input {input}, but its domain is {}", plan.domain)
            }));
            // Of what it needs nothing for, it cannot be asked to prove it.
            let wanted = window.intersect(&plan.domain);
            if plan.needs.is_empty() || wanted.is_empty() {
                continue;
            }
            let got = bench.render(&scene, window).map_err(|finding| finding.during(&setting))?;
            let what = format!("{setting}, the window {window}, which is said to be input {input} at frame {frame}");
            tally.note(exam.same(what, &claimed, &got, Tolerance::Absolute(REPEATED)));
        }
    }
    if claims == 0 {
        return Err(Finding::skipped("it never says that it changes nothing"));
    }
    tally.verdict()
}

fn identity_missed(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let canvas = Rect::of_size(31, 23);
    let scene = exam.scene(&bench).on(canvas);
    let mut tally = Tally::default();
    for params in neutral_settings(exam, &bench.spec) {
        let (scene, setting) = (scene.with_params(&params), setting_text(&bench.spec, &params));
        exam.note(&setting);
        let plan = bench.planned(&scene, canvas)?;
        if plan.identity.is_some() || plan.domain != scene.domain(0) {
            continue;
        }
        let drawn = bench.render(&scene, canvas)?;
        let input = scene.picture(0, scene.frame, canvas);
        tally.note(ensure(input.mismatch(&drawn, Tolerance::Bits).is_some(), || {
            format!(
                "{setting}, every pixel stays as it is, but the plan does not say so: a host renders it for nothing"
            )
        }));
    }
    tally.verdict()
}

/// How much of values up to 3 may change when a value moves by a ten-thousandth of its range.
const JUMP: f32 = 0.25;

fn identity_jump(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    let canvas = Rect::of_size(31, 23);
    let scene = exam.scene(&bench).on(canvas);
    // Without negative light, where nothing may be more than it.
    let content = scene.content.clone();
    let scene = scene.showing(move |input, frame, x, y| content(input, frame, x, y).map(f32::abs));
    let (mut tally, mut claims) = (Tally::default(), 0);
    for params in neutral_settings(exam, &bench.spec) {
        let scene = scene.with_params(&params);
        let Some((input, frame)) = bench.planned(&scene, canvas)?.identity else { continue };
        let claimed = scene.picture(input, frame, canvas.intersect(&scene.domain(input))).crop(canvas);
        for (at, param) in bench.spec.params.iter().enumerate().filter(|(_, param)| param.kind == Kind::Float) {
            let width = param.soft_range.or(param.hard_range).map_or(1.0, |(low, high)| high - low);
            for way in [1e-4, -1e-4] {
                let mut near = scene.clone();
                near.params[at].floats[0] += way * width;
                let setting = setting_text(&bench.spec, &near.params);
                let value = Value::Float(near.params[at].floats[0]);
                if param.check(&value).is_err() || bench.planned(&near, canvas)?.identity.is_some() {
                    continue;
                }
                claims += 1;
                exam.note(format_args!("rendering {setting}"));
                let got = bench.render(&near, canvas)?;
                let what = format!("{setting}, next to where it says that input {input} stays as it is");
                tally.note(exam.same(what, &claimed, &got, Tolerance::Absolute(JUMP)));
            }
        }
    }
    if claims == 0 {
        return Err(Finding::skipped("no number makes the difference between something and nothing"));
    }
    tally.verdict()
}

fn pixel_wise(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if !bench.spec.traits.pixel_wise {
        return Err(Finding::skipped("the effect does not say that pixels are independent"));
    }
    exam.each_setting(&bench, |scene| {
        let (canvas, width) = (scene.canvas, scene.canvas.width());
        let mut places: Vec<usize> = (0..canvas.area() as usize).collect();
        exam.random("shuffle").shuffle(&mut places);
        let from = move |x: i32, y: i32| {
            let place = places[(y - canvas.y0) as usize * width + (x - canvas.x0) as usize];
            (canvas.x0 + (place % width) as i32, canvas.y0 + (place / width) as i32)
        };
        let from = Arc::new(from);
        let straight = bench.render(scene, canvas)?;
        let expected = Picture::of(canvas, |x, y| {
            let (x, y) = from(x, y);
            straight.pixel(x, y)
        });
        let content = scene.content.clone();
        let shuffled = scene.showing(move |input, frame, x, y| {
            let (x, y) = if canvas.contains(x, y) { from(x, y) } else { (x, y) };
            content(input, frame, x, y)
        });
        let got = bench.render(&shuffled, canvas)?;
        exam.same("pixels shuffled before and after", &expected, &got, Tolerance::Bits)
    })
}
