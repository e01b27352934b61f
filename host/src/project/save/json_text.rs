//! The tree in JSON.

use serde_json::{Map, Number, Value};

use super::tree::{Data, MAX_DEPTH, Table, Tree};
use crate::project::error::{Place, ProjectError};

/// Reads JSON. Only errors of syntax know their line.
pub fn read(text: &str) -> Result<Tree, ProjectError> {
    let place = |line| Place { file: None, line };
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).ok();
        ProjectError::Syntax { place: place(line), reason: error.to_string() }
    })?;
    read_value(value, 1).map_err(|reason| ProjectError::Syntax { place: place(None), reason })
}

/// Writes JSON, indented. An error says why JSON cannot hold it. A date of TOML becomes a string.
pub fn write(table: &Table) -> Result<String, String> {
    let value = Value::Object(write_table(table, 1)?);
    serde_json::to_string_pretty(&value).map_err(|error| error.to_string())
}

fn too_deep() -> String {
    format!("values lie more than {MAX_DEPTH} deep in each other")
}

fn read_value(value: Value, depth: usize) -> Result<Tree, String> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let data = match value {
        Value::Null => return Err("found null, expected a value (leave the key out for its default)".to_string()),
        Value::Bool(value) => Data::Bool(value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Data::Int(value),
            (None, Some(value)) if number.is_f64() => Data::Float(value),
            _ => return Err(format!("the number {number} needs more than 64 bits")),
        },
        Value::String(value) => Data::Text(value),
        Value::Array(items) => {
            Data::List(items.into_iter().map(|item| read_value(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Object(entries) => {
            let entry = |(key, value)| Ok::<_, String>((key, read_value(value, depth + 1)?));
            Data::Table(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
    };
    Ok(data.into())
}

fn write_table(table: &Table, depth: usize) -> Result<Map<String, Value>, String> {
    table.iter().map(|(key, tree)| Ok((key.clone(), write_value(tree, depth + 1)?))).collect()
}

fn write_value(tree: &Tree, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match &tree.data {
        Data::Bool(value) => Value::Bool(*value),
        Data::Int(value) => Value::Number((*value).into()),
        Data::Float(value) => {
            Value::Number(Number::from_f64(*value).ok_or_else(|| format!("JSON has no number {value}"))?)
        }
        Data::Text(value) => Value::String(value.clone()),
        Data::Date(value) => Value::String(value.to_string()),
        Data::List(items) => {
            Value::Array(items.iter().map(|item| write_value(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Data::Table(table) => Value::Object(write_table(table, depth)?),
    })
}
