//! One effect of one plugin on the bench: called through the wire, by a host that hides nothing and helps in nothing.

use std::sync::Arc;

use abi_stable::std_types::{ROption, RSlice};
use playa_plugin_api::abi::{self, EffectBox, PluginModuleRef, WireValue};
use playa_plugin_api::{EffectError, EffectResult, EffectSpec, Need, Pixel, Plan, Rect};

use super::buffer::{Buffer, CANARY, Layout, POISON};
use super::exam::{Finding, Random, Verdict};
use super::picture::Picture;
use super::services::Services;
use crate::plugin::one_line;

/// A plugin that was opened, and one of its effects.
pub struct Bench {
    /// The plugin.
    pub module: PluginModuleRef,
    /// What the effect says of itself.
    pub spec: EffectSpec,
    object: Option<EffectBox>,
}

/// The pixel of input, frame, column and row.
pub type Content = Arc<dyn Fn(usize, f64, i32, i32) -> Pixel + Send + Sync>;

/// All that a call depends on, save the window.
#[derive(Clone)]
pub struct Scene {
    /// Values in the order of the descriptor.
    pub params: Vec<WireValue>,
    /// The display window.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Seed for effects that are random.
    pub seed: u64,
    /// Where each input has pixels; `None` where nothing is connected.
    pub domains: Vec<Option<Rect>>,
    /// What the inputs show.
    pub content: Content,
    /// How inputs lie in memory.
    pub input_layout: Layout,
    /// How the output lies in memory.
    pub output_layout: Layout,
    /// What lies around inputs in memory: the bits of each value.
    pub around: u32,
    /// What the output holds before it is written, and what lies around it.
    pub blank: u32,
}

/// A call that was made.
pub struct Taken {
    /// What the effect said.
    pub result: EffectResult<()>,
    /// The output as it was left.
    pub output: Buffer,
    /// What it was given.
    pub inputs: Vec<Given>,
}

/// An input: what was needed, its memory, its pixels before the call.
pub type Given = (Need, Buffer, Picture);

impl Scene {
    /// The same with other parameters.
    #[must_use]
    pub fn with_params(&self, params: &[WireValue]) -> Self {
        Self { params: params.to_vec(), ..self.clone() }
    }

    /// The same at another frame.
    #[must_use]
    pub fn at(&self, frame: f64) -> Self {
        Self { frame, ..self.clone() }
    }

    /// The same with inputs that show something else.
    #[must_use]
    pub fn showing(&self, content: impl Fn(usize, f64, i32, i32) -> Pixel + Send + Sync + 'static) -> Self {
        Self { content: Arc::new(content), ..self.clone() }
    }

    /// The same on a canvas of this place and size, which all connected inputs fill.
    #[must_use]
    pub fn on(&self, canvas: Rect) -> Self {
        let domains = self.domains.iter().map(|domain| domain.map(|_| canvas)).collect();
        Self { canvas, domains, ..self.clone() }
    }

    /// The same with inputs that do not fill the canvas: each reaches beyond it on some sides and not to it on others.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        let Rect { x0, y0, x1, y1 } = self.canvas;
        let places = [
            Rect::new(x0 + 7, y0 + 5, x1 - 11, y1 - 8),
            Rect::new(x0 - 9, y0 + 12, x1 - 23, y1 + 6),
            Rect::new(x0 + 19, y0 - 4, x1 + 13, y1 - 17),
        ];
        let domains = self.domains.iter().zip(places.iter().cycle());
        Self { domains: domains.map(|(domain, place)| domain.map(|_| *place)).collect(), ..self.clone() }
    }

    /// What an input shows in a rectangle.
    pub fn picture(&self, input: usize, frame: f64, rect: Rect) -> Picture {
        Picture::of(rect, |x, y| (self.content)(input, frame, x, y))
    }

    /// Where an input has pixels.
    pub fn domain(&self, input: usize) -> Rect {
        self.domains.get(input).copied().flatten().unwrap_or(Rect::EMPTY)
    }
}

/// Pixels without pattern, premultiplied: alpha 0..1, a tenth of them clear and a tenth opaque, straight colour -0.25..3.
pub fn noise(seed: u64) -> impl Fn(usize, f64, i32, i32) -> Pixel + Send + Sync + Clone {
    move |input, frame, x, y| {
        let place = (u64::from(x as u32) << 32) | u64::from(y as u32);
        let mut random = Random::new(seed ^ place ^ frame.to_bits().rotate_left(17) ^ ((input as u64) << 59));
        let alpha = match random.f32() {
            low if low < 0.1 => 0.0,
            high if high > 0.9 => 1.0,
            between => between,
        };
        let mut colour = || (random.f32() * 3.25 - 0.25) * alpha + 0.0; // No minus zero.
        [colour(), colour(), colour(), alpha]
    }
}

impl Bench {
    /// The effect of this id, as the plugin describes it now.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn new(module: PluginModuleRef, id: &str) -> Result<Self, Finding> {
        let descriptors = module.effects()()
            .into_result()
            .map_err(|failure| Finding::failed(format!("describing fails: {}", EffectError::from(failure))))?;
        let found = descriptors.iter().find(|descriptor| descriptor.id == id);
        let descriptor = found.ok_or_else(|| Finding::failed(format!("the plugin describes no effect {id:?}")))?;
        let spec = EffectSpec::try_from(descriptor).map_err(Finding::failed)?;
        Ok(Self { object: Some(create(module, id)?), module, spec })
    }

    /// The effect.
    ///
    /// # Panics
    /// After [`close`](Self::close).
    pub fn object(&self) -> &EffectBox {
        self.object.as_ref().expect("it is there until the bench is closed")
    }

    /// Another object of the same effect.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn another(&self) -> Result<Self, Finding> {
        Ok(Self { object: Some(create(self.module, &self.spec.id)?), module: self.module, spec: self.spec.clone() })
    }

    /// Gives the effect back to its plugin.
    ///
    /// # Errors
    /// If that fails.
    pub fn close(mut self) -> Verdict {
        self.object
            .take()
            .map_or(Ok(()), |object| self.module.destroy()(object).into_result())
            .map_err(|failure| Finding::failed(format!("ending the effect fails: {}", EffectError::from(failure))))
    }

    /// Asks what a window takes, as it comes.
    pub fn plan(&self, scene: &Scene, window: Rect) -> EffectResult<Plan> {
        let domains: Vec<ROption<Rect>> = scene.domains.iter().map(|domain| (*domain).into()).collect();
        let query = abi::Query {
            params: RSlice::from_slice(&scene.params),
            window,
            canvas: scene.canvas,
            frame: scene.frame,
            scale: 1.0,
            domains: RSlice::from_slice(&domains),
            properties: RSlice::EMPTY,
        };
        let plan = self.object().plan(&query).into_result().map_err(EffectError::from)?;
        let need = |need: &abi::Need| Need { input: need.at.input as usize, frame: need.at.frame, rect: need.rect };
        Ok(Plan {
            domain: plan.domain,
            identity: plan.identity.into_option().map(|at| (at.input as usize, at.frame)),
            needs: plan.needs.iter().map(need).collect(),
        })
    }

    /// The same, where an error or an answer that cannot be is a finding.
    ///
    /// # Errors
    /// What is wrong with the answer.
    pub fn planned(&self, scene: &Scene, window: Rect) -> Result<Plan, Finding> {
        let plan = self
            .plan(scene, window)
            .map_err(|error| Finding::failed(format!("planning the window {window} fails: {}", told(&error))))?;
        let inputs = self.spec.inputs.len();
        let named = plan.identity.into_iter().chain(plan.needs.iter().map(|need| (need.input, need.frame)));
        for (input, frame) in named {
            if input >= inputs || !frame.is_finite() {
                let message =
                    format!("its plan for {window} names input {input} at frame {frame}; it has {inputs} inputs");
                return Err(Finding::failed(message));
            }
        }
        Ok(plan)
    }

    /// Renders a window for which `plan` was made, into memory of its own.
    ///
    /// # Errors
    /// Only if there is no memory for it. What the effect says is in the answer.
    pub fn take(&self, scene: &Scene, plan: &Plan, window: Rect, services: &Services<'_>) -> Result<Taken, Finding> {
        let inputs = self.inputs(scene, plan)?;
        let output = Buffer::new(window, scene.output_layout, scene.blank).map_err(no_memory)?;
        let result = self.call(scene, &Self::wires(&inputs), output.wire(), services);
        Ok(Taken { result, output, inputs })
    }

    /// The inputs that a plan needs, as far as they have pixels.
    ///
    /// # Errors
    /// If there is no memory for them.
    pub fn inputs(&self, scene: &Scene, plan: &Plan) -> Result<Vec<Given>, Finding> {
        let given = |need: &Need| {
            let picture = scene.picture(need.input, need.frame, need.rect.intersect(&scene.domain(need.input)));
            let buffer = Buffer::of(&picture, scene.input_layout, scene.around).map_err(no_memory)?;
            Ok((*need, buffer, picture))
        };
        plan.needs.iter().map(given).collect()
    }

    /// Inputs as they go over the wire.
    pub fn wires(inputs: &[Given]) -> Vec<abi::InputImage> {
        inputs.iter().map(|(need, buffer, _)| input_image(need, buffer.wire())).collect()
    }

    /// One call, as it comes.
    pub fn call(
        &self,
        scene: &Scene,
        inputs: &[abi::InputImage],
        output: abi::WireImage,
        services: &Services<'_>,
    ) -> EffectResult<()> {
        let call = abi::RenderCall {
            params: RSlice::from_slice(&scene.params),
            inputs: RSlice::from_slice(inputs),
            output,
            canvas: scene.canvas,
            frame: scene.frame,
            scale: 1.0,
            seed: scene.seed,
            soon: abi::Soon::NOTHING,
            properties: RSlice::EMPTY,
        };
        self.object().render(&call, &services.wire()).into_result().map_err(EffectError::from)
    }

    /// What an effect draws in a window, as a host shows it: transparent outside of its domain. It renders even where it
    /// says that it changes nothing, unless it wants no input then.
    ///
    /// # Errors
    /// If it fails. Pixels that it did not write are [`CANARY`].
    pub fn render(&self, scene: &Scene, window: Rect) -> Result<Picture, Finding> {
        self.render_with(scene, window, &Services::default())
    }

    /// The same with services of one's own.
    ///
    /// # Errors
    /// If it fails.
    pub fn render_with(&self, scene: &Scene, window: Rect, services: &Services<'_>) -> Result<Picture, Finding> {
        let wanted = window.intersect(&self.planned(scene, window)?.domain);
        if wanted.is_empty() {
            return Ok(Picture::of(window, |_, _| [0.0; 4]));
        }
        let plan = self.planned(scene, wanted)?;
        if let Some((input, frame)) = plan.identity
            && plan.needs.is_empty()
        {
            return Ok(scene.picture(input, frame, wanted.intersect(&scene.domain(input))).crop(window));
        }
        let taken = self.take(scene, &plan, wanted, services)?;
        match taken.result {
            Ok(()) => Ok(taken.output.picture().crop(window)),
            Err(error) => Err(Finding::failed(format!("rendering the window {wanted} fails: {}", told(&error)))),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            // Whether it ends well is asked by who calls `close`.
            let _ = self.module.destroy()(object);
        }
    }
}

/// A need with its pixels.
pub fn input_image(need: &Need, image: abi::WireImage) -> abi::InputImage {
    abi::InputImage {
        at: abi::InputAt { input: u32::try_from(need.input).unwrap_or(u32::MAX), frame: need.frame },
        image,
    }
}

/// Makes an effect.
fn create(module: PluginModuleRef, id: &str) -> Result<EffectBox, Finding> {
    module.create()(id.into()).into_result().map_err(EffectError::from).map_err(|error| match error.code {
        playa_plugin_api::ErrorCode::Unsupported => Finding::skipped(format!("it cannot run on this machine: {error}")),
        _ => Finding::failed(format!("making the effect fails: {}", told(&error))),
    })
}

/// What an effect said, with the kind of its error.
pub fn told(error: &EffectError) -> String {
    one_line(&format!("{error} ({:?})", error.code))
}

/// A check that cannot be done for want of memory.
pub fn no_memory(error: std::io::Error) -> Finding {
    Finding::skipped(format!("there is no memory for the pictures of this check: {error}"))
}

/// A scene of an effect: all its inputs fill the canvas and show noise.
pub fn scene(spec: &EffectSpec, canvas: Rect, seed: u64) -> Scene {
    Scene {
        params: spec.params.iter().map(|param| WireValue::from(&param.default)).collect(),
        canvas,
        frame: 10.0,
        seed: 1,
        domains: spec.inputs.iter().map(|_| Some(canvas)).collect(),
        content: Arc::new(noise(seed)),
        input_layout: Layout::APRON,
        output_layout: Layout::APRON,
        around: POISON,
        blank: CANARY,
    }
}
