//! Layers over each other: what of them is seen in a tile, and in which order rows are painted.

use std::time::Instant;

use playa_plugin_api::simd;

use super::{Shown, Tiles};
use crate::image::{Pixel, Rect, View, ViewMut};
use crate::render::RenderError;
use crate::render::blend::{BlendMode, blend_row, over, show_row};
use crate::render::graph::{NodeId, Op, Painted, Stack};

/// A layer ready to be painted.
struct Ready<'t> {
    pixels: Shown<'t>,
    layer: Painted,
    /// It is the lowest one: shown, not blended.
    lowest: bool,
}

impl Tiles<'_, '_> {
    /// Paints layers over each other.
    pub(super) fn paint(&self, id: NodeId, stack: &Stack, target: &mut ViewMut<'_>) -> Result<(), RenderError> {
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
            // What is made for this tile is made in memory that the next layer uses too, while it is in the cache.
            let mut soon = match stack.layers.get(index + 1 - usize::from(base.is_some())) {
                Some(above) => self.first_read(above.pixels, window),
                None => self.first_read(stack.layers[0].pixels, window.translate(window.width() as i32, 0)),
            };
            let pixels = match layer.matte {
                Some(matte) => self.masked(layer.pixels, matte, seen, &mut soon)?,
                None => self.shown(layer.pixels, seen, &mut soon)?,
            };
            let lowest = index == 0 && layer.mode.shows_alone();
            let made = matches!(pixels, Shown::Made(..));
            painting.ready.push(Ready { pixels, layer: *layer, lowest });
            if made {
                painting.paint(target, false, soon);
            }
        }
        painting.paint(target, self.is_lasting(id), View::none());
        if !painting.begun {
            target.clear_outside(Rect::EMPTY);
        }
        self.maker.note("paint", id, start, window.area() * 16);
        Ok(())
    }

    /// The pixels that lie in memory from which a picture is made first, in `window`; none where it takes more than that.
    fn first_read(&self, id: NodeId, window: Rect) -> View<'_> {
        match (self.in_place(id), &self.maker.graph.node(id).op) {
            (Some(view), _) => view.crop(window),
            (None, Op::Effect(effect)) => self.first_read(effect.source, window),
            (None, Op::Colour { input, .. }) => self.first_read(*input, window),
            (None, _) => View::none(),
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
