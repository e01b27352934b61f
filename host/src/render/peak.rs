//! How much memory a frame takes at most while it is made, known before it begins.

use playa_plugin_api::Rect;

use super::graph::{NodeId, Op};
use super::make::{Maker, Pictures};
use super::plan::Making;
use super::wanted::{Wanted, only};

/// Bytes at the moment when they are the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Peak {
    /// Of the pictures that are to be made: certain.
    pub pictures: u64,
    /// Of what reading files and effects that look around may take beside them: as much as their own pictures, which is
    /// a guess. And of the glyphs of texts.
    pub scratch: u64,
}

impl<'a> Maker<'a> {
    /// Goes through the pictures in the order in which they are made and let go.
    pub fn peak(&self, region: Rect, wanted: &[Wanted], pictures: &Pictures<'a>) -> Peak {
        let output = self.graph.output();
        let made = |id: NodeId| {
            let asked = !wanted[id.0].window.is_empty() || id == output;
            self.plan.is_whole(id) && pictures[id.0].is_none() && asked
        };
        // A comp that shows one picture as it is has the memory of that.
        let shown = |op: &Op<'_>| only(op).filter(|only| self.plan.is_whole(*only));
        let bytes: Vec<u64> = (0..wanted.len())
            .map(NodeId)
            .map(|id| match &self.graph.node(id).op {
                _ if !made(id) => 0,
                Op::File(..) => area(self.graph.node(id).domain),
                op if shown(op).is_some_and(|only| self.window(only, wanted, pictures) == wanted[id.0].window) => 0,
                _ => area(wanted[id.0].window),
            })
            .collect();
        let is_file = |id: NodeId| matches!(self.graph.node(id).op, Op::File(..));
        let sum = |bytes: &mut dyn Iterator<Item = u64>| bytes.fold(0, u64::saturating_add);
        let mut now = sum(&mut (0..wanted.len()).filter(|id| is_file(NodeId(*id))).map(|id| bytes[id]));
        let (mut most, mut with_scratch) = (now, now.saturating_mul(2));
        for id in (0..wanted.len()).map(NodeId) {
            if !is_file(id) {
                now = now.saturating_add(bytes[id.0]);
            }
            let beside = match &self.graph.node(id).op {
                _ if bytes[id.0] == 0 => 0,
                Op::Text(text) => text.typeset.glyph_bytes(wanted[id.0].window),
                _ if self.plan.making(id) == Making::Wide => bytes[id.0],
                _ => 0,
            };
            most = most.max(now);
            with_scratch = with_scratch.max(now.saturating_add(beside));
            let gone = (0..id.0).filter(|input| wanted[*input].until == id);
            now = now.saturating_sub(sum(&mut gone.map(|input| bytes[input])));
        }
        // Where the output has other pixels than those asked for, these are copied.
        let known = pictures[output.0].as_ref().map(|made| made.image.window());
        if let Some(window) =
            known.or(shown(&self.graph.node(output).op).map(|only| self.window(only, wanted, pictures)))
            && window != region
        {
            most = most.max(now.saturating_add(area(region)));
        }
        Peak { pictures: most, scratch: with_scratch.max(most) - most }
    }

    /// Where a picture has pixels, or will have.
    fn window(&self, id: NodeId, wanted: &[Wanted], pictures: &Pictures<'a>) -> Rect {
        match (&pictures[id.0], &self.graph.node(id).op) {
            (Some(made), _) => made.image.window(),
            (None, Op::File(..)) => self.graph.node(id).domain,
            (None, _) => wanted[id.0].window,
        }
    }
}

fn area(window: Rect) -> u64 {
    window.area().saturating_mul(16)
}
