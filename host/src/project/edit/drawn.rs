//! Edits of solids and texts.

use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::{named, refuse_in_use};
use crate::project::document::Source;
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::save::Table;
use crate::project::schema;
use crate::project::solid::Solid;
use crate::project::text::{Text, name_of};
use crate::text::Font;

impl Project {
    /// Adds a solid with the given attributes. It is seen once a layer shows it.
    pub fn add_solid(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let solid = Solid { attrs: named(schema::solid(), name, attrs)?, extra: Table::new() };
        let uuid = solid.uuid();
        self.change("add solid", |document| {
            document.solids.insert(uuid, Arc::new(solid));
            Ok((true, uuid))
        })
    }

    /// Removes a solid. Refused while layers show it.
    pub fn remove_solid(&self, solid: Uuid) -> Result<(), ProjectError> {
        self.change("remove solid", |document| {
            let node = document.solids.get(&solid).ok_or_else(|| removed(NodeKind::Solid, solid))?;
            refuse_in_use(document, NodeKind::Solid, node.name(), &Source::Solid(solid))?;
            document.solids.shift_remove(&solid);
            Ok((true, ()))
        })
    }

    /// Adds a text with the given attributes; its name is its first line unless they say another. It is seen once a
    /// layer shows it. A font that is not there is refused.
    pub fn add_text(&self, text: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let said = [("text", Value::String(text.to_owned()))];
        let attrs: Vec<_> = said.iter().chain(attrs).cloned().collect();
        let text = Text { attrs: named(schema::text(), &name_of(text), &attrs)?, extra: Table::new() };
        Font::find(text.attrs.text("font"))?;
        let uuid = text.uuid();
        self.change("add text", |document| {
            document.texts.insert(uuid, Arc::new(text));
            Ok((true, uuid))
        })
    }

    /// Removes a text. Refused while layers show it.
    pub fn remove_text(&self, text: Uuid) -> Result<(), ProjectError> {
        self.change("remove text", |document| {
            let node = document.texts.get(&text).ok_or_else(|| removed(NodeKind::Text, text))?;
            refuse_in_use(document, NodeKind::Text, node.name(), &Source::Text(text))?;
            document.texts.shift_remove(&text);
            Ok((true, ()))
        })
    }
}
