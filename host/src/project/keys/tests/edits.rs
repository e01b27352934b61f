//! Keys through the handle of a project.

use std::sync::Arc;

use uuid::Uuid;

use super::super::shape;
use super::*;
use crate::project::fixtures::{everything, media, memory_frame};
use crate::project::{LayerSource, Node, Project};

/// A project with one layer.
fn with_layer() -> (Project, Uuid) {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = project.add_layer(comp, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    (project, layer)
}

#[test]
fn a_layer_has_its_keys_at_each_time() {
    let (project, layer) = with_layer();
    let node = Node::Layer(layer);
    let point = |frame, x| Key::new(frame, Value::Vec3([x, 0.0, 0.0]), Interp::Linear);
    assert!(project.set_key(node, "position", &point(0.0, 0.0)).expect("valid"));
    assert!(project.set_key(node, "position", &point(10.0, 5.0)).expect("valid"));
    let before = project.snapshot();
    assert!(!project.set_key(node, "position", &point(10.0, 5.0)).expect("valid"));
    assert!(Arc::ptr_eq(&before, &project.snapshot()), "an equal key leaves the document alone");
    assert_eq!(project.value_at(node, "position", 3.5).expect("valid"), Value::Vec3([1.75, 0.0, 0.0]));
    assert_eq!(project.get_attr(node, "position").expect("valid"), Value::Vec3([0.0; 3]));
    assert_eq!(project.value_at(node, "out", 0.0).expect("computed"), Value::Int(120));
    let frames: Vec<f64> = project.keys(node, "position").expect("valid").iter().map(|key| key.frame).collect();
    assert_eq!(frames, [0.0, 10.0]);
    assert_eq!(project.keys(node, "scale").expect("valid"), []);
    assert!(project.keys(node, "sclae").expect_err("no attribute").to_string().contains("did you mean `scale`?"));

    let seen = before.layer(layer).expect("it is there").2;
    assert!(seen.is_animated() && seen.placement_is_animated());
    assert_eq!(seen.placement_at(10.0).position, [5.0, 0.0, 0.0]);
    assert_eq!((seen.placement_at(10.0).scale, seen.opacity_at(10.0)), ([1.0; 3], 1.0));
    assert!(project.remove_key(node, "position", 0.0).expect("valid"));
    assert!(!project.remove_key(node, "position", 0.0).expect("valid"));
    assert_eq!(before.layer(layer).expect("it is there").2.placement_at(5.0).position, [2.5, 0.0, 0.0], "a snapshot");
    assert!(project.set_attr(node, "position", &Value::Vec3([0.0; 3])).expect("valid"));
    assert!(!project.snapshot().layer(layer).expect("it is there").2.is_animated());
    project.remove_layer(layer).expect("it is there");
    let error = project.set_key(node, "opacity", &key(0.0, 0.5, Interp::Linear)).expect_err("removed").to_string();
    assert!(error.contains("not in the project any more"), "{error}");
}

#[test]
fn every_parameter_of_an_effect_takes_keys_and_so_does_its_mix() {
    let (project, layer) = with_layer();
    let effect = project.add_effect(layer, &everything(), &[("int", Value::Int(3))]).expect("an effect");
    for (name, from, to, between) in [
        ("int", Value::Int(0), Value::Int(4), Value::Int(1)),
        ("float", Value::Float(0.0), Value::Int(8), Value::Float(2.0)),
        ("vec2", Value::Vec2([0.0, 4.0]), Value::Vec2([4.0, 0.0]), Value::Vec2([1.0, 3.0])),
        ("color", Value::Color([0.0; 4]), Value::Color([4.0; 4]), Value::Color([1.0; 4])),
        ("bool", Value::Bool(false), Value::Bool(true), Value::Bool(false)),
        ("choice", Value::String("b".into()), Value::String("a".into()), Value::Choice("b".into())),
        ("string", Value::String("b".into()), Value::String("a".into()), Value::String("b".into())),
    ] {
        let interp = if shape::numbers(&from).is_some() { Interp::Linear } else { Interp::Hold };
        for (frame, value) in [(0.0, from), (4.0, to)] {
            let key = Key::new(frame, value, interp);
            assert!(project.set_effect_key(effect, name, &key).expect(name));
            assert!(!project.set_effect_key(effect, name, &key).expect(name));
        }
        let document = project.snapshot();
        let found = document.effect(effect).expect("it is there").2.param_at(name, 1.0).expect(name);
        assert_eq!(found, between, "{name}");
    }
    for (frame, mix) in [(0.0, 0.0), (4.0, 1.0)] {
        assert!(project.set_effect_mix_key(effect, &key(frame, mix, Interp::Linear)).expect("valid"));
    }
    let document = project.snapshot();
    let seen = document.effect(effect).expect("it is there").2;
    assert_eq!((seen.mix_at(1.0), seen.mix, seen.is_animated()), (0.25, 1.0, true));
    let values = seen.values_at(1.0).expect("it is loaded");
    assert_eq!((&values[1], &values[2]), (&Value::Int(1), &Value::Float(2.0)));
    assert_eq!(seen.values().expect("it is loaded")[1], Value::Int(3));
    assert!(project.remove_effect_key(effect, "int", 4.0).expect("valid"));
    assert!(!project.remove_effect_key(effect, "int", 5.0).expect("valid"));
    assert!(project.set_effect_param(effect, "int", &Value::Int(3)).expect("its keys go"));
    assert!(project.remove_effect_mix_key(effect, 0.0).expect("valid"));
    assert!(project.set_effect_mix(effect, 1.0).expect("its keys go"));
    let document = project.snapshot();
    let seen = document.effect(effect).expect("it is there").2;
    assert_eq!((seen.mix_at(0.0), seen.param_at("int", 0.0).expect("valid")), (1.0, Value::Int(3)));
    let mut without = seen.clone();
    without.curves = Curves::default();
    assert_ne!(*seen, without, "the other keys are there, and count");
}

#[test]
fn wrong_keys_of_effects_name_effect_and_parameter() {
    let (project, layer) = with_layer();
    let effect = project.add_effect(layer, &everything(), &[]).expect("an effect");
    for (name, key, part) in [
        ("flaot", key(0.0, 1.0, Interp::Linear), "effect Everything has no parameter `flaot` (did you mean `float`?)"),
        ("float", key(f64::NAN, 1.0, Interp::Linear), "parameter `float` of effect Everything: key at frame NaN"),
        (
            "bool",
            Key::new(0.0, Value::Bool(true), Interp::Linear),
            "a bool has no values in between, expected \"hold\"",
        ),
        ("choice", Key::new(0.0, Value::String("c".into()), Interp::Hold), "\"c\" is no choice"),
    ] {
        let error = project.set_effect_key(effect, name, &key).expect_err(part).to_string();
        assert!(error.contains(part), "{error}\n{part}");
    }
    let error = project.set_effect_mix_key(effect, &key(0.0, 1.5, Interp::Linear)).expect_err("no share").to_string();
    assert!(error.contains("parameter `mix` of effect Everything: 1.5 is outside its range"), "{error}");
    assert!(!project.snapshot().effect(effect).expect("it is there").2.is_animated());
}
