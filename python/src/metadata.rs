//! Metadata of frames between Python and the host.

use playa_host::image::{MetaValue, Metadata};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PyString, PyTuple};

use crate::errors::Raise;
use crate::value::type_name;

/// Names and values.
pub fn to_dict<'py>(py: Python<'py>, metadata: &Metadata) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in metadata.iter() {
        dict.set_item(name, to_python(py, value)?)?;
    }
    Ok(dict)
}

/// Numbers and texts as they are, vectors as tuples, fractions as `fractions.Fraction`, other types of attributes as the
/// pair of their type's name and their bytes.
fn to_python<'py>(py: Python<'py>, value: &MetaValue) -> PyResult<Bound<'py, PyAny>> {
    match value {
        MetaValue::Rational(_, 0) => Ok(py.None().into_bound(py)),
        MetaValue::Rational(num, den) => py.import("fractions")?.getattr("Fraction")?.call1((*num, *den)),
        other => Ok(with_kind(py, other)?.1),
    }
}

/// Names, kinds and values, from which [`restored`] makes the same again.
pub fn with_kinds<'py>(
    py: Python<'py>,
    metadata: &Metadata,
) -> PyResult<Vec<(String, &'static str, Bound<'py, PyAny>)>> {
    let entry = |(name, value): (&str, _)| with_kind(py, value).map(|(kind, value)| (name.to_owned(), kind, value));
    metadata.iter().map(entry).collect()
}

/// What [`with_kinds`] gave.
pub fn restored(entries: Vec<(String, String, Bound<'_, PyAny>)>) -> PyResult<Metadata> {
    entries.into_iter().map(|(name, kind, value)| Ok((name, of_kind(&kind, &value)?))).collect()
}

fn with_kind<'py>(py: Python<'py>, value: &MetaValue) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
    Ok(match value {
        MetaValue::Int(value) => ("int", value.into_pyobject(py)?.into_any()),
        MetaValue::Float(value) => ("float", value.into_pyobject(py)?.into_any()),
        MetaValue::Double(value) => ("double", value.into_pyobject(py)?.into_any()),
        MetaValue::Text(value) => ("text", value.into_pyobject(py)?.into_any()),
        MetaValue::TextList(values) => ("texts", tuple(py, values)?),
        MetaValue::Vec2i(values) => ("v2i", tuple(py, values)?),
        MetaValue::Vec3i(values) => ("v3i", tuple(py, values)?),
        MetaValue::Vec2(values) => ("v2f", tuple(py, values)?),
        MetaValue::Vec3(values) => ("v3f", tuple(py, values)?),
        MetaValue::Matrix3(values) => ("m33f", tuple(py, values)?),
        MetaValue::Matrix4(values) => ("m44f", tuple(py, values)?),
        MetaValue::BoxInt(values) => ("box2i", tuple(py, values)?),
        MetaValue::BoxFloat(values) => ("box2f", tuple(py, values)?),
        MetaValue::Rational(num, den) => ("rational", (*num, *den).into_pyobject(py)?.into_any()),
        MetaValue::TimeCode(time, user) => ("timecode", tuple(py, &[*time, *user])?),
        MetaValue::KeyCode(values) => ("keycode", tuple(py, values)?),
        MetaValue::Chromaticities(values) => ("chromaticities", tuple(py, values)?),
        MetaValue::Opaque { type_name, bytes } => {
            ("opaque", (type_name, PyBytes::new(py, bytes)).into_pyobject(py)?.into_any())
        }
        other => ("text", format!("{other:?}").into_pyobject(py)?.into_any()),
    })
}

fn of_kind(kind: &str, value: &Bound<'_, PyAny>) -> PyResult<MetaValue> {
    Ok(match kind {
        "int" => MetaValue::Int(value.extract()?),
        "float" => MetaValue::Float(value.extract()?),
        "double" => MetaValue::Double(value.extract()?),
        "text" => MetaValue::Text(value.extract()?),
        "texts" => MetaValue::TextList(value.extract()?),
        "v2i" => MetaValue::Vec2i(value.extract()?),
        "v3i" => MetaValue::Vec3i(value.extract()?),
        "v2f" => MetaValue::Vec2(value.extract()?),
        "v3f" => MetaValue::Vec3(value.extract()?),
        "m33f" => MetaValue::Matrix3(value.extract()?),
        "m44f" => MetaValue::Matrix4(value.extract()?),
        "box2i" => MetaValue::BoxInt(value.extract()?),
        "box2f" => MetaValue::BoxFloat(value.extract()?),
        "rational" => value.extract().map(|(num, den)| MetaValue::Rational(num, den))?,
        "timecode" => value.extract().map(|(time, user)| MetaValue::TimeCode(time, user))?,
        "keycode" => MetaValue::KeyCode(value.extract()?),
        "chromaticities" => MetaValue::Chromaticities(value.extract()?),
        "opaque" => {
            let (type_name, bytes): (String, Bound<'_, PyBytes>) = value.extract()?;
            MetaValue::Opaque { type_name, bytes: bytes.as_bytes().into() }
        }
        other => {
            let message = format!("a value of kind {other:?}: expected one that this version of Playa knows");
            return Err(Raise::new("AttrValueError", message).into());
        }
    })
}

/// A mapping of Python as metadata. The inverse of what `Frame.metadata` gives, except that a float that single
/// precision does not hold is a double, and that four whole numbers are a box.
pub fn from_mapping(mapping: &Bound<'_, PyAny>) -> PyResult<Metadata> {
    let dict = dict_of("metadata", mapping)?;
    let entry = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name: String = name.extract().map_err(|_| {
            let message = format!("metadata: expected texts as names, found an object of type {}", type_name(&name));
            Raise::new("AttrTypeError", message)
        })?;
        let unfit = |why: String| {
            let expected = "expected a bool, int, float, str, Fraction, a sequence of numbers of an OpenEXR type (2, 3, 4, \
                            7, 8, 9 or 16), a sequence of str, or (type, bytes)";
            Raise::new("AttrTypeError", format!("metadata {name:?}: {why}, {expected}"))
        };
        let kind = kind_of(&name, &value).ok_or_else(|| unfit(format!("found {}", shown(&value))))?;
        let value = match kind {
            "rational" => {
                (value.getattr("numerator")?, value.getattr("denominator")?).into_pyobject(value.py())?.into_any()
            }
            _ => value.clone(),
        };
        let value = of_kind(kind, &value).map_err(|error| unfit(format!("{}: {error}", shown(&value))))?;
        Ok((name, value))
    };
    dict.iter().map(entry).collect()
}

/// A mapping as a dict. `option` is what it was given as.
pub fn dict_of<'py>(option: &str, mapping: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let wrong = |_: PyErr| {
        let message = format!("{option}: expected a dict, found an object of type {}", type_name(mapping));
        PyErr::from(Raise::new("AttrTypeError", message))
    };
    let dict = PyDict::new(mapping.py());
    dict.update(mapping.cast::<PyMapping>().map_err(|error| wrong(error.into()))?)?;
    Ok(dict)
}

/// The kind of a value, by its name where OpenEXR has a type for that.
fn kind_of(name: &str, value: &Bound<'_, PyAny>) -> Option<&'static str> {
    let is_int = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyInt>();
    let is_text = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyString>();
    if is_int(value) || value.is_instance_of::<PyBool>() {
        return Some("int");
    }
    if let Ok(float) = value.cast::<PyFloat>() {
        let double = float.value();
        return Some(if f64::from(double as f32) == double || double.is_nan() { "float" } else { "double" });
    }
    if is_text(value) {
        return Some("text");
    }
    if value.hasattr("numerator").ok()? && value.hasattr("denominator").ok()? {
        return Some("rational");
    }
    let items: Vec<Bound<'_, PyAny>> = value.try_iter().ok()?.collect::<PyResult<_>>().ok()?;
    let whole = items.iter().all(is_int);
    let opaque = items.len() == 2 && is_text(&items[0]) && items[1].is_instance_of::<PyBytes>();
    match (name, items.len()) {
        ("timeCode", 2) if whole => Some("timecode"),
        _ if opaque => Some("opaque"),
        _ if items.iter().all(is_text) => Some("texts"),
        (_, 2) => Some(if whole { "v2i" } else { "v2f" }),
        (_, 3) => Some(if whole { "v3i" } else { "v3f" }),
        (_, 4) => Some(if whole { "box2i" } else { "box2f" }),
        (_, 7) if whole => Some("keycode"),
        (_, 8) => Some("chromaticities"),
        (_, 9) => Some("m33f"),
        (_, 16) => Some("m44f"),
        _ => None,
    }
}

fn shown(value: &Bound<'_, PyAny>) -> String {
    format!("an object of type {}", type_name(value))
}

fn tuple<'py, T>(py: Python<'py>, values: &[T]) -> PyResult<Bound<'py, PyAny>>
where
    T: Clone + IntoPyObject<'py>,
{
    Ok(PyTuple::new(py, values.iter().cloned())?.into_any())
}
