//! Which pictures of a graph are made whole, and which exist only tile by tile inside of another one.
//!
//! A picture that is made whole goes through memory: it is written once and read once for each reader. A fused one does
//! not: what makes it runs again for each tile of its reader, while the pixels are in a core's own cache. So the rule is:
//! a picture is made whole if it is the output, a text, or comes from outside, if what makes it or reads it looks at more than one
//! pixel at a time, if it is read more than once, or if so many are fused already that the stack would grow.

use serde::Serialize;

use super::graph::{Graph, NodeId, Op, Work};

/// How many pictures may be fused into each other.
const MAX_DEPTH: usize = 64;

/// How a picture comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Making {
    /// Tile by tile, where it is read.
    Fused,
    /// As a whole, because it is what was asked for.
    Output,
    /// As a whole, because it comes from a file or from memory, is a text, or is such a picture made smaller.
    Source,
    /// As a whole, because an effect makes it that is not pixel-wise.
    Wide,
    /// As a whole, because it is read at more than one pixel at a time: resampled, or by an effect that is not pixel-wise.
    Sampled,
    /// As a whole, because it is read more than once.
    Shared,
    /// As a whole, because the layers under it did not change, and are kept for the next render.
    Kept,
    /// As a whole, because 64 pictures are fused into it.
    Deep,
    /// Nobody reads it.
    Unread,
}

/// How each picture of a graph comes about.
#[derive(Debug)]
pub(super) struct Plan {
    making: Vec<Making>,
    /// Which pictures a worker process reads or fills.
    shared: Vec<bool>,
}

/// How a picture is read.
#[derive(Clone, Copy, Debug, Default)]
struct Readers {
    count: usize,
    /// One of them looks at more than one pixel at a time.
    around: bool,
    /// One of them is a stack of layers that begins with it.
    base: bool,
    /// One of them lives in a worker process.
    isolated: bool,
}

impl Plan {
    pub fn of(graph: &Graph<'_>) -> Self {
        let mut readers = vec![Readers::default(); graph.nodes.len()];
        let output = graph.output();
        readers[output.0].count = 1;
        for id in (0..graph.nodes.len()).rev().map(NodeId) {
            if readers[id.0].count > 0 {
                read(graph, id, &mut readers);
            }
        }
        let mut making = Vec::with_capacity(graph.nodes.len());
        let mut depths: Vec<usize> = Vec::with_capacity(graph.nodes.len());
        for (node, readers) in graph.nodes.iter().zip(&readers) {
            let inputs = node.op.inputs();
            let depth = 1 + inputs.iter().map(|input| depths[input.0]).max().unwrap_or(0);
            let id = NodeId(making.len());
            let cheap = matches!(&node.op, Op::Nothing | Op::Fill(_)) || shift(&node.op);
            let how = match &node.op {
                _ if readers.count == 0 => Making::Unread,
                Op::File(..) | Op::Memory(_) | Op::Text(_) | Op::Reduce { .. } => Making::Source,
                Op::Effect(_) if !graph.is_pixel_wise(id) => Making::Wide,
                _ if id == output => Making::Output,
                _ if readers.base => Making::Kept,
                _ if readers.around => Making::Sampled,
                _ if readers.count > 1 && !cheap => Making::Shared,
                _ if depth > MAX_DEPTH => Making::Deep,
                _ => Making::Fused,
            };
            making.push(how);
            depths.push(if how == Making::Fused { depth } else { 0 });
        }
        let isolated = |op: &Op<'_>| matches!(op, Op::Effect(effect) if effect.kind.is_isolated());
        let shared = graph.nodes.iter().zip(&readers).map(|(node, read)| read.isolated || isolated(&node.op)).collect();
        Self { making, shared }
    }

    /// Whether it is to be made in memory that a worker process sees.
    pub fn is_shared(&self, id: NodeId) -> bool {
        self.shared[id.0]
    }

    /// How a picture comes about.
    pub fn making(&self, id: NodeId) -> Making {
        self.making[id.0]
    }

    /// Whether it is made as a whole.
    pub fn is_whole(&self, id: NodeId) -> bool {
        !matches!(self.making(id), Making::Fused | Making::Unread)
    }
}

/// Whether it only moves a picture by whole pixels.
fn shift(op: &Op<'_>) -> bool {
    matches!(op, Op::Place { placed, .. } if placed.shift().is_some())
}

/// Notes how a picture reads others.
fn read(graph: &Graph<'_>, id: NodeId, readers: &mut [Readers]) {
    let node = graph.node(id);
    let around = match &node.op {
        Op::Place { placed, .. } => placed.shift().is_none(),
        Op::Effect(effect) => matches!(effect.work, Work::Render { .. }) && !graph.is_pixel_wise(id),
        Op::Reduce { .. } => true,
        _ => false,
    };
    let isolated = matches!(&node.op, Op::Effect(effect) if effect.kind.is_isolated());
    let times = if shift(&node.op) { readers[id.0].count } else { 1 };
    for input in node.op.inputs() {
        let read = &mut readers[input.0];
        // What is only moved is not made whole: who reads it reads its input.
        read.count += times;
        read.around |= around;
        read.isolated |= isolated;
    }
    if let Op::Comp(stack) = &node.op
        && let Some(base) = stack.base
    {
        readers[base.0].base = true;
    }
}
