//! Edits of media.

use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::refuse_in_use;
use crate::project::attrs::Attrs;
use crate::project::document::{FileNode, Source};
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::save::{Diagnostic, Severity, Table, paths};
use crate::project::schema;
use crate::project::sequence::{Footage, Missing, Pattern, Sequence};

impl Project {
    /// Adds a file or sequence: a path such as `plates/fg.####.exr`, whose folder is read once and whose first file is
    /// looked into. A relative path counts from the current folder. A path that is there already is not added again:
    /// the same node comes back.
    pub fn add_media(&self, path: impl AsRef<Path>) -> Result<Uuid, ProjectError> {
        let path = paths::absolute(path.as_ref())?;
        if let Some(known) = self.snapshot().media.values().find(|media| media.attrs.text("path") == path) {
            return Ok(known.uuid());
        }
        let media = self.look_at(Sequence::find(Pattern::parse(&path)?)?)?;
        let uuid = self.change(|document| {
            // Another thread may have added it while the files were looked at.
            if let Some(known) = document.media.values().find(|known| known.attrs.text("path") == path) {
                return Ok((false, known.uuid()));
            }
            document.media.insert(media.uuid(), Arc::new(media.clone()));
            Ok((true, media.uuid()))
        })?;
        if let (Some(message), true) = (media.sequence.warning(), uuid == media.uuid()) {
            self.report(Diagnostic { severity: Severity::Warning, file: None, line: None, message });
        }
        Ok(uuid)
    }

    /// Removes a file or sequence from the project, not from disk. Refused while layers show it.
    pub fn remove_media(&self, media: Uuid) -> Result<(), ProjectError> {
        self.change(|document| {
            let node = document.media.get(&media).ok_or_else(|| removed(NodeKind::Media, media))?;
            refuse_in_use(document, NodeKind::Media, node.name(), &Source::Media(media))?;
            document.media.shift_remove(&media);
            Ok((true, ()))
        })
    }

    /// A node of a sequence that was found, with what its first file says of it.
    fn look_at(&self, sequence: Sequence) -> Result<FileNode, ProjectError> {
        let mut attrs = Attrs::new(schema::media());
        let path = sequence.pattern().to_string();
        let name = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        attrs.set_fact("uuid", &Value::Uuid(*Uuid::new_v4().as_bytes()))?;
        attrs.set_fact("name", &Value::String(name))?;
        attrs.set_fact("path", &Value::String(path))?;
        let (first, last) = sequence.bounds().unwrap_or((0, 0));
        attrs.set_fact("in", &Value::Int(first))?;
        attrs.set_fact("out", &Value::Int(last))?;
        if let Footage::File(file) = sequence.footage(first, Missing::Error)? {
            let probed = self.media().probe(&file);
            let facts = probed.map_err(|reason| ProjectError::Media { path: file, reason })?;
            if let Some((width, height)) = facts.size {
                attrs.set_fact("width", &Value::Int(width.into()))?;
                attrs.set_fact("height", &Value::Int(height.into()))?;
            }
            if let Some(rate) = facts.rate {
                attrs.set_fact("fps", &Value::String(rate.to_string()))?;
            }
        }
        Ok(FileNode { attrs, sequence, extra: Table::new() })
    }
}
