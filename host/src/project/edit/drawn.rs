//! Edits of cameras, solids and texts: nodes that are what their attributes say.

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::attrs::{AttrError, Attrs, Schema};
use crate::project::camera::Camera;
use crate::project::error::ProjectError;
use crate::project::handle::Project;
use crate::project::save::Table;
use crate::project::schema;
use crate::project::solid::Solid;
use crate::project::text::{Text, name_of};
use crate::text::Font;

impl Project {
    /// Adds a camera with the given attributes. A comp is looked at through it once a layer shows it.
    pub fn add_camera(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        self.add_node(Camera { attrs: named(schema::camera(), name, attrs)?, extra: Table::new() })
    }

    /// Removes a camera. Refused while layers show it.
    pub fn remove_camera(&self, camera: Uuid) -> Result<(), ProjectError> {
        self.remove_node::<Camera>(camera)
    }

    /// Adds a solid with the given attributes. It is seen once a layer shows it.
    pub fn add_solid(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        self.add_node(Solid { attrs: named(schema::solid(), name, attrs)?, extra: Table::new() })
    }

    /// Removes a solid. Refused while layers show it.
    pub fn remove_solid(&self, solid: Uuid) -> Result<(), ProjectError> {
        self.remove_node::<Solid>(solid)
    }

    /// Adds a text with the given attributes; its name is its first line unless they say another. It is seen once a
    /// layer shows it. A font that is not there is refused.
    pub fn add_text(&self, text: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let said = [("text", Value::String(text.to_owned()))];
        let attrs: Vec<_> = said.iter().chain(attrs).cloned().collect();
        let text = Text { attrs: named(schema::text(), &name_of(text), &attrs)?, extra: Table::new() };
        Font::find(text.attrs.text("font"))?;
        self.add_node(text)
    }

    /// Removes a text. Refused while layers show it.
    pub fn remove_text(&self, text: Uuid) -> Result<(), ProjectError> {
        self.remove_node::<Text>(text)
    }
}

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
