//! A layer's source and the effects on it, pulled backwards: asking the last effect for a window asks each one before it
//! for what its `plan` says it needs.

use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectSpec, Plan, Query};
use rayon::prelude::*;

use super::error::{At, Problem};
use super::{MissingEffects, Render, RenderError, canvas};
use crate::image::{Frame, Image, Rect};
use crate::plugin::{EffectType, Input, Services};
use crate::project::{Comp, Effect, Footage, Layer, Source};

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
    Nothing,
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

    /// The picture after the first `count` effects at a frame.
    fn image_after(&self, count: usize, frame: i64, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        let Some(before) = count.checked_sub(1) else {
            return self.source_image(frame, window, at);
        };
        let step = &self.steps[before];
        let at = &at.effect(step.effect.name());
        self.render.check_abort().map_err(|problem| at.error(problem))?;
        let source = self.domain_after(before, frame, at)?;
        let window = window.intersect(&self.domain_of(before, frame, source, at)?);
        let plan = self.plan(step, frame, window, source, at)?;
        if let Some((_, time)) = plan.identity {
            return self.image_after(before, whole(time), window, at);
        }
        if window.is_empty() {
            return Image::transparent(Rect::EMPTY).map_err(|error| at.error(error));
        }
        let mut inputs = Vec::new();
        for need in plan.needs {
            let image = self.image_after(before, whole(need.frame), need.rect, at)?;
            inputs.push(Input { need, image });
        }
        self.render.check_size(window).map_err(|problem| at.error(problem))?;
        let (abort, limit) = (&self.render.options.abort, self.render.options.max_image_bytes);
        let services = Services::new(&step.kind.spec().id, abort, limit);
        let query = self.query(frame, window, &[]);
        let result = step.kind.render(&step.params, &query, &inputs, &services).map_err(|error| at.error(error))?;
        if step.effect.mix >= 1.0 {
            return Ok(result);
        }
        let input = self.image_after(before, frame, window, at)?;
        Ok(mix(result, &input, step.effect.mix as f32))
    }

    /// Where the picture has pixels after the first `count` effects.
    fn domain_after(&self, count: usize, frame: i64, at: &At<'_>) -> Result<Rect, RenderError> {
        match count.checked_sub(1) {
            None => self.source_domain(frame, at),
            Some(before) => self.domain_of(before, frame, self.domain_after(before, frame, at)?, at),
        }
    }

    /// Where the result of effect number `step` has pixels, whose input has them in `source`.
    fn domain_of(&self, step: usize, frame: i64, source: Rect, at: &At<'_>) -> Result<Rect, RenderError> {
        let (before, step) = (step, &self.steps[step]);
        let at = &at.effect(step.effect.name());
        let plan = self.plan(step, frame, source, source, at)?;
        let domain = match plan.identity {
            Some((_, time)) if whole(time) == frame => source,
            Some((_, time)) => self.domain_after(before, whole(time), at)?,
            None => plan.domain,
        };
        // With some of its input mixed in, the result reaches as far as either.
        Ok(if step.effect.mix < 1.0 { domain.union(&source) } else { domain })
    }

    /// Asks an effect whose input has pixels in `source`.
    fn plan(&self, step: &Step<'_>, frame: i64, window: Rect, source: Rect, at: &At<'_>) -> Result<Plan, RenderError> {
        let inputs = &step.kind.spec().inputs;
        if let Some(input) = inputs.iter().skip(1).find(|input| !input.optional) {
            return Err(at.error(Problem::EffectInput { input: input.name.clone() }));
        }
        let mut domains = vec![None; inputs.len()];
        if let Some(first) = domains.first_mut() {
            *first = Some(source);
        }
        let plan =
            step.kind.plan(&step.params, &self.query(frame, window, &domains)).map_err(|error| at.error(error))?;
        let used = plan.needs.iter().map(|need| need.input).chain(plan.identity.map(|(input, _)| input));
        match used.max() {
            Some(beyond) if beyond > 0 => Err(at.error(Problem::EffectInput { input: inputs[beyond].name.clone() })),
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
                    Footage::Black => Ok(Picture::Nothing),
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
            Picture::Nothing => Ok(Rect::EMPTY),
        }
    }

    fn source_image(&self, frame: i64, window: Rect, at: &At<'_>) -> Result<Image, RenderError> {
        match self.picture(frame, at)? {
            Picture::Frame(frame) => Ok(frame.image),
            Picture::Comp(comp, time) => {
                let domain = self.render.comp_domain(comp, time)?;
                self.render.nested(comp, time, window.intersect(&domain))
            }
            Picture::Nothing => Image::transparent(Rect::EMPTY).map_err(|error| at.error(error)),
        }
    }
}

impl Picture<'_> {
    fn canvas(&self) -> Rect {
        match self {
            Picture::Frame(frame) => frame.display_window,
            Picture::Comp(comp, _) => canvas(comp),
            Picture::Nothing => Rect::EMPTY,
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

/// A time in frames as the frame that is shown then; halves go away from zero.
fn whole(time: f64) -> i64 {
    time.round() as i64
}

/// `result * mix + input * (1 - mix)`, over the window of `result`.
fn mix(mut result: Image, input: &Image, mix: f32) -> Image {
    let window = result.window();
    let values = result.values_mut().expect("the result of an effect is not shared");
    values.par_chunks_mut(window.width().max(1) * 4).zip(window.y0..window.y1).for_each(|(row, y)| {
        for (pixel, x) in row.chunks_exact_mut(4).zip(window.x0..) {
            let input = input.pixel(x, y);
            for (value, input) in pixel.iter_mut().zip(input) {
                *value = *value * mix + input * (1.0 - mix);
            }
        }
    });
    result
}
