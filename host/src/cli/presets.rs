//! `playa presets`: named values for the parameters of effects.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::console;
use super::effects::value_json;
use super::failure::{Exit, Failure};
use crate::delivery::Output;
use crate::engine::Engine;
use crate::media::{self, ReadOptions, WriteOptions};
use crate::plugin::{EffectType, bundle};
use crate::project::preset::{Preset, Shelf, Shelved};
use crate::project::{Effect, find_effect};
use crate::render::{Application, Region, RenderOptions};

/// List the presets of effects, show one, or apply one to a picture.
///
/// Presets are in the folders of PLAYA_PRESET_PATH, in the user's configuration folder (playa/presets), and in the bundles
/// that effects come from. Of several with one name, the first counts. Files that are no presets are told on stderr.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Action>,
    /// Only those of this effect, by its type name, id or label.
    #[arg(long, value_name = "EFFECT")]
    effect: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
}

const HELP: &str = "\
Examples:
  playa presets
  playa presets --effect GaussianBlur
  playa presets show GaussianBlur Soft
  playa presets apply GaussianBlur Soft plate.exr -o soft.exr";

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the values of a preset.
    Show(Named),
    /// Write what an effect with the values of a preset makes of a picture.
    Apply(Apply),
}

#[derive(Debug, clap::Args)]
struct Named {
    /// The effect, by its type name, id or label.
    effect: String,
    /// The preset, by its name, or by the path of its file (.toml).
    preset: String,
}

#[derive(Debug, clap::Args)]
struct Apply {
    #[command(flatten)]
    named: Named,
    /// The picture.
    image: PathBuf,
    /// Where the result goes: a path ending in .exr or .png.
    #[arg(short, long, value_name = "FILE")]
    output: String,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let engine = super::engine(built_in)?;
    match &args.command {
        None => list(&engine, args.effect.as_deref(), args.json),
        Some(_) if args.effect.is_some() => Err(Failure::usage("--effect is for the list: leave it out")),
        Some(Action::Show(named)) => show(&engine, named, args.json),
        Some(Action::Apply(apply)) => apply.run(&engine, args.json),
    }
}

fn list(engine: &Engine, effect: Option<&str>, as_json: bool) -> Result<Exit, Failure> {
    let effects = engine.effects();
    let asked = effect.map(|name| find_effect(&*effects, name)).transpose().map_err(Failure::usage)?;
    let mut found = Vec::new();
    for kind in effects.iter().filter(|kind| asked.as_ref().is_none_or(|asked| asked == kind.spec())) {
        found.extend(shelf(kind).presets.into_iter().map(|shelved| (kind.spec().type_name.clone(), shelved)));
    }
    if as_json {
        console::print_json(&found.iter().map(|(_, shelved)| preset_json(shelved)).collect::<Vec<_>>())?;
    } else if found.is_empty() {
        console::say("no presets: effects in Python save some, and bundles bring some");
    } else {
        let head = ["EFFECT", "PRESET", "FROM", "WHAT IT IS FOR"].map(String::from).to_vec();
        let row = |(effect, Shelved { preset, origin }): &(String, Shelved)| {
            vec![effect.clone(), preset.name.clone(), origin.name().to_owned(), crate::plugin::one_line(&preset.about)]
        };
        console::print(&console::table(&[head].into_iter().chain(found.iter().map(row)).collect::<Vec<_>>()))?;
    }
    Ok(Exit::Ok)
}

/// The presets of an effect. What is no preset is told.
fn shelf(kind: &EffectType) -> Shelf {
    let shelf = Shelf::of(&kind.spec().id, bundle::presets_of(kind.path()).as_deref());
    shelf.problems.iter().for_each(console::warn);
    shelf
}

impl Named {
    /// The effect with the values of the preset; what was left out is told.
    fn effect(&self, engine: &Engine) -> Result<(Effect, Shelved), Failure> {
        let effects = engine.effects();
        let spec = find_effect(&*effects, &self.effect).map_err(Failure::usage)?;
        let kind = effects.find(&spec.id).expect("it was found by this name just now");
        let shelved = shelf(kind).named(&spec.type_name, &self.preset).map_err(Failure::usage)?;
        let mut effect = Effect::new(spec);
        let left_out = shelved.preset.apply(&mut effect).map_err(|error| Failure::new(Exit::Failed, error))?;
        left_out.iter().for_each(console::warn);
        Ok((effect, shelved))
    }
}

fn show(engine: &Engine, named: &Named, as_json: bool) -> Result<Exit, Failure> {
    let (effect, shelved) = named.effect(engine)?;
    if as_json {
        console::print_json(&preset_json(&shelved))?;
        return Ok(Exit::Ok);
    }
    let Preset { name, about, version, file, params, .. } = &shelved.preset;
    let mut text = format!("{name} ({}, {} {version})\n", effect.name(), effect.id);
    if !about.is_empty() {
        text += &format!("{about}\n");
    }
    let file = file.as_ref().map_or_else(String::new, |file| file.display().to_string());
    text += &format!("\n{}\n", console::table(&[vec!["file".to_owned(), file]]));
    let row = |(name, value): (&String, &crate::project::Value)| vec![name.clone(), value.to_string()];
    console::print(&(text + &console::table(&params.iter().map(row).collect::<Vec<_>>())))?;
    Ok(Exit::Ok)
}

fn preset_json(Shelved { preset, origin }: &Shelved) -> Json {
    let params: serde_json::Map<_, _> =
        preset.params.iter().map(|(name, value)| (name.clone(), value_json(value))).collect();
    json!({
        "name": preset.name,
        "about": preset.about,
        "effect": preset.effect,
        "version": preset.version,
        "origin": origin.name(),
        "file": preset.file,
        "params": params,
    })
}

impl Apply {
    fn run(&self, engine: &Engine, as_json: bool) -> Result<Exit, Failure> {
        let output = Output::at(&self.output)?;
        let (effect, shelved) = self.named.effect(engine)?;
        let effects = engine.effects();
        let kind = effects.find(&effect.id).expect("it was found by this name just now");
        let inputs = &kind.spec().inputs;
        if inputs.first().is_none_or(|first| first.optional) || inputs.iter().skip(1).any(|input| !input.optional) {
            let names: Vec<&str> = inputs.iter().map(|input| &*input.name).collect();
            let takes = if names.is_empty() { "no picture".to_owned() } else { names.join(", ") };
            let message = format_args!("{} takes {takes}, and this command gives one picture", effect.name());
            return Err(Failure::usage(message).hint("call it from Python"));
        }
        let picture =
            media::read(&self.image, &ReadOptions::default()).map_err(|error| Failure::new(Exit::BadProject, error))?;
        let values = effect.values().expect("its plugin is loaded");
        let mut pictures = vec![None; inputs.len()];
        pictures[0] = Some(&picture);
        let application = Application { effect: kind, values: &values, pictures: &pictures, canvas: None, frame: 0 };
        let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
        let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error.to_string());
        let result = engine.renderer().apply(application, &options).map_err(|error| failed(&error))?;
        output.make_folder()?;
        let path = output.path(0);
        media::write(&path, &result, &WriteOptions::default()).map_err(|error| failed(&error))?;
        if as_json {
            console::print_json(&json!({ "output": path, "preset": preset_json(&shelved) }))?;
        } else {
            console::print(&format!("{}\n", path.display()))?;
        }
        Ok(Exit::Ok)
    }
}
