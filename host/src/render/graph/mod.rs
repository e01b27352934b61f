//! What a frame is made of: a graph of pictures, from files to the comp, with everything evaluated at its time.
//!
//! A node is a picture. It knows by its [`Key`] what it depends on, where it has pixels, and from which other nodes it is
//! made; two layers that show the same thing share a node. Building the graph reads headers of files and asks effects for
//! their plans, but makes no pixels.

mod build;
mod describe;
mod layer;
mod stack;

use std::path::PathBuf;
use std::sync::Arc;

use playa_plugin_api::Need;
use playa_plugin_api::abi::WireValue;

pub(super) use build::{Build, build};
pub use describe::{GraphNode, GraphReport, PaintedReport};
pub(super) use layer::whole;
pub(super) use stack::{Stack, Stacks};

use super::RenderError;
use super::blend::BlendMode;
use super::error::At;
use super::key::Key;
use super::sample::Placed;
use super::text::Lettering;
use crate::image::{Frame, Rect};
use crate::plugin::{EffectType, Setting};
use crate::project::{Homography, MatteChannel};

/// The pictures that one frame of a comp is made of. The inputs of a node come before it; the last one is the comp.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
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
    File(PathBuf),
    /// It was given as an image in memory.
    Memory(&'a Frame),
    /// It is the same colour everywhere, premultiplied.
    Fill([f32; 4]),
    /// It is a text.
    Text(Lettering),
    /// An effect makes it.
    Effect(Box<Applied>),
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
    pub work: Work,
}

/// What an effect does with its inputs.
#[derive(Debug)]
pub(super) enum Work {
    /// The result is its source at another frame, as it is.
    Pass(NodeId),
    /// The result is rendered, with pixels in `reach`, from its source at these frames.
    Render { reach: Rect, inputs: Vec<(i64, NodeId)> },
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
        let source = matches!(&inputs[..], [(_, input)] if *input == effect.source);
        traits.pixel_wise && traits.tileable && source && self.node(effect.source).domain.contains_rect(reach)
    }

    /// What an effect that is not pixel-wise needs of its source to fill `window`, with the frame of each.
    pub fn needs(&self, id: NodeId, effect: &Applied, window: Rect) -> Result<Vec<(NodeId, Need)>, RenderError> {
        let (node, source) = (self.node(id), self.node(effect.source));
        let Work::Render { reach, inputs } = &effect.work else { return Ok(Vec::new()) };
        let picture = layer::Picture { domain: source.domain, canvas: source.canvas };
        let window = window.intersect(reach);
        let plan = layer::ask(&effect.kind, &effect.params, effect.frame, picture, window, &node.at)?;
        let found = |need: Need| {
            let at = |(frame, _): &&(i64, NodeId)| *frame == whole(need.frame);
            inputs.iter().find(at).map(|(_, input)| (*input, need)).ok_or_else(|| {
                let message = format!("its plan for {window} needs frame {}, which that for all did not", need.frame);
                node.at.error(playa_plugin_api::EffectError::failed(message))
            })
        };
        plan.needs.into_iter().map(found).collect()
    }
}

impl Op<'_> {
    /// The pictures that it is made of.
    pub fn inputs(&self) -> Vec<NodeId> {
        match self {
            Op::Nothing | Op::File(_) | Op::Memory(_) | Op::Fill(_) | Op::Text(_) => Vec::new(),
            Op::Effect(effect) => {
                let mixed = (effect.mix < 1.0).then_some(effect.source);
                let mut inputs: Vec<NodeId> = match &effect.work {
                    Work::Pass(input) => [*input].into_iter().chain(mixed).collect(),
                    Work::Render { inputs, .. } => inputs.iter().map(|(_, input)| *input).chain(mixed).collect(),
                };
                inputs.sort_unstable();
                inputs.dedup();
                inputs
            }
            Op::Place { input, .. } => vec![*input],
            Op::Mean { inputs, .. } => inputs.clone(),
            Op::Comp(stack) => stack.inputs(),
        }
    }
}

impl Applied {
    /// Around which picture, and when, it works.
    pub fn setting(&self, graph: &Graph<'_>) -> Setting {
        Setting { canvas: graph.node(self.source).canvas, frame: self.frame as f64 }
    }
}
