//! The neutral form of a project's text, between the document and its notations.

use indexmap::IndexMap;
use playa_plugin_api::Value;
use toml::value::Datetime;

/// A value in the text of a project, with the line where it stands.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The line, from 1, where the notation tells it.
    pub line: Option<u32>,
    /// The value.
    pub data: Data,
}

/// What a project's text can hold.
#[derive(Clone, Debug)]
pub enum Data {
    /// On or off.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f64),
    /// Text.
    Text(String),
    /// A date or time of TOML. No value of Playa's own is one, but an unknown key may be.
    Date(Datetime),
    /// Values in order.
    List(Vec<Tree>),
    /// Values by name, in the order of the text.
    Table(Table),
}

/// Values by name, in the order of the text.
pub type Table = IndexMap<String, Tree>;

/// Values lie at most this deep in each other.
pub const MAX_DEPTH: usize = 64;

impl Tree {
    /// The kind of value, for messages.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Bool(_) => "bool",
            Data::Int(_) => "int",
            Data::Float(_) => "float",
            Data::Text(_) => "string",
            Data::Date(_) => "date",
            Data::List(_) => "list",
            Data::Table(_) => "table",
        }
    }

    /// The value with its kind, for messages; only the kind where it is long.
    pub fn found(&self) -> String {
        let kind = self.kind();
        match &self.data {
            Data::Bool(v) => format!("{v} ({kind})"),
            Data::Int(v) => format!("{v} ({kind})"),
            Data::Float(v) => format!("{v:?} ({kind})"),
            Data::Text(v) if v.len() <= 80 => format!("{v:?} ({kind})"),
            Data::Date(v) => format!("{v} ({kind})"),
            Data::Text(_) | Data::List(_) | Data::Table(_) => format!("a {kind}"),
        }
    }

    /// It as a value of Playa; the date in it, where there is one, which is none.
    pub fn value(&self) -> Result<Value, &Tree> {
        Ok(match &self.data {
            Data::Bool(v) => Value::Bool(*v),
            Data::Int(v) => Value::Int(*v),
            Data::Float(v) => Value::Float(*v),
            Data::Text(v) => Value::String(v.clone()),
            Data::Date(_) => return Err(self),
            Data::List(items) => Value::List(items.iter().map(Tree::value).collect::<Result<_, _>>()?),
            Data::Table(table) => {
                Value::Map(table.iter().map(|(key, tree)| Ok((key.clone(), tree.value()?))).collect::<Result<_, _>>()?)
            }
        })
    }
}

impl From<Data> for Tree {
    fn from(data: Data) -> Self {
        Tree { line: None, data }
    }
}

/// Equal in value, to the bit, wherever they stand.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Int(a), Data::Int(b)) => a == b,
            (Data::Float(a), Data::Float(b)) => a.to_bits() == b.to_bits(),
            (Data::Text(a), Data::Text(b)) => a == b,
            (Data::Date(a), Data::Date(b)) => a == b,
            (Data::List(a), Data::List(b)) => a == b,
            (Data::Table(a), Data::Table(b)) => a == b,
            _ => false,
        }
    }
}
