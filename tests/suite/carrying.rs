//! Open projects, and what becomes of their values when another generation of a plugin comes.

use std::path::{Path, PathBuf};

use playa_host::engine::Engine;
use playa_host::project::{Carried, Interp, Key, LoadOptions, SaveOptions, Severity, Value};
use playa_host::render::RenderOptions;
use playa_tests::plugin;
use tempfile::TempDir;

use crate::support::{Scene, assert_image, flat, picture};

const PIXEL: [f32; 4] = [0.5, 0.25, 2.0, 1.0];
/// Doubled by version 1.
const OLD: [f32; 4] = [1.0, 0.5, 4.0, 1.0];
/// Doubled and lifted by an eighth, as version 2 does by default.
const NEW: [f32; 4] = [1.125, 0.625, 4.125, 1.0];

struct Desk {
    _folder: TempDir,
    path: PathBuf,
    engine: Engine,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
        let desk = Self { _folder: folder, path, engine: Engine::default() };
        desk.put("fixture-gain");
        desk
    }

    fn put(&self, package: &str) {
        std::fs::copy(plugin(package), &self.path).expect("it is copied");
        self.engine.registry().load_file(&self.path).expect("it loads");
    }
}

#[test]
fn an_open_project_uses_new_parameters_and_finds_its_values_again_when_it_goes_back() {
    let desk = Desk::new();
    let scene = Scene::on(&desk.engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    let effect = scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    let param = |name: &str| scene.project.snapshot().effect(effect).expect("it is there").2.param(name);
    assert!(param("lift").is_err(), "version 1 has none");

    desk.put("fixture-gain-2");
    assert_eq!(param("factor").expect("it has it now"), Value::Float(2.0), "by its former name");
    assert_eq!(param("lift").expect("it has it now"), Value::Float(0.125));
    assert_image(&scene.render(), 0.0, flat(NEW));
    // What is set now has the new names, and is checked by the new ranges.
    scene.project.set_effect_param(effect, "lift", &Value::Float(0.25)).expect("it can be set");
    scene.project.set_effect_param(effect, "factor", &Value::Float(4.0)).expect("it can be set");
    assert_image(&scene.render(), 0.0, flat([2.25, 1.25, 8.25, 1.0]));

    desk.engine.registry().rollback(&desk.path).expect("version 1 is at hand");
    assert_eq!(param("gain").expect("it has it again"), Value::Float(2.0));
    assert_image(&scene.render(), 0.0, flat(OLD));
    let diagnostics = scene.project.diagnostics();
    let [lost] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    assert!(lost.severity == Severity::Warning && lost.message.contains("lift, factor"), "{lost:?}");

    // And forth again, with what was set there.
    desk.engine.registry().rollback(&desk.path).expect("version 2 is at hand");
    assert_image(&scene.render(), 0.0, flat([2.25, 1.25, 8.25, 1.0]));
    let live = desk.engine.effects().file(&desk.path).and_then(|file| file.live.clone()).expect("it is in use");
    assert_eq!(live.number, 2, "going back and forth makes no new generations");
}

#[test]
fn keys_carry_over_to_a_new_name_and_back() {
    let desk = Desk::new();
    let scene = Scene::on(&desk.engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    let effect = scene.effect(layer, "com.example.gain", &[]);
    let key = |name: &str, frame: f64, value: f64| {
        let key = Key::new(frame, Value::Float(value), Interp::Linear);
        scene.project.set_effect_key(effect, name, &key).expect("it can be set")
    };
    key("gain", 0.0, 2.0);
    key("gain", 10.0, 4.0);
    assert_image(&scene.render_at(5), 0.0, flat([1.5, 0.75, 6.0, 1.0]));
    desk.put("fixture-gain-2");
    scene.project.set_effect_param(effect, "lift", &Value::Float(0.0)).expect("it can be set");
    assert_image(&scene.render_at(5), 0.0, flat([1.5, 0.75, 6.0, 1.0]));
    // A key under the new name joins the ones that were there.
    key("factor", 20.0, 6.0);
    assert_image(&scene.render_at(15), 0.0, flat([2.5, 1.25, 10.0, 1.0]));
    assert_image(&scene.render_at(5), 0.0, flat([1.5, 0.75, 6.0, 1.0]));
}

#[test]
fn an_effect_whose_plugin_goes_is_missing_and_comes_back_with_its_values_and_keys() {
    let desk = Desk::new();
    let scene = Scene::on(&desk.engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    let effect = scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    let folder = tempfile::tempdir().expect("a folder");
    let (values, keys) = (folder.path().join("values.playa"), folder.path().join("keys.playa"));
    let save = |file: &Path| scene.project.save(file, &SaveOptions::default()).expect("it is saved");
    save(&values);
    let key = Key::new(0.0, Value::Float(2.0), Interp::Hold);
    scene.project.set_effect_key(effect, "gain", &key).expect("it can be set");
    save(&keys);

    std::fs::remove_file(&desk.path).expect("it is there");
    desk.engine.registry().reload(None);
    assert!(scene.project.snapshot().effect(effect).expect("it stays").2.spec.is_none());
    scene.try_render(0, &RenderOptions::default()).expect_err("the effect is missing");
    // Opened while it is missing, nobody can read the keys.
    let opened: Vec<_> = [&values, &keys]
        .map(|file| desk.engine.load_project(file, &LoadOptions::default()).expect("it opens"))
        .into_iter()
        .collect();
    desk.put("fixture-gain");
    assert_image(&scene.render(), 0.0, flat(OLD));
    for project in opened {
        let comp = project.comp_named("Main").expect("its comp");
        let frame = desk.engine.render(&project, comp, 0, &RenderOptions::default()).expect("it renders again");
        assert_image(&frame.image, 0.0, flat(OLD));
    }
}

#[test]
fn what_is_kept_and_what_is_lost_is_said_by_name_former_name_and_kind() {
    let desk = Desk::new();
    let old = desk.engine.effects().find("com.example.gain").expect("version 1").spec().clone();
    desk.put("fixture-gain-2");
    let new = desk.engine.effects().find("com.example.gain").expect("version 2").spec().clone();
    let carried = Carried::between(&old, &new);
    assert_eq!(carried.renamed, [("gain".to_owned(), "factor".to_owned())]);
    assert!(carried.kept.is_empty() && carried.converted.is_empty() && carried.lost.is_empty());
    let values = [
        ("factor", Value::Int(3)),
        ("lift", Value::String("much".into())),
        ("gone", Value::Bool(true)),
        ("gain", Value::Float(1e6)),
    ];
    let carried = Carried::of(values.iter().map(|(name, value)| (*name, value)), &new);
    assert_eq!(carried.converted, ["factor"]);
    assert_eq!(carried.lost, ["lift", "gone", "gain"], "no number, no such parameter, out of range");
}
