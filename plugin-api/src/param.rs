//! Parameters as an author declares them: a struct with `#[derive(Params)]`, one field a parameter.

use std::collections::BTreeMap;

use abi_stable::std_types::RSlice;

use crate::abi::WireValue;
use crate::descriptor::{ChoiceSpec, EffectSpec};
use crate::error::{EffectError, EffectResult};
use crate::value::{Kind, Value};

/// A type that a parameter can have: `bool`, `i32`, `i64`, `u32`, `f32`, `f64`, `String`, `[f32; 2]`, `[f32; 3]`,
/// `[f32; 4]`, [`Color`], [`Uuid`], `Vec<T>`, `BTreeMap<String, T>`, and every enum with `#[derive(Choice)]`.
pub trait Param: Sized {
    /// The kind it has outside.
    const KIND: Kind;

    /// As a value that every side understands.
    fn to_value(&self) -> Value;

    /// From what the host sent; `None` if it is of another kind.
    fn from_wire(wire: &WireValue) -> Option<Self>;

    /// The alternatives, for choices.
    fn choices() -> Vec<ChoiceSpec> {
        Vec::new()
    }
}

/// Scene-linear red, green, blue and alpha, straight, colour unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Color(pub [f32; 4]);

/// An identity, 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Uuid(pub [u8; 16]);

/// A struct whose fields are an effect's parameters. Written by `#[derive(Params)]`.
pub trait Params: Sized {
    /// Identity and parameters as pieces of JSON text, for the section of the file that is read without running it.
    const METADATA: &'static [&'static str];

    /// Identity and parameters; inputs and traits are added by the kind of effect.
    fn spec() -> EffectSpec;

    /// Every parameter at its default.
    fn defaults() -> Self;

    /// The values the host sent, in descriptor order.
    fn from_wire(values: RSlice<'_, WireValue>) -> EffectResult<Self>;
}

/// The value at `index`, for `#[derive(Params)]`.
#[doc(hidden)]
pub fn read<T: Param>(values: RSlice<'_, WireValue>, index: usize, name: &str) -> EffectResult<T> {
    let wire = values.get(index).ok_or_else(|| EffectError::param(name, "the host sent no value for it"))?;
    T::from_wire(wire).ok_or_else(|| {
        let found =
            wire.to_value().map_or_else(|| format!("kind number {}", wire.kind), |v| format!("{v} ({})", v.kind()));
        EffectError::param(name, format!("the host sent {found}, expected {}", T::KIND))
    })
}

/// The text of a choice that the host sent, for `#[derive(Choice)]`.
#[doc(hidden)]
pub fn choice_key(wire: &WireValue) -> Option<&str> {
    is(wire, Kind::Choice).then(|| wire.text.as_str())
}

fn is(wire: &WireValue, kind: Kind) -> bool {
    wire.kind == kind as u32
}

impl Param for bool {
    const KIND: Kind = Kind::Bool;

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::Bool).then_some(wire.int != 0)
    }
}

macro_rules! whole_numbers {
    ($($number:ty),+) => {$(
        impl Param for $number {
            const KIND: Kind = Kind::Int;

            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }

            fn from_wire(wire: &WireValue) -> Option<Self> {
                is(wire, Kind::Int).then(|| <$number>::try_from(wire.int).ok()).flatten()
            }
        }
    )+};
}

whole_numbers!(i32, i64, u32);

impl Param for f32 {
    const KIND: Kind = Kind::Float;

    /// The shortest decimal that reads back as this `f32`, so that a default of `0.1` is shown as 0.1.
    fn to_value(&self) -> Value {
        Value::Float(shortest(*self))
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::Float).then_some(wire.floats[0] as f32)
    }
}

impl Param for f64 {
    const KIND: Kind = Kind::Float;

    fn to_value(&self) -> Value {
        Value::Float(*self)
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::Float).then_some(wire.floats[0])
    }
}

impl Param for String {
    const KIND: Kind = Kind::String;

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::String).then(|| wire.text.to_string())
    }
}

macro_rules! vectors {
    ($($kind:ident $count:literal),+) => {$(
        impl Param for [f32; $count] {
            const KIND: Kind = Kind::$kind;

            fn to_value(&self) -> Value {
                Value::$kind(self.map(shortest))
            }

            fn from_wire(wire: &WireValue) -> Option<Self> {
                is(wire, Kind::$kind).then(|| std::array::from_fn(|i| wire.floats[i] as f32))
            }
        }
    )+};
}

vectors!(Vec2 2, Vec3 3, Vec4 4);

impl Param for Color {
    const KIND: Kind = Kind::Color;

    fn to_value(&self) -> Value {
        Value::Color(self.0.map(shortest))
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::Color).then(|| Color(wire.floats.map(|v| v as f32)))
    }
}

impl Param for Uuid {
    const KIND: Kind = Kind::Uuid;

    fn to_value(&self) -> Value {
        Value::Uuid(self.0)
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        match wire.to_value() {
            Some(Value::Uuid(bytes)) => Some(Uuid(bytes)),
            _ => None,
        }
    }
}

impl<T: Param> Param for Vec<T> {
    const KIND: Kind = Kind::List;

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Param::to_value).collect())
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        is(wire, Kind::List).then(|| wire.items.iter().map(|item| T::from_wire(&item.value)).collect()).flatten()
    }
}

impl<T: Param> Param for BTreeMap<String, T> {
    const KIND: Kind = Kind::Map;

    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(key, value)| (key.clone(), value.to_value())).collect())
    }

    fn from_wire(wire: &WireValue) -> Option<Self> {
        let entry = |item: &crate::abi::Property| Some((item.key.to_string(), T::from_wire(&item.value)?));
        is(wire, Kind::Map).then(|| wire.items.iter().map(entry).collect()).flatten()
    }
}

/// The `f64` with the shortest decimal form among those that round to `value`.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
