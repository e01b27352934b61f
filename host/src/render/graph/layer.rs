//! A layer's source and the effects on it.

use std::collections::HashMap;
use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{EffectSpec, InputSpec, ParamSpec, Value, ValueError};

use super::build::Builder;
use super::colour::Conversion;
use super::{Applied, Asked, Node, NodeId, Op, Taken, Work, whole};
use crate::image::Rect;
use crate::media::ids_are_no_matte;
use crate::plugin::EffectType;
use crate::project::{self, Comp, Effect, FileNode, Layer, Source, Wish};
use crate::render::error::{At, Problem};
use crate::render::key::KeyBuilder;
use crate::render::text::single;
use crate::render::{MissingEffects, Proxy, RenderError};

/// The pictures of a layer: its source, and what it is after each of its active effects, at the frames where that is
/// asked for.
pub(super) struct Chain<'b, 'a> {
    builder: &'b mut Builder<'a>,
    comp: &'a Comp,
    layer: &'a Layer,
    shows: Shows<'b>,
    effects: Vec<(&'a Effect, Arc<EffectType>)>,
    /// After so many effects, at a frame.
    known: HashMap<Place, NodeId>,
    at: At<'a>,
}

/// What a layer shows of its file.
#[derive(Clone, Copy)]
pub(super) struct Shows<'w> {
    pub wish: &'w Wish,
    /// Whether its numbers stay as they are, as those of mattes do.
    pub raw: bool,
}

/// A picture of a chain: how many effects were applied, and the frame of the comp.
type Place = (usize, i64);

/// What a step in building a chain came to.
enum Step {
    Done(NodeId),
    /// These pictures have to be there first.
    After(Vec<Place>),
}

impl<'b, 'a> Chain<'b, 'a> {
    pub fn new(
        builder: &'b mut Builder<'a>,
        comp: &'a Comp,
        layer: &'a Layer,
        shows: Shows<'b>,
        at: At<'a>,
    ) -> Result<Self, RenderError> {
        let mut effects = Vec::new();
        let may_be_seen = |effect: &&Effect| effect.enabled && (effect.mix > 0.0 || effect.mix_curve().is_some());
        let passed_over = builder.from.passed_over;
        for effect in layer.effects.iter().filter(may_be_seen).filter(|effect| !passed_over.contains(&effect.uuid)) {
            match builder.from.effects.find_version(&effect.id, &effect.version) {
                Some(kind) => effects.push((effect, Arc::clone(kind))),
                None if builder.from.missing_effects == MissingEffects::Skip => {}
                None => {
                    let (id, version) = (effect.id.clone(), effect.version.clone());
                    return Err(at.effect(effect).error(Problem::EffectNotLoaded { id, version }));
                }
            }
        }
        Ok(Self { builder, comp, layer, shows, effects, known: HashMap::new(), at })
    }

    /// The layer after all its effects at a frame of the comp.
    ///
    /// What a picture is made of is put on a list before it, so that the stack does not grow with the number of effects.
    pub fn picture(mut self, frame: i64) -> Result<NodeId, RenderError> {
        let last = (self.effects.len(), frame);
        let mut open = vec![last];
        while let Some(&place) = open.last() {
            match self.step(place)? {
                Step::Done(node) => {
                    self.known.insert(place, node);
                    open.pop();
                }
                Step::After(places) => open.extend(places),
            }
        }
        Ok(self.known[&last])
    }

    fn step(&mut self, place: Place) -> Result<Step, RenderError> {
        let (count, frame) = place;
        if let Some(node) = self.known.get(&place) {
            return Ok(Step::Done(*node));
        }
        let Some(before) = count.checked_sub(1) else {
            return self.source(frame).map(Step::Done);
        };
        let Some(&source) = self.known.get(&(before, frame)) else {
            return Ok(Step::After(vec![(before, frame)]));
        };
        let (effect, kind) = &self.effects[before];
        let (effect, kind) = (*effect, Arc::clone(kind));
        let mix = effect.mix_at(frame as f64) as f32;
        if mix == 0.0 {
            return Ok(Step::Done(source));
        }
        let at = self.at.effect(effect);
        let stop = self.builder.from.stop;
        if stop.is_asked() || stop.is_late() {
            return Err(at.error(Problem::Aborted));
        }
        let values = values(kind.spec(), effect, frame).map_err(|problem| at.error(problem))?;
        let values = scaled(kind.spec(), values, self.builder.from.proxy);
        let params: Vec<WireValue> = values.iter().map(WireValue::from).collect();
        let others = self.others(kind.spec(), effect, &at)?;
        let mut domains = Vec::with_capacity(others.len());
        for (input, other) in others.iter().enumerate() {
            domains.push(match (input, other) {
                (0, _) => Some(self.builder.node(source).domain),
                (_, Some(other)) => {
                    let picture = self.builder.read(self.comp, frame, other)?;
                    Some(self.builder.node(picture).domain)
                }
                (_, None) => None,
            });
        }
        let node = self.builder.node(source);
        let (canvas, proxy) = (node.canvas, self.builder.from.proxy);
        let asked = Asked { kind: &kind, params: &params, frame, domains: &domains, canvas, proxy };
        let plan = asked.plan_all(node.domain, &at)?;
        let asked_for = plan.identity.into_iter().chain(plan.needs.iter().map(|need| (need.input, need.frame)));
        let mut asked_for: Vec<(usize, i64)> = asked_for.map(|(input, time)| (input, whole(time))).collect();
        if let Some((0, time)) = plan.identity.map(|(input, time)| (input, whole(time)))
            && time == frame
        {
            return Ok(Step::Done(source));
        }
        asked_for.sort_unstable();
        asked_for.dedup();
        let own = asked_for.iter().filter(|(input, _)| *input == 0).map(|(_, time)| (before, *time));
        let after: Vec<Place> = own.filter(|place| !self.known.contains_key(place)).collect();
        if !after.is_empty() {
            return Ok(Step::After(after));
        }
        let mut inputs = Vec::with_capacity(asked_for.len());
        for (input, frame) in asked_for {
            let picture = match others[input] {
                Some(other) => self.builder.read(self.comp, frame, other)?,
                None => self.known[&(before, frame)],
            };
            inputs.push(Taken { input, frame, picture });
        }
        let passed = plan.identity.map(|(input, time)| (input, whole(time)));
        let passed = inputs.iter().find(|taken| passed == Some((taken.input, taken.frame)));
        let work = match passed {
            Some(taken) => Work::Pass(taken.picture),
            None => Work::Render { reach: plan.domain, inputs },
        };
        let applied = Applied { kind, params, frame, mix, source, domains, work, proxy };
        let node = applied.node(&values, &self.builder.nodes, at);
        Ok(Step::Done(self.builder.add(node)))
    }

    /// For each input of an effect, the layer that it reads; none for the first, which is this layer, and where none is
    /// named.
    fn others(
        &self,
        spec: &EffectSpec,
        effect: &'a Effect,
        at: &At<'a>,
    ) -> Result<Vec<Option<&'a Layer>>, RenderError> {
        let layer = |(number, input): (usize, &InputSpec)| {
            let Some(named) = effect.inputs().get(&input.name).filter(|_| number > 0) else { return Ok(None) };
            let found = self.comp.layers.iter().find(|layer| layer.uuid() == *named);
            let none = || at.error(Problem::NoInput { input: input.name.clone(), layer: *named });
            found.map(|layer| Some(&**layer)).ok_or_else(none)
        };
        spec.inputs.iter().enumerate().map(layer).collect()
    }

    /// What the layer shows at a frame of the comp, before its effects.
    fn source(&mut self, frame: i64) -> Result<NodeId, RenderError> {
        let builder = &mut *self.builder;
        let (document, proxy, at) = (builder.from.document, builder.from.proxy, self.at);
        let source = &self.layer.source;
        let time = self.layer.time().source_frame(frame, document.source_frames(source));
        let Shows { wish, raw } = self.shows;
        if *wish != Wish::default() && !matches!(source, Source::Media(_)) {
            return Err(at.error(Problem::NoFile));
        }
        let node = match source {
            Source::Memory(frame) => {
                let transform = builder.of_memory(frame, &at)?;
                return Ok(builder.source(Node::of_memory(frame, frame.display_window, at), transform));
            }
            Source::Comp(comp) => {
                let comp = document.comps.get(comp).ok_or_else(|| at.error(Problem::NoSource))?;
                return builder.comp(comp, time);
            }
            Source::Solid(solid) => {
                let solid = document.solids.get(solid).ok_or_else(|| at.error(Problem::NoSource))?;
                let canvas = solid.frame(self.comp.size());
                let [r, g, b, a] = single(solid.color_at(frame as f64));
                if a == 0.0 {
                    return Ok(builder.nothing(canvas, at));
                }
                let mut color = [r * a, g * a, b * a, a];
                if let Some(transform) = builder.of_paint(&at)? {
                    transform.apply(std::slice::from_mut(&mut color));
                }
                let key = KeyBuilder::new("fill").rect(canvas).int(proxy.pixels().into());
                let key = color.iter().fold(key, |key, v| key.float((*v).into()));
                Node {
                    key: key.finish(),
                    domain: proxy.window(canvas),
                    canvas,
                    opaque: a == 1.0,
                    op: Op::Fill(color),
                    at,
                }
            }
            Source::Text(text) => {
                let text = document.texts.get(text).ok_or_else(|| at.error(Problem::NoSource))?;
                let (key, text) = builder.from.texts.look(text, frame as f64).map_err(|problem| at.error(problem))?;
                let (canvas, domain) = (text.typeset.frame(), text.typeset.domain(&text.ink));
                let opaque = text.typeset.is_opaque(&text.ink);
                let transform = builder.of_paint(&at)?;
                return Ok(builder.source(Node { key, domain, canvas, opaque, op: Op::Text(text), at }, transform));
            }
            // It shows no pixels; it is looked through.
            Source::Camera(_) => return Ok(builder.nothing(Rect::EMPTY, at)),
            Source::Media(media) => {
                let media = document.media.get(media).ok_or_else(|| at.error(Problem::NoSource))?;
                let (path, frame) = match media.footage(time).map_err(|error| at.error(error))? {
                    project::Footage::Black => return Ok(builder.nothing(display_window(media), at)),
                    project::Footage::File(path) => (path, None),
                    project::Footage::Movie(path, frame) => (path, Some(frame)),
                };
                let header = builder.from.footage.look(&path, wish).map_err(|error| at.error(error))?;
                if let Some(channel) = header.no_matte().filter(|_| raw) {
                    return Err(at.error(Problem::MatteOfIds(ids_are_no_matte(channel))));
                }
                let Conversion { curve, rest } = builder.of_file(media, &path, &header, self.shows, &at)?;
                let proxy = builder.from.proxy;
                let (window, canvas) = (header.part().data_window, header.part().display_window);
                // A level holds means of the file's numbers, which are those of light where light is linear in them.
                let linear = rest.as_ref().is_none_or(|rest| rest.is_linear());
                let level = header.level(proxy).filter(|_| linear);
                let missing = media.missing_pixels();
                let (read, key) = header.read(&path, frame, wish.clone(), level.unwrap_or(0), curve, missing);
                let (opaque, op) = (header.opaque(), Op::File(read));
                let domain = if level.is_some() { proxy.window(window) } else { window };
                let node = Node { key, domain, canvas, opaque, op, at };
                return Ok(match level {
                    Some(_) => builder.small_source(node, rest),
                    None => builder.source(node, rest),
                });
            }
        };
        Ok(builder.add(node))
    }
}

/// The values at a frame that the project sets, in the order in which the effect declares its parameters; one that it
/// does not set has its default. A value from before the effect was loaded, or from another version of it, may not fit.
fn values(spec: &EffectSpec, effect: &Effect, frame: i64) -> Result<Vec<Value>, Problem> {
    let value = |param: &ParamSpec| {
        let misfit = |source| Problem::Param { param: param.name.clone(), source: Box::new(source) };
        let names = || std::iter::once(&param.name).chain(&param.renamed_from);
        if names().any(|name| effect.has_unread_keys(name)) {
            let found = "keys that were read while its plugin was not loaded".to_string();
            return Err(misfit(ValueError::Kind { found, expected: "the project to be loaded again".to_string() }));
        }
        if let Some(curve) = names().find_map(|name| effect.curve(name)) {
            return param.check(&curve.at(frame as f64)).map_err(misfit);
        }
        match names().find_map(|name| effect.params.get(name)) {
            Some(set) => param.check(set).map_err(misfit),
            None => Ok(param.default.clone()),
        }
    };
    spec.params.iter().map(value).collect()
}

/// The values as they are at a proxy: lengths in pixels, which have the unit `px`, become shorter, within the range that the
/// effect takes.
fn scaled(spec: &EffectSpec, mut values: Vec<Value>, proxy: Proxy) -> Vec<Value> {
    if proxy.is_full() {
        return values;
    }
    for (param, value) in spec.params.iter().zip(&mut values).filter(|(param, _)| param.unit == "px") {
        let (least, most) = param.hard_range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let scale = |length: f64| (length * proxy.scale()).clamp(least, most);
        match value {
            Value::Int(length) => *length = scale(*length as f64).round() as i64,
            Value::Float(length) => *length = scale(*length),
            Value::Vec2(lengths) => *lengths = lengths.map(scale),
            Value::Vec3(lengths) => *lengths = lengths.map(scale),
            Value::Vec4(lengths) => *lengths = lengths.map(scale),
            _ => {}
        }
    }
    values
}

/// The display window that the first file of the media has; empty where that is unknown.
fn display_window(media: &FileNode) -> Rect {
    let size = |name| media.attrs.int(name) as u32;
    Rect::of_size(size("width"), size("height"))
}
