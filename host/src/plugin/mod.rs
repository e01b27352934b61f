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

/// A text of foreign making, such as a panic's, in the one line that an error has.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
