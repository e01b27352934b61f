//! What an effect says when it cannot do its work.

use std::fmt;

/// Result of an effect's work.
pub type EffectResult<T> = Result<T, EffectError>;

/// Why an effect could not do its work. The host adds the effect, the layer and the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectError {
    /// Whose fault it is, for the host to act on.
    pub code: ErrorCode,
    /// What was found, what was expected.
    pub message: String,
    /// The parameter at fault, empty where none is.
    pub param: String,
}

/// Whose fault an [`EffectError`] is. The numbers travel between host and plugin and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ErrorCode {
    /// The effect could not do it.
    Failed = 0,
    /// A parameter has a value the effect cannot use.
    Param = 1,
    /// An input is missing or has a form the effect does not take.
    Input = 2,
    /// The host gave no memory.
    OutOfMemory = 3,
    /// The host asked to stop, and the effect did.
    Aborted = 4,
    /// The effect's code panicked; the SDK caught it.
    Panicked = 5,
    /// The plugin has no effect of that name.
    NotFound = 6,
    /// This machine or this host lacks something the effect needs.
    Unsupported = 7,
}

impl ErrorCode {
    /// The code with this number; a number from a later version reads as [`ErrorCode::Failed`].
    pub fn from_number(number: u32) -> Self {
        use ErrorCode::{Aborted, Failed, Input, NotFound, OutOfMemory, Panicked, Param, Unsupported};
        [Failed, Param, Input, OutOfMemory, Aborted, Panicked, NotFound, Unsupported]
            .into_iter()
            .find(|code| *code as u32 == number)
            .unwrap_or(Failed)
    }
}

impl EffectError {
    /// An error of this kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), param: String::new() }
    }

    /// The effect could not do it.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Failed, message)
    }

    /// The parameter `name` has a value the effect cannot use.
    pub fn param(name: &str, message: impl Into<String>) -> Self {
        Self { param: name.to_owned(), ..Self::new(ErrorCode::Param, message) }
    }

    /// An input is missing or not as the effect needs it.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Input, message)
    }

    /// The host asked to stop.
    pub fn aborted() -> Self {
        Self::new(ErrorCode::Aborted, "stopped, as the host asked")
    }
}

impl fmt::Display for EffectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.param.is_empty()) {
            (ErrorCode::Panicked, _) => write!(f, "panicked: {}", self.message),
            (_, false) => write!(f, "parameter {:?}: {}", self.param, self.message),
            (_, true) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for EffectError {}
