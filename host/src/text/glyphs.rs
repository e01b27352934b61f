//! The pixels of one glyph: how much of each pixel it covers, or its own colours.

use std::cell::RefCell;
use std::sync::LazyLock;

use swash::scale::outline::Outline;
use swash::scale::{ScaleContext, Scaler, StrikeWith};
use swash::zeno::{Bounds, Mask, Origin, Placement, Vector};
use swash::{FontRef, Tag};

use super::fonts::Face;
use crate::image::{Pixel, Rect};
use crate::media::colour::srgb_to_linear;

/// A glyph at a size, and at a place within a pixel: everything its pixels depend on but the colour of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// Which of the fonts of the text.
    pub face: usize,
    pub glyph: u16,
    /// Bits of its size in pixels per em.
    size: u32,
    /// From the left edge and the upper edge of a pixel, in quarters.
    quarters: [u8; 2],
}

/// What a glyph is drawn with.
enum Drawing {
    /// Layers of one colour each, over each other: an outline has one, in the colour of the text.
    Layers(Outline),
    /// A picture: pixels over a window in pixels of the picture, and how many pixels of the text one of them is.
    Picture(Vec<Pixel>, Rect, f32),
}

/// The pixels that a glyph may touch around its origin, and the bytes that it takes to draw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub window: Rect,
    pub bytes: u64,
}

/// The pixels of a glyph around its origin. Row 0 is below the origin.
pub(super) struct Drawn {
    pub window: Rect,
    pub pixels: Pixels,
}

/// What a glyph does to pixels.
pub(super) enum Pixels {
    /// It covers so many 255ths of them.
    Covered(Vec<u8>),
    /// It has colours of its own, premultiplied.
    Coloured(Vec<Pixel>),
}

impl Shape {
    /// The glyph with its origin at a place, at a quarter of a pixel, and the pixel of that place.
    pub fn at(face: usize, glyph: u16, size: f32, x: f32, y: f32) -> (Self, i32, i32) {
        let [(x, left), (y, down)] = [x, y].map(quarters);
        (Self { face, glyph, size: size.to_bits(), quarters: [left, down] }, x, y)
    }

    fn size(&self) -> f32 {
        f32::from_bits(self.size)
    }

    /// Its place within a pixel, counted to the right and up.
    fn offset(&self) -> Vector {
        let [left, down] = self.quarters.map(|quarters| f32::from(quarters) / 4.0);
        Vector::new(left, -down)
    }

    /// How large it is; empty if it shows nothing.
    pub fn extent(&self, faces: &[Face]) -> Extent {
        let extent = self.drawing(faces, |drawing, _| match drawing {
            Drawing::Layers(outline) if outline.points().is_empty() => (Rect::EMPTY, 0),
            Drawing::Layers(outline) => {
                (around(outline.bounds(), self.offset()), if outline.is_color() { size_of::<Pixel>() } else { 1 })
            }
            Drawing::Picture(_, window, scale) => (self.picture_window(window, scale), size_of::<Pixel>()),
        });
        let (window, each) = extent.unwrap_or((Rect::EMPTY, 0));
        Extent { window, bytes: window.area().saturating_mul(each as u64) }
    }

    /// Its pixels, in a text of this straight colour.
    pub fn draw(&self, faces: &[Face], ink: [f32; 3]) -> Option<Drawn> {
        self.drawing(faces, |drawing, font| match drawing {
            Drawing::Layers(outline) if outline.is_color() => {
                let palette = font.color_palettes().next();
                let window = around(outline.bounds(), self.offset());
                let mut pixels = vec![[0.0; 4]; window.area() as usize];
                for layer in (0..outline.len()).filter_map(|index| outline.get(index)) {
                    let colour = layer.color_index().and_then(|index| Some(palette.as_ref()?.get(index)));
                    let colour = colour.map_or([ink[0], ink[1], ink[2], 1.0], linear);
                    let (mask, placement) = self.mask(layer.path());
                    put_layer(&mut pixels, window, &mask, of_placement(placement), colour);
                }
                Drawn { window, pixels: Pixels::Coloured(pixels) }
            }
            Drawing::Layers(outline) => {
                let (mask, placement) = self.mask(outline.path());
                Drawn { window: of_placement(placement), pixels: Pixels::Covered(mask) }
            }
            Drawing::Picture(pixels, from, scale) => {
                let window = self.picture_window(from, scale);
                let offset = self.offset();
                let pixels = resize(&pixels, from, [offset.x, -offset.y], scale, window);
                Drawn { window, pixels: Pixels::Coloured(pixels) }
            }
        })
    }

    fn mask(&self, path: impl swash::zeno::PathData) -> (Vec<u8>, Placement) {
        let mut covered = Vec::new();
        let placement = Mask::new(path)
            .origin(Origin::BottomLeft)
            .offset(self.offset())
            .render_offset(self.offset())
            .inspect(|format, width, height| covered.resize(format.buffer_size(width, height), 0))
            .render_into(&mut covered, None);
        (covered, placement)
    }

    fn picture_window(&self, window: Rect, scale: f32) -> Rect {
        let (offset, scaled) = (self.offset(), |v: i32| v as f32 * scale);
        let min = Vector::new(scaled(window.x0) + offset.x, scaled(window.y0) - offset.y);
        let max = Vector::new(scaled(window.x1) + offset.x, scaled(window.y1) - offset.y);
        outwards([min.x, min.y, max.x, max.y])
    }

    /// Hands over what the glyph is drawn with, and its font.
    fn drawing<T>(&self, faces: &[Face], then: impl FnOnce(Drawing, FontRef<'_>) -> T) -> Option<T> {
        thread_local! {
            static CONTEXT: RefCell<ScaleContext> = RefCell::new(ScaleContext::new());
        }
        let font = faces.get(self.face)?.font();
        CONTEXT.with_borrow_mut(|context| {
            let coloured = scaler(context, font, self.size()).scale_color_outline(self.glyph);
            let drawing = match coloured {
                Some(outline) => Some(Drawing::Layers(outline)),
                None => match picture(&mut scaler(context, font, 0.0), font, self.glyph, self.size()) {
                    Some(picture) => Some(picture),
                    None => scaler(context, font, self.size()).scale_outline(self.glyph).map(Drawing::Layers),
                },
            };
            drawing.map(|drawing| then(drawing, font))
        })
    }
}

/// A font at a size, not hinted. A variable font is regular.
fn scaler<'c>(context: &'c mut ScaleContext, font: FontRef<'c>, size: f32) -> Scaler<'c> {
    let builder = context.builder(font).size(size).hint(false);
    let weight = font.variations().find_by_tag(Tag::from_be_bytes(*b"wght"));
    match weight {
        None => builder.build(),
        Some(weight) => {
            let regular = 400.0_f32.clamp(weight.min_value(), weight.max_value());
            builder.normalized_coords(font.variations().normalized_coords([(weight.tag(), regular)])).build()
        }
    }
}

/// The largest picture that a font has for a glyph.
fn picture(scaler: &mut Scaler<'_>, font: FontRef<'_>, glyph: u16, size: f32) -> Option<Drawing> {
    if !scaler.has_color_bitmaps() {
        return None;
    }
    let per_em = font.color_strikes().find_by_largest_ppem(glyph)?.ppem();
    let image = scaler.scale_color_bitmap(glyph, StrikeWith::LargestSize)?;
    let premultiplied = |pixel: &[u8; 4]| {
        let [r, g, b, a] = linear(*pixel);
        [r * a, g * a, b * a, a]
    };
    let pixels: Vec<Pixel> = image.data.as_chunks().0.iter().map(premultiplied).collect();
    let window = of_placement(image.placement);
    let whole = per_em > 0 && pixels.len() as u64 == window.area();
    whole.then(|| Drawing::Picture(pixels, window, size / f32::from(per_em)))
}

/// An sRGB colour in linear light, straight.
fn linear([r, g, b, a]: [u8; 4]) -> [f32; 4] {
    static LINEAR: LazyLock<[f32; 256]> =
        LazyLock::new(|| std::array::from_fn(|code| srgb_to_linear(code as f64 / 255.0) as f32));
    let [r, g, b] = [r, g, b].map(|code| LINEAR[usize::from(code)]);
    [r, g, b, f32::from(a) / 255.0]
}

/// Whole pixels and quarters beyond.
fn quarters(v: f32) -> (i32, u8) {
    let quarters = (v * 4.0).round();
    let whole = (quarters / 4.0).floor();
    (whole as i32, (quarters - whole * 4.0) as u8)
}

/// Bounds of an outline, in which y counts up, as a window.
fn around(bounds: Bounds, offset: Vector) -> Rect {
    let (min, max) = (bounds.min + offset, bounds.max + offset);
    outwards([min.x, -max.y, max.x, -min.y])
}

/// The pixels that a rectangle touches.
fn outwards([x0, y0, x1, y1]: [f32; 4]) -> Rect {
    Rect::new(x0.floor() as i32, y0.floor() as i32, x1.ceil() as i32, y1.ceil() as i32)
}

fn of_placement(placement: Placement) -> Rect {
    let (x0, y0) = (placement.left, placement.top.saturating_neg());
    Rect::new(x0, y0, x0.saturating_add_unsigned(placement.width), y0.saturating_add_unsigned(placement.height))
}

/// Puts a layer of one straight colour over what is there.
fn put_layer(pixels: &mut [Pixel], window: Rect, mask: &[u8], place: Rect, [r, g, b, a]: [f32; 4]) {
    let seen = place.intersect(&window);
    for y in seen.y0..seen.y1 {
        for x in seen.x0..seen.x1 {
            let at = |rect: Rect| (y - rect.y0) as usize * rect.width() + (x - rect.x0) as usize;
            let share = f32::from(mask[at(place)]) / 255.0 * a;
            let (pixel, rest) = (&mut pixels[at(window)], 1.0 - share);
            *pixel = [
                r * share + pixel[0] * rest,
                g * share + pixel[1] * rest,
                b * share + pixel[2] * rest,
                share + pixel[3] * rest,
            ];
        }
    }
}

/// A picture at another size: each pixel is the mean of what lies within a pixel, or within one of the picture where that
/// is larger, along x and then along y. `origin` is where in the text's pixel the picture's origin lies.
fn resize(pixels: &[Pixel], from: Rect, origin: [f32; 2], scale: f32, to: Rect) -> Vec<Pixel> {
    let (width, height) = (to.width(), from.height());
    let columns: Vec<_> = (to.x0..to.x1).map(|x| taps(x, origin[0], scale, from.x0, from.x1)).collect();
    let mut wide = vec![[0.0; 4]; width * height];
    for (row, source) in wide.chunks_exact_mut(width.max(1)).zip(pixels.chunks_exact(from.width().max(1))) {
        for (pixel, taps) in row.iter_mut().zip(&columns) {
            *pixel = mean(taps, |index| source[index]);
        }
    }
    let rows = (to.y0..to.y1).map(|y| taps(y, origin[1], scale, from.y0, from.y1));
    rows.flat_map(|taps| (0..width).map(|x| mean(&taps, |row| wide[row * width + x])).collect::<Vec<_>>()).collect()
}

/// Which of the pixels from `first` to `end` lie within the one at `place` of the text, and how much of it each is. What
/// lies beyond the ends is transparent.
fn taps(place: i32, origin: f32, scale: f32, first: i32, end: i32) -> Vec<(usize, f32)> {
    let centre = (place as f32 + 0.5 - origin) / scale;
    let reach = (0.5 / scale).max(0.5);
    let (low, high) = (centre - reach, centre + reach);
    let within = |index: i32| ((index + 1) as f32).min(high) - (index as f32).max(low);
    let indices = first.max(low.floor() as i32)..end.min(high.ceil() as i32);
    indices.map(|index| ((index - first) as usize, (within(index) / (high - low)).max(0.0))).collect()
}

fn mean(taps: &[(usize, f32)], pixel: impl Fn(usize) -> Pixel) -> Pixel {
    taps.iter().fold([0.0; 4], |sum, (index, weight)| {
        let pixel = pixel(*index);
        std::array::from_fn(|i| sum[i] + pixel[i] * weight)
    })
}
