//! `playa effects`: which effects there are, and what one takes.

mod watch;

use std::path::PathBuf;

use clap::Subcommand;
use playa_plugin_api::{ChoiceSpec, EffectSpec, ParamSpec, Value};
use serde_json::{Value as Json, json};

use super::console;
use super::failure::{Exit, Failure};
use crate::plugin::EffectType;
use crate::project::find_effect;

/// List the effects, or show what one of them does and takes.
///
/// Plugin files that were refused are told on stderr, a line each.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Action>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
    /// Print a line for each plugin that is loaded, reloaded, refused or removed, until Ctrl-C; with --json, one JSON
    /// document a line.
    #[arg(long)]
    watch: bool,
}

const HELP: &str = "\
Examples:
  playa effects
  playa effects show GaussianBlur
  playa effects show org.playa.adjust_hsv --json
  playa effects --watch";

#[derive(Debug, Subcommand)]
enum Action {
    /// Show one effect: its parameters with kind, default, range, unit and meaning.
    Show {
        /// Its type name, id or label.
        #[arg(value_name = "EFFECT")]
        id: String,
    },
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let engine = super::engine(built_in)?;
    if args.watch {
        if args.command.is_some() {
            return Err(Failure::usage("--watch tells of all plugins: leave out `show`"));
        }
        return watch::run(&engine, args.json);
    }
    let effects = engine.effects();
    match &args.command {
        Some(Action::Show { id }) => {
            find_effect(&*effects, id).map_err(Failure::usage)?;
            let effect = effects.find(id).expect("it was found by this name just now");
            if args.json { console::print_json(&effect_json(effect))? } else { console::print(&page(effect))? }
        }
        None if args.json => console::print_json(&effects.iter().map(|e| effect_json(e)).collect::<Vec<_>>())?,
        None if effects.iter().next().is_none() => console::say("no effects: set PLAYA_PLUGIN_PATH to their folder"),
        None => {
            let head = ["EFFECT", "ID", "VERSION", "WHAT IT DOES"].map(String::from).to_vec();
            let row = |effect: &EffectSpec| {
                vec![effect.type_name.clone(), effect.id.clone(), effect.version.clone(), one_line(&effect.help)]
            };
            let rows: Vec<_> = [head].into_iter().chain(effects.iter().map(|effect| row(effect.spec()))).collect();
            console::print(&console::table(&rows))?;
        }
    }
    Ok(Exit::Ok)
}

/// All about one effect.
fn page(effect: &EffectType) -> String {
    let spec = effect.spec();
    let mut text = format!("{} ({} {})\n{}\n\n", spec.type_name, spec.id, spec.version, one_line(&spec.help));
    let inputs = spec.inputs.iter().map(|input| match (input.mask, input.optional) {
        (false, false) => input.name.clone(),
        (true, false) => format!("{} (mask)", input.name),
        (false, true) => format!("{} (optional)", input.name),
        (true, true) => format!("{} (optional mask)", input.name),
    });
    let listed = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let facts = [
        ("label", spec.label.clone()),
        ("tags", listed(spec.tags.clone())),
        ("inputs", listed(inputs.collect())),
        ("file", effect.path().display().to_string()),
    ];
    text += &console::table(&facts.map(|(name, fact)| vec![name.to_owned(), fact]));
    if spec.params.is_empty() {
        return text + "\nno parameters\n";
    }
    let head = ["PARAMETER", "KIND", "DEFAULT", "RANGE", "UNIT", "MEANING"].map(String::from).to_vec();
    let rows = spec.params.iter().flat_map(param_rows);
    text + "\n" + &console::table(&[head].into_iter().chain(rows).collect::<Vec<_>>())
}

/// A row for the parameter, and one for each of its choices.
fn param_rows(param: &ParamSpec) -> Vec<Vec<String>> {
    let range = match (param.hard_range, param.soft_range) {
        (None, None) => String::new(),
        (Some(hard), None) => span(hard),
        (None, Some(soft)) => format!("any, usually {}", span(soft)),
        (Some(hard), Some(soft)) if hard == soft => span(hard),
        (Some(hard), Some(soft)) => format!("{}, usually {}", span(hard), span(soft)),
    };
    let cells =
        [&param.name, param.kind.name(), &param.default.to_string(), &range, &param.unit, &one_line(&param.doc)];
    let choice = |choice: &ChoiceSpec| {
        ["", &format!("  {}", choice.key), "", "", "", &one_line(&choice.doc)].map(str::to_owned).to_vec()
    };
    [cells.map(str::to_owned).to_vec()].into_iter().chain(param.choices.iter().map(choice)).collect()
}

fn span((low, high): (f64, f64)) -> String {
    format!("{low}..{high}")
}

/// Doc comments are wrapped where their author's lines end.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn effect_json(effect: &EffectType) -> Json {
    let spec = effect.spec();
    let inputs =
        spec.inputs.iter().map(|input| json!({ "name": input.name, "optional": input.optional, "mask": input.mask }));
    json!({
        "id": spec.id,
        "type_name": spec.type_name,
        "label": spec.label,
        "version": spec.version,
        "help": spec.help,
        "tags": spec.tags,
        "inputs": inputs.collect::<Vec<_>>(),
        "params": spec.params.iter().map(param_json).collect::<Vec<_>>(),
        "file": effect.path(),
    })
}

fn param_json(param: &ParamSpec) -> Json {
    let choice = |choice: &ChoiceSpec| json!({ "key": choice.key, "label": choice.label, "doc": choice.doc });
    json!({
        "name": param.name,
        "label": param.label,
        "kind": param.kind.name(),
        "default": value_json(&param.default),
        "hard_range": param.hard_range,
        "soft_range": param.soft_range,
        "step": param.step,
        "unit": param.unit,
        "doc": param.doc,
        "group": param.group,
        "choices": param.choices.iter().map(choice).collect::<Vec<_>>(),
        "enabled_if": param.enabled_if,
        "renamed_from": param.renamed_from,
    })
}

/// A value as JSON has it.
pub(super) fn value_json(value: &Value) -> Json {
    match value {
        Value::Bool(v) => json!(v),
        Value::Int(v) => json!(v),
        Value::Float(v) => json!(v),
        Value::String(v) | Value::Choice(v) => json!(v),
        Value::Vec2(v) => json!(v),
        Value::Vec3(v) => json!(v),
        Value::Vec4(v) | Value::Color(v) => json!(v),
        Value::Uuid(bytes) => json!(uuid::Uuid::from_bytes(*bytes).to_string()),
        Value::List(items) => items.iter().map(value_json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value_json(value))).collect(),
    }
}
