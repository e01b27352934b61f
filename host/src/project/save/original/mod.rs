//! Projects of the original Playa, the desktop player of the same name (its versions up to 0.1.142), as ours.
//!
//! Such a file is JSON: `{attrs, media: {uuid: {kind: node}}}`. A node has `attrs: {map, flags}`, a comp `layers` besides,
//! and these have `effects`. Every value stands beside its type: `{"Float": 0.5}`. [`document`] makes a tree of our own
//! format of it, each value with its line, and has that read as our files are, so that everything is checked once.
//!
//! What it means is what the original showed, with these differences. Colour is not clamped to 0..1 and alpha is kept.
//! `mute` hides, and a negative `speed` plays backwards, which the original did not do. Layers last as long as their
//! source did when the project was saved. Where no camera looks, layers are in the order of their z. A track matte becomes
//! a hidden layer that shows its target as it is, unless the comp has such a layer. Colours of texts, which the original
//! put on the screen as they are, become the light that looks the same; its font `sans-serif` is the one that is built in.
//!
//! Passed over is what only the windows of the player used (selection, playhead, places of nodes, preferences), what files
//! say themselves (size, compression, absorbed header keys), and the depth of comps, because ours are always float.
//! Everything else that is not kept is reported.

mod comp;
mod effect;
mod matte;
mod node;
mod values;

use std::collections::HashSet;

use indexmap::IndexMap;
use uuid::Uuid;

use super::notes::Notes;
use super::tree::{Data, Table, Tree};
use super::{FORMAT, Severity, decode};
use crate::project::document::Document;
use crate::project::effect::EffectLookup;
use crate::project::error::ProjectError;
use node::{Kind, Node};
use values::Values;

/// Whether a text is such a project: by what it has, and that it is not one of ours.
pub fn is_one(tree: &Tree) -> bool {
    match &tree.data {
        Data::Table(root) => !root.contains_key("playa") && root.contains_key("attrs") && root.contains_key("media"),
        _ => false,
    }
}

/// The document that it means. What cannot be kept goes to the notes.
pub fn document(tree: Tree, notes: &mut Notes, effects: &dyn EffectLookup) -> Result<Document, ProjectError> {
    let mut reader = Reader { notes, effects, nodes: IndexMap::new(), seen: HashSet::new() };
    let tree = reader.project(tree)?;
    let nodes = reader.nodes;
    let document = decode::document(tree, notes, effects)?;
    for (uuid, node) in nodes.iter().filter(|(_, node)| node.kind == Kind::File) {
        let on_disk = document.media.get(uuid).and_then(|media| media.sequence.bounds());
        if let Some((first, last)) = on_disk.filter(|frames| *frames != node.files) {
            let (was_first, was_last) = node.files;
            let message = format!("{} had frames {was_first}-{was_last} and has {first}-{last} now", node.values.what);
            notes.report(Severity::Warning, node.values.line, message);
        }
    }
    Ok(document)
}

struct Reader<'a> {
    notes: &'a mut Notes,
    effects: &'a dyn EffectLookup,
    /// All nodes, in the order of the project's list.
    nodes: IndexMap<Uuid, Node>,
    /// The identities of layers and effects so far.
    seen: HashSet<Uuid>,
}

impl Reader<'_> {
    fn project(&mut self, tree: Tree) -> Result<Tree, ProjectError> {
        let mut root = self.table(tree, "the project")?;
        let mut attrs = self.values(root.shift_remove("attrs"), None, "the project")?;
        let pool = root.shift_remove("media").unwrap_or(Data::Table(Table::new()).into());
        for (key, tree) in self.table(pool, "`media`")? {
            let uuid = self.uuid_of(&key, tree.line, "a key of `media`")?;
            let node = self.node(tree)?;
            self.nodes.insert(uuid, node);
        }
        self.sort_nodes(&attrs);
        let mut project = Table::new();
        attrs.keep(self.notes, &mut project, crate::project::schema::project(), &["name"]);
        let mut lists = ["media", "camera", "text", "comp"].map(|key| (key, Vec::<Tree>::new()));
        for (index, uuid) in self.nodes.keys().copied().collect::<Vec<_>>().into_iter().enumerate() {
            // A comp asks the other nodes for their lengths: it is not there itself meanwhile, and in none of its layers.
            let mut node = self.nodes[index].clone();
            let (list, made) = match &node.kind {
                Kind::File => (0, self.file(uuid, &mut node)),
                Kind::Camera => (1, Some(self.camera(uuid, &mut node))),
                Kind::Text => (2, Some(self.text(uuid, &mut node))),
                Kind::Comp => (3, Some(self.comp(uuid, &mut node)?)),
                Kind::Ref | Kind::Other(_) => continue,
            };
            lists[list].1.extend(made.map(|table| Tree { line: node.values.line, data: Data::Table(table) }));
        }
        let mut tree = Table::new();
        tree.insert("playa".to_string(), Data::Int(FORMAT).into());
        tree.insert("project".to_string(), Data::Table(project).into());
        tree.extend(lists.map(|(key, list)| (key.to_string(), Data::List(list).into())));
        Ok(Data::Table(tree).into())
    }

    /// The pool is written in no order: that of the project's list, then that of identities, so that the same file is
    /// always the same project.
    fn sort_nodes(&mut self, attrs: &Values) {
        let order = attrs.uuids("order").or_else(|| attrs.uuids("comps_order")).unwrap_or_default();
        let place = |uuid: &Uuid| order.iter().position(|listed| listed == uuid).unwrap_or(usize::MAX);
        self.nodes.sort_by_cached_key(|uuid, _| (place(uuid), *uuid));
    }

    fn table(&self, tree: Tree, what: &str) -> Result<Table, ProjectError> {
        match tree.data {
            Data::Table(table) => Ok(table),
            _ => Err(self.notes.invalid(tree.line, what, tree.found(), "an object".to_string())),
        }
    }

    fn list(&self, tree: Option<Tree>, what: &str) -> Result<Vec<Tree>, ProjectError> {
        match tree.map(|tree| (tree.line, tree.found(), tree.data)) {
            None => Ok(Vec::new()),
            Some((_, _, Data::List(items))) => Ok(items),
            Some((line, found, _)) => Err(self.notes.invalid(line, what, found, "a list".to_string())),
        }
    }

    fn uuid_of(&self, text: &str, line: Option<u32>, what: &str) -> Result<Uuid, ProjectError> {
        let invalid = |_| {
            let expected = "8-4-4-4-12 hexadecimal digits".to_string();
            self.notes.invalid(line, what, format!("{text:?}"), expected)
        };
        Uuid::parse_str(text).map_err(invalid)
    }

    /// The identity of a layer or effect, which no other has: another one, if it was given twice.
    fn identity(&mut self, uuid: Uuid, line: Option<u32>, what: &str) -> Uuid {
        if !self.nodes.contains_key(&uuid) && self.seen.insert(uuid) {
            return uuid;
        }
        let fresh = Uuid::new_v4();
        self.notes.report(Severity::Warning, line, format!("{what} has the identity of another: it is {fresh} now"));
        self.seen.insert(fresh);
        fresh
    }

    fn warn(&mut self, line: Option<u32>, message: String) {
        self.notes.report(Severity::Warning, line, message);
    }
}

/// A table that begins with its identity.
fn with_uuid(uuid: Uuid) -> Table {
    Table::from([("uuid".to_string(), Data::Text(uuid.to_string()).into())])
}
