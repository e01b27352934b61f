mod edits;

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

/// The value where a Bezier curve through these points of (time, value) passes a time, by looking at many of its
/// points, and how far apart two neighbouring ones are in value.
fn brute_force(points: [(f64, f64); 4], time: f64) -> (f64, f64) {
    const STEPS: usize = 200_000;
    let point = |step: usize| {
        let t = step as f64 / STEPS as f64;
        // De Casteljau: halfway points of halfway points.
        let between = |a: (f64, f64), b: (f64, f64)| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let [a, b, c, d] = points;
        let (ab, bc, cd) = (between(a, b), between(b, c), between(c, d));
        between(between(ab, bc), between(bc, cd))
    };
    let (mut low, mut high) = (0, STEPS);
    assert!((0..STEPS).all(|step| point(step).0 <= point(step + 1).0 + 1e-12), "time runs back");
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if point(middle).0 <= time { low = middle } else { high = middle }
    }
    (point(low).1, (point(high).1 - point(low).1).abs())
}

#[test]
fn one_key_is_a_constant() {
    let curve = floats([key(10.0, 3.5, Interp::Bezier)]);
    for time in [f64::NEG_INFINITY, -5.0, 10.0, 1e12, f64::INFINITY, f64::NAN] {
        assert_eq!(float(&curve, time), 3.5);
    }
}

#[test]
fn hold_stays_until_the_next_key() {
    let curve = floats([key(0.0, 1.0, Interp::Hold), key(10.0, 2.0, Interp::Hold), key(20.0, 3.0, Interp::Hold)]);
    for (time, expected) in [(-1.0, 1.0), (0.0, 1.0), (9.999, 1.0), (10.0, 2.0), (19.5, 2.0), (20.0, 3.0), (99.0, 3.0)]
    {
        assert_eq!(float(&curve, time), expected, "at {time}");
    }
}

#[test]
fn linear_is_the_straight_line_and_exact_where_numbers_are() {
    let curve =
        floats([key(0.0, 0.0, Interp::Linear), key(10.0, 100.0, Interp::Linear), key(14.0, -100.0, Interp::Linear)]);
    for frame in 0..=10 {
        assert_eq!(float(&curve, f64::from(frame)), f64::from(frame * 10));
    }
    for (time, expected) in [(-3.0, 0.0), (2.5, 25.0), (11.0, 50.0), (12.5, -25.0), (14.0, -100.0), (15.0, -100.0)] {
        assert_eq!(float(&curve, time), expected, "at {time}");
    }
    let constant = floats([key(0.0, 0.1, Interp::Linear), key(7.0, 0.1, Interp::Bezier), key(9.0, 0.1, Interp::Hold)]);
    assert!((0..100).all(|n| float(&constant, f64::from(n) * 0.1) == 0.1), "every bit of a constant stays");
}

#[test]
fn an_automatic_bezier_between_two_keys_is_the_smooth_step() {
    let curve = floats([key(-4.0, 10.0, Interp::Bezier), key(12.0, 20.0, Interp::Linear)]);
    for step in 0..=160 {
        let u = f64::from(step) / 160.0;
        let expected = 10.0 + 10.0 * u * u * (3.0 - 2.0 * u);
        assert!((float(&curve, -4.0 + 16.0 * u) - expected).abs() < 1e-13, "at {u}");
    }
    assert_eq!(float(&curve, 4.0), 15.0);
}

#[test]
fn automatic_handles_are_smooth_flat_at_extremes_and_never_overshoot() {
    let points = [(0.0, 0.0), (3.0, 1.0), (10.0, 40.0), (11.0, 41.0), (15.0, 5.0), (16.0, 5.0), (30.0, 6.0)];
    let curve = floats(points.map(|(frame, value)| key(frame, value, Interp::Bezier)));
    for pair in points.windows(2) {
        let ((t0, v0), (t1, v1)) = (pair[0], pair[1]);
        let mut last = v0;
        for step in 1..=1000 {
            let value = float(&curve, t0 + (t1 - t0) * f64::from(step) / 1000.0);
            assert!((value - last) * (v1 - v0) >= -1e-12, "turns between {t0} and {t1}");
            last = value;
        }
    }
    let slope = |time: f64| (float(&curve, time + 1e-4) - float(&curve, time - 1e-4)) / 2e-4;
    for extreme in [11.0, 15.0, 16.0] {
        assert!(slope(extreme).abs() < 1e-2, "{} at {extreme}", slope(extreme));
    }
    // The line through its neighbours is 4 a frame, three times the way to the first only 1.
    assert!((slope(3.0) - 1.0).abs() < 1e-2, "{}", slope(3.0));
    // One frame after key 10 the curve rises by 1: the slope is 3 rather than 40 / 8.
    assert!((slope(10.0) - 3.0).abs() < 1e-2, "{}", slope(10.0));
}

#[test]
fn a_hold_on_either_side_makes_an_automatic_handle_flat() {
    let curve = floats([
        key(0.0, 0.0, Interp::Hold),
        key(10.0, 1.0, Interp::Bezier),
        key(20.0, 3.0, Interp::Hold),
        key(30.0, 4.0, Interp::Linear),
    ]);
    for step in 0..=100 {
        let u = f64::from(step) / 100.0;
        let expected = 1.0 + 2.0 * u * u * (3.0 - 2.0 * u);
        assert!((float(&curve, 10.0 + 10.0 * u) - expected).abs() < 1e-13, "at {u}");
    }
}

#[test]
fn explicit_handles_give_the_curve_that_brute_force_finds() {
    // Frames and offsets of both handles, and how far they go when they are cut to the length of 20 frames.
    let cases = [
        ((8.0, 0.0), (-8.0, 0.0), (8.0, 0.0), (-8.0, 0.0)),
        ((20.0, 5.0), (-20.0, -5.0), (20.0, 5.0), (-20.0, -5.0)),
        ((0.0, 30.0), (0.0, 30.0), (0.0, 30.0), (0.0, 30.0)),
        ((1.0, -40.0), (-15.0, 80.0), (1.0, -40.0), (-15.0, 80.0)),
        ((40.0, 10.0), (-200.0, 30.0), (20.0, 5.0), (-20.0, 3.0)),
    ];
    for (outgoing, incoming, first, second) in cases {
        let curve = floats([
            Key { outgoing: handle(outgoing.0, outgoing.1), ..key(100.0, 1.0, Interp::Bezier) },
            Key { incoming: handle(incoming.0, incoming.1), ..key(120.0, 7.0, Interp::Hold) },
        ]);
        let points = [(100.0, 1.0), (100.0 + first.0, 1.0 + first.1), (120.0 + second.0, 7.0 + second.1), (120.0, 7.0)];
        for time in [100.0, 100.03, 101.0, 105.5, 110.0, 114.25, 119.0, 119.97, 120.0] {
            let ((expected, step), found) = (brute_force(points, time), float(&curve, time));
            // The brute force stops at the point before.
            assert!(
                (found - expected).abs() <= step + 1e-9,
                "{outgoing:?} {incoming:?} at {time}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn one_handle_may_be_explicit_and_the_other_automatic() {
    let curve =
        floats([Key { outgoing: handle(5.0, 10.0), ..key(0.0, 0.0, Interp::Bezier) }, key(12.0, 0.0, Interp::Linear)]);
    let points = [(0.0, 0.0), (5.0, 10.0), (8.0, 0.0), (12.0, 0.0)];
    let (expected, step) = brute_force(points, 3.0);
    assert!((float(&curve, 3.0) - expected).abs() <= step + 1e-9);
}

#[test]
fn vectors_and_colours_go_by_component_and_whole_numbers_are_rounded() {
    let pair = |kind, from: Value, to: Value| {
        curve(kind, None, [Key::new(0.0, from, Interp::Linear), Key::new(4.0, to, Interp::Linear)]).at(1.0)
    };
    assert_eq!(pair(Kind::Int, Value::Int(0), Value::Int(10)), Value::Int(3), "2.5, away from zero");
    assert_eq!(pair(Kind::Int, Value::Int(i64::MIN), Value::Int(i64::MIN)), Value::Int(i64::MIN));
    assert_eq!(pair(Kind::Vec2, Value::Vec2([0.0, 8.0]), Value::Vec2([4.0, 0.0])), Value::Vec2([1.0, 6.0]));
    let (from, to) = (Value::Vec3([0.0, 8.0, -1.0]), Value::Vec3([4.0, 0.0, -1.0]));
    assert_eq!(pair(Kind::Vec3, from, to), Value::Vec3([1.0, 6.0, -1.0]));
    let (from, to) = (Value::Vec4([0.0, 8.0, 1.0, 2.0]), Value::Vec4([4.0, 0.0, 1.0, 10.0]));
    assert_eq!(pair(Kind::Vec4, from, to), Value::Vec4([1.0, 6.0, 1.0, 4.0]));
    let (from, to) = (Value::Color([0.0, 8.0, 1.0, 1.0]), Value::Color([4.0, 0.0, 1.0, 0.0]));
    assert_eq!(pair(Kind::Color, from, to), Value::Color([1.0, 6.0, 1.0, 0.75]));
    let bezier = |incoming| {
        let last = Key { incoming, ..Key::new(9.0, Value::Vec2([9.0, 0.0]), Interp::Hold) };
        curve(Kind::Vec2, None, [Key::new(0.0, Value::Vec2([0.0, 0.0]), Interp::Bezier), last]).at(4.5)
    };
    assert_eq!(bezier(None), Value::Vec2([4.5, 0.0]));
    // Halfway, three eighths of the offset of a handle of a third show.
    assert_eq!(bezier(Some(Handle { frames: -3.0, offset: vec![0.0, 16.0] })), Value::Vec2([4.5, 6.0]));
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
fn a_value_that_overshoots_is_clamped_to_its_range() {
    let keys = |outgoing| {
        [
            Key { outgoing, ..Key::new(0.0, Value::Float(0.5), Interp::Bezier) },
            Key::new(10.0, Value::Float(0.5), Interp::Hold),
        ]
    };
    assert_eq!(float(&curve(Kind::Float, Some((0.0, 1.0)), keys(handle(3.0, 9.0))), 3.0), 1.0);
    assert_eq!(float(&curve(Kind::Float, Some((0.0, 1.0)), keys(handle(3.0, -9.0))), 3.0), 0.0);
    assert!(float(&floats(keys(handle(3.0, 9.0))), 3.0) > 4.0, "without a range it overshoots");
    let int = |value, outgoing| Key { outgoing, ..Key::new(0.0, Value::Int(value), Interp::Bezier) };
    let last = Key::new(10.0, Value::Int(2), Interp::Hold);
    let whole = curve(Kind::Int, Some((0.5, 3.5)), [int(2, handle(3.0, 99.0)), last]);
    assert_eq!(whole.at(3.0), Value::Int(3), "the highest whole number within 0.5..=3.5");
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
fn the_largest_numbers_and_the_nearest_keys_stay_finite() {
    let far = 1e100;
    let keys = [(0.0, -far), (SAME_FRAME * 1.5, far), (1.0, far), (2.0, 1e-300), (3.0, -far)];
    let curve = floats(keys.map(|(frame, value)| key(frame, value, Interp::Bezier)));
    for step in 0..=3000 {
        let value = float(&curve, f64::from(step) / 1000.0);
        assert!(value.is_finite() && value.abs() <= far * 1.000_001, "{value}");
    }
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
