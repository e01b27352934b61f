//! Messages as bytes: fields in order, numbers in little-endian, floats by their bits, lengths before what they count.
//!
//! Host and worker are the same build, so there is no versioning. What comes from a worker may be anything at all:
//! reading never panics, allocates no more than the message is long, and nests no deeper than [`DEEPEST`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use playa_plugin_api::descriptor::{Alpha, ChoiceSpec, InputSpec, ParamSpec, Traits};
use playa_plugin_api::{EffectError, EffectSpec, ErrorCode, Kind, Need, Plan, Rect, Value};

use crate::plugin::{LoadError, Setting};

/// How deep lists and maps may nest in a value.
const DEEPEST: usize = 64;

/// Something that can be a part of a message.
pub(super) trait Wire: Sized {
    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes it from the front. `None` where that is something else.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

/// All of a message, and nothing behind it.
pub(super) fn read<T: Wire>(mut bytes: &[u8]) -> Option<T> {
    T::take(&mut bytes).filter(|_| bytes.is_empty())
}

macro_rules! numbers {
    ($($type:ty),*) => { $(
        impl Wire for $type {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend(self.to_le_bytes());
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                let (first, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(Self::from_le_bytes(*first))
            }
        }
    )* };
}
numbers!(u8, u32, u64, i32, i64, f64);

/// A struct is its fields.
macro_rules! wire_struct {
    ($type:ident { $($field:ident),* }) => {
        impl Wire for $type {
            fn put(&self, out: &mut Vec<u8>) {
                $(self.$field.put(out);)*
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                Some($type { $($field: Wire::take(from)?),* })
            }
        }
    };
}

/// An enum is the number of its variant and that one's fields.
macro_rules! wire_enum {
    ($type:ident { $($number:literal = $variant:ident { $($field:ident),* }),* $(,)? }) => {
        impl Wire for $type {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $($type::$variant { $($field),* } => {
                        u8::put(&$number, out);
                        $($field.put(out);)*
                    })*
                }
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                match u8::take(from)? {
                    $($number => Some($type::$variant { $($field: Wire::take(from)?),* }),)*
                    _ => None,
                }
            }
        }
    };
}
pub(super) use {wire_enum, wire_struct};

wire_struct!(Rect { x0, y0, x1, y1 });
wire_struct!(Setting { canvas, frame, scale });
wire_struct!(Need { input, frame, rect });
wire_struct!(Plan { domain, identity, needs });
wire_struct!(EffectError { code, message, param });
wire_struct!(EffectSpec { id, type_name, label, version, help, tags, inputs, params, traits, alpha });
wire_struct!(InputSpec { name, optional, mask });
wire_struct!(Traits {
    pixel_wise,
    tileable,
    in_place,
    sequential,
    random,
    time_invariant,
    blocks,
    keeps_flat,
    isotropic
});
wire_struct!(ChoiceSpec { key, label, doc });
wire_struct!(ParamSpec {
    name,
    label,
    kind,
    default,
    hard_range,
    soft_range,
    step,
    unit,
    doc,
    group,
    choices,
    enabled_if,
    renamed_from
});
wire_enum!(Alpha { 0 = Premultiplied {}, 1 = Straight {} });
/// What a plugin can be refused for from the moment that its code runs.
impl Wire for LoadError {
    fn put(&self, out: &mut Vec<u8>) {
        let (number, path, texts): (u8, _, [&str; 2]) = match self {
            LoadError::Open { path, reason } => (0, path, [reason, ""]),
            LoadError::NotAPlugin { path, reason } => (1, path, [reason, ""]),
            LoadError::Layout { path, difference, expected } => (2, path, [difference, expected]),
            LoadError::Descriptor { path, effect, reason } => (3, path, [effect, reason]),
            LoadError::Describe { path, reason } => (4, path, [reason, ""]),
            other => {
                return Self::put(&LoadError::Describe { path: other.path().clone(), reason: other.to_string() }, out);
            }
        };
        number.put(out);
        path.put(out);
        texts.iter().for_each(|text| (*text).to_owned().put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (number, path, first, second) = (u8::take(from)?, Wire::take(from)?, Wire::take(from)?, Wire::take(from)?);
        Some(match number {
            0 => LoadError::Open { path, reason: first },
            1 => LoadError::NotAPlugin { path, reason: first },
            2 => LoadError::Layout { path, difference: first, expected: second },
            3 => LoadError::Descriptor { path, effect: first, reason: second },
            4 => LoadError::Describe { path, reason: first },
            _ => return None,
        })
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        u8::from(*self).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        match u8::take(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        usize::try_from(u64::take(from)?).ok()
    }
}

impl Wire for Kind {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u32).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Kind::from_number(u32::take(from)?)
    }
}

impl Wire for ErrorCode {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u32).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(ErrorCode::from_number(u32::take(from)?))
    }
}

/// Its bytes, taken from the front.
fn bytes<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::take(from)?;
    let (first, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(first)
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend(self.as_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        String::from_utf8(bytes(from)?.to_vec()).ok()
    }
}

#[cfg(unix)]
impl Wire for PathBuf {
    fn put(&self, out: &mut Vec<u8>) {
        let name = std::os::unix::ffi::OsStrExt::as_bytes(self.as_os_str());
        name.len().put(out);
        out.extend(name);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let name: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes(from)?.to_vec());
        Some(name.into())
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        if bool::take(from)? { Some(Some(T::take(from)?)) } else { Some(None) }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        (0..usize::take(from)?).map(|_| T::take(from)).collect()
    }
}

impl<T: Wire + Copy + Default, const N: usize> Wire for [T; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let mut all = [T::default(); N];
        for item in &mut all {
            *item = T::take(from)?;
        }
        Some(all)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl Wire for Value {
    fn put(&self, out: &mut Vec<u8>) {
        self.kind().put(out);
        match self {
            Value::Bool(value) => value.put(out),
            Value::Int(value) => value.put(out),
            Value::Float(value) => value.put(out),
            Value::String(value) | Value::Choice(value) => value.put(out),
            Value::Vec2(value) => value.put(out),
            Value::Vec3(value) => value.put(out),
            Value::Vec4(value) | Value::Color(value) => value.put(out),
            Value::Uuid(value) => value.put(out),
            Value::List(items) => items.put(out),
            Value::Map(entries) => {
                entries.len().put(out);
                for (key, value) in entries {
                    key.put(out);
                    value.put(out);
                }
            }
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        value(from, DEEPEST)
    }
}

/// A value that nests at most so deep.
fn value(from: &mut &[u8], depth: usize) -> Option<Value> {
    Some(match Kind::take(from)? {
        Kind::Bool => Value::Bool(Wire::take(from)?),
        Kind::Int => Value::Int(Wire::take(from)?),
        Kind::Float => Value::Float(Wire::take(from)?),
        Kind::String => Value::String(Wire::take(from)?),
        Kind::Choice => Value::Choice(Wire::take(from)?),
        Kind::Vec2 => Value::Vec2(Wire::take(from)?),
        Kind::Vec3 => Value::Vec3(Wire::take(from)?),
        Kind::Vec4 => Value::Vec4(Wire::take(from)?),
        Kind::Color => Value::Color(Wire::take(from)?),
        Kind::Uuid => Value::Uuid(Wire::take(from)?),
        Kind::List => {
            let below = depth.checked_sub(1)?;
            Value::List((0..usize::take(from)?).map(|_| value(from, below)).collect::<Option<_>>()?)
        }
        Kind::Map => {
            let below = depth.checked_sub(1)?;
            let entry = |from: &mut &[u8]| Some((String::take(from)?, value(from, below)?));
            Value::Map((0..usize::take(from)?).map(|_| entry(from)).collect::<Option<BTreeMap<_, _>>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<T: Wire>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        value.put(&mut out);
        out
    }

    fn values() -> Value {
        let nan = f64::from_bits(0x7ff8_0000_0000_1234);
        Value::List(vec![
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Float(-0.0),
            Value::Float(nan),
            Value::String("zwei\nZeilen".into()),
            Value::Choice("key".into()),
            Value::Vec2([1.0, f64::INFINITY]),
            Value::Vec3([1.0, 2.0, 3.0]),
            Value::Vec4([1.0, 2.0, 3.0, 4.0]),
            Value::Color([0.1, 0.2, 0.3, 1.0]),
            Value::Uuid([7; 16]),
            Value::Map([("a".to_owned(), Value::List(Vec::new()))].into()),
        ])
    }

    #[test]
    fn values_come_back_to_the_bit() {
        let bytes = written(&values());
        let back: Value = read(&bytes).expect("it can be read");
        assert_eq!(written(&back), bytes);
        assert_eq!(format!("{back:?}"), format!("{:?}", values()));
    }

    #[test]
    fn every_cut_is_told_and_no_garbage_panics() {
        let bytes = written(&values());
        for end in 0..bytes.len() {
            assert!(read::<Value>(&bytes[..end]).is_none(), "{end}");
        }
        let more = [&bytes[..], &[0]].concat();
        assert!(read::<Value>(&more).is_none(), "something behind it");
        // A length beyond the message takes no memory, and a tower of lists no stack.
        assert!(read::<Vec<u64>>(&[0xff; 8]).is_none());
        let mut tower = Vec::new();
        for _ in 0..100_000 {
            Kind::List.put(&mut tower);
            1_usize.put(&mut tower);
        }
        assert!(read::<Value>(&tower).is_none());
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let garbage: Vec<u8> = (0..64)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    // Small numbers are what lengths and kinds are made of.
                    (state >> 33) as u8 & if state >> 40 & 1 == 0 { 0xff } else { 3 }
                })
                .collect();
            let _ = (read::<Value>(&garbage), read::<EffectSpec>(&garbage), read::<Plan>(&garbage));
        }
    }
}
