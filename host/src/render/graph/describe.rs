//! A graph told to people and programs.

use std::fmt::{self, Write};

use serde::{Serialize, Serializer};

use super::{Graph, NodeId, Op, Work};
use crate::image::Rect;
use crate::render::plan::{Making, Plan};

/// What a frame is made of. The inputs of a node come before it; the last one is the comp.
#[derive(Clone, Debug, Serialize)]
pub struct GraphReport {
    /// Name of the comp.
    pub comp: String,
    /// The comp's frame.
    pub frame: i64,
    /// The pictures.
    pub nodes: Vec<GraphNode>,
}

/// A picture.
#[derive(Clone, Debug, Serialize)]
pub struct GraphNode {
    /// Its place in the list.
    pub id: usize,
    /// `nothing`, `file`, `memory`, `fill` (of a solid), `text`, `effect`, `colour` (into the working space), `place`,
    /// `mean` (motion blur) or `comp`.
    pub kind: &'static str,
    /// What it is, for people.
    pub label: String,
    /// Its content key: pictures with the same key have the same pixels.
    pub key: String,
    /// Where it has pixels, `[x0, y0, x1, y1]`, the last two exclusive.
    #[serde(serialize_with = "corners")]
    pub domain: Rect,
    /// The frame that it is meant to fill.
    #[serde(serialize_with = "corners")]
    pub canvas: Rect,
    /// Whether all its pixels are known to have alpha 1.
    pub opaque: bool,
    /// Whether it is made whole, and why, or fused into what reads it.
    pub making: Making,
    /// The pictures that it is made of.
    pub inputs: Vec<usize>,
    /// How they are painted, from the lowest one up, where it is a comp.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<PaintedReport>,
}

/// How a layer is painted.
#[derive(Clone, Debug, Serialize)]
pub struct PaintedReport {
    /// Its picture.
    pub input: usize,
    /// Its blend mode.
    pub blend_mode: &'static str,
    /// Its opacity.
    pub opacity: f32,
    /// The picture that says where it is seen, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matte: Option<usize>,
}

fn corners<S: Serializer>(rect: &Rect, serializer: S) -> Result<S::Ok, S::Error> {
    [rect.x0, rect.y0, rect.x1, rect.y1].serialize(serializer)
}

impl Graph<'_> {
    /// What a picture is, for people.
    pub fn label(&self, id: NodeId) -> String {
        let node = self.node(id);
        let what = match &node.op {
            Op::Nothing => "nothing".to_owned(),
            Op::File(read) => return read.label(),
            Op::Memory(_) => "memory".to_owned(),
            Op::Fill(_) => "solid".to_owned(),
            Op::Text(_) => "text".to_owned(),
            Op::Reduce { .. } => format!("1/{} of the picture", self.proxy),
            Op::Effect(effect) => {
                let name = &effect.kind.spec().type_name;
                match &effect.work {
                    Work::Pass(_) => format!("{name}, which passes on a picture"),
                    Work::Render { .. } => name.clone(),
                }
            }
            Op::Colour { transform, .. } => format!("colour ({})", transform.steps().join(", ")),
            Op::Place { placed, .. } => match placed.shift() {
                Some((dx, dy)) => format!("move by {dx}, {dy}"),
                None => format!("transform ({})", placed.filter().key()),
            },
            Op::Mean { of, .. } => format!("motion blur ({of} samples)"),
            Op::Comp(_) => return node.at.to_string(),
        };
        format!("{what} of {}", node.at)
    }

    /// The graph told.
    pub fn report(&self, plan: &Plan, comp: &str, frame: i64) -> GraphReport {
        let node = |id: NodeId| {
            let node = self.node(id);
            let painted = |layer: &super::Painted| PaintedReport {
                input: layer.pixels.0,
                blend_mode: layer.mode.key(),
                opacity: layer.opacity,
                matte: layer.matte.map(|matte| matte.pixels.0),
            };
            let layers = match &node.op {
                Op::Comp(stack) => stack.layers.iter().map(painted).collect(),
                _ => Vec::new(),
            };
            GraphNode {
                id: id.0,
                kind: node.op.kind(),
                label: self.label(id),
                key: node.key.to_string(),
                domain: node.domain,
                canvas: node.canvas,
                opaque: node.opaque,
                making: plan.making(id),
                inputs: node.op.inputs().iter().map(|input| input.0).collect(),
                layers,
            }
        };
        GraphReport { comp: comp.to_owned(), frame, nodes: (0..self.nodes.len()).map(NodeId).map(node).collect() }
    }
}

impl GraphReport {
    /// The graph in the language of Graphviz: `dot -Tsvg`. Pictures that are made whole have a solid frame.
    pub fn dot(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut dot = String::from("digraph frame {\n  rankdir=BT;\n  node [shape=box];\n");
        for node in &self.nodes {
            let label = quoted(&format!("{}\n{}\n{}", node.label, node.domain, making(node.making)));
            let style = if node.making == Making::Fused { "dashed" } else { "solid" };
            // Writing to a text cannot fail.
            let _ = writeln!(dot, "  n{} [label={}, style={style}];", node.id, label.replace('\n', "\\n"));
            for input in &node.inputs {
                let _ = writeln!(dot, "  n{input} -> n{};", node.id);
            }
        }
        dot + "}\n"
    }
}

/// A line for each picture, with those that it is made of by their numbers.
impl fmt::Display for GraphReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "comp {:?}, frame {}", self.comp, self.frame)?;
        for node in &self.nodes {
            write!(f, "{:>4}  {:<8} {:<7} {}", node.id, making(node.making), node.kind, node.label)?;
            write!(f, ", {}", node.domain)?;
            if !node.inputs.is_empty() {
                let inputs: Vec<String> = node.inputs.iter().map(usize::to_string).collect();
                write!(f, ", of {}", inputs.join(", "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn making(making: Making) -> &'static str {
    match making {
        Making::Fused => "fused",
        Making::Output => "output",
        Making::Source => "source",
        Making::Wide => "wide",
        Making::Sampled => "sampled",
        Making::Shared => "shared",
        Making::Kept => "kept",
        Making::Deep => "deep",
        Making::Unread => "unread",
    }
}
