//! Attribute values as they stand in a file.

use super::super::error::{Problem, damaged};
use crate::image::MetaValue;

/// Bytes from a file, taken from the front. Running out of them is a damaged file.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (array, rest) = self.0.split_first_chunk().ok_or_else(|| damaged("a value in the header is too short"))?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Problem> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Problem> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Problem> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn f32(&mut self) -> Result<f32, Problem> {
        self.array().map(f32::from_le_bytes)
    }

    fn f64(&mut self) -> Result<f64, Problem> {
        self.array().map(f64::from_le_bytes)
    }

    fn i32s<const N: usize>(&mut self) -> Result<[i32; N], Problem> {
        let mut values = [0; N];
        values.iter_mut().try_for_each(|value| self.i32().map(|read| *value = read))?;
        Ok(values)
    }

    fn f32s<const N: usize>(&mut self) -> Result<[f32; N], Problem> {
        let mut values = [0.0; N];
        values.iter_mut().try_for_each(|value| self.f32().map(|read| *value = read))?;
        Ok(values)
    }

    /// A text that ends with a zero byte.
    pub(super) fn name(&mut self) -> Result<String, Problem> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or_else(|| damaged("a name has no end"))?;
        let name = String::from_utf8_lossy(&self.0[..end]).into_owned();
        self.0 = &self.0[end + 1..];
        Ok(name)
    }

    /// Texts, each after its length, to the end.
    fn texts(&mut self) -> Result<Vec<String>, Problem> {
        let mut texts = Vec::new();
        while !self.0.is_empty() {
            let length = self.u32()? as usize;
            let (text, rest) = self.0.split_at_checked(length).ok_or_else(|| damaged("a text is too short"))?;
            texts.push(str::from_utf8(text).map_err(|_| damaged("a text is not UTF-8"))?.to_owned());
            self.0 = rest;
        }
        Ok(texts)
    }
}

/// The value of an attribute. What has no type here, or does not fit its type, is kept as bytes.
pub(super) fn decode(type_name: &str, bytes: &[u8]) -> MetaValue {
    let mut cursor = Cursor(bytes);
    match typed(type_name, &mut cursor) {
        Ok(Some(value)) if cursor.0.is_empty() => value,
        _ => MetaValue::Opaque { type_name: type_name.to_owned(), bytes: bytes.into() },
    }
}

fn typed(type_name: &str, bytes: &mut Cursor<'_>) -> Result<Option<MetaValue>, Problem> {
    Ok(Some(match type_name {
        "int" => MetaValue::Int(bytes.i32()?),
        "float" => MetaValue::Float(bytes.f32()?),
        "double" => MetaValue::Double(bytes.f64()?),
        "string" => match str::from_utf8(std::mem::take(&mut bytes.0)) {
            Ok(text) => MetaValue::Text(text.to_owned()),
            Err(_) => return Ok(None),
        },
        "stringvector" => MetaValue::TextList(bytes.texts()?),
        "v2i" => MetaValue::Vec2i(bytes.i32s()?),
        "v3i" => MetaValue::Vec3i(bytes.i32s()?),
        "v2f" => MetaValue::Vec2(bytes.f32s()?),
        "v3f" => MetaValue::Vec3(bytes.f32s()?),
        "m33f" => MetaValue::Matrix3(bytes.f32s()?),
        "m44f" => MetaValue::Matrix4(bytes.f32s()?),
        "box2i" => MetaValue::BoxInt(bytes.i32s()?),
        "box2f" => MetaValue::BoxFloat(bytes.f32s()?),
        "rational" => MetaValue::Rational(bytes.i32()?, bytes.u32()?),
        "timecode" => MetaValue::TimeCode(bytes.u32()?, bytes.u32()?),
        "keycode" => MetaValue::KeyCode(bytes.i32s()?),
        "chromaticities" => MetaValue::Chromaticities(bytes.f32s()?),
        _ => return Ok(None),
    }))
}

/// The type's name and the bytes of a value: what [`decode`] made it from.
pub(super) fn encode(value: &MetaValue) -> (&str, Vec<u8>) {
    fn ints(values: &[i32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }
    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }
    fn texts(texts: &[String]) -> Vec<u8> {
        texts.iter().flat_map(|text| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()).collect()
    }
    match value {
        MetaValue::Int(value) => ("int", ints(&[*value])),
        MetaValue::Float(value) => ("float", floats(&[*value])),
        MetaValue::Double(value) => ("double", value.to_le_bytes().to_vec()),
        MetaValue::Text(text) => ("string", text.as_bytes().to_vec()),
        MetaValue::TextList(list) => ("stringvector", texts(list)),
        MetaValue::Vec2i(values) => ("v2i", ints(values)),
        MetaValue::Vec3i(values) => ("v3i", ints(values)),
        MetaValue::Vec2(values) => ("v2f", floats(values)),
        MetaValue::Vec3(values) => ("v3f", floats(values)),
        MetaValue::Matrix3(values) => ("m33f", floats(values)),
        MetaValue::Matrix4(values) => ("m44f", floats(values)),
        MetaValue::BoxInt(values) => ("box2i", ints(values)),
        MetaValue::BoxFloat(values) => ("box2f", floats(values)),
        MetaValue::Rational(above, below) => ("rational", [above.to_le_bytes(), below.to_le_bytes()].concat()),
        MetaValue::TimeCode(time, user) => ("timecode", [time.to_le_bytes(), user.to_le_bytes()].concat()),
        MetaValue::KeyCode(values) => ("keycode", ints(values)),
        MetaValue::Chromaticities(values) => ("chromaticities", floats(values)),
        MetaValue::Opaque { type_name, bytes } => (type_name, bytes.to_vec()),
    }
}
