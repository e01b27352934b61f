//! One effect of a loaded plugin, ready to be called.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use abi_stable::std_types::{ROption, RSlice};
use playa_plugin_api::abi::{self, EffectBox, PluginModuleRef, WireValue};
use playa_plugin_api::{EffectError, EffectResult, EffectSpec, Need, Pixel, Plan, Query, Rect};

use super::Services;
use crate::image::{View, ViewMut};

/// One effect of one generation of a plugin.
///
/// Effects are stateless, so there is one object of it, made at the first call and shared by all threads.
pub struct EffectType {
    spec: Arc<EffectSpec>,
    module: PluginModuleRef,
    object: OnceLock<EffectResult<EffectBox>>,
    path: PathBuf,
    hash: blake3::Hash,
}

/// A planned input with its pixels.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Which input.
    pub input: usize,
    /// When, in frames.
    pub frame: f64,
    /// The planned pixels, as far as the input has any there.
    pub pixels: View<'a>,
}

/// Around which picture, and when, an effect works.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The display window of the picture.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
}

impl EffectType {
    pub(super) fn new(spec: EffectSpec, module: PluginModuleRef, path: &Path, hash: blake3::Hash) -> Self {
        Self { spec: Arc::new(spec), module, object: OnceLock::new(), path: path.to_owned(), hash }
    }

    /// What it says of itself.
    pub fn spec(&self) -> &Arc<EffectSpec> {
        &self.spec
    }

    /// The file it comes from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hash of the bytes of that file when it was loaded.
    pub fn library_hash(&self) -> blake3::Hash {
        self.hash
    }

    /// Asks what rendering `query.window` takes.
    ///
    /// # Errors
    /// What the effect says, its panic, or an answer that cannot be.
    pub fn plan(&self, params: &[WireValue], query: &Query<'_>) -> EffectResult<Plan> {
        let domains: Vec<ROption<Rect>> = query.domains.iter().map(|domain| (*domain).into()).collect();
        let wire = abi::Query {
            params: RSlice::from_slice(params),
            window: query.window,
            canvas: query.canvas,
            frame: query.frame,
            scale: query.scale,
            domains: RSlice::from_slice(&domains),
            properties: RSlice::EMPTY,
        };
        let plan = self.object()?.plan(&wire).into_result().map_err(error_of)?;
        let inputs = self.spec.inputs.len();
        let input = |at: abi::InputAt| {
            let known = (at.input as usize) < inputs && at.frame.is_finite();
            let message = || format!("its plan names input {} at frame {}; it has {inputs} inputs", at.input, at.frame);
            if known { Ok((at.input as usize, at.frame)) } else { Err(EffectError::failed(message())) }
        };
        let need = |need: &abi::Need| {
            let (input, frame) = input(need.at)?;
            Ok(Need { input, frame, rect: need.rect })
        };
        Ok(Plan {
            domain: plan.domain,
            identity: plan.identity.into_option().map(input).transpose()?,
            needs: plan.needs.iter().map(need).collect::<EffectResult<_>>()?,
        })
    }

    /// Fills `output` from exactly the planned inputs.
    ///
    /// # Errors
    /// What the effect says, or its panic. Then the pixels are unspecified.
    pub fn render(
        &self,
        params: &[WireValue],
        setting: Setting,
        inputs: &[Input<'_>],
        mut output: ViewMut<'_>,
        services: &Services<'_>,
    ) -> EffectResult<()> {
        let images: Vec<abi::InputImage> = inputs.iter().map(wire_input).collect();
        self.call(params, setting, &images, wire_output(&mut output), services)
    }

    /// Changes pixels where they are: for an effect with the trait `in_place`, and one input.
    ///
    /// # Errors
    /// What the effect says, or its panic. Then the pixels are unspecified.
    pub fn change(
        &self,
        params: &[WireValue],
        setting: Setting,
        mut pixels: ViewMut<'_>,
        services: &Services<'_>,
    ) -> EffectResult<()> {
        let image = wire_output(&mut pixels);
        let input = abi::InputImage { at: abi::InputAt { input: 0, frame: setting.frame }, image };
        self.call(params, setting, &[input], image, services)
    }

    fn call(
        &self,
        params: &[WireValue],
        setting: Setting,
        inputs: &[abi::InputImage],
        output: abi::WireImage,
        services: &Services<'_>,
    ) -> EffectResult<()> {
        let call = abi::RenderCall {
            params: RSlice::from_slice(params),
            inputs: RSlice::from_slice(inputs),
            output,
            canvas: setting.canvas,
            frame: setting.frame,
            scale: 1.0,
            seed: 0,
            properties: RSlice::EMPTY,
        };
        self.object()?.render(&call, &services.as_wire()).into_result().map_err(error_of)
    }

    fn object(&self) -> EffectResult<&EffectBox> {
        let create = || self.module.create()(self.spec.id.as_str().into()).into_result().map_err(error_of);
        self.object.get_or_init(create).as_ref().map_err(EffectError::clone)
    }
}

impl Drop for EffectType {
    fn drop(&mut self) {
        if let Some(Ok(object)) = self.object.take()
            && let Err(failure) = self.module.destroy()(object).into_result()
        {
            log::warn!("{}: failed when it was dropped: {}", self.spec.id, error_of(failure));
        }
    }
}

impl fmt::Debug for EffectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EffectType({} {} from {})", self.spec.id, self.spec.version, self.path.display())
    }
}

/// What an effect says in a failure, in one line: the text of a panic may have several.
fn error_of(failure: abi::Failure) -> EffectError {
    let error = EffectError::from(failure);
    EffectError { message: super::one_line(&error.message), ..error }
}

fn wire_input(input: &Input<'_>) -> abi::InputImage {
    let pixels = &input.pixels;
    abi::InputImage {
        at: abi::InputAt { input: input.input as u32, frame: input.frame },
        image: wire_image(pixels.pixels().as_ptr().cast_mut(), pixels.stride(), pixels.window()),
    }
}

fn wire_output(output: &mut ViewMut<'_>) -> abi::WireImage {
    let (window, stride) = (output.window(), output.stride());
    wire_image(output.pixels_mut().as_mut_ptr(), stride, window)
}

/// A view of `window`, whose first pixel is given, with `stride` pixels from row to row.
fn wire_image(first: *mut Pixel, stride: usize, window: Rect) -> abi::WireImage {
    let pixel = size_of::<Pixel>();
    abi::WireImage {
        data: first.cast(),
        row_stride: (stride * pixel) as isize,
        pixel_stride: pixel as isize,
        window,
        format: 0,
    }
}
