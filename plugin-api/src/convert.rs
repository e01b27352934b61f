//! Between the wire's types and the SDK's. Both sides use these, so that a value means the same on either.

use abi_stable::std_types::{ROption, RString, RVec};

use crate::abi::{self, WireValue, trait_bits};
use crate::descriptor::{Alpha, ChoiceSpec, EffectSpec, InputSpec, ParamSpec, Traits};
use crate::error::{EffectError, ErrorCode};
use crate::value::{Kind, Value};

impl From<&Value> for WireValue {
    fn from(value: &Value) -> Self {
        let mut wire = WireValue { kind: value.kind() as u32, ..WireValue::default() };
        match value {
            Value::Bool(v) => wire.int = i64::from(*v),
            Value::Int(v) => wire.int = *v,
            Value::Float(v) => wire.floats[0] = *v,
            Value::String(v) | Value::Choice(v) => wire.text = v.as_str().into(),
            Value::Vec2(v) => wire.floats[..2].copy_from_slice(v),
            Value::Vec3(v) => wire.floats[..3].copy_from_slice(v),
            Value::Vec4(v) | Value::Color(v) => wire.floats = *v,
            Value::Uuid(_) => wire.text = value.to_string().into(),
            Value::List(items) => {
                let item = |value| abi::Property { key: RString::new(), value: WireValue::from(value) };
                wire.items = items.iter().map(item).collect();
            }
            Value::Map(entries) => {
                let entry = |(key, value): (&String, _)| abi::Property {
                    key: key.as_str().into(),
                    value: WireValue::from(value),
                };
                wire.items = entries.iter().map(entry).collect();
            }
        }
        wire
    }
}

impl WireValue {
    /// The value, or `None` for a kind of a later version.
    pub fn to_value(&self) -> Option<Value> {
        let [x, y, z, _] = self.floats;
        Some(match Kind::from_number(self.kind)? {
            Kind::Bool => Value::Bool(self.int != 0),
            Kind::Int => Value::Int(self.int),
            Kind::Float => Value::Float(x),
            Kind::String => Value::String(self.text.to_string()),
            Kind::Choice => Value::Choice(self.text.to_string()),
            Kind::Vec2 => Value::Vec2([x, y]),
            Kind::Vec3 => Value::Vec3([x, y, z]),
            Kind::Vec4 => Value::Vec4(self.floats),
            Kind::Color => Value::Color(self.floats),
            Kind::Uuid => Value::String(self.text.to_string()).coerce(Kind::Uuid)?,
            Kind::List => Value::List(self.items.iter().map(|item| item.value.to_value()).collect::<Option<_>>()?),
            Kind::Map => {
                let entry = |item: &abi::Property| Some((item.key.to_string(), item.value.to_value()?));
                Value::Map(self.items.iter().map(entry).collect::<Option<_>>()?)
            }
        })
    }
}

impl From<EffectError> for abi::Failure {
    fn from(error: EffectError) -> Self {
        abi::Failure {
            code: error.code as u32,
            message: error.message.into(),
            param: error.param.into(),
            properties: RVec::new(),
        }
    }
}

impl From<abi::Failure> for EffectError {
    fn from(failure: abi::Failure) -> Self {
        EffectError {
            code: ErrorCode::from_number(failure.code),
            message: failure.message.into(),
            param: failure.param.into(),
        }
    }
}

impl From<&EffectSpec> for abi::Descriptor {
    fn from(spec: &EffectSpec) -> Self {
        let input = |input: &InputSpec| abi::InputDescriptor {
            name: input.name.as_str().into(),
            optional: input.optional,
            mask: input.mask,
            properties: RVec::new(),
        };
        abi::Descriptor {
            id: spec.id.as_str().into(),
            type_name: spec.type_name.as_str().into(),
            label: spec.label.as_str().into(),
            version: spec.version.as_str().into(),
            help: spec.help.as_str().into(),
            tags: strings(&spec.tags),
            inputs: spec.inputs.iter().map(input).collect(),
            params: spec.params.iter().map(abi::ParamDescriptor::from).collect(),
            traits: spec.traits.to_bits(),
            alpha: match spec.alpha {
                Alpha::Premultiplied => 0,
                Alpha::Straight => 1,
            },
            thread_safety: 0,
            properties: RVec::new(),
        }
    }
}

impl From<&ParamSpec> for abi::ParamDescriptor {
    fn from(param: &ParamSpec) -> Self {
        let choice = |choice: &ChoiceSpec| abi::ChoiceDescriptor {
            key: choice.key.as_str().into(),
            label: choice.label.as_str().into(),
            doc: choice.doc.as_str().into(),
        };
        let range = |range: Option<(f64, f64)>| range.map(|(low, high)| [low, high]).into();
        abi::ParamDescriptor {
            name: param.name.as_str().into(),
            label: param.label.as_str().into(),
            kind: param.kind as u32,
            default: WireValue::from(&param.default),
            hard_range: range(param.hard_range),
            soft_range: range(param.soft_range),
            step: param.step.into(),
            unit: param.unit.as_str().into(),
            doc: param.doc.as_str().into(),
            group: param.group.as_str().into(),
            choices: param.choices.iter().map(choice).collect(),
            enabled_if: param.enabled_if.as_deref().unwrap_or_default().into(),
            renamed_from: strings(&param.renamed_from),
            properties: RVec::new(),
        }
    }
}

impl TryFrom<&abi::Descriptor> for EffectSpec {
    type Error = String;

    /// Copies a descriptor out of the plugin. The error says which part this version cannot read.
    fn try_from(wire: &abi::Descriptor) -> Result<Self, String> {
        let input = |input: &abi::InputDescriptor| InputSpec {
            name: input.name.to_string(),
            optional: input.optional,
            mask: input.mask,
        };
        Ok(EffectSpec {
            id: wire.id.to_string(),
            type_name: wire.type_name.to_string(),
            label: wire.label.to_string(),
            version: wire.version.to_string(),
            help: wire.help.to_string(),
            tags: wire.tags.iter().map(RString::to_string).collect(),
            inputs: wire.inputs.iter().map(input).collect(),
            params: wire.params.iter().map(ParamSpec::try_from).collect::<Result<_, _>>()?,
            traits: Traits::from_bits(wire.traits),
            alpha: match wire.alpha {
                0 => Alpha::Premultiplied,
                1 => Alpha::Straight,
                other => return Err(format!("effect {:?} wants alpha in form {other}, known are 0 and 1", wire.id)),
            },
        })
    }
}

impl TryFrom<&abi::ParamDescriptor> for ParamSpec {
    type Error = String;

    fn try_from(wire: &abi::ParamDescriptor) -> Result<Self, String> {
        let name = wire.name.as_str();
        let kind = Kind::from_number(wire.kind).ok_or_else(|| {
            format!("parameter {name:?} is of kind number {}, which this version does not know", wire.kind)
        })?;
        let choice = |choice: &abi::ChoiceDescriptor| ChoiceSpec {
            key: choice.key.to_string(),
            label: choice.label.to_string(),
            doc: choice.doc.to_string(),
        };
        let range = |range: ROption<[f64; 2]>| range.into_option().map(|[low, high]| (low, high));
        Ok(ParamSpec {
            name: name.to_owned(),
            label: wire.label.to_string(),
            kind,
            default: wire
                .default
                .to_value()
                .ok_or_else(|| format!("the default of parameter {name:?} cannot be read"))?,
            hard_range: range(wire.hard_range),
            soft_range: range(wire.soft_range),
            step: wire.step.into_option(),
            unit: wire.unit.to_string(),
            doc: wire.doc.to_string(),
            group: wire.group.to_string(),
            choices: wire.choices.iter().map(choice).collect(),
            enabled_if: (!wire.enabled_if.is_empty()).then(|| wire.enabled_if.to_string()),
            renamed_from: wire.renamed_from.iter().map(RString::to_string).collect(),
        })
    }
}

impl Traits {
    fn to_bits(self) -> u64 {
        let bit = |on: bool, bit: u64| if on { bit } else { 0 };
        bit(self.pixel_wise, trait_bits::PIXEL_WISE)
            | bit(self.tileable, trait_bits::TILEABLE)
            | bit(self.in_place, trait_bits::IN_PLACE)
            | bit(self.sequential, trait_bits::SEQUENTIAL)
            | bit(self.random, trait_bits::RANDOM)
            | bit(self.time_invariant, trait_bits::TIME_INVARIANT)
            | bit(self.blocks, trait_bits::BLOCKS)
            | bit(self.keeps_flat, trait_bits::KEEPS_FLAT)
            | bit(self.isotropic, trait_bits::ISOTROPIC)
    }

    fn from_bits(bits: u64) -> Self {
        Traits {
            pixel_wise: bits & trait_bits::PIXEL_WISE != 0,
            tileable: bits & trait_bits::TILEABLE != 0,
            in_place: bits & trait_bits::IN_PLACE != 0,
            sequential: bits & trait_bits::SEQUENTIAL != 0,
            random: bits & trait_bits::RANDOM != 0,
            time_invariant: bits & trait_bits::TIME_INVARIANT != 0,
            blocks: bits & trait_bits::BLOCKS != 0,
            keeps_flat: bits & trait_bits::KEEPS_FLAT != 0,
            isotropic: bits & trait_bits::ISOTROPIC != 0,
        }
    }
}

fn strings(items: &[String]) -> RVec<RString> {
    items.iter().map(|item| item.as_str().into()).collect()
}
