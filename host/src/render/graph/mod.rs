//! What a frame is made of: a graph of pictures, from files to the comp, with everything evaluated at its time.
//!
//! A node is a picture. It knows by its [`Key`] what it depends on, where it has pixels, and from which other nodes it is
//! made; two layers that show the same thing share a node. Building the graph reads headers of files and asks effects for
//! their plans, but makes no pixels.

mod apply;
mod build;
mod colour;
mod describe;
mod layer;
mod stack;

use std::sync::Arc;

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{Need, Plan, Query, Value};

pub(super) use apply::apply;
pub(super) use build::{Build, build};
pub use describe::{GraphNode, GraphReport, PaintedReport};
pub(super) use stack::{Stack, Stacks};

use super::blend::BlendMode;
use super::error::{At, Problem};
use super::footage::Read;
use super::key::{Key, KeyBuilder};
use super::sample::Placed;
use super::text::Lettering;
use super::{Proxy, RenderError};
use crate::colour::Transform;
use crate::image::{Frame, Rect};
use crate::plugin::{EffectType, Setting};
use crate::project::{Homography, MatteChannel};

/// The pictures that one frame of a comp is made of. The inputs of a node come before it; the last one is the comp.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    /// In which size they are made. Domains are in pixels of that size; canvases are as in the project.
    pub proxy: Proxy,
}

/// The place of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub usize);

/// A picture.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub key: Key,
    /// Where it has pixels.
    pub domain: Rect,
    /// The frame that it is meant to fill.
    pub canvas: Rect,
    /// Whether every pixel of the domain is known to have alpha 1.
    pub opaque: bool,
    pub op: Op<'a>,
    /// Whom to name where it cannot be made.
    pub at: At<'a>,
}

/// How a picture comes about.
#[derive(Debug)]
pub(super) enum Op<'a> {
    /// It is empty: transparent black.
    Nothing,
    /// It is read from a file.
    File(Read),
    /// It was given as an image in memory.
    Memory(&'a Frame),
    /// It is the same colour everywhere, premultiplied.
    Fill([f32; 4]),
    /// It is a text.
    Text(Lettering),
    /// A picture of the size in the project is made smaller, to the size of the graph: by the mean, or, of names of things,
    /// by one of them.
    Reduce { input: NodeId, ids: bool },
    /// An effect makes it.
    Effect(Box<Applied>),
    /// A picture is brought into another colour space, pixel by pixel.
    Colour { input: NodeId, transform: Arc<dyn Transform> },
    /// A picture is moved to its place in a comp, by this map.
    Place { input: NodeId, placed: Placed, to_comp: Homography },
    /// It is the mean of so many pictures: of these, and of empty ones for the rest.
    Mean { inputs: Vec<NodeId>, of: usize },
    /// Layers are painted over each other.
    Comp(Stack),
}

/// An effect with its parameters at a frame.
#[derive(Debug)]
pub(super) struct Applied {
    pub kind: Arc<EffectType>,
    pub params: Vec<WireValue>,
    pub frame: i64,
    /// How much of the result is seen; the rest is the source.
    pub mix: f32,
    /// The picture that it is put on.
    pub source: NodeId,
    /// Where each of its inputs has pixels; `None` where nothing is connected.
    pub domains: Vec<Option<Rect>>,
    pub work: Work,
    /// In which size it works.
    pub proxy: Proxy,
}

/// What an effect does with its inputs.
#[derive(Debug)]
pub(super) enum Work {
    /// The result is one of its inputs, its source at another frame or another picture, as it is.
    Pass(NodeId),
    /// The result is rendered, with pixels in `reach`, from these pictures, in the order of their inputs and frames.
    Render { reach: Rect, inputs: Vec<Taken> },
}

/// A picture that an effect takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Taken {
    /// As which of its inputs.
    pub input: usize,
    pub frame: i64,
    pub picture: NodeId,
}

/// A layer of a comp, at its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Painted {
    pub pixels: NodeId,
    pub mode: BlendMode,
    pub opacity: f32,
    pub matte: Option<Masked>,
}

/// What says where a layer is seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masked {
    pub pixels: NodeId,
    pub channel: MatteChannel,
    pub invert: bool,
}

impl Painted {
    /// Whether nothing of what lies below is seen where this layer has alpha 1.
    pub fn hides_what_is_below(&self) -> bool {
        self.mode.hides_backdrop_where_opaque() && self.is_whole()
    }

    /// Whether the layer over nothing is its picture as it is.
    pub fn shows_alone(&self) -> bool {
        self.mode.shows_alone() && self.is_whole()
    }

    fn is_whole(&self) -> bool {
        self.opacity == 1.0 && self.matte.is_none()
    }
}

impl<'a> Graph<'a> {
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.0]
    }

    /// The comp.
    pub fn output(&self) -> NodeId {
        NodeId(self.nodes.len() - 1)
    }

    /// Whether each pixel of it comes from the pixel of its input at the same place alone.
    pub fn is_pixel_wise(&self, id: NodeId) -> bool {
        let Op::Effect(effect) = &self.node(id).op else { return true };
        let Work::Render { reach, inputs } = &effect.work else { return true };
        let traits = effect.kind.spec().traits;
        let source = matches!(&inputs[..], [only] if only.input == 0 && only.picture == effect.source);
        // A worker process gets one message for a picture, not one for each tile.
        let here = !effect.kind.is_isolated();
        here && traits.pixel_wise && traits.tileable && source && self.node(effect.source).domain.contains_rect(reach)
    }

    /// What an effect that is not pixel-wise needs of its inputs to fill `window`, with the frame of each.
    pub fn needs(&self, id: NodeId, effect: &Applied, window: Rect) -> Result<Vec<(NodeId, Need)>, RenderError> {
        let node = self.node(id);
        let Work::Render { reach, inputs } = &effect.work else { return Ok(Vec::new()) };
        let window = window.intersect(reach);
        let plan = effect.asked(self.node(effect.source).canvas).plan(window, &node.at)?;
        let found = |need: Need| {
            let wanted = (need.input, whole(need.frame));
            let at = inputs.binary_search_by_key(&wanted, |taken| (taken.input, taken.frame));
            at.map(|at| (inputs[at].picture, need)).map_err(|_| {
                let message = format!("its plan for {window} needs frame {}, which that for all did not", need.frame);
                node.at.error(effect.kind.fault(message))
            })
        };
        plan.needs.into_iter().map(found).collect()
    }
}

impl<'a> Node<'a> {
    /// A picture in memory.
    fn of_memory(frame: &'a Frame, canvas: Rect, at: At<'a>) -> Self {
        let domain = frame.data_window();
        let key = KeyBuilder::new("memory").int(frame.image.serial() as i64).rect(domain).rect(canvas).finish();
        Self { key, domain, canvas, opaque: false, op: Op::Memory(frame), at }
    }

    /// An empty picture.
    fn nothing(canvas: Rect, at: At<'a>) -> Self {
        let key = KeyBuilder::new("nothing").rect(canvas).finish();
        Self { key, domain: Rect::EMPTY, canvas, opaque: false, op: Op::Nothing, at }
    }
}

impl Op<'_> {
    /// What kind of picture it makes, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Op::Nothing => "nothing",
            Op::File(..) => "file",
            Op::Memory(_) => "memory",
            Op::Fill(_) => "fill",
            Op::Text(_) => "text",
            Op::Reduce { .. } => "reduce",
            Op::Effect(_) => "effect",
            Op::Colour { .. } => "colour",
            Op::Place { .. } => "place",
            Op::Mean { .. } => "mean",
            Op::Comp(_) => "comp",
        }
    }

    /// The pictures that it is made of.
    pub fn inputs(&self) -> Vec<NodeId> {
        match self {
            Op::Nothing | Op::File(..) | Op::Memory(_) | Op::Fill(_) | Op::Text(_) => Vec::new(),
            Op::Effect(effect) => {
                let mixed = (effect.mix < 1.0).then_some(effect.source);
                let mut inputs: Vec<NodeId> = match &effect.work {
                    Work::Pass(input) => [*input].into_iter().chain(mixed).collect(),
                    Work::Render { inputs, .. } => inputs.iter().map(|taken| taken.picture).chain(mixed).collect(),
                };
                inputs.sort_unstable();
                inputs.dedup();
                inputs
            }
            Op::Reduce { input, .. } | Op::Colour { input, .. } | Op::Place { input, .. } => vec![*input],
            Op::Mean { inputs, .. } => inputs.clone(),
            Op::Comp(stack) => stack.inputs(),
        }
    }
}

impl Applied {
    /// Around which picture, and when, it works.
    pub fn setting(&self, graph: &Graph<'_>) -> Setting {
        let canvas = self.proxy.window(graph.node(self.source).canvas);
        Setting { canvas, frame: self.frame as f64, scale: self.proxy.scale() }
    }

    fn asked(&self, canvas: Rect) -> Asked<'_> {
        let Self { kind, params, frame, domains, proxy, .. } = self;
        Asked { kind, params, frame: *frame, domains, canvas, proxy: *proxy }
    }

    /// The picture that it makes with these values of its parameters, of others that are there.
    fn node<'a>(self, values: &[Value], nodes: &[Node<'a>], at: At<'a>) -> Node<'a> {
        let source = &nodes[self.source.0];
        let spec = self.kind.spec();
        let mut key = KeyBuilder::new("effect").bytes(self.kind.hash().as_bytes()).text(&spec.id);
        key = values.iter().fold(key, KeyBuilder::value);
        key = key.float(self.mix.into()).rect(source.canvas).int(self.proxy.pixels().into()).key(source.key);
        if !spec.traits.time_invariant {
            key = key.int(self.frame);
        }
        let reach = match &self.work {
            Work::Pass(input) => {
                key = key.text("pass").key(nodes[input.0].key);
                nodes[input.0].domain
            }
            Work::Render { reach, inputs } => {
                for taken in inputs {
                    key = key.int(taken.input as i64).int(taken.frame.wrapping_sub(self.frame));
                    key = key.key(nodes[taken.picture.0].key);
                }
                *reach
            }
        };
        // With some of its source mixed in, the result reaches as far as either.
        let domain = if self.mix < 1.0 { reach.union(&source.domain) } else { reach };
        let (key, canvas, op) = (key.rect(domain).finish(), source.canvas, Op::Effect(Box::new(self)));
        Node { key, domain, canvas, opaque: false, op, at }
    }
}

/// An effect that is asked what it takes.
#[derive(Clone, Copy)]
struct Asked<'q> {
    kind: &'q EffectType,
    params: &'q [WireValue],
    frame: i64,
    /// Where each of its inputs has pixels; `None` where nothing is connected.
    domains: &'q [Option<Rect>],
    /// As in the project.
    canvas: Rect,
    proxy: Proxy,
}

impl Asked<'_> {
    /// What filling `window` takes.
    fn plan(&self, window: Rect, at: &At<'_>) -> Result<Plan, RenderError> {
        let inputs = &self.kind.spec().inputs;
        let connected = |input: usize| self.domains[input].is_some();
        let unconnected = |input: usize| at.error(Problem::EffectInput { input: inputs[input].name.clone() });
        if let Some(input) = (0..inputs.len()).find(|input| !inputs[*input].optional && !connected(*input)) {
            return Err(unconnected(input));
        }
        let (canvas, frame, scale) = (self.proxy.window(self.canvas), self.frame as f64, self.proxy.scale());
        let query = Query { window, canvas, frame, scale, domains: self.domains };
        let plan = self.kind.plan(self.params, &query).map_err(|error| at.error(error))?;
        let mut asked = plan.needs.iter().map(|need| need.input).chain(plan.identity.map(|(input, _)| input));
        match asked.find(|input| !connected(*input)) {
            Some(input) => Err(unconnected(input)),
            None => Ok(plan),
        }
    }

    /// What filling all that it reaches takes, with pictures in `domain`.
    fn plan_all(&self, domain: Rect, at: &At<'_>) -> Result<Plan, RenderError> {
        let plan = self.plan(domain, at)?;
        if plan.identity.is_some() || plan.domain == domain {
            return Ok(plan);
        }
        Ok(Plan { domain: plan.domain, ..self.plan(plan.domain, at)? })
    }
}

/// A time in frames as the frame that is shown then; halves go away from zero.
fn whole(time: f64) -> i64 {
    time.round() as i64
}
