//! Painting a picture tile by tile: everything that is fused into it happens while the tile is in a core's own cache.
//!
//! Threads take bands of rows; within a band, tiles follow each other from the left. A layer whose pixels are there
//! already is read in place; any other is made for the tile, in memory that is used again and again. Each pixel goes
//! through the same operations in the same order in any tiling, so the bits depend on neither tiles nor threads.

mod paint;
mod pixels;
mod row;

use std::time::Instant;

use rayon::prelude::*;

use pixels::{add, mask, sample};

use super::graph::{Applied, Masked, NodeId, Op, Work};
use super::make::{Maker, Pictures};
use super::{Problem, RenderError};
use crate::image::scratch::Tile;
use crate::image::{Image, Rect, View, ViewMut};
use crate::plugin::{EffectType, Input, Services, Threads};

pub(super) use pixels::mix;

/// Size of a tile in pixels. Its bytes, and as many of a few layers, fit into the second-level cache of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileSize {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl TileSize {
    /// 128 KiB in rows as long as the picture's, if they are not longer than 64 KiB, and not more than eight of them: for
    /// pixels that are read in the order of memory, which is fastest where it goes on for long.
    fn long(width: usize) -> TileSize {
        let width = width.clamp(1, 4096);
        TileSize { width, height: (8192 / width).min(8) }
    }

    /// 128 KiB in short rows, for layers that are turned: what neighbouring rows read is near by.
    const SQUARE: TileSize = TileSize { width: 256, height: 32 };
}

/// What making tiles takes.
pub(super) struct Tiles<'a, 'm> {
    pub maker: &'m Maker<'a>,
    pub pictures: &'m Pictures<'a>,
}

/// The pixels of a picture for a tile: in place, or made for it.
enum Shown<'t> {
    InPlace(View<'t>),
    Made(Tile<'t>, Rect),
}

impl Shown<'_> {
    fn view(&self) -> View<'_> {
        match self {
            Shown::InPlace(view) => *view,
            Shown::Made(tile, window) => View::new(*window, tile),
        }
    }
}

impl<'a> Tiles<'a, '_> {
    /// Fills all of `output` with a picture.
    pub fn fill(&self, id: NodeId, output: &mut Image) -> Result<(), RenderError> {
        let window = output.window();
        if window.is_empty() {
            return Ok(());
        }
        let size = self.maker.options.tile.unwrap_or_else(|| self.size(id, window));
        let height = size.height.clamp(1, window.height());
        let pixels = output.values_mut().expect("a new image is not shared").as_chunks_mut::<4>().0;
        pixels.par_chunks_mut(window.width() * height).enumerate().try_for_each(|(band, pixels)| {
            // Both fit an `i32`, as the window does.
            let y0 = window.y0 + (band * height) as i32;
            let y1 = y0.saturating_add(height as i32).min(window.y1);
            let mut band = ViewMut::new(Rect { y0, y1, ..window }, pixels);
            let mut x0 = window.x0;
            while x0 < window.x1 {
                self.maker.check_abort(id)?;
                // A tile that is wider than any window is as wide as the window.
                let width = i32::try_from(size.width.max(1)).unwrap_or(i32::MAX);
                let x1 = x0.saturating_add(width).min(window.x1);
                self.make(id, &mut band.crop(Rect::new(x0, y0, x1, y1)), &mut View::none())?;
                x0 = x1;
            }
            Ok(())
        })
    }

    /// The size of tile that suits a picture.
    fn size(&self, id: NodeId, window: Rect) -> TileSize {
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            let op = &self.maker.graph.node(next).op;
            if matches!(op, Op::Place { placed, .. } if placed.shift().is_none()) {
                return TileSize::SQUARE;
            }
            // What is made whole is not made here, also where nothing of it was needed.
            open.extend(op.inputs().into_iter().filter(|input| !self.maker.plan.is_whole(*input)));
        }
        TileSize::long(window.width())
    }

    /// Fills a tile with a picture, transparent black where it has no pixels. `soon` is what is read next: who has the time
    /// takes it, and asks for it meanwhile.
    fn make(&self, id: NodeId, target: &mut ViewMut<'_>, soon: &mut View<'_>) -> Result<(), RenderError> {
        if let Some(view) = self.in_place(id) {
            target.copy_from(view.crop(target.window()));
            return Ok(());
        }
        let node = self.maker.graph.node(id);
        match &node.op {
            Op::Nothing | Op::File(..) | Op::Memory(_) | Op::Text(_) | Op::Reduce { .. } => {
                target.clear_outside(Rect::EMPTY)
            }
            Op::Fill(color) => {
                let seen = node.domain.intersect(&target.window());
                target.clear_outside(seen);
                let mut seen = target.crop(seen);
                (seen.window().y0..seen.window().y1).for_each(|y| seen.row_mut(y).fill(*color));
            }
            Op::Place { input, placed, .. } => match placed.shift() {
                Some((dx, dy)) => self.make(*input, &mut target.translated(-dx, -dy), soon)?,
                None => {
                    let start = Instant::now();
                    let seen = node.domain.intersect(&target.window());
                    target.clear_outside(seen);
                    if let Some(made) = &self.pictures[input.0] {
                        sample(placed, &made.image, &mut target.crop(seen));
                        self.maker.note("sample", id, start, seen.area() * 16);
                    } else {
                        target.clear_outside(Rect::EMPTY);
                    }
                }
            },
            Op::Colour { input, transform } => {
                self.make(*input, target, soon)?;
                let start = Instant::now();
                let mut seen = target.crop(node.domain.intersect(&target.window()));
                let window = seen.window();
                (window.y0..window.y1).for_each(|y| transform.apply(seen.row_mut(y)));
                self.maker.note("colour", id, start, window.area() * 16);
            }
            Op::Mean { inputs, of } => self.mean(inputs, *of, target)?,
            Op::Effect(effect) => self.effect(id, effect, target, soon)?,
            Op::Comp(stack) => self.paint(id, stack, target)?,
        }
        Ok(())
    }

    /// The picture as it lies in memory already, moved by whole pixels at most.
    fn in_place(&self, id: NodeId) -> Option<View<'_>> {
        if let Some(made) = &self.pictures[id.0] {
            return Some(View::from(&made.image));
        }
        match &self.maker.graph.node(id).op {
            Op::Nothing => Some(View::none()),
            Op::Place { input, placed, .. } => {
                let (dx, dy) = placed.shift()?;
                self.in_place(*input).map(|view| view.translate(dx, dy))
            }
            Op::Effect(effect) if effect.mix == 1.0 => match effect.work {
                Work::Pass(input) => self.in_place(input),
                Work::Render { .. } => None,
            },
            Op::Comp(stack) => self.in_place(stack.only()?),
            _ => None,
        }
    }

    /// The pixels that a picture has in `window`. For `soon` see [`make`](Self::make).
    fn shown(&self, id: NodeId, window: Rect, soon: &mut View<'_>) -> Result<Shown<'_>, RenderError> {
        if let Some(view) = self.in_place(id) {
            return Ok(Shown::InPlace(view.crop(window)));
        }
        let window = window.intersect(&self.maker.graph.node(id).domain);
        let mut tile = self.tile(id, window)?;
        self.make(id, &mut ViewMut::new(window, &mut tile), soon)?;
        Ok(Shown::Made(tile, window))
    }

    /// Memory for the pixels of a tile.
    fn tile(&self, id: NodeId, window: Rect) -> Result<Tile<'_>, RenderError> {
        let tile = usize::try_from(window.area()).ok().and_then(|pixels| self.maker.renderer.scratch.tile(pixels));
        tile.ok_or_else(|| self.no_memory(id, window))
    }

    fn no_memory(&self, id: NodeId, window: Rect) -> RenderError {
        let bytes = window.area().saturating_mul(16);
        self.maker.graph.node(id).at.error(Problem::Image(crate::image::ImageError::OutOfMemory { window, bytes }))
    }

    /// Runs a pixel-wise effect on a tile.
    fn effect(
        &self,
        id: NodeId,
        effect: &Applied,
        target: &mut ViewMut<'_>,
        soon: &mut View<'_>,
    ) -> Result<(), RenderError> {
        let Work::Render { reach, .. } = &effect.work else {
            let Work::Pass(input) = effect.work else { unreachable!("there are two kinds of work") };
            self.make(input, target, soon)?;
            if effect.mix < 1.0 {
                mix(target, self.shown(effect.source, target.window(), &mut View::none())?.view(), effect.mix);
            }
            return Ok(());
        };
        let row = self.row_of_effects(id, effect, target.window());
        if row.len() > 1 {
            return self.pass(&row, target, std::mem::replace(soon, View::none()));
        }
        let (maker, spec) = (self.maker, effect.kind.spec());
        let services = self.services(&effect.kind);
        let (setting, own) = (effect.setting(maker.graph), target.window().intersect(reach));
        let failed = |error| maker.graph.node(id).at.error(error);
        let start;
        if spec.traits.in_place && effect.mix == 1.0 && self.in_place(effect.source).is_none() {
            // Its source has to be made anyway: where the result goes.
            self.make(effect.source, target, soon)?;
            start = Instant::now();
            if !own.is_empty() {
                effect.kind.change(&effect.params, setting, target.crop(own), &services).map_err(failed)?;
            }
            target.clear_outside(own);
        } else {
            // Once for both, the effect and what is mixed in.
            let mixed = effect.mix < 1.0;
            let source = self.shown(effect.source, if mixed { target.window() } else { own }, soon)?;
            start = Instant::now();
            target.clear_outside(own);
            if !own.is_empty() {
                let pixels = source.view().crop(own);
                let input = Input { input: 0, frame: setting.frame, pixels, image: None };
                effect.kind.render(&effect.params, setting, &[input], target.crop(own), &services).map_err(failed)?;
            }
            if mixed {
                mix(target, source.view(), effect.mix);
            }
        }
        maker.note("effect", id, start, own.area() * 16);
        Ok(())
    }

    /// What an effect may ask of us while it works on a tile.
    fn services<'s>(&'s self, effect: &'s EffectType) -> Services<'s> {
        let maker = self.maker;
        let (stop, scratch) = (maker.stop, &maker.renderer.scratch);
        Services::new(&effect.spec().id, Threads::Caller, stop, scratch, maker.options.max_image_bytes)
    }

    /// The pixels that a layer has in `window`, times its matte.
    fn masked(&self, id: NodeId, matte: Masked, window: Rect, soon: &mut View<'_>) -> Result<Shown<'_>, RenderError> {
        let mut tile = self.tile(id, window)?;
        let mut target = ViewMut::new(window, &mut tile);
        self.make(id, &mut target, &mut View::none())?;
        mask(&mut target, self.shown(matte.pixels, window, soon)?.view(), matte);
        Ok(Shown::Made(tile, window))
    }

    /// Fills a tile with the mean of pictures, the sum of which `of` of them would make.
    fn mean(&self, inputs: &[NodeId], of: usize, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        target.clear_outside(Rect::EMPTY);
        for input in inputs {
            let shown = self.shown(*input, target.window(), &mut View::none())?;
            let view = shown.view();
            add(&mut target.crop(view.window()), view, 1.0 / of as f32);
        }
        Ok(())
    }
}
