//! What happens to plugins, for those who want to be told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use playa_plugin_api::Value;

use super::LoadError;
use crate::events::{Event, Field};
use crate::project::Carried;

/// Something that happened to a plugin file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PluginEvent {
    /// A file that was not in use is now.
    Loaded {
        /// The file.
        path: PathBuf,
        /// Which of its generations is in use.
        generation: u64,
        /// Ids of its effects.
        effects: Vec<String>,
        /// How long loading took, until its use.
        took: Duration,
    },
    /// Another generation of a file is in use.
    Reloaded {
        /// The file.
        path: PathBuf,
        /// Which of its generations is in use.
        generation: u64,
        /// Ids of its effects.
        effects: Vec<String>,
        /// Ids of effects that it has no more.
        gone: Vec<String>,
        /// For each effect that it had and has, what becomes of values of its parameters.
        carried: Vec<(String, Carried)>,
        /// How long loading took, until its use.
        took: Duration,
    },
    /// A file was refused. What was in use of it before goes on.
    Failed {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        error: LoadError,
    },
    /// A file is quarantined: it was refused for what it did in a process of its own, or did it too often there.
    Quarantined {
        /// The file.
        path: PathBuf,
        /// Hash of its content.
        hash: blake3::Hash,
        /// What it did.
        reason: String,
    },
    /// A file that was in use is gone.
    Removed {
        /// The file.
        path: PathBuf,
        /// Ids of its effects, which are missing from now on.
        effects: Vec<String>,
    },
}

impl PluginEvent {
    /// Its name among the events of a host: `plugin_loaded` and so on.
    pub fn name(&self) -> &'static str {
        match self {
            PluginEvent::Loaded { .. } => "plugin_loaded",
            PluginEvent::Reloaded { .. } => "plugin_reloaded",
            PluginEvent::Failed { .. } => "plugin_failed",
            PluginEvent::Quarantined { .. } => "plugin_quarantined",
            PluginEvent::Removed { .. } => "plugin_removed",
        }
    }

    /// The file it is about.
    pub fn path(&self) -> &Path {
        match self {
            PluginEvent::Loaded { path, .. }
            | PluginEvent::Reloaded { path, .. }
            | PluginEvent::Failed { path, .. }
            | PluginEvent::Quarantined { path, .. }
            | PluginEvent::Removed { path, .. } => path,
        }
    }
}

/// As it is told on the bus of the process.
impl From<&PluginEvent> for Event {
    fn from(event: &PluginEvent) -> Self {
        let new = Event::new(event.name()).with("path", event.path().to_owned());
        match event {
            PluginEvent::Loaded { generation, effects, took, .. } => {
                let new = new.with("generation", *generation as i64).with("effects", Field::Names(effects.clone()));
                new.with("seconds", took.as_secs_f64())
            }
            PluginEvent::Reloaded { generation, effects, gone, carried, took, .. } => {
                let names = |of: fn(&Carried) -> Vec<String>| {
                    let of_effect = |(id, carried): &(String, Carried)| {
                        of(carried).into_iter().map(|name| format!("{id}.{name}")).collect::<Vec<_>>()
                    };
                    Field::Names(carried.iter().flat_map(of_effect).collect())
                };
                let renamed = |(old, new): &(String, String)| (old.clone(), Value::String(new.clone()));
                let renamed = carried
                    .iter()
                    .map(|(id, carried)| (id.clone(), Value::Map(carried.renamed.iter().map(renamed).collect())));
                new.with("generation", *generation as i64)
                    .with("effects", Field::Names(effects.clone()))
                    .with("gone", Field::Names(gone.clone()))
                    .with("kept", names(|carried| carried.kept.clone()))
                    .with("renamed", Value::Map(renamed.collect()))
                    .with("converted", names(|carried| carried.converted.clone()))
                    .with("lost", names(|carried| carried.lost.clone()))
                    .with("seconds", took.as_secs_f64())
            }
            PluginEvent::Failed { error, .. } => new.with("error", error.to_string()),
            PluginEvent::Quarantined { hash, reason, .. } => {
                new.with("hash", hash.to_hex().to_string()).with("reason", reason.clone())
            }
            PluginEvent::Removed { effects, .. } => new.with("effects", Field::Names(effects.clone())),
        }
    }
}
