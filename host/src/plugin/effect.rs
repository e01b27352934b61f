//! One effect of a loaded plugin or of the embedding program, ready to be called.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use abi_stable::std_types::{ROption, RSlice, RString};
use playa_plugin_api::abi::{self, EffectBox, PluginModuleRef, WireValue};
use playa_plugin_api::{EffectError, EffectResult, EffectSpec, ErrorCode, Need, Pixel, Plan, Query, Rect, Value};

use super::{EffectFailure, HostEffect, Services, float, one_line_of};
use crate::image::{Blocks, Image, View, ViewMut};

/// How many parts of pictures a plan may ask for.
const MOST_NEEDS: usize = 4096;

/// One effect of one generation of a plugin.
///
/// Effects are stateless, so there is one object of it, made at the first call and shared by all threads.
pub struct EffectType {
    spec: Arc<EffectSpec>,
    origin: Origin,
    path: PathBuf,
    hash: blake3::Hash,
    /// The log says already what it does that no effect may do.
    warned: AtomicBool,
}

/// Who does the work.
enum Origin {
    /// A library, with the object that it makes.
    Library { module: PluginModuleRef, object: OnceLock<EffectResult<EffectBox>> },
    /// The embedding program.
    Host(Arc<dyn HostEffect>),
    /// A worker process.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no workers"))]
    Worker(Arc<dyn HostEffect>),
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
    /// The image that they are a part of, where that was made as a whole.
    pub image: Option<&'a Image>,
}

/// Where a tile is on its way through effects with the trait `blocks`.
#[derive(Debug)]
pub enum Passage<'t, 'b> {
    /// Its pixels are made into blocks.
    In(View<'t>, &'t mut Blocks<'b>),
    /// The blocks are changed where they are.
    Through(&'t mut Blocks<'b>),
    /// The blocks are made into pixels. The last view is what is read next.
    Out(&'t mut Blocks<'b>, ViewMut<'t>, View<'t>),
}

/// Around which picture, and when, an effect works.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The display window of the picture.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Proxy scale, 1 at full resolution.
    pub scale: f64,
}

impl EffectType {
    fn of(spec: EffectSpec, origin: Origin, path: &Path, hash: blake3::Hash) -> Self {
        Self { spec: Arc::new(spec), origin, path: path.to_owned(), hash, warned: AtomicBool::new(false) }
    }

    pub(super) fn new(spec: EffectSpec, module: PluginModuleRef, path: &Path, hash: blake3::Hash) -> Self {
        Self::of(spec, Origin::Library { module, object: OnceLock::new() }, path, hash)
    }

    pub(super) fn of_host(spec: EffectSpec, effect: Arc<dyn HostEffect>, path: &Path, hash: blake3::Hash) -> Self {
        Self::of(spec, Origin::Host(effect), path, hash)
    }

    #[cfg(unix)]
    pub(super) fn isolated(spec: EffectSpec, effect: Arc<dyn HostEffect>, path: &Path, hash: blake3::Hash) -> Self {
        Self::of(spec, Origin::Worker(effect), path, hash)
    }

    /// Whether it lives in a worker process.
    pub fn is_isolated(&self) -> bool {
        matches!(self.origin, Origin::Worker(_))
    }

    /// Whether it is one of the embedding program.
    pub fn is_of_host(&self) -> bool {
        matches!(self.origin, Origin::Host(_))
    }

    /// What it says of itself.
    pub fn spec(&self) -> &Arc<EffectSpec> {
        &self.spec
    }

    /// The file it comes from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Identity of its generation: hash of the bytes of that file when it was loaded, or what the embedding program says.
    pub fn hash(&self) -> blake3::Hash {
        self.hash
    }

    /// Asks what rendering `query.window` takes.
    ///
    /// # Errors
    /// What the effect says, its panic, or an answer that cannot be.
    pub fn plan(&self, params: &[WireValue], query: &Query<'_>) -> Result<Plan, EffectFailure> {
        let plan = match &self.origin {
            Origin::Library { .. } => self.plan_of_library(params, query)?,
            Origin::Host(effect) | Origin::Worker(effect) => {
                self.watched(None, || effect.plan(&values(params), query))?
            }
        };
        if plan.needs.len() > MOST_NEEDS {
            let message =
                format!("its plan asks for {} parts of pictures, expected at most {MOST_NEEDS}", plan.needs.len());
            return Err(self.fault(message).into());
        }
        let inputs = self.spec.inputs.len();
        let named = plan.identity.into_iter().chain(plan.needs.iter().map(|need| (need.input, need.frame)));
        for (input, frame) in named {
            if input >= inputs || !frame.is_finite() {
                let message = format!("its plan names input {input} at frame {frame}; it has {inputs} inputs");
                return Err(self.fault(message).into());
            }
        }
        // Of all that have no pixels there is one.
        Ok(if plan.domain.is_empty() { Plan { domain: Rect::EMPTY, ..plan } } else { plan })
    }

    /// What it did is against the contract: its author is told where.
    pub(crate) fn fault(&self, message: impl fmt::Display) -> EffectError {
        EffectError::failed(format!("{message}; plugin {}", self.path.display()))
    }

    /// Runs a call of it, puts back what it changed on this thread, and has the log say once what no effect may do.
    fn watched<T>(&self, services: Option<&Services<'_>>, call: impl FnOnce() -> T) -> T {
        let (result, changed) = float::kept(call);
        let mut faults = services.map(Services::faults).unwrap_or_default();
        if changed {
            faults.push("it changed how its thread computes with floats, which was put back".to_owned());
        }
        if !faults.is_empty() && !self.warned.swap(true, Ordering::Relaxed) {
            let (id, path) = (&self.spec.id, self.path.display());
            log::warn!(target: "playa::effect", "{id}: {}; plugin {path}", faults.join("; "));
        }
        result
    }

    /// What the library says in a failure, in one line: the text of a panic may have several. Whose code panicked is told.
    fn error_of(&self, failure: abi::Failure) -> EffectError {
        let text = |text: RString| one_line_of(&text.into_bytes());
        let (code, param) = (ErrorCode::from_number(failure.code), text(failure.param));
        let message = text(failure.message);
        match code {
            ErrorCode::Panicked => EffectError { code, param, ..self.fault(message) },
            _ => EffectError { code, message, param },
        }
    }

    fn plan_of_library(&self, params: &[WireValue], query: &Query<'_>) -> EffectResult<Plan> {
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
        let object = self.object()?;
        let plan = self.watched(None, || object.plan(&wire)).into_result().map_err(|failure| self.error_of(failure))?;
        let need = |need: &abi::Need| Need { input: need.at.input as usize, frame: need.at.frame, rect: need.rect };
        Ok(Plan {
            domain: plan.domain,
            identity: plan.identity.into_option().map(|at| (at.input as usize, at.frame)),
            needs: plan.needs.iter().map(need).collect(),
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
    ) -> Result<(), EffectFailure> {
        if let Origin::Host(effect) | Origin::Worker(effect) = &self.origin {
            return self.watched(None, || effect.render(&values(params), setting, inputs, output, services));
        }
        let images: Vec<abi::InputImage> = inputs.iter().map(wire_input).collect();
        Ok(self.call(params, setting, &images, wire_output(&mut output), abi::Soon::NOTHING, services)?)
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
    ) -> Result<(), EffectFailure> {
        let image = wire_output(&mut pixels);
        let input = abi::InputImage { at: abi::InputAt { input: 0, frame: setting.frame }, image };
        Ok(self.call(params, setting, &[input], image, abi::Soon::NOTHING, services)?)
    }

    /// Takes a tile one step further: for an effect with the trait `blocks`.
    ///
    /// # Errors
    /// What the effect says, or its panic. Then the pixels are unspecified.
    pub fn pass(
        &self,
        params: &[WireValue],
        setting: Setting,
        passage: Passage<'_, '_>,
        services: &Services<'_>,
    ) -> Result<(), EffectFailure> {
        let nothing = abi::Soon::NOTHING;
        let (image, output, soon) = match passage {
            Passage::In(source, blocks) => (wire_view(&source), blocks.wire(), nothing),
            Passage::Through(blocks) => (blocks.wire(), blocks.wire(), nothing),
            Passage::Out(blocks, mut output, soon) => (blocks.wire(), wire_output(&mut output), wire_soon(&soon)),
        };
        let input = abi::InputImage { at: abi::InputAt { input: 0, frame: setting.frame }, image };
        Ok(self.call(params, setting, &[input], output, soon, services)?)
    }

    fn call(
        &self,
        params: &[WireValue],
        setting: Setting,
        inputs: &[abi::InputImage],
        output: abi::WireImage,
        soon: abi::Soon,
        services: &Services<'_>,
    ) -> EffectResult<()> {
        let call = abi::RenderCall {
            params: RSlice::from_slice(params),
            inputs: RSlice::from_slice(inputs),
            output,
            canvas: setting.canvas,
            frame: setting.frame,
            scale: setting.scale,
            seed: 0,
            soon,
            properties: RSlice::EMPTY,
        };
        let object = self.object()?;
        let rendered = self.watched(Some(services), || object.render(&call, &services.as_wire()));
        rendered.into_result().map_err(|failure| self.error_of(failure))
    }

    fn object(&self) -> EffectResult<&EffectBox> {
        let Origin::Library { module, object } = &self.origin else {
            return Err(EffectError::failed("it is no library in this process"));
        };
        let create = || {
            let made = self.watched(None, || module.create()(self.spec.id.as_str().into()));
            made.into_result().map_err(|failure| self.error_of(failure))
        };
        object.get_or_init(create).as_ref().map_err(EffectError::clone)
    }
}

impl Drop for EffectType {
    fn drop(&mut self) {
        let Origin::Library { module, object } = &mut self.origin else { return };
        let (destroy, Some(Ok(object))) = (module.destroy(), object.take()) else { return };
        if let Err(failure) = self.watched(None, || destroy(object)).into_result() {
            log::warn!("{}: failed when it was dropped: {}", self.spec.id, self.error_of(failure));
        }
    }
}

impl fmt::Debug for EffectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EffectType({} {} from {})", self.spec.id, self.spec.version, self.path.display())
    }
}

/// The values as an effect of the embedding program gets them.
fn values(params: &[WireValue]) -> Vec<Value> {
    params.iter().map(|wire| wire.to_value().expect("the host made it of a value")).collect()
}

fn wire_input(input: &Input<'_>) -> abi::InputImage {
    let at = abi::InputAt { input: input.input as u32, frame: input.frame };
    abi::InputImage { at, image: wire_view(&input.pixels) }
}

fn wire_view(pixels: &View<'_>) -> abi::WireImage {
    wire_image(pixels.pixels().as_ptr().cast_mut(), pixels.stride(), pixels.window())
}

fn wire_output(output: &mut ViewMut<'_>) -> abi::WireImage {
    let (window, stride) = (output.window(), output.stride());
    wire_image(output.pixels_mut().as_mut_ptr(), stride, window)
}

fn wire_soon(pixels: &View<'_>) -> abi::Soon {
    let (window, pixel) = (pixels.window(), size_of::<Pixel>());
    abi::Soon {
        data: pixels.pixels().as_ptr().cast(),
        row_stride: (pixels.stride() * pixel) as isize,
        row_bytes: window.width() * pixel,
        rows: window.height(),
    }
}

/// A view of `window`, whose first pixel is given, with `stride` pixels from row to row.
fn wire_image(first: *mut Pixel, stride: usize, window: Rect) -> abi::WireImage {
    let pixel = size_of::<Pixel>();
    abi::WireImage {
        data: first.cast(),
        row_stride: (stride * pixel) as isize,
        pixel_stride: pixel as isize,
        window,
        format: abi::formats::PIXELS,
    }
}
