//! Values of a project by their path in its file, for one run: `comp.Main.layer.Title.opacity=0.5`.
//!
//! The path names tables as the file does, each followed by the name of one of them: a name as it is, or in quotes where
//! it holds anything else than letters, digits, `_` and `-`, or a uuid. The value is written as in the file; what is no
//! value there is taken for a text.

use std::str::FromStr;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::handle::{Node, Project};
use super::save::{Data, Tree, toml_text};
use crate::suggest::did_you_mean;

/// What a path begins with.
const ROOTS: [&str; 6] = ["project", "media", "camera", "solid", "text", "comp"];

/// A value for one attribute or parameter of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    text: String,
    path: Vec<String>,
    value: Value,
}

/// Why nothing was set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}: {reason}")]
pub struct AssignError {
    /// The assignment as it was written.
    pub text: String,
    /// What is wrong, and what there is.
    pub reason: String,
}

impl FromStr for Assignment {
    type Err = AssignError;

    fn from_str(text: &str) -> Result<Self, AssignError> {
        let error = |reason: String| AssignError { text: text.chars().take(200).collect(), reason };
        let expected = "expected PATH=VALUE, such as comp.Main.layer.Title.opacity=0.5";
        let Some((path, value)) = split(text) else { return Err(error(expected.to_owned())) };
        let path = path_of(path).ok_or_else(|| error(format!("{path:?} is no path: {expected}")))?;
        let value = value.trim();
        let value = match read(&format!("value = {value}")).as_ref().map(Tree::value) {
            Some(Ok(value)) => value,
            _ => Value::String(value.to_owned()),
        };
        Ok(Self { text: text.to_owned(), path, value })
    }
}

impl Assignment {
    /// Sets it. An attribute with keys becomes the same at all times.
    ///
    /// # Errors
    /// If the project has no such place, with those it has; if the value does not fit it, with what does.
    pub fn apply(&self, project: &Project) -> Result<(), AssignError> {
        self.set(project).map_err(|reason| AssignError { text: self.text.clone(), reason })
    }

    fn set(&self, project: &Project) -> Result<(), String> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let document = project.snapshot();
        let set = |node, name: &str| match project.set_attr(node, name, &self.value) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        match path[..] {
            ["project", name] => set(Node::Project, name),
            ["media", name, attr] => {
                let media = document.media.values().map(|node| (node.uuid(), vec![node.name()]));
                set(Node::Media(one("media", name, media)?), attr)
            }
            ["camera", name, attr] => {
                let cameras = document.cameras.values().map(|node| (node.uuid(), vec![node.name()]));
                set(Node::Camera(one("camera", name, cameras)?), attr)
            }
            ["solid", name, attr] => {
                let solids = document.solids.values().map(|node| (node.uuid(), vec![node.name()]));
                set(Node::Solid(one("solid", name, solids)?), attr)
            }
            ["text", name, attr] => {
                let texts = document.texts.values().map(|node| (node.uuid(), vec![node.name()]));
                set(Node::Text(one("text", name, texts)?), attr)
            }
            ["comp", name, ref rest @ ..] => {
                let comps = document.comps.values().map(|node| (node.uuid(), vec![node.name()]));
                let comp = one("comp", name, comps)?;
                match *rest {
                    [attr] => set(Node::Comp(comp), attr),
                    ["layer", name, ref rest @ ..] => {
                        let layers = document.comps[&comp].layers.iter();
                        let layer = one("layer", name, layers.map(|node| (node.uuid(), vec![node.name()])))?;
                        match *rest {
                            [attr] => set(Node::Layer(layer), attr),
                            ["effect", name, ref rest @ ..] => self.set_effect(project, layer, name, rest),
                            _ => Err("behind a layer stands an attribute, or effect.NAME".to_owned()),
                        }
                    }
                    _ => Err("behind a comp stands an attribute, or layer.NAME".to_owned()),
                }
            }
            [root, ..] if !ROOTS.contains(&root) => {
                let near = did_you_mean(root, ROOTS);
                Err(format!("a path begins with {}, not with {root:?}{near}", ROOTS.join(", ")))
            }
            [root, ..] => Err(format!("behind {root:?} stands the name of one, and then an attribute of it")),
            [] => Err("the path is empty".to_owned()),
        }
    }

    fn set_effect(&self, project: &Project, layer: Uuid, name: &str, rest: &[&str]) -> Result<(), String> {
        let document = project.snapshot();
        let (_, _, layer) = document.layer(layer).ok_or("the layer was removed")?;
        let effects = layer.effects.iter().map(|effect| (effect.uuid, vec![effect.name(), effect.id.as_str()]));
        let effect = one("effect", name, effects)?;
        let set = match (rest, &self.value) {
            (["params", param], value) => project.set_effect_param(effect, param, value),
            (["enabled"], Value::Bool(enabled)) => project.set_effect_enabled(effect, *enabled),
            (["enabled"], other) => return Err(format!("`enabled`: expected true or false, found {other}")),
            (["mix"], Value::Float(mix)) => project.set_effect_mix(effect, *mix),
            (["mix"], Value::Int(mix)) => project.set_effect_mix(effect, *mix as f64),
            (["mix"], other) => return Err(format!("`mix`: expected a number from 0 to 1, found {other}")),
            _ => return Err("behind an effect stands enabled, mix, or params.NAME".to_owned()),
        };
        set.map(drop).map_err(|error| error.to_string())
    }
}

/// The path and the value: what stands before and behind the first `=` that is in no quotes.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '=') => return Some((&text[..at], &text[at + 1..])),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// The only value of a text in TOML.
fn read(text: &str) -> Option<Tree> {
    match toml_text::read(text, None).ok()?.data {
        Data::Table(table) if table.len() == 1 => table.into_iter().next().map(|(_, tree)| tree),
        _ => None,
    }
}

/// The steps of a dotted key of TOML.
fn path_of(key: &str) -> Option<Vec<String>> {
    let mut data = toml_text::read(&format!("{key} = 0"), None).ok()?.data;
    let mut path = Vec::new();
    while let Data::Table(table) = data {
        let mut entries = table.into_iter();
        let (Some((name, tree)), None) = (entries.next(), entries.next()) else { return None };
        path.push(name);
        data = tree.data;
    }
    Some(path)
}

/// The one of that name or uuid.
fn one<'a>(kind: &str, name: &str, all: impl Iterator<Item = (Uuid, Vec<&'a str>)>) -> Result<Uuid, String> {
    let all: Vec<_> = all.collect();
    let named = all.iter().filter(|(uuid, names)| names.contains(&name) || uuid.to_string() == name);
    match named.map(|(uuid, _)| *uuid).collect::<Vec<_>>()[..] {
        [only] => Ok(only),
        [] => {
            let names: Vec<&str> = all.iter().filter_map(|(_, names)| names.first().copied()).collect();
            let near = did_you_mean(name, names.iter().copied());
            let there =
                if names.is_empty() { "there is none".to_owned() } else { format!("there are: {}", names.join(", ")) };
            Err(format!("no {kind} is called {name:?}{near}; {there}"))
        }
        ref several => {
            let uuids: Vec<String> = several.iter().map(Uuid::to_string).collect();
            Err(format!(
                "{} of kind {kind} are called {name:?}; name one by its uuid: {}",
                uuids.len(),
                uuids.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::project::LayerSource;

    #[test]
    fn values_are_those_of_the_file_and_anything_else_is_a_text() {
        for (text, path, value) in [
            ("project.name=010", &["project", "name"][..], Value::String("010".into())),
            ("comp.Main.width = 64", &["comp", "Main", "width"], Value::Int(64)),
            (
                "comp.\"a=b. c\".layer.L-1.opacity=.5",
                &["comp", "a=b. c", "layer", "L-1", "opacity"],
                Value::String(".5".into()),
            ),
            ("comp.M.layer.L.opacity=0.5", &["comp", "M", "layer", "L", "opacity"], Value::Float(0.5)),
            ("comp.M.layer.L.visible=false", &["comp", "M", "layer", "L", "visible"], Value::Bool(false)),
            (
                "comp.M.layer.L.blend_mode=screen",
                &["comp", "M", "layer", "L", "blend_mode"],
                Value::String("screen".into()),
            ),
            ("project.name=\"a # b\"", &["project", "name"], Value::String("a # b".into())),
            ("project.name=", &["project", "name"], Value::String(String::new())),
        ] {
            let read: Assignment = text.parse().expect(text);
            assert_eq!((&read.path.iter().map(String::as_str).collect::<Vec<_>>()[..], &read.value), (path, &value));
        }
        let list: Assignment = "comp.M.layer.L.position=[1, 2.5, 0]".parse().expect("a list");
        assert_eq!(list.value, Value::List(vec![Value::Int(1), Value::Float(2.5), Value::Int(0)]));
        for text in ["", "comp", "=1", "comp.=1", "comp..x=1", "a b=1", "a=1\nb.c=2", "\"=1"] {
            // The line break is part of a text.
            match text.parse::<Assignment>() {
                Ok(read) => assert_eq!(read.value, Value::String("1\nb.c=2".into()), "{text:?}"),
                Err(error) => assert!(error.reason.contains("PATH=VALUE"), "{error}"),
            }
        }
    }

    #[test]
    fn places_are_found_by_name_or_uuid_and_near_names_are_told() {
        let engine = Engine::default();
        let project = engine.new_project();
        let comp = project.add_comp("Main comp", &[]).expect("a comp");
        let solid = project.add_solid("Red", &[]).expect("a solid");
        let layer = |name: &str| {
            let layer = project.add_layer(comp, LayerSource::Solid(solid), None).expect("a layer");
            project.set_attr(Node::Layer(layer), "name", &Value::String(name.to_owned())).expect("it is set");
            layer
        };
        let (title, _, twin) = (layer("Title"), layer("Twin"), layer("Twin"));
        let set = |text: &str| text.parse::<Assignment>().and_then(|set| set.apply(&project));
        let value = |node, name| project.get_attr(node, name).expect("it is there");
        set("comp.\"Main comp\".layer.Title.opacity=0.25").expect("it fits");
        assert_eq!(value(Node::Layer(title), "opacity"), Value::Float(0.25));
        set(&format!("comp.{comp}.layer.{twin}.opacity=1")).expect("a whole number is a number");
        set("solid.Red.color=[0.5, 0, 0, 1]").expect("it fits");
        assert_eq!(value(Node::Solid(solid), "color"), Value::Color([0.5, 0.0, 0.0, 1.0]));
        set("comp.\"Main comp\".width=64").expect("it fits");
        assert_eq!(value(Node::Comp(comp), "width"), Value::Int(64));
        set("project.working_space=acescg").expect("it fits");
        for (text, parts) in [
            ("comp.Main.width=1", &["no comp is called \"Main\"", "there are: Main comp"][..]),
            ("cmop.Main.width=1", &["project, media, camera, solid, text, comp", "did you mean `comp`"]),
            ("comp.\"Main comp\".widht=1", &["widht", "did you mean `width`"]),
            ("comp.\"Main comp\".width=wide", &["width", "wide"]),
            ("comp.\"Main comp\".layer.Titel.opacity=1", &["no layer is called \"Titel\" (did you mean `Title`?)"]),
            ("comp.\"Main comp\".layer.Twin.opacity=1", &["2 of kind layer are called \"Twin\"", "uuid"]),
            ("comp.\"Main comp\".layer.Title.opacity=2", &["opacity", "2"]),
            (
                "comp.\"Main comp\".layer.Title.effect.Blur.params.radius=2",
                &["no effect is called \"Blur\"; there is none"],
            ),
            ("comp.\"Main comp\".layer.Title.effect=2", &["effect"]),
            ("solid.Red=1", &["behind \"solid\" stands the name of one"]),
            ("camera.A.fov=1", &["no camera is called \"A\"; there is none"]),
        ] {
            let error = set(text).expect_err(text).to_string();
            assert!(error.starts_with(text) && parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
