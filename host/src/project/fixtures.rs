//! What the tests of projects share.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::{Alpha, ChoiceSpec, EffectSpec, ParamSpec, Rect, Traits, Value};

use super::{EffectLookup, MediaAccess, MediaFacts, Wish};
use crate::image::{Frame, Image};

/// Media whose header says 320x180, unless the file is called `broken`; written files are empty.
pub fn media() -> Arc<dyn MediaAccess> {
    struct Media;
    impl MediaAccess for Media {
        fn probe(&self, path: &Path) -> Result<MediaFacts, String> {
            match path.to_string_lossy().contains("broken") {
                true => Err("this is no EXR".to_string()),
                false => Ok(MediaFacts { size: Some((320, 180)), ..MediaFacts::default() }),
            }
        }

        fn check(&self, _: &Path, wish: &Wish, _: bool) -> Result<(), String> {
            match wish.channels.as_ref().map(ToString::to_string) {
                Some(channels) if channels != "diffuse" => Err(format!("there are no channels {channels:?}")),
                _ => Ok(()),
            }
        }

        fn write(&self, path: &Path, _: &Frame) -> Result<(), String> {
            std::fs::write(path, b"").map_err(|error| error.to_string())
        }
    }
    Arc::new(Media)
}

/// A folder with a sequence of empty files `NAME.0001.exr`.
pub fn footage(name: &str, frames: RangeInclusive<i64>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for frame in frames {
        std::fs::write(folder.path().join(format!("{name}.{frame:04}.exr")), b"").expect("a file");
    }
    folder
}

/// One pixel.
pub fn memory_frame(value: f32) -> Arc<Frame> {
    let window = Rect::of_size(1, 1);
    let image = Image::from_vec(window, vec![value; 4]).expect("four values");
    Arc::new(Frame { display_window: window, ..Frame::new(image) })
}

/// A registry with a blur and an effect that has a parameter of every kind.
pub struct Effects;

impl EffectLookup for Effects {
    fn find(&self, id_or_name: &str) -> Option<Arc<EffectSpec>> {
        [blur(), everything()].into_iter().find(|spec| {
            let names = [&spec.id, &spec.type_name, &spec.label];
            names.into_iter().any(|name| name == id_or_name)
        })
    }

    fn names(&self) -> Vec<String> {
        vec!["GaussianBlur".to_string(), "Everything".to_string()]
    }
}

/// A registry without effects.
pub struct NoEffects;

impl EffectLookup for NoEffects {
    fn find(&self, _: &str) -> Option<Arc<EffectSpec>> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

pub fn blur() -> Arc<EffectSpec> {
    let mut radius = param("radius", Value::Float(5.0));
    radius.hard_range = Some((0.0, 10_000.0));
    radius.renamed_from = vec!["size".to_string()];
    let mut edges = param("edges", Value::Choice("clamp".to_string()));
    edges.choices = choices(&["clamp", "black"]);
    effect("org.playa.gaussian_blur", "GaussianBlur", "Gaussian Blur", vec![radius, edges])
}

pub fn everything() -> Arc<EffectSpec> {
    let mut choice = param("choice", Value::Choice("a".to_string()));
    choice.choices = choices(&["a", "b"]);
    let params = vec![
        param("bool", Value::Bool(false)),
        param("int", Value::Int(0)),
        param("float", Value::Float(0.0)),
        param("string", Value::String(String::new())),
        param("vec2", Value::Vec2([0.0; 2])),
        param("vec3", Value::Vec3([0.0; 3])),
        param("vec4", Value::Vec4([0.0; 4])),
        param("color", Value::Color([0.0; 4])),
        choice,
        param("uuid", Value::Uuid([0; 16])),
        param("list", Value::List(Vec::new())),
        param("map", Value::Map(Default::default())),
    ];
    effect("org.playa.test.everything", "Everything", "Everything", params)
}

fn effect(id: &str, type_name: &str, label: &str, params: Vec<ParamSpec>) -> Arc<EffectSpec> {
    Arc::new(EffectSpec {
        id: id.to_string(),
        type_name: type_name.to_string(),
        label: label.to_string(),
        version: "1.2.0".to_string(),
        help: String::new(),
        tags: Vec::new(),
        inputs: Vec::new(),
        params,
        traits: Traits::default(),
        alpha: Alpha::default(),
    })
}

fn param(name: &str, default: Value) -> ParamSpec {
    ParamSpec {
        name: name.to_string(),
        label: name.to_string(),
        kind: default.kind(),
        default,
        hard_range: None,
        soft_range: None,
        step: None,
        unit: String::new(),
        doc: String::new(),
        group: String::new(),
        choices: Vec::new(),
        enabled_if: None,
        renamed_from: Vec::new(),
    }
}

fn choices(keys: &[&str]) -> Vec<ChoiceSpec> {
    let choice = |key: &&str| ChoiceSpec { key: key.to_string(), label: key.to_string(), doc: String::new() };
    keys.iter().map(choice).collect()
}
