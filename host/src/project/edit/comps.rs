//! Edits of comps.

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::attrs::Attrs;
use crate::project::document::Comp;
use crate::project::error::ProjectError;
use crate::project::handle::Project;
use crate::project::save::Table;
use crate::project::schema;

impl Project {
    /// Adds a comp with the given attributes; the others are at their defaults: 1920x1080, 24 frames per second,
    /// frames 0 to `round(5 * fps)`.
    pub fn add_comp(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let mut comp = Comp { attrs: Attrs::new(schema::comp()), layers: Vec::new(), extra: Table::new() };
        comp.attrs.set_fact("uuid", &Value::Uuid(*Uuid::new_v4().as_bytes()))?;
        comp.attrs.set("name", &Value::String(name.to_string()))?;
        let rate_first = attrs.iter().filter(|(name, _)| *name == "fps");
        for (name, value) in rate_first {
            comp.set(name, value)?;
        }
        let five_seconds = (5.0 * comp.rate().as_f64()).round() as i64;
        comp.attrs.set("out", &Value::Int(five_seconds))?;
        for (name, value) in attrs {
            comp.set(name, value)?;
        }
        self.add_node(comp)
    }

    /// Removes a comp with its layers. Refused while layers of other comps show it.
    pub fn remove_comp(&self, comp: Uuid) -> Result<(), ProjectError> {
        self.remove_node::<Comp>(comp)
    }
}
