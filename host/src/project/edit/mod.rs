//! The edits of a project, one file per kind of node.

mod cameras;
mod comps;
mod drawn;
mod effects;
mod layers;
mod media;

pub use layers::LayerSource;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::attrs::{AttrError, Attrs, Schema};
use super::document::{Document, Source};
use super::error::ProjectError;
use super::handle::NodeKind;

#[cfg(test)]
mod tests;

/// The attributes of a new node with an identity of its own.
fn named(schema: &'static Schema, name: &str, attrs: &[(&str, Value)]) -> Result<Attrs, AttrError> {
    let mut new = Attrs::new(schema);
    new.set_fact("uuid", &Value::Uuid(*Uuid::new_v4().as_bytes()))?;
    new.set("name", &Value::String(name.to_string()))?;
    for (name, value) in attrs {
        new.set(name, value)?;
    }
    Ok(new)
}

/// An error if layers show the node.
fn refuse_in_use(document: &Document, kind: NodeKind, name: &str, source: &Source) -> Result<(), ProjectError> {
    let layers = document.users(source);
    if layers.is_empty() { Ok(()) } else { Err(ProjectError::InUse { what: format!("{kind} `{name}`"), layers }) }
}
