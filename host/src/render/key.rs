//! What a picture is, as a number: two pictures with the same key have the same pixels.
//!
//! A key is the hash of everything that the pixels depend on: an operation, its parameters, and the keys of what goes
//! into it. So nobody has to tell a cache what changed: what changed has another key.

use std::fmt;

use playa_plugin_api::Value;

use crate::image::Rect;

/// The content key of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u128);

/// Makes a key from its parts. Each part is written with its length or has a fixed one, so that no two lists of parts
/// run together.
#[derive(Debug)]
pub struct KeyBuilder(blake3::Hasher);

impl KeyBuilder {
    /// A key of this kind of operation.
    #[must_use]
    pub fn new(operation: &str) -> Self {
        Self(blake3::Hasher::new()).text(operation)
    }

    /// A text or other bytes.
    #[must_use]
    pub fn bytes(mut self, part: &[u8]) -> Self {
        self.0.update(&(part.len() as u64).to_le_bytes()).update(part);
        self
    }

    /// A text.
    #[must_use]
    pub fn text(self, part: &str) -> Self {
        self.bytes(part.as_bytes())
    }

    /// A whole number.
    #[must_use]
    pub fn int(mut self, part: i64) -> Self {
        self.0.update(&part.to_le_bytes());
        self
    }

    /// A number, by its bits.
    #[must_use]
    pub fn float(mut self, part: f64) -> Self {
        self.0.update(&part.to_bits().to_le_bytes());
        self
    }

    /// A rectangle.
    #[must_use]
    pub fn rect(self, part: Rect) -> Self {
        [part.x0, part.y0, part.x1, part.y1].into_iter().fold(self, |key, corner| key.int(corner.into()))
    }

    /// A parameter's value, with its kind.
    #[must_use]
    pub fn value(self, part: &Value) -> Self {
        let key = self.int(part.kind() as i64);
        match part {
            Value::Bool(value) => key.int((*value).into()),
            Value::Int(value) => key.int(*value),
            Value::Float(value) => key.float(*value),
            Value::String(text) | Value::Choice(text) => key.text(text),
            Value::Vec2(values) => values.iter().fold(key, |key, value| key.float(*value)),
            Value::Vec3(values) => values.iter().fold(key, |key, value| key.float(*value)),
            Value::Vec4(values) | Value::Color(values) => values.iter().fold(key, |key, value| key.float(*value)),
            Value::Uuid(bytes) => key.bytes(bytes),
            Value::List(items) => items.iter().fold(key.int(items.len() as i64), KeyBuilder::value),
            Value::Map(entries) => {
                let entry = |key: KeyBuilder, (name, value): (&String, &Value)| key.text(name).value(value);
                entries.iter().fold(key.int(entries.len() as i64), entry)
            }
        }
    }

    /// The key of what goes in.
    #[must_use]
    pub fn key(mut self, part: Key) -> Self {
        self.0.update(&part.0.to_le_bytes());
        self
    }

    /// The key.
    pub fn finish(self) -> Key {
        let hash = self.0.finalize();
        let (first, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
        Key(u128::from_le_bytes(*first))
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_every_part_and_on_where_one_part_ends() {
        let keys = [
            KeyBuilder::new("blur").finish(),
            KeyBuilder::new("blur").float(0.0).finish(),
            KeyBuilder::new("blur").float(-0.0).finish(),
            KeyBuilder::new("bl").text("ur").finish(),
            KeyBuilder::new("b").text("lur").finish(),
            KeyBuilder::new("blur").int(1).finish(),
            KeyBuilder::new("blur").key(KeyBuilder::new("").finish()).finish(),
        ];
        let distinct: std::collections::HashSet<Key> = keys.into_iter().collect();
        assert_eq!(distinct.len(), keys.len());
        assert_eq!(KeyBuilder::new("blur").float(0.0).finish(), keys[1]);
        assert_eq!(keys[0].to_string().len(), 32);
    }
}
