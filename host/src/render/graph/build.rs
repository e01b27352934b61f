//! From a comp and a frame to the graph: layers from the bottom up, comps in comps before the layers that show them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use super::layer::{Chain, Shows};
use super::{Graph, Masked, Node, NodeId, Op, Painted, Stack, Stacks};
use crate::colour::{Colours, Transform};
use crate::image::Rect;
use crate::media::Channels;
use crate::plugin::{Effects, Stop};
use crate::project::{Comp, Document, Homography, Layer, View};
use crate::render::blend::BlendMode;
use crate::render::cache::Cache;
use crate::render::error::{At, Problem};
use crate::render::footage::Footage;
use crate::render::key::{Key, KeyBuilder};
use crate::render::sample::{Filter, Placed};
use crate::render::text::Texts;
use crate::render::{MissingEffects, Proxy, RenderError, canvas};

/// What a graph is built from.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    pub document: &'a Document,
    pub effects: &'a Effects,
    pub missing_effects: MissingEffects,
    /// Effects without which layers are shown.
    pub passed_over: &'a HashSet<Uuid>,
    pub footage: &'a Footage,
    pub texts: &'a Texts,
    pub colours: &'a Colours,
    /// With what was made before, where that may be used.
    pub known: Option<(&'a Cache, &'a Stacks)>,
    /// In which size pictures are made.
    pub proxy: Proxy,
    /// An effect may ask for any number of frames, each with effects of its own.
    pub stop: Stop<'a>,
}

/// The graph of a comp at a frame.
pub fn build<'a>(from: Build<'a>, comp: &'a Comp, frame: i64) -> Result<Graph<'a>, RenderError> {
    let mut builder =
        Builder { from, nodes: Vec::new(), known: HashMap::new(), comps: HashMap::new(), read: HashMap::new() };
    let output = builder.comp(comp, frame)?;
    // What other comps are made of was there before it; nothing comes after it.
    builder.nodes.truncate(output.0 + 1);
    Ok(Graph { nodes: builder.nodes, proxy: from.proxy })
}

/// A graph while it grows.
pub(super) struct Builder<'a> {
    pub from: Build<'a>,
    pub nodes: Vec<Node<'a>>,
    known: HashMap<Key, NodeId>,
    comps: HashMap<(Uuid, i64), NodeId>,
    /// Layers that effects of others read, at a frame of their comp.
    read: HashMap<(Uuid, i64), NodeId>,
}

/// A comp at a frame.
#[derive(Clone, Copy)]
struct Scene<'a> {
    comp: &'a Comp,
    frame: i64,
    view: View,
}

/// How a layer gets into its comp.
struct Way {
    /// The picture at its start.
    input: NodeId,
    /// At each moment that is seen. `None` where it is not.
    to_comp: Vec<Option<Homography>>,
    filter: Filter,
    opacity: f32,
}

impl<'a> Builder<'a> {
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.0]
    }

    /// Adds a picture, unless the same one is there.
    pub fn add(&mut self, node: Node<'a>) -> NodeId {
        *self.known.entry(node.key).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }

    /// The picture of a comp at a frame. Outside its work area it is empty.
    pub fn comp(&mut self, comp: &'a Comp, frame: i64) -> Result<NodeId, RenderError> {
        if let Some(known) = self.comps.get(&(comp.uuid(), frame)) {
            return Ok(*known);
        }
        let (first, last) = comp.frames();
        let mut layers = Vec::new();
        if (first..=last).contains(&frame) {
            let view = comp.view(self.from.document, frame as f64);
            let scene = Scene { comp, frame, view };
            for layer in comp.paint_order(&view, frame as f64) {
                layers.extend(self.painted(scene, layer, None)?);
            }
        }
        let id = self.add_comp(comp, frame, layers);
        self.comps.insert((comp.uuid(), frame), id);
        Ok(id)
    }

    fn add_comp(&mut self, comp: &'a Comp, frame: i64, mut layers: Vec<Painted>) -> NodeId {
        let (canvas, at) = (canvas(comp), At::comp(comp, frame));
        let mut prefix = KeyBuilder::new("comp").rect(canvas).int(self.from.proxy.pixels().into()).finish();
        let mut keys = Vec::with_capacity(layers.len());
        for layer in &layers {
            prefix = self.layer_key(prefix, layer);
            keys.push(prefix);
        }
        let split = match self.from.known {
            Some((cache, stacks)) => stacks.split(cache, comp.uuid(), frame, &keys),
            None => 0,
        };
        let above = layers.split_off(split);
        if split == 0 {
            return self.add_stack(Stack { base: None, layers: above }, prefix, canvas, at);
        }
        let base = self.add_stack(Stack { base: None, layers }, keys[split - 1], canvas, at);
        self.add_stack(Stack { base: Some(base), layers: above }, prefix, canvas, at)
    }

    /// The key of a layer painted over what has the key `below`.
    fn layer_key(&self, below: Key, layer: &Painted) -> Key {
        let key = KeyBuilder::new("layer").key(below).key(self.node(layer.pixels).key);
        let mut key = key.text(layer.mode.key()).float(layer.opacity.into());
        if let Some(matte) = &layer.matte {
            key = key.key(self.node(matte.pixels).key).int(matte.channel as i64).int(matte.invert.into());
        }
        key.finish()
    }

    fn add_stack(&mut self, stack: Stack, key: Key, canvas: Rect, at: At<'a>) -> NodeId {
        let painted = stack.layers.iter().map(|layer| layer.pixels).chain(stack.base);
        let whole = painted.fold(Rect::EMPTY, |whole, id| whole.union(&self.node(id).domain));
        let covers = |id: NodeId| self.node(id).opaque && self.node(id).domain == whole;
        let hides = |layer: &Painted| layer.hides_what_is_below() && covers(layer.pixels);
        let keeps = |layer: &Painted| layer.mode.keeps_opaque();
        // The highest layer that covers all, with layers above that leave it opaque.
        let top = stack.layers.iter().rposition(hides);
        let opaque = match top {
            Some(top) => stack.layers[top + 1..].iter().all(keeps),
            None => stack.base.is_some_and(covers) && stack.layers.iter().all(keeps),
        };
        self.add(Node { key, domain: whole, canvas, opaque, op: Op::Comp(stack), at })
    }

    /// A layer in its place, with this channel of its file where one is named. `None` where it changes nothing.
    ///
    /// Names of things are not averaged: each pixel is that of one place, whatever the layer asks for.
    fn painted(
        &mut self,
        scene: Scene<'a>,
        layer: &'a Layer,
        channel: Option<Channels>,
    ) -> Result<Option<Painted>, RenderError> {
        let at = At::layer(scene.comp, scene.frame, layer);
        let mode = BlendMode::of_key(layer.attrs.text("blend_mode")).map_err(|problem| at.error(problem))?;
        let filter = Filter::of_key(layer.attrs.text("filter")).map_err(|problem| at.error(problem))?;
        let opacity = layer.opacity_at(scene.frame as f64) as f32;
        let (mut wish, raw) = (layer.wish(), channel.is_some());
        wish.channels = channel.or(wish.channels);
        let shows = Shows { wish: &wish, raw };
        let input = Chain::new(self, scene.comp, layer, shows, at)?.picture(scene.frame)?;
        let unseen = opacity == 0.0 || self.node(input).domain.is_empty();
        if unseen && mode.keeps_backdrop_where_clear() {
            return Ok(None);
        }
        let ids = self.holds_ids(input);
        let filter = if ids { Filter::Impulse } else { filter };
        let to_comp = self.maps(scene, layer, !ids, self.node(input).canvas);
        let way = self.shortened(Way { input, to_comp, filter, opacity });
        let pixels = self.place(scene, &way, at);
        if self.node(pixels).domain.is_empty() && mode.keeps_backdrop_where_clear() {
            return Ok(None);
        }
        let matte = self.matte(scene, layer)?;
        Ok(Some(Painted { pixels, mode, opacity: way.opacity, matte }))
    }

    /// A layer as effects of others read it: after its own effects, in its own pixels, where it is not trimmed.
    pub fn read(&mut self, comp: &'a Comp, frame: i64, layer: &'a Layer) -> Result<NodeId, RenderError> {
        if let Some(known) = self.read.get(&(layer.uuid(), frame)) {
            return Ok(*known);
        }
        let at = At::layer(comp, frame, layer);
        let picture = match layer.time().shows_at(frame) {
            true => {
                let shows = Shows { wish: &layer.wish(), raw: false };
                Chain::new(self, comp, layer, shows, at)?.picture(frame)?
            }
            false => self.nothing(canvas(comp), at),
        };
        self.read.insert((layer.uuid(), frame), picture);
        Ok(picture)
    }

    /// What says where a layer is seen: another layer of the comp in its place, shown or not, with a matte of its own.
    fn matte(&mut self, scene: Scene<'a>, layer: &'a Layer) -> Result<Option<Masked>, RenderError> {
        let Some(matte) = layer.matte() else { return Ok(None) };
        let canvas = canvas(scene.comp);
        let found = scene.comp.layers.iter().find(|other| other.uuid() == matte.layer);
        let Some(other) = found else {
            return Err(At::layer(scene.comp, scene.frame, layer).error(Problem::NoMatte { matte: matte.layer }));
        };
        let at = At::layer(scene.comp, scene.frame, other);
        let shown = match other.time().shows_at(scene.frame) {
            true => self.painted(scene, other, matte.of_file)?,
            false => None,
        };
        let pixels = match shown {
            None => self.nothing(canvas, at),
            Some(painted) => {
                let alone = Painted { mode: BlendMode::Normal, ..painted };
                let key = self.layer_key(KeyBuilder::new("matte").rect(canvas).finish(), &alone);
                self.add_stack(Stack { base: None, layers: vec![alone] }, key, canvas, at)
            }
        };
        Ok(Some(Masked { pixels, channel: matte.channel, invert: matte.invert }))
    }

    /// The maps from a layer's pixels to its comp: one, or one for each time at which the shutter is open where the layer
    /// is blurred by motion, and `may_blur`. `None` where it is not seen.
    fn maps(&self, scene: Scene<'a>, layer: &Layer, may_blur: bool, canvas: Rect) -> Vec<Option<Homography>> {
        let Scene { comp, frame, view } = scene;
        let smaller = |map: Option<Homography>| map.map(|map| self.from.proxy.map(map));
        if layer.attrs.bool("motion_blur") && may_blur {
            let at = |time| comp.view(self.from.document, time).to_comp(&layer.placement_at(time), canvas);
            let mut maps: Vec<_> = comp.shutter_times(frame).into_iter().map(at).map(smaller).collect();
            // What does not move while the shutter is open is sharp.
            if maps.iter().all(|map| *map == maps[0]) {
                maps.truncate(1);
            }
            return maps;
        }
        vec![smaller(view.to_comp(&layer.placement_at(frame as f64), canvas))]
    }

    /// Whether a picture holds names of things as they are in a file. What an effect made of them, or a comp of several
    /// layers, is a picture like any other.
    fn holds_ids(&self, id: NodeId) -> bool {
        match &self.node(id).op {
            Op::File(read) => read.ids,
            Op::Reduce { ids, .. } => *ids,
            Op::Colour { input, .. } | Op::Place { input, .. } => self.holds_ids(*input),
            Op::Comp(stack) => stack.only().is_some_and(|only| self.holds_ids(only)),
            _ => false,
        }
    }

    /// The same way without a comp in between that only shows one layer as it is: so that layer is resampled once.
    ///
    /// That is exact where one of the two maps moves by whole pixels; else both have to ask for the same filter. What a
    /// camera in between sees in perspective is cut at its comp's frame, and stays as it is.
    fn shortened(&self, way: Way) -> Way {
        let Op::Comp(Stack { base: None, layers }) = &self.node(way.input).op else { return way };
        let [layer] = &layers[..] else { return way };
        if !layer.mode.shows_alone() || layer.matte.is_some() {
            return way;
        }
        let opacity = way.opacity * layer.opacity;
        let Op::Place { input, placed, to_comp: inner } = &self.node(layer.pixels).op else {
            return self.shortened(Way { input: layer.pixels, opacity, ..way });
        };
        let shifts = |map: &Homography| map.as_affine().is_some_and(|map| map.whole_pixel_shift().is_some());
        let filter = match placed.shift() {
            Some(_) => way.filter,
            None if way.to_comp.iter().flatten().all(shifts) || placed.filter() == way.filter => placed.filter(),
            None => return way,
        };
        if inner.as_affine().is_none() {
            return way;
        }
        let to_comp = way.to_comp.iter().map(|map| map.map(|map| map.after(inner))).collect();
        self.shortened(Way { input: *input, to_comp, filter, opacity })
    }

    /// A layer's picture in its place: the mean of all its places.
    fn place(&mut self, scene: Scene<'a>, way: &Way, at: At<'a>) -> NodeId {
        let canvas = canvas(scene.comp);
        let view = self.from.proxy.window(canvas);
        let placed: Vec<NodeId> =
            way.to_comp.iter().flatten().filter_map(|map| self.placed(way, map, view, at)).collect();
        let of = way.to_comp.len();
        match placed[..] {
            [] => self.nothing(canvas, at),
            [only] if of == 1 => only,
            _ => {
                let domain = placed.iter().fold(Rect::EMPTY, |whole, id| whole.union(&self.node(*id).domain));
                let key = KeyBuilder::new("mean").int(of as i64);
                let key = placed.iter().fold(key, |key, id| key.key(self.node(*id).key)).finish();
                self.add(Node { key, domain, canvas, opaque: false, op: Op::Mean { inputs: placed, of }, at })
            }
        }
    }

    fn placed(&mut self, way: &Way, to_comp: &Homography, view: Rect, at: At<'a>) -> Option<NodeId> {
        if let Op::Colour { input, transform } = &self.node(way.input).op
            && transform.is_linear()
            && to_comp.as_affine().and_then(|map| map.whole_pixel_shift()).is_none()
        {
            // Sampling is linear too. So the picture is sampled as it is there, and not made in full size before.
            let (input, transform) = (*input, Arc::clone(transform));
            let placed = self.placed(&Way { input, to_comp: Vec::new(), ..*way }, to_comp, view, at)?;
            return Some(self.transformed(placed, Some(transform)));
        }
        let node = self.node(way.input);
        let placed = Placed::new(node.domain, to_comp, way.filter, view)?;
        let shift = placed.shift();
        if shift == Some((0, 0)) {
            return Some(way.input);
        }
        let key = placed.key(KeyBuilder::new("place").key(node.key)).finish();
        let opaque = node.opaque && shift.is_some();
        let (domain, canvas, op) =
            (placed.domain, node.canvas, Op::Place { input: way.input, placed, to_comp: *to_comp });
        Some(self.add(Node { key, domain, canvas, opaque, op, at }))
    }

    /// A source, made smaller where the graph is, and brought into the working space.
    pub fn source(&mut self, node: Node<'a>, transform: Option<Arc<dyn Transform>>) -> NodeId {
        let source = self.add(node);
        match transform {
            // A mean of codes is not that of light.
            Some(transform) if !transform.is_linear() => {
                let light = self.transformed(source, Some(transform));
                self.reduced(light)
            }
            transform => {
                let small = self.reduced(source);
                self.transformed(small, transform)
            }
        }
    }

    /// A source that is as small as the graph, brought into the working space.
    pub fn small_source(&mut self, node: Node<'a>, transform: Option<Arc<dyn Transform>>) -> NodeId {
        let source = self.add(node);
        self.transformed(source, transform)
    }

    /// A picture of the size in the project, made smaller where the graph is.
    fn reduced(&mut self, input: NodeId) -> NodeId {
        let proxy = self.from.proxy;
        if proxy.is_full() {
            return input;
        }
        let Node { key, domain, canvas, opaque, at, .. } = *self.node(input);
        let key = KeyBuilder::new("reduce").key(key).int(proxy.pixels().into()).finish();
        let (small, ids) = (proxy.window(domain), self.holds_ids(input));
        // At its edges a pixel may stand for some that are not there.
        let opaque = opaque && proxy.full(small) == domain;
        self.add(Node { key, domain: small, canvas, opaque, op: Op::Reduce { input, ids }, at })
    }

    /// An empty picture.
    pub fn nothing(&mut self, canvas: Rect, at: At<'a>) -> NodeId {
        self.add(Node::nothing(canvas, at))
    }
}
