//! What differs between two documents, as events.
//!
//! Whatever was done between them, each difference is told once. What two documents share is not looked at.

mod frames;

use std::sync::Arc;

use indexmap::IndexMap;
use uuid::Uuid;

use super::attrs::same_bits;
use super::document::{Comp, Document, Layer};
use super::effect::Effect;
use super::handle::{Node, Project};
use super::history::Done;
use crate::events::{Event, Field};

/// The events of a step: first attributes, then what came and went, then the frames that it touches.
pub(super) fn events(project: &Project, done: &Done) -> Vec<Event> {
    let (before, after) = (&*done.before, &*done.after);
    let mut events = Vec::new();
    attrs_changed(project, before, after, &mut events);
    let kinds = [
        ("media_changed", came_and_went(&before.media, &after.media, Node::Media)),
        ("cameras_changed", came_and_went(&before.cameras, &after.cameras, Node::Camera)),
        ("solids_changed", came_and_went(&before.solids, &after.solids, Node::Solid)),
        ("texts_changed", came_and_went(&before.texts, &after.texts, Node::Text)),
        ("comps_changed", came_and_went(&before.comps, &after.comps, Node::Comp)),
    ];
    for (name, (added, removed)) in kinds {
        if !added.is_empty() || !removed.is_empty() {
            let nodes = |nodes| Field::Nodes(project.clone(), nodes);
            events.push(Event::new(name).with("added", nodes(added)).with("removed", nodes(removed)));
        }
    }
    for (comp, frames) in frames::touched(before, after) {
        let comp = Field::Node(project.clone(), Node::Comp(comp));
        events.push(Event::new("layers_changed").with("comp", comp).with("frames", frames));
    }
    events.push(Event::new("project_changed").with("cause", done.cause.name()).with("step", done.name.clone()));
    events
}

/// Whether two documents say the same, in the same order.
pub(super) fn same_document(a: &Document, b: &Document) -> bool {
    a.attrs == b.attrs
        && (&a.extra, &a.project_extra) == (&b.extra, &b.project_extra)
        && same_nodes(&a.media, &b.media, PartialEq::eq)
        && same_nodes(&a.cameras, &b.cameras, PartialEq::eq)
        && same_nodes(&a.solids, &b.solids, PartialEq::eq)
        && same_nodes(&a.texts, &b.texts, PartialEq::eq)
        && same_nodes(&a.comps, &b.comps, |a, b| {
            a.attrs == b.attrs
                && a.extra == b.extra
                && a.layers.len() == b.layers.len()
                && a.layers.iter().zip(&b.layers).all(|(a, b)| same(a, b))
        })
}

fn same_nodes<T>(a: &IndexMap<Uuid, Arc<T>>, b: &IndexMap<Uuid, Arc<T>>, equal: impl Fn(&T, &T) -> bool) -> bool {
    let mut pairs = a.iter().zip(b);
    a.len() == b.len() && pairs.all(|((a, v), (b, w))| a == b && (Arc::ptr_eq(v, w) || equal(v, w)))
}

fn same<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

/// Nodes that are in both maps and not shared by them.
fn pairs<'a, T>(
    before: &'a IndexMap<Uuid, Arc<T>>,
    after: &'a IndexMap<Uuid, Arc<T>>,
) -> impl Iterator<Item = (Uuid, &'a T, &'a T)> {
    after.iter().filter_map(|(uuid, after)| {
        let before = before.get(uuid).filter(|before| !Arc::ptr_eq(before, after))?;
        Some((*uuid, &**before, &**after))
    })
}

fn came_and_went<T>(
    before: &IndexMap<Uuid, T>,
    after: &IndexMap<Uuid, T>,
    node: fn(Uuid) -> Node,
) -> (Vec<Node>, Vec<Node>) {
    let beyond = |of: &IndexMap<Uuid, T>, other: &IndexMap<Uuid, T>| {
        of.keys().filter(|uuid| !other.contains_key(*uuid)).map(|uuid| node(*uuid)).collect()
    };
    (beyond(after, before), beyond(before, after))
}

fn attrs_changed(project: &Project, before: &Document, after: &Document, events: &mut Vec<Event>) {
    let mut tell = |node: Field, names: Vec<String>| {
        if !names.is_empty() {
            events.push(Event::new("attrs_changed").with("node", node).with("names", names));
        }
    };
    let node = |node| Field::Node(project.clone(), node);
    tell(node(Node::Project), before.attrs.differing(&after.attrs));
    for (uuid, before, after) in pairs(&before.media, &after.media) {
        tell(node(Node::Media(uuid)), before.attrs.differing(&after.attrs));
    }
    for (uuid, before, after) in pairs(&before.cameras, &after.cameras) {
        tell(node(Node::Camera(uuid)), before.attrs.differing(&after.attrs));
    }
    for (uuid, before, after) in pairs(&before.solids, &after.solids) {
        tell(node(Node::Solid(uuid)), before.attrs.differing(&after.attrs));
    }
    for (uuid, before, after) in pairs(&before.texts, &after.texts) {
        tell(node(Node::Text(uuid)), before.attrs.differing(&after.attrs));
    }
    for (uuid, before, after) in pairs(&before.comps, &after.comps) {
        tell(node(Node::Comp(uuid)), before.attrs.differing(&after.attrs));
        for (before, after) in layer_pairs(before, after) {
            tell(node(Node::Layer(after.uuid())), layer_names(before, after));
            for after in &after.effects {
                if let Some(before) = before.effects.iter().find(|before| before.uuid == after.uuid) {
                    tell(Field::Effect(project.clone(), after.uuid), effect_names(before, after));
                }
            }
        }
    }
}

/// Layers that are in both comps and not shared by them.
fn layer_pairs<'a>(before: &'a Comp, after: &'a Comp) -> impl Iterator<Item = (&'a Layer, &'a Layer)> {
    // Without a map of all: few differ, and mostly they stand where they stood.
    after.layers.iter().enumerate().filter_map(|(position, after)| {
        let there = before.layers.get(position);
        if there.is_some_and(|before| Arc::ptr_eq(before, after)) {
            return None;
        }
        let same_identity = |before: &&Arc<Layer>| before.uuid() == after.uuid();
        let found = there.filter(same_identity).or_else(|| before.layers.iter().find(same_identity))?;
        (!Arc::ptr_eq(found, after)).then(|| (&**found, &**after))
    })
}

/// Names of what differs: attributes, `out` among them, which follows from others, and `effects`.
fn layer_names(before: &Layer, after: &Layer) -> Vec<String> {
    let mut names = before.attrs.differing(&after.attrs);
    if before.time().visible().1 != after.time().visible().1 {
        names.push("out".to_string());
    }
    if !before.effects.iter().map(|effect| effect.uuid).eq(after.effects.iter().map(|effect| effect.uuid)) {
        names.push("effects".to_string());
    }
    names
}

/// Names of what differs: parameters, `inputs`, `enabled` and `mix`.
fn effect_names(before: &Effect, after: &Effect) -> Vec<String> {
    let differs = |name: &&String| {
        let values = (before.param(name), after.param(name));
        let same_value = matches!(&values, (Ok(before), Ok(after)) if same_bits(before, after));
        !same_value || before.curve(name) != after.curve(name)
    };
    let declared: Vec<&String> = match &after.spec {
        Some(spec) => spec.params.iter().map(|param| &param.name).collect(),
        None => after.params.keys().collect(),
    };
    let mut names: Vec<String> = declared.into_iter().filter(differs).cloned().collect();
    if before.inputs() != after.inputs() {
        names.push("inputs".to_string());
    }
    if before.enabled != after.enabled {
        names.push("enabled".to_string());
    }
    if before.mix.to_bits() != after.mix.to_bits() || before.mix_curve() != after.mix_curve() {
        names.push("mix".to_string());
    }
    names
}
