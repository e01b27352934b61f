//! What a check is given, and what it answers.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use playa_plugin_api::abi::{PluginModuleRef, WireValue};
use playa_plugin_api::{EffectSpec, Kind, ParamSpec, Rect, Value};

use super::bench::{Bench, Scene, scene};
use super::picture::{Picture, Tolerance};
use super::{child::Job, report};
use crate::plugin::load::Candidate;

/// What a check answers: nothing, or what it found.
pub type Verdict = Result<(), Finding>;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is not as it has to be.
    Failed(String),
    /// It may surprise somebody.
    Warned(String),
    /// There was nothing to check, and why.
    Skipped(String),
}

impl Finding {
    /// It is not as it has to be.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// It may surprise somebody.
    pub fn warned(message: impl Into<String>) -> Self {
        Self::Warned(message.into())
    }

    /// There was nothing to check, and why.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }

    /// The same, with where it was found in front.
    #[must_use]
    pub fn during(self, what: impl fmt::Display) -> Self {
        match self {
            Self::Failed(text) => Self::Failed(format!("{what}: {text}")),
            Self::Warned(text) => Self::Warned(format!("{what}: {text}")),
            Self::Skipped(text) => Self::Skipped(text),
        }
    }

    /// How much worse it is than others.
    fn weight(&self) -> u32 {
        match self {
            Self::Skipped(_) => 0,
            Self::Warned(_) => 1,
            Self::Failed(_) => 2,
        }
    }

    /// What it says.
    pub fn message(&self) -> &str {
        match self {
            Self::Failed(text) | Self::Warned(text) | Self::Skipped(text) => text,
        }
    }
}

/// Fails unless a condition holds.
pub fn ensure(holds: bool, message: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Finding::failed(message())) }
}

/// Gathers the findings of several parts of a check, none of which stops the others.
#[derive(Debug, Default)]
pub struct Tally {
    findings: Vec<Finding>,
    parts: usize,
}

impl Tally {
    /// Takes the verdict of a part.
    pub fn note(&mut self, verdict: Verdict) {
        self.parts += 1;
        self.findings.extend(verdict.err());
    }

    /// The worst finding, and how many there are. Skipped only if everything was.
    pub fn verdict(self) -> Verdict {
        let worst = self.findings.iter().map(Finding::weight).max();
        let like: Vec<_> = self.findings.iter().filter(|finding| Some(finding.weight()) == worst).collect();
        let Some(first) = like.first() else { return Ok(()) };
        if worst == Some(0) && like.len() < self.parts {
            return Ok(());
        }
        let more = match like.len() {
            2.. if worst != Some(0) => format!(" (and {} more)", like.len() - 1),
            _ => String::new(),
        };
        let text = format!("{}{more}", first.message());
        Err(match first {
            Finding::Failed(_) => Finding::Failed(text),
            Finding::Warned(_) => Finding::Warned(text),
            Finding::Skipped(_) => Finding::Skipped(text),
        })
    }
}

/// Numbers that are the same for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A stream for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits, by SplitMix64.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0..1, without 1.
    pub fn f32(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// `low..=high`.
    pub fn f64(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / ((1_u64 << 53) - 1) as f64)
    }

    /// A number below `count`, or 0.
    pub fn below(&mut self, count: usize) -> usize {
        (self.bits() % count.max(1) as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((i64::from(high) - i64::from(low) + 1).max(1) as usize) as i32
    }

    /// The same things in another order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }

    /// A part of a rectangle that is not empty, if that is not.
    pub fn part(&mut self, of: Rect) -> Rect {
        let (x0, y0) = (self.between(of.x0, of.x1 - 1), self.between(of.y0, of.y1 - 1));
        Rect::new(x0, y0, self.between(x0 + 1, of.x1), self.between(y0 + 1, of.y1))
    }
}

/// How large the pictures of most checks are: neither side is a multiple of anything.
pub const CANVAS: Rect = Rect::new(0, 0, 61, 43);

/// A check under way, in its own process.
pub struct Exam {
    job: Job,
    /// Where the child says what it is doing, for the case that it dies of it.
    note: RefCell<String>,
    /// What it tells although all is well.
    said: RefCell<String>,
}

impl Exam {
    pub(super) fn new(job: Job) -> Self {
        Self { job, note: RefCell::default(), said: RefCell::default() }
    }

    /// Tells something that is no finding, such as a figure. It is the message of a check that passes.
    pub fn say(&self, what: impl fmt::Display) {
        *self.said.borrow_mut() = what.to_string();
    }

    pub(super) fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// The plugin file.
    pub fn plugin(&self) -> &Path {
        &self.job.plugin
    }

    /// The effect, in a check of effects.
    pub fn effect(&self) -> &str {
        self.job.effect.as_deref().unwrap_or_default()
    }

    /// The seed of this run.
    pub fn seed(&self) -> u64 {
        self.job.seed
    }

    /// Numbers for this check, this effect and this purpose.
    pub fn random(&self, purpose: &str) -> Random {
        let text = format!("{} {} {} {purpose}", self.job.seed, self.job.check, self.effect());
        let hash = blake3::hash(text.as_bytes());
        Random::new(u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes")))
    }

    /// Says what is about to be done. If the process does not survive it, that is what is reported.
    pub fn note(&self, what: impl fmt::Display) {
        let text = what.to_string();
        if *self.note.borrow() != text {
            self.job.write_note(&text);
            *self.note.borrow_mut() = text;
        }
    }

    /// Another process of the same program that does the same check with another purpose, for comparison.
    ///
    /// # Errors
    /// If it does not end as it should.
    pub fn in_another_process(&self, purpose: &str) -> Result<String, Finding> {
        self.job.again(purpose).map_err(|error| Finding::failed(format!("in a process of its own: {error}")))
    }

    /// What this process was started for by [`in_another_process`](Self::in_another_process); empty in the first one.
    pub fn purpose(&self) -> &str {
        &self.job.purpose
    }

    /// The file, if it is a plugin for this machine by all that it says.
    ///
    /// # Errors
    /// Skips: what is wrong with it is found by the checks of files.
    pub fn candidate(&self) -> Result<Candidate, Finding> {
        Candidate::read(self.plugin()).map_err(|error| Finding::skipped(error.to_string()))
    }

    /// Opens the plugin.
    ///
    /// # Errors
    /// Skips: what is wrong with it is found by the checks of files.
    pub fn module(&self) -> Result<PluginModuleRef, Finding> {
        self.note("opening the plugin");
        self.candidate()?.open_module().map_err(|error| Finding::skipped(error.to_string()))
    }

    /// Opens the plugin and makes the effect.
    ///
    /// # Errors
    /// If that does not go well.
    pub fn bench(&self) -> Result<Bench, Finding> {
        let module = self.module()?;
        self.note("making the effect");
        Bench::new(module, self.effect())
    }

    /// The effect with its defaults, before noise.
    pub fn scene(&self, bench: &Bench) -> Scene {
        scene(&bench.spec, CANVAS, self.random("content").bits())
    }

    /// The defaults, and as many sets of values that a user would choose. Choices go through all their combinations, one
    /// after the other, and the first set has the whole numbers next to the defaults.
    pub fn settings(&self, spec: &EffectSpec, count: usize) -> Vec<Vec<WireValue>> {
        let mut random = self.random("parameters");
        let defaults = spec.params.iter().map(|param| WireValue::from(&param.default)).collect();
        let set = |number: usize| {
            let mut turn = number;
            let mut value = |param| {
                let next = chosen(param, &mut turn).or_else(|| if number == 1 { neighbour(param) } else { None });
                next.unwrap_or_else(|| usual_value(param, &mut random))
            };
            spec.params.iter().map(|param| WireValue::from(&value(param))).collect()
        };
        // Without parameters there is one set.
        let count = if spec.params.is_empty() { 0 } else { count };
        [defaults].into_iter().chain((1..=count).map(set)).collect()
    }

    /// Does the same with the defaults and with three sets of values that a user would choose; none stops the others.
    ///
    /// # Errors
    /// The worst finding of them.
    pub fn each_setting(&self, bench: &Bench, check: impl Fn(&Scene) -> Verdict) -> Verdict {
        let scene = self.scene(bench);
        let mut tally = Tally::default();
        for params in self.settings(&bench.spec, 3) {
            let setting = setting_text(&bench.spec, &params);
            self.note(&setting);
            tally.note(check(&scene.with_params(&params)).map_err(|finding| finding.during(&setting)));
        }
        tally.verdict()
    }

    /// Does the same with each setting, and once more with inputs that lie elsewhere than the canvas, each at a place of
    /// its own; none stops the others.
    ///
    /// # Errors
    /// The worst finding of them.
    pub fn each_scene(&self, bench: &Bench, check: impl Fn(&Scene) -> Verdict) -> Verdict {
        self.each_setting(bench, |scene| {
            let mut tally = Tally::default();
            tally.note(check(scene));
            if !scene.domains.is_empty() {
                let verdict = check(&scene.elsewhere());
                tally.note(verdict.map_err(|finding| finding.during("with inputs that do not fill the canvas")));
            }
            tally.verdict()
        })
    }

    /// Fails if two pictures differ, and leaves them as files where a report is wanted.
    ///
    /// # Errors
    /// Where they differ.
    pub fn same(&self, what: impl fmt::Display, expected: &Picture, got: &Picture, tolerance: Tolerance) -> Verdict {
        let Some(mismatch) = expected.mismatch(got, tolerance) else { return Ok(()) };
        let allowed = match tolerance {
            Tolerance::Bits => "to the bit".to_owned(),
            Tolerance::Absolute(limit) => format!("to {limit}"),
        };
        let files =
            self.job.report.as_deref().map_or_else(String::new, |folder| report::pictures(folder, expected, got));
        Err(Finding::failed(format!("{what}: expected the same {allowed}, but {mismatch}{files}")))
    }
}

/// The values of a set, by name, in one line.
pub fn setting_text(spec: &EffectSpec, params: &[WireValue]) -> String {
    if spec.params.is_empty() {
        return "without parameters".to_owned();
    }
    let is_default = spec.params.iter().zip(params).all(|(param, value)| WireValue::from(&param.default) == *value);
    if is_default {
        return "with defaults".to_owned();
    }
    let value = |(param, wire): (&ParamSpec, &WireValue)| {
        let value = wire.to_value().map_or_else(|| format!("kind {}", wire.kind), |value| value.to_string());
        let short: String = value.chars().take(60).collect();
        format!("{} = {short}", param.name)
    };
    format!("with {}", spec.params.iter().zip(params).map(value).collect::<Vec<_>>().join(", "))
}

/// Of the values that a parameter leaves to choose between, the one that comes `turn` after the default. Then `turn` is
/// how often all of them were gone through.
fn chosen(param: &ParamSpec, turn: &mut usize) -> Option<Value> {
    let mut next = |default: usize, count: usize| {
        let at = (default + *turn) % count;
        *turn /= count;
        at
    };
    match &param.default {
        Value::Bool(default) => Some(Value::Bool(next(usize::from(*default), 2) == 1)),
        Value::Choice(default) => {
            let default = param.choices.iter().position(|choice| choice.key == *default)?;
            Some(Value::Choice(param.choices[next(default, param.choices.len())].key.clone()))
        }
        _ => None,
    }
}

/// The whole number next to the default.
fn neighbour(param: &ParamSpec) -> Option<Value> {
    let Value::Int(default) = param.default else { return None };
    [default.checked_add(1)?, default.checked_sub(1)?]
        .map(Value::Int)
        .into_iter()
        .find(|value| param.check(value).is_ok())
}

/// How far places and lengths in pixels are from their defaults, as much as pictures of the size of [`CANVAS`] have room for.
const REACH: f64 = 64.0;

/// A value that a user would choose: on the slider, or near the default where there is none, and half of the time closer
/// to it, where slight changes show that large ones hide.
pub fn usual_value(param: &ParamSpec, random: &mut Random) -> Value {
    let range = param.soft_range.or(param.hard_range);
    let near = |default: f64| (default - 2.0, default + 2.0);
    let clamp = |value: f64| param.hard_range.map_or(value, |(low, high)| value.clamp(low, high));
    let mut number = |default: f64| {
        let (mut low, mut high) = range.unwrap_or_else(|| near(default));
        if param.unit == "px" {
            (low, high) = (low.max(default - REACH), high.min(default + REACH));
        }
        let part = if random.below(2) == 0 { 1.0 } else { random.f64(0.0, 1.0).powi(2) };
        clamp(default + (random.f64(low, high) - default) * part)
    };
    match &param.default {
        Value::Bool(_) => Value::Bool(random.below(2) == 1),
        Value::Int(default) => Value::Int(number(*default as f64).round() as i64),
        Value::Float(default) => Value::Float(number(*default)),
        Value::Vec2(default) => Value::Vec2(default.map(number)),
        Value::Vec3(default) => Value::Vec3(default.map(number)),
        Value::Vec4(default) => Value::Vec4(default.map(number)),
        Value::Color(_) => Value::Color(std::array::from_fn(|_| clamp(random.f64(0.0, 1.0)))),
        Value::Choice(default) => {
            let at = random.below(param.choices.len());
            Value::Choice(param.choices.get(at).map_or_else(|| default.clone(), |choice| choice.key.clone()))
        }
        Value::Uuid(_) => Value::Uuid(std::array::from_fn(|_| random.bits() as u8)),
        other => other.clone(),
    }
}

/// Whether values of this kind are numbers.
pub fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Float) || kind.components().is_some()
}

/// Which parameters are places in the picture.
pub fn places(spec: &EffectSpec) -> impl Iterator<Item = usize> {
    let is_place = |param: &ParamSpec| matches!(param.kind, Kind::Vec2 | Kind::Vec3) && param.unit == "px";
    spec.params.iter().enumerate().filter(move |(_, param)| is_place(param)).map(|(at, _)| at)
}

/// A folder, or none, for the pictures of one check.
pub(super) fn report_folder(root: &Path, plugin: &Path, check: &str, effect: Option<&str>) -> PathBuf {
    let stem = plugin.file_stem().unwrap_or_default();
    let name = effect.map_or_else(|| check.to_owned(), |effect| format!("{check} {effect}"));
    root.join(stem).join(name)
}
