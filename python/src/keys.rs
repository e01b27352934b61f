//! Keys between Python and the host.

use playa_host::project::{Handle, Key, KeyError, Value};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyTuple};

use crate::errors::Raise;
use crate::value::{Slot, from_python, to_python, type_name};

/// A key as `set_key` takes it.
pub fn key_from_python(
    slot: Slot,
    name: &str,
    frame: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    interp: &str,
    [incoming, outgoing]: [Option<&Bound<'_, PyAny>>; 2],
) -> PyResult<Key> {
    let value = from_python(value, slot, name).map_err(|raise| *raise)?;
    let interp = interp.parse().map_err(|error: KeyError| Raise::new(slot.value_error(), error.to_string()))?;
    let mut key = Key::new(frame_from_python(slot, frame)?, value, interp);
    key.incoming = handle(slot, name, "incoming", incoming)?;
    key.outgoing = handle(slot, name, "outgoing", outgoing)?;
    Ok(key)
}

/// A time in frames.
pub fn frame_from_python(slot: Slot, frame: &Bound<'_, PyAny>) -> PyResult<f64> {
    frame.extract().map_err(|_| {
        let message = format!("frame: expected a number, found an object of type {}", type_name(frame));
        Raise::new(slot.type_error(), message).into()
    })
}

/// `(frames, offset)`, the offset a number or a sequence of numbers.
fn handle(slot: Slot, name: &str, side: &str, handle: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Handle>> {
    let Some(handle) = handle.filter(|handle| !handle.is_none()) else { return Ok(None) };
    let parts = match from_python(handle, slot, name).map_err(|raise| *raise)? {
        Value::List(parts) => parts,
        _ => Vec::new(),
    };
    let number = |value: &Value| match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    let read = match &parts[..] {
        [frames, offset] => number(frames).zip(number(offset).map(|offset| vec![offset]).or_else(|| offset.numbers())),
        _ => None,
    };
    let Some((frames, offset)) = read else {
        let message = format!(
            "{side} handle of {name}: expected (frames, offset) from its key, such as (8, 0.5) or (8, (0.5, 0, 0)), found {}",
            handle.repr()?
        );
        return Err(Raise::new(slot.type_error(), message).into());
    };
    Ok(Some(Handle { frames, offset }))
}

/// Keys as a list of `playa_py.Key`.
pub fn keys_to_python<'py>(py: Python<'py>, keys: &[Key]) -> PyResult<Bound<'py, PyList>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = CLASS.get_or_try_init(py, || Ok::<_, PyErr>(py.import("playa_py.keys")?.getattr("Key")?.unbind()))?;
    let handle = |handle: &Option<Handle>| match handle {
        None => Ok(None),
        Some(Handle { frames, offset }) => {
            let offset = match &offset[..] {
                [offset] => offset.into_pyobject(py)?.into_any(),
                offset => PyTuple::new(py, offset)?.into_any(),
            };
            PyResult::Ok(Some((*frames, offset)))
        }
    };
    let key = |key: &Key| {
        let (incoming, outgoing) = (handle(&key.incoming)?, handle(&key.outgoing)?);
        class.bind(py).call1((key.frame, to_python(py, &key.value)?, key.interp.name(), incoming, outgoing))
    };
    PyList::new(py, keys.iter().map(key).collect::<PyResult<Vec<_>>>()?)
}
