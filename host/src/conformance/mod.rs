//! Whether a plugin is what it says: checks of plugin files and of their effects, as `playa validate` runs them.
//!
//! - Which checks are there? [`checks`], a file a theme; all together in [`all_checks`].
//! - How does a check call an effect? Through the wire, on a [`bench`], before a [`bench::Scene`], with [`services`] that
//!   count and refuse, over [`buffer`]s whose surroundings are known and whose ends are pages that nobody may touch.
//! - What does a check see and answer? [`exam`].
//! - How are they run? Each in a [`process`] of its own, which is the same program called in a way in which it does
//!   nothing else ([`child`]). A crash is a result, and so is no end.
//! - What of known faults? [`waiver`].
//!
//! For a plugin's own tests there is [`assert_conforms`].

pub mod bench;
pub mod buffer;
pub mod checks;
pub(crate) mod child;
pub mod exam;
mod junit;
pub mod machine;
pub mod picture;
pub mod process;
mod report;
mod run;
pub mod services;
pub mod waiver;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use exam::{Exam, Verdict};

pub use crate::glob::matches;
pub use junit::junit;
pub use process::Program;
pub use run::{CheckReport, Options, PluginReport, Report, assert_conforms, validate};

/// One thing that can be wrong with a plugin.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// In kebab case.
    pub name: &'static str,
    /// What has to hold, in a sentence.
    pub about: &'static str,
    /// From 1, what every plugin has to pass, to 10, what only those do that were built with fear.
    pub level: u8,
    /// What a failure means.
    pub severity: Severity,
    /// What it looks at.
    pub scope: Scope,
    /// How long it may take, in seconds.
    pub limit: u64,
    /// Does it.
    pub run: fn(&Exam) -> Verdict,
}

impl Check {
    /// A check of each effect, where failing is an error.
    pub const fn of_effect(name: &'static str, level: u8, about: &'static str, run: fn(&Exam) -> Verdict) -> Self {
        Self { name, about, level, severity: Severity::Error, scope: Scope::Effect, limit: LIMIT, run }
    }

    /// A check of the file as a whole, where failing is an error.
    pub const fn of_file(name: &'static str, level: u8, about: &'static str, run: fn(&Exam) -> Verdict) -> Self {
        Self { scope: Scope::File, ..Self::of_effect(name, level, about, run) }
    }

    /// A check of what is said of each effect, where failing is an error.
    pub const fn of_description(name: &'static str, level: u8, about: &'static str, run: fn(&Exam) -> Verdict) -> Self {
        Self { scope: Scope::Description, ..Self::of_effect(name, level, about, run) }
    }

    /// The same, where failing is only a warning.
    #[must_use]
    pub const fn warns(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same with another limit in seconds.
    #[must_use]
    pub const fn within(self, limit: u64) -> Self {
        Self { limit, ..self }
    }
}

/// How long a check may take unless it says otherwise, in seconds: many times what it takes.
const LIMIT: u64 = 60;

/// What a failure of a check means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Users get wrong pixels, or lose their work.
    Error,
    /// Users may be surprised, or wait.
    Warning,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A plugin file.
    File,
    /// What is said of each effect of it.
    Description,
    /// What each effect of it does.
    Effect,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold, or not quite, and that is bearable.
    Warning,
    /// It does not hold.
    Failed,
    /// The process of the check ended in the middle, or did not end in time.
    Crashed,
    /// There was nothing to check.
    Skipped,
}

impl Outcome {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Skipped => "skipped",
        }
    }
}

impl Severity {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Every check, by level, and within one in the order of the themes.
pub fn all_checks() -> Vec<&'static Check> {
    let mut checks: Vec<&Check> = checks::THEMES.iter().flat_map(|(_, checks)| checks.iter()).collect();
    checks.sort_by_key(|check| check.level);
    checks
}

/// The check of this name.
pub fn find_check(name: &str) -> Option<&'static Check> {
    checks::THEMES.iter().flat_map(|(_, checks)| checks.iter()).find(|check| check.name == name)
}

impl Check {
    /// How long it may take.
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.limit)
    }
}
