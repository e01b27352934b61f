//! What is noticed while the text of a project is read.

use std::path::{Path, PathBuf};

use playa_plugin_api::ValueError;

use super::{Diagnostic, Severity};
use crate::project::error::{Place, ProjectError};

/// A broken text must not fill the memory with what is wrong with it.
pub(super) const MAX_DIAGNOSTICS: usize = 1000;

/// Diagnostics of one text, and the errors that name a place in it.
pub(in crate::project) struct Notes {
    /// Where the text stands; `None` for a text in memory.
    pub file: Option<PathBuf>,
    /// What was noticed so far.
    pub found: Vec<Diagnostic>,
}

impl Notes {
    pub fn of(file: Option<&Path>) -> Self {
        Self { file: file.map(PathBuf::from), found: Vec::new() }
    }

    pub fn report(&mut self, severity: Severity, line: Option<u32>, message: String) {
        let file = self.file.clone();
        match self.found.len() {
            0..MAX_DIAGNOSTICS => self.found.push(Diagnostic { severity, file, line, message }),
            MAX_DIAGNOSTICS => {
                let message = "there is more of this kind, which is not listed".to_string();
                self.found.push(Diagnostic { severity, file, line, message });
            }
            _ => {}
        }
    }

    /// The error for a value that does not fit what it is for.
    pub fn misfit(&self, line: Option<u32>, what: &str, error: ValueError) -> ProjectError {
        let (found, expected) = match error {
            ValueError::Kind { found, expected } | ValueError::Range { found, expected } => (found, expected),
            ValueError::Choice { found, valid } => (format!("{found:?}"), format!("one of {}", valid.join(", "))),
        };
        self.invalid(line, what, found, expected)
    }

    pub fn invalid(&self, line: Option<u32>, what: &str, found: String, expected: String) -> ProjectError {
        let place = Place { file: self.file.clone(), line };
        ProjectError::Invalid { place, what: what.to_string(), found, expected }
    }
}
