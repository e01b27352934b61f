//! A layer's source and the effects on it, pulled backwards: asking the last effect for a window asks each one before it
//! for what its `plan` says it needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectSpec, Need, Plan, Query};
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
}

/// An active effect.
struct Step<'a> {
    effect: &'a Effect,
    kind: Arc<EffectType>,
    params: Vec<WireValue>,
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
        for effect in layer.effects.iter().filter(|effect| effect.enabled && effect.mix > 0.0) {
            let at = at.effect(effect.name());
            match render.effects.find_version(&effect.id, &effect.version) {
                Some(kind) => {
                    let params = wire_params(kind.spec(), effect);
                    steps.push(Step { effect, kind: Arc::clone(kind), params });
                }
                None if render.options.missing_effects == MissingEffects::Skip => {}
                None => {
                    let (id, version) = (effect.id.clone(), effect.version.clone());
                    return Err(at.error(Problem::EffectNotLoaded { id, version }));
                }
            }
        }
        let mut chain = Self { render, layer, frame, steps, domain: Rect::EMPTY, canvas: Rect::EMPTY };
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
    pub(super) fn image(&self, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        self.image_after(self.steps.len(), self.frame, window, at)
    }

    /// The picture after the first `count` effects at a frame, at least over the part of `window` where it has pixels.
    fn image_after(&self, count: usize, frame: i64, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        let Some(before) = count.checked_sub(1) else {
            return self.source_image(frame, window, at);
        };
        let step = &self.steps[before];
        let at = &at.effect(step.effect.name());
        self.render.check_abort().map_err(|problem| at.error(problem))?;
        let source = self.domain_after(before, frame, at)?;
        let own = window.intersect(&self.domain_of(before, source, frame, at)?);
        let plan = self.plan(step, source, frame, own, at)?;
        let identity = plan.identity.map(|(_, time)| whole(time));
        if identity == Some(frame) {
            return self.image_after(before, frame, window, at);
        }
        let mixed = (step.effect.mix < 1.0).then(|| own.union(&window.intersect(&source)));

        // What lies below, rendered once for each frame, however many parts of it are needed.
        let needs = if identity.is_some() { &[] } else { plan.needs.as_slice() };
        let mut rects: BTreeMap<i64, Rect> = BTreeMap::new();
        let parts = needs.iter().map(|need| (whole(need.frame), need.rect));
        for (time, rect) in parts.chain(identity.map(|time| (time, own))).chain(mixed.map(|window| (frame, window))) {
            let all = rects.entry(time).or_default();
            *all = all.union(&rect);
        }
        let mut below = BTreeMap::new();
        for (time, rect) in rects {
            below.insert(time, self.image_after(before, time, rect, at)?);
        }

        let result = match identity {
            Some(time) => below[&time].clone(),
            None if own.is_empty() => self.render.transparent(own).map_err(|problem| at.error(problem))?,
            None => {
                let input = |need: &Need| Input { need: *need, image: below[&whole(need.frame)].clone() };
                let inputs: Vec<Input> = needs.iter().map(input).collect();
                self.render.check_size(own).map_err(|problem| at.error(problem))?;
                let limit = self.render.options.max_image_bytes;
                let services = Services::new(&step.kind.spec().id, &self.render.options.abort, limit);
                let query = self.query(frame, own, &[]);
                step.kind.render(&step.params, &query, &inputs, &services).map_err(|error| at.error(error))?
            }
        };
        let Some(window) = mixed else { return Ok(result) };
        let mut output = self.render.transparent(window).map_err(|problem| at.error(problem))?;
        mix(&mut output, &result, &below[&frame], step.effect.mix as f32);
        Ok(output)
    }

    /// Where the picture has pixels after the first `count` effects.
    fn domain_after(&self, count: usize, frame: i64, at: &At<'_>) -> Result<Rect, RenderError> {
        let Some(before) = count.checked_sub(1) else {
            return self.source_domain(frame, at);
        };
        let step = &self.steps[before];
        let at = &at.effect(step.effect.name());
        let source = self.domain_after(before, frame, at)?;
        let own = self.domain_of(before, source, frame, at)?;
        // With some of its input mixed in, the result reaches as far as either.
        Ok(if step.effect.mix < 1.0 { own.union(&source) } else { own })
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
        let plan = step.kind.plan(&step.params, &query).map_err(|error| at.error(error))?;
        let asked = plan.needs.iter().map(|need| need.input).chain(plan.identity.map(|(input, _)| input));
        match asked.max() {
            Some(input) if input > 0 => Err(unconnected(input)),
            _ => Ok(plan),
        }
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
                self.render.comp(comp, time, window.intersect(&domain))
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

/// The values that the project sets, in the order in which the effect declares its parameters.
fn wire_params(spec: &EffectSpec, effect: &Effect) -> Vec<WireValue> {
    let value = |param: &playa_plugin_api::ParamSpec| {
        let names = std::iter::once(&param.name).chain(&param.renamed_from);
        let set = names.filter_map(|name| effect.params.get(name)).find_map(|value| param.check(value).ok());
        WireValue::from(&set.unwrap_or_else(|| param.default.clone()))
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
