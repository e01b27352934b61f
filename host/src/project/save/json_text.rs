//! The tree in JSON.

use std::cell::Cell;
use std::fmt;
use std::io::Read;
use std::path::Path;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::tree::{Data, MAX_DEPTH, Table, Tree};
use crate::project::error::{Place, ProjectError};

/// A text of JSON.
pub struct Json {
    /// What it says, without the entries of tables that are null.
    pub tree: Tree,
    /// The line of the first null that was left out.
    pub null: Option<u32>,
}

/// Reads JSON. Every value knows its line.
pub fn read(text: &str, file: Option<&Path>) -> Result<Json, ProjectError> {
    let (line, null) = (Cell::new(1), Cell::new(None));
    let mut json = serde_json::Deserializer::from_reader(Lines { text: text.as_bytes(), line: &line });
    let tree = Node { line: &line, null: &null, depth: 1 }.deserialize(&mut json);
    let tree = tree.and_then(|tree| json.end().map(|()| tree)).map_err(|error| {
        let place = Place { file: file.map(Path::to_path_buf), line: u32::try_from(error.line()).ok() };
        ProjectError::Syntax { place, reason: error.to_string() }
    })?;
    Ok(Json { tree: tree.unwrap_or(Data::Table(Table::new()).into()), null: null.get() })
}

/// The error for a null in a project of our own, which has none.
pub fn refuse_null(line: u32, file: Option<&Path>) -> ProjectError {
    let place = Place { file: file.map(Path::to_path_buf), line: Some(line) };
    ProjectError::Syntax { place, reason: NULL.to_string() }
}

const NULL: &str = "found null, expected a value (leave the key out for its default)";

/// A text that tells how far it was read. The parser takes it byte by byte, and at most one ahead.
struct Lines<'a> {
    text: &'a [u8],
    line: &'a Cell<u32>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.text.read(buffer)?;
        let ends = buffer[..read].iter().filter(|byte| **byte == b'\n').count();
        self.line.set(self.line.get() + ends as u32);
        Ok(read)
    }
}

/// A value that is to be read: nothing, where it is null.
#[derive(Clone, Copy)]
struct Node<'a> {
    line: &'a Cell<u32>,
    null: &'a Cell<Option<u32>>,
    depth: usize,
}

impl Node<'_> {
    fn inner<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH { Err(E::custom(too_deep())) } else { Ok(Self { depth, ..self }) }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Option<Tree>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        // Of an entry, the colon was read last; of an item, its first letter.
        let line = Some(self.line.get());
        let data = json.deserialize_any(self)?;
        if data.is_none() && self.null.get().is_none() {
            self.null.set(line);
        }
        Ok(data.map(|data| Tree { line, data }))
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Option<Data>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Data::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Data::Int(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        let too_large = |_| E::custom(format!("the number {value} needs more than 64 bits"));
        Ok(Some(Data::Int(i64::try_from(value).map_err(too_large)?)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Data::Float(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(Data::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (inner, mut list) = (self.inner()?, Vec::new());
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item.ok_or_else(|| A::Error::custom(NULL))?);
        }
        Ok(Some(Data::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let (inner, mut table) = (self.inner()?, Table::new());
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(tree) = entries.next_value_seed(inner)? {
                table.insert(key, tree);
            }
        }
        Ok(Some(Data::Table(table)))
    }
}

/// Writes JSON, indented. An error says why JSON cannot hold it. A date of TOML becomes a string.
pub fn write(table: &Table) -> Result<String, String> {
    let value = Value::Object(write_table(table, 1)?);
    serde_json::to_string_pretty(&value).map_err(|error| error.to_string())
}

fn too_deep() -> String {
    format!("values lie more than {MAX_DEPTH} deep in each other")
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
