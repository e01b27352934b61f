use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::{MAX_MATTES, Matte, MatteChannel};
use crate::project::fixtures::{media, memory_frame};
use crate::project::{LayerSource, Node, Project, ProjectError};

/// A comp with layers of these names, the first one lowest.
fn scene(names: &[&str]) -> (Project, Uuid, Vec<Uuid>) {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = |name: &&str| {
        let name = [("name", Value::String(name.to_string()))];
        project.add_layer_with(comp, LayerSource::Memory(memory_frame(1.0)), None, &name).expect("a layer")
    };
    let layers = names.iter().map(layer).collect();
    (project, comp, layers)
}

fn set_matte(project: &Project, layer: Uuid, matte: Uuid) -> Result<bool, ProjectError> {
    project.set_attr(Node::Layer(layer), "matte", &Value::String(matte.to_string()))
}

#[test]
fn a_layer_names_its_matte_by_identity() {
    let (project, _, layers) = scene(&["holdout", "fg"]);
    let matte = || project.snapshot().layer(layers[1]).expect("it is there").2.matte();
    assert_eq!(matte(), None);
    let upper = Value::String(layers[0].to_string().to_uppercase());
    assert!(project.set_attr(Node::Layer(layers[1]), "matte", &upper).expect("a layer"));
    assert!(!set_matte(&project, layers[1], layers[0]).expect("a layer"), "it is the same, written otherwise");
    assert_eq!(matte(), Some(Matte { layer: layers[0], channel: MatteChannel::Alpha, of_file: None, invert: false }));
    let set = |name, value| project.set_attr(Node::Layer(layers[1]), name, &value).expect("valid");
    set("matte_invert", Value::Bool(true));
    for (key, channel) in [
        ("luminance", MatteChannel::Luminance),
        ("red", MatteChannel::Red),
        ("green", MatteChannel::Green),
        ("blue", MatteChannel::Blue),
        ("alpha", MatteChannel::Alpha),
    ] {
        set("matte_channel", Value::String(key.to_string()));
        assert_eq!(matte(), Some(Matte { layer: layers[0], channel, of_file: None, invert: true }));
    }
    set("matte", Value::String(String::new()));
    assert_eq!(matte(), None);
    set("matte", Value::Uuid(*layers[0].as_bytes()));
    assert_eq!(matte().map(|matte| matte.layer), Some(layers[0]));
}

#[test]
fn what_is_no_other_layer_of_the_comp_is_refused() {
    let (project, comp, layers) = scene(&["holdout", "fg"]);
    let other = project.add_comp("Other", &[]).expect("a comp");
    let foreign = project.add_layer(other, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    let camera = project.add_camera("lens", &[]).expect("a camera");
    let camera = project.add_layer(comp, LayerSource::Camera(camera), None).expect("a layer");
    let before = project.snapshot();
    for wrong in [foreign, camera, comp, Uuid::nil()] {
        let error = set_matte(&project, layers[1], wrong).expect_err("no layer of the comp").to_string();
        assert!(error.contains("`matte` of layer `Main / fg`") && error.contains(&wrong.to_string()), "{error}");
    }
    for (value, found) in [(Value::String("holdout".into()), "\"holdout\""), (Value::Int(1), "1 (int)")] {
        let error = project.set_attr(Node::Layer(layers[1]), "matte", &value).expect_err(found).to_string();
        assert!(error.contains(found) && error.contains("the uuid of a layer"), "{error}");
    }
    let attrs = [("matte", Value::String(foreign.to_string()))];
    let added = project.add_layer_with(comp, LayerSource::Memory(memory_frame(1.0)), None, &attrs);
    assert!(matches!(added, Err(ProjectError::NoMatte { .. })), "{added:?}");
    assert!(Arc::ptr_eq(&before, &project.snapshot()), "nothing changed");
}

#[test]
fn a_layer_cannot_be_its_own_matte() {
    let (project, _, layers) = scene(&["a", "b", "c", "d"]);
    let error = set_matte(&project, layers[0], layers[0]).expect_err("itself").to_string();
    assert_eq!(error, "a layer cannot be its own matte: a -> a");
    for (layer, matte) in [(3, 0), (0, 1), (1, 2)] {
        set_matte(&project, layers[layer], layers[matte]).expect("no circle");
    }
    let error = set_matte(&project, layers[2], layers[0]).expect_err("a circle").to_string();
    let rounds = ["a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c"];
    assert!(rounds.iter().any(|round| error.ends_with(round)), "{error}");
    assert!(set_matte(&project, layers[2], layers[3]).is_err(), "a longer circle");
}

#[test]
fn mattes_have_mattes_up_to_a_limit() {
    let names: Vec<_> = (0..=MAX_MATTES + 1).map(|n| n.to_string()).collect();
    let (project, _, layers) = scene(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (depth, pair) in layers.windows(2).enumerate() {
        let result = set_matte(&project, pair[1], pair[0]);
        assert_eq!(result.is_ok(), depth < MAX_MATTES, "{depth}: {result:?}");
    }
    // The other way round, the chain grows at its end.
    let (project, _, layers) = scene(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (depth, pair) in layers.windows(2).enumerate() {
        let result = set_matte(&project, pair[0], pair[1]);
        assert_eq!(result.is_ok(), depth < MAX_MATTES, "{depth}: {result:?}");
    }
}

#[test]
fn a_matte_is_not_removed_while_it_is_one() {
    let (project, comp, layers) = scene(&["holdout", "fg", "bg"]);
    set_matte(&project, layers[1], layers[0]).expect("a layer");
    set_matte(&project, layers[2], layers[0]).expect("a layer");
    let error = project.remove_layer(layers[0]).expect_err("in use").to_string();
    assert!(error.contains("`Main / holdout`") && error.contains("Main / bg, Main / fg"), "{error}");
    project.set_attr(Node::Layer(layers[2]), "matte", &Value::String(String::new())).expect("valid");
    project.remove_layer(layers[1]).expect("nobody's matte");
    project.remove_layer(layers[0]).expect("nobody's matte any more");
    assert_eq!(project.snapshot().comps[&comp].layers.len(), 1);
}
