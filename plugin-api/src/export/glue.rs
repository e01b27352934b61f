//! Around each of the three kinds of effect: what the host calls, what the author wrote.

use std::marker::PhantomData;

use abi_stable::std_types::RVec;

use super::pixels::Tile;
use super::{EffectBox, EffectObject, Entry, Failure, RResult, abi, guarded, object, pixels, wire};
use crate::abi::formats;
use crate::descriptor::{Alpha, EffectSpec, InputSpec, Traits};
use crate::effect::{AreaEffect, Effect, Inputs, PixelEffect, Plan, Query, RenderCall, Source};
use crate::error::{EffectError, EffectResult};
use crate::host::Host;
use crate::image::{BlockView, BlockViewMut, ImageView, ImageViewMut, RawView};
use crate::param::Params;
use crate::simd;

/// An effect of any of the three kinds, as the host meets it.
///
/// `K` names the kind. A type implements one of the three traits, so the compiler finds `K` by itself, and the three
/// blanket implementations below do not overlap.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no effect",
    note = "implement one of PixelEffect, AreaEffect and Effect for it"
)]
pub trait AnyEffect<K>: Params + Send + Sync + 'static {
    const TRAITS: Traits;
    const ALPHA: Alpha;
    fn inputs() -> Vec<InputSpec>;
    fn available() -> EffectResult<()>;
    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan>;
    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()>;
    /// Does the same for one tile, on the thread that calls, with pixels in blocks: for those with the trait.
    fn pass(&self, _tile: Tile<'_>, _soon: abi::Soon) -> EffectResult<()> {
        Err(EffectError::input("pixels in blocks; this effect reads and writes pixels one by one"))
    }
}

/// What [`export_effects!`](crate::export_effects) lists.
#[doc(hidden)]
pub fn entry<K: 'static, E: AnyEffect<K>>() -> Entry {
    fn spec<K, E: AnyEffect<K>>() -> EffectSpec {
        EffectSpec { inputs: E::inputs(), traits: E::TRAITS, alpha: E::ALPHA, ..E::spec() }
    }
    fn create<K: 'static, E: AnyEffect<K>>() -> EffectResult<EffectBox> {
        simd::check_setting()?;
        E::available()?;
        Ok(object(Glue::<K, E>(PhantomData)))
    }
    Entry { spec: spec::<K, E>, create: create::<K, E> }
}

struct Glue<K, E>(PhantomData<fn() -> (K, E)>);

impl<K, E: AnyEffect<K>> EffectObject for Glue<K, E> {
    fn plan(&self, query: &abi::Query<'_>) -> RResult<abi::Plan, Failure> {
        let plan = || {
            let domains: Vec<_> = query.domains.iter().map(|domain| domain.into_option()).collect();
            let abi::Query { window, canvas, frame, scale, .. } = *query;
            E::from_wire(query.params)?.plan(&Query { window, canvas, frame, scale, domains: &domains })
        };
        wire(guarded(plan), |plan| abi::Plan {
            domain: plan.domain,
            identity: plan.identity.map(|(input, frame)| at(input, frame)).into(),
            needs: plan
                .needs
                .iter()
                .map(|need| abi::Need { at: at(need.input, need.frame), rect: need.rect })
                .collect(),
            properties: RVec::new(),
        })
    }

    fn render(&self, call: &abi::RenderCall<'_>, services: &abi::ServicesRef<'_>) -> RResult<(), Failure> {
        let render = || {
            let effect = E::from_wire(call.params)?;
            if let Some(tile) = in_blocks(call)? {
                return effect.pass(tile, call.soon);
            }
            let abi::RenderCall { canvas, frame, scale, seed, .. } = *call;
            let input =
                |input: &abi::InputImage| Ok((input.at.input as usize, input.at.frame, read_view(&input.image)?));
            let images = call.inputs.iter().map(input).collect::<EffectResult<_>>()?;
            let output = write_view(&call.output)?;
            let call = RenderCall { inputs: Inputs { images }, output, canvas, frame, scale, seed };
            effect.render(call, &Host::new(services))
        };
        wire(guarded(render), |()| ())
    }
}

fn at(input: usize, frame: f64) -> abi::InputAt {
    abi::InputAt { input: u32::try_from(input).unwrap_or(u32::MAX), frame }
}

/// The tile of a call of which an image is in blocks.
fn in_blocks<'a>(call: &abi::RenderCall<'a>) -> EffectResult<Option<Tile<'a>>> {
    let blocks = |image: &abi::WireImage| image.format == formats::BLOCKS;
    let output = &call.output;
    if !blocks(output) && !call.inputs.iter().any(|input| blocks(&input.image)) {
        return Ok(None);
    }
    let [input] = &call.inputs[..] else {
        return Err(EffectError::input(format!("{} pictures, expected one with blocks", call.inputs.len())));
    };
    let (input, window) = (&input.image, output.window);
    if input.window != window && (blocks(input) || !input.window.contains_rect(&window)) {
        return Err(EffectError::input(format!("the pixels of {}, expected those of {window}", input.window)));
    }
    let tile = match (blocks(input), blocks(output)) {
        (true, true) => Tile::Blocks(read_blocks(input)?, write_blocks(output)?),
        (true, false) => Tile::OutOfBlocks(read_blocks(input)?, write_view(output)?),
        (false, _) => Tile::IntoBlocks(read_view(input)?, write_blocks(output)?),
    };
    Ok(Some(tile))
}

/// The pixels of an image in a format whose items are of type `T`.
fn raw_view<T>(image: &abi::WireImage, format: u32) -> EffectResult<RawView<T>> {
    let item = size_of::<T>() as isize;
    if image.format != format || image.pixel_stride != item {
        let (found, stride) = (image.format, image.pixel_stride);
        let message =
            format!("pixels in format {found} with {stride} bytes each, this plugin reads format {format} with {item}");
        return Err(EffectError::input(message));
    }
    if !image.data.cast::<f32>().is_aligned() || image.row_stride % align_of::<f32>() as isize != 0 {
        return Err(EffectError::input("pixels that are not aligned for 32-bit floats"));
    }
    Ok(RawView { first: image.data.cast(), window: image.window, stride: image.row_stride })
}

#[allow(unsafe_code, reason = "the boundary between host memory and author code")]
fn read_view<'a>(image: &abi::WireImage) -> EffectResult<ImageView<'a>> {
    // SAFETY: `raw_view` checked format and alignment; the contract of `abi::WireImage` is that the host keeps every row
    // of the window readable and unchanged for the length of the call, which the view cannot outlive. Only an effect
    // with the trait `in_place` may find its output there, and such an effect is a `PixelEffect`, whose loop in `pixels`
    // then takes no row of the input.
    raw_view(image, formats::PIXELS).map(|raw| unsafe { ImageView::from_raw(raw) })
}

#[allow(unsafe_code, reason = "the boundary between host memory and author code")]
fn write_view<'a>(image: &abi::WireImage) -> EffectResult<ImageViewMut<'a>> {
    // SAFETY: as above, and the host lends the output's window to this call alone.
    raw_view(image, formats::PIXELS).map(|raw| unsafe { ImageViewMut::from_raw(raw) })
}

#[allow(unsafe_code, reason = "the boundary between host memory and author code")]
fn read_blocks<'a>(image: &abi::WireImage) -> EffectResult<BlockView<'a>> {
    // SAFETY: as for `read_view`; rows of the format are filled up to whole blocks.
    raw_view(image, formats::BLOCKS).map(|raw| unsafe { BlockView::from_raw(raw) })
}

#[allow(unsafe_code, reason = "the boundary between host memory and author code")]
fn write_blocks<'a>(image: &abi::WireImage) -> EffectResult<BlockViewMut<'a>> {
    // SAFETY: as for `write_view`; rows of the format are filled up to whole blocks.
    raw_view(image, formats::BLOCKS).map(|raw| unsafe { BlockViewMut::from_raw(raw) })
}

/// The kind of an [`Effect`].
#[doc(hidden)]
pub enum Full {}

impl<E: Effect> AnyEffect<Full> for E {
    // With its output in the memory of its input, safe code would hold a row of each at the same time.
    const TRAITS: Traits = Traits { in_place: false, blocks: false, ..<E as Effect>::TRAITS };
    const ALPHA: Alpha = <E as Effect>::ALPHA;

    fn inputs() -> Vec<InputSpec> {
        <E as Effect>::inputs()
    }

    fn available() -> EffectResult<()> {
        <E as Effect>::available()
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Effect::plan(self, query)
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        Effect::render(self, call, host)
    }
}

/// The kind of a [`PixelEffect`].
#[doc(hidden)]
pub enum Pixelwise {}

impl<E: PixelEffect> AnyEffect<Pixelwise> for E {
    const TRAITS: Traits =
        Traits { pixel_wise: true, in_place: true, time_invariant: true, blocks: true, ..Traits::TILEABLE };
    const ALPHA: Alpha = <E as PixelEffect>::ALPHA;

    fn inputs() -> Vec<InputSpec> {
        vec![InputSpec::source()]
    }

    fn available() -> EffectResult<()> {
        Ok(())
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan::pixel_wise(query).identity_if(self.is_identity(), query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let source = call.inputs.get(0)?;
        let prepared = self.prepare();
        host.parallel_bands(call.output, |band| {
            pixels::fill::<E, _>(&prepared, &source, band);
            Ok(())
        })
    }

    fn pass(&self, tile: Tile<'_>, soon: abi::Soon) -> EffectResult<()> {
        pixels::pass::<E, _>(&self.prepare(), tile, soon);
        Ok(())
    }
}

/// The kind of an [`AreaEffect`].
#[doc(hidden)]
pub enum Area {}

impl<E: AreaEffect> AnyEffect<Area> for E {
    const TRAITS: Traits = Traits { in_place: false, blocks: false, ..<E as AreaEffect>::TRAITS };
    const ALPHA: Alpha = Alpha::Premultiplied;

    fn inputs() -> Vec<InputSpec> {
        vec![InputSpec::source()]
    }

    fn available() -> EffectResult<()> {
        Ok(())
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan::around(query, self.radius(), E::EDGE).identity_if(self.is_identity(), query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let source = Source::new(call.inputs.get(0)?, E::EDGE);
        // As high as what it looks at above and below, which every band looks at again.
        let rows = 2 * self.radius()[1] as usize;
        host.parallel_bands_from(rows, call.output, |mut band| self.rows(&source, &mut band))
    }
}
