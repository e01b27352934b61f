//! Values between Python and the host.

use std::collections::BTreeMap;

use playa_host::project::Value;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::Raise;

/// A Python object as a value: bool, int, float, str (also enums that are one), sequences, dicts, `uuid.UUID`,
/// `fractions.Fraction` (as numerator and denominator), and numbers and arrays of numpy.
pub fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = object.py();
    if let Ok(value) = object.cast::<PyBool>() {
        return Ok(Value::Bool(value.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Value::Int(object.extract()?));
    }
    if let Ok(value) = object.cast::<PyFloat>() {
        return Ok(Value::Float(value.value()));
    }
    if let Ok(value) = object.cast::<PyString>() {
        return Ok(Value::String(value.to_cow()?.into_owned()));
    }
    if let Ok(value) = object.cast::<PyDict>() {
        let entry =
            |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| Ok((key.extract::<String>()?, from_python(&value)?));
        return Ok(Value::Map(value.iter().map(entry).collect::<PyResult<BTreeMap<_, _>>>()?));
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        return Ok(Value::List(object.try_iter()?.map(|item| from_python(&item?)).collect::<PyResult<_>>()?));
    }
    if let (Ok(numerator), Ok(denominator)) = (object.getattr("numerator"), object.getattr("denominator")) {
        return Ok(Value::List(vec![from_python(&numerator)?, from_python(&denominator)?]));
    }
    // Arrays and scalars of numpy become lists and numbers.
    if let Ok(plain) = object.call_method0("tolist")
        && !plain.is(object)
    {
        return from_python(&plain);
    }
    if object.is_instance(&py.import("uuid")?.getattr("UUID")?)? {
        return Ok(Value::String(object.str()?.to_string()));
    }
    let message =
        format!("expected a bool, a number, a str, a sequence or a dict, found {}", object.get_type().name()?);
    Err(Raise::new("AttrTypeError", message).into())
}

/// A value as a Python object. Vectors and lists are tuples: changing one in place would not change what it came from.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, *value).into_any(),
        Value::String(value) | Value::Choice(value) => PyString::new(py, value).into_any(),
        Value::Vec2(values) => PyTuple::new(py, values)?.into_any(),
        Value::Vec3(values) => PyTuple::new(py, values)?.into_any(),
        Value::Vec4(values) | Value::Color(values) => PyTuple::new(py, values)?.into_any(),
        Value::Uuid(_) => PyString::new(py, &value.to_string()).into_any(),
        Value::List(items) => {
            let items = items.iter().map(|item| to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, items)?.into_any()
        }
        Value::Map(entries) => {
            let dict = PyDict::new(py);
            for (key, value) in entries {
                dict.set_item(key, to_python(py, value)?)?;
            }
            dict.into_any()
        }
    })
}

/// Keyword arguments as names and values. A trailing `_` that keeps a name apart from a Python keyword is dropped.
pub fn keywords(arguments: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(String, Value)>> {
    let Some(arguments) = arguments else {
        return Ok(Vec::new());
    };
    let entry = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok((plain_name(&key.extract::<String>()?).to_owned(), from_python(&value)?))
    };
    arguments.iter().map(entry).collect()
}

/// `in_` for `in`.
pub fn plain_name(name: &str) -> &str {
    name.strip_suffix('_').filter(|plain| !plain.is_empty() && !plain.ends_with('_')).unwrap_or(name)
}

/// As the host takes it.
pub fn borrowed(values: &[(String, Value)]) -> Vec<(&str, Value)> {
    values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}
