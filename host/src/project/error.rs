//! What can go wrong with a project.

use std::fmt;
use std::path::PathBuf;

use playa_plugin_api::ValueError;
use uuid::Uuid;

use super::attrs::AttrError;
use super::handle::NodeKind;
use super::keys::KeyError;
use super::save::Diagnostic;
use super::sequence::SequenceError;
use crate::colour::ColourError;
use crate::text::FontError;

/// Why an edit was refused or a project could not be loaded or saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// An attribute has no such name, or the value does not fit it.
    #[error(transparent)]
    Attr(#[from] AttrError),
    /// A text was to be set in a font that is not there.
    #[error(transparent)]
    Font(#[from] FontError),
    /// Footage was not found.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// A colour space is not known, or not one to work in.
    #[error(transparent)]
    Colour(#[from] ColourError),
    /// The node is no longer part of the project, or never was.
    #[error("the {kind} {uuid} is not in the project any more; it was removed")]
    NodeRemoved {
        /// What it was.
        kind: NodeKind,
        /// Its identity.
        uuid: Uuid,
    },
    /// There is no comp of this name.
    #[error("no comp is called `{name}`{hint}; there are: {}", listed(names))]
    UnknownComp {
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// A comp would contain itself.
    #[error("a comp cannot contain itself: {}", path.join(" -> "))]
    Cycle {
        /// Names of the comps, from the first round to itself.
        path: Vec<String>,
        /// The same comps by identity.
        comps: Vec<Uuid>,
    },
    /// Comps lie too deep in each other.
    #[error("comp `{comp}` holds comps in comps more than {limit} deep; put some of them side by side")]
    Nesting {
        /// Name of the comp.
        comp: String,
        /// The deepest possible.
        limit: usize,
    },
    /// A layer or effect was to be put behind the end of its list.
    #[error("position {position} is behind the end of the list, expected 0..={len}")]
    Position {
        /// The position asked for.
        position: usize,
        /// The last one possible.
        len: usize,
    },
    /// The node cannot be removed while layers show it.
    #[error("{what} is in use by {}; remove these layers first", layers.join(", "))]
    InUse {
        /// Kind and name of the node.
        what: String,
        /// The layers, as `comp / layer`.
        layers: Vec<String>,
    },
    /// A layer asks for channels that are not there.
    #[error("`{attr}`: {}{reason}", path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default())]
    Channels {
        /// The attribute that asks for them.
        attr: &'static str,
        /// The file, if there is one.
        path: Option<PathBuf>,
        /// What was asked for, and what there is.
        reason: String,
    },
    /// The layer cannot be removed while it is the matte of others.
    #[error("layer `{layer}` is the matte of {}; set their `matte` to another layer or none first", users.join(", "))]
    UsedAsMatte {
        /// The layer, as `comp / layer`.
        layer: String,
        /// Those that it is the matte of, in the same way.
        users: Vec<String>,
    },
    /// A layer's matte is no layer that could be one.
    #[error(
        "`matte` of layer `{layer}`: found {matte}, expected the uuid of another layer of its comp, which is no camera"
    )]
    NoMatte {
        /// The layer, as `comp / layer`.
        layer: String,
        /// The layer's identity.
        uuid: Uuid,
        /// What its matte was to be.
        matte: Uuid,
    },
    /// A layer would be a matte of itself.
    #[error("a layer cannot be its own matte: {}", path.join(" -> "))]
    MatteCycle {
        /// Names of the layers, each followed by its matte, from the first round to itself.
        path: Vec<String>,
        /// The same layers by identity.
        layers: Vec<Uuid>,
    },
    /// Mattes have mattes too deep.
    #[error("layer `{layer}` has mattes of mattes more than {limit} deep; put some of them into comps of their own")]
    TooManyMattes {
        /// The layer, as `comp / layer`.
        layer: String,
        /// The layer's identity.
        uuid: Uuid,
        /// The deepest possible.
        limit: usize,
    },
    /// The effect has no such further input.
    #[error("effect {effect} has no further input `{name}`{hint}; it has: {}", listed(valid))]
    UnknownInput {
        /// Type name of the effect.
        effect: String,
        /// The name asked for.
        name: String,
        /// What was perhaps meant, as a part of the message.
        hint: String,
        /// The names there are.
        valid: Vec<String>,
    },
    /// The layer cannot be removed while effects of others read it.
    #[error("layer `{layer}` is an input of effects on {}; set these inputs to another layer or none first", users.join(", "))]
    UsedAsInput {
        /// The layer, as `comp / layer`.
        layer: String,
        /// Those whose effects read it, in the same way.
        users: Vec<String>,
    },
    /// An input of an effect is no layer that could be one.
    #[error(
        "input `{name}` of effect {effect} on layer `{layer}`: found {input}, expected the uuid of another layer of its comp, which is no camera"
    )]
    NoInput {
        /// The layer, as `comp / layer`.
        layer: String,
        /// The layer's identity.
        uuid: Uuid,
        /// Type name of the effect.
        effect: String,
        /// The input.
        name: String,
        /// What it was to be.
        input: Uuid,
    },
    /// Effects of a layer would read what they make themselves.
    #[error("a layer cannot be an input of its own effects: {}", path.join(" -> "))]
    InputCycle {
        /// Names of the layers, each followed by one that its effects read, from the first round to itself.
        path: Vec<String>,
        /// The same layers by identity.
        layers: Vec<Uuid>,
    },
    /// Effects read layers whose effects read layers, too deep.
    #[error(
        "effects of layer `{layer}` read layers that read layers more than {limit} deep; put some of them into comps of their own"
    )]
    TooManyInputs {
        /// The layer, as `comp / layer`.
        layer: String,
        /// The layer's identity.
        uuid: Uuid,
        /// The deepest possible.
        limit: usize,
    },
    /// A layer was to end before it starts.
    #[error(
        "layer `{layer}` is first visible at frame {first}, so it cannot end at frame {out}; set `in` or `trim_in` first"
    )]
    OutBeforeIn {
        /// Name of the layer.
        layer: String,
        /// The end asked for.
        out: i64,
        /// Its first visible frame.
        first: i64,
    },
    /// No effect has this id, type name or label.
    #[error("no effect is called `{name}`{hint}; there are: {}", listed(names))]
    UnknownEffect {
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// The effect has no preset of this name.
    #[error("effect {effect} has no preset `{name}`{hint}; it has: {}", listed(names))]
    UnknownPreset {
        /// Type name of the effect.
        effect: String,
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// A preset cannot be called so.
    #[error(
        "the name {name:?} of a preset: expected 1 to {limit} characters in one line, at least one of them a letter or digit"
    )]
    PresetName {
        /// The name.
        name: String,
        /// The longest possible.
        limit: usize,
    },
    /// The file that a preset would be written to is there already.
    #[error("{}: the preset is there already; give it another name, or say that it may be replaced", path.display())]
    PresetExists {
        /// The file.
        path: PathBuf,
    },
    /// The effect is kept, but its plugin is not loaded, so values for its parameters cannot be checked.
    #[error(
        "effect `{id}` is not loaded, so its parameter `{param}` cannot be set; install its plugin and load the project again"
    )]
    EffectNotLoaded {
        /// The effect's identity.
        id: String,
        /// The parameter.
        param: String,
    },
    /// The effect has no such parameter.
    #[error("effect {effect} has no parameter `{name}`{hint}; it has: {}", valid.join(", "))]
    UnknownParam {
        /// Type name of the effect.
        effect: String,
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// The names there are.
        valid: Vec<String>,
    },
    /// The value does not fit the parameter.
    #[error("parameter `{param}` of effect {effect}: {source}")]
    Param {
        /// Type name of the effect.
        effect: String,
        /// The parameter.
        param: String,
        /// What was found and expected.
        source: ValueError,
    },
    /// The key does not fit the parameter, or the mix.
    #[error("parameter `{param}` of effect {effect}: {source}")]
    Key {
        /// Type name of the effect.
        effect: String,
        /// The parameter, or `mix`.
        param: String,
        /// What was found and expected.
        source: KeyError,
    },
    /// The mix of an effect is no share.
    #[error("mix {mix} of effect {effect}: expected a number within 0..=1")]
    Mix {
        /// Type name or id of the effect.
        effect: String,
        /// What was found.
        mix: f64,
    },
    /// A path that a project cannot hold.
    #[error("{}: {reason}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// The media file exists and cannot be read.
    #[error("{}: {reason}", path.display())]
    Media {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        reason: String,
    },
    /// A layer shows an image in memory, which the file of a project cannot hold.
    #[error("layer `{layer}` shows an image in memory: {reason}")]
    Memory {
        /// Name of the layer.
        layer: String,
        /// What was tried, and what to do.
        reason: String,
    },
    /// The file of a project is no valid TOML or JSON.
    #[error("{place}: {reason}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser found.
        reason: String,
    },
    /// Something in the file of a project is not what it should be.
    #[error("{place}: {what}: found {found}, expected {expected}")]
    Invalid {
        /// Where.
        place: Place,
        /// Which table or key.
        what: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// A strict load found what a tolerant load reports as diagnostics.
    #[error("{}", diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Strict {
        /// Everything found.
        diagnostics: Vec<Diagnostic>,
    },
    /// Undo and redo go from step to step, and one is being made.
    #[error("cannot {action} while the edit `{name}` is open; end it first")]
    EditOpen {
        /// `undo` or `redo`.
        action: &'static str,
        /// Name of the edit.
        name: String,
    },
    /// The system refused.
    #[error("{}: could not {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A place in the text of a project: `shot.playa:12`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file; `None` for a text in memory.
    pub file: Option<PathBuf>,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}", file.display())?,
            None => f.write_str("project")?,
        }
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}
