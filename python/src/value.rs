//! Values between Python and the host.

use std::collections::BTreeMap;

use playa_host::project::{Node as HostNode, Value};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::Raise;
use crate::node::Node;

/// Lists and dicts may lie in each other this deep; one that contains itself ends there.
const MAX_DEPTH: usize = 32;

/// What a value is for, which decides the exception for an object that is none.
#[derive(Clone, Copy)]
pub enum Slot {
    /// An attribute of a node.
    Attr,
    /// A parameter of an effect.
    Param,
}

impl Slot {
    /// The exception for an object of a wrong type.
    pub fn type_error(self) -> &'static str {
        match self {
            Slot::Attr => "AttrTypeError",
            Slot::Param => "ParamTypeError",
        }
    }

    /// The exception for a value that does not fit.
    pub fn value_error(self) -> &'static str {
        match self {
            Slot::Attr => "AttrValueError",
            Slot::Param => "ParamError",
        }
    }
}

/// A number of bytes, for what is called `name`.
pub fn bytes(name: &str, object: &Bound<'_, PyAny>) -> PyResult<u64> {
    object.extract().map_err(|_| {
        let found = object.repr().map_or_else(|_| "something else".to_owned(), |text| text.to_string());
        Raise::new("AttrValueError", format!("{name}: expected a number of bytes, 0 or more, found {found}")).into()
    })
}

/// Why an object is no value.
enum NoValue {
    /// Objects of its type never are.
    Type(String),
    /// This one is not.
    Content(String),
}

/// The value of an attribute or parameter `name`: bool, int, float, str (also enums that are one), sequences, dicts,
/// `uuid.UUID`, `fractions.Fraction` (as numerator and denominator), and numbers and arrays of numpy. For a `matte`, a
/// layer stands for its identity and `None` for no matte; a `font` and a `colour_config` may be paths, the latter `None`.
pub fn from_python(object: &Bound<'_, PyAny>, slot: Slot, name: &str) -> Result<Value, Box<Raise>> {
    if let (Slot::Attr, "matte") = (slot, name) {
        match object.cast::<Node>().map(|node| node.get().node) {
            Ok(HostNode::Layer(layer)) => return Ok(Value::String(layer.to_string())),
            _ if object.is_none() => return Ok(Value::String(String::new())),
            _ => {}
        }
    }
    if let (Slot::Attr, "colour_config") = (slot, name)
        && object.is_none()
    {
        return Ok(Value::String(String::new()));
    }
    if let (Slot::Attr, "font" | "colour_config") = (slot, name)
        && let Ok(path) = object.call_method0("__fspath__")
        && let Ok(path) = path.cast::<PyString>()
        && let Ok(path) = text(path)
    {
        return Ok(Value::String(path));
    }
    convert(object, MAX_DEPTH).map_err(|reason| {
        let what = match slot {
            Slot::Attr => "attribute",
            Slot::Param => "parameter",
        };
        let (class, reason) = match reason {
            NoValue::Type(reason) => (slot.type_error(), reason),
            NoValue::Content(reason) => (slot.value_error(), reason),
        };
        // Who gives a function means a value that changes with time.
        let hint = object
            .is_callable()
            .then(|| format!("loop over the frames and call `set_key({name:?}, frame, value)` with the value at each"));
        Box::new(Raise { hint, ..Raise::new(class, format!("{what} `{name}`: {reason}")) })
    })
}

fn convert(object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, NoValue> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(NoValue::Content(format!("lists and dicts lie in each other more than {MAX_DEPTH} deep")));
    };
    if let Ok(value) = object.cast::<PyBool>() {
        return Ok(Value::Bool(value.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        let too_large = |_| NoValue::Content("a whole number beyond 64 bits".to_owned());
        return Ok(Value::Int(object.extract().map_err(too_large)?));
    }
    if let Ok(value) = object.cast::<PyFloat>() {
        return Ok(Value::Float(value.value()));
    }
    if let Ok(value) = object.cast::<PyString>() {
        return Ok(Value::String(text(value)?));
    }
    if let Ok(value) = object.cast::<PyDict>() {
        let entry = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let key = key.cast::<PyString>().map_err(|_| unexpected("a str as key", &key))?;
            Ok((text(key)?, convert(&value, depth)?))
        };
        return Ok(Value::Map(value.iter().map(entry).collect::<Result<BTreeMap<_, _>, _>>()?));
    }
    if let Ok(value) = object.cast::<PyList>() {
        return Ok(Value::List(value.iter().map(|item| convert(&item, depth)).collect::<Result<_, _>>()?));
    }
    if let Ok(value) = object.cast::<PyTuple>() {
        return Ok(Value::List(value.iter().map(|item| convert(&item, depth)).collect::<Result<_, _>>()?));
    }
    // Arrays and scalars of numpy become lists and numbers.
    if let Ok(plain) = object.call_method0("tolist") {
        return convert(&plain, depth);
    }
    if is_a(object, "fractions", "Fraction") {
        let part = |name| object.getattr(name).map_err(|error| NoValue::Content(error.to_string()));
        return Ok(Value::List(vec![convert(&part("numerator")?, depth)?, convert(&part("denominator")?, depth)?]));
    }
    if is_a(object, "uuid", "UUID") {
        return Ok(Value::String(object.to_string()));
    }
    Err(unexpected("a bool, a number, a str, a sequence or a dict", object))
}

fn text(text: &Bound<'_, PyString>) -> Result<String, NoValue> {
    let no_text = |error: PyErr| NoValue::Content(format!("the str is no text: {error}"));
    Ok(text.to_cow().map_err(no_text)?.into_owned())
}

fn unexpected(expected: &str, found: &Bound<'_, PyAny>) -> NoValue {
    NoValue::Type(format!("expected {expected}, found an object of type {}", type_name(found)))
}

/// The name of an object's type, for messages.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
}

fn is_a(object: &Bound<'_, PyAny>, module: &str, class: &str) -> bool {
    let class = object.py().import(module).and_then(|module| module.getattr(class));
    class.and_then(|class| object.is_instance(&class)).unwrap_or(false)
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

/// The value of the attribute `name` as a Python object: a rate is a `fractions.Fraction`.
pub fn attr_to_python<'py>(py: Python<'py>, name: &str, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match (name, value) {
        ("fps", Value::String(rate)) => fraction(py, rate),
        _ => to_python(py, value),
    }
}

/// A rate as a `fractions.Fraction`, which takes some time to make: the last ones are kept.
fn fraction<'py>(py: Python<'py>, rate: &str) -> PyResult<Bound<'py, PyAny>> {
    static MADE: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let made = MADE.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
    if let Some(fraction) = made.get_item(rate)? {
        return Ok(fraction);
    }
    let fraction = py.import("fractions")?.getattr("Fraction")?.call1((rate,))?;
    if made.len() >= 64 {
        made.clear();
    }
    made.set_item(rate, &fraction)?;
    Ok(fraction)
}

/// Keyword arguments as names and values. A trailing `_` that keeps a name apart from a Python keyword is dropped.
pub fn keywords(arguments: Option<&Bound<'_, PyDict>>, slot: Slot) -> PyResult<Vec<(String, Value)>> {
    let entry = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name = plain_name(&key.extract::<String>()?).to_owned();
        let value = from_python(&value, slot, &name).map_err(|raise| *raise)?;
        Ok((name, value))
    };
    arguments.into_iter().flatten().map(entry).collect()
}

/// `in` for `in_`.
pub fn plain_name(name: &str) -> &str {
    name.strip_suffix('_').filter(|plain| !plain.is_empty() && !plain.ends_with('_')).unwrap_or(name)
}

/// As the host takes it.
pub fn borrowed(values: &[(String, Value)]) -> Vec<(&str, Value)> {
    values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// A place in a list, counted from 0, as Python gives it.
pub fn index(index: &Bound<'_, PyAny>) -> PyResult<usize> {
    let index: i64 = index.extract()?;
    let negative =
        |_| Raise::new("PositionError", format!("index {index}: expected 0 or more, counted from the front"));
    Ok(usize::try_from(index).map_err(negative)?)
}
