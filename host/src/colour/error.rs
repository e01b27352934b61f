//! Why a colour is not known, or cannot be brought into another space.

use std::path::PathBuf;

/// Why a colour is not known, or cannot be brought into another space.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColourError {
    /// No space, display, view or look has this name.
    #[error("there is no {what} `{name}`{hint} in {engine}; there are: {}", names.join(", "))]
    Unknown {
        /// What was looked for, such as a colour space.
        what: String,
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
    /// A config that cannot be had.
    #[error(
        "colour config `{name}`: {reason}; expected the path of an .ocio or .ocioz file, a built-in config such as \
         `ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5`, or `$OCIO` for the one that this variable names"
    )]
    Config {
        /// What was asked for.
        name: String,
        /// Why it cannot be had.
        reason: String,
    },
    /// A way that a config does not have.
    #[error("{engine}: there is no way from `{from}` to `{to}`: {reason}")]
    NoWay {
        /// The config.
        engine: String,
        /// The space it begins in.
        from: String,
        /// The space, or the display and view, that it should lead to.
        to: String,
        /// Why there is none.
        reason: String,
    },
    /// A display was asked for where there is no config.
    #[error(
        "displays and views are those of an OpenColorIO config, and there is none: set `colour_config` of the \
         project, or give `config`"
    )]
    NoDisplays,
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
