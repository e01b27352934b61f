//! Events: what happened, and who wants to know.
//!
//! An [`Event`] is a name in snake_case and fields by name. An [`EventBus`] hands it to everyone who subscribed to that
//! name, in the order in which they did. Every project has a bus of its own, see
//! [`Project::events`](crate::project::Project::events), and [`process`] is the bus for what belongs to no project:
//! plugins and the cache. Names are free: [`BUILT_IN`] lists those that the host itself emits.

mod backlog;
mod bus;
mod listener;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::{Node, Project};

pub use backlog::{BACKLOG, Backlog};
pub use bus::{EventBus, Filter, Subscription};
pub use listener::{Listener, Next};

/// Every name that the host emits, with its fields. Other names are those of users.
pub const BUILT_IN: &[(&str, &str)] = &[
    (
        "attrs_changed",
        "`node`, `names`: attributes of a node, or parameters of an effect, have another value or other keys.",
    ),
    ("media_changed", "`added`, `removed`: media came or went."),
    ("cameras_changed", "`added`, `removed`: cameras came or went."),
    ("solids_changed", "`added`, `removed`: solids came or went."),
    ("texts_changed", "`added`, `removed`: texts came or went."),
    ("comps_changed", "`added`, `removed`: comps came or went."),
    ("layers_changed", "`comp`, `frames`: what the layers of a comp show may have changed within these frames."),
    ("project_changed", "`cause`, `step`: an edit, undo or redo is done; the last event of it."),
    ("plugin_loaded", "`path`, `generation`, `effects`, `seconds`: a plugin file is in use that was not before."),
    (
        "plugin_reloaded",
        "`path`, `generation`, `effects`, `gone`, `kept`, `renamed`, `converted`, `lost`, `seconds`: another content of a \
         plugin file is in use; `gone` are effects it has no more, the rest says what becomes of parameters, as \
         `effect id.name`.",
    ),
    ("plugin_failed", "`path`, `error`: a plugin file was refused; what was in use of it goes on."),
    ("plugin_quarantined", "`path`, `hash`, `reason`: a plugin file did in a process of its own what no plugin may."),
    ("plugin_removed", "`path`, `effects`: a plugin file is gone, and its effects are missing."),
    (
        "cache_changed",
        "`added`, `removed`: so many pictures were kept in the cache, and so many left it; on the bus of a project also \
         `comps`, those for which they were made, on that of the process `entries` and `bytes`, what is kept now. Told 0.1 \
         seconds after the first change with all that came until then, so ten times a second at most.",
    ),
    ("frame_changed", "`comp`, `old`, `frame`: the playhead stands on another frame."),
    ("player_opened", "`comp`: a player has another comp open."),
    ("playing_changed", "`playing`: a player plays now, or does not any more."),
    ("picture_ready", "`frame`: the picture of the current frame of a player is ready."),
    ("picture_failed", "`frame`, `message`: the current frame of a player cannot be rendered."),
    ("events_lost", "`count`: that many events were dropped, because the one who is told was too slow."),
];

/// The bus for what belongs to no project.
pub fn process() -> &'static EventBus {
    static BUS: LazyLock<EventBus> = LazyLock::new(EventBus::new);
    &BUS
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    name: Cow<'static, str>,
    fields: Vec<(Cow<'static, str>, Field)>,
}

/// What an event says about what happened, under one name.
#[derive(Clone)]
pub enum Field {
    /// A plain value.
    Value(Value),
    /// First and last frame, both included.
    Frames(i64, i64),
    /// Names of attributes or parameters.
    Names(Vec<String>),
    /// A file.
    Path(PathBuf),
    /// The project, or something of it that has attributes.
    Node(Project, Node),
    /// Several of them. Those that were removed are named too.
    Nodes(Project, Vec<Node>),
    /// An effect on a layer.
    Effect(Project, Uuid),
    /// What only the one who emitted it understands.
    Object(Arc<dyn Any + Send + Sync>),
}

impl Event {
    /// An event without fields yet.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), fields: Vec::new() }
    }

    /// The event with one more field.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, field: impl Into<Field>) -> Self {
        self.fields.push((name.into(), field.into()));
        self
    }

    /// What happened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says under a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(candidate, _)| candidate == name).map(|(_, field)| field)
    }

    /// All that it says, in the order in which it was added.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields.iter().map(|(name, field)| (&**name, field))
    }
}

/// Without the address of a project, so that texts of equal events are equal.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Value(value) => write!(f, "{value}"),
            Field::Frames(first, last) => write!(f, "{first}..={last}"),
            Field::Names(names) => write!(f, "{names:?}"),
            Field::Path(path) => write!(f, "{path:?}"),
            Field::Node(_, node) => write!(f, "{node:?}"),
            Field::Nodes(_, nodes) => write!(f, "{nodes:?}"),
            Field::Effect(_, effect) => write!(f, "Effect({effect})"),
            Field::Object(_) => f.write_str("an object"),
        }
    }
}

impl From<Value> for Field {
    fn from(value: Value) -> Self {
        Field::Value(value)
    }
}

impl From<bool> for Field {
    fn from(value: bool) -> Self {
        Field::Value(Value::Bool(value))
    }
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Field::Value(Value::Int(value))
    }
}

impl From<f64> for Field {
    fn from(value: f64) -> Self {
        Field::Value(Value::Float(value))
    }
}

impl From<&str> for Field {
    fn from(value: &str) -> Self {
        Field::Value(Value::String(value.to_string()))
    }
}

impl From<String> for Field {
    fn from(value: String) -> Self {
        Field::Value(Value::String(value))
    }
}

impl From<(i64, i64)> for Field {
    fn from((first, last): (i64, i64)) -> Self {
        Field::Frames(first, last)
    }
}

impl From<Vec<String>> for Field {
    fn from(names: Vec<String>) -> Self {
        Field::Names(names)
    }
}

impl From<PathBuf> for Field {
    fn from(path: PathBuf) -> Self {
        Field::Path(path)
    }
}

#[cfg(test)]
mod tests;
