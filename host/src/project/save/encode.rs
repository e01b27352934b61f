//! From a document to the tree.

use std::path::Path;

use playa_plugin_api::Value;

use super::FORMAT;
use super::paths;
use super::tree::{Data, Table, Tree};
use crate::colour::config_path;
use crate::project::attrs::Attrs;
use crate::project::document::{Comp, Document, FileNode, Layer, Source};
use crate::project::effect::Effect;
use crate::project::keys::{Curve, Handle, Interp, Key};
use crate::project::text::Text;
use crate::text::fonts;

/// The whole document. Media paths are relative to `folder`, or absolute without one. No layer shows an image in
/// memory any more.
pub fn document(document: &Document, folder: Option<&Path>) -> Table {
    let mut table = Table::new();
    table.insert("playa".to_string(), Data::Int(FORMAT).into());
    let mut project = attrs(&document.attrs);
    if let (Some(folder), Some(config)) = (folder, project.get_mut("colour_config"))
        && config_path(document.attrs.text("colour_config")).is_some()
    {
        config.data = Data::Text(paths::relative(document.attrs.text("colour_config"), folder));
    }
    extend(&mut project, &document.project_extra);
    if !project.is_empty() {
        table.insert("project".to_string(), Data::Table(project).into());
    }
    insert_list(&mut table, "media", document.media.values().map(|node| media(node, folder)));
    insert_list(&mut table, "camera", document.cameras.values().map(|node| animated_node(&node.attrs, &node.extra)));
    insert_list(&mut table, "solid", document.solids.values().map(|node| animated_node(&node.attrs, &node.extra)));
    insert_list(&mut table, "text", document.texts.values().map(|node| text(node, folder)));
    insert_list(&mut table, "comp", document.comps.values().map(|node| comp(node)));
    extend(&mut table, &document.extra);
    table
}

fn media(media: &FileNode, folder: Option<&Path>) -> Tree {
    let mut table = attrs(&media.attrs);
    if let (Some(folder), Some(path)) = (folder, table.get_mut("path")) {
        path.data = Data::Text(paths::relative(media.attrs.text("path"), folder));
    }
    table_of(table, &media.extra)
}

fn text(text: &Text, folder: Option<&Path>) -> Tree {
    let mut tree = animated_node(&text.attrs, &text.extra);
    if let (Some(folder), Data::Table(table)) = (folder, &mut tree.data)
        && let Some(font) = table.get_mut("font").filter(|_| fonts::is_path(text.attrs.text("font")))
    {
        let path = paths::relative(text.attrs.text("font"), folder);
        // A path without a folder or the suffix of a font would be read as a family.
        font.data = Data::Text(if fonts::is_path(&path) { path } else { format!("./{path}") });
    }
    tree
}

/// A node that has nothing but attributes, some of them perhaps with keys.
fn animated_node(node: &Attrs, extra: &Table) -> Tree {
    let mut table = attrs(node);
    insert_keys(&mut table, animated(node));
    table_of(table, extra)
}

fn comp(comp: &Comp) -> Tree {
    let mut table = attrs(&comp.attrs);
    insert_list(&mut table, "layer", comp.layers.iter().map(|node| layer(node)));
    table_of(table, &comp.extra)
}

fn layer(layer: &Layer) -> Tree {
    let mut table = attrs(&layer.attrs);
    let source = match &layer.source {
        Source::Media(uuid) => Some(("media", uuid)),
        Source::Comp(uuid) => Some(("comp", uuid)),
        Source::Camera(uuid) => Some(("camera", uuid)),
        Source::Solid(uuid) => Some(("solid", uuid)),
        Source::Text(uuid) => Some(("text", uuid)),
        Source::Memory(_) => None,
    };
    if let Some((key, uuid)) = source {
        let behind_name = table.get_index_of("name").map_or(1, |name| name + 1);
        table.shift_insert(behind_name, key.to_string(), Data::Text(uuid.to_string()).into());
    }
    insert_keys(&mut table, animated(&layer.attrs));
    insert_list(&mut table, "effect", layer.effects.iter().map(effect));
    table_of(table, &layer.extra)
}

fn effect(effect: &Effect) -> Tree {
    let mut table = Table::new();
    let mut insert = |key: &str, data| table.insert(key.to_string(), Tree::from(data));
    insert("uuid", Data::Text(effect.uuid.to_string()));
    insert("id", Data::Text(effect.id.clone()));
    insert("version", Data::Text(effect.version.clone()));
    if !effect.enabled {
        insert("enabled", Data::Bool(false));
    }
    if effect.mix != 1.0 {
        insert("mix", Data::Float(effect.mix));
    }
    if !effect.params.is_empty() {
        insert("params", Data::Table(effect.params.iter().map(|(name, v)| (name.clone(), value(v))).collect()));
    }
    if !effect.inputs().is_empty() {
        let named = effect.inputs().iter().map(|(name, layer)| (name.clone(), Data::Text(layer.to_string()).into()));
        table.insert("inputs".to_string(), Data::Table(named.collect()).into());
    }
    if let Some(curve) = effect.mix_curve() {
        insert_list(&mut table, "mix_keys", curve.keys().iter().map(key));
    }
    insert_keys(&mut table, effect.curves.iter());
    table_of(table, &effect.extra)
}

/// The attributes that have keys.
fn animated(attrs: &Attrs) -> impl Iterator<Item = (&'static str, &Curve)> {
    attrs.schema().names().filter_map(|name| Some((name, attrs.curve(name)?)))
}

/// A table of lists: the keys of each curve.
fn insert_keys<'a, 'n>(table: &mut Table, curves: impl Iterator<Item = (&'n str, &'a Curve)>) {
    let mut keys = Table::new();
    for (name, curve) in curves {
        insert_list(&mut keys, name, curve.keys().iter().map(key));
    }
    if !keys.is_empty() {
        table.insert("keys".to_string(), Data::Table(keys).into());
    }
}

fn key(key: &Key) -> Tree {
    let mut table = Table::new();
    let whole = key.frame.fract() == 0.0;
    table.insert("frame".to_string(), if whole { Data::Int(key.frame as i64) } else { Data::Float(key.frame) }.into());
    table.insert("value".to_string(), value(&key.value));
    if key.interp != Interp::default() {
        table.insert("interp".to_string(), Data::Text(key.interp.to_string()).into());
    }
    for (side, handle) in [("incoming", &key.incoming), ("outgoing", &key.outgoing)] {
        table.extend(handle.as_ref().map(|Handle { frames, offset }| {
            let offset = match &offset[..] {
                [offset] => Value::Float(*offset),
                offset => Value::List(offset.iter().copied().map(Value::Float).collect()),
            };
            (side.to_string(), value(&Value::List(vec![Value::Float(*frames), offset])))
        }));
    }
    table_of(table, &key.extra)
}

/// What identifies a node, and what differs from its default.
fn attrs(attrs: &Attrs) -> Table {
    let identity = attrs.get("uuid").ok().map(|uuid| ("uuid", uuid));
    let changed = attrs.changed().map(|(spec, value)| (spec.name, value));
    identity.into_iter().chain(changed).map(|(name, v)| (name.to_string(), value(v))).collect()
}

/// A value as the text of a project has it.
pub fn value(v: &Value) -> Tree {
    let numbers = |numbers: &[f64]| Data::List(numbers.iter().map(|v| Data::Float(*v).into()).collect());
    let data = match v {
        Value::Bool(v) => Data::Bool(*v),
        Value::Int(v) => Data::Int(*v),
        Value::Float(v) => Data::Float(*v),
        Value::String(v) | Value::Choice(v) => Data::Text(v.clone()),
        Value::Vec2(v) => numbers(v),
        Value::Vec3(v) => numbers(v),
        Value::Vec4(v) | Value::Color(v) => numbers(v),
        Value::Uuid(bytes) => Data::Text(uuid::Uuid::from_bytes(*bytes).to_string()),
        Value::List(items) => Data::List(items.iter().map(value).collect()),
        Value::Map(entries) => Data::Table(entries.iter().map(|(key, v)| (key.clone(), value(v))).collect()),
    };
    data.into()
}

fn insert_list(table: &mut Table, key: &str, items: impl Iterator<Item = Tree>) {
    let items: Vec<Tree> = items.collect();
    if !items.is_empty() {
        table.insert(key.to_string(), Data::List(items).into());
    }
}

fn table_of(mut table: Table, extra: &Table) -> Tree {
    extend(&mut table, extra);
    Data::Table(table).into()
}

/// Adds what is not known. Of a table that is known in part, it is the other part.
fn extend(table: &mut Table, extra: &Table) {
    for (key, tree) in extra {
        match (table.get_mut(key).map(|known| &mut known.data), &tree.data) {
            (Some(Data::Table(known)), Data::Table(more)) => extend(known, more),
            _ => drop(table.insert(key.clone(), tree.clone())),
        }
    }
}
