//! `playa new`: crates that build, are tested, and make plugins.

use std::path::{Path, PathBuf};

use playa_host::engine::Engine;
use playa_host::project::LayerSource;
use playa_tests::{build, repository};

use super::Desk;
use crate::support::{Scene, noise, picture};

const KINDS: [&str; 5] = ["pixel", "area", "full", "generator", "temporal"];

impl Desk {
    /// Lets the crates of this desk be built of what this repository has built, with nothing from elsewhere.
    pub(super) fn prepare_cargo(&self) {
        std::fs::create_dir(self.path(".cargo")).expect("a folder");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
        let target = target.to_str().expect("it is text");
        // Dependencies as the workspace has them, so that they are not compiled once more.
        let config = format!(
            "[build]\nbuild-dir = {target:?}\n[net]\noffline = true\n[profile.dev.package.\"*\"]\nopt-level = 2\n"
        );
        self.write(".cargo/config.toml", &config);
    }

    /// A crate of this kind that depends on the SDK of this repository, in the versions that this repository has.
    pub(super) fn new_crate(&self, name: &str, kind: &str) -> PathBuf {
        let sdk = repository().join("plugin-api");
        let args = ["new", name, "--kind", kind, "--json", "--api-path", sdk.to_str().expect("it is text")];
        let made = self.playa(&args);
        made.expect(0, &[]);
        let json = made.json();
        assert_eq!((json["kind"].as_str(), json["folder"].as_str()), (Some(kind), Some(name)));
        let folder = self.path(name);
        for file in json["files"].as_array().expect("a list") {
            let text = std::fs::read_to_string(folder.join(file.as_str().expect("a path"))).expect("it is there");
            assert!(!text.contains("__"), "{file} has a place that is not filled in");
        }
        std::fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).expect("it is copied");
        folder
    }
}

#[test]
fn a_crate_of_each_kind_builds_passes_its_tests_and_renders() {
    let desk = Desk::with(&[]);
    desk.prepare_cargo();
    for kind in KINDS {
        let folder = desk.new_crate(&format!("new-{kind}"), kind);
        let cargo = |args: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO"));
            command.current_dir(&folder).args(args);
            command
        };
        // Tests, and the bench once.
        let tested = cargo(&["test", "--quiet", "--tests", "--benches"]).output().expect("cargo runs");
        let said = String::from_utf8_lossy(&tested.stdout);
        assert!(tested.status.success(), "{kind}: {said}{}", String::from_utf8_lossy(&tested.stderr));
        assert!(said.contains("test result: ok. ") && said.contains(" ns a pixel"), "{kind}: {said}");

        let built = build(&mut cargo(&["build", "--quiet", "--message-format", "json-render-diagnostics"]));
        let engine = Engine::default();
        let plugin = engine.registry().load_file(&built[&format!("new-{kind}")]).unwrap_or_else(|e| panic!("{e}"));
        let spec = plugin.effects[0].spec();
        assert_eq!(spec.id, format!("com.example.new_{kind}"));
        assert!(!spec.help.is_empty() && spec.params.iter().all(|param| !param.doc.is_empty()), "{spec:?}");

        let scene = Scene::on(&engine, 64, 48);
        let layer = scene.layer_of(LayerSource::Memory(picture(64, 48, noise(7))));
        let before = scene.render_at(4);
        scene.effect(layer, &spec.id, &[]);
        let after = scene.render_at(4);
        let different = (0..48)
            .flat_map(|y| (0..64).map(move |x| (x, y)))
            .filter(|&(x, y)| before.pixel(x, y) != after.pixel(x, y));
        // A trail of what stands still is the same picture, to a rounding.
        assert!(kind == "temporal" || different.count() > 1000, "{kind}: it does something with what it starts with");
        assert!(after.values().iter().all(|value| value.is_finite()), "{kind}");
    }
}

#[test]
fn nothing_is_made_of_what_is_wrong() {
    let desk = Desk::with(&[]);
    desk.write("taken", "mine");
    let sdk = repository().join("plugins/gamma");
    for (args, said) in [
        (&["Film Grain"][..], "hint: call it film-grain"),
        (&["type"], "my-type"),
        (&["glow", "--kind", "pixle"], "expected one of pixel, area, full, generator, temporal"),
        (&["glow", "--id", "glow"], "com.example.glow"),
        (&["glow", "--path", "nowhere/glow"], "the folder above it does not exist"),
        (&["taken"], "hint: name another folder with --path DIR"),
        (&["glow", "--api", "one"], "--api"),
        (&["glow", "--api-path", "nowhere"], "plugin-api in Playa's repository"),
        (&["glow", "--api-path", sdk.to_str().expect("it is text")], "another crate"),
    ] {
        desk.playa(&[&["new"], args].concat()).expect(2, &["error: ", said]);
    }
    assert_eq!(std::fs::read_to_string(desk.path("taken")).expect("it is there"), "mine");
    assert_eq!(desk.names("."), ["playa.toml", "plugins", "taken"]);
}

#[test]
fn a_version_is_asked_for_by_default_and_the_next_steps_are_told() {
    let desk = Desk::with(&[]);
    let made = desk.playa(&["new", "film-grain", "--id", "org.example.Grain", "--path", "an effect"]);
    made.expect(0, &[]);
    for part in
        ["FilmGrain, org.example.Grain", "cd 'an effect'", "playa dev", "cargo test", "playa effects show FilmGrain"]
    {
        assert!(made.out.contains(part), "{part:?} is not in {made:?}");
    }
    let manifest = std::fs::read_to_string(desk.path("an effect/Cargo.toml")).expect("it is there");
    assert!(
        manifest.contains("name = \"film-grain\"") && manifest.contains("playa-plugin-api = \"1.0\""),
        "{manifest}"
    );
    desk.playa(&["new", "other", "--api", "1.2.3"]).expect(0, &[]);
    let manifest = std::fs::read_to_string(desk.path("other/Cargo.toml")).expect("it is there");
    assert!(manifest.contains("playa-plugin-api = \"1.2.3\""), "{manifest}");
    assert_eq!(desk.names("."), ["an effect", "other", "playa.toml", "plugins"]);
}
