//! Layers that show images in memory, when their project is saved.

use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::MemoryPolicy;
use super::tree::Table;
use crate::image::Frame;
use crate::project::attrs::Attrs;
use crate::project::document::{Comp, Document, FileNode, Layer, Source};
use crate::project::error::ProjectError;
use crate::project::handle::MediaAccess;
use crate::project::schema;
use crate::project::sequence::{Pattern, Sequence};

/// Images in memory, by the names for them in the text of a project.
pub type Images = Vec<(Uuid, Arc<Frame>)>;

/// The document with files in the place of images in memory, which are written beside the project file.
pub fn to_files(
    document: &Document,
    project: &Path,
    policy: MemoryPolicy,
    media: &dyn MediaAccess,
) -> Result<Document, ProjectError> {
    if policy == MemoryPolicy::Refuse {
        refuse(document)?;
    }
    let folder = project.with_extension("media");
    let mut saved = document.clone();
    for comp in document.comps.values() {
        for (position, layer) in comp.layers.iter().enumerate() {
            let Source::Memory(frame) = &layer.source else { continue };
            let file = folder.join(format!("{}.exr", layer.uuid()));
            let failed = |reason| ProjectError::Memory { layer: layer.name().to_string(), reason };
            std::fs::create_dir_all(&folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
            media.write(&file, frame).map_err(|reason| failed(format!("{}: {reason}", file.display())))?;
            let node = file_node(layer, frame, &file)?;
            let layers = &mut saved.node_mut::<Comp>(comp.uuid())?.layers;
            Arc::make_mut(&mut layers[position]).source = Source::Media(node.uuid());
            saved.media.insert(node.uuid(), Arc::new(node));
        }
    }
    Ok(saved)
}

/// An error if any layer shows an image in memory.
pub fn refuse(document: &Document) -> Result<(), ProjectError> {
    let layers = document.comps.values().flat_map(|comp| &comp.layers);
    match layers.into_iter().find(|layer| matches!(layer.source, Source::Memory(_))) {
        None => Ok(()),
        Some(layer) => Err(ProjectError::Memory {
            layer: layer.name().to_string(),
            reason: "a project's text cannot hold it; save to a file with the policy that writes it as EXR".to_string(),
        }),
    }
}

/// The document with an empty comp in the place of each image in memory, and these images by the comp that stands for them.
/// Layers that show the same image share it.
pub fn stand_ins(document: &Document) -> Result<(Document, Images), ProjectError> {
    let mut saved = document.clone();
    let mut images = Images::new();
    for comp in document.comps.values() {
        for (position, layer) in comp.layers.iter().enumerate() {
            let Source::Memory(frame) = &layer.source else { continue };
            let known = images.iter().find(|(_, known)| Arc::ptr_eq(known, frame)).map(|(stand_in, _)| *stand_in);
            let stand_in = known.unwrap_or_else(Uuid::new_v4);
            if known.is_none() {
                let mut empty = Comp { attrs: Attrs::new(schema::comp()), layers: Vec::new(), extra: Table::new() };
                empty.attrs.set_fact("uuid", &Value::Uuid(*stand_in.as_bytes()))?;
                saved.comps.insert(stand_in, Arc::new(empty));
                images.push((stand_in, frame.clone()));
            }
            let layers = &mut saved.node_mut::<Comp>(comp.uuid())?.layers;
            Arc::make_mut(&mut layers[position]).source = Source::Comp(stand_in);
        }
    }
    Ok((saved, images))
}

/// Puts images in memory back in the place of what stood for them.
pub fn put_back(document: &mut Document, images: &[(Uuid, Arc<Frame>)]) {
    for (stand_in, frame) in images {
        for comp in document.comps.values_mut().map(Arc::make_mut) {
            for layer in comp.layers.iter_mut().filter(|layer| layer.source == Source::Comp(*stand_in)) {
                Arc::make_mut(layer).source = Source::Memory(frame.clone());
            }
        }
        document.comps.shift_remove(stand_in);
    }
}

fn file_node(layer: &Layer, frame: &Frame, file: &Path) -> Result<FileNode, ProjectError> {
    let path = super::paths::absolute(file)?;
    let size = |pixels: usize| Value::Int(i64::try_from(pixels).unwrap_or(0));
    let mut attrs = Attrs::new(schema::media());
    attrs.set_fact("uuid", &Value::Uuid(*media_uuid(layer.uuid()).as_bytes()))?;
    attrs.set_fact("name", &Value::String(layer.name().to_string()))?;
    attrs.set_fact("path", &Value::String(path.clone()))?;
    attrs.set_fact("width", &size(frame.display_window.width()))?;
    attrs.set_fact("height", &size(frame.display_window.height()))?;
    Ok(FileNode { attrs, sequence: Sequence::find(Pattern::parse(&path)?)?, extra: Table::new() })
}

/// The identity of the file of a layer: another one than the layer's, and the same at every save.
fn media_uuid(layer: Uuid) -> Uuid {
    let hash = blake3::derive_key("playa 2026 file of a layer's image", layer.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
