//! Why a frame could not be rendered, and where.

use std::fmt;
use std::time::Duration;

use playa_plugin_api::{EffectError, ErrorCode, ValueError};
use uuid::Uuid;

use crate::colour::ColourError;
use crate::image::memory::Refused;
use crate::image::{ImageError, Rect};
use crate::media::{self, MediaError};
use crate::plugin::EffectFailure;
use crate::project::blend_mode::UnknownMode;
use crate::project::channels::NO_FILE;
use crate::project::{Comp, Effect, Layer, SequenceError};
use crate::text::{PaintError, TypesetError};

/// Why a frame could not be rendered, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct RenderError {
    /// Name of the comp; empty where an effect was applied without one.
    pub comp: String,
    /// The comp's frame.
    pub frame: i64,
    /// Name of the layer, where one is at fault.
    pub layer: Option<String>,
    /// Type name or id of the effect, where one is at fault.
    pub effect: Option<String>,
    /// Its identity, where it is one of a layer.
    pub effect_node: Option<Uuid>,
    /// What went wrong.
    pub problem: Box<Problem>,
}

/// What went wrong in a render.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The project has no such comp.
    #[error("the project has no comp {0}; was it removed?")]
    NoComp(Uuid),
    /// A file could not be read.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A file's colour is not known, or the space to work in.
    #[error(transparent)]
    Colour(#[from] ColourError),
    /// A sequence has no file for the frame.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The source of the layer is not in the project.
    #[error("its source is not in the project")]
    NoSource,
    /// The text cannot be set.
    #[error(transparent)]
    Text(#[from] TypesetError),
    /// The text cannot be painted.
    #[error(transparent)]
    Paint(#[from] PaintError),
    /// The layer asks for channels, and shows no file.
    #[error("{NO_FILE}")]
    NoFile,
    /// The channel that a matte asks for cannot be one.
    #[error("{0}")]
    MatteOfIds(String),
    /// The matte of the layer is not in the comp.
    #[error("its matte {matte} is no layer of the comp; set `matte` to one, or to nothing")]
    NoMatte {
        /// What the layer names.
        matte: Uuid,
    },
    /// An input of the effect names a layer that is not in the comp.
    #[error("its input {input:?} is {layer}, which is no layer of the comp; set it to one, or to none")]
    NoInput {
        /// The input's name.
        input: String,
        /// What the effect names.
        layer: Uuid,
    },
    /// The effect is not loaded.
    #[error(
        "effect {id:?} (version {version}) is not loaded; install its plugin, disable the effect, or render without missing effects"
    )]
    EffectNotLoaded {
        /// Its id.
        id: String,
        /// The version that the project was made with.
        version: String,
    },
    /// The effect takes an image that it was not given.
    #[error(
        "the effect needs its input {input:?}, which is not connected; set it in the effect's `inputs`, or give it a picture"
    )]
    EffectInput {
        /// The input's name.
        input: String,
    },
    /// A value that the project sets does not fit the effect that is loaded.
    #[error("parameter {param:?}: {source}; set it to a value that fits")]
    Param {
        /// The parameter's name.
        param: String,
        /// What was found, and what was expected.
        source: Box<ValueError>,
    },
    /// The effect failed.
    #[error(transparent)]
    Effect(#[from] EffectFailure),
    /// The blend mode is unknown.
    #[error(transparent)]
    Blend(#[from] UnknownMode),
    /// The filter is unknown.
    #[error(transparent)]
    Filter(#[from] super::sample::UnknownFilter),
    /// No memory.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// An image is larger than the limit.
    #[error("an image over {window} takes {bytes} bytes, and the limit is {limit}")]
    TooLarge {
        /// The window.
        window: Rect,
        /// What it takes.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The frame does not fit into the memory that the process may take.
    #[error("{0}; let go of frames that are not needed, render a smaller region, or raise the limit")]
    Memory(Refused),
    /// It was asked to stop.
    #[error("stopped")]
    Aborted,
    /// It took longer than it was given.
    #[error("not done within {} seconds", .0.as_secs_f64())]
    TimedOut(Duration),
}

impl From<EffectError> for Problem {
    fn from(error: EffectError) -> Self {
        Problem::Effect(error.into())
    }
}

/// Where the render is.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    /// Identity of the comp, or of the layer.
    pub node: Uuid,
    comp: &'a str,
    frame: i64,
    layer: Option<&'a str>,
    effect: Option<&'a str>,
    effect_node: Option<Uuid>,
}

impl<'a> At<'a> {
    pub(super) fn comp(comp: &'a Comp, frame: i64) -> Self {
        Self { node: comp.uuid(), comp: comp.name(), frame, layer: None, effect: None, effect_node: None }
    }

    /// Where no comp is.
    pub(super) fn nowhere(frame: i64) -> Self {
        Self { node: Uuid::nil(), comp: "", frame, layer: None, effect: None, effect_node: None }
    }

    pub(super) fn layer(comp: &'a Comp, frame: i64, layer: &'a Layer) -> Self {
        Self { node: layer.uuid(), layer: Some(layer.name()), ..Self::comp(comp, frame) }
    }

    pub(super) fn effect(self, effect: &'a Effect) -> Self {
        Self { effect: Some(effect.name()), effect_node: Some(effect.uuid), ..self }
    }

    /// An effect that is on no layer.
    pub(super) fn lone_effect(self, name: &'a str) -> Self {
        Self { effect: Some(name), ..self }
    }

    pub(super) fn error(&self, problem: impl Into<Problem>) -> RenderError {
        RenderError {
            comp: self.comp.to_owned(),
            frame: self.frame,
            layer: self.layer.map(str::to_owned),
            effect: self.effect.map(str::to_owned),
            effect_node: self.effect_node,
            problem: Box::new(problem.into()),
        }
    }
}

/// `layer "sky" of comp "Main"`
impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.comp.is_empty() {
            return f.write_str("a picture");
        }
        if let Some(layer) = self.layer {
            write!(f, "layer {layer:?} of ")?;
        }
        write!(f, "comp {:?}", self.comp)
    }
}

impl RenderError {
    pub(super) fn without_comp(comp: Uuid, frame: i64) -> Self {
        let problem = Box::new(Problem::NoComp(comp));
        Self { comp: comp.to_string(), frame, layer: None, effect: None, effect_node: None, problem }
    }

    /// Whether it only says that the render was asked to stop.
    pub fn is_abort(&self) -> bool {
        match &*self.problem {
            Problem::Aborted => true,
            Problem::Effect(failure) => failure.error.code == ErrorCode::Aborted,
            _ => false,
        }
    }

    /// The effect of a layer without which the frame might be made: it failed, or cannot work with what it is given.
    pub(super) fn failed_effect(&self) -> Option<Uuid> {
        let failed = match &*self.problem {
            Problem::Effect(_) => !self.is_abort(),
            Problem::EffectInput { .. } | Problem::NoInput { .. } | Problem::Param { .. } => true,
            _ => false,
        };
        self.effect_node.filter(|_| failed)
    }

    /// Whether memory within the limit of the process, or for an effect, was lacking while it was made.
    pub fn is_out_of_memory(&self) -> bool {
        match &*self.problem {
            Problem::Image(ImageError::OverLimit { .. }) => true,
            Problem::Media(error) => matches!(error.problem, media::Problem::Pixels(ImageError::OverLimit { .. })),
            Problem::Effect(failure) => failure.error.code == ErrorCode::OutOfMemory,
            _ => false,
        }
    }

    fn text(&self) -> String {
        let comp = (!self.comp.is_empty()).then(|| format!("comp {:?}", self.comp));
        let layer = self.layer.as_ref().map(|layer| format!("layer {layer:?}"));
        let effect = self.effect.as_ref().map(|effect| format!("effect {effect}"));
        let place = [comp, Some(format!("frame {}", self.frame)), layer, effect];
        format!("{}: {}", place.into_iter().flatten().collect::<Vec<_>>().join(", "), self.problem)
    }
}
