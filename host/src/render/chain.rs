//! A layer's source and the effects on it, pulled backwards: asking the last effect for a window asks each one before it
//! for what its `plan` says it needs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectSpec, Need, ParamSpec, Plan, Query, ValueError};
use rayon::prelude::*;

use super::error::{At, Problem};
use super::{MissingEffects, Render, RenderError, canvas};
use crate::image::{Frame, Image, Rect};
use crate::plugin::{EffectType, Input, Services};
use crate::project::{Comp, Effect, FileNode, Footage, Layer, Source};

/// A layer's source with its active effects, at one frame of the comp.
pub(super) struct Chain<'a> {
    render: &'a Render<'a>,
    layer: &'a Layer,
    frame: i64,
    steps: Vec<Step<'a>>,
    domain: Rect,
    canvas: Rect,
    /// Where the picture has pixels after so many effects, at a frame.
    domains: RefCell<HashMap<(usize, i64), Rect>>,
}

/// An active effect.
struct Step<'a> {
    effect: &'a Effect,
    kind: Arc<EffectType>,
    params: Vec<WireValue>,
}

/// What one effect does at one frame.
struct Task {
    frame: i64,
    /// The pixels that its result has.
    own: Rect,
    work: Work,
    /// Where its input is mixed in, the pixels of both.
    mixed: Option<Rect>,
}

/// How the result of an effect comes about.
enum Work {
    /// It is the input at this frame.
    Pass(i64),
    /// It is rendered from these parts of the input.
    Render(Vec<Need>),
}

impl Task {
    /// The frames of the input that it takes, and which pixels of them.
    fn takes(&self) -> Vec<(i64, Rect)> {
        let mut parts: Vec<_> = match &self.work {
            Work::Pass(frame) => vec![(*frame, self.own)],
            Work::Render(needs) => needs.iter().map(|need| (whole(need.frame), need.rect)).collect(),
        };
        parts.extend(self.mixed.map(|window| (self.frame, window)));
        parts
    }
}

/// What a layer shows before its effects, at some frame.
enum Picture<'a> {
    Frame(Frame),
    Comp(&'a Comp, i64),
    /// Transparent black in place of a frame of this size.
    Nothing(Rect),
}

impl<'a> Chain<'a> {
    pub(super) fn new(render: &'a Render<'a>, layer: &'a Layer, frame: i64, at: &At<'_>) -> Result<Self, RenderError> {
        let mut steps = Vec::new();
        for effect in layer.effects.iter().filter(|effect| effect.enabled && may_mix(effect)) {
            let at = at.effect(effect.name());
            match render.effects.find_version(&effect.id, &effect.version) {
                Some(kind) => {
                    let params = wire_params(kind.spec(), effect, frame).map_err(|problem| at.error(problem))?;
                    steps.push(Step { effect, kind: Arc::clone(kind), params });
                }
                None if render.options.missing_effects == MissingEffects::Skip => {}
                None => {
                    let (id, version) = (effect.id.clone(), effect.version.clone());
                    return Err(at.error(Problem::EffectNotLoaded { id, version }));
                }
            }
        }
        let (domain, canvas, domains) = (Rect::EMPTY, Rect::EMPTY, RefCell::default());
        let mut chain = Self { render, layer, frame, steps, domain, canvas, domains };
        chain.canvas = chain.picture(frame, at)?.canvas();
        chain.domain = chain.domain_after(chain.steps.len(), frame, at)?;
        Ok(chain)
    }

    /// Where the result has pixels, in layer pixels.
    pub(super) fn domain(&self) -> Rect {
        self.domain
    }

    /// The display window of the source, in layer pixels.
    pub(super) fn canvas(&self) -> Rect {
        self.canvas
    }

    /// The result, at least over the part of `window` where it has pixels.
    ///
    /// First backwards through the effects: which frames of its input each one needs, and which pixels of them. Then
    /// forwards: each frame of each input is made once, however many need it. No step calls the next one, so that the
    /// stack does not grow with the number of effects.
    pub(super) fn image(&self, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        let mut wanted = BTreeMap::from([(self.frame, window)]);
        let mut tasks = Vec::new();
        for (before, step) in self.steps.iter().enumerate().rev() {
            let at = at.effect(step.effect.name());
            let task = |(frame, window)| self.task(before, frame, window, &at);
            let all = wanted.into_iter().map(task).collect::<Result<Vec<_>, _>>()?;
            wanted = BTreeMap::new();
            for (frame, rect) in all.iter().flat_map(Task::takes) {
                let part = wanted.entry(frame).or_insert(Rect::EMPTY);
                *part = part.union(&rect);
            }
            tasks.push(all);
        }
        let source = |(frame, window)| Ok((frame, self.source_image(frame, window, at)?));
        let mut images = wanted.into_iter().map(source).collect::<Result<BTreeMap<_, _>, _>>()?;
        for (step, tasks) in self.steps.iter().zip(tasks.into_iter().rev()) {
            let at = at.effect(step.effect.name());
            let run = |task: Task| Ok((task.frame, self.run(step, &task, &images, &at)?));
            images = tasks.into_iter().map(run).collect::<Result<_, _>>()?;
        }
        Ok(images.remove(&self.frame).expect("it is what was wanted first"))
    }

    /// What the effect after the first `before` ones has to do for `window` at a frame.
    fn task(&self, before: usize, frame: i64, window: Rect, at: &At<'_>) -> Result<Task, RenderError> {
        let step = &self.steps[before];
        let mix = step.effect.mix_at(frame as f64);
        if mix == 0.0 {
            return Ok(Task { frame, own: window, work: Work::Pass(frame), mixed: None });
        }
        let source = self.domain_after(before, frame, at)?;
        let own = window.intersect(&self.domain_of(before, source, frame, at)?);
        let plan = self.plan(step, source, frame, own, at)?;
        let work = match plan.identity.map(|(_, time)| whole(time)) {
            Some(time) if time == frame => {
                return Ok(Task { frame, own: window, work: Work::Pass(frame), mixed: None });
            }
            Some(time) => Work::Pass(time),
            None => Work::Render(plan.needs),
        };
        let mixed = (mix < 1.0).then(|| own.union(&window.intersect(&source)));
        Ok(Task { frame, own, work, mixed })
    }

    /// Does what a task says with the pictures that it takes.
    fn run(
        &self,
        step: &Step<'_>,
        task: &Task,
        below: &BTreeMap<i64, Image>,
        at: &At<'_>,
    ) -> Result<Image, RenderError> {
        self.render.check_abort().map_err(|problem| at.error(problem))?;
        let result = match &task.work {
            Work::Pass(time) => below[time].clone(),
            Work::Render(_) if task.own.is_empty() => {
                self.render.transparent(task.own).map_err(|problem| at.error(problem))?
            }
            Work::Render(needs) => {
                self.render.check_size(task.own).map_err(|problem| at.error(problem))?;
                let input = |need: &Need| Input { need: *need, image: below[&whole(need.frame)].clone() };
                let inputs: Vec<Input> = needs.iter().map(input).collect();
                let options = self.render.options;
                let services = Services::new(&step.kind.spec().id, &options.abort, options.max_image_bytes);
                let query = self.query(task.frame, task.own, &[]);
                let params = self.params(step, task.frame).map_err(|problem| at.error(problem))?;
                step.kind.render(&params, &query, &inputs, &services).map_err(|error| at.error(error))?
            }
        };
        let Some(window) = task.mixed else { return Ok(result) };
        let mut output = self.render.transparent(window).map_err(|problem| at.error(problem))?;
        mix(&mut output, &result, &below[&task.frame], step.effect.mix_at(task.frame as f64) as f32);
        Ok(output)
    }

    /// Where the picture has pixels after the first `count` effects.
    fn domain_after(&self, count: usize, frame: i64, at: &At<'_>) -> Result<Rect, RenderError> {
        let known = |level| self.domains.borrow().get(&(level, frame)).copied();
        let (mut level, mut domain) = match (0..=count).rev().find_map(|level| Some((level, known(level)?))) {
            Some(found) => found,
            None => (0, self.source_domain(frame, at)?),
        };
        while level < count {
            let step = &self.steps[level];
            let own = self.domain_of(level, domain, frame, &at.effect(step.effect.name()))?;
            // With some of its input mixed in, the result reaches as far as either.
            domain = match step.effect.mix_at(frame as f64) {
                0.0 => domain,
                1.0 => own,
                _ => own.union(&domain),
            };
            level += 1;
            self.domains.borrow_mut().insert((level, frame), domain);
        }
        Ok(domain)
    }

    /// Where the result of the effect after the first `before` ones has pixels, if its input has them in `source`.
    fn domain_of(&self, before: usize, source: Rect, frame: i64, at: &At<'_>) -> Result<Rect, RenderError> {
        let plan = self.plan(&self.steps[before], source, frame, source, at)?;
        match plan.identity.map(|(_, time)| whole(time)) {
            None => Ok(plan.domain),
            Some(time) if time == frame => Ok(source),
            Some(time) => self.domain_after(before, time, at),
        }
    }

    /// Asks an effect whose input has pixels in `source` what filling `window` takes.
    fn plan(&self, step: &Step<'_>, source: Rect, frame: i64, window: Rect, at: &At<'_>) -> Result<Plan, RenderError> {
        let inputs = &step.kind.spec().inputs;
        let unconnected = |input: usize| at.error(Problem::EffectInput { input: inputs[input].name.clone() });
        if let Some(input) = (1..inputs.len()).find(|input| !inputs[*input].optional) {
            return Err(unconnected(input));
        }
        let mut domains = vec![None; inputs.len()];
        if let Some(first) = domains.first_mut() {
            *first = Some(source);
        }
        let query = self.query(frame, window, &domains);
        let params = self.params(step, frame).map_err(|problem| at.error(problem))?;
        let plan = step.kind.plan(&params, &query).map_err(|error| at.error(error))?;
        let asked = plan.needs.iter().map(|need| need.input).chain(plan.identity.map(|(input, _)| input));
        match asked.max() {
            Some(input) if input > 0 => Err(unconnected(input)),
            _ => Ok(plan),
        }
    }

    /// The values of an effect's parameters at a frame.
    fn params<'s>(&self, step: &'s Step<'_>, frame: i64) -> Result<Cow<'s, [WireValue]>, Problem> {
        if frame == self.frame || !step.effect.is_animated() {
            return Ok(Cow::Borrowed(&step.params));
        }
        wire_params(step.kind.spec(), step.effect, frame).map(Cow::Owned)
    }

    fn query<'q>(&self, frame: i64, window: Rect, domains: &'q [Option<Rect>]) -> Query<'q> {
        Query { window, canvas: self.canvas, frame: frame as f64, scale: 1.0, domains }
    }

    /// What the layer's source shows at a frame of the comp.
    fn picture(&self, frame: i64, at: &At<'_>) -> Result<Picture<'a>, RenderError> {
        let document = self.render.document;
        let source = &self.layer.source;
        let time = self.layer.time().source_frame(frame, document.source_frames(source));
        match source {
            Source::Memory(frame) => Ok(Picture::Frame(Frame::clone(frame))),
            Source::Comp(comp) => {
                let comp = document.comps.get(comp).ok_or_else(|| at.error(Problem::NoSource))?;
                Ok(Picture::Comp(comp, time))
            }
            Source::Media(media) => {
                let media = document.media.get(media).ok_or_else(|| at.error(Problem::NoSource))?;
                match media.footage(time).map_err(|error| at.error(error))? {
                    Footage::Black => Ok(Picture::Nothing(display_window(media))),
                    Footage::File(path) => {
                        let frame = self.render.footage.frame(&path).map_err(|error| at.error(error))?;
                        Ok(Picture::Frame(frame))
                    }
                }
            }
        }
    }

    fn source_domain(&self, frame: i64, at: &At<'_>) -> Result<Rect, RenderError> {
        match self.picture(frame, at)? {
            Picture::Frame(frame) => Ok(frame.data_window()),
            Picture::Comp(comp, time) => self.render.comp_domain(comp, time),
            Picture::Nothing(_) => Ok(Rect::EMPTY),
        }
    }

    fn source_image(&self, frame: i64, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        match self.picture(frame, at)? {
            Picture::Frame(frame) => Ok(frame.image),
            Picture::Comp(comp, time) => {
                let domain = self.render.comp_domain(comp, time)?;
                self.render.nested(comp, time, window.intersect(&domain))
            }
            Picture::Nothing(_) => self.render.transparent(Rect::EMPTY).map_err(|problem| at.error(problem)),
        }
    }
}

impl Picture<'_> {
    fn canvas(&self) -> Rect {
        match self {
            Picture::Frame(frame) => frame.display_window,
            Picture::Comp(comp, _) => canvas(comp),
            Picture::Nothing(canvas) => *canvas,
        }
    }
}

/// Whether an effect is seen at any time.
fn may_mix(effect: &Effect) -> bool {
    effect.mix > 0.0 || effect.mix_curve().is_some()
}

/// The values at a frame that the project sets, in the order in which the effect declares its parameters; one that it
/// does not set has its default. A value from before the effect was loaded, or from another version of it, may not fit.
fn wire_params(spec: &EffectSpec, effect: &Effect, frame: i64) -> Result<Vec<WireValue>, Problem> {
    let value = |param: &ParamSpec| {
        let misfit = |source| Problem::Param { param: param.name.clone(), source: Box::new(source) };
        let names = || std::iter::once(&param.name).chain(&param.renamed_from);
        if names().any(|name| effect.has_unread_keys(name)) {
            let found = "keys that were read while its plugin was not loaded".to_string();
            return Err(misfit(ValueError::Kind { found, expected: "the project to be loaded again".to_string() }));
        }
        if let Some(curve) = names().find_map(|name| effect.curve(name)) {
            return param.check(&curve.at(frame as f64)).map(|value| WireValue::from(&value)).map_err(misfit);
        }
        let Some(set) = names().find_map(|name| effect.params.get(name)) else {
            return Ok(WireValue::from(&param.default));
        };
        param.check(set).map(|value| WireValue::from(&value)).map_err(misfit)
    };
    spec.params.iter().map(value).collect()
}

/// The display window that the first file of the media has; empty where that is unknown.
fn display_window(media: &FileNode) -> Rect {
    let size = |name| media.attrs.int(name) as u32;
    Rect::of_size(size("width"), size("height"))
}

/// A time in frames as the frame that is shown then; halves go away from zero.
fn whole(time: f64) -> i64 {
    time.round() as i64
}

/// Fills `output` with `result * mix + input * (1 - mix)`; each of them is transparent black outside its window.
fn mix(output: &mut Image, result: &Image, input: &Image, mix: f32) {
    let window = output.window();
    let values = output.values_mut().expect("a new image is not shared");
    values.par_chunks_mut(window.width().max(1) * 4).zip(window.y0..window.y1).for_each(|(row, y)| {
        for (pixel, x) in row.as_chunks_mut::<4>().0.iter_mut().zip(window.x0..) {
            let (result, input) = (result.pixel(x, y), input.pixel(x, y));
            *pixel = std::array::from_fn(|i| result[i] * mix + input[i] * (1.0 - mix));
        }
    });
}
