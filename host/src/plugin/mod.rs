//! Effect plugins: from files in directories, and from the embedding program, to effects that can be called.
//!
//! - Why was my file refused? [`load`], step by step, each with its [`LoadError`].
//! - Which file does this effect come from, and which version wins? [`registry`].
//! - Where are plugins looked for? [`search`].
//! - What happens when an effect is called? [`effect`] and [`services`]; for those of the embedding program, [`host_effect`].

mod effect;
mod error;
mod host_effect;
pub mod load;
pub mod registry;
pub mod search;
mod services;

pub use effect::{EffectType, Input, Setting};
pub use error::LoadError;
pub use host_effect::{EffectFailure, HostEffect};
pub use load::{BuildInfo, Plugin};
pub use registry::{Effects, FileReport, Registry};
pub use search::SearchPath;
pub use services::{Services, Stop, Threads, Watch};

/// A text of foreign making, such as a panic's, in the one line that an error has.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
