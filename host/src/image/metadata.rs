//! What a file says besides its pixels.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

/// Named values that travel with a picture, in the order of the file. A clone shares them.
///
/// The names are those of the file's format, for instance `owner` or `framesPerSecond` in OpenEXR.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Metadata {
    values: Arc<IndexMap<String, MetaValue>>,
}

/// One value. Every OpenEXR attribute has a place here, so that what was read can be written again unchanged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MetaValue {
    /// A whole number.
    Int(i32),
    /// A number in single precision.
    Float(f32),
    /// A number in double precision.
    Double(f64),
    /// A text.
    Text(String),
    /// Several texts, for instance the names of views.
    TextList(Vec<String>),
    /// Two whole numbers.
    Vec2i([i32; 2]),
    /// Three whole numbers.
    Vec3i([i32; 3]),
    /// Two numbers.
    Vec2([f32; 2]),
    /// Three numbers.
    Vec3([f32; 3]),
    /// A 3 x 3 matrix, row by row.
    Matrix3([f32; 9]),
    /// A 4 x 4 matrix, row by row.
    Matrix4([f32; 16]),
    /// A box of pixels: smallest x and y, largest x and y, **both inclusive**.
    BoxInt([i32; 4]),
    /// A box: smallest x and y, largest x and y.
    BoxFloat([f32; 4]),
    /// A fraction: numerator, denominator.
    Rational(i32, u32),
    /// An SMPTE 12M time code: the packed time and flags (TV60 packing), the user data.
    TimeCode(u32, u32),
    /// A film key code: manufacturer, film type, prefix, count, perforation offset, perforations per frame and per
    /// count.
    KeyCode([i32; 7]),
    /// CIE x and y of red, green, blue and white.
    Chromaticities([f32; 8]),
    /// Anything else: the type's name in the file, and its bytes as they were there.
    Opaque {
        /// The type's name in the file.
        type_name: String,
        /// The value as it was in the file.
        bytes: Arc<[u8]>,
    },
}

impl Metadata {
    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&MetaValue> {
        self.values.get(name)
    }

    /// Sets a value; a new name goes to the end.
    pub fn insert(&mut self, name: impl Into<String>, value: MetaValue) {
        Arc::make_mut(&mut self.values).insert(name.into(), value);
    }

    /// Takes a value out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<MetaValue> {
        Arc::make_mut(&mut self.values).shift_remove(name)
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &MetaValue)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl FromIterator<(String, MetaValue)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, MetaValue)>>(values: I) -> Self {
        Self { values: Arc::new(values.into_iter().collect()) }
    }
}
