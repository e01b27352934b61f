//! What media, comps, cameras, solids and texts have in common: layers show them, by their identity.

use std::sync::Arc;

use indexmap::IndexMap;
use uuid::Uuid;

use super::attrs::Attrs;
use super::camera::Camera;
use super::document::{Comp, Document, FileNode, Source};
use super::error::ProjectError;
use super::handle::{NodeKind, Project, removed};
use super::solid::Solid;
use super::text::Text;

/// A kind of node that layers show.
pub trait SourceNode: Clone {
    /// Which one.
    const KIND: NodeKind;

    /// Its attributes.
    fn attrs(&self) -> &Attrs;

    /// The same, to change them.
    fn attrs_mut(&mut self) -> &mut Attrs;

    /// All of its kind in a document, in the order in which they were added.
    fn all(document: &Document) -> &IndexMap<Uuid, Arc<Self>>;

    /// The same, to change them.
    fn all_mut(document: &mut Document) -> &mut IndexMap<Uuid, Arc<Self>>;

    /// What a layer that shows it has as its source.
    fn source(uuid: Uuid) -> Source;
}

macro_rules! source_nodes {
    ($($node:ty: $kind:ident in $all:ident;)*) => {$(
        impl SourceNode for $node {
            const KIND: NodeKind = NodeKind::$kind;

            fn attrs(&self) -> &Attrs {
                &self.attrs
            }

            fn attrs_mut(&mut self) -> &mut Attrs {
                &mut self.attrs
            }

            fn all(document: &Document) -> &IndexMap<Uuid, Arc<Self>> {
                &document.$all
            }

            fn all_mut(document: &mut Document) -> &mut IndexMap<Uuid, Arc<Self>> {
                &mut document.$all
            }

            fn source(uuid: Uuid) -> Source {
                Source::$kind(uuid)
            }
        }
    )*};
}

source_nodes! {
    FileNode: Media in media;
    Comp: Comp in comps;
    Camera: Camera in cameras;
    Solid: Solid in solids;
    Text: Text in texts;
}

impl Document {
    /// The node with this identity.
    ///
    /// # Errors
    /// [`ProjectError::NodeRemoved`] if there is none of its kind.
    pub fn node<N: SourceNode>(&self, uuid: Uuid) -> Result<&Arc<N>, ProjectError> {
        N::all(self).get(&uuid).ok_or_else(|| removed(N::KIND, uuid))
    }

    /// The same, to change it: a copy, where others share it.
    pub(super) fn node_mut<N: SourceNode>(&mut self, uuid: Uuid) -> Result<&mut N, ProjectError> {
        N::all_mut(self).get_mut(&uuid).map(Arc::make_mut).ok_or_else(|| removed(N::KIND, uuid))
    }
}

impl Project {
    /// Adds a node, in one step.
    pub(super) fn add_node<N: SourceNode>(&self, node: N) -> Result<Uuid, ProjectError> {
        let (uuid, node) = (node.attrs().uuid(), Arc::new(node));
        self.change(format_args!("add {}", N::KIND), |document| {
            N::all_mut(document).insert(uuid, node);
            Ok((true, uuid))
        })
    }

    /// Removes a node, in one step. Refused while layers show it.
    pub(super) fn remove_node<N: SourceNode>(&self, uuid: Uuid) -> Result<(), ProjectError> {
        self.change(format_args!("remove {}", N::KIND), |document| {
            let name = document.node::<N>(uuid)?.attrs().text("name");
            let layers = document.users(&N::source(uuid));
            if !layers.is_empty() {
                return Err(ProjectError::InUse { what: format!("{} `{name}`", N::KIND), layers });
            }
            N::all_mut(document).shift_remove(&uuid);
            Ok((true, ()))
        })
    }
}
