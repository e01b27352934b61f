//! Why a colour is not known, or cannot be brought into another space.

use std::path::PathBuf;

/// Why a colour is not known, or cannot be brought into another space.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColourError {
    /// No space has this name.
    #[error("there is no colour space `{name}`{hint} in {engine}; there are: {}", names.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// Where it was looked for: the built-in spaces, or a config.
        engine: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// A space was to be worked in whose numbers are not light.
    #[error("layers are composited as light, and `{name}` is not: set `working_space` to one such as {}", linear.join(", "))]
    NotLinear {
        /// The space.
        name: String,
        /// Some that are linear.
        linear: Vec<String>,
    },
    /// A pattern of `colour_rules` that fits nothing.
    #[error("`colour_rules`: {what}")]
    Rule {
        /// What was found, and what was expected.
        what: String,
    },
    /// The file says what it holds, in a way that is not understood.
    #[error("{}: {tag}: {reason}; say what the file holds with `colour_space`, or with a rule of the project", path.display())]
    Tag {
        /// The file.
        path: PathBuf,
        /// What the file says.
        tag: String,
        /// Why that is not understood.
        reason: String,
    },
}
