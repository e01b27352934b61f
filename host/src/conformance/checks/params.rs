//! Parameters: what is said of them, and what values do.

use std::collections::BTreeSet;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectError, EffectSpec, ErrorCode, Kind, ParamSpec, Rect, Value};

use super::pixels::take;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, told};
use crate::conformance::buffer::CANARY;
use crate::conformance::exam::{Exam, Finding, Random, Tally, Verdict, ensure, setting_text, usual_value};
use crate::conformance::picture::Tolerance;
use crate::conformance::services::Services;
use crate::plugin::load::check_effect;

pub(super) const CHECKS: &[Check] = &[
    Check::of_description(
        "param-lint",
        1,
        "Names, ranges, defaults, steps, choices and conditions of parameters fit together.",
        lint,
    ),
    Check::of_effect(
        "param-fuzz",
        4,
        "Any values within their ranges give pixels, or an error that says why not.",
        fuzz,
    )
    .within(180),
    Check::of_effect("error-quality", 4, "Errors have a text, the right code, and the parameter at fault.", errors)
        .warns(),
    Check::of_effect(
        "hostile-params",
        5,
        "Values that no host sends are survived: NaN, other kinds, too few, endless text.",
        hostile,
    ),
    Check::of_effect("param-has-effect", 5, "Every parameter changes the picture.", has_effect).warns(),
];

fn lint(exam: &Exam) -> Verdict {
    let spec = super::description::spec(exam)?;
    let mut tally = Tally::default();
    // The rest has a check of its own.
    let bare = EffectSpec { id: "a.b".into(), label: "A".into(), version: "1.0.0".into(), ..spec.clone() };
    let named = EffectSpec { type_name: "A".into(), inputs: Vec::new(), ..bare };
    tally.note(check_effect(&named).map_err(Finding::failed));
    for param in &spec.params {
        let problems = problems(&spec, param);
        let what = format!("parameter {:?}: {}", param.name, problems.join("; "));
        tally.note(ensure(problems.is_empty(), || what));
    }
    let labels: Vec<_> = spec.params.iter().map(|param| (&param.group, &param.label)).collect();
    let different: BTreeSet<_> = labels.iter().collect();
    tally
        .note(ensure(different.len() == labels.len(), || "two parameters of one group have the same label".to_owned()));
    tally.verdict()
}

fn problems(spec: &EffectSpec, param: &ParamSpec) -> Vec<String> {
    let mut problems = Vec::new();
    let mut unless = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    unless(!param.label.trim().is_empty(), "its label is empty".into());
    unless(param.name.len() <= 64, format!("its name has {} bytes, expected at most 64", param.name.len()));
    unless(!param.name.starts_with(|c: char| c.is_ascii_uppercase()), "its name begins with a capital letter".into());
    if let (Some(hard), Some(soft)) = (param.hard_range, param.soft_range) {
        unless(soft.0 >= hard.0 && soft.1 <= hard.1, format!("its slider {soft:?} goes beyond its range {hard:?}"));
    }
    if let Some(step) = param.step {
        let width = param.hard_range.map_or(f64::INFINITY, |(low, high)| high - low);
        unless(step.is_finite() && step > 0.0 && step <= width, format!("its step is {step}, expected 0..={width}"));
    }
    let numeric = crate::conformance::exam::is_number(param.kind);
    unless(
        numeric || (param.hard_range.is_none() && param.step.is_none()),
        format!("a {} has a range or step", param.kind),
    );
    unless(param.choices.is_empty() || param.kind == Kind::Choice, format!("a {} has choices", param.kind));
    let labels: BTreeSet<_> = param.choices.iter().map(|choice| &choice.label).collect();
    unless(labels.len() == param.choices.len(), "two of its choices have the same label".into());
    unless(param.enabled_if.as_ref() != Some(&param.name), "it is enabled by itself".into());
    let condition = param.enabled_if.as_ref().and_then(|name| spec.params.iter().find(|other| other.name == *name));
    unless(
        condition.is_none_or(|other| other.enabled_if.as_ref() != Some(&param.name)),
        "it is enabled by a parameter that it enables".into(),
    );
    unless(
        param.renamed_from.iter().all(|old| !old.is_empty() && *old != param.name),
        "it was renamed from nothing, or from its own name".into(),
    );
    problems
}

/// A value within the range, and often at its very ends.
fn any_value(param: &ParamSpec, random: &mut Random) -> Value {
    let span = |default: f64| {
        let soft = param.soft_range.map_or(2.0, |(low, high)| (high - low).max(1.0));
        param.hard_range.unwrap_or((default - 10.0 * soft, default + 10.0 * soft))
    };
    let mut number = |default: f64| {
        let (low, high) = span(default);
        // Neighbours of the ends in the precision that effects compute with.
        let inner = [f64::from((low as f32).next_up()), f64::from((high as f32).next_down())];
        match random.below(8) {
            0 => low,
            1 => high,
            2 => inner[0].clamp(low, high),
            3 => inner[1].clamp(low, high),
            4 => 0.0_f64.clamp(low, high),
            5 => default,
            _ => random.f64(low, high),
        }
    };
    match &param.default {
        Value::Int(default) => Value::Int(number(*default as f64).round() as i64),
        Value::Float(default) => Value::Float(number(*default)),
        Value::Vec2(default) => Value::Vec2(default.map(number)),
        Value::Vec3(default) => Value::Vec3(default.map(number)),
        Value::Vec4(default) => Value::Vec4(default.map(number)),
        Value::Color(default) => Value::Color(default.map(number)),
        _ => usual_value(param, random),
    }
}

/// What one set of values does.
fn fits(bench: &Bench, scene: &Scene, window: Rect) -> Verdict {
    let failed = |error: &EffectError| match error.code {
        ErrorCode::Panicked => Err(Finding::failed(told(error))),
        _ if error.message.trim().is_empty() => {
            Err(Finding::failed(format!("an error without a text ({:?})", error.code)))
        }
        _ => Ok(()),
    };
    let plan = match bench.plan(scene, window) {
        Ok(plan) => plan,
        Err(error) => return failed(&error),
    };
    let wanted = window.intersect(&plan.domain);
    // A host takes the input then; whether that is right is another check's.
    if wanted.is_empty() || plan.identity.is_some() {
        return Ok(());
    }
    let taken = bench.take(scene, &bench.planned(scene, wanted)?, wanted, &Services::default())?;
    if let Err(error) = &taken.result {
        return failed(error);
    }
    if let Some((x, y, count)) = taken.output.unwritten() {
        return Err(Finding::failed(format!("{count} pixels are not written, first ({x}, {y})")));
    }
    let bad = |value: &f32| value.is_nan() && value.to_bits() != CANARY;
    match taken.output.picture().find(|pixel| pixel.iter().any(bad)) {
        Some((x, y, pixel)) => Err(Finding::failed(format!("the pixel at ({x}, {y}) is {pixel:?}"))),
        None => Ok(()),
    }
}

fn fuzz(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if bench.spec.params.is_empty() {
        return Err(Finding::skipped("the effect has no parameters"));
    }
    let mut random = exam.random("sets");
    let canvas = Rect::of_size(23, 17);
    let scene = exam.scene(&bench).on(canvas);
    let mut tally = Tally::default();
    for _ in 0..50 {
        let params: Vec<_> =
            bench.spec.params.iter().map(|param| WireValue::from(&any_value(param, &mut random))).collect();
        let window = if random.below(2) == 0 { canvas } else { random.part(canvas) };
        exam.note(format_args!("rendering {window} {}", setting_text(&bench.spec, &params)));
        let verdict = fits(&bench, &scene.with_params(&params), window);
        tally.note(verdict.map_err(|finding| {
            let fewer = fewest(&bench, &scene, params, window);
            finding.during(setting_text(&bench.spec, &fewer))
        }));
    }
    tally.verdict()
}

/// As many parameters at their defaults as can be, so that it still fails.
fn fewest(bench: &Bench, scene: &Scene, mut params: Vec<WireValue>, window: Rect) -> Vec<WireValue> {
    for (at, param) in bench.spec.params.iter().enumerate() {
        let kept = std::mem::replace(&mut params[at], WireValue::from(&param.default));
        if matches!(fits(bench, &scene.with_params(&params), window), Err(Finding::Failed(_))) {
            continue;
        }
        params[at] = kept;
    }
    params
}

/// Values that a host never sends, with what is wrong with them.
fn hostile_sets(spec: &EffectSpec) -> Vec<(String, Vec<WireValue>)> {
    let defaults: Vec<WireValue> = spec.params.iter().map(|param| WireValue::from(&param.default)).collect();
    let mut sets = vec![("no values at all".to_owned(), Vec::new())];
    for (at, param) in spec.params.iter().enumerate() {
        let (name, default) = (&param.name, &defaults[at]);
        let mut with = |what: &str, value: WireValue| {
            let mut set = defaults.clone();
            set[at] = value;
            sets.push((format!("{name} {what}"), set));
        };
        for (what, number) in [
            ("NaN", f64::NAN),
            ("infinite", f64::INFINITY),
            ("-infinite", f64::NEG_INFINITY),
            ("1e300", 1e300),
            ("-1e300", -1e300),
        ] {
            with(what, WireValue { floats: [number; 4], ..default.clone() });
        }
        with("the largest whole number", WireValue { int: i64::MAX, ..default.clone() });
        with("the smallest whole number", WireValue { int: i64::MIN, ..default.clone() });
        with("an unknown word", WireValue { text: "there_is_no_such_thing".into(), ..default.clone() });
        with("an empty word", WireValue { text: "".into(), ..default.clone() });
        with("a word of 1 MB", WireValue { text: "x".repeat(1 << 20).into(), ..default.clone() });
        with("of a kind that is not known", WireValue { kind: 1000, ..default.clone() });
        let other = if param.kind == Kind::Bool { Kind::String } else { Kind::Bool };
        with("of another kind", WireValue { kind: other as u32, ..default.clone() });
        sets.push((format!("{name} and what comes after it missing"), defaults[..at].to_vec()));
    }
    sets
}

fn hostile(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if bench.spec.params.is_empty() {
        return Err(Finding::skipped("the effect has no parameters"));
    }
    let canvas = Rect::of_size(9, 7);
    let scene = exam.scene(&bench).on(canvas);
    let mut tally = Tally::default();
    for (what, params) in hostile_sets(&bench.spec) {
        exam.note(format_args!("planning and rendering with {what}"));
        let scene = Scene { params, ..scene.clone() };
        let panicked = |error: &EffectError| error.code == ErrorCode::Panicked;
        let planned = bench.plan(&scene, canvas);
        // What it needs then is not to be believed: it gets what it needs by default.
        let usual = bench.planned(&exam.scene(&bench).on(canvas), canvas)?;
        let rendered = bench.take(&scene, &usual, canvas.intersect(&usual.domain), &Services::default())?.result;
        for (call, result) in [("planning", planned.map(|_| ())), ("rendering", rendered)] {
            tally.note(match result {
                Err(error) if panicked(&error) => Err(Finding::failed(format!("{call} with {what}: {}", told(&error)))),
                _ => Ok(()),
            });
        }
    }
    exam.note("rendering as usual afterwards");
    tally.note(take(&bench, &exam.scene(&bench), canvas, &Services::default()).map(|_| ()));
    tally.verdict()
}

fn errors(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let canvas = Rect::of_size(9, 7);
    let scene = exam.scene(&bench).on(canvas);
    let mut tally = Tally::default();
    let mut judge = |what: &str, error: EffectError, of_param: bool| {
        tally.note(ensure(!error.message.trim().is_empty(), || format!("{what}: an error without a text")));
        let known = error.param.is_empty() || bench.spec.params.iter().any(|param| param.name == error.param);
        tally.note(ensure(known, || format!("{what}: the error names {:?}, which is no parameter", error.param)));
        tally.note(ensure(!of_param || !error.param.is_empty() || error.code != ErrorCode::Param, || {
            format!("{what}: the error is of a parameter and does not name it: {error}")
        }));
        tally.note(ensure(!of_param || error.code == ErrorCode::Param, || {
            format!("{what}: the error is {}, expected Param", told(&error))
        }));
    };
    for (what, params) in
        hostile_sets(&bench.spec).into_iter().filter(|(what, _)| what.ends_with("kind") || what.ends_with("missing"))
    {
        let error = bench.plan(&Scene { params, ..scene.clone() }, canvas).err();
        error.into_iter().for_each(|error| judge(&what, error, true));
    }
    if !bench.spec.inputs.is_empty() {
        let plan = bench.planned(&scene, canvas)?;
        let output = bench.take(&scene, &plan, canvas, &Services::default())?.output;
        let result = bench.call(&scene, &[], output.wire(), &Services::default());
        result.err().into_iter().for_each(|error| judge("rendering without its inputs", error, false));
    }
    tally.verdict()
}

/// A parameter, or one of its components: of a vector each has to matter.
type Knob<'a> = (usize, &'a ParamSpec, Option<usize>);

fn knobs(spec: &EffectSpec) -> Vec<Knob<'_>> {
    let is_text = |kind: Kind| matches!(kind, Kind::String | Kind::Uuid | Kind::List | Kind::Map);
    let params = spec.params.iter().enumerate().filter(|(_, param)| !is_text(param.kind));
    let knobs = params.flat_map(|(at, param)| match param.kind.components() {
        Some(count) if param.kind != Kind::Color => (0..count).map(|i| (at, param, Some(i))).collect(),
        _ => vec![(at, param, None)],
    });
    knobs.collect()
}

/// The values that a parameter is tried at.
fn alternatives(param: &ParamSpec, random: &mut Random) -> Vec<WireValue> {
    let values = match param.kind {
        Kind::Bool => [true, false].map(Value::Bool).to_vec(),
        Kind::Choice => param.choices.iter().map(|choice| Value::Choice(choice.key.clone())).collect(),
        _ => (0..6).map(|_| usual_value(param, random)).collect(),
    };
    values.iter().map(WireValue::from).collect()
}

fn has_effect(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    let (spec, scene) = (&bench.spec, exam.scene(&bench));
    let mut tally = Tally::default();
    let mut random = exam.random("values");
    for (at, param, component) in knobs(spec) {
        let mut is_idle = |mut base: Vec<WireValue>| -> Result<bool, Finding> {
            let condition = spec.params.iter().position(|other| param.enabled_if.as_ref() == Some(&other.name));
            if let Some(condition) = condition {
                base[condition] = WireValue::from(&Value::Bool(true));
            }
            let before = bench.render(&scene.with_params(&base), scene.canvas)?;
            for value in alternatives(param, &mut random) {
                match component {
                    Some(component) => base[at].floats[component] = value.floats[component],
                    None => base[at] = value,
                }
                exam.note(format_args!("rendering {}", setting_text(spec, &base)));
                let after = bench.render(&scene.with_params(&base), scene.canvas)?;
                if before.mismatch(&after, Tolerance::Bits).is_some() {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        // It may only matter where others are not at their defaults.
        let mut idle = true;
        for base in exam.settings(spec, 6) {
            idle = idle && is_idle(base)?;
        }
        tally.note(ensure(!idle, || {
            let of = component.map_or_else(String::new, |component| format!("component {component} of "));
            let name = &param.name;
            format!("{of}parameter {name:?} changed no pixel, whatever its value: say `enabled_if` if it needs another")
        }));
    }
    tally.verdict()
}
