//! An effect on pictures that are given, without a comp.

use std::sync::Arc;

use playa_plugin_api::Value;
use playa_plugin_api::abi::WireValue;

use super::{Applied, Asked, Graph, Node, NodeId, Taken, Work, whole};
use crate::image::{Frame, Rect};
use crate::plugin::EffectType;
use crate::render::error::At;
use crate::render::{Proxy, RenderError};

/// The graph of an effect on pictures, each of which is the same at every frame. The picture that it is put on is the
/// first one; `canvas` is the frame that it is meant to fill.
pub fn apply<'a>(
    kind: &'a Arc<EffectType>,
    values: &[Value],
    pictures: &[Option<&'a Frame>],
    canvas: Rect,
    frame: i64,
) -> Result<Graph<'a>, RenderError> {
    let at = At::nowhere(frame).lone_effect(&kind.spec().type_name);
    let mut nodes = Vec::new();
    let mut node_of = vec![None; pictures.len()];
    for (picture, node) in pictures.iter().zip(&mut node_of) {
        if let Some(frame) = picture {
            *node = Some(NodeId(nodes.len()));
            nodes.push(Node::of_memory(frame, canvas, at));
        }
    }
    if nodes.is_empty() {
        nodes.push(Node::nothing(canvas, at));
    }
    let params: Vec<WireValue> = values.iter().map(WireValue::from).collect();
    let domains: Vec<Option<Rect>> = pictures.iter().map(|picture| picture.map(Frame::data_window)).collect();
    let proxy = Proxy::FULL;
    let asked = Asked { kind, params: &params, frame, domains: &domains, canvas, proxy };
    let plan = asked.plan_all(domains.first().copied().flatten().unwrap_or(canvas), &at)?;
    if let Some(node) = plan.identity.and_then(|(input, _)| node_of[input]) {
        return Ok(Graph { nodes: vec![nodes.swap_remove(node.0)], proxy });
    }
    let taken = |input: usize, frame| Some(Taken { input, frame: whole(frame), picture: node_of[input]? });
    let mut inputs: Vec<Taken> = plan.needs.iter().filter_map(|need| taken(need.input, need.frame)).collect();
    inputs.sort_unstable();
    inputs.dedup();
    let work = Work::Render { reach: plan.domain, inputs };
    let (kind, source) = (Arc::clone(kind), NodeId(0));
    let node = Applied { kind, params, frame, mix: 1.0, source, domains, work, proxy }.node(values, &nodes, at);
    nodes.push(node);
    Ok(Graph { nodes, proxy })
}
