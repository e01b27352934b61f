//! Which pixels of each picture are needed, which of them the cache has, and so what has to be made at all.

use std::time::Instant;

use playa_plugin_api::{Need, Rect};

use super::RenderError;
use super::cache::Cache;
use super::graph::{NodeId, Op, Work};
use super::make::{Counts, Made, Maker, Pictures};

/// What is needed of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub window: Rect,
    /// The last picture made whole that reads it.
    pub until: NodeId,
}

impl<'a> Maker<'a> {
    /// Which pixels of each picture are needed for `region` of the output. What is there, in the cache if that is asked, is
    /// put into `pictures`, and needs nothing more.
    pub fn wanted(&self, region: Rect, cached: bool, pictures: &mut Pictures<'a>) -> Result<Vec<Wanted>, RenderError> {
        let output = self.graph.output();
        let mut all = vec![Wanted { window: Rect::EMPTY, until: NodeId(0) }; self.graph.nodes.len()];
        all[output.0].window = region;
        for id in (0..self.graph.nodes.len()).rev().map(NodeId) {
            let Wanted { window, until } = all[id.0];
            if window.is_empty() {
                continue;
            }
            let reader = if self.plan.is_whole(id) { id } else { until };
            if self.plan.is_whole(id)
                && let Some(made) = self.known(id, window, cached)
            {
                pictures[id.0] = Some(made);
                continue;
            }
            self.needs(id, window, |input, rect| {
                let Wanted { window, until } = &mut all[input.0];
                *window = window.union(&rect.intersect(&self.graph.node(input).domain));
                *until = reader.max(*until);
            })?;
        }
        Ok(all)
    }

    /// The picture, if it needs not be made.
    fn known(&self, id: NodeId, window: Rect, cached: bool) -> Option<Made<'a>> {
        let node = self.graph.node(id);
        if let Op::Memory(frame) = &node.op {
            return Some(Made { image: frame.image.clone(), counts: Counts::Not });
        }
        let (image, held) = self.cache_for(id).filter(|_| cached)?.get(node.key, window)?;
        Some(Made { image, counts: Counts::Kept(held) })
    }

    /// Counts and notes what the cache had for the frame, and how much it had not: once, however often it was looked for.
    pub fn count(&self, wanted: &[Wanted], pictures: &Pictures<'a>) {
        let looked_for = |id: &NodeId| {
            let asked = self.plan.is_whole(*id) && !wanted[id.0].window.is_empty();
            asked && self.cache_for(*id).is_some()
        };
        self.counted.call_once(|| {
            let (mut found, mut missed) = (Vec::new(), 0);
            for id in (0..wanted.len()).map(NodeId).filter(looked_for) {
                match pictures[id.0].as_ref().map(|made| &made.counts) {
                    Some(Counts::Kept(held)) => {
                        self.note("cached", id, Instant::now(), 0);
                        found.push(held);
                    }
                    // It is in memory anyway.
                    Some(_) => {}
                    None => missed += 1,
                }
            }
            self.options.timing.iter().for_each(|timing| timing.add_found(found.len(), missed));
            self.renderer.cache.count(found, missed);
        });
    }

    /// Where a picture is looked for and kept, if it is. A comp that shows one whole picture as it is has nothing of its
    /// own: to keep it would count that picture twice, or hold on to memory that is a user's.
    pub fn cache_for(&self, id: NodeId) -> Option<&'a Cache> {
        let borrowed = only(&self.graph.node(id).op).is_some_and(|only| self.plan.is_whole(only));
        (self.options.cache && !borrowed).then_some(&self.renderer.cache)
    }

    /// Tells which pixels of its inputs filling `window` of a picture takes.
    fn needs(&self, id: NodeId, window: Rect, mut need: impl FnMut(NodeId, Rect)) -> Result<(), RenderError> {
        match &self.graph.node(id).op {
            Op::Nothing | Op::File(..) | Op::Memory(_) | Op::Fill(_) | Op::Text(_) => {}
            Op::Reduce { input, .. } => need(*input, self.graph.proxy.full(window)),
            Op::Colour { input, .. } => need(*input, window),
            Op::Place { input, placed, .. } => need(*input, placed.source_window(window)),
            Op::Mean { inputs, .. } => inputs.iter().for_each(|input| need(*input, window)),
            Op::Effect(effect) => {
                if effect.mix < 1.0 {
                    need(effect.source, window);
                }
                match &effect.work {
                    Work::Pass(input) => need(*input, window),
                    Work::Render { reach, .. } if self.graph.is_pixel_wise(id) => {
                        need(effect.source, window.intersect(reach));
                    }
                    Work::Render { .. } => {
                        for (input, Need { rect, .. }) in self.graph.needs(id, effect, window)? {
                            need(input, rect);
                        }
                    }
                }
            }
            Op::Comp(stack) => {
                for layer in stack.layers.iter().rev() {
                    need(layer.pixels, window);
                    layer.matte.iter().for_each(|matte| need(matte.pixels, window));
                    let node = self.graph.node(layer.pixels);
                    if layer.hides_what_is_below() && node.opaque && node.domain.contains_rect(&window) {
                        return Ok(());
                    }
                }
                stack.base.iter().for_each(|base| need(*base, window));
            }
        }
        Ok(())
    }
}

/// The picture that a comp shows as it is, and nothing else.
pub(super) fn only(op: &Op<'_>) -> Option<NodeId> {
    match op {
        Op::Comp(stack) => stack.only(),
        _ => None,
    }
}
