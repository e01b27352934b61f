//! Which channels of its file a layer shows, and which one counts where it is a matte.
//!
//! Layers of the same media may show different ones. What a file does not have is refused when it is asked for, if the file
//! can be looked into then, and is an error of the frame otherwise.

use std::path::PathBuf;
use std::sync::Arc;

use playa_plugin_api::Value;

use super::attrs::Attrs;
use super::document::{Comp, Document, FileNode, Layer, Source};
use super::error::ProjectError;
use super::handle::{Node, Project};
use super::save::Table;
use super::schema;
use super::sequence::Footage;
use crate::media::{Channels, MissingPixels, PartSelector};

/// What is wished for of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The part; that in which the channels are found first where none is named.
    pub part: Option<PartSelector>,
    /// The view; the file as a whole where none is named.
    pub view: Option<String>,
    /// The channels; those that are usually shown where none are named.
    pub channels: Option<Channels>,
}

/// The attributes by which channels are chosen.
const NAMES: [&str; 5] = ["channels", "part", "view", "matte", "matte_channel"];

impl Layer {
    /// What it shows of its file.
    pub fn wish(&self) -> Wish {
        let (part, view) = (self.attrs.text("part"), self.attrs.text("view"));
        Wish {
            part: (!part.is_empty()).then(|| PartSelector::Name(part.to_owned())),
            view: (!view.is_empty()).then(|| view.to_owned()),
            channels: self.attrs.text("channels").parse().ok(),
        }
    }
}

impl FileNode {
    /// What shows where a file was not finished.
    pub fn missing_pixels(&self) -> MissingPixels {
        self.attrs.text("missing_pixels").parse().expect("the schema lets only these in")
    }

    /// The file that shows at a frame of it, and of which frame that is; none where none is there.
    pub fn file(&self, frame: i64) -> Option<(PathBuf, i64)> {
        let (Footage::File(path) | Footage::Movie(path, _)) = self.footage(frame).ok()? else { return None };
        let shown = match self.sequence.is_still() {
            true => self.frames().0,
            false => self.sequence.shown(frame, self.missing()).ok()??,
        };
        Some((path, shown))
    }
}

impl Project {
    /// Refuses values of a layer that ask its file, or that of its matte, for channels which it does not have. Not asked
    /// while anything is locked: it may be on disk.
    pub(super) fn check_channels<'v>(
        &self,
        node: Node,
        values: impl Iterator<Item = (&'v str, &'v Value)>,
    ) -> Result<(), ProjectError> {
        let Node::Layer(layer) = node else { return Ok(()) };
        let values: Vec<_> = values.filter(|(name, _)| NAMES.contains(name)).collect();
        let document = self.snapshot();
        let Some((comp, _, layer)) = document.layer(layer).filter(|_| !values.is_empty()) else { return Ok(()) };
        let mut layer = Layer::clone(layer);
        for (name, value) in values {
            layer.set(name, value)?;
        }
        self.check_layer(&document, comp, &layer, None)
    }

    /// The same of a layer that is to be added; `media` is what it shows, where that is not in the document yet.
    pub(super) fn check_new_layer(
        &self,
        comp: &Comp,
        source: &Source,
        media: Option<&Arc<FileNode>>,
        values: &[(&str, Value)],
    ) -> Result<(), ProjectError> {
        let values: Vec<_> = values.iter().filter(|(name, _)| NAMES.contains(name)).collect();
        if values.is_empty() {
            return Ok(());
        }
        let attrs = Attrs::new(schema::layer());
        let mut layer = Layer { attrs, source: source.clone(), effects: Vec::new(), extra: Table::new() };
        for (name, value) in values {
            layer.set(name, value)?;
        }
        self.check_layer(&self.snapshot(), comp, &layer, media)
    }

    fn check_layer(
        &self,
        document: &Document,
        comp: &Comp,
        layer: &Layer,
        media: Option<&Arc<FileNode>>,
    ) -> Result<(), ProjectError> {
        let wish = layer.wish();
        if wish != Wish::default() {
            self.check_wish(document, layer, &wish, false, media).map_err(|(path, reason)| {
                let attr = match (&wish.channels, &wish.view) {
                    (Some(_), _) => "channels",
                    (None, Some(_)) => "view",
                    (None, None) => "part",
                };
                ProjectError::Channels { attr, path, reason }
            })?;
        }
        let Some(matte) = layer.matte() else { return Ok(()) };
        let other = comp.layers.iter().find(|other| other.uuid() == matte.layer);
        if let (Some(other), Some(channels)) = (other, matte.of_file) {
            let wish = Wish { channels: Some(channels), ..other.wish() };
            self.check_wish(document, other, &wish, true, None).map_err(|(path, reason)| ProjectError::Channels {
                attr: "matte_channel",
                path,
                reason,
            })?;
        }
        Ok(())
    }

    /// Whether what a layer shows has what is wished for; else the file, if there is one, and why not.
    fn check_wish(
        &self,
        document: &Document,
        layer: &Layer,
        wish: &Wish,
        as_matte: bool,
        media: Option<&Arc<FileNode>>,
    ) -> Result<(), (Option<PathBuf>, String)> {
        let Source::Media(uuid) = &layer.source else {
            let reason =
                if as_matte { "the matte shows no file: it has alpha, luminance, red, green, blue" } else { NO_FILE };
            return Err((None, reason.to_owned()));
        };
        let Some((path, _)) = media.or_else(|| document.media.get(uuid)).and_then(|media| media.file(media.frames().0))
        else {
            return Ok(());
        };
        self.media().check(&path, wish, as_matte).map_err(|reason| (Some(path), reason))
    }
}

/// Why a layer of something else has no channels to choose.
pub const NO_FILE: &str =
    "the layer shows no file; a file has channels to choose from, and `Frame.layers` those of a frame";
