//! Values of parameters and attributes, and the kinds they come in.

use std::collections::BTreeMap;

/// The value of a parameter or an attribute. Numbers are kept in the widest form, so that what was written is what is
/// read back; an effect gets them in the type it declared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// On or off.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f64),
    /// Text.
    String(String),
    /// Two numbers: x, y.
    Vec2([f64; 2]),
    /// Three numbers: x, y, z.
    Vec3([f64; 3]),
    /// Four numbers.
    Vec4([f64; 4]),
    /// Scene-linear red, green, blue and alpha, straight (not premultiplied), colour unbounded.
    Color([f64; 4]),
    /// One of several alternatives, by its key.
    Choice(String),
    /// An identity.
    Uuid([u8; 16]),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Map(BTreeMap<String, Value>),
}

/// The kind of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Kind {
    /// See [`Value::Bool`].
    Bool = 0,
    /// See [`Value::Int`].
    Int = 1,
    /// See [`Value::Float`].
    Float = 2,
    /// See [`Value::String`].
    String = 3,
    /// See [`Value::Vec2`].
    Vec2 = 4,
    /// See [`Value::Vec3`].
    Vec3 = 5,
    /// See [`Value::Vec4`].
    Vec4 = 6,
    /// See [`Value::Color`].
    Color = 7,
    /// See [`Value::Choice`].
    Choice = 8,
    /// See [`Value::Uuid`].
    Uuid = 9,
    /// See [`Value::List`].
    List = 10,
    /// See [`Value::Map`].
    Map = 11,
}

impl Kind {
    /// Every kind, in the order of its number.
    pub const ALL: [Kind; 12] = [
        Kind::Bool,
        Kind::Int,
        Kind::Float,
        Kind::String,
        Kind::Vec2,
        Kind::Vec3,
        Kind::Vec4,
        Kind::Color,
        Kind::Choice,
        Kind::Uuid,
        Kind::List,
        Kind::Map,
    ];

    /// The name used in files and messages: `bool`, `int`, `float`, `string`, `vec2`, ...
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::String => "string",
            Kind::Vec2 => "vec2",
            Kind::Vec3 => "vec3",
            Kind::Vec4 => "vec4",
            Kind::Color => "color",
            Kind::Choice => "choice",
            Kind::Uuid => "uuid",
            Kind::List => "list",
            Kind::Map => "map",
        }
    }

    /// The kind with this number, as it travels between host and plugin.
    pub fn from_number(number: u32) -> Option<Kind> {
        Kind::ALL.get(number as usize).copied()
    }

    /// How many numbers a vector kind holds.
    pub const fn components(self) -> Option<usize> {
        match self {
            Kind::Vec2 => Some(2),
            Kind::Vec3 => Some(3),
            Kind::Vec4 | Kind::Color => Some(4),
            _ => None,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Value {
    /// The kind of this value.
    pub const fn kind(&self) -> Kind {
        match self {
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::Float(_) => Kind::Float,
            Value::String(_) => Kind::String,
            Value::Vec2(_) => Kind::Vec2,
            Value::Vec3(_) => Kind::Vec3,
            Value::Vec4(_) => Kind::Vec4,
            Value::Color(_) => Kind::Color,
            Value::Choice(_) => Kind::Choice,
            Value::Uuid(_) => Kind::Uuid,
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Map,
        }
    }

    /// The value as `kind`, where nothing is lost by it: whole numbers become floats (and floats without a fraction
    /// whole numbers), lists of numbers become vectors and vectors lists, three numbers become an opaque colour, and
    /// strings become choices and uuids (and back). `None` where the value is not of that kind.
    pub fn coerce(&self, kind: Kind) -> Option<Value> {
        /// Beyond this, not every whole number has a float of its own.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.kind() == kind {
            return Some(self.clone());
        }
        match (self, kind) {
            (Value::Int(v), Kind::Float) if v.unsigned_abs() <= EXACT as u64 => Some(Value::Float(*v as f64)),
            (Value::Float(v), Kind::Int) if v.fract() == 0.0 && v.abs() <= EXACT => Some(Value::Int(*v as i64)),
            (Value::String(v), Kind::Choice) => Some(Value::Choice(v.clone())),
            (Value::Choice(v), Kind::String) => Some(Value::String(v.clone())),
            (Value::String(v), Kind::Uuid) => parse_uuid(v).map(Value::Uuid),
            (Value::Uuid(v), Kind::String) => Some(Value::String(format_uuid(v))),
            (_, Kind::List) => Some(Value::List(self.numbers()?.into_iter().map(Value::Float).collect())),
            (_, Kind::Vec2) => Some(Value::Vec2(self.numbers()?.try_into().ok()?)),
            (_, Kind::Vec3) => Some(Value::Vec3(self.numbers()?.try_into().ok()?)),
            (_, Kind::Vec4) => Some(Value::Vec4(self.numbers()?.try_into().ok()?)),
            (_, Kind::Color) => {
                let mut numbers = self.numbers()?;
                if numbers.len() == 3 {
                    numbers.push(1.0);
                }
                Some(Value::Color(numbers.try_into().ok()?))
            }
            _ => None,
        }
    }

    /// The numbers of a vector, colour, or list of numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match self {
            Value::Vec2(v) => Some(v.to_vec()),
            Value::Vec3(v) => Some(v.to_vec()),
            Value::Vec4(v) | Value::Color(v) => Some(v.to_vec()),
            Value::List(items) => items
                .iter()
                .map(|item| match item {
                    Value::Int(v) => Some(*v as f64),
                    Value::Float(v) => Some(*v),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }
}

/// Shown as in a project file: strings quoted, vectors in brackets.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bool(v) => write!(f, "{v}"),
            Value::Int(v) => write!(f, "{v}"),
            Value::Float(v) => write!(f, "{v:?}"),
            Value::String(v) | Value::Choice(v) => write!(f, "{v:?}"),
            Value::Vec2(v) => write!(f, "{v:?}"),
            Value::Vec3(v) => write!(f, "{v:?}"),
            Value::Vec4(v) | Value::Color(v) => write!(f, "{v:?}"),
            Value::Uuid(v) => f.write_str(&format_uuid(v)),
            Value::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Map(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key} = {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// The usual `8-4-4-4-12` form.
fn format_uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Reads the `8-4-4-4-12` form, hyphens optional.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 16];
    for (index, pair) in digits.chunks_exact(2).enumerate() {
        bytes[index] = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
