//! The handle through which a project is read and edited.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use playa_plugin_api::Value;
use uuid::Uuid;

use super::attrs::{AttrError, Attrs, Schema};
use super::camera::Camera;
use super::channels::Wish;
use super::document::{Comp, Document, FileNode, Layer, Near};
use super::error::ProjectError;
use super::history::History;
use super::keys::Key;
use super::outbox::Outbox;
use super::save::Diagnostic;
use super::schema;
use super::solid::Solid;
use super::text::Text;
use super::time::Rate;
use crate::events::EventBus;
use crate::image::Frame;
use crate::suggest::did_you_mean;
use crate::text::Font;

/// A project that is open: a handle to share between threads. Clones are the same project.
///
/// Every edit is whole: it is refused and changes nothing, or all of it is done. Snapshots taken before keep what they
/// had. No method waits for a render, and none holds a lock while files are read or written. Each edit that changes
/// something is a step that [`Project::undo`] takes back, and is told to [`Project::events`]; [`Project::edit`] makes
/// one of several.
#[derive(Clone)]
pub struct Project {
    shared: Arc<Shared>,
    media: Arc<dyn MediaAccess>,
}

/// A project that may be closed by now: it does not keep it open.
#[derive(Clone)]
pub struct WeakProject {
    shared: Weak<Shared>,
    media: Weak<dyn MediaAccess>,
}

struct Shared {
    state: RwLock<State>,
    outbox: Outbox,
    events: EventBus,
}

pub(super) struct State {
    pub document: Arc<Document>,
    pub history: History,
    diagnostics: Vec<Diagnostic>,
}

/// How a project looks into media files and writes them.
pub trait MediaAccess: Send + Sync {
    /// What the header of a file says.
    fn probe(&self, path: &Path) -> Result<MediaFacts, String>;

    /// Whether a file has what is wished for, or with `as_matte` could be a matte by it; else why not. A file that cannot be
    /// looked into is not refused.
    fn check(&self, path: &Path, wish: &Wish, as_matte: bool) -> Result<(), String>;

    /// Writes a frame as EXR, whole or not at all.
    fn write(&self, path: &Path, frame: &Frame) -> Result<(), String>;
}

/// What is known of a media file without reading its pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaFacts {
    /// Width and height of its display window.
    pub size: Option<(u32, u32)>,
    /// Its frame rate.
    pub rate: Option<Rate>,
    /// How many frames it has, if it is a movie.
    pub frames: Option<i64>,
    /// What the user should know about it.
    pub warning: Option<String>,
}

/// What has attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// The project itself.
    Project,
    /// A file or sequence.
    Media(Uuid),
    /// A comp.
    Comp(Uuid),
    /// A camera.
    Camera(Uuid),
    /// A solid.
    Solid(Uuid),
    /// A text.
    Text(Uuid),
    /// A layer of any comp.
    Layer(Uuid),
}

/// A kind of thing with an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A file or sequence.
    Media,
    /// A comp.
    Comp,
    /// A camera.
    Camera,
    /// A solid.
    Solid,
    /// A text.
    Text,
    /// A layer.
    Layer,
    /// An effect on a layer.
    Effect,
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NodeKind::Media => "media",
            NodeKind::Comp => "comp",
            NodeKind::Camera => "camera",
            NodeKind::Solid => "solid",
            NodeKind::Text => "text",
            NodeKind::Layer => "layer",
            NodeKind::Effect => "effect",
        })
    }
}

impl Node {
    /// The attributes that it has.
    pub fn schema(self) -> &'static Schema {
        match self {
            Node::Project => schema::project(),
            Node::Media(_) => schema::media(),
            Node::Comp(_) => schema::comp(),
            Node::Camera(_) => schema::camera(),
            Node::Solid(_) => schema::solid(),
            Node::Text(_) => schema::text(),
            Node::Layer(_) => schema::layer(),
        }
    }
}

impl Project {
    /// An empty project.
    pub fn new(media: Arc<dyn MediaAccess>) -> Self {
        Self::with_document(Document::new(), Vec::new(), media)
    }

    pub(super) fn with_document(document: Document, diagnostics: Vec<Diagnostic>, media: Arc<dyn MediaAccess>) -> Self {
        let state = State { document: Arc::new(document), history: History::default(), diagnostics };
        let (outbox, events) = (Outbox::default(), EventBus::new());
        Self { shared: Arc::new(Shared { state: RwLock::new(state), outbox, events }), media }
    }

    /// Where it tells what changed, after each edit, undo and redo.
    pub fn events(&self) -> &EventBus {
        &self.shared.events
    }

    /// The project as it is now; later edits do not show in it.
    pub fn snapshot(&self) -> Arc<Document> {
        Arc::clone(&self.looked_at().document)
    }

    /// What was noticed while it was loaded and edited, in this order.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.looked_at().diagnostics.clone()
    }

    /// A handle that does not keep the project open.
    pub fn downgrade(&self) -> WeakProject {
        WeakProject { shared: Arc::downgrade(&self.shared), media: Arc::downgrade(&self.media) }
    }

    /// Whether two handles are the same project.
    pub fn is_same(&self, other: &Project) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The first comp of a name.
    pub fn comp_named(&self, name: &str) -> Result<Uuid, ProjectError> {
        let document = self.snapshot();
        document.comp_named(name).map(|comp| comp.uuid()).ok_or_else(|| {
            let names: Vec<String> = document.comps.values().map(|comp| comp.name().to_string()).collect();
            let hint = did_you_mean(name, names.iter().map(String::as_str));
            ProjectError::UnknownComp { name: name.to_string(), hint, names }
        })
    }

    /// The constant value of an attribute, computed ones included. One with keys has it too, for when they are removed;
    /// [`Project::value_at`] is what is seen.
    pub fn get_attr(&self, node: Node, name: &str) -> Result<Value, ProjectError> {
        let document = self.snapshot();
        match node {
            Node::Layer(uuid) => Ok(document.layer(uuid).ok_or_else(|| removed(NodeKind::Layer, uuid))?.2.get(name)?),
            _ => Ok(document.attrs_of(node)?.get(name)?.clone()),
        }
    }

    /// The constant value of the attribute at a place in the node's schema, computed ones included: [`Project::get_attr`]
    /// for those who ask often. A layer is looked for first where it was the last time.
    pub fn get_attr_at(&self, node: Node, index: usize, near: &Near) -> Result<Value, ProjectError> {
        let state = self.looked_at();
        match node {
            Node::Layer(uuid) => {
                let layer = state.document.layer_near(uuid, near).ok_or_else(|| removed(NodeKind::Layer, uuid))?;
                Ok(layer.get_at(index))
            }
            _ => Ok(state.document.attrs_of(node)?.get_at(index).clone()),
        }
    }

    /// The value of an attribute at a time in comp frames: that of its keys, or the constant one.
    pub fn value_at(&self, node: Node, name: &str, frame: f64) -> Result<Value, ProjectError> {
        match self.snapshot().attrs_of(node)?.curve(name) {
            Some(curve) => Ok(curve.at(frame)),
            None => self.get_attr(node, name),
        }
    }

    /// The keys of an attribute, in the order of their frames.
    pub fn keys(&self, node: Node, name: &str) -> Result<Vec<Key>, ProjectError> {
        node.schema().spec(name)?;
        let document = self.snapshot();
        Ok(document.attrs_of(node)?.curve(name).map_or_else(Vec::new, |curve| curve.keys().to_vec()))
    }

    /// Sets an attribute to a constant; its keys are removed. Tells whether that changed anything; an equal value does
    /// not.
    pub fn set_attr(&self, node: Node, name: &str, value: &Value) -> Result<bool, ProjectError> {
        // A copy of the document would be in vain. Setting bounds of a comp does more, and `out` is no value of its own.
        if !matches!((node, name), (Node::Comp(_), "in" | "out" | "auto_bounds"))
            && self.looked_at().document.attrs_of(node)?.is(name, value)?
        {
            return Ok(false);
        }
        check_font(node, name, value)?;
        self.check_channels(node, std::iter::once((name, value)))?;
        self.change(format_args!("set {name}"), |document| {
            let changed = document.set(node, name, value)?;
            document.check_colours(node, std::iter::once(name))?;
            Ok((changed, changed))
        })
    }

    /// Sets several attributes in their order, all or none of them, as one step. Tells whether that changed anything.
    pub fn set_attrs<N: AsRef<str>>(&self, node: Node, values: &[(N, Value)]) -> Result<bool, ProjectError> {
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_ref()).collect();
        values.iter().try_for_each(|(name, value)| check_font(node, name.as_ref(), value))?;
        self.check_channels(node, values.iter().map(|(name, value)| (name.as_ref(), value)))?;
        self.change(format_args!("set {}", names.join(", ")), |document| {
            let mut changed = false;
            for (name, value) in values {
                changed |= document.set(node, name.as_ref(), value)?;
            }
            document.check_colours(node, names.iter().copied())?;
            Ok((changed, changed))
        })
    }

    /// Sets a key of an attribute, in place of one on the same frame. Tells whether that changed anything; an equal key
    /// does not.
    pub fn set_key(&self, node: Node, name: &str, key: &Key) -> Result<bool, ProjectError> {
        self.change(format_args!("set key of {name}"), |document| {
            let changed = document.change_attrs(node, |attrs| attrs.set_key(name, key))?;
            Ok((changed, changed))
        })
    }

    /// Removes the key of an attribute on a frame. With its last key it has its constant value again. Tells whether
    /// there was one.
    pub fn remove_key(&self, node: Node, name: &str, frame: f64) -> Result<bool, ProjectError> {
        self.change(format_args!("remove key of {name}"), |document| {
            let removed = document.change_attrs(node, |attrs| attrs.remove_key(name, frame))?;
            Ok((removed, removed))
        })
    }

    /// Makes an edit on a copy of the document, and puts the copy in its place if the edit says that it changed it. That
    /// is a step of this name.
    pub(super) fn change<T>(
        &self,
        name: impl fmt::Display,
        edit: impl FnOnce(&mut Document) -> Result<(bool, T), ProjectError>,
    ) -> Result<T, ProjectError> {
        let mut state = self.state();
        let mut document = Document::clone(&state.document);
        let (changed, result) = edit(&mut document)?;
        if changed {
            let before = std::mem::replace(&mut state.document, Arc::new(document));
            let forgotten = self.record(&mut state, name.to_string(), Arc::clone(&before));
            drop(state);
            drop((before, forgotten));
            self.tell();
        }
        Ok(result)
    }

    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.state().diagnostics.push(diagnostic);
    }

    pub(super) fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn looked_at(&self) -> RwLockReadGuard<'_, State> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.shared.outbox
    }

    pub(super) fn media(&self) -> &Arc<dyn MediaAccess> {
        &self.media
    }
}

impl WeakProject {
    /// The project, unless its last handle is gone.
    pub fn upgrade(&self) -> Option<Project> {
        Some(Project { shared: self.shared.upgrade()?, media: self.media.upgrade()? })
    }
}

impl fmt::Debug for WeakProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakProject")
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = self.snapshot();
        let name = document.attrs.text("name");
        write!(f, "Project({name:?}, {} comps, {} media)", document.comps.len(), document.media.len())
    }
}

impl Document {
    /// The attributes of a node, without the computed ones.
    fn attrs_of(&self, node: Node) -> Result<&Attrs, ProjectError> {
        Ok(match node {
            Node::Project => &self.attrs,
            Node::Media(uuid) => &self.node::<FileNode>(uuid)?.attrs,
            Node::Comp(uuid) => &self.node::<Comp>(uuid)?.attrs,
            Node::Camera(uuid) => &self.node::<Camera>(uuid)?.attrs,
            Node::Solid(uuid) => &self.node::<Solid>(uuid)?.attrs,
            Node::Text(uuid) => &self.node::<Text>(uuid)?.attrs,
            Node::Layer(uuid) => &self.layer(uuid).ok_or_else(|| removed(NodeKind::Layer, uuid))?.2.attrs,
        })
    }

    /// Sets an attribute to a constant, with what follows from it. Tells whether anything changed.
    fn set(&mut self, node: Node, name: &str, value: &Value) -> Result<bool, ProjectError> {
        let changed = match node {
            Node::Comp(uuid) => self.node_mut::<Comp>(uuid)?.set(name, value)?,
            Node::Layer(uuid) if !bounds_follow(name) => self.edit_layer(uuid, |layer| layer.set(name, value))?,
            Node::Layer(uuid) => self.change_layer(uuid, |layer| layer.set(name, value))?,
            _ => self.change_attrs(node, |attrs| attrs.set(name, value))?,
        };
        if let (Node::Layer(layer), "matte", true) = (node, name, changed) {
            // Looked at in the copy that is being edited: if it is refused, it was never made.
            self.layer(layer).map_or(Ok(()), |(comp, ..)| comp.check_mattes())?;
        }
        Ok(changed)
    }

    /// Changes attributes from which nothing else follows.
    fn change_attrs(
        &mut self,
        node: Node,
        change: impl FnOnce(&mut Attrs) -> Result<bool, AttrError>,
    ) -> Result<bool, ProjectError> {
        Ok(match node {
            Node::Project => change(&mut self.attrs)?,
            Node::Media(uuid) => change(&mut self.node_mut::<FileNode>(uuid)?.attrs)?,
            Node::Comp(uuid) => change(&mut self.node_mut::<Comp>(uuid)?.attrs)?,
            Node::Camera(uuid) => change(&mut self.node_mut::<Camera>(uuid)?.attrs)?,
            Node::Solid(uuid) => change(&mut self.node_mut::<Solid>(uuid)?.attrs)?,
            Node::Text(uuid) => change(&mut self.node_mut::<Text>(uuid)?.attrs)?,
            Node::Layer(uuid) => self.change_layer(uuid, |layer| Ok(change(&mut layer.attrs)?))?,
        })
    }

    /// Changes a layer, and fits the bounds of its comp.
    pub(super) fn change_layer<T>(
        &mut self,
        layer: Uuid,
        change: impl FnOnce(&mut Layer) -> Result<T, ProjectError>,
    ) -> Result<T, ProjectError> {
        let comp = self.layer(layer).ok_or_else(|| removed(NodeKind::Layer, layer))?.0.uuid();
        let result = self.edit_layer(layer, change)?;
        self.node_mut::<Comp>(comp)?.refit()?;
        Ok(result)
    }

    /// Changes what of a layer says nothing about the bounds of its comp.
    fn edit_layer<T>(
        &mut self,
        layer: Uuid,
        change: impl FnOnce(&mut Layer) -> Result<T, ProjectError>,
    ) -> Result<T, ProjectError> {
        let (comp, position, _) = self.layer(layer).ok_or_else(|| removed(NodeKind::Layer, layer))?;
        let comp = comp.uuid();
        change(Arc::make_mut(&mut self.node_mut::<Comp>(comp)?.layers[position]))
    }
}

/// Whether the bounds of a comp may follow from an attribute of its layers.
fn bounds_follow(name: &str) -> bool {
    matches!(name, "in" | "out" | "src_len" | "trim_in" | "trim_out" | "speed" | "visible" | "solo" | "mute")
}

/// An error if the value is a font for a text that is not there. Not asked while anything is locked: it may be on disk.
fn check_font(node: Node, name: &str, value: &Value) -> Result<(), ProjectError> {
    if let (Node::Text(_), "font") = (node, name)
        && let Value::String(font) = schema::text().check(name, value)?
    {
        Font::find(&font)?;
    }
    Ok(())
}

/// The error for a node that is not there.
pub(super) fn removed(kind: NodeKind, uuid: Uuid) -> ProjectError {
    ProjectError::NodeRemoved { kind, uuid }
}
