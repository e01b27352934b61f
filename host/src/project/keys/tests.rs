mod edits;
mod shape;

use super::*;
use crate::project::attrs::Attrs;
use crate::project::schema;

/// A curve of floats without limits.
fn floats(keys: impl IntoIterator<Item = Key>) -> Curve {
    curve(Kind::Float, None, keys)
}

fn curve(kind: Kind, range: Option<(f64, f64)>, keys: impl IntoIterator<Item = Key>) -> Curve {
    let mut curves = Curves::default();
    for key in keys {
        let key = key.checked(kind, |value| Ok(value.clone())).expect("a valid key");
        curves.set("x", kind, range, key).expect("a place for it");
    }
    curves.get("x").expect("it has keys").clone()
}

fn key(frame: f64, value: f64, interp: Interp) -> Key {
    Key::new(frame, Value::Float(value), interp)
}

fn handle(frames: f64, offset: f64) -> Option<Handle> {
    Some(Handle { frames, offset: vec![offset] })
}

fn float(curve: &Curve, time: f64) -> f64 {
    match curve.at(time) {
        Value::Float(value) => value,
        other => panic!("{other} is no float"),
    }
}

#[test]
fn what_does_not_interpolate_only_holds() {
    for (kind, value) in [
        (Kind::Bool, Value::Bool(true)),
        (Kind::String, Value::String("a".into())),
        (Kind::Choice, Value::Choice("a".into())),
        (Kind::Uuid, Value::Uuid([7; 16])),
        (Kind::List, Value::List(vec![Value::Float(1.0)])),
        (Kind::Map, Value::Map(Default::default())),
    ] {
        let check = |value: &Value| Ok(value.clone());
        for interp in [Interp::Linear, Interp::Bezier] {
            let error = Key::new(0.0, value.clone(), interp).checked(kind, check).expect_err("no values in between");
            let expected = format!("interp \"{interp}\": a {kind} has no values in between, expected \"hold\"");
            assert_eq!(error.to_string(), expected);
        }
        let held = curve(kind, None, [Key::new(2.0, value.clone(), Interp::Hold)]);
        assert_eq!(held.at(3.0), value);
        let with_handle = Key { incoming: handle(-1.0, 0.0), ..Key::new(0.0, value, Interp::Hold) };
        assert!(with_handle.checked(kind, check).is_err());
    }
}

#[test]
fn keys_are_sorted_replaced_on_their_frame_and_told_apart() {
    let mut attrs = Attrs::new(schema::layer());
    let frames = |attrs: &Attrs| -> Vec<f64> {
        attrs.curve("opacity").map_or_else(Vec::new, |curve| curve.keys().iter().map(|key| key.frame).collect())
    };
    for frame in [5.0, -3.5, 9.0, 0.25] {
        assert_eq!(attrs.set_key("opacity", &key(frame, 0.5, Interp::Linear)), Ok(true));
    }
    assert_eq!(frames(&attrs), [-3.5, 0.25, 5.0, 9.0]);
    assert_eq!(attrs.set_key("opacity", &key(5.0, 0.5, Interp::Linear)), Ok(false), "an equal key changes nothing");
    assert_eq!(attrs.set_key("opacity", &key(5.0, 0.5, Interp::Hold)), Ok(true));
    assert_eq!(attrs.set_key("opacity", &key(5.0, 0.75, Interp::Hold)), Ok(true));
    assert_eq!(attrs.set_key("opacity", &key(0.1 + 0.2 + 4.7, 0.75, Interp::Linear)), Ok(true), "the same frame");
    assert_eq!(frames(&attrs).len(), 4);
    assert_eq!(attrs.remove_key("opacity", 1.0), Ok(false));
    assert_eq!(attrs.remove_key("opacity", 9.0), Ok(true));
    assert_eq!(frames(&attrs).len(), 3);
    for frame in [-3.5, 0.25, 5.0] {
        assert_eq!(attrs.remove_key("opacity", frame), Ok(true));
    }
    assert!(!attrs.is_animated());
    assert_eq!(attrs, Attrs::new(schema::layer()), "with its last key goes the animation");
}

#[test]
fn a_constant_replaces_keys_and_stays_beside_them() {
    let mut attrs = Attrs::new(schema::layer());
    attrs.set("opacity", &Value::Float(0.25)).expect("valid");
    attrs.set_key("opacity", &key(0.0, 0.0, Interp::Linear)).expect("valid");
    attrs.set_key("opacity", &key(4.0, 1.0, Interp::Linear)).expect("valid");
    assert_eq!((attrs.float("opacity"), attrs.float_at("opacity", 3.0)), (0.25, 0.75));
    assert_eq!(attrs.at("opacity", 1.0), Ok(Value::Float(0.25)));
    assert_eq!((attrs.vec3_at("scale", 7.0), attrs.at("speed", 3.0)), ([1.0; 3], Ok(Value::Float(1.0))));
    assert_eq!(attrs.set("opacity", &Value::Float(0.25)), Ok(true), "its keys go");
    assert_eq!(attrs.float_at("opacity", 3.0), 0.25);
    assert_eq!(attrs.set("opacity", &Value::Float(0.25)), Ok(false));
}

#[test]
fn what_is_no_key_is_refused_and_changes_nothing() {
    let mut attrs = Attrs::new(schema::layer());
    let at = |frame| key(frame, 0.5, Interp::Linear);
    let bent = |frames, offset: &[f64]| Key {
        outgoing: Some(Handle { frames, offset: offset.to_vec() }),
        ..key(0.0, 0.5, Interp::Bezier)
    };
    let far = Key::new(0.0, Value::Vec3([0.0, 2e9, 0.0]), Interp::Hold);
    for (name, key, part) in [
        ("opacity", at(f64::NAN), "key at frame NaN: expected a frame within -1000000000..=1000000000"),
        ("opacity", at(f64::INFINITY), "frame inf"),
        ("opacity", at(-1.1e9), "frame -1100000000"),
        ("opacity", key(0.0, 1.5, Interp::Linear), "1.5 is outside its range, expected float within 0..=1"),
        ("opacity", key(0.0, f64::NAN, Interp::Linear), "NaN"),
        ("opacity", Key::new(0.0, Value::Bool(true), Interp::Hold), "expected float, found true (bool)"),
        ("position", far, "within -1000000000..=1000000000"),
        ("opacity", bent(-1.0, &[0.0]), "outgoing handle: found -1 frames, expected 0 frames or more from its key"),
        ("opacity", bent(f64::NAN, &[0.0]), "outgoing handle: found NaN frames"),
        ("opacity", bent(1.0, &[f64::INFINITY]), "outgoing handle: found [inf], expected offsets within"),
        ("opacity", bent(1.0, &[0.0, 1.0]), "outgoing handle: found [0.0, 1.0], expected one offset for each of 1"),
        (
            "opacity",
            Key { incoming: handle(1.0, 0.0), ..at(0.0) },
            "incoming handle: found 1 frames, expected 0 frames or less",
        ),
        ("opactiy", at(0.0), "did you mean `opacity`?"),
        ("name", at(0.0), "`name` of a layer takes no keys; these do: opacity, position, rotation, scale, pivot"),
    ] {
        let error = attrs.set_key(name, &key).expect_err(part).to_string();
        assert!(error.contains(part), "{error}\n{part}");
    }
    let mut comp = Attrs::new(schema::comp());
    let error = comp.set_key("width", &Key::new(0.0, Value::Int(1), Interp::Hold)).expect_err("the same at all times");
    assert_eq!(error.to_string(), "attribute `width` of a comp takes no keys; these do: none");
    let unlimited = key(0.0, 1e101, Interp::Linear).checked(Kind::Float, |value| Ok(value.clone()));
    assert!(unlimited.expect_err("its slopes overflow").to_string().contains("1e100"));
    assert_eq!(attrs, Attrs::new(schema::layer()));
}

#[test]
fn a_curve_has_room_for_a_limited_number_of_keys() {
    let mut attrs = Attrs::new(schema::layer());
    for frame in 0..MAX_KEYS {
        attrs.set_key("opacity", &key(frame as f64, 0.5, Interp::Linear)).expect("room");
    }
    let error = attrs.set_key("opacity", &key(-1.0, 0.5, Interp::Linear)).expect_err("full");
    assert!(error.to_string().contains("at most 65536 keys"), "{error}");
    assert_eq!(attrs.set_key("opacity", &key(7.0, 0.25, Interp::Linear)), Ok(true), "one may be replaced");
}

#[test]
fn interpolations_have_names() {
    for name in Interp::NAMES {
        assert_eq!(name.parse::<Interp>().expect("a name").name(), name);
    }
    let error = "liner".parse::<Interp>().expect_err("no name").to_string();
    assert_eq!(error, "interp \"liner\" (did you mean `linear`?): expected one of hold, linear, bezier");
}
