//! Effects as Python sees them: names of arguments, of choices, and the type stub `playa_py/effects.pyi`.
//!
//! The stub begins with `stubs/head.pyi`, which is the same everywhere, and has a class for each effect that is loaded.

use std::collections::BTreeSet;
use std::fmt::Write;

use playa_plugin_api::{ChoiceSpec, EffectSpec, Kind, ParamSpec, Value};

use crate::plugin::Effects;

/// Names that Python has for itself.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What every effect has. A parameter of that name is an item, `blur["id"]`, and no attribute.
const OWN: [&str; 6] = ["apply_preset", "id", "params", "presets", "save_preset", "spec"];

/// The keyword argument of a parameter: with a trailing `_` where Python has the name for itself.
pub fn argument(name: &str) -> String {
    let reserved = KEYWORDS.contains(&name);
    if reserved { format!("{name}_") } else { name.to_owned() }
}

/// The class of the choices of a parameter: `BlendMode` for `blend_mode`.
pub fn enum_name(param: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    let name: String = param.split('_').map(capitalised).collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name } else { format!("Choice{name}") }
}

/// The members of that class, in the order of the choices: `SOFT_LIGHT` for `soft-light`.
pub fn member_names(choices: &[ChoiceSpec]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for choice in choices {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let name: String = choice.key.chars().map(letter).collect();
        let mut name = name.trim_matches('_').to_owned();
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            name = format!("CHOICE_{name}");
        }
        while names.contains(&name) {
            name.push_str("_2");
        }
        names.push(name);
    }
    names
}

/// The stub for the effects that are loaded, of several versions of one for the highest.
pub fn effects_stub(effects: &Effects) -> String {
    let ids: BTreeSet<&str> = effects.iter().map(|effect| effect.spec().id.as_str()).collect();
    let mut specs: Vec<&EffectSpec> = Vec::new();
    for spec in ids.into_iter().filter_map(|id| effects.find(id)).map(|effect| effect.spec()) {
        let taken = specs.iter().any(|other| other.type_name == spec.type_name);
        let reserved = KEYWORDS.contains(&&*spec.type_name) || ["EffectCall", "EffectType"].contains(&&*spec.type_name);
        if !taken && !reserved {
            specs.push(spec);
        }
    }
    specs.sort_by(|a, b| a.type_name.cmp(&b.type_name));
    let mut text = include_str!("stubs/head.pyi").to_owned();
    for spec in &specs {
        text += &format!("\n    {}: _t.ClassVar[EffectType]\n", spec.type_name);
        text += &docstring(4, &spec.label);
    }
    for spec in &specs {
        text += "\n";
        text += &class(spec);
    }
    text
}

fn class(spec: &EffectSpec) -> String {
    let mut text = format!("class {}(EffectCall):\n", spec.type_name);
    let takes = match &spec.inputs[..] {
        [] => "Takes no picture.".to_owned(),
        inputs => {
            let name = |input: &playa_plugin_api::InputSpec| {
                if input.optional { format!("{} (optional)", input.name) } else { input.name.clone() }
            };
            format!("Takes {}.", inputs.iter().map(name).collect::<Vec<_>>().join(", "))
        }
    };
    text += &docstring(4, &format!("{}\n\n{takes} `{}`, version {}.", spec.help.trim(), spec.id, spec.version));
    for param in spec.params.iter().filter(|param| param.kind == Kind::Choice) {
        let _ = write!(text, "\n    class {}(_enum.StrEnum):\n", enum_name(&param.name));
        text += &docstring(8, &param.doc);
        for (name, choice) in member_names(&param.choices).iter().zip(&param.choices) {
            let _ = write!(text, "\n        {name} = {:?}\n", choice.key);
            text += &docstring(8, &choice.doc);
        }
    }
    let argument =
        |param: &ParamSpec| format!("        {}: {} = {},\n", argument(&param.name), taken(param), default(param));
    if spec.params.is_empty() {
        text += "\n    def __init__(self) -> None: ...\n";
    } else {
        let arguments: String = spec.params.iter().map(argument).collect();
        let _ = write!(text, "\n    def __init__(\n        self,\n        *,\n{arguments}    ) -> None: ...\n");
    }
    for param in spec.params.iter().filter(|param| !OWN.contains(&param.name.as_str())) {
        let (name, given, taken) = (self::argument(&param.name), given(param), taken(param));
        let _ = write!(text, "\n    @property\n    def {name}(self) -> {given}:\n");
        text += &docstring(8, &meaning(param));
        let _ = write!(text, "\n    @{name}.setter\n    def {name}(self, value: {taken}) -> None: ...\n");
    }
    text
}

/// What a parameter does, with its unit and range.
fn meaning(param: &ParamSpec) -> String {
    let mut facts = Vec::new();
    if !param.unit.is_empty() {
        facts.push(format!("in {}", param.unit));
    }
    if let Some((low, high)) = param.hard_range {
        facts.push(format!("within {low}..{high}"));
    }
    if let Some((low, high)) = param.soft_range.filter(|soft| Some(*soft) != param.hard_range) {
        facts.push(format!("usually {low}..{high}"));
    }
    if facts.is_empty() { param.doc.clone() } else { format!("{} ({})", param.doc.trim(), facts.join(", ")) }
}

/// The type that a parameter is read as.
fn given(param: &ParamSpec) -> String {
    match param.kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int => "int".to_owned(),
        Kind::Float => "float".to_owned(),
        Kind::String | Kind::Uuid => "str".to_owned(),
        Kind::Vec2 => "tuple[float, float]".to_owned(),
        Kind::Vec3 => "tuple[float, float, float]".to_owned(),
        Kind::Vec4 | Kind::Color => "tuple[float, float, float, float]".to_owned(),
        Kind::Choice => enum_name(&param.name),
        Kind::List => "tuple[_t.Any, ...]".to_owned(),
        Kind::Map => "dict[str, _t.Any]".to_owned(),
    }
}

/// The types that it can be set to.
fn taken(param: &ParamSpec) -> String {
    match param.kind {
        Kind::Bool | Kind::Int | Kind::Float | Kind::String => given(param),
        Kind::Uuid => "str | _uuid.UUID".to_owned(),
        Kind::Vec2 | Kind::Vec3 | Kind::Vec4 | Kind::Color => "_abc.Sequence[float] | _npt.NDArray[_t.Any]".to_owned(),
        Kind::Choice => {
            let keys: Vec<String> = param.choices.iter().map(|choice| format!("{:?}", choice.key)).collect();
            format!("{} | _t.Literal[{}]", given(param), keys.join(", "))
        }
        Kind::List => "_abc.Sequence[_t.Any]".to_owned(),
        Kind::Map => "_abc.Mapping[str, _t.Any]".to_owned(),
    }
}

/// The default as Python writes it.
fn default(param: &ParamSpec) -> String {
    match &param.default {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Choice(key) => {
            let at = param.choices.iter().position(|choice| choice.key == *key).unwrap_or(0);
            format!("{}.{}", enum_name(&param.name), member_names(&param.choices)[at])
        }
        value @ (Value::Vec2(_) | Value::Vec3(_) | Value::Vec4(_) | Value::Color(_)) => {
            let numbers = value.numbers().unwrap_or_default();
            format!("({})", numbers.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>().join(", "))
        }
        Value::String(_) | Value::Uuid(_) | Value::List(_) | Value::Map(_) => "...".to_owned(),
    }
}

/// A docstring, indented; nothing where there is no text.
fn docstring(indent: usize, text: &str) -> String {
    let (indent, text) = (" ".repeat(indent), text.trim().replace('\\', "\\\\").replace('"', "\\\""));
    if text.is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let body = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
    let body = body.collect::<Vec<_>>().join("\n");
    let end = if lines.len() > 1 { format!("\n{indent}") } else { String::new() };
    format!("{indent}\"\"\"{}{end}\"\"\"\n", body.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(key: &str) -> ChoiceSpec {
        ChoiceSpec { key: key.to_owned(), label: String::new(), doc: String::new() }
    }

    #[test]
    fn names_are_those_that_python_takes() {
        assert_eq!([argument("radius"), argument("in")], ["radius", "in_"]);
        assert_eq!([enum_name("blend_mode"), enum_name("_2d")], ["BlendMode", "Choice2d"]);
        let keys = ["soft-light", "soft_light", "2x", "_x_", "é"];
        let names = member_names(&keys.map(choice));
        assert_eq!(names, ["SOFT_LIGHT", "SOFT_LIGHT_2", "CHOICE_2X", "X", "CHOICE_"]);
    }

    #[test]
    fn a_docstring_ends_where_it_should() {
        assert_eq!(docstring(4, ""), "");
        assert_eq!(docstring(4, "A \"blur\"."), "    \"\"\"A \\\"blur\\\".\"\"\"\n");
        assert_eq!(docstring(2, "A.\n\n  B\\n."), "  \"\"\"A.\n\n  B\\\\n.\n  \"\"\"\n");
    }
}
