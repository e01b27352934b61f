//! Edits of media.

use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::attrs::Attrs;
use crate::project::document::{Document, FileNode};
use crate::project::error::ProjectError;
use crate::project::handle::Project;
use crate::project::save::{Diagnostic, Severity, Table, paths};
use crate::project::schema;
use crate::project::sequence::{Footage, Missing, Pattern, Sequence, SequenceError};

/// Adds media to a document, unless some of their path are there, by another thread perhaps while the files were looked
/// at. Returns those that are there then, and whether they are new.
pub(super) fn keep_media(document: &mut Document, node: &Arc<FileNode>) -> (Uuid, bool) {
    let path = node.attrs.text("path");
    if let Some(known) = document.media.values().find(|known| known.attrs.text("path") == path) {
        return (known.uuid(), false);
    }
    document.media.insert(node.uuid(), Arc::clone(node));
    (node.uuid(), true)
}

impl Project {
    /// Adds a file or sequence: a path such as `plates/fg.####.exr`, whose folder is read once and whose first file is
    /// looked into. A relative path counts from the current folder. A path that is there already is not added again:
    /// the same node comes back.
    pub fn add_media(&self, path: impl AsRef<Path>) -> Result<Uuid, ProjectError> {
        let node = self.find_media(path.as_ref())?;
        let (uuid, new) = self.change("add media", |document| {
            let (uuid, new) = keep_media(document, &node);
            Ok((new, (uuid, new)))
        })?;
        if new {
            self.report_media(&node);
        }
        Ok(uuid)
    }

    /// The node of a path: the one that is there, or a new one of what is on disk, for [`keep_media`].
    pub(super) fn find_media(&self, path: &Path) -> Result<Arc<FileNode>, ProjectError> {
        let path = paths::absolute(path)?;
        match self.snapshot().media.values().find(|media| media.attrs.text("path") == path) {
            Some(known) => Ok(Arc::clone(known)),
            None => self.look_at(Sequence::find(Pattern::parse(&path)?)?).map(Arc::new),
        }
    }

    /// Notes what is odd about media that were added.
    pub(super) fn report_media(&self, media: &FileNode) {
        let path = Path::new(media.attrs.text("path"));
        let of_movie =
            || self.media().probe(path).ok()?.warning.map(|warning| format!("{}: {warning}", path.display()));
        let odd = if media.sequence.is_movie() { of_movie() } else { media.sequence.warning() };
        if let Some(message) = odd {
            self.report(Diagnostic { severity: Severity::Warning, file: None, line: None, message });
        }
    }

    /// Looks again which files of media there are, by reading their folder once. Whether others are there now than at the
    /// last time; that is one step. All may be gone: then their frames are missing.
    pub fn refresh_media(&self, media: Uuid) -> Result<bool, ProjectError> {
        let known = Arc::clone(self.snapshot().node::<FileNode>(media)?);
        let pattern = known.sequence.pattern().clone();
        let mut sequence = match Sequence::find(pattern.clone()) {
            Err(SequenceError::NotFound { .. }) => Sequence::absent(pattern),
            found => found?,
        };
        if known.sequence.is_movie() && sequence.is_still() {
            let path = Path::new(known.attrs.text("path"));
            let probed = self.media().probe(path);
            let facts = probed.map_err(|reason| ProjectError::Media { path: path.to_owned(), reason })?;
            sequence = sequence.with_frames(facts.frames.unwrap_or(1));
        }
        self.change("look at media again", |document| {
            let node = document.node_mut::<FileNode>(media)?;
            if node.sequence == sequence {
                return Ok((false, false));
            }
            if let Some((first, last)) = sequence.bounds() {
                node.attrs.set_fact("in", &Value::Int(first))?;
                node.attrs.set_fact("out", &Value::Int(last))?;
            }
            node.sequence = sequence;
            Ok((true, true))
        })
    }

    /// Removes a file or sequence from the project, not from disk. Refused while layers show it.
    pub fn remove_media(&self, media: Uuid) -> Result<(), ProjectError> {
        self.remove_node::<FileNode>(media)
    }

    /// A node of a sequence that was found, with what its first file says of it.
    fn look_at(&self, mut sequence: Sequence) -> Result<FileNode, ProjectError> {
        let mut attrs = Attrs::new(schema::media());
        let path = sequence.pattern().to_string();
        let name = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        attrs.set_fact("uuid", &Value::Uuid(*Uuid::new_v4().as_bytes()))?;
        attrs.set_fact("name", &Value::String(name))?;
        attrs.set_fact("path", &Value::String(path))?;
        let first = sequence.bounds().map_or(0, |(first, _)| first);
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
            if let Some(frames) = facts.frames {
                sequence = sequence.with_frames(frames);
            }
        }
        let (first, last) = sequence.bounds().unwrap_or((0, 0));
        attrs.set_fact("in", &Value::Int(first))?;
        attrs.set_fact("out", &Value::Int(last))?;
        Ok(FileNode { attrs, sequence, extra: Table::new() })
    }
}
