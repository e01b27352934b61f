//! Effect plugins: from files in directories, and from the embedding program, to effects that can be called.
//!
//! - Why was my file refused? [`load`], step by step, each with its [`LoadError`].
//! - Which file does this effect come from, and which version wins? [`effects`], [`registry`].
//! - Where are plugins looked for? [`search`]. Which of the files there may be loaded? [`policy`], [`trust`], [`lock`].
//! - What is a plugin that comes as a folder? [`bundle`].
//! - When is a file that changes loaded again? [`watch`]. Which generations of it are there? [`generation`].
//! - Which files are tried before they are loaded, and which live in a process of their own? [`guard`], [`quarantine`].
//! - What is such a process like? [`worker`].
//! - What happens when an effect is called? [`effect`] and [`services`]; for those of the embedding program, [`host_effect`].

pub mod bundle;
mod effect;
mod effects;
mod error;
mod event;
pub mod float;
pub mod generation;
pub mod guard;
mod host_effect;
pub mod load;
pub mod lock;
pub mod policy;
pub mod quarantine;
pub mod registry;
pub mod search;
mod services;
pub mod stamp;
pub mod trust;
pub mod watch;
pub mod worker;

pub use bundle::Bundle;
pub use effect::{EffectType, Input, Passage, Setting};
pub use effects::Effects;
pub use error::LoadError;
pub use event::PluginEvent;
pub use generation::{FileReport, Generation, Held, State};
pub use guard::{Guard, Isolation, Probe, Rules};
pub use host_effect::{EffectFailure, HostEffect};
pub use load::{BuildInfo, Plugin};
pub use policy::Policy;
pub use quarantine::Quarantine;
pub use registry::Registry;
pub use search::SearchPath;
pub use services::{Services, Stop, Threads, Watch};
pub use stamp::Stamp;
pub use watch::Watcher;
pub use worker::{Confined, Limits, WorkerProgram};

/// A text of foreign making, such as a panic's, in the one line that an error has. Of a longer one than 4000 characters the
/// beginning; what moves cursors and rings bells is shown as a character that stands for others.
pub(crate) fn one_line(text: &str) -> String {
    const LONGEST: usize = 4000;
    let spaced = text.split_whitespace().flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1);
    let mut shown = spaced.map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
    let mut line: String = shown.by_ref().take(LONGEST).collect();
    if shown.next().is_some() {
        line.push_str("...");
    }
    line
}

/// The same of what may not even be text, as plugins may be made by anything.
pub(crate) fn one_line_of(bytes: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_become_one_line_of_limited_length() {
        assert_eq!(one_line("  a\tb\r\n\n c "), "a b c");
        assert_eq!(one_line(""), "");
        assert_eq!(one_line("nul \0 and \u{1b}[31m red"), "nul \u{fffd} and \u{fffd}[31m red");
        assert_eq!(one_line(&"ä".repeat(4000)), "ä".repeat(4000));
        assert_eq!(one_line(&"ä".repeat(4001)), format!("{}...", "ä".repeat(4000)));
        assert_eq!(one_line(&"a ".repeat(1 << 20)).len(), 4003);
        assert_eq!(one_line_of(b"half \xe2\x82 a sign"), "half \u{fffd} a sign");
    }
}
