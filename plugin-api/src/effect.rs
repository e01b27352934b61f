//! The three ways to write an effect: of one pixel, of an area, of everything.

use crate::descriptor::{Alpha, InputSpec, Traits};
use crate::error::{EffectError, EffectResult};
use crate::host::Host;
use crate::image::{ImageView, ImageViewMut, Pixel};
use crate::param::Params;
use crate::rect::Rect;

/// An effect that is a function of one pixel, such as a gain. Everything else is done for it.
///
/// The function is written for one pixel and runs on vectors of pixels, in the best instruction set of the CPU, with
/// the same bits in each ([`simd`](crate::simd)). For that it has to be inlined: mark [`pixel`](Self::pixel) and the
/// functions it calls `#[inline(always)]`, compute with [`math`](crate::math) and [`map_colour`](crate::map_colour),
/// and prefer choosing between two values to branches around much work. What depends on parameters alone the compiler
/// computes once for a row, if it is a few operations; more of it belongs into [`prepare`](Self::prepare).
pub trait PixelEffect: Params + Send + Sync + 'static {
    /// The form in which [`pixel`](Self::pixel) wants colour.
    const ALPHA: Alpha = Alpha::Premultiplied;

    /// The new pixel. Colour is scene-linear and unbounded.
    fn pixel(&self, pixel: Pixel) -> Pixel;

    /// [`pixel`](Self::pixel) for the many pixels of a call, with everything that depends on parameters alone already
    /// computed. Called once for a call of the host. An effect with much to compute first, such as a table, overrides
    /// this, and makes `pixel` from it. The function has to be inlined like `pixel`:
    ///
    /// ```
    /// use playa_plugin_api::{math::Power, prelude::*};
    ///
    /// /// Bends colour along a power curve.
    /// #[derive(Params)]
    /// #[effect(id = "com.example.bend")]
    /// struct Bend {
    ///     /// The exponent: below 1 lifts dark parts.
    ///     #[param(default = 1.0, range = 0.01..=10.0)]
    ///     power: f32,
    /// }
    ///
    /// impl PixelEffect for Bend {
    ///     const ALPHA: Alpha = Alpha::Straight;
    ///
    ///     fn pixel(&self, pixel: Pixel) -> Pixel {
    ///         self.prepare()(pixel)
    ///     }
    ///
    ///     fn prepare(&self) -> impl Fn(Pixel) -> Pixel + Sync {
    ///         let power = Power::new(self.power);
    ///         #[inline(always)]
    ///         move |[r, g, b, a]| [power.signed(r), power.signed(g), power.signed(b), a]
    ///     }
    /// }
    /// ```
    fn prepare(&self) -> impl Fn(Pixel) -> Pixel + Sync {
        #[inline(always)]
        |pixel| self.pixel(pixel)
    }

    /// Whether these parameters leave every pixel as it is.
    fn is_identity(&self) -> bool {
        false
    }
}

/// An effect whose pixel depends on the pixels around it, up to a radius.
pub trait AreaEffect: Params + Send + Sync + 'static {
    /// What lies around the picture.
    const EDGE: Edge = Edge::Clamp;

    /// What the host may rely on. A mean adds `keeps_flat`, and what looks in all directions alike adds `isotropic`.
    const TRAITS: Traits = Traits { time_invariant: true, ..Traits::TILEABLE };

    /// How far it looks, in pixels: horizontally, vertically.
    fn radius(&self) -> [u32; 2];

    /// Fills some rows. Called for several bands of rows at once, each at least twice as high as it looks down, if the
    /// window is.
    fn rows(&self, source: &Source<'_>, rows: &mut ImageViewMut<'_>) -> EffectResult<()>;

    /// Whether these parameters leave every pixel as it is.
    fn is_identity(&self) -> bool {
        false
    }
}

/// What an [`AreaEffect`] finds beyond the edge of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The nearest pixel of the edge. The picture keeps its size.
    Clamp,
    /// Transparent black. The picture grows by the radius.
    Transparent,
}

/// An effect that decides everything itself: any number of inputs, at any time, over any region.
///
/// `self` is the evaluated parameters. It is stateless between calls; any call may come at any time from any thread.
pub trait Effect: Params + Send + Sync + 'static {
    /// What the host may rely on. `in_place` is for a [`PixelEffect`] alone: a full effect never finds its output in its
    /// input. Say `time_invariant` where nothing depends on the frame, so that a still picture is rendered once:
    /// `Traits { time_invariant: true, ..Traits::TILEABLE }`.
    const TRAITS: Traits = Traits::TILEABLE;

    /// The form in which it wants colour. [`Alpha::Straight`] only informs: a full effect converts itself.
    const ALPHA: Alpha = Alpha::Premultiplied;

    /// The images it takes; by default one, named `source`.
    fn inputs() -> Vec<InputSpec> {
        vec![InputSpec::source()]
    }

    /// Whether this machine can run it. Called when the host makes the effect, before any rendering.
    fn available() -> EffectResult<()> {
        Ok(())
    }

    /// What rendering a window takes. Pure, and cheap: it is asked often.
    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan>;

    /// Fills the window of `call.output`, every pixel of it.
    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()>;
}

impl InputSpec {
    /// The picture an effect is put on.
    pub fn source() -> Self {
        Self { name: "source".into(), optional: false, mask: false }
    }
}

/// What the host asks before it renders.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The pixels wanted.
    pub window: Rect,
    /// The display window of the picture.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Proxy scale, 1 at full resolution. Parameters with the unit `px` come already scaled.
    pub scale: f64,
    /// Where each input has pixels; `None` where nothing is connected.
    pub domains: &'a [Option<Rect>],
}

impl Query<'_> {
    /// Where input `index` has pixels; empty where nothing is connected.
    pub fn domain(&self, index: usize) -> Rect {
        self.domains.get(index).copied().flatten().unwrap_or(Rect::EMPTY)
    }
}

/// The answer to a [`Query`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Region of definition: outside it the output is transparent black.
    pub domain: Rect,
    /// The output is this input as it is, at this frame.
    pub identity: Option<(usize, f64)>,
    /// The input pixels that filling the window takes. Their rectangles depend on the window; at which frames of which
    /// inputs they are must not: the host learns that from the plan for the whole picture.
    pub needs: Vec<Need>,
}

/// A part of an input at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// Which input.
    pub input: usize,
    /// When, in frames.
    pub frame: f64,
    /// Which pixels.
    pub rect: Rect,
}

impl Plan {
    /// Input 0 at the same time, with `radius` more pixels on every side.
    pub fn around(query: &Query<'_>, radius: [u32; 2], edge: Edge) -> Self {
        let source = query.domain(0);
        let domain = match edge {
            Edge::Clamp => source,
            Edge::Transparent => source.grow(radius[0], radius[1]),
        };
        let rect = nearest(query.window.intersect(&domain).grow(radius[0], radius[1]), source);
        Self { domain, identity: None, needs: vec![Need { input: 0, frame: query.frame, rect }] }
    }

    /// Input 0 at the same time and place.
    pub fn pixel_wise(query: &Query<'_>) -> Self {
        Self::around(query, [0, 0], Edge::Clamp)
    }

    /// The same, but with the result known to be input 0.
    #[must_use]
    pub fn identity_if(mut self, identity: bool, query: &Query<'_>) -> Self {
        if identity {
            self.identity = Some((0, query.frame));
        }
        self
    }
}

/// One rendering.
#[derive(Debug)]
pub struct RenderCall<'a> {
    /// The planned pixels of the inputs.
    pub inputs: Inputs<'a>,
    /// The window to fill, inside the planned domain.
    pub output: ImageViewMut<'a>,
    /// The display window of the picture.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Proxy scale, 1 at full resolution. Parameters with the unit `px` come already scaled.
    pub scale: f64,
    /// The same seed gives the same pixels.
    pub seed: u64,
}

/// The planned inputs, in the order of the plan.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    pub(crate) images: Vec<(usize, f64, ImageView<'a>)>,
}

impl<'a> Inputs<'a> {
    /// The first planned part of input `index`, or an error that says it is missing.
    pub fn get(&self, index: usize) -> EffectResult<ImageView<'a>> {
        let found = self.images.iter().find(|(input, ..)| *input == index);
        found.map(|(.., image)| *image).ok_or_else(|| EffectError::input(format!("input {index} was not given")))
    }

    /// Every planned part: input index, frame, pixels.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f64, ImageView<'a>)> {
        self.images.iter().copied()
    }
}

/// The input of an [`AreaEffect`], with its edges.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    view: ImageView<'a>,
    edge: Edge,
}

impl<'a> Source<'a> {
    pub(crate) fn new(view: ImageView<'a>, edge: Edge) -> Self {
        Self { view, edge }
    }

    /// The pixels themselves.
    pub fn view(&self) -> ImageView<'a> {
        self.view
    }

    /// The pixel at (x, y), beyond the edge as [`AreaEffect::EDGE`] says.
    pub fn pixel(&self, x: i32, y: i32) -> Pixel {
        let w = self.view.window();
        match self.edge {
            Edge::Clamp if !w.is_empty() => self.view.pixel(x.clamp(w.x0, w.x1 - 1), y.clamp(w.y0, w.y1 - 1)),
            _ => self.view.pixel(x, y),
        }
    }

    /// Copies row `y` from column `x0` on into `row`, edges filled in.
    pub fn copy_row(&self, y: i32, x0: i32, row: &mut [Pixel]) {
        for (x, pixel) in (x0..).zip(row) {
            *pixel = self.pixel(x, y);
        }
    }
}

/// The part of `rect` inside `source`; where they do not meet, the pixels of `source` nearest to it, because those are
/// what a clamped edge repeats.
fn nearest(rect: Rect, source: Rect) -> Rect {
    if source.is_empty() || rect.is_empty() {
        return Rect::EMPTY;
    }
    let x0 = rect.x0.clamp(source.x0, source.x1 - 1);
    let y0 = rect.y0.clamp(source.y0, source.y1 - 1);
    Rect::new(x0, y0, rect.x1.clamp(x0 + 1, source.x1), rect.y1.clamp(y0 + 1, source.y1))
}
