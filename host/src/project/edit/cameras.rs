//! Edits of cameras.

use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::{named, refuse_in_use};
use crate::project::camera::Camera;
use crate::project::document::Source;
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::save::Table;
use crate::project::schema;

impl Project {
    /// Adds a camera with the given attributes. A comp is looked at through it once a layer shows it.
    pub fn add_camera(&self, name: &str, attrs: &[(&str, Value)]) -> Result<Uuid, ProjectError> {
        let camera = Camera { attrs: named(schema::camera(), name, attrs)?, extra: Table::new() };
        let uuid = camera.uuid();
        self.change("add camera", |document| {
            document.cameras.insert(uuid, Arc::new(camera));
            Ok((true, uuid))
        })
    }

    /// Removes a camera. Refused while layers show it.
    pub fn remove_camera(&self, camera: Uuid) -> Result<(), ProjectError> {
        self.change("remove camera", |document| {
            let node = document.cameras.get(&camera).ok_or_else(|| removed(NodeKind::Camera, camera))?;
            refuse_in_use(document, NodeKind::Camera, node.name(), &Source::Camera(camera))?;
            document.cameras.shift_remove(&camera);
            Ok((true, ()))
        })
    }
}
