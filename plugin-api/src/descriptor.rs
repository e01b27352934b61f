//! What an effect says of itself: identity, inputs, parameters, traits.

use crate::value::{Kind, Value};

/// What an effect says of itself. The host copies it once, when the plugin is loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectSpec {
    /// Reverse-DNS identity, stored in projects: `org.playa.gaussian_blur`.
    pub id: String,
    /// The PascalCase name of its type: `GaussianBlur`.
    pub type_name: String,
    /// Name shown to people: `Gaussian Blur`.
    pub label: String,
    /// Semantic version of the effect, `major.minor.patch`.
    pub version: String,
    /// What it does, in sentences.
    pub help: String,
    /// Words to find it by, such as `blur` or `colour`.
    pub tags: Vec<String>,
    /// The images it takes. The first is the layer it is put on; a generator has none.
    pub inputs: Vec<InputSpec>,
    /// Its parameters; `render` gets their values in this order.
    pub params: Vec<ParamSpec>,
    /// What the host may rely on.
    pub traits: Traits,
    /// In which form it wants colour.
    pub alpha: Alpha,
}

/// One image that an effect takes.
#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    /// Name in lower case: `source`, `mask`.
    pub name: String,
    /// Whether the effect also works without it.
    pub optional: bool,
    /// Whether only its alpha is read, as a mask.
    pub mask: bool,
}

/// What a host may rely on to schedule an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Each output pixel depends on the input pixel at the same place and on nothing else.
    pub pixel_wise: bool,
    /// Any window can be rendered by itself, with the same bits as in the whole image.
    pub tileable: bool,
    /// Input and output may be the same memory.
    pub in_place: bool,
    /// Frames must be rendered in order.
    pub sequential: bool,
    /// The output depends on the seed.
    pub random: bool,
    /// The same inputs and parameters give the same pixels at any frame: what was rendered at one is used at another.
    pub time_invariant: bool,
    /// Input and output may be in [blocks](crate::abi::formats::BLOCKS), one of them or both, in the same memory too: on its way
    /// through several such effects, a picture is taken apart and put together once. The SDK does it for every
    /// [`PixelEffect`](crate::PixelEffect), and for no other kind.
    pub blocks: bool,
    /// A picture of one colour stays as it is, as far as it is seen and nothing comes in from around it. If the picture
    /// keeps its size, its edges stay too.
    pub keeps_flat: bool,
    /// Inputs that are mirrored, or reflected at a diagonal, give the output mirrored, or reflected: no direction is
    /// different from another. Places in px, which are from the centre of the canvas, +X right and +Y up, go along.
    pub isotropic: bool,
}

impl Traits {
    /// What holds for most effects: any window by itself, and nothing else.
    pub const TILEABLE: Traits = Traits {
        pixel_wise: false,
        tileable: true,
        in_place: false,
        sequential: false,
        random: false,
        time_invariant: false,
        blocks: false,
        keeps_flat: false,
        isotropic: false,
    };
}

/// In which form an effect wants colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpha {
    /// Colour multiplied by alpha, as the host keeps it.
    #[default]
    Premultiplied,
    /// Straight colour: the SDK divides before and multiplies after. Pixels whose alpha is 0 are passed on untouched.
    Straight,
}

/// One parameter of an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamSpec {
    /// Name in lower case with underscores, stored in projects.
    pub name: String,
    /// Name shown to people.
    pub label: String,
    /// What kind of value it takes.
    pub kind: Kind,
    /// The value it has until someone sets another.
    pub default: Value,
    /// Values outside are refused. Per component for vectors.
    pub hard_range: Option<(f64, f64)>,
    /// The range a slider shows.
    pub soft_range: Option<(f64, f64)>,
    /// The step of a slider.
    pub step: Option<f64>,
    /// Unit, such as `px`, `degrees` or `stops`.
    pub unit: String,
    /// What it does, in a sentence.
    pub doc: String,
    /// Group under which it is shown.
    pub group: String,
    /// The alternatives of a choice.
    pub choices: Vec<ChoiceSpec>,
    /// Name of a bool parameter without which this one has no effect.
    pub enabled_if: Option<String>,
    /// Names it had in earlier versions.
    pub renamed_from: Vec<String>,
}

/// One alternative of a choice parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceSpec {
    /// What is stored.
    pub key: String,
    /// What is shown.
    pub label: String,
    /// What it does.
    pub doc: String,
}

/// Why a value does not fit a parameter or attribute. The text says what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// The value is of another kind.
    Kind {
        /// What was found, as text with its kind.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// The number is outside the range, or not a number.
    Range {
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// The choice has no such key.
    Choice {
        /// What was found.
        found: String,
        /// The keys there are.
        valid: Vec<String>,
    },
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ValueError::Kind { found, expected } => write!(f, "expected {expected}, found {found}"),
            ValueError::Range { found, expected } => write!(f, "{found} is outside its range, expected {expected}"),
            ValueError::Choice { found, valid } => {
                write!(f, "{found:?} is no choice, expected one of {}", valid.join(", "))
            }
        }
    }
}

impl std::error::Error for ValueError {}

impl EffectSpec {
    /// The parameter with this name, or one that had it in an earlier version.
    pub fn param(&self, name: &str) -> Option<&ParamSpec> {
        let by_old_name = || self.params.iter().find(|p| p.renamed_from.iter().any(|old| old == name));
        self.params.iter().find(|p| p.name == name).or_else(by_old_name)
    }
}

impl ParamSpec {
    /// The value in this parameter's kind, or why it does not fit.
    pub fn check(&self, value: &Value) -> Result<Value, ValueError> {
        check_value(self.kind, self.hard_range, &self.choices, value)
    }
}

/// The value as `kind`, within `range` and among `choices`, or why it does not fit. Numbers must be finite.
pub fn check_value(
    kind: Kind,
    range: Option<(f64, f64)>,
    choices: &[ChoiceSpec],
    value: &Value,
) -> Result<Value, ValueError> {
    let Some(value) = value.coerce(kind) else {
        let (found, expected) = (format!("{value} ({})", value.kind()), kind.to_string());
        return Err(ValueError::Kind { found, expected });
    };
    let numbers = match &value {
        Value::Int(v) => vec![*v as f64],
        Value::Float(v) => vec![*v],
        Value::Vec2(_) | Value::Vec3(_) | Value::Vec4(_) | Value::Color(_) => value.numbers().unwrap_or_default(),
        _ => Vec::new(),
    };
    let (low, high) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    if numbers.iter().any(|v| !v.is_finite() || *v < low || *v > high) {
        let expected = match range {
            Some(_) => format!("{kind} within {low}..={high}"),
            None => format!("a finite {kind}"),
        };
        return Err(ValueError::Range { found: value.to_string(), expected });
    }
    if let Value::Choice(key) = &value
        && !choices.iter().any(|choice| choice.key == *key)
    {
        let valid = choices.iter().map(|choice| choice.key.clone()).collect();
        return Err(ValueError::Choice { found: key.clone(), valid });
    }
    Ok(value)
}
