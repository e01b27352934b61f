//! What the two derives make of an author's types.

use playa_plugin_api::{ChoiceSpec, Kind, Value, abi, export};

use super::*;

#[test]
fn identity_comes_from_the_attribute_and_help_from_the_doc_comment() {
    let spec = EveryKind::spec();
    assert_eq!(spec.id, "com.example.every_kind");
    assert_eq!(spec.type_name, "EveryKind");
    assert_eq!(spec.label, "All of Them");
    assert_eq!(spec.version, "2.1.0-beta.1");
    assert_eq!(spec.tags, ["test", "kinds"]);
    assert_eq!(spec.help, "An effect with a parameter of every kind.\n\nIt says \"hello\\n\".");
}

#[test]
fn without_attributes_names_make_labels_and_the_crate_gives_the_version() {
    #[derive(Params)]
    #[effect(id = "com.example.blur-2")]
    struct SoftGlow {
        #[expect(dead_code, reason = "only described")]
        soft_edge: f32,
    }
    let spec = SoftGlow::spec();
    assert_eq!((spec.label.as_str(), spec.version.as_str(), spec.help.as_str()), ("Soft Glow", "1.0.0", ""));
    let param = &spec.params[0];
    assert_eq!((param.name.as_str(), param.label.as_str()), ("soft_edge", "Soft Edge"));
    assert_eq!((&param.default, param.hard_range, param.soft_range), (&Value::Float(0.0), None, None));
}

#[test]
fn fields_become_parameters_in_order_with_their_kinds_and_defaults() {
    let list = |numbers: &[f64]| Value::List(numbers.iter().copied().map(Value::Float).collect());
    let expected = [
        ("on", Kind::Bool, Value::Bool(true)),
        ("count", Kind::Int, Value::Int(-3)),
        ("big", Kind::Int, Value::Int(9_007_199_254_740_993)),
        ("index", Kind::Int, Value::Int(0)),
        ("exposure", Kind::Float, Value::Float(0.1)),
        ("precise", Kind::Float, Value::Float(0.1)),
        ("text", Kind::String, Value::String("a \"quoted\" text".into())),
        ("offset", Kind::Vec2, Value::Vec2([0.1, 2.0])),
        ("direction", Kind::Vec3, Value::Vec3([0.0; 3])),
        ("corners", Kind::Vec4, Value::Vec4([0.0; 4])),
        ("tint", Kind::Color, Value::Color([1.0, 0.5, 0.25, 1.0])),
        ("mode", Kind::Choice, Value::Choice("2nd".into())),
        ("other_mode", Kind::Choice, Value::Choice("first".into())),
        ("identity", Kind::Uuid, Value::Uuid([0; 16])),
        ("curve", Kind::List, list(&[0.0, 0.5])),
        ("loop", Kind::Map, Value::Map(BTreeMap::new())),
    ];
    let spec = EveryKind::spec();
    let found: Vec<_> = spec.params.iter().map(|p| (p.name.as_str(), p.kind, p.default.clone())).collect();
    assert_eq!(found, expected);
    let kinds: std::collections::HashSet<_> = spec.params.iter().map(|param| param.kind).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "this effect has every kind");
}

#[test]
fn ranges_units_and_relations() {
    let spec = EveryKind::spec();
    let param = |name: &str| spec.param(name).expect("there is such a parameter");
    let exposure = param("exposure");
    assert_eq!((exposure.hard_range, exposure.soft_range), (Some((0.0, 1e6)), Some((0.0, 2.0))));
    assert_eq!((exposure.unit.as_str(), exposure.doc.as_str()), ("stops", "How much. It goes on."));
    assert_eq!(exposure.renamed_from, ["gain", "amount"]);
    assert_eq!(param("amount").name, "exposure", "found by an earlier name");
    assert_eq!(param("precise").soft_range, Some((-1.0, 1.0)), "without a soft range the hard one is shown");
    assert_eq!((param("count").hard_range, param("count").step), (Some((-10.0, 10.0)), Some(1.0)));
    assert_eq!((param("on").label.as_str(), param("on").group.as_str()), ("Turned on", "Switches"));
    assert_eq!(param("index").enabled_if.as_deref(), Some("on"));
    assert!(spec.param("nothing").is_none());
}

#[test]
fn variants_become_choices() {
    let choice =
        |key: &str, label: &str, doc: &str| ChoiceSpec { key: key.into(), label: label.into(), doc: doc.into() };
    let spec = EveryKind::spec();
    let expected = [
        choice("first", "First", "The first way."),
        choice("2nd", "The 2nd", ""),
        choice("third_way", "Third Way", ""),
    ];
    assert_eq!(spec.param("mode").expect("a mode").choices, expected);
    assert!(spec.param("on").expect("a switch").choices.is_empty());
}

#[test]
fn defaults_are_those_of_the_descriptor() {
    let defaults = EveryKind::defaults();
    let wire: Vec<_> = EveryKind::spec().params.iter().map(|param| abi::WireValue::from(&param.default)).collect();
    assert_eq!(EveryKind::from_wire(wire.as_slice().into()).expect("readable"), defaults);
    assert_eq!((defaults.mode, defaults.other_mode), (Mode::Second, Mode::First));
}

#[test]
fn the_metadata_section_is_json_that_agrees_with_the_descriptors() {
    const EFFECTS: &[&[&str]] = &[EveryKind::METADATA, EveryKind::METADATA];
    const TEXT: [u8; export::metadata_len("unwind", EFFECTS)] = export::metadata("unwind", EFFECTS);
    let json: serde_json::Value = serde_json::from_slice(&TEXT).expect("JSON");
    assert_eq!(json["playa_plugin"], 1);
    assert_eq!(json["api"], abi::API_VERSION);
    assert_eq!(json["panic"], "unwind");
    for key in ["sdk", "rustc", "target"] {
        assert!(json[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    assert_eq!(json["effects"].as_array().expect("a list").len(), 2);
    let (effect, spec) = (&json["effects"][1], EveryKind::spec());
    assert_eq!(effect["id"], *spec.id);
    assert_eq!(effect["type_name"], *spec.type_name);
    assert_eq!(effect["label"], *spec.label);
    assert_eq!(effect["version"], *spec.version);
    assert_eq!(effect["help"], *spec.help);
    let params = effect["params"].as_array().expect("a list");
    assert_eq!(params.len(), spec.params.len());
    for (found, param) in params.iter().zip(&spec.params) {
        assert_eq!(found["name"], *param.name);
        assert_eq!(found["kind"], param.kind.name());
        assert_eq!(found["unit"], *param.unit);
        assert_eq!(found["doc"], *param.doc);
    }
}
