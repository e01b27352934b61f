//! Edits of cameras.

use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::attrs::Attrs;
use crate::project::camera::Camera;
use crate::project::document::Source;
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::save::Table;
use crate::project::schema;

impl Project {
    /// Adds a camera with the given attributes. A comp is looked at through it once a layer shows it.
    pub fn add_camera(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let uuid = Uuid::new_v4();
        let mut camera = Camera { attrs: Attrs::new(schema::camera()), extra: Table::new() };
        camera.attrs.set_fact("uuid", &Value::Uuid(*uuid.as_bytes()))?;
        camera.attrs.set("name", &Value::String(name.to_string()))?;
        for (name, value) in attrs {
            camera.attrs.set(name, value)?;
        }
        self.change("add camera", |document| {
            document.cameras.insert(uuid, Arc::new(camera));
            Ok((true, uuid))
        })
    }

    /// Removes a camera. Refused while layers show it.
    pub fn remove_camera(&self, camera: Uuid) -> Result<(), ProjectError> {
        self.change("remove camera", |document| {
            let node = document.cameras.get(&camera).ok_or_else(|| removed(NodeKind::Camera, camera))?;
            let layers = document.users(&Source::Camera(camera));
            if !layers.is_empty() {
                return Err(ProjectError::InUse { what: format!("camera `{}`", node.name()), layers });
            }
            document.cameras.shift_remove(&camera);
            Ok((true, ()))
        })
    }
}
