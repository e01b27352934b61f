//! Painting a picture tile by tile: everything that is fused into it happens while the tile is in a core's own cache.
//!
//! Threads take bands of rows; within a band, tiles follow each other from the left. A layer whose pixels are there
//! already is read in place; any other is made for the tile, in memory that is used again and again. Each pixel goes
//! through the same operations in the same order in any tiling, so the bits depend on neither tiles nor threads.

use std::time::Instant;

use playa_plugin_api::simd;
use rayon::prelude::*;

use super::blend::{BlendMode, blend_row, over, show_row};
use super::graph::{Applied, Masked, NodeId, Op, Painted, Stack, Work};
use super::make::{Maker, Pictures};
use super::{Problem, RenderError};
use crate::image::scratch::Tile;
use crate::image::{Blocks, Image, Pixel, Rect, View, ViewMut};
use crate::plugin::{EffectType, Input, Passage, Services, Threads};
use crate::project::MatteChannel;

/// Size of a tile in pixels. Its bytes, and as many of a few layers, fit into the second-level cache of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileSize {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl TileSize {
    /// 128 KiB in long rows, for pixels that are read in the order of memory.
    const LONG: TileSize = TileSize { width: 1024, height: 8 };

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

/// A layer ready to be painted.
struct Ready<'t> {
    pixels: Shown<'t>,
    layer: Painted,
    /// It is the lowest one: shown, not blended.
    lowest: bool,
}

impl<'a> Tiles<'a, '_> {
    /// Fills all of `output` with a picture.
    pub fn fill(&self, id: NodeId, output: &mut Image) -> Result<(), RenderError> {
        let window = output.window();
        if window.is_empty() {
            return Ok(());
        }
        let size = self.maker.options.tile.unwrap_or_else(|| self.size(id));
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
                self.make(id, &mut band.crop(Rect::new(x0, y0, x1, y1)))?;
                x0 = x1;
            }
            Ok(())
        })
    }

    /// The size of tile that suits a picture.
    fn size(&self, id: NodeId) -> TileSize {
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            let op = &self.maker.graph.node(next).op;
            if matches!(op, Op::Place { placed, .. } if placed.shift().is_none()) {
                return TileSize::SQUARE;
            }
            // What is made whole is not made here, also where nothing of it was needed.
            open.extend(op.inputs().into_iter().filter(|input| !self.maker.plan.is_whole(*input)));
        }
        TileSize::LONG
    }

    /// Fills a tile with a picture, transparent black where it has no pixels.
    fn make(&self, id: NodeId, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        if let Some(view) = self.in_place(id) {
            target.copy_from(view.crop(target.window()));
            return Ok(());
        }
        let node = self.maker.graph.node(id);
        match &node.op {
            Op::Nothing | Op::File(..) | Op::Memory(_) | Op::Text(_) => target.clear_outside(Rect::EMPTY),
            Op::Fill(color) => {
                let seen = node.domain.intersect(&target.window());
                target.clear_outside(seen);
                let mut seen = target.crop(seen);
                (seen.window().y0..seen.window().y1).for_each(|y| seen.row_mut(y).fill(*color));
            }
            Op::Place { input, placed, .. } => match placed.shift() {
                Some((dx, dy)) => self.make(*input, &mut target.translated(-dx, -dy))?,
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
                self.make(*input, target)?;
                let start = Instant::now();
                let mut seen = target.crop(node.domain.intersect(&target.window()));
                let window = seen.window();
                (window.y0..window.y1).for_each(|y| transform.apply(seen.row_mut(y)));
                self.maker.note("colour", id, start, window.area() * 16);
            }
            Op::Mean { inputs, of } => self.mean(inputs, *of, target)?,
            Op::Effect(effect) => self.effect(id, effect, target)?,
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
            Op::Nothing => Some(View::new(Rect::EMPTY, &[])),
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

    /// The pixels that a picture has in `window`.
    fn shown(&self, id: NodeId, window: Rect) -> Result<Shown<'_>, RenderError> {
        if let Some(view) = self.in_place(id) {
            return Ok(Shown::InPlace(view.crop(window)));
        }
        let window = window.intersect(&self.maker.graph.node(id).domain);
        let mut tile = self.tile(id, window)?;
        self.make(id, &mut ViewMut::new(window, &mut tile))?;
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
    fn effect(&self, id: NodeId, effect: &Applied, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        let Work::Render { reach, .. } = &effect.work else {
            let Work::Pass(input) = effect.work else { unreachable!("there are two kinds of work") };
            self.make(input, target)?;
            if effect.mix < 1.0 {
                mix(target, self.shown(effect.source, target.window())?.view(), effect.mix);
            }
            return Ok(());
        };
        let row = self.row_of_effects(id, effect, target.window());
        if row.len() > 1 {
            return self.pass(&row, target);
        }
        let (maker, spec) = (self.maker, effect.kind.spec());
        let services = self.services(&effect.kind);
        let (setting, own) = (effect.setting(maker.graph), target.window().intersect(reach));
        let failed = |error| maker.graph.node(id).at.error(error);
        let start;
        if spec.traits.in_place && effect.mix == 1.0 && self.in_place(effect.source).is_none() {
            // Its source has to be made anyway: where the result goes.
            self.make(effect.source, target)?;
            start = Instant::now();
            if !own.is_empty() {
                effect.kind.change(&effect.params, setting, target.crop(own), &services).map_err(failed)?;
            }
            target.clear_outside(own);
        } else {
            // Once for both, the effect and what is mixed in.
            let mixed = effect.mix < 1.0;
            let source = self.shown(effect.source, if mixed { target.window() } else { own })?;
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

    /// The effects that end with this one and hand on a tile over `window` in blocks, the last one first.
    fn row_of_effects<'e>(&'e self, id: NodeId, effect: &'e Applied, window: Rect) -> Vec<(NodeId, &'e Applied)> {
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
    fn pass(&self, row: &[(NodeId, &Applied)], target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        let (maker, window) = (self.maker, target.window());
        let (first, last) = (row.len() - 1, 0);
        let source = row[first].1.source;
        let shown = self.in_place(source);
        if shown.is_none() {
            self.make(source, target)?;
        }
        let memory = Blocks::length(window).and_then(|values| maker.renderer.scratch.tile(values.div_ceil(4)));
        let mut memory = memory.ok_or_else(|| self.no_memory(row[first].0, window))?;
        let mut blocks = Blocks::new(window, memory.as_flattened_mut());
        for (place, &(id, effect)) in row.iter().enumerate().rev() {
            let start = Instant::now();
            let passage = if place == first {
                Passage::In(shown.unwrap_or(target.as_view()).crop(window), &mut blocks)
            } else if place == last {
                Passage::Out(&mut blocks, target.crop(window))
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

    /// What an effect may ask of us while it works on a tile.
    fn services<'s>(&'s self, effect: &'s EffectType) -> Services<'s> {
        let maker = self.maker;
        let (stop, scratch) = (maker.stop, &maker.renderer.scratch);
        Services::new(&effect.spec().id, Threads::Caller, stop, scratch, maker.options.max_image_bytes)
    }

    /// Paints layers over each other.
    fn paint(&self, id: NodeId, stack: &Stack, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        let (window, start) = (target.window(), Instant::now());
        let mut painting = Painting { begun: false, ready: Vec::new() };
        // What the lower layers made is the lowest one.
        let base = stack.base.map(|pixels| Painted { pixels, mode: BlendMode::Normal, opacity: 1.0, matte: None });
        let hidden = self.first_seen(stack, window).map_or(0, |first| first + usize::from(base.is_some()));
        for (index, layer) in base.iter().chain(&stack.layers).enumerate().skip(hidden) {
            let seen = self.maker.graph.node(layer.pixels).domain.intersect(&window);
            if seen.is_empty() && layer.mode.keeps_backdrop_where_clear() {
                continue;
            }
            let pixels = match layer.matte {
                Some(matte) => self.masked(layer.pixels, matte, seen)?,
                None => self.shown(layer.pixels, seen)?,
            };
            let lowest = index == 0 && layer.mode.shows_alone();
            let made = matches!(pixels, Shown::Made(..));
            painting.ready.push(Ready { pixels, layer: *layer, lowest });
            if made {
                // Its memory is for the next layer to use, while it is in the cache.
                let soon = match stack.layers.get(index + 1 - usize::from(base.is_some())) {
                    Some(above) => self.first_read(above.pixels, window),
                    None => self.first_read(stack.layers[0].pixels, window.translate(window.width() as i32, 0)),
                };
                painting.paint(target, false, soon);
            }
        }
        painting.paint(target, self.is_lasting(id), View::new(Rect::EMPTY, &[]));
        if !painting.begun {
            target.clear_outside(Rect::EMPTY);
        }
        self.maker.note("paint", id, start, window.area() * 16);
        Ok(())
    }

    /// The pixels that a layer has in `window`, times its matte.
    fn masked(&self, id: NodeId, matte: Masked, window: Rect) -> Result<Shown<'_>, RenderError> {
        let mut tile = self.tile(id, window)?;
        let mut target = ViewMut::new(window, &mut tile);
        self.make(id, &mut target)?;
        mask(&mut target, self.shown(matte.pixels, window)?.view(), matte);
        Ok(Shown::Made(tile, window))
    }

    /// Fills a tile with the mean of pictures, the sum of which `of` of them would make.
    fn mean(&self, inputs: &[NodeId], of: usize, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
        target.clear_outside(Rect::EMPTY);
        for input in inputs {
            let shown = self.shown(*input, target.window())?;
            let view = shown.view();
            add(&mut target.crop(view.window()), view, 1.0 / of as f32);
        }
        Ok(())
    }

    /// The pixels that lie in memory from which a picture is made first, in `window`; none where it takes more than that.
    fn first_read(&self, id: NodeId, window: Rect) -> View<'_> {
        match (self.in_place(id), &self.maker.graph.node(id).op) {
            (Some(view), _) => view.crop(window),
            (None, Op::Effect(effect)) => self.first_read(effect.source, window),
            (None, Op::Colour { input, .. }) => self.first_read(*input, window),
            (None, _) => View::new(Rect::EMPTY, &[]),
        }
    }

    /// Whether a picture goes to memory and is not read again while it might be in a cache.
    fn is_lasting(&self, id: NodeId) -> bool {
        /// More than a core has for itself.
        const LARGE: u64 = 16 << 20;
        id == self.maker.graph.output() && self.maker.graph.node(id).canvas.area() * 16 >= LARGE
    }

    /// The lowest layer of which anything is seen in `window`, where it hides all below it, the base too.
    fn first_seen(&self, stack: &Stack, window: Rect) -> Option<usize> {
        let hides = |layer: &Painted| {
            let node = self.maker.graph.node(layer.pixels);
            layer.hides_what_is_below()
                && node.domain.contains_rect(&window)
                && (node.opaque || self.in_place(layer.pixels).is_some_and(|view| is_opaque(view.crop(window), window)))
        };
        stack.layers.iter().rposition(hides)
    }
}

/// A tile being painted.
struct Painting<'t> {
    /// There is something in the tile already.
    begun: bool,
    /// Layers to paint next, from the lowest one up.
    ready: Vec<Ready<'t>>,
}

impl Painting<'_> {
    /// Paints the layers that are ready: all of them in a row, then the next row, so that the row stays in the nearest
    /// cache meanwhile. `lasting` says that nobody reads the pixels soon, and `soon` is what is read next.
    fn paint(&mut self, target: &mut ViewMut<'_>, lasting: bool, soon: View<'_>) {
        if self.ready.is_empty() {
            return;
        }
        let window = target.window();
        let layers: Vec<(View<'_>, &Ready<'_>)> = self.ready.iter().map(|ready| (ready.pixels.view(), ready)).collect();
        let plain = |(view, ready): &&(View<'_>, &Ready<'_>)| {
            ready.layer.mode == BlendMode::Normal && view.window() == window && !window.is_empty()
        };
        let mut rows: Vec<over::Layer<'_>> = Vec::with_capacity(layers.len());
        for y in window.y0..window.y1 {
            let row = target.row_mut(y);
            let shown = layers[0].1.lowest && plain(&&layers[0]);
            if !self.begun && !shown {
                row.fill([0.0; 4]);
            }
            let mut rest = &layers[..];
            while let Some(next) = rest.first() {
                let run = rest.iter().take_while(plain).count();
                let over_nothing = shown && !self.begun && rest.len() == layers.len();
                if run == 0 {
                    paint_row(row, window, y, next);
                } else {
                    rows.clear();
                    rows.extend(rest[..run].iter().map(|(view, ready)| (view.row(y), ready.layer.opacity)));
                    let lasting = lasting && over_nothing && run == layers.len();
                    over::paint(row, over_nothing, &rows, lasting, soon.row_or_empty(y));
                }
                rest = &rest[run.max(1)..];
            }
        }
        self.begun = true;
        self.ready.clear();
    }
}

/// Paints the row `y` of one layer over what lies below.
fn paint_row(row: &mut [Pixel], window: Rect, y: i32, (view, ready): &(View<'_>, &Ready<'_>)) {
    let (seen, layer) = (view.window(), ready.layer);
    let within = !seen.is_empty() && seen.y0 <= y && y < seen.y1;
    let (x0, x1) = if within { (seen.x0 - window.x0, seen.x1 - window.x0) } else { (0, 0) };
    let (x0, x1) = (x0 as usize, x1 as usize);
    if !layer.mode.keeps_backdrop_where_clear() {
        row[..x0].fill([0.0; 4]);
        row[x1..].fill([0.0; 4]);
    }
    if !within {
        return;
    }
    let (part, pixels) = (&mut row[x0..x1], view.row(y));
    simd::dispatch(
        #[inline(always)]
        || {
            if ready.lowest {
                show_row(part, pixels, layer.opacity);
            } else {
                blend_row(layer.mode, part, pixels, layer.opacity);
            }
        },
    );
}

/// Whether a view has a pixel everywhere in `window`, and alpha 1 in all of them.
fn is_opaque(view: View<'_>, window: Rect) -> bool {
    let row_is = |y| {
        let row: &[Pixel] = view.row(y);
        // The ends first: a layer that is not opaque mostly shows it there.
        let ends = row.first().is_some_and(|pixel| pixel[3] == 1.0) && row.last().is_some_and(|pixel| pixel[3] == 1.0);
        ends && row.chunks(64).all(|pixels| pixels.iter().fold(true, |all, pixel| all & (pixel[3] == 1.0)))
    };
    view.window() == window && (window.y0..window.y1).all(row_is)
}

fn sample(placed: &super::sample::Placed, image: &Image, target: &mut ViewMut<'_>) {
    let window = target.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                placed.sample_row(image, Rect { y0: y, y1: y + 1, ..window }, target.row_mut(y));
            }
        },
    );
}

/// Multiplies pixels by the matte at their place. A matte is 0 outside its window, and counts from 0 to 1.
fn mask(target: &mut ViewMut<'_>, matte: View<'_>, Masked { channel, invert, .. }: Masked) {
    let (window, seen) = (target.window(), matte.window());
    let value = |[r, g, b, a]: Pixel| match channel {
        MatteChannel::Alpha => a,
        MatteChannel::Luminance => 0.2126 * r + 0.7152 * g + 0.0722 * b,
        MatteChannel::Red => r,
        MatteChannel::Green => g,
        MatteChannel::Blue => b,
    };
    let share = |pixel: Pixel| {
        let value = value(pixel);
        // What is no number compares false, and is nothing.
        let share = if value > 0.0 { if value < 1.0 { value } else { 1.0 } } else { 0.0 };
        if invert { 1.0 - share } else { share }
    };
    for y in window.y0..window.y1 {
        let row = target.row_mut(y);
        let within = !seen.is_empty() && seen.y0 <= y && y < seen.y1;
        let (x0, x1) = if within { (seen.x0 - window.x0, seen.x1 - window.x0) } else { (0, 0) };
        let (x0, x1) = (x0 as usize, x1 as usize);
        if !invert {
            row[..x0].fill([0.0; 4]);
            row[x1..].fill([0.0; 4]);
        }
        if within {
            for (pixel, matte) in row[x0..x1].iter_mut().zip(matte.row(y)) {
                let share = share(*matte);
                // What is not seen has no part, infinity and NaN included.
                *pixel = if share == 0.0 { [0.0; 4] } else { pixel.map(|value| value * share) };
            }
        }
    }
}

/// Adds a picture, times `weight`, over all of its window.
fn add(target: &mut ViewMut<'_>, picture: View<'_>, weight: f32) {
    let window = picture.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                let pairs = target.row_mut(y).as_flattened_mut().iter_mut().zip(picture.row(y).as_flattened());
                pairs.for_each(
                    #[inline(always)]
                    |(sum, value)| *sum += value * weight,
                );
            }
        },
    );
}

/// Makes of `result` what is seen of it at `mix`, with the source for the rest: `result * mix + source * (1 - mix)`. The
/// source is transparent black outside its window.
pub(super) fn mix(result: &mut ViewMut<'_>, source: View<'_>, mix: f32) {
    let (window, part) = (result.window(), source.crop(result.window()));
    let seen = part.window();
    simd::dispatch(
        #[inline(always)]
        || {
            for y in window.y0..window.y1 {
                let row = result.row_mut(y);
                row.as_flattened_mut().iter_mut().for_each(|value| *value *= mix);
                if !seen.is_empty() && seen.y0 <= y && y < seen.y1 {
                    let row = &mut row[(seen.x0 - window.x0) as usize..(seen.x1 - window.x0) as usize];
                    let sources = part.row(y).as_flattened();
                    for (value, source) in row.as_flattened_mut().iter_mut().zip(sources) {
                        *value += source * (1.0 - mix);
                    }
                }
            }
        },
    );
}
