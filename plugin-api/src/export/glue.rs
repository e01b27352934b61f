//! Around each of the three kinds of effect: what the host calls, what the author wrote.

use std::marker::PhantomData;

use abi_stable::std_types::{RSlice, RVec};

use super::{EffectBox, EffectObject, Entry, Failure, RResult, abi, guarded, object, wire};
use crate::descriptor::{Alpha, EffectSpec, Traits};
use crate::effect::{AreaEffect, Effect, Inputs, PixelEffect, Plan, Query, RenderCall, Source};
use crate::error::{EffectError, EffectResult};
use crate::host::Host;
use crate::image::{ImageView, ImageViewMut, Pixel, RawView};
use crate::param::Params;

/// Finds out which of the three traits `E` implements: method lookup tries the most referenced receiver first.
#[doc(hidden)]
pub struct Of<E>(PhantomData<fn() -> E>);

impl<E> Of<E> {
    pub const NEW: Self = Self(PhantomData);
}

#[doc(hidden)]
pub trait PixelKind {
    fn entry(&self) -> Entry;
}

#[doc(hidden)]
pub trait AreaKind {
    fn entry(&self) -> Entry;
}

#[doc(hidden)]
pub trait FullKind {
    fn entry(&self) -> Entry;
}

impl<E: PixelEffect> PixelKind for &&Of<E> {
    fn entry(&self) -> Entry {
        entry::<Pixelwise<E>>()
    }
}

impl<E: AreaEffect> AreaKind for &Of<E> {
    fn entry(&self) -> Entry {
        entry::<Area<E>>()
    }
}

impl<E: Effect> FullKind for Of<E> {
    fn entry(&self) -> Entry {
        entry::<E>()
    }
}

/// An effect of any kind, once it is a full effect.
fn entry<E: Effect>() -> Entry {
    fn spec<E: Effect>() -> EffectSpec {
        EffectSpec { inputs: E::inputs(), traits: E::TRAITS, alpha: E::ALPHA, ..E::spec() }
    }
    fn create<E: Effect>() -> EffectResult<EffectBox> {
        E::available()?;
        Ok(object(Glue::<E>(PhantomData)))
    }
    Entry { spec: spec::<E>, create: create::<E> }
}

struct Glue<E>(PhantomData<fn() -> E>);

impl<E: Effect> EffectObject for Glue<E> {
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

fn raw_view(image: &abi::WireImage) -> EffectResult<RawView> {
    if image.format != 0 || image.pixel_stride != size_of::<Pixel>() as isize {
        let (format, stride) = (image.format, image.pixel_stride);
        let message = format!("pixels in format {format} with {stride} bytes each, this plugin reads format 0 with 16");
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
    // of the window readable and unchanged for the length of the call, which the view cannot outlive.
    raw_view(image).map(|raw| unsafe { ImageView::from_raw(raw) })
}

#[allow(unsafe_code, reason = "the boundary between host memory and author code")]
fn write_view<'a>(image: &abi::WireImage) -> EffectResult<ImageViewMut<'a>> {
    // SAFETY: as above, and the host lends the output's window to this call alone.
    raw_view(image).map(|raw| unsafe { ImageViewMut::from_raw(raw) })
}

/// Passes the parameters of `$inner` on.
macro_rules! params_of_inner {
    ($outer:ident, $kind:ident) => {
        impl<E: $kind> Params for $outer<E> {
            const METADATA: &'static [&'static str] = E::METADATA;

            fn spec() -> EffectSpec {
                E::spec()
            }

            fn defaults() -> Self {
                Self(E::defaults())
            }

            fn from_wire(values: RSlice<'_, abi::WireValue>) -> EffectResult<Self> {
                E::from_wire(values).map(Self)
            }
        }
    };
}

/// A [`PixelEffect`] as a full effect.
struct Pixelwise<E>(E);

params_of_inner!(Pixelwise, PixelEffect);

impl<E: PixelEffect> Effect for Pixelwise<E> {
    const TRAITS: Traits =
        Traits { pixel_wise: true, tileable: true, in_place: true, sequential: false, random: false };
    const ALPHA: Alpha = E::ALPHA;

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan::pixel_wise(query).identity_if(self.0.is_identity(), query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let source = call.inputs.get(0)?;
        host.parallel_bands(call.output, |mut band| {
            let window = band.window();
            band.for_each_row(|y, row| {
                let source = source.span(y, window.x0, window.x1);
                for (out, &pixel) in row.iter_mut().zip(source) {
                    *out = match E::ALPHA {
                        Alpha::Premultiplied => self.0.pixel(pixel),
                        Alpha::Straight => straight(pixel, |pixel| self.0.pixel(pixel)),
                    };
                }
            });
            Ok(())
        })
    }
}

/// Runs `change` on straight colour. Where alpha is 0 there is no straight colour, and the pixel passes untouched.
fn straight(pixel: Pixel, change: impl Fn(Pixel) -> Pixel) -> Pixel {
    let [r, g, b, a] = pixel;
    if a == 0.0 {
        return pixel;
    }
    let [r, g, b, a] = change([r / a, g / a, b / a, a]);
    [r * a, g * a, b * a, a]
}

/// An [`AreaEffect`] as a full effect.
struct Area<E>(E);

params_of_inner!(Area, AreaEffect);

impl<E: AreaEffect> Effect for Area<E> {
    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        Ok(Plan::around(query, self.0.radius(), E::EDGE).identity_if(self.0.is_identity(), query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let source = Source::new(call.inputs.get(0)?, E::EDGE);
        host.parallel_bands(call.output, |mut band| self.0.rows(&source, &mut band))
    }
}
