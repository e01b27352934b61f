//! How a Rust error becomes a Python exception.
//!
//! The classes are written in Python (`playa_py/errors.py`), where each leaf can also derive from the builtin that
//! fits.

use std::error::Error;
use std::path::PathBuf;

use playa_host::colour::ColourError;
use playa_host::compare::CompareError;
use playa_host::image::ImageError;
use playa_host::media::movie::MovieFailure;
use playa_host::media::{self, MediaError};
use playa_host::plugin::LoadError;
use playa_host::plugin::search::ConfigError;
use playa_host::project::{AttrError, KeyError, NodeKind, ProjectError, SequenceError, ValueError};
use playa_host::render::{self, RenderError};
use playa_host::text::{FontError, TypesetError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};
use uuid::Uuid;

/// An exception of `playa_py.errors` to raise: its class, what happened, and where.
///
/// A Rust error maps to it in one place, and `?` in a function that returns [`PyResult`] does the rest:
///
/// ```ignore
/// impl From<MediaError> for Raise {
///     fn from(error: MediaError) -> Self {
///         let message = error.to_string();
///         Self { path: Some(error.path), ..Self::new("MediaError", message) }
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct Raise {
    /// Name of a class in `playa_py.errors`.
    pub class: &'static str,
    /// What was found, where, and what was expected.
    pub message: String,
    /// The file it is about, `.path` in Python.
    pub path: Option<PathBuf>,
    /// The project, comp, layer, media or effect it is about, as a person would name it, `.node` in Python.
    pub node: Option<String>,
    /// The frame it is about, in the time of the comp that was rendered, `.frame` in Python.
    pub frame: Option<i64>,
    /// What to do about it, `.hint` in Python.
    pub hint: Option<String>,
    /// The exception behind it, `.__cause__` in Python.
    pub cause: Option<PyErr>,
}

impl Raise {
    /// The exception `class` with a message and no more details.
    pub fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), ..Self::default() }
    }

    /// The Python exception itself. If even that cannot be made, the exception that says why.
    fn into_exception(self, py: Python<'_>) -> PyResult<PyErr> {
        static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let errors = ERRORS.get_or_try_init(py, || PyModule::import(py, "playa_py.errors").map(Bound::unbind))?;
        let details = PyDict::new(py);
        details.set_item("path", self.path)?;
        details.set_item("node", self.node)?;
        details.set_item("frame", self.frame)?;
        details.set_item("hint", self.hint)?;
        let exception = errors.bind(py).getattr(self.class)?.call((self.message,), Some(&details))?;
        let exception = PyErr::from_value(exception);
        if self.cause.is_some() {
            exception.set_cause(py, self.cause);
        }
        Ok(exception)
    }
}

impl From<Raise> for PyErr {
    fn from(raise: Raise) -> Self {
        Python::attach(|py| raise.into_exception(py).unwrap_or_else(|error| error))
    }
}

/// `?` on a host error in a function that returns [`PyResult`].
pub fn raise<E: Into<Raise>>(error: E) -> PyErr {
    PyErr::from(error.into())
}

/// The exception for a node that is not in its project any more.
pub fn removed(kind: NodeKind, uuid: Uuid) -> PyErr {
    raise(ProjectError::NodeRemoved { kind, uuid })
}

impl From<AttrError> for Raise {
    fn from(error: AttrError) -> Self {
        let class = match &error {
            AttrError::Unknown { .. } => "AttrNameError",
            AttrError::ReadOnly { .. } => "AttrReadOnlyError",
            AttrError::Value { source: ValueError::Kind { .. }, .. }
            | AttrError::Key { source: KeyError::Value(ValueError::Kind { .. }), .. } => "AttrTypeError",
            _ => "AttrValueError",
        };
        Self::new(class, error.to_string())
    }
}

impl From<ProjectError> for Raise {
    fn from(error: ProjectError) -> Self {
        let message = error.to_string();
        match error {
            ProjectError::Attr(error) => error.into(),
            ProjectError::Font(error) => Self { path: font_file(&error), ..Self::new("AttrValueError", message) },
            ProjectError::Sequence(error) => error.into(),
            ProjectError::Colour(error) => error.into(),
            ProjectError::NodeRemoved { uuid, .. } => {
                Self { node: Some(uuid.to_string()), ..Self::new("NodeRemovedError", message) }
            }
            ProjectError::EditOpen { .. } => Self::new("HistoryError", message),
            ProjectError::UnknownComp { name, .. } => {
                Self { node: Some(name), ..Self::new("NodeNotFoundError", message) }
            }
            ProjectError::Cycle { .. }
            | ProjectError::Nesting { .. }
            | ProjectError::MatteCycle { .. }
            | ProjectError::InputCycle { .. }
            | ProjectError::TooManyInputs { .. }
            | ProjectError::TooManyMattes { .. } => Self::new("CycleError", message),
            ProjectError::Position { .. } => Self::new("PositionError", message),
            ProjectError::InUse { what, .. } => Self { node: Some(what), ..Self::new("NodeInUseError", message) },
            ProjectError::UsedAsMatte { layer, .. } | ProjectError::UsedAsInput { layer, .. } => {
                Self { node: Some(layer), ..Self::new("NodeInUseError", message) }
            }
            ProjectError::Channels { path, .. } => Self { path, ..Self::new("ChannelNotFoundError", message) },
            ProjectError::NoMatte { layer, .. } => Self { node: Some(layer), ..Self::new("AttrValueError", message) },
            ProjectError::OutBeforeIn { layer, .. } => {
                Self { node: Some(layer), ..Self::new("AttrValueError", message) }
            }
            ProjectError::UnknownEffect { name, .. } => {
                Self { node: Some(name), ..Self::new("EffectNotFoundError", message) }
            }
            ProjectError::EffectNotLoaded { id, .. } => {
                Self { node: Some(id), ..Self::new("EffectNotFoundError", message) }
            }
            ProjectError::NoInput { layer, .. } => Self { node: Some(layer), ..Self::new("ParamError", message) },
            ProjectError::UnknownParam { effect, .. } | ProjectError::UnknownInput { effect, .. } => {
                Self { node: Some(effect), ..Self::new("ParamNameError", message) }
            }
            ProjectError::Param { effect, source, .. } => {
                let class = if matches!(source, ValueError::Kind { .. }) { "ParamTypeError" } else { "ParamError" };
                Self { node: Some(effect), ..Self::new(class, message) }
            }
            ProjectError::Key { effect, source, .. } => {
                let kind = matches!(source, KeyError::Value(ValueError::Kind { .. }));
                let class = if kind { "ParamTypeError" } else { "ParamError" };
                Self { node: Some(effect), ..Self::new(class, message) }
            }
            ProjectError::Mix { effect, .. } => Self { node: Some(effect), ..Self::new("ParamError", message) },
            ProjectError::Media { path, .. } => Self { path: Some(path), ..Self::new("MediaError", message) },
            ProjectError::Memory { layer, .. } => Self { node: Some(layer), ..Self::new("ProjectFileError", message) },
            ProjectError::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self { path: Some(path), ..Self::new("ProjectNotFoundError", message) }
            }
            ProjectError::Io { path, .. } | ProjectError::Path { path, .. } => {
                Self { path: Some(path), ..Self::new("ProjectFileError", message) }
            }
            ProjectError::Syntax { place, .. } | ProjectError::Invalid { place, .. } => {
                Self { path: place.file, ..Self::new("ProjectFileError", message) }
            }
            _ => Self::new("ProjectFileError", message),
        }
    }
}

/// The file that a font was to come from.
fn font_file(error: &FontError) -> Option<PathBuf> {
    match error {
        FontError::File { path, .. } => Some(path.clone()),
        _ => None,
    }
}

impl From<SequenceError> for Raise {
    fn from(error: SequenceError) -> Self {
        let message = error.to_string();
        let (class, path) = match error {
            SequenceError::NotFound { path, .. } => ("MediaNotFoundError", path.into()),
            SequenceError::MissingFrame { path, .. } => ("MediaNotFoundError", path),
            SequenceError::Pattern { path, .. } | SequenceError::Unreadable { path, .. } => ("MediaError", path.into()),
            _ => return Self::new("MediaError", message),
        };
        Self { path: Some(path), ..Self::new(class, message) }
    }
}

impl From<ColourError> for Raise {
    fn from(error: ColourError) -> Self {
        let message = error.to_string();
        match error {
            ColourError::Tag { path, .. } => Self { path: Some(path), ..Self::new("MediaError", message) },
            _ => Self::new("AttrValueError", message),
        }
    }
}

impl From<MediaError> for Raise {
    fn from(error: MediaError) -> Self {
        let class = match &error.problem {
            media::Problem::Io(io) if io.kind() == std::io::ErrorKind::NotFound => "MediaNotFoundError",
            media::Problem::UnknownFormat { .. }
            | media::Problem::UnknownSuffix
            | media::Problem::Movie(MovieFailure { unsupported: true, .. })
            | media::Problem::Unsupported { .. } => "UnsupportedMediaError",
            media::Problem::TooLarge { .. } | media::Problem::OutOfMemory { .. } | media::Problem::Pixels(_) => {
                "MediaMemoryError"
            }
            media::Problem::NoPart { .. }
            | media::Problem::NoView { .. }
            | media::Problem::NoChannels { .. }
            | media::Problem::NoLevel { .. } => "ChannelNotFoundError",
            _ => "MediaError",
        };
        let (message, cause) = (error.to_string(), exception_behind(&error));
        Self { path: Some(error.path), cause, ..Self::new(class, message) }
    }
}

/// The exception of Python for which a movie was not read.
fn exception_behind(error: &MediaError) -> Option<PyErr> {
    let media::Problem::Movie(failure) = &error.problem else { return None };
    exception_in(failure.cause.as_deref()?)
}

/// The exception of Python that an error is.
fn exception_in(cause: &(dyn Error + Send + Sync + 'static)) -> Option<PyErr> {
    let exception = cause.downcast_ref::<PyErr>()?;
    Some(Python::attach(|py| exception.clone_ref(py)))
}

impl From<CompareError> for Raise {
    fn from(error: CompareError) -> Self {
        let class = match &error {
            CompareError::OutOfMemory(..) => "MemoryLimitError",
            CompareError::PixelsPerDegree(_) => "AttrValueError",
            _ => "CompareError",
        };
        Self::new(class, error.to_string())
    }
}

impl From<ImageError> for Raise {
    fn from(error: ImageError) -> Self {
        Self::new("MemoryLimitError", error.to_string())
    }
}

impl From<RenderError> for Raise {
    fn from(error: RenderError) -> Self {
        Self::from(&error)
    }
}

impl From<&RenderError> for Raise {
    fn from(error: &RenderError) -> Self {
        let message = error.to_string();
        let class = match &*error.problem {
            _ if error.is_abort() => "CancelledError",
            _ if error.is_out_of_memory() => "MemoryLimitError",
            render::Problem::NoComp(_) => "NodeRemovedError",
            render::Problem::Effect(_) => "EffectError",
            render::Problem::EffectNotLoaded { .. } => "MissingEffectError",
            render::Problem::TooLarge { .. }
            | render::Problem::Image(_)
            | render::Problem::Memory(_)
            | render::Problem::Paint(_) => "MemoryLimitError",
            render::Problem::TimedOut(_) => "RenderTimeoutError",
            _ => "RenderError",
        };
        let path = match &*error.problem {
            render::Problem::Media(media) => Some(media.path.clone()),
            render::Problem::Sequence(sequence) => Self::from(sequence.clone()).path,
            render::Problem::Text(TypesetError::Font(error)) => font_file(error),
            _ => None,
        };
        let cause = match &*error.problem {
            render::Problem::Effect(failure) => failure.cause.as_deref().and_then(exception_in),
            render::Problem::Media(media) => exception_behind(media),
            _ => None,
        };
        let node = error.effect.as_ref().or(error.layer.as_ref()).unwrap_or(&error.comp).clone();
        Self { path, node: Some(node), frame: Some(error.frame), cause, ..Self::new(class, message) }
    }
}

impl From<LoadError> for Raise {
    fn from(error: LoadError) -> Self {
        Self { path: Some(error.path().clone()), ..Self::new("PluginLoadError", error.to_string()) }
    }
}

impl From<ConfigError> for Raise {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        Self { path: Some(error.path), ..Self::new("ConfigError", message) }
    }
}
