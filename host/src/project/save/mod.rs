//! Projects as text: saving and loading, TOML in files and JSON in memory.
//!
//! Both notations go through one neutral [`Tree`]: `encode` makes it of a document and `decode` reads it back, checking
//! everything; `toml_text` and `json_text` are its two notations. Loading what was saved gives the same document.
//!
//! A project file starts with `playa = 1`, the version of the format, and then has `[project]`, `[[media]]`,
//! `[[camera]]`, `[[solid]]`, `[[text]]` and `[[comp]]` tables; a comp has `[[comp.layer]]` tables, the top layer first,
//! and these have `[[comp.layer.effect]]` tables with their `params`. Attributes that are functions of time have a table for each key,
//! `[[comp.layer.keys.opacity]]` with `frame` and `value`, and `interp`, `incoming` and `outgoing` where they are not
//! linear and automatic; parameters have `[[comp.layer.effect.keys.radius]]`, a mix `[[comp.layer.effect.mix_keys]]`.
//! The constant values beside are those without keys. Only what differs from its default is written. Everything has
//! its `uuid`; a layer names its source as `media`, `comp`, `camera`, `solid` or `text` by it, and another layer as its
//! `matte`. Paths of media and fonts are relative to the folder of the project, with `/`, or absolute where they have nothing in common with it.
//! Tables and keys that this version does not know are kept and written back, behind the known ones of the same table.
//!
//! Projects of the original Playa are read too: `original` makes a tree of this format of them, which goes the same way.

mod decode;
mod encode;
mod json_text;
mod memory;
pub(super) mod notes;
mod original;
pub(super) mod paths;
pub(super) mod toml_text;
mod tree;

use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

pub(super) use decode::read_kept_keys;
pub(super) use encode::value as tree_of;
pub use memory::Images;
pub use tree::{Data, Table, Tree};

use crate::atomic::write_atomic;
use crate::image::Frame;

use super::document::Document;
use super::effect::EffectLookup;
use super::error::{Place, ProjectError};
use super::handle::{MediaAccess, Project};
use notes::Notes;

/// The version of the format that is written, and the newest that is read.
pub const FORMAT: i64 = 1;

/// The text of a project is at most this long, in bytes: some 30 000 layers with effects. A hostile text, nothing but
/// empty lists, takes about 150 times its length in memory while it is read, a project of layers about 20 times.
pub const MAX_BYTES: u64 = 16 << 20;

/// The suffix of project files.
pub const SUFFIX: &str = "playa";

/// How to save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// What to do with layers that show an image in memory.
    pub memory: MemoryPolicy,
}

/// What to do with an image in memory when its project is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryPolicy {
    /// Write it as `<project>.media/<uuid of the layer>.exr` beside the project, which then names that file. The open
    /// project goes on showing the image in memory.
    #[default]
    WriteExr,
    /// Refuse to save.
    Refuse,
}

/// How to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Whether unknown keys, unknown effects and missing media are an error instead of diagnostics.
    pub strict: bool,
}

/// Something a user should know about a project that could be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file of the project.
    pub file: Option<PathBuf>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// What was found, and what follows from it.
    pub message: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Everything renders, perhaps not as it was meant.
    Warning,
    /// Some frames cannot be rendered.
    Error,
}

/// `shot.playa:12: warning: unknown key ...`
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let place = Place { file: self.file.clone(), line: self.line };
        write!(f, "{place}: {severity}: {}", self.message)
    }
}

impl Project {
    /// Writes the project to a file `NAME.playa`, whole or not at all: whatever happens meanwhile, the file is the old
    /// or the new one.
    pub fn save(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<(), ProjectError> {
        let path = PathBuf::from(paths::absolute(path.as_ref())?);
        if path.extension().is_none_or(|suffix| suffix != SUFFIX) {
            let reason = format!("a project file is called NAME.{SUFFIX}");
            return Err(ProjectError::Path { path, reason });
        }
        let document = memory::to_files(&self.snapshot(), &path, options.memory, &**self.media())?;
        let tree = encode::document(&document, path.parent());
        let place = Place { file: Some(path.clone()), line: None };
        let text = toml_text::write(&tree).map_err(|reason| ProjectError::Syntax { place: place.clone(), reason })?;
        check_size(text.len() as u64, place)?;
        write_atomic(&path, |out| out.write_all(text.as_bytes())).map_err(|source| ProjectError::Io {
            path,
            action: "write it",
            source,
        })
    }

    /// Reads a project file: one of ours, the text of [`Project::to_json`] in a file, or a project of the original Playa,
    /// a desktop player, whatever it is called. Effects are found in `effects`; those that are not there are kept and
    /// reported, as are missing media, unknown keys, and what of an original project cannot be kept: see
    /// [`Project::diagnostics`].
    pub fn load(
        path: impl AsRef<Path>,
        options: &LoadOptions,
        effects: &dyn EffectLookup,
        media: Arc<dyn MediaAccess>,
    ) -> Result<Self, ProjectError> {
        let path = PathBuf::from(paths::absolute(path.as_ref())?);
        let text = read_text(&path)?;
        let mut notes = Notes::of(Some(&path));
        let is_json = text.trim_start().starts_with('{') || path.extension().is_some_and(|suffix| suffix == "json");
        let document = match is_json {
            true => read_json(&text, &mut notes, effects)?,
            false => decode::document(toml_text::read(&text, Some(&path))?, &mut notes, effects)?,
        };
        Self::opened(document, notes, options, media)
    }

    /// The project as JSON, with absolute media paths. Refused while layers show images in memory.
    pub fn to_json(&self) -> Result<String, ProjectError> {
        let document = self.snapshot();
        memory::refuse(&document)?;
        to_json(&document)
    }

    /// Reads what [`Project::to_json`] wrote, or a project of the original Playa. A relative media path counts from the
    /// current folder.
    pub fn from_json(
        text: &str,
        options: &LoadOptions,
        effects: &dyn EffectLookup,
        media: Arc<dyn MediaAccess>,
    ) -> Result<Self, ProjectError> {
        check_size(text.len() as u64, Place::default())?;
        let mut notes = Notes::of(None);
        let document = read_json(text, &mut notes, effects)?;
        Self::opened(document, notes, options, media)
    }

    /// The project as JSON, and the images in memory that its layers show, each with the name by which the text knows it:
    /// for another process. [`Project::from_parts`] reads them.
    pub fn to_parts(&self) -> Result<(String, Images), ProjectError> {
        let (document, images) = memory::stand_ins(&self.snapshot())?;
        Ok((to_json(&document)?, images))
    }

    /// Reads what [`Project::to_parts`] gave.
    pub fn from_parts(
        text: &str,
        images: &[(Uuid, Arc<Frame>)],
        effects: &dyn EffectLookup,
        media: Arc<dyn MediaAccess>,
    ) -> Result<Self, ProjectError> {
        check_size(text.len() as u64, Place::default())?;
        let mut notes = Notes::of(None);
        let mut document = read_json(text, &mut notes, effects)?;
        memory::put_back(&mut document, images);
        Self::opened(document, notes, &LoadOptions::default(), media)
    }

    fn opened(
        document: Document,
        notes: Notes,
        options: &LoadOptions,
        media: Arc<dyn MediaAccess>,
    ) -> Result<Self, ProjectError> {
        let diagnostics = notes.found;
        if options.strict && !diagnostics.is_empty() {
            return Err(ProjectError::Strict { diagnostics });
        }
        Ok(Self::with_document(document, diagnostics, media))
    }
}

fn to_json(document: &Document) -> Result<String, ProjectError> {
    let reason = |reason| ProjectError::Syntax { place: Place::default(), reason };
    let text = json_text::write(&encode::document(document, None)).map_err(reason)?;
    check_size(text.len() as u64, Place::default())?;
    Ok(text)
}

/// A project in JSON, ours or an original one.
fn read_json(text: &str, notes: &mut Notes, effects: &dyn EffectLookup) -> Result<Document, ProjectError> {
    let json = json_text::read(text, notes.file.as_deref())?;
    if original::is_one(&json.tree) {
        return original::document(json.tree, notes, effects);
    }
    match json.null {
        Some(line) => Err(json_text::refuse_null(line, notes.file.as_deref())),
        None => decode::document(json.tree, notes, effects),
    }
}

fn read_text(path: &Path) -> Result<String, ProjectError> {
    let failed = |source| ProjectError::Io { path: path.to_path_buf(), action: "read the project", source };
    let place = || Place { file: Some(path.to_path_buf()), line: None };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // One byte more than may be there tells a file that is too long, even if it grows.
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    check_size(read as u64, place())?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = Some(valid.iter().filter(|byte| **byte == b'\n').count() as u32 + 1);
        ProjectError::Syntax { place: Place { line, ..place() }, reason: "the text is not UTF-8".to_string() }
    })
}

fn check_size(bytes: u64, place: Place) -> Result<(), ProjectError> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let expected = format!("at most {} MiB", MAX_BYTES >> 20);
    Err(ProjectError::Invalid { place, what: "size of the project".into(), found: "more".into(), expected })
}

#[cfg(test)]
mod tests;
