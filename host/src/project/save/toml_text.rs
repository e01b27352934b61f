//! The tree in TOML.

use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::tree::{Data, MAX_DEPTH, Table, Tree};
use crate::project::error::{Place, ProjectError};

/// Reads TOML. Every value knows its line.
pub fn read(text: &str, file: Option<&Path>) -> Result<Tree, ProjectError> {
    let lines = Lines::of(text);
    let place = |line| Place { file: file.map(Path::to_path_buf), line };
    let syntax = |line, reason| ProjectError::Syntax { place: place(line), reason };
    let table = DeTable::parse(text)
        .map_err(|error| syntax(error.span().map(|span| lines.number(span.start)), error.message().to_string()))?;
    let table = read_table(table.into_inner(), &lines, 1).map_err(|(line, reason)| syntax(Some(line), reason))?;
    Ok(Tree { line: None, data: Data::Table(table) })
}

/// Writes TOML. An error says why TOML cannot hold it.
pub fn write(table: &Table) -> Result<String, String> {
    let table = write_table(table, 1)?;
    toml::to_string(&table).map_err(|error| error.to_string())
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The number of the line, from 1, in which a byte lies.
    fn number(&self, at: usize) -> u32 {
        self.0.partition_point(|end| *end < at) as u32 + 1
    }
}

fn too_deep() -> String {
    format!("values lie more than {MAX_DEPTH} deep in each other")
}

fn read_table(table: DeTable<'_>, lines: &Lines, depth: usize) -> Result<Table, (u32, String)> {
    let entry = |(key, value): (toml::Spanned<toml::de::DeString<'_>>, toml::Spanned<DeValue<'_>>)| {
        // A table spans no text of its own where only its parts are written: the line of its key is better.
        let line = lines.number(key.span().start).max(lines.number(value.span().start));
        let tree = read_value(value.into_inner(), line, lines, depth + 1)?;
        Ok((key.into_inner().into_owned(), tree))
    };
    table.into_iter().map(entry).collect()
}

fn read_value(value: DeValue<'_>, line: u32, lines: &Lines, depth: usize) -> Result<Tree, (u32, String)> {
    if depth > MAX_DEPTH {
        return Err((line, too_deep()));
    }
    let data = match value {
        DeValue::String(text) => Data::Text(text.into_owned()),
        DeValue::Integer(digits) => {
            let number = i64::from_str_radix(digits.as_str(), digits.radix());
            Data::Int(number.map_err(|_| (line, format!("the number {digits} needs more than 64 bits")))?)
        }
        DeValue::Float(digits) => {
            let number = digits.as_str().parse().ok();
            let meant = |v: &f64| v.is_finite() || digits.as_str().contains(['i', 'n']); // inf, nan
            Data::Float(number.filter(meant).ok_or_else(|| (line, format!("{digits} is too large a number")))?)
        }
        DeValue::Boolean(value) => Data::Bool(value),
        DeValue::Datetime(date) => Data::Date(date),
        DeValue::Array(items) => {
            let item = |item: toml::Spanned<DeValue<'_>>| {
                let line = lines.number(item.span().start);
                read_value(item.into_inner(), line, lines, depth + 1)
            };
            Data::List(items.into_iter().map(item).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Data::Table(read_table(table, lines, depth)?),
    };
    Ok(Tree { line: Some(line), data })
}

/// Values come before tables, as they must in TOML.
fn write_table(table: &Table, depth: usize) -> Result<toml::Table, String> {
    let (values, tables): (Vec<_>, Vec<_>) = table.iter().partition(|(_, tree)| !has_header(tree));
    let entries = values.into_iter().chain(tables);
    entries.map(|(key, tree)| Ok((key.clone(), write_value(tree, depth + 1)?))).collect()
}

/// Whether it is written under a header of its own, `[key]` or `[[key]]`.
fn has_header(tree: &Tree) -> bool {
    match &tree.data {
        Data::Table(_) => true,
        Data::List(items) => !items.is_empty() && items.iter().all(|item| matches!(item.data, Data::Table(_))),
        _ => false,
    }
}

fn write_value(tree: &Tree, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match &tree.data {
        Data::Bool(value) => Value::Boolean(*value),
        Data::Int(value) => Value::Integer(*value),
        Data::Float(value) => Value::Float(*value),
        Data::Text(value) => Value::String(value.clone()),
        Data::Date(value) => Value::Datetime(*value),
        Data::List(items) => {
            Value::Array(items.iter().map(|item| write_value(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Data::Table(table) => Value::Table(write_table(table, depth)?),
    })
}
