//! The effects a plugin offers, copied into the host's types and checked.

use std::collections::BTreeSet;
use std::path::Path;

use playa_plugin_api::abi::PluginModuleRef;
use playa_plugin_api::{EffectError, EffectSpec, Kind, ParamSpec};

use super::inspect::StaticEffect;
use super::{BuildInfo, LoadError, one_line};

/// Asks the plugin for its descriptors. What it says now must be what its metadata section says.
pub(super) fn describe(path: &Path, module: PluginModuleRef, build: &BuildInfo) -> Result<Vec<EffectSpec>, LoadError> {
    let failed = |reason: String| LoadError::Describe { path: path.to_owned(), reason: one_line(&reason) };
    let descriptors =
        module.effects()().into_result().map_err(|failure| failed(EffectError::from(failure).to_string()))?;
    let specs: Vec<EffectSpec> =
        descriptors.iter().map(EffectSpec::try_from).collect::<Result<_, _>>().map_err(failed)?;
    if specs.is_empty() {
        return Err(failed("it has none".into()));
    }
    let mut seen = BTreeSet::new();
    for spec in &specs {
        let wrong = |reason| LoadError::Descriptor { path: path.to_owned(), effect: spec.id.clone(), reason };
        check_effect(spec).map_err(wrong)?;
        if !seen.insert(&spec.id) {
            return Err(wrong("it is in the file twice".into()));
        }
    }
    let (live, fixed): (Vec<_>, Vec<_>) =
        (specs.iter().map(|spec| &spec.id).collect(), build.effects.iter().map(|effect| &effect.id).collect());
    if live != fixed {
        return Err(failed(format!("it offers {live:?}, but its metadata section lists {fixed:?}")));
    }
    for (spec, fixed) in specs.iter().zip(&build.effects) {
        if let Some((what, live, fixed)) = first_difference(spec, fixed) {
            let reason = format!("{what} is {}, but its metadata section says {}", quoted(&live), quoted(&fixed));
            return Err(LoadError::Descriptor { path: path.to_owned(), effect: spec.id.clone(), reason });
        }
    }
    Ok(specs)
}

/// What the plugin says now and what its metadata section says, where the two differ first.
fn first_difference(spec: &EffectSpec, fixed: &StaticEffect) -> Option<(String, String, String)> {
    let texts = [
        ("its type name", &spec.type_name, &fixed.type_name),
        ("its label", &spec.label, &fixed.label),
        ("its version", &spec.version, &fixed.version),
        ("its help", &spec.help, &fixed.help),
    ];
    if let Some((what, live, fixed)) = texts.into_iter().find(|(_, live, fixed)| live != fixed) {
        return Some((what.to_owned(), live.clone(), fixed.clone()));
    }
    let live: Vec<_> = spec.params.iter().map(|param| format!("{}: {}", param.name, param.kind)).collect();
    let fixed: Vec<_> = fixed.params.iter().map(|param| format!("{}: {}", param.name, param.kind)).collect();
    let at = (0..live.len().max(fixed.len())).find(|at| live.get(*at) != fixed.get(*at))?;
    let or_none = |params: &[String]| params.get(at).map_or("nothing", String::as_str).to_owned();
    Some((format!("its parameter {at}"), or_none(&live), or_none(&fixed)))
}

/// The beginning of a text of any length and form, on one line.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let start: String = text.chars().take(LONGEST).collect();
    let dots = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{dots}")
}

/// How many characters a name may have: of an effect, a parameter, an input or a choice.
const LONGEST_NAME: usize = 255;

/// What has to hold for an effect to be usable.
pub(crate) fn check_effect(spec: &EffectSpec) -> Result<(), String> {
    let id_part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if let Some(name) = names(spec).into_iter().find(|name| name.chars().count() > LONGEST_NAME) {
        let length = name.chars().count();
        return Err(format!("its name {} has {length} characters, expected at most {LONGEST_NAME}", quoted(name)));
    }
    if !spec.id.contains('.') || !spec.id.split('.').all(id_part) {
        return Err(format!("its id is not reverse-DNS: expected something like \"com.example.{}\"", spec.type_name));
    }
    if !is_identifier(&spec.type_name) {
        return Err(format!("its type name {:?} is not a name such as \"GaussianBlur\"", spec.type_name));
    }
    if spec.label.trim().is_empty() {
        return Err("its label is empty".into());
    }
    if let Err(error) = semver::Version::parse(&spec.version) {
        return Err(format!("its version {:?} is not major.minor.patch: {error}", spec.version));
    }
    let mut names = BTreeSet::new();
    for name in spec.params.iter().flat_map(|param| std::iter::once(&param.name).chain(&param.renamed_from)) {
        if !names.insert(name) {
            return Err(format!("two parameters have the name {name:?}"));
        }
    }
    let mut inputs = BTreeSet::new();
    for input in &spec.inputs {
        if !is_identifier(&input.name) || !inputs.insert(&input.name) {
            return Err(format!("input name {:?} is no name, or there twice", input.name));
        }
    }
    spec.params.iter().try_for_each(|param| {
        check_param(spec, param).map_err(|reason| format!("parameter {:?}: {reason}", param.name))
    })
}

/// Everything that people read or write as a name.
fn names(spec: &EffectSpec) -> Vec<&String> {
    let mut names = vec![&spec.id, &spec.type_name, &spec.label, &spec.version];
    names.extend(spec.inputs.iter().map(|input| &input.name));
    for param in &spec.params {
        names.extend([&param.name, &param.label]);
        names.extend(param.choices.iter().flat_map(|choice| [&choice.key, &choice.label]));
    }
    names
}

fn check_param(spec: &EffectSpec, param: &ParamSpec) -> Result<(), String> {
    if !is_identifier(&param.name) {
        return Err("not a name such as \"radius\"".into());
    }
    for (name, range) in [("range", param.hard_range), ("soft range", param.soft_range)] {
        if let Some((low, high)) = range
            && !(low.is_finite() && high.is_finite() && low <= high)
        {
            return Err(format!("its {name} {low}..={high} is empty or not finite"));
        }
    }
    let keys: BTreeSet<_> = param.choices.iter().map(|choice| &choice.key).collect();
    if keys.len() != param.choices.len() || keys.iter().any(|key| key.is_empty()) {
        return Err("its choices have empty or repeated keys".into());
    }
    if param.kind == Kind::Choice && param.choices.is_empty() {
        return Err("it is a choice without alternatives".into());
    }
    if param.default.kind() != param.kind {
        return Err(format!("its default {} is of kind {}, not {}", param.default, param.default.kind(), param.kind));
    }
    param.check(&param.default).map_err(|error| format!("its default does not fit: {error}"))?;
    if let Some(condition) = &param.enabled_if {
        let found = spec.params.iter().find(|other| other.name == *condition);
        if !found.is_some_and(|other| other.kind == Kind::Bool) {
            return Err(format!("it is enabled by {condition:?}, which is no bool parameter"));
        }
    }
    Ok(())
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use playa_plugin_api::{InputSpec, Value};

    use super::*;

    fn spec() -> EffectSpec {
        let param = ParamSpec {
            name: "amount".into(),
            label: "Amount".into(),
            kind: Kind::Float,
            default: Value::Float(0.0),
            hard_range: None,
            soft_range: None,
            step: None,
            unit: String::new(),
            doc: String::new(),
            group: String::new(),
            choices: Vec::new(),
            enabled_if: None,
            renamed_from: Vec::new(),
        };
        EffectSpec {
            id: "com.example.gain".into(),
            type_name: "Gain".into(),
            label: "Gain".into(),
            version: "1.0.0".into(),
            help: String::new(),
            tags: Vec::new(),
            inputs: vec![InputSpec::source()],
            params: vec![param],
            traits: playa_plugin_api::Traits::TILEABLE,
            alpha: playa_plugin_api::Alpha::Premultiplied,
        }
    }

    #[test]
    fn names_have_a_limit() {
        assert_eq!(check_effect(&spec()), Ok(()));
        let long = |length: usize| "a".repeat(length);
        let refused = |change: &dyn Fn(&mut EffectSpec, String)| {
            let (mut fits, mut too_long) = (spec(), spec());
            change(&mut fits, long(LONGEST_NAME));
            change(&mut too_long, long(LONGEST_NAME + 1));
            assert_eq!(check_effect(&fits), Ok(()));
            let error = check_effect(&too_long).expect_err("it is too long");
            assert!(error.contains("has 256 characters, expected at most 255") && error.len() < 200, "{error}");
        };
        refused(&|spec, name| spec.id = format!("com.{}", &name[4..]));
        refused(&|spec, name| spec.type_name = name);
        refused(&|spec, name| spec.label = name);
        refused(&|spec, name| spec.inputs[0].name = name);
        refused(&|spec, name| spec.params[0].name = name);
        refused(&|spec, name| spec.params[0].label = name);
    }
}
