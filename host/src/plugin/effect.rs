//! One effect of a loaded plugin, ready to be called.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use abi_stable::std_types::{ROption, RSlice};
use playa_plugin_api::abi::{self, EffectBox, PluginModuleRef, WireValue};
use playa_plugin_api::{EffectError, EffectResult, EffectSpec, Need, Plan, Query, Rect};

use super::Services;
use crate::image::Image;

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

/// A planned input with its pixels: the planned rectangle, as far as the input has pixels there.
#[derive(Clone, Debug)]
pub struct Input {
    /// Which input, when, and the rectangle that was planned.
    pub need: Need,
    /// Pixels that cover the planned rectangle as far as the input goes.
    pub image: Image,
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

    /// Fills `window` from exactly the planned inputs.
    ///
    /// # Errors
    /// What the effect says, its panic, or that there is no memory for the output.
    pub fn render(
        &self,
        params: &[WireValue],
        query: &Query<'_>,
        inputs: &[Input],
        services: &Services<'_>,
    ) -> EffectResult<Image> {
        let window = query.window;
        let mut output = Image::transparent(window).map_err(|error| EffectError::failed(error.to_string()))?;
        let images: Vec<abi::InputImage> = inputs.iter().map(wire_input).collect();
        let values = output.values_mut().expect("a new image is not shared");
        let call = abi::RenderCall {
            params: RSlice::from_slice(params),
            inputs: RSlice::from_slice(&images),
            output: wire_image(values.as_mut_ptr(), window, window),
            canvas: query.canvas,
            frame: query.frame,
            scale: query.scale,
            seed: 0,
            properties: RSlice::EMPTY,
        };
        self.object()?.render(&call, &services.as_wire()).into_result().map_err(error_of)?;
        Ok(output)
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

/// The part of the image that was planned.
fn wire_input(input: &Input) -> abi::InputImage {
    let window = input.need.rect.intersect(&input.image.window());
    let values = input.image.values().as_ptr().cast_mut();
    abi::InputImage {
        at: abi::InputAt { input: input.need.input as u32, frame: input.need.frame },
        image: wire_image(values, input.image.window(), window),
    }
}

/// A view of `window`, inside an image of tight rows over `whole` whose values begin at `values`.
fn wire_image(values: *mut f32, whole: Rect, window: Rect) -> abi::WireImage {
    let row_stride = whole.width() * 16;
    let offset = if window.is_empty() {
        0
    } else {
        let (x, y) = (window.x0 as i64 - whole.x0 as i64, window.y0 as i64 - whole.y0 as i64);
        y as usize * row_stride + x as usize * 16
    };
    abi::WireImage {
        data: values.cast::<u8>().wrapping_add(offset),
        row_stride: row_stride as isize,
        pixel_stride: 16,
        window,
        format: 0,
    }
}
