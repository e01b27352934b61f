//! Attributes: what a node has by name, checked against the schema of its kind.

mod animated;

use playa_plugin_api::{ChoiceSpec, Kind, Value, ValueError, check_value};
use uuid::Uuid;

use super::keys::{Curves, KeyError};
use crate::suggest::did_you_mean;

/// What an attribute is: its kind of value, its limits, and what it means.
#[derive(Clone, Debug)]
pub struct AttrSpec {
    /// Name in lower case with underscores, stored in projects.
    pub name: &'static str,
    /// What kind of value it holds.
    pub kind: Kind,
    /// The value until someone sets another.
    pub default: Value,
    /// Numbers outside are refused; per component for vectors.
    pub range: Option<(f64, f64)>,
    /// Unit, such as `px`, `frames` or `degrees`; empty for none.
    pub unit: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// The alternatives of a choice.
    pub choices: Vec<ChoiceSpec>,
    /// What the host may do with it.
    pub flags: Flags,
    /// Makes the stored value of what a user may write instead, or refuses what a range cannot express.
    pub(super) normalise: Option<Normalise>,
}

/// From what a user wrote to what is stored.
pub(super) type Normalise = fn(&Value) -> Result<Value, ValueError>;

/// What the host may do with an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// A change of it changes pixels, so what was rendered is no longer valid.
    pub affects_pixels: bool,
    /// It may be a function of time.
    pub keyable: bool,
    /// The host sets it; a user may only read it.
    pub read_only: bool,
    /// Its value follows from others and is not stored.
    pub computed: bool,
}

/// The attributes that one kind of node has, in the order in which they are listed and saved.
#[derive(Debug)]
pub struct Schema {
    /// `project`, `comp`, `layer`, `camera`, `solid`, `text` or `media`.
    pub node: &'static str,
    /// The attributes.
    pub attrs: Vec<AttrSpec>,
}

/// Why an attribute could not be read or set. The text names it and lists what is valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttrError {
    /// There is none of that name.
    #[error("a {node} has no attribute `{name}`{hint}; it has {}", valid.join(", "))]
    Unknown {
        /// The kind of node.
        node: &'static str,
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
        /// The names there are.
        valid: Vec<&'static str>,
    },
    /// The value does not fit.
    #[error("attribute `{name}` of a {node}: {source}")]
    Value {
        /// The kind of node.
        node: &'static str,
        /// The attribute.
        name: &'static str,
        /// What was found and expected.
        source: ValueError,
    },
    /// Only the host sets it.
    #[error("attribute `{name}` of a {node} is read-only")]
    ReadOnly {
        /// The kind of node.
        node: &'static str,
        /// The attribute.
        name: &'static str,
    },
    /// It is the same at all times.
    #[error("attribute `{name}` of a {node} takes no keys; these do: {}", listed(keyable))]
    NotKeyable {
        /// The kind of node.
        node: &'static str,
        /// The attribute.
        name: &'static str,
        /// The attributes of the node that take keys.
        keyable: Vec<&'static str>,
    },
    /// The key does not fit.
    #[error("attribute `{name}` of a {node}: {source}")]
    Key {
        /// The kind of node.
        node: &'static str,
        /// The attribute.
        name: &'static str,
        /// What was found and expected.
        source: KeyError,
    },
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The attributes of one node: a constant value for each, and keys for those that are functions of time.
#[derive(Clone, Debug)]
pub struct Attrs {
    schema: &'static Schema,
    /// What the node holds for each attribute of the schema, in its order.
    values: Vec<Value>,
    curves: Curves,
}

impl AttrSpec {
    fn fit(&self, value: &Value) -> Result<Value, ValueError> {
        let normal = self.normalise.map_or_else(|| Ok(value.clone()), |normalise| normalise(value))?;
        check_value(self.kind, self.range, &self.choices, &normal)
    }
}

impl Schema {
    /// The attribute of a name.
    pub fn spec(&self, name: &str) -> Result<&AttrSpec, AttrError> {
        self.index(name).map(|index| &self.attrs[index])
    }

    /// The names of all attributes.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.attrs.iter().map(|spec| spec.name)
    }

    fn index(&self, name: &str) -> Result<usize, AttrError> {
        self.attrs.iter().position(|spec| spec.name == name).ok_or_else(|| AttrError::Unknown {
            node: self.node,
            name: name.to_string(),
            hint: did_you_mean(name, self.names()),
            valid: self.names().collect(),
        })
    }

    /// The value as the attribute stores it, or why it does not fit.
    pub fn check(&self, name: &str, value: &Value) -> Result<Value, AttrError> {
        self.fit(self.spec(name)?, value)
    }

    fn fit(&self, spec: &AttrSpec, value: &Value) -> Result<Value, AttrError> {
        spec.fit(value).map_err(|source| AttrError::Value { node: self.node, name: spec.name, source })
    }
}

impl Attrs {
    /// All attributes at their defaults.
    pub fn new(schema: &'static Schema) -> Self {
        let values = schema.attrs.iter().map(|spec| spec.default.clone()).collect();
        Self { schema, values, curves: Curves::default() }
    }

    /// What there is.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The constant value of an attribute, which it has while it has no keys.
    pub fn get(&self, name: &str) -> Result<&Value, AttrError> {
        self.schema.index(name).map(|index| &self.values[index])
    }

    /// The constant value of the attribute at a place in the schema.
    pub fn get_at(&self, index: usize) -> &Value {
        &self.values[index]
    }

    /// Whether setting an attribute to this constant, as a user, would change nothing.
    pub(super) fn is(&self, name: &str, value: &Value) -> Result<bool, AttrError> {
        let index = self.schema.index(name)?;
        let spec = &self.schema.attrs[index];
        let same = !spec.flags.read_only && !spec.flags.computed && self.curves.get(name).is_none();
        Ok(same && same_bits(&self.values[index], &self.schema.fit(spec, value)?))
    }

    /// Sets an attribute to a constant, as a user; its keys are removed. Tells whether that changed it: an equal value
    /// changes nothing.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<bool, AttrError> {
        let spec = self.schema.spec(name)?;
        if spec.flags.read_only {
            return Err(AttrError::ReadOnly { node: self.schema.node, name: spec.name });
        }
        Ok(self.set_fact(name, value)? | self.curves.clear(name))
    }

    /// Sets an attribute, read-only or not, as the host or a file may.
    pub(super) fn set_fact(&mut self, name: &str, value: &Value) -> Result<bool, AttrError> {
        let value = self.schema.check(name, value)?;
        let slot = &mut self.values[self.schema.index(name)?];
        // By bits, so that -0.0 can be told from 0.0.
        let changed = !same_bits(slot, &value);
        *slot = value;
        Ok(changed)
    }

    /// The attributes that are stored and differ from their default.
    pub fn changed(&self) -> impl Iterator<Item = (&'static AttrSpec, &Value)> {
        let pairs = self.schema.attrs.iter().zip(&self.values);
        pairs.filter(|(spec, value)| !spec.flags.computed && !same_bits(value, &spec.default))
    }

    /// The attributes whose constant value or keys are others than in `other`, which is of the same schema.
    pub(super) fn differing_specs(&self, other: &Attrs) -> impl Iterator<Item = &'static AttrSpec> {
        let values = self.schema.attrs.iter().zip(self.values.iter().zip(&other.values));
        let differing = values
            .filter(|(spec, (a, b))| !same_bits(a, b) || self.curves.get(spec.name) != other.curves.get(spec.name));
        differing.map(|(spec, _)| spec)
    }

    /// The names of these attributes.
    pub(super) fn differing(&self, other: &Attrs) -> Vec<String> {
        self.differing_specs(other).map(|spec| spec.name.to_string()).collect()
    }

    /// The identity of the node.
    pub fn uuid(&self) -> Uuid {
        // It comes first in every schema that has one.
        match self.values.first().filter(|value| matches!(value, Value::Uuid(_))).unwrap_or_else(|| self.known("uuid"))
        {
            Value::Uuid(bytes) => Uuid::from_bytes(*bytes),
            other => unreachable!("a uuid attribute holds {other}"),
        }
    }

    /// A float attribute.
    ///
    /// # Panics
    /// This and the getters below panic where the schema has no attribute of that name and kind: they are for the
    /// host's own code, which knows its schemas.
    pub fn float(&self, name: &str) -> f64 {
        match self.known(name) {
            Value::Float(v) => *v,
            other => panic!("attribute {name} holds {other}, which is no float"),
        }
    }

    /// An int attribute.
    pub fn int(&self, name: &str) -> i64 {
        match self.known(name) {
            Value::Int(v) => *v,
            other => panic!("attribute {name} holds {other}, which is no int"),
        }
    }

    /// A bool attribute.
    pub fn bool(&self, name: &str) -> bool {
        match self.known(name) {
            Value::Bool(v) => *v,
            other => panic!("attribute {name} holds {other}, which is no bool"),
        }
    }

    /// A string or choice attribute.
    pub fn text(&self, name: &str) -> &str {
        match self.known(name) {
            Value::String(v) | Value::Choice(v) => v,
            other => panic!("attribute {name} holds {other}, which is no text"),
        }
    }

    /// A vector of three.
    pub fn vec3(&self, name: &str) -> [f64; 3] {
        match self.known(name) {
            Value::Vec3(v) => *v,
            other => panic!("attribute {name} holds {other}, which is no vec3"),
        }
    }

    /// A colour: red, green, blue and alpha, straight.
    pub fn color(&self, name: &str) -> [f64; 4] {
        match self.known(name) {
            Value::Color(v) => *v,
            other => panic!("attribute {name} holds {other}, which is no colour"),
        }
    }

    fn known(&self, name: &str) -> &Value {
        self.get(name).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Equal to the bit, and of the same schema.
impl PartialEq for Attrs {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
            && self.values.iter().zip(&other.values).all(|(a, b)| same_bits(a, b))
            && self.curves == other.curves
    }
}

/// Equal, with floats compared by their bits.
pub(super) fn same_bits(a: &Value, b: &Value) -> bool {
    let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Vec2(a), Value::Vec2(b)) => same(a, b),
        (Value::Vec3(a), Value::Vec3(b)) => same(a, b),
        (Value::Vec4(a), Value::Vec4(b)) | (Value::Color(a), Value::Color(b)) => same(a, b),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_bits(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same_bits(a, b))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::schema;

    #[test]
    fn every_default_is_valid_and_every_attribute_is_documented() {
        let drawn = [schema::solid(), schema::text()];
        let others = [schema::project(), schema::comp(), schema::layer(), schema::camera(), schema::media()];
        for schema in drawn.into_iter().chain(others) {
            for spec in &schema.attrs {
                assert_eq!(spec.default.kind(), spec.kind, "{} {}", schema.node, spec.name);
                assert_eq!(schema.check(spec.name, &spec.default), Ok(spec.default.clone()));
                assert!(spec.doc.ends_with('.'), "{} {}: a sentence", schema.node, spec.name);
                assert_eq!(spec.choices.is_empty(), spec.kind != Kind::Choice);
            }
        }
    }

    #[test]
    fn setting_says_whether_it_changed_anything() {
        let mut attrs = Attrs::new(schema::layer());
        assert_eq!(attrs.set("opacity", &Value::Float(0.5)), Ok(true));
        assert_eq!(attrs.set("opacity", &Value::Float(0.5)), Ok(false));
        assert_eq!(attrs.set("opacity", &Value::Int(1)), Ok(true), "an int is a float without a fraction");
        assert_eq!(attrs.get("opacity"), Ok(&Value::Float(1.0)));
        let list = Value::List(vec![Value::Int(100), Value::Float(50.0), Value::Float(0.0)]);
        assert_eq!(attrs.set("position", &list), Ok(true));
        assert_eq!(attrs.vec3("position"), [100.0, 50.0, 0.0]);
    }

    #[test]
    fn errors_list_what_is_valid() {
        let mut attrs = Attrs::new(schema::layer());
        for (name, value, parts) in [
            ("opactiy", Value::Float(1.0), ["did you mean `opacity`?", "blend_mode"]),
            ("opacity", Value::Float(1.5), ["0..=1", "1.5"]),
            ("opacity", Value::Float(f64::NAN), ["NaN", "0..=1"]),
            ("opacity", Value::String("half".into()), ["expected float", "\"half\" (string)"]),
            ("blend_mode", Value::String("addd".into()), ["addd", "normal, add"]),
            ("uuid", Value::Uuid([0; 16]), ["`uuid`", "read-only"]),
            ("speed", Value::Float(0.0005), ["0.0005", "0.001"]),
            ("position", Value::Vec2([0.0; 2]), ["expected vec3", "vec2"]),
        ] {
            let error = attrs.set(name, &value).expect_err(name).to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
        assert_eq!(attrs, Attrs::new(schema::layer()), "a refused value changes nothing");
    }
}
