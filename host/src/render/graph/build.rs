//! From a comp and a frame to the graph: layers from the bottom up, comps in comps before the layers that show them.

use std::collections::HashMap;

use uuid::Uuid;

use super::layer::Chain;
use super::{Graph, Node, NodeId, Op, Painted, Stack, Stacks};
use crate::image::Rect;
use crate::plugin::Effects;
use crate::project::{Affine, Comp, Document, Layer};
use crate::render::blend::BlendMode;
use crate::render::cache::Cache;
use crate::render::error::At;
use crate::render::footage::Footage;
use crate::render::key::{Key, KeyBuilder};
use crate::render::sample::Placed;
use crate::render::{MissingEffects, RenderError, canvas};

/// What a graph is built from.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    pub document: &'a Document,
    pub effects: &'a Effects,
    pub missing_effects: MissingEffects,
    pub footage: &'a Footage,
    /// With what was made before, where that may be used.
    pub known: Option<(&'a Cache, &'a Stacks)>,
}

/// The graph of a comp at a frame.
pub fn build<'a>(from: Build<'a>, comp: &'a Comp, frame: i64) -> Result<Graph<'a>, RenderError> {
    let mut builder = Builder { from, nodes: Vec::new(), known: HashMap::new(), comps: HashMap::new() };
    let output = builder.comp(comp, frame)?;
    // What other comps are made of was there before it; nothing comes after it.
    builder.nodes.truncate(output.0 + 1);
    Ok(Graph { nodes: builder.nodes })
}

/// A graph while it grows.
pub(super) struct Builder<'a> {
    pub from: Build<'a>,
    nodes: Vec<Node<'a>>,
    known: HashMap<Key, NodeId>,
    comps: HashMap<(Uuid, i64), NodeId>,
}

/// How a layer gets into its comp.
struct Way {
    /// The picture at its start.
    input: NodeId,
    to_comp: Affine,
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
            for layer in comp.shown_layers().rev().filter(|layer| layer.time().shows_at(frame)) {
                layers.extend(self.painted(comp, frame, layer)?);
            }
        }
        let id = self.add_comp(comp, frame, layers);
        self.comps.insert((comp.uuid(), frame), id);
        Ok(id)
    }

    fn add_comp(&mut self, comp: &'a Comp, frame: i64, mut layers: Vec<Painted>) -> NodeId {
        let (canvas, at) = (canvas(comp), At::comp(comp, frame));
        let mut prefix = KeyBuilder::new("comp").rect(canvas).finish();
        let mut keys = Vec::with_capacity(layers.len());
        for layer in &layers {
            let key = KeyBuilder::new("layer").key(prefix).key(self.node(layer.pixels).key);
            prefix = key.text(layer.mode.key()).float(layer.opacity.into()).finish();
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

    fn add_stack(&mut self, stack: Stack, key: Key, canvas: Rect, at: At<'a>) -> NodeId {
        let whole = stack.inputs().iter().fold(Rect::EMPTY, |whole, id| whole.union(&self.node(*id).domain));
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

    /// A layer in its place. `None` where it changes nothing.
    fn painted(&mut self, comp: &'a Comp, frame: i64, layer: &'a Layer) -> Result<Option<Painted>, RenderError> {
        let at = At::layer(comp, frame, layer);
        let mode = BlendMode::of_key(layer.attrs.text("blend_mode")).map_err(|problem| at.error(problem))?;
        let opacity = layer.attrs.float("opacity") as f32;
        let input = Chain::new(self, layer, at)?.picture(frame)?;
        let unseen = opacity == 0.0 || self.node(input).domain.is_empty();
        if unseen && mode.keeps_backdrop_where_clear() {
            return Ok(None);
        }
        let (width, height) = comp.size();
        let to_comp = layer.placement().to_comp(self.node(input).canvas, width, height);
        let Way { input, to_comp, opacity } = self.shortened(Way { input, to_comp, opacity });
        let pixels = match Placed::new(self.node(input).domain, to_comp) {
            Some(placed) => self.place(input, placed, at),
            None if mode.keeps_backdrop_where_clear() => return Ok(None),
            None => self.nothing(canvas(comp), at),
        };
        Ok(Some(Painted { pixels, mode, opacity }))
    }

    /// The same way without a comp in between that only shows one layer as it is: so that layer is resampled once.
    fn shortened(&self, way: Way) -> Way {
        let Op::Comp(Stack { base: None, layers }) = &self.node(way.input).op else { return way };
        let [layer] = &layers[..] else { return way };
        if !layer.mode.shows_alone() {
            return way;
        }
        let opacity = way.opacity * layer.opacity;
        match &self.node(layer.pixels).op {
            Op::Place { input, placed } => {
                let to_comp = placed.to_comp().then(&way.to_comp);
                self.shortened(Way { input: *input, to_comp, opacity })
            }
            _ => self.shortened(Way { input: layer.pixels, opacity, ..way }),
        }
    }

    fn place(&mut self, input: NodeId, placed: Placed, at: At<'a>) -> NodeId {
        let node = self.node(input);
        let shift = placed.shift();
        if shift == Some((0, 0)) {
            return input;
        }
        let key = placed.key(KeyBuilder::new("place").key(node.key)).finish();
        let opaque = node.opaque && shift.is_some();
        let (domain, canvas) = (placed.domain, node.canvas);
        self.add(Node { key, domain, canvas, opaque, op: Op::Place { input, placed }, at })
    }

    /// An empty picture.
    pub fn nothing(&mut self, canvas: Rect, at: At<'a>) -> NodeId {
        let key = KeyBuilder::new("nothing").rect(canvas).finish();
        self.add(Node { key, domain: Rect::EMPTY, canvas, opaque: false, op: Op::Nothing, at })
    }
}
