//! Edits of layers.

use std::path::PathBuf;
use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::media::keep_media;
use crate::image::Frame;
use crate::project::attrs::Attrs;
use crate::project::camera::Camera;
use crate::project::document::{Comp, Document, FileNode, Layer, Source};
use crate::project::error::ProjectError;
use crate::project::handle::{NodeKind, Project, removed};
use crate::project::save::Table;
use crate::project::schema;
use crate::project::solid::Solid;
use crate::project::text::Text;

/// What a new layer shows.
#[derive(Clone, Debug)]
pub enum LayerSource {
    /// A file or sequence on disk, added to the media of the project if it is not there yet.
    Path(PathBuf),
    /// Media of the project.
    Media(Uuid),
    /// A comp of the project.
    Comp(Uuid),
    /// A camera of the project.
    Camera(Uuid),
    /// A solid of the project.
    Solid(Uuid),
    /// A text of the project.
    Text(Uuid),
    /// An image in memory, the same at every frame.
    Memory(Arc<Frame>),
}

impl Project {
    /// Adds a layer to a comp: on top, or at a position counted from the top.
    ///
    /// A sequence or comp starts at its own first frame, so that comp frame 24 shows file 0024. A still, a solid, a
    /// text or an image in memory lasts as long as the comp. The length is taken now: `src_len` does not follow later changes of the source.
    /// A comp inside itself, however deep, is refused.
    ///
    /// A camera lasts as long as the comp and stands before its centre, so far that a layer of the comp's size at z = 0
    /// fills the frame: at z = `(height / 2) / tan(fov / 2)`. The place is taken now, it does not follow a later change
    /// of height or `fov`. With a long lens it is beyond the default far clip: with `fov` below 6.2 in a comp of HD.
    pub fn add_layer(&self, comp: Uuid, source: LayerSource, position: Option<usize>) -> Result<Uuid, ProjectError> {
        self.add_layer_with(comp, source, position, &[])
    }

    /// Adds a layer as [`Project::add_layer`] does, with the given attributes set in their order.
    pub fn add_layer_with(
        &self,
        comp: Uuid,
        source: LayerSource,
        position: Option<usize>,
        attrs: &[(&str, Value)],
    ) -> Result<Uuid, ProjectError> {
        let mut found = None;
        let source = match source {
            LayerSource::Path(path) => {
                let node = found.insert(self.find_media(&path)?);
                Source::Media(node.uuid())
            }
            LayerSource::Media(media) => Source::Media(media),
            LayerSource::Comp(inner) => Source::Comp(inner),
            LayerSource::Camera(camera) => Source::Camera(camera),
            LayerSource::Solid(solid) => Source::Solid(solid),
            LayerSource::Text(text) => Source::Text(text),
            LayerSource::Memory(frame) => Source::Memory(frame),
        };
        self.check_new_layer(&**self.snapshot().node::<Comp>(comp)?, &source, found.as_ref(), attrs)?;
        let (layer, new_media) = self.change("add layer", |document| {
            let kept = found.as_ref().map(|node| keep_media(document, node));
            let source = kept.map_or(source, |(media, _)| Source::Media(media));
            let outer = document.node::<Comp>(comp)?;
            let mut layer = new_layer(document, outer, source)?;
            for (name, value) in attrs {
                layer.set(name, value)?;
            }
            let uuid = layer.uuid();
            let outer = document.node_mut::<Comp>(comp)?;
            let position = check_position(position.unwrap_or(0), outer.layers.len())?;
            outer.layers.insert(position, Arc::new(layer));
            outer.refit()?;
            // Looked at in the copy that is being edited: if it is refused, it was never made.
            document.check_nesting(Some(comp))?;
            document.comps[&comp].check_mattes()?;
            Ok((true, (uuid, kept.is_some_and(|(_, new)| new))))
        })?;
        if let (Some(node), true) = (found, new_media) {
            self.report_media(&node);
        }
        Ok(layer)
    }

    /// Removes a layer. Its source stays in the project. Refused while it is the matte of others.
    pub fn remove_layer(&self, layer: Uuid) -> Result<(), ProjectError> {
        self.change("remove layer", |document| {
            let (comp, position) = place(document, layer)?;
            let comp = document.node_mut::<Comp>(comp)?;
            comp.check_no_matte(&comp.layers[position])?;
            comp.check_no_input(&comp.layers[position])?;
            comp.layers.remove(position);
            comp.refit()?;
            Ok((true, ()))
        })
    }

    /// Moves a layer within its comp, to a position counted from the top. Tells whether that changed its place.
    pub fn move_layer(&self, layer: Uuid, position: usize) -> Result<bool, ProjectError> {
        self.change("move layer", |document| {
            let (comp, from) = place(document, layer)?;
            let layers = &mut document.node_mut::<Comp>(comp)?.layers;
            check_position(position, layers.len() - 1)?;
            let moved = layers.remove(from);
            layers.insert(position, moved);
            Ok((from != position, from != position))
        })
    }
}

/// A position in a list, if it has one as high as that.
pub(super) fn check_position(position: usize, len: usize) -> Result<usize, ProjectError> {
    if position <= len { Ok(position) } else { Err(ProjectError::Position { position, len }) }
}

/// The comp of a layer, and its position there.
fn place(document: &Document, layer: Uuid) -> Result<(Uuid, usize), ProjectError> {
    let (comp, position, _) = document.layer(layer).ok_or_else(|| removed(NodeKind::Layer, layer))?;
    Ok((comp.uuid(), position))
}

fn new_layer(document: &Document, comp: &Comp, source: Source) -> Result<Layer, ProjectError> {
    let (first, last) = (comp.attrs.int("in"), comp.attrs.int("out"));
    let (name, (first, last)) = match &source {
        Source::Media(uuid) => {
            let media = document.node::<FileNode>(*uuid)?;
            (media.name(), if media.sequence.is_still() { (first, last) } else { media.frames() })
        }
        Source::Comp(uuid) => {
            let inner = document.node::<Comp>(*uuid)?;
            (inner.name(), inner.frames())
        }
        Source::Camera(uuid) => (document.node::<Camera>(*uuid)?.name(), (first, last)),
        Source::Solid(uuid) => (document.node::<Solid>(*uuid)?.name(), (first, last)),
        Source::Text(uuid) => (document.node::<Text>(*uuid)?.name(), (first, last)),
        Source::Memory(_) => ("memory", (first, last)),
    };
    let mut attrs = Attrs::new(schema::layer());
    attrs.set_fact("uuid", &Value::Uuid(*Uuid::new_v4().as_bytes()))?;
    attrs.set("name", &Value::String(name.to_string()))?;
    attrs.set("in", &Value::Int(first))?;
    attrs.set("src_len", &Value::Int((last - first + 1).max(1)))?;
    if let Source::Camera(uuid) = &source {
        let distance = document.node::<Camera>(*uuid)?.default_distance(comp.size().1);
        attrs.set("position", &Value::Vec3([0.0, 0.0, distance]))?;
    }
    Ok(Layer { attrs, source, effects: Vec::new(), extra: Table::new() })
}
