mod events;

use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::MAX_STEPS;
use crate::project::fixtures::{blur, footage, media, memory_frame};
use crate::project::{Interp, Key, LayerSource, Node, Project, ProjectError};

/// A project with a comp of one layer with a blur, and nothing to undo.
fn project() -> (Project, Uuid, Uuid, Uuid) {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = project.add_layer(comp, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    let effect = project.add_effect(layer, &blur(), &[]).expect("an effect");
    project.clear_history();
    (project, comp, layer, effect)
}

fn set(project: &Project, node: Node, name: &str, value: impl Into<f64>) -> bool {
    project.set_attr(node, name, &Value::Float(value.into())).expect("it fits")
}

fn undo(project: &Project) -> String {
    project.undo().expect("no edit is open").expect("a step")
}

fn redo(project: &Project) -> String {
    project.redo().expect("no edit is open").expect("a step")
}

#[test]
fn every_edit_is_a_step_that_undo_takes_back_and_redo_does_again() {
    let folder = footage("bg", 1..=4);
    let (project, comp, layer, effect) = project();
    let mut documents = vec![project.snapshot()];
    let key = |value| Key::new(3.0, Value::Float(value), Interp::Linear);
    let mut step = |edit: &dyn Fn() -> Result<(), ProjectError>| {
        edit().expect("it fits");
        documents.push(project.snapshot());
    };
    let node = Node::Layer(layer);
    step(&|| project.set_attr(node, "opacity", &Value::Float(0.5)).map(drop));
    step(&|| project.set_key(node, "opacity", &key(0.25)).map(drop));
    step(&|| project.remove_key(node, "opacity", 3.0).map(drop));
    let pair = [("in", Value::Int(5)), ("name", Value::String("BG".into()))];
    step(&|| project.set_attrs(node, &pair).map(drop));
    step(&|| project.add_comp("Other", &[]).map(drop));
    step(&|| project.add_media(folder.path().join("bg.####.exr")).map(drop));
    step(&|| project.add_camera("lens", &[]).map(drop));
    step(&|| project.add_layer(comp, LayerSource::Memory(memory_frame(0.5)), None).map(drop));
    step(&|| project.move_layer(layer, 0).map(drop));
    step(&|| project.set_effect_param(effect, "radius", &Value::Float(9.0)).map(drop));
    step(&|| project.set_effect_enabled(effect, false).map(drop));
    step(&|| project.set_effect_mix(effect, 0.5).map(drop));
    step(&|| project.set_effect_key(effect, "radius", &key(2.0)).map(drop));
    step(&|| project.set_effect_mix_key(effect, &key(0.5)).map(drop));
    step(&|| project.remove_effect_key(effect, "radius", 3.0).map(drop));
    step(&|| project.remove_effect_mix_key(effect, 3.0).map(drop));
    step(&|| project.add_effect(layer, &blur(), &[]).map(drop));
    step(&|| project.move_effect(effect, 1).map(drop));
    step(&|| project.remove_effect(effect));
    step(&|| project.remove_layer(layer));
    step(&|| project.remove_media(*project.snapshot().media.keys().next().expect("media")));
    step(&|| project.remove_camera(*project.snapshot().cameras.keys().next().expect("a camera")));
    step(&|| project.remove_comp(comp));
    let names = [
        ["set opacity", "set key of opacity", "remove key of opacity", "set in, name"],
        ["add comp", "add media", "add camera", "add layer"],
        ["move layer", "set radius", "set enabled", "set mix"],
        ["set key of radius", "set key of mix", "remove key of radius", "remove key of mix"],
        ["add effect", "move effect", "remove effect", "remove layer"],
    ];
    let mut names = names.concat();
    names.extend(["remove media", "remove camera", "remove comp"]);
    assert_eq!(project.undo_steps(), names);
    for (name, document) in names.iter().zip(&documents).rev() {
        assert_eq!(undo(&project), *name);
        assert!(*project.snapshot() == **document, "before {name}");
    }
    assert_eq!(
        (project.undo().expect("no edit is open"), project.redo_steps()),
        (None, names.iter().map(|name| name.to_string()).collect())
    );
    for (name, document) in names.iter().zip(&documents[1..]) {
        assert_eq!(redo(&project), *name);
        assert!(*project.snapshot() == **document, "after {name}");
    }
    assert_eq!(project.redo().expect("no edit is open"), None);
}

#[test]
fn what_changes_nothing_is_no_step_and_keeps_those_to_redo() {
    let (project, _, layer, effect) = project();
    let node = Node::Layer(layer);
    set(&project, node, "opacity", 0.5);
    set(&project, node, "opacity", 0.25);
    assert_eq!(undo(&project), "set opacity", "not merged with the one before");
    assert!(!set(&project, node, "opacity", 0.5));
    assert!(!project.set_effect_mix(effect, 1.0).expect("it fits"));
    assert!(!project.set_effect_param(effect, "radius", &Value::Float(5.0)).expect("it fits"));
    assert!(!project.move_layer(layer, 0).expect("it is there"));
    assert!(!project.set_attrs::<&str>(node, &[]).expect("nothing"));
    project.set_attr(node, "opacity", &Value::Float(7.0)).expect_err("out of range");
    project.edit("nothing").commit();
    let edit = project.edit("there and back");
    set(&project, node, "opacity", 1.0);
    set(&project, node, "opacity", 0.5);
    edit.commit();
    assert_eq!((project.undo_steps().len(), project.redo_steps().len()), (1, 1));
    set(&project, node, "opacity", 0.75);
    assert_eq!((project.undo_steps().len(), project.redo_steps().len()), (2, 0), "an edit drops what could be redone");
}

#[test]
fn attributes_are_set_together_or_not_at_all() {
    let (project, _, layer, _) = project();
    let before = project.snapshot();
    let values = [("opacity", Value::Float(0.5)), ("in", Value::Float(0.5))];
    project.set_attrs(Node::Layer(layer), &values).expect_err("no frame");
    assert!(Arc::ptr_eq(&before, &project.snapshot()));
}

#[test]
fn only_so_many_steps_are_kept() {
    let (project, _, layer, _) = project();
    for step in 0..MAX_STEPS + 10 {
        project.set_attr(Node::Layer(layer), "in", &Value::Int(step as i64 + 1)).expect("it fits");
    }
    assert_eq!(project.undo_steps().len(), MAX_STEPS);
    while project.undo().expect("no edit is open").is_some() {}
    assert_eq!(project.get_attr(Node::Layer(layer), "in").expect("it is there"), Value::Int(10));
    assert_eq!(project.redo_steps().len(), MAX_STEPS);
}

#[test]
fn images_in_memory_live_as_long_as_the_history() {
    let (project, comp, ..) = project();
    let frame = memory_frame(0.5);
    let layer = project.add_layer(comp, LayerSource::Memory(Arc::clone(&frame)), None).expect("a layer");
    project.remove_layer(layer).expect("it is there");
    assert!(Arc::strong_count(&frame) > 1);
    project.clear_history();
    assert_eq!(Arc::strong_count(&frame), 1);
    assert!(project.undo_steps().is_empty() && project.redo_steps().is_empty());
}

#[test]
fn a_file_and_its_layer_are_one_step() {
    let folder = footage("bg", 1..=4);
    let (project, comp, ..) = project();
    let path = || LayerSource::Path(folder.path().join("bg.####.exr"));
    project.add_layer(Uuid::nil(), path(), None).expect_err("no such comp");
    project.add_layer_with(comp, path(), None, &[("opacity", Value::Float(7.0))]).expect_err("out of range");
    assert!(project.snapshot().media.is_empty(), "no media are left behind");
    project.add_layer(comp, path(), None).expect("a layer");
    assert_eq!(undo(&project), "add layer");
    assert!(project.snapshot().media.is_empty());
    redo(&project);
    assert_eq!(project.snapshot().media.len(), 1);
}

#[test]
fn an_edit_is_one_step_and_dropping_it_takes_it_back() {
    let (project, _, layer, _) = project();
    let (before, node) = (project.snapshot(), Node::Layer(layer));
    let edit = project.edit("fade");
    set(&project, node, "opacity", 0.5);
    project.add_comp("Other", &[]).expect("a comp");
    for refused in [project.undo(), project.redo()] {
        let error = refused.expect_err("an edit is open").to_string();
        assert!(error.contains("while the edit `fade` is open"), "{error}");
    }
    edit.commit();
    assert_eq!(project.undo_steps(), ["fade"]);
    let after = project.snapshot();
    undo(&project);
    assert_eq!(*project.snapshot(), *before);
    redo(&project);
    assert_eq!(*project.snapshot(), *after);

    let edit = project.edit("dropped");
    set(&project, node, "opacity", 0.75);
    drop(edit);
    assert!(Arc::ptr_eq(&project.snapshot(), &after));
    assert_eq!(project.undo_steps(), ["fade"]);
}

#[test]
fn edits_within_edits_join_and_go_back_to_their_own_start() {
    let (project, _, layer, _) = project();
    let node = Node::Layer(layer);
    let opacity = || project.get_attr(node, "opacity").expect("it is there");
    let outer = project.edit("outer");
    set(&project, node, "opacity", 0.5);
    let inner = project.edit("inner");
    set(&project, node, "opacity", 0.25);
    drop(inner);
    assert_eq!(opacity(), Value::Float(0.5));
    let inner = project.edit("inner");
    set(&project, node, "in", 7);
    inner.commit();
    assert!(project.undo_steps().is_empty());
    outer.commit();
    assert_eq!(project.undo_steps(), ["outer"]);
    undo(&project);
    assert_eq!(opacity(), Value::Float(1.0));
}

#[test]
fn edits_that_end_in_another_order_never_bring_back_what_was_taken_back() {
    let (project, _, layer, _) = project();
    let (before, node) = (project.snapshot(), Node::Layer(layer));
    let first = project.edit("first");
    set(&project, node, "opacity", 0.5);
    let second = project.edit("second");
    drop(first);
    assert_eq!(*project.snapshot(), *before);
    set(&project, node, "in", 3);
    drop(second);
    assert_eq!(*project.snapshot(), *before);
    assert!(project.undo_steps().is_empty());

    let first = project.edit("first");
    set(&project, node, "opacity", 0.5);
    let second = project.edit("second");
    first.commit();
    assert!(project.undo_steps().is_empty(), "the second is still open");
    second.commit();
    assert_eq!(project.undo_steps(), ["first"]);
}

#[test]
fn handles_of_what_was_removed_work_again() {
    let (project, comp, layer, effect) = project();
    project.remove_comp(comp).expect("it is there");
    let removed = project.get_attr(Node::Layer(layer), "opacity").expect_err("it was removed");
    assert!(matches!(removed, ProjectError::NodeRemoved { .. }));
    undo(&project);
    set(&project, Node::Layer(layer), "opacity", 0.5);
    project.set_effect_mix(effect, 0.5).expect("it is there");
    assert_eq!(project.undo_steps(), ["set opacity", "set mix"]);
}
