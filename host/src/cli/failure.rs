//! How the command ends.

use std::fmt;

use super::console;
use crate::project::ProjectError;

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All is well.
    Ok = 0,
    /// Some of the work failed: frames of a render, files of `info`; or pictures differ more than they may.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The project, or a picture to compare, cannot be opened.
    BadProject = 3,
    /// Ctrl-C.
    Interrupted = 130,
}

/// Why the command ends before its work is done.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), hint: None }
    }

    /// A wrong command line.
    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Adds what to do about it.
    pub(super) fn hint(self, hint: impl fmt::Display) -> Self {
        Self { hint: Some(hint.to_string()), ..self }
    }

    /// What is wrong.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// `error: ...`, and a line `hint: ...` where there is one, on stderr.
    pub(super) fn print(&self) {
        console::error(&self.message);
        if let Some(hint) = &self.hint {
            console::say(format_args!("hint: {hint}"));
        }
    }
}

/// A project that cannot be opened.
impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        Self::new(Exit::BadProject, error)
    }
}
