//! Several plugins, and several generations of one, in one process.

use std::path::PathBuf;
use std::process::Command;

use playa_host::engine::Engine;
use playa_host::plugin::Registry;
use playa_host::project::{LoadOptions, SaveOptions, Value};
use playa_host::render::RenderOptions;
use playa_tests::plugin;

use crate::support::{Scene, assert_image, flat, picture};

const PIXEL: [f32; 4] = [0.5, 0.25, 2.0, 1.0];
/// Doubled by version 1.
const OLD: [f32; 4] = [1.0, 0.5, 4.0, 1.0];
/// Doubled and lifted by an eighth, as version 2 does by default.
const NEW: [f32; 4] = [1.125, 0.625, 4.125, 1.0];

fn install(package: &str, path: &PathBuf) {
    std::fs::copy(plugin(package), path).expect("the file can be written");
}

fn doubled(engine: &Engine) -> Scene<'_> {
    let scene = Scene::on(engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    scene
}

#[test]
fn a_replaced_file_is_a_new_generation_for_new_renders_and_snapshots_keep_the_old() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
    install("fixture-gain", &path);
    let engine = Engine::default();
    engine.registry().load_file(&path).expect("version 1");
    let scene = doubled(&engine);
    let before = engine.effects();
    assert_image(&scene.render(), 0.0, flat(OLD));

    // In place, as `cp` does: the library that is open must not be the file that changes.
    install("fixture-gain-2", &path);
    assert_image(&scene.render(), 0.0, flat(OLD));
    engine.registry().load_file(&path).expect("version 2");
    // The parameter carries over by its former name.
    assert_image(&scene.render(), 0.0, flat(NEW));
    let options = RenderOptions::default();
    let snapshot = engine.renderer().render(&scene.project.snapshot(), &before, scene.comp, 0, &options);
    assert_image(&snapshot.expect("the old generation renders").image, 0.0, flat(OLD));

    // A bad file leaves the generation before it in place.
    std::fs::write(&path, b"half a pl").expect("the file can be written");
    engine.registry().load_file(&path).expect_err("it is refused");
    assert_image(&scene.render(), 0.0, flat(NEW));
    install("fixture-gain", &path);
    engine.registry().load_file(&path).expect("version 1 again");
    assert_image(&scene.render(), 0.0, flat(OLD));
    let files = engine.effects();
    assert_eq!(files.files().len(), 1, "one report for one file: {:?}", files.files());
}

#[test]
fn two_versions_in_two_files_coexist_and_each_project_gets_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = crate::support::engine_with(&["fixture-gain"]);
    let old_file = folder.path().join("old.playa");
    let save = |scene: &Scene<'_>, file| scene.project.save(file, &SaveOptions::default()).expect("saved");
    save(&doubled(&first), &old_file);
    let second = crate::support::engine_with(&["fixture-gain-2"]);
    let new_file = folder.path().join("new.playa");
    save(&doubled(&second), &new_file);

    for order in [["fixture-gain", "fixture-gain-2"], ["fixture-gain-2", "fixture-gain"]] {
        let both = crate::support::engine_with(&order);
        let effects = both.effects();
        assert_eq!(effects.iter().count(), 2);
        assert_eq!(effects.find("Gain").expect("it is there").spec().version, "2.0.0", "the highest");
        for (file, pixel) in [(&old_file, OLD), (&new_file, NEW)] {
            let project = both.load_project(file, &LoadOptions { strict: true }).expect("it loads");
            let comp = project.comp_named("Main").expect("its comp");
            let frame = both.render(&project, comp, 0, &RenderOptions::default()).expect("it renders");
            assert_image(&frame.image, 0.0, flat(pixel));
        }
    }
    // With version 2 alone, the project of version 1 gets that.
    let project = second.load_project(&old_file, &LoadOptions::default()).expect("it loads");
    let comp = project.comp_named("Main").expect("its comp");
    let frame = second.render(&project, comp, 0, &RenderOptions::default()).expect("it renders");
    assert_image(&frame.image, 0.0, flat(NEW));
}

#[test]
fn the_same_file_in_two_engines_is_two_libraries() {
    let engines = [crate::support::engine_with(&["fixture-gain"]), crate::support::engine_with(&["fixture-gain"])];
    for engine in &engines {
        assert_image(&doubled(engine).render(), 0.0, flat(OLD));
    }
    let [first, second] = engines;
    drop(first);
    assert_image(&doubled(&second).render(), 0.0, flat(OLD));
}

/// Set in the child, whose folder for temporary files nobody else uses.
const CHILD: &str = "PLAYA_TEST_LOAD_IN_A_CHILD";

/// Windows cannot remove the file of an open library.
#[cfg(unix)]
#[test]
fn no_private_copy_stays_behind() {
    if std::env::var_os(CHILD).is_some() {
        let registry = Registry::default();
        registry.load_file(&plugin("fixture-gain")).expect("it loads");
        registry.load_file(&plugin("fixture-panic-in-describe")).expect_err("it is refused after it was opened");
        registry.load_file(&plugin("fixture-no-symbol")).expect_err("it is refused before");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    plugin("fixture-gain");
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "generations::no_private_copy_stays_behind"])
        .env(CHILD, "1")
        .env("TMPDIR", folder.path())
        .output()
        .expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder can be read").collect();
    assert!(left.is_empty(), "{left:?}");
}
