//! Attributes of the original: values by name, each beside its type.

use indexmap::IndexMap;
use playa_plugin_api::{Kind, ValueError};
use uuid::Uuid;

use super::Reader;
use crate::media::colour::srgb_to_linear;
use crate::project::attrs::{AttrError, Schema};
use crate::project::error::ProjectError;
use crate::project::save::Severity;
use crate::project::save::notes::Notes;
use crate::project::save::tree::{Data, Table, Tree};

/// What the windows of the player used, what files say themselves, and what has no meaning for us.
const PASSED_OVER: [&str; 31] = [
    "uuid",
    "listed",
    "node_pos",
    "frame",
    "order",
    "comps_order",
    "selection",
    "active",
    "tool",
    "prefs",
    "out",
    "width",
    "height",
    "src_len",
    "renderable",
    "source_uuid",
    "padding",
    "frames",
    "format",
    "channel_names",
    "channels",
    "compression",
    "layers",
    "comp_depth",
    "dof_enabled",
    "focus_distance",
    "aperture",
    "trim_in",
    "trim_out",
    "in",
    "fps",
];

/// The flag of a value that came from the file's header.
const FROM_FILE: i64 = 1;

/// The attributes of one node, layer or effect. What is taken is known, what is left at the end is reported.
#[derive(Clone)]
pub struct Values {
    /// Whose they are, for messages: `layer "fg"`.
    pub what: String,
    /// Where they stand.
    pub line: Option<u32>,
    map: IndexMap<String, Tree>,
}

impl Reader<'_> {
    /// Reads `{map: {name: {type: value}}, flags: {name: bits}}`. What a file's header said is left to the file.
    pub fn values(&self, tree: Option<Tree>, line: Option<u32>, what: &str) -> Result<Values, ProjectError> {
        let line = tree.as_ref().map_or(line, |tree| tree.line);
        let mut attrs = tree.map_or_else(|| Ok(Table::new()), |tree| self.table(tree, &format!("attrs of {what}")))?;
        let empty = || Data::Table(Table::new()).into();
        let flags = self.table(attrs.shift_remove("flags").unwrap_or_else(empty), &format!("flags of {what}"))?;
        let is_from_file =
            |name: &str| matches!(flags.get(name), Some(Tree { data: Data::Int(bits), .. }) if bits & FROM_FILE != 0);
        let mut map = IndexMap::new();
        for (name, tree) in self.table(attrs.shift_remove("map").unwrap_or_else(empty), &format!("map of {what}"))? {
            let value = self.untagged(tree, &format!("`{name}` of {what}"))?;
            if let Some(value) = value.filter(|_| !is_from_file(&name)) {
                map.insert(name, value);
            }
        }
        Ok(Values { what: what.to_string(), line, map })
    }

    /// The value without its type; nothing for one that is no number, which its JSON could not hold.
    fn untagged(&self, tree: Tree, what: &str) -> Result<Option<Tree>, ProjectError> {
        let (line, found) = (tree.line, tree.found());
        let Data::Table(tagged) = tree.data else {
            let expected = "a value beside its type, such as {\"Float\": 0.5}".to_string();
            return Err(self.notes.invalid(line, what, found, expected));
        };
        let Some((tag, value)) = tagged.into_iter().next() else { return Ok(None) };
        let invalid = |found: String, expected: &str| self.notes.invalid(value.line, what, found, expected.to_string());
        let floats = |length| match &value.data {
            Data::List(items) => {
                items.len() == length && items.iter().all(|item| matches!(item.data, Data::Float(_) | Data::Int(_)))
            }
            _ => false,
        };
        let fits = match (tag.as_str(), &value.data) {
            ("Bool", Data::Bool(_)) | ("Str" | "Json", Data::Text(_)) => true,
            ("Int8" | "Int" | "Int64" | "UInt", Data::Int(_)) | ("Float", Data::Float(_) | Data::Int(_)) => true,
            ("Vec3", _) => floats(3),
            ("Vec4", _) => floats(4),
            ("Uuid", Data::Text(text)) => Uuid::parse_str(text).is_ok(),
            ("List" | "Set" | "Mat3" | "Mat4", Data::List(_)) | ("Map", Data::Table(_)) => true,
            ("Bool" | "Str" | "Json" | "Int8" | "Int" | "Int64" | "UInt" | "Float" | "Uuid", _) => false,
            ("List" | "Set" | "Mat3" | "Mat4" | "Map", _) => false,
            (other, _) => {
                let expected = "a type of the original Playa: Bool, Str, Int, UInt, Float, Vec3, Vec4, Uuid, List, ...";
                return Err(invalid(format!("the type {other:?}"), expected));
            }
        };
        if fits {
            Ok(Some(Tree { line, ..value }))
        } else {
            Err(invalid(value.found(), &format!("a value of the type {tag:?}")))
        }
    }
}

impl Values {
    /// Takes the name, and is called by it from now on.
    pub fn named(&mut self, kind: &str) {
        if let Some(name) = self.str("name") {
            self.what = format!("{kind} {name:?}");
        }
    }

    pub fn take(&mut self, name: &str) -> Option<Tree> {
        self.map.shift_remove(name)
    }

    pub fn set(&mut self, name: &str, value: Tree) {
        self.map.insert(name.to_string(), value);
    }

    /// Makes light of a colour that was shown on a screen as it is; its alpha stays.
    pub fn make_light(&mut self, name: &str) {
        let Some(Tree { data: Data::List(items), .. }) = self.map.get_mut(name) else { return };
        for item in items.iter_mut().take(3) {
            match item.data {
                Data::Float(value) => item.data = Data::Float(srgb_to_linear(value)),
                Data::Int(value) => item.data = Data::Float(srgb_to_linear(value as f64)),
                _ => {}
            }
        }
    }

    /// What was not taken.
    pub fn into_rest(self) -> IndexMap<String, Tree> {
        self.map
    }

    /// The line of a value, or that of all.
    pub fn line_of(&self, name: &str) -> Option<u32> {
        self.map.get(name).map_or(self.line, |tree| tree.line)
    }

    pub fn str(&self, name: &str) -> Option<&str> {
        match &self.map.get(name)?.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.map.get(name)?.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn float(&self, name: &str) -> Option<f64> {
        match self.map.get(name)?.data {
            Data::Float(value) => Some(value),
            Data::Int(value) => Some(value as f64),
            _ => None,
        }
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        match self.map.get(name)?.data {
            Data::Int(value) => Some(value),
            Data::Float(value) if value.fract() == 0.0 => Some(value as i64),
            _ => None,
        }
    }

    /// An identity, unless it is that of nothing.
    pub fn uuid(&self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(self.str(name)?).ok().filter(|uuid| !uuid.is_nil())
    }

    /// A list of identities: values, or the JSON text of earlier versions.
    pub fn uuids(&self, name: &str) -> Option<Vec<Uuid>> {
        let uuid = |text: &str| Uuid::parse_str(text).ok();
        match &self.map.get(name)?.data {
            Data::Text(json) => {
                Some(serde_json::from_str::<Vec<String>>(json).ok()?.iter().filter_map(|t| uuid(t)).collect())
            }
            Data::List(items) => {
                let item = |item: &Tree| match &item.data {
                    Data::Table(tagged) => match tagged.get("Uuid").map(|tree| &tree.data) {
                        Some(Data::Text(text)) => uuid(text),
                        _ => None,
                    },
                    _ => None,
                };
                Some(items.iter().filter_map(item).collect())
            }
            _ => None,
        }
    }

    /// Whether it holds anything.
    pub fn is_filled(&self, name: &str) -> bool {
        match self.map.get(name).map(|tree| &tree.data) {
            Some(Data::Table(table)) => !table.is_empty(),
            Some(Data::List(list)) => !list.is_empty(),
            Some(Data::Text(text)) => !matches!(text.as_str(), "" | "{}" | "[]" | "null"),
            _ => false,
        }
    }

    /// Puts values into a table of ours under the same names. One outside its range becomes the nearest within, and one
    /// that does not fit otherwise is left out; both are reported.
    pub fn keep(&mut self, notes: &mut Notes, table: &mut Table, schema: &Schema, names: &[&str]) {
        for name in names {
            let Some(tree) = self.take(name) else { continue };
            match fitted(schema, name, &tree) {
                Ok((data, problem)) => {
                    if let Some(problem) = problem {
                        let kept = Tree::from(data.clone()).found();
                        notes.report(
                            Severity::Warning,
                            tree.line,
                            format!("{}: {problem}; it is {kept} now", self.what),
                        );
                    }
                    table.insert((*name).to_string(), Tree { line: tree.line, data });
                }
                Err(problem) => {
                    notes.report(Severity::Warning, tree.line, format!("{}: {problem}; it is left out", self.what));
                }
            }
        }
    }

    /// Reports what was not taken, and means something.
    pub fn finish(&self, notes: &mut Notes) {
        let is_header = |name: &str| name.contains(':');
        for (name, tree) in &self.map {
            if !PASSED_OVER.contains(&name.as_str()) && !is_header(name) {
                let message = format!("`{name}` of {}: there is no such attribute; it is left out", self.what);
                notes.report(Severity::Warning, tree.line, message);
            }
        }
    }
}

/// A value as an attribute of ours takes it, and why it had to be changed for that, if it had.
fn fitted(schema: &Schema, name: &str, tree: &Tree) -> Result<(Data, Option<AttrError>), AttrError> {
    let spec = schema.spec(name)?;
    let data = match tree.data {
        Data::Float(value) if spec.kind == Kind::Int && value.fract() == 0.0 => Data::Int(value as i64),
        _ => tree.data.clone(),
    };
    let check = |data: &Data| match Tree::from(data.clone()).value() {
        Ok(value) => schema.check(name, &value).map(|_| ()),
        Err(_) => unreachable!("JSON has no dates"),
    };
    let problem = match check(&data) {
        Ok(()) => return Ok((data, None)),
        Err(problem) => problem,
    };
    let number = match (&problem, &data) {
        (AttrError::Value { source: ValueError::Range { .. }, .. }, Data::Float(value)) => *value,
        (AttrError::Value { source: ValueError::Range { .. }, .. }, Data::Int(value)) => *value as f64,
        _ => return Err(problem),
    };
    let Some((low, high)) = spec.range else { return Err(problem) };
    let near = match spec.kind {
        Kind::Int => Data::Int(number.clamp(low, high) as i64),
        _ => Data::Float(number.clamp(low, high)),
    };
    check(&near).map(|()| (near, Some(problem)))
}
