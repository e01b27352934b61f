//! A tile on its way through effects that hand it on in blocks.

use std::time::Instant;

use super::Tiles;
use crate::image::{Blocks, Rect, View, ViewMut};
use crate::plugin::Passage;
use crate::render::RenderError;
use crate::render::graph::{Applied, NodeId, Op, Work};

impl Tiles<'_, '_> {
    /// The effects that end with this one and hand on a tile over `window` in blocks, the last one first.
    pub(super) fn row_of_effects<'e>(
        &'e self,
        id: NodeId,
        effect: &'e Applied,
        window: Rect,
    ) -> Vec<(NodeId, &'e Applied)> {
        let graph = self.maker.graph;
        let takes_part = |id: NodeId, effect: &Applied| {
            let whole = matches!(effect.work, Work::Render { reach, .. } if reach.contains_rect(&window));
            whole && effect.mix == 1.0 && effect.kind.spec().traits.blocks && graph.is_pixel_wise(id)
        };
        let mut row = Vec::new();
        let mut next = Some((id, effect));
        while let Some((id, effect)) = next.filter(|(id, effect)| takes_part(*id, effect)) {
            row.push((id, effect));
            next = match &graph.node(effect.source).op {
                Op::Effect(before) if self.in_place(effect.source).is_none() => Some((effect.source, before)),
                _ => None,
            };
        }
        row
    }

    /// Sends a tile through effects, the last of which is the first here: taken apart by one end, put together by the other.
    /// What is read next is asked for by the last.
    pub(super) fn pass(
        &self,
        row: &[(NodeId, &Applied)],
        target: &mut ViewMut<'_>,
        soon: View<'_>,
    ) -> Result<(), RenderError> {
        let (maker, window) = (self.maker, target.window());
        let (first, last) = (row.len() - 1, 0);
        let source = row[first].1.source;
        let shown = self.in_place(source);
        if shown.is_none() {
            self.make(source, target, &mut View::none())?;
        }
        let memory = Blocks::length(window).and_then(|values| maker.renderer.scratch.tile(values.div_ceil(4)));
        let mut memory = memory.ok_or_else(|| self.no_memory(row[first].0, window))?;
        let mut blocks = Blocks::new(window, memory.as_flattened_mut());
        for (place, &(id, effect)) in row.iter().enumerate().rev() {
            let start = Instant::now();
            let passage = if place == first {
                Passage::In(shown.unwrap_or(target.as_view()).crop(window), &mut blocks)
            } else if place == last {
                Passage::Out(&mut blocks, target.crop(window), soon)
            } else {
                Passage::Through(&mut blocks)
            };
            let result =
                effect.kind.pass(&effect.params, effect.setting(maker.graph), passage, &self.services(&effect.kind));
            result.map_err(|error| maker.graph.node(id).at.error(error))?;
            maker.note("effect", id, start, window.area() * 16);
        }
        Ok(())
    }
}
