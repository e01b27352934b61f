//! Which value is taken for which kind, and what is said of one that is not.

use std::collections::BTreeMap;

use playa_plugin_api::{ChoiceSpec, Kind, Value, ValueError, check_value};

/// A value of every kind.
pub fn samples() -> Vec<Value> {
    let map = BTreeMap::from([("a".to_owned(), Value::Bool(true)), ("ß".to_owned(), Value::List(vec![Value::Int(1)]))]);
    vec![
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Float(-0.1),
        Value::String("line\n\"quoted\" 日本".into()),
        Value::Vec2([1.0, f64::MAX]),
        Value::Vec3([1.0, 2.0, 3.0]),
        Value::Vec4([1.0, 2.0, 3.0, 4.0]),
        Value::Color([0.1, 0.2, 0.3, 1.0]),
        Value::Choice("clamp".into()),
        Value::Uuid(*b"0123456789abcdef"),
        Value::List(vec![Value::String("x".into()), Value::Map(map.clone())]),
        Value::Map(map),
    ]
}

#[test]
fn kinds_have_fixed_numbers_and_names() {
    for (number, (kind, sample)) in (0..).zip(Kind::ALL.into_iter().zip(samples())) {
        assert_eq!(kind as u32, number);
        assert_eq!(Kind::from_number(number), Some(kind));
        assert_eq!(sample.kind(), kind);
        assert_eq!(sample.coerce(kind), Some(sample.clone()), "{kind} is a {kind}");
    }
    let names: Vec<_> = Kind::ALL.into_iter().map(Kind::name).collect();
    let expected = "bool int float string vec2 vec3 vec4 color choice uuid list map";
    assert_eq!(names.join(" "), expected);
    assert_eq!(Kind::from_number(12), None);
}

#[test]
fn values_change_kind_only_where_nothing_is_lost() {
    let floats = |numbers: &[f64]| Value::List(numbers.iter().copied().map(Value::Float).collect());
    let uuid = "00112233-4455-6677-8899-aabbccddeeff";
    let bytes = std::array::from_fn(|i| i as u8 * 0x11);
    let table = [
        (Value::Int(3), Kind::Float, Some(Value::Float(3.0))),
        (Value::Int(i64::MAX), Kind::Float, None),
        (Value::Float(-2.0), Kind::Int, Some(Value::Int(-2))),
        (Value::Float(0.5), Kind::Int, None),
        (Value::Float(1e300), Kind::Int, None),
        (Value::Float(f64::NAN), Kind::Int, None),
        (Value::Bool(true), Kind::Int, None),
        (Value::Int(1), Kind::Bool, None),
        (Value::Int(1), Kind::String, None),
        (Value::String("clamp".into()), Kind::Choice, Some(Value::Choice("clamp".into()))),
        (Value::Choice("clamp".into()), Kind::String, Some(Value::String("clamp".into()))),
        (Value::String(uuid.into()), Kind::Uuid, Some(Value::Uuid(bytes))),
        (Value::String(uuid.replace('-', "").to_uppercase()), Kind::Uuid, Some(Value::Uuid(bytes))),
        (Value::String("0011".into()), Kind::Uuid, None),
        (Value::Uuid(bytes), Kind::String, Some(Value::String(uuid.into()))),
        (floats(&[1.0, 2.0]), Kind::Vec2, Some(Value::Vec2([1.0, 2.0]))),
        (Value::List(vec![Value::Int(1), Value::Float(2.5)]), Kind::Vec2, Some(Value::Vec2([1.0, 2.5]))),
        (floats(&[1.0, 2.0]), Kind::Vec3, None),
        (floats(&[1.0, 2.0, 3.0]), Kind::Color, Some(Value::Color([1.0, 2.0, 3.0, 1.0]))),
        (Value::Vec3([1.0, 2.0, 3.0]), Kind::Color, Some(Value::Color([1.0, 2.0, 3.0, 1.0]))),
        (Value::Vec4([1.0; 4]), Kind::Color, Some(Value::Color([1.0; 4]))),
        (Value::Color([1.0; 4]), Kind::Vec4, Some(Value::Vec4([1.0; 4]))),
        (Value::Vec2([1.0, 2.0]), Kind::List, Some(floats(&[1.0, 2.0]))),
        (Value::List(vec![Value::Bool(true), Value::Int(1)]), Kind::Vec2, None),
        (Value::Map(BTreeMap::new()), Kind::List, None),
    ];
    for (value, kind, expected) in table {
        assert_eq!(value.coerce(kind), expected, "{value} as {kind}");
    }
}

fn refused(kind: Kind, range: Option<(f64, f64)>, value: Value) -> String {
    let choice = |key: &str| ChoiceSpec { key: key.into(), label: String::new(), doc: String::new() };
    let error = check_value(kind, range, &[choice("clamp"), choice("wrap")], &value).expect_err("refused");
    error.to_string()
}

#[test]
fn a_refusal_says_what_was_found_and_expected() {
    let table = [
        (Kind::Float, None, Value::String("5".into()), "expected float, found \"5\" (string)"),
        (Kind::Bool, None, Value::Int(1), "expected bool, found 1 (int)"),
        (Kind::Float, None, Value::Float(f64::NAN), "NaN is outside its range, expected a finite float"),
        (
            Kind::Float,
            Some((0.0, 1.0)),
            Value::Float(f64::NAN),
            "NaN is outside its range, expected float within 0..=1",
        ),
        (Kind::Float, Some((0.0, 1.0)), Value::Int(2), "2.0 is outside its range, expected float within 0..=1"),
        (Kind::Int, Some((1.0, 9.0)), Value::Float(0.0), "0 is outside its range, expected int within 1..=9"),
        (
            Kind::Vec2,
            Some((0.0, 1.0)),
            Value::Vec2([0.5, 1.5]),
            "[0.5, 1.5] is outside its range, expected vec2 within 0..=1",
        ),
        (
            Kind::Color,
            None,
            Value::Vec3([0.0, f64::INFINITY, 0.0]),
            "[0.0, inf, 0.0, 1.0] is outside its range, expected a finite color",
        ),
        (Kind::Choice, None, Value::String("mirror".into()), "\"mirror\" is no choice, expected one of clamp, wrap"),
    ];
    for (kind, range, value, expected) in table {
        assert_eq!(refused(kind, range, value), expected);
    }
}

#[test]
fn a_value_that_fits_comes_back_in_the_kind_of_the_parameter() {
    assert_eq!(check_value(Kind::Float, Some((0.0, 5.0)), &[], &Value::Int(5)), Ok(Value::Float(5.0)));
    assert_eq!(check_value(Kind::Int, Some((0.0, 5.0)), &[], &Value::Float(0.0)), Ok(Value::Int(0)));
    let list = Value::List(vec![Value::Float(0.0), Value::Int(1)]);
    assert_eq!(check_value(Kind::Vec2, Some((0.0, 1.0)), &[], &list), Ok(Value::Vec2([0.0, 1.0])));
    let nothing_to_choose = check_value(Kind::Choice, None, &[], &Value::Choice("a".into()));
    assert_eq!(nothing_to_choose, Err(ValueError::Choice { found: "a".into(), valid: vec![] }));
}

#[test]
fn values_are_shown_as_they_are_written_in_a_project() {
    let shown: Vec<_> = samples().iter().map(Value::to_string).collect();
    let expected = [
        "true",
        "-9223372036854775808",
        "-0.1",
        r#""line\n\"quoted\" 日本""#,
        "[1.0, 1.7976931348623157e308]",
        "[1.0, 2.0, 3.0]",
        "[1.0, 2.0, 3.0, 4.0]",
        "[0.1, 0.2, 0.3, 1.0]",
        r#""clamp""#,
        "30313233-3435-3637-3839-616263646566",
        r#"["x", {a = true, ß = [1]}]"#,
        "{a = true, ß = [1]}",
    ];
    assert_eq!(shown, expected);
}
