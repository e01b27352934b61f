//! From a project to pixels: one frame of one comp.
//!
//! Why does a pixel have its value? A frame is made in this order:
//!
//! 1. [`footage`]: the files of the frame are read, each once.
//! 2. [`chain`]: a layer's source goes through its effects; each is asked by `plan` which part of its input it needs.
//! 3. [`tiles`]: all layers are painted tile by tile: each is
//! 4. placed by position, rotation, scale and pivot ([`sample`]), and
//! 5. blended over what lies below ([`blend`]).
//!
//! Everything works on the project's document and the effects of one moment: nothing is locked while pixels are made.
//! Each output pixel is computed by itself, in layer order, so the result is the same to the bit on any number of threads.

pub mod blend;
mod chain;
mod error;
mod footage;
pub mod key;
pub mod sample;
pub mod tiles;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

pub use error::{Problem, RenderError};

use crate::image::{Frame, Image, MetaValue, Rect};
use crate::plugin::Effects;
use crate::project::{Comp, Document, Homography, Layer};
use blend::BlendMode;
use chain::Chain;
use error::At;
use footage::FootageReader;
use sample::Filter;
use tiles::{Paint, TileSize};

/// How to render.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Which pixels.
    pub region: Region,
    /// What happens where a project uses an effect that is not loaded.
    pub missing_effects: MissingEffects,
    /// Bytes that one image may take, footage and intermediate images included.
    pub max_image_bytes: u64,
    /// Set it from another thread to stop: the render then ends with [`Problem::Aborted`].
    pub abort: Arc<AtomicBool>,
}

/// Which pixels of a comp are rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Region {
    /// The comp's own frame, `[0, width) x [0, height)`.
    #[default]
    Display,
    /// Everything that the layers reach, overscan included.
    Data,
    /// These.
    Window(Rect),
}

/// What happens where a project uses an effect that is not loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingEffects {
    /// The frame fails and says which effect is missing.
    #[default]
    Fail,
    /// The layer is shown without it.
    Skip,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            region: Region::default(),
            missing_effects: MissingEffects::default(),
            max_image_bytes: 2 << 30,
            abort: Arc::default(),
        }
    }
}

/// Renders a comp at a frame. Outside the comp's work area, and where no layer is, the result is transparent black.
///
/// # Errors
/// The first layer, from the bottom, that cannot be rendered, with comp, frame, layer and effect.
pub fn render(
    document: &Document,
    effects: &Effects,
    comp: Uuid,
    frame: i64,
    options: &RenderOptions,
) -> Result<Frame, RenderError> {
    let footage = FootageReader::new(options.max_image_bytes);
    let render = Render { document, effects, options, footage, nested: Mutex::default(), domains: Mutex::default() };
    let Some(comp) = document.comps.get(&comp) else {
        return Err(RenderError::without_comp(comp, frame));
    };
    let canvas = canvas(comp);
    let region = match options.region {
        Region::Display => canvas,
        Region::Data => render.comp_domain(comp, frame)?,
        Region::Window(window) => window,
    };
    let image = render.comp(comp, frame, region)?;
    let mut frame = Frame { display_window: canvas, ..Frame::new(image) };
    if let (Ok(num), den) = (i32::try_from(comp.rate().num()), comp.rate().den()) {
        frame.metadata.insert("framesPerSecond", MetaValue::Rational(num, den));
    }
    Ok(frame)
}

/// What every part of one render shares.
struct Render<'a> {
    document: &'a Document,
    effects: &'a Effects,
    options: &'a RenderOptions,
    footage: FootageReader,
    /// Comps in comps that were rendered already: each once, however many layers show it.
    nested: Mutex<HashMap<(Uuid, i64, Rect), Image>>,
    /// Where comps have pixels, as far as it was asked.
    domains: Mutex<HashMap<(Uuid, i64), Rect>>,
}

/// A layer that shows something at the frame, with its place in the comp.
struct Placed<'a> {
    layer: &'a Layer,
    chain: Chain<'a>,
    placement: sample::Placed,
}

impl Render<'_> {
    /// The pixels of a comp in `region`, in comp pixels.
    fn comp(&self, comp: &Comp, frame: i64, region: Rect) -> Result<Image, RenderError> {
        let mut paints = Vec::new();
        for Placed { layer, chain, placement } in self.placed_layers(comp, frame)? {
            let at = At::layer(comp, frame, layer);
            self.check_abort().map_err(|problem| at.error(problem))?;
            let window = placement.domain.intersect(&region);
            let opacity = layer.attrs.float("opacity") as f32;
            if window.is_empty() || opacity == 0.0 {
                continue;
            }
            let image = chain.image(placement.source_window(window), &at)?;
            let mode = BlendMode::of_key(layer.attrs.text("blend_mode")).map_err(|problem| at.error(problem))?;
            paints.push(Paint { image, placed: placement, mode, opacity });
        }
        let at = At::comp(comp, frame);
        self.check_size(region).map_err(|problem| at.error(problem))?;
        let mut output = Image::unpainted(region).map_err(|error| at.error(error))?;
        tiles::paint(&mut output, &paints, TileSize::default());
        Ok(output)
    }

    /// The pixels of a comp that a layer shows.
    fn nested(&self, comp: &Comp, frame: i64, region: Rect) -> Result<Image, RenderError> {
        remembered(&self.nested, (comp.uuid(), frame, region), || self.comp(comp, frame, region))
    }

    /// Where a comp has pixels at a frame.
    fn comp_domain(&self, comp: &Comp, frame: i64) -> Result<Rect, RenderError> {
        remembered(&self.domains, (comp.uuid(), frame), || {
            let placed = self.placed_layers(comp, frame)?;
            Ok(placed.iter().fold(Rect::EMPTY, |domain, layer| domain.union(&layer.placement.domain)))
        })
    }

    /// The layers that show something at the frame, from the bottom up.
    fn placed_layers<'a>(&'a self, comp: &'a Comp, frame: i64) -> Result<Vec<Placed<'a>>, RenderError> {
        let (first, last) = comp.frames();
        if !(first..=last).contains(&frame) {
            return Ok(Vec::new());
        }
        let (width, height) = comp.size();
        let shown = comp.shown_layers().rev().filter(|layer| layer.time().shows_at(frame));
        let mut placed = Vec::new();
        for layer in shown {
            let at = At::layer(comp, frame, layer);
            let chain = Chain::new(self, layer, frame, &at)?;
            let to_comp = layer.placement().to_comp(chain.canvas(), width, height);
            let filter = Filter::of_key(layer.attrs.text("filter")).map_err(|problem| at.error(problem))?;
            let view = Rect::of_size(width, height);
            if let Some(placement) = sample::Placed::new(chain.domain(), &Homography::from(to_comp), filter, view) {
                placed.push(Placed { layer, chain, placement });
            }
        }
        Ok(placed)
    }

    fn transparent(&self, window: Rect) -> Result<Image, Problem> {
        self.check_size(window)?;
        Ok(Image::transparent(window)?)
    }

    fn check_size(&self, window: Rect) -> Result<(), Problem> {
        let (bytes, limit) = (window.area().saturating_mul(16), self.options.max_image_bytes);
        if bytes > limit { Err(Problem::TooLarge { window, bytes, limit }) } else { Ok(()) }
    }

    fn check_abort(&self) -> Result<(), Problem> {
        let aborted = self.options.abort.load(std::sync::atomic::Ordering::Relaxed);
        if aborted { Err(Problem::Aborted) } else { Ok(()) }
    }
}

/// The value of a key, made at the first time. The lock is not held meanwhile: making one value may ask for others.
fn remembered<K: Clone + Eq + Hash, V: Clone>(
    known: &Mutex<HashMap<K, V>>,
    key: K,
    make: impl FnOnce() -> Result<V, RenderError>,
) -> Result<V, RenderError> {
    if let Some(value) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(value.clone());
    }
    let value = make()?;
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value.clone());
    Ok(value)
}

/// The display window of a comp.
fn canvas(comp: &Comp) -> Rect {
    let (width, height) = comp.size();
    Rect::of_size(width, height)
}
