//! What is noticed while the text of a project is read.

use std::path::{Path, PathBuf};

use super::{Diagnostic, Severity};
use crate::project::error::{Place, ProjectError};

/// A broken text must not fill the memory with what is wrong with it.
pub(super) const MAX_DIAGNOSTICS: usize = 1000;

/// Diagnostics of one text, and the errors that name a place in it.
pub(super) struct Notes {
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

    pub fn invalid(&self, line: Option<u32>, what: &str, found: String, expected: String) -> ProjectError {
        let place = Place { file: self.file.clone(), line };
        ProjectError::Invalid { place, what: what.to_string(), found, expected }
    }
}
