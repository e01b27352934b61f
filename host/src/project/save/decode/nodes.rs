//! Nodes that layers show and that have no layers: media, cameras, solids, texts.

use std::path::Path;

use playa_plugin_api::Value;

use super::{Fields, Reader, keep_keys};
use crate::project::attrs::{Attrs, Schema};
use crate::project::document::FileNode;
use crate::project::error::ProjectError;
use crate::project::save::tree::{Data, Table};
use crate::project::save::{Severity, paths};
use crate::project::schema;
use crate::project::sequence::{Pattern, Sequence};
use crate::project::text::Text;
use crate::text::{Font, fonts};

impl Reader<'_> {
    pub(super) fn media(&mut self, mut fields: Fields) -> Result<FileNode, ProjectError> {
        let path_line = fields.table.get("path").and_then(|tree| tree.line);
        let mut attrs = self.attrs(&mut fields, schema::media())?;
        if attrs.text("path").is_empty() {
            return Err(self.missing_key(&fields, "path", "a file or sequence"));
        }
        let path = paths::resolve(attrs.text("path"), self.notes.file.as_deref().and_then(Path::parent))?;
        let invalid = |error: &dyn std::error::Error| {
            self.invalid(path_line, &fields.key("path"), error.to_string(), "a file or sequence".to_string())
        };
        let pattern = Pattern::parse(&path).map_err(|error| invalid(&error))?;
        self.set(&mut attrs, &fields, "path", &Value::String(path), path_line)?;
        let sequence = Sequence::find(pattern.clone()).unwrap_or_else(|error| {
            self.report(Severity::Error, path_line, format!("{}: {error}", fields.what));
            Sequence::absent(pattern)
        });
        // How many frames a movie has is what was noted of it: it is not looked into before a frame is asked for.
        let sequence = match sequence.is_still() && attrs.int("out") > 0 {
            true => sequence.with_frames(attrs.int("out") + 1),
            false => sequence,
        };
        if let Some(warning) = sequence.warning() {
            self.report(Severity::Warning, path_line, warning);
        }
        if let Some((first, last)) = sequence.bounds() {
            self.set(&mut attrs, &fields, "in", &Value::Int(first), path_line)?;
            self.set(&mut attrs, &fields, "out", &Value::Int(last), path_line)?;
        }
        let extra = self.rest(fields, schema::media().names());
        Ok(FileNode { attrs, sequence, extra })
    }

    /// The attributes of a node that has nothing else, with their keys, and what is not known of it.
    pub(super) fn animated_node(
        &mut self,
        mut fields: Fields,
        schema: &'static Schema,
    ) -> Result<(Attrs, Table), ProjectError> {
        let mut attrs = self.attrs(&mut fields, schema)?;
        let unread_keys = self.attr_keys(&mut fields, &mut attrs)?;
        let mut extra = self.rest(fields, schema.names().chain(["keys"]));
        keep_keys(&mut extra, unread_keys);
        Ok((attrs, extra))
    }

    pub(super) fn text_node(&mut self, mut fields: Fields) -> Result<Text, ProjectError> {
        let mut line = None;
        if let Some(tree) = fields.table.get_mut("font")
            && let Data::Text(font) = &mut tree.data
        {
            line = tree.line;
            if fonts::is_path(font) {
                *font = paths::resolve(font, self.notes.file.as_deref().and_then(Path::parent))?;
            }
        }
        let (attrs, extra) = self.animated_node(fields, schema::text())?;
        if let Err(error) = Font::find(attrs.text("font")) {
            self.report(Severity::Error, line, format!("text {:?}: {error}", attrs.text("name")));
        }
        Ok(Text { attrs, extra })
    }
}
