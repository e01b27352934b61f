use std::sync::Arc;

use playa_plugin_api::{EffectSpec, InputSpec, Value};
use uuid::Uuid;

use super::MAX_INPUTS;
use crate::project::fixtures::{Effects, blur, media, memory_frame};
use crate::project::{EffectLookup, LayerSource, LoadOptions, Project, ProjectError};

/// The blur of the fixtures with two further inputs.
fn keyer() -> Arc<EffectSpec> {
    let input = |name: &str| InputSpec { name: name.to_string(), optional: name != "plate", mask: name == "mask" };
    let inputs = ["plate", "mask", "other"].map(input).to_vec();
    Arc::new(EffectSpec { id: "org.playa.test.keyer".into(), type_name: "Keyer".into(), inputs, ..(*blur()).clone() })
}

/// The effects of the fixtures and the keyer.
struct WithKeyer;

impl EffectLookup for WithKeyer {
    fn find(&self, name: &str) -> Option<Arc<EffectSpec>> {
        Some(keyer()).filter(|spec| spec.id == name).or_else(|| Effects.find(name))
    }

    fn names(&self) -> Vec<String> {
        Effects.names()
    }
}

/// A comp with layers of these names, each with the keyer on it, the first one lowest.
fn scene(names: &[&str]) -> (Project, Uuid, Vec<(Uuid, Uuid)>) {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = |name: &&str| {
        let name = [("name", Value::String(name.to_string()))];
        let layer = project.add_layer_with(comp, LayerSource::Memory(memory_frame(1.0)), None, &name).expect("a layer");
        (layer, project.add_effect(layer, &keyer(), &[]).expect("an effect"))
    };
    let layers = names.iter().map(layer).collect();
    (project, comp, layers)
}

fn input(project: &Project, effect: Uuid, name: &str) -> Option<Uuid> {
    project.snapshot().effect(effect).expect("it is there").2.input(name).expect("there is one")
}

#[test]
fn a_further_input_names_a_layer_until_it_names_none() {
    let (project, _, layers) = scene(&["matte", "fg"]);
    let (matte, (_, effect)) = (layers[0].0, layers[1]);
    assert_eq!(input(&project, effect, "mask"), None);
    assert!(project.set_effect_input(effect, "mask", Some(matte)).expect("a layer"));
    assert!(!project.set_effect_input(effect, "mask", Some(matte)).expect("a layer"), "it is the same");
    assert_eq!((input(&project, effect, "mask"), input(&project, effect, "other")), (Some(matte), None));
    assert_eq!(project.undo().expect("nothing is open").as_deref(), Some("set input mask"));
    assert_eq!(input(&project, effect, "mask"), None);
    project.redo().expect("nothing is open");
    assert!(project.set_effect_input(effect, "mask", None).expect("none"));
    assert!(!project.set_effect_input(effect, "mask", None).expect("none"));
}

#[test]
fn only_inputs_beyond_the_first_can_be_set() {
    let (project, _, layers) = scene(&["matte", "fg"]);
    let error =
        |name: &str| project.set_effect_input(layers[1].1, name, Some(layers[0].0)).expect_err(name).to_string();
    assert_eq!(
        error("plate"),
        "effect Keyer has no further input `plate`, which is the layer that it is on; it has: mask, other"
    );
    assert_eq!(error("mast"), "effect Keyer has no further input `mast` (did you mean `mask`?); it has: mask, other");
    let blur = project.add_effect(layers[1].0, &blur(), &[]).expect("an effect");
    let error = project.set_effect_input(blur, "mask", None).expect_err("it has none").to_string();
    assert_eq!(error, "effect GaussianBlur has no further input `mask`; it has: none");
}

#[test]
fn what_is_no_other_layer_of_the_comp_is_refused() {
    let (project, comp, layers) = scene(&["matte", "fg"]);
    let other = project.add_comp("Other", &[]).expect("a comp");
    let foreign = project.add_layer(other, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    let camera = project.add_camera("lens", &[]).expect("a camera");
    let camera = project.add_layer(comp, LayerSource::Camera(camera), None).expect("a layer");
    let before = project.snapshot();
    for no_layer in [foreign, camera, comp, layers[0].1, Uuid::nil()] {
        let error = project.set_effect_input(layers[1].1, "mask", Some(no_layer)).expect_err("it is no layer");
        let text = format!("input `mask` of effect Keyer on layer `Main / fg`: found {no_layer}, expected the uuid of");
        assert!(error.to_string().starts_with(&text), "{error}");
    }
    assert!(Arc::ptr_eq(&before, &project.snapshot()), "nothing was changed");
}

#[test]
fn no_layer_leads_back_to_itself() {
    let (project, _, layers) = scene(&["a", "b", "c"]);
    let set = |from: usize, to: usize, name: &str| project.set_effect_input(layers[from].1, name, Some(layers[to].0));
    let error = set(0, 0, "mask").expect_err("it is itself");
    assert_eq!(error.to_string(), "a layer cannot be an input of its own effects: a -> a");
    set(0, 1, "mask").expect("no cycle");
    set(0, 2, "other").expect("no cycle");
    set(1, 2, "mask").expect("two ways to one layer are none");
    let error = set(2, 0, "other").expect_err("a cycle");
    assert!(matches!(&error, ProjectError::InputCycle { layers, .. } if layers.len() > 2), "{error}");
    assert!(error.to_string().contains("c -> a") || error.to_string().contains("a -> c -> a"), "{error}");
    assert_eq!(input(&project, layers[2].1, "other"), None);
}

#[test]
fn layers_are_read_up_to_a_depth_and_many_ways_take_no_time() {
    let names: Vec<String> = (0..MAX_INPUTS + 2).map(|at| format!("l{at}")).collect();
    let (project, _, layers) = scene(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for pair in layers[..=MAX_INPUTS].windows(2) {
        for name in ["mask", "other"] {
            project.set_effect_input(pair[0].1, name, Some(pair[1].0)).expect("not too deep");
        }
    }
    let last = MAX_INPUTS;
    let error = project.set_effect_input(layers[last].1, "mask", Some(layers[last + 1].0)).expect_err("too deep");
    assert!(error.to_string().contains("read layers that read layers more than 64 deep"), "{error}");
}

#[test]
fn a_layer_that_is_read_stays_until_it_is_not() {
    let (project, _, layers) = scene(&["matte", "fg"]);
    let (matte, (fg, effect)) = (layers[0].0, layers[1]);
    project.set_effect_input(effect, "mask", Some(matte)).expect("a layer");
    let error = project.remove_layer(matte).expect_err("it is in use").to_string();
    assert_eq!(
        error,
        "layer `Main / matte` is an input of effects on Main / fg; set these inputs to another layer or none first"
    );
    project.remove_effect(effect).expect("an effect can go");
    project.remove_layer(matte).expect("nobody reads it");
    project.undo().expect("nothing is open");
    project.undo().expect("nothing is open");
    assert_eq!(input(&project, effect, "mask"), Some(matte));
    project.remove_layer(fg).expect("nobody reads it");
    project.remove_layer(matte).expect("nobody reads it any more");
}

/// A project in JSON with two layers of solids, the upper one with the keyer and these lines in it.
fn json(inputs: &str) -> String {
    let uuid = |digit: u8| format!("00000000-0000-0000-0000-00000000000{digit}");
    let layer =
        |at: u8, more: &str| format!(r#"{{"uuid": "{}", "name": "l{at}", "solid": "{}"{more}}}"#, uuid(at), uuid(9));
    let effect = format!(
        r#", "effect": [{{"uuid": "{}", "id": "org.playa.test.keyer", "version": "1.2.0", "inputs": {inputs}}}]"#,
        uuid(5)
    );
    format!(
        "{{\"playa\": 1, \"solid\": [{{\"uuid\": \"{}\"}}],\n\"comp\": [{{\"uuid\": \"{}\", \"name\": \"Main\", \"layer\": [\n{},\n{}]}}]}}",
        uuid(9),
        uuid(8),
        layer(1, &effect),
        layer(2, ""),
    )
}

fn load(text: &str) -> Result<Project, ProjectError> {
    Project::from_json(text, &LoadOptions::default(), &WithKeyer, media())
}

#[test]
fn inputs_are_saved_and_read_and_what_they_cannot_be_is_refused() {
    let named = r#"{"mask": "00000000-0000-0000-0000-000000000002"}"#;
    let project = load(&json(named)).expect("it is one");
    assert_eq!(project.diagnostics(), []);
    let effect = Uuid::from_u128(5);
    assert_eq!(input(&project, effect, "mask"), Some(Uuid::from_u128(2)));
    let again = load(&project.to_json().expect("it can be written")).expect("it is one");
    assert_eq!(input(&again, effect, "mask"), Some(Uuid::from_u128(2)));
    for (inputs, expected) in [
        (r#"{"mask": "00000000-0000-0000-0000-000000000007"}"#, "expected the uuid of another layer of its comp"),
        (r#"{"mask": "00000000-0000-0000-0000-000000000001"}"#, "found the cycle l1 -> l1"),
        (
            r#"{"mask": "me"}"#,
            "input `mask` of effect \"org.playa.test.keyer\": found \"me\" (string), expected 8-4-4-4-12",
        ),
        (r#"["mask"]"#, "inputs of effect \"org.playa.test.keyer\": found a list, expected table"),
    ] {
        let error = load(&json(inputs)).expect_err(inputs).to_string();
        assert!(error.contains(expected) && error.starts_with("project:"), "{error}");
    }
    // What another version of the effect has is kept.
    let project = load(&json(r#"{"mast": "00000000-0000-0000-0000-000000000002"}"#)).expect("it is kept");
    let told = project.diagnostics()[0].to_string();
    assert!(
        told.contains("no further input `mast` (did you mean `mask`?)") && told.ends_with("has no effect"),
        "{told}"
    );
    assert!(project.to_json().expect("it can be written").contains("\"mast\""));
}
