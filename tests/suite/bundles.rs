//! Plugins as folders: what the host finds in them, and what it refuses.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use playa_host::conformance::{Options, Outcome, Program, validate};
use playa_host::engine::Engine;
use playa_host::plugin::watch::Notice;
use playa_host::plugin::{
    Bundle, Isolation, LoadError, PluginEvent, Policy, Registry, Rules, SearchPath, Watcher, bundle, lock,
};
use playa_host::project::preset::Shelf;
use playa_tests::{plugin, program};

use crate::support::{bundle, bundle_of, new_build};

/// A busy machine takes its time. Nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

const SOFT: &str =
    "preset = 1\nname = \"Soft\"\neffect = \"com.example.gain\"\nversion = \"1.0.0\"\n[params]\ngain = 0.5\n";

fn scan(folder: &Path) -> Registry {
    Registry::scan(&SearchPath { directories: vec![folder.to_owned()] })
}

/// A build of a package that no other equals, as a library of the name `fixture-gain` in a folder.
fn build(package: &str, folder: &Path) -> PathBuf {
    let library = folder.join(format!("fixture-gain.{}", std::env::consts::DLL_EXTENSION));
    std::fs::write(&library, new_build(package)).expect("it is written");
    library
}

/// The same for another machine, as far as it says so itself.
fn foreign_build(folder: &Path) -> PathBuf {
    let library = build("fixture-gain", folder);
    let mut bytes = std::fs::read(&library).expect("it is there");
    let (here, there) = (b"x86_64-unknown-linux-gnu", b"mips64-unknown-linux-gnu");
    let places: Vec<usize> = (0..bytes.len() - here.len()).filter(|at| bytes[*at..].starts_with(here)).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + here.len()].copy_from_slice(there));
    std::fs::write(&library, bytes).expect("it is written");
    library
}

fn edit(bundle: &Path, from: &str, to: &str) {
    let path = bundle.join(bundle::MANIFEST);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("it is written");
}

#[test]
fn a_bundle_is_its_library_for_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = bundle("fixture-gain", folder.path(), &[("soft", SOFT)]);
    assert_eq!(made, folder.path().join("fixture-gain.playa"));
    let manifest = Bundle::read(&made).expect("it was made").manifest;
    assert_eq!((&*manifest.id, &*manifest.name, &*manifest.license), ("com.example.gain", "Gain", "MIT"));
    let registry = scan(folder.path());
    let effects = registry.effects();
    let [file] = effects.files() else { panic!("{:?}", effects.files()) };
    assert_eq!((&file.error, bundle::folder_of(&file.path)), (&None, Some(&*made)));
    let gain = effects.find("com.example.gain").expect("it is there");
    assert_eq!(gain.path(), made.join(&manifest.libraries[0].file));
    let shelf = Shelf::of("com.example.gain", bundle::presets_of(gain.path()).as_deref());
    let soft = shelf.named("Gain", "Soft").expect("it came with it");
    assert_eq!((soft.origin.name(), soft.preset.params.len()), ("bundle", 1));
    // It is the same by its own name, also as a folder of the search path.
    let registry = Registry::default();
    registry.load_file(&made).expect("it is a plugin");
    assert_eq!(registry.effects().files()[0].path, gain.path());
    assert_eq!(registry.known_as(&made), gain.path());
    assert_eq!(scan(&made).effects().iter().count(), 1);
}

#[test]
fn what_is_not_what_it_says_is_refused_and_hides_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::copy(
        plugin("fixture-generator"),
        folder.path().join(format!("other.{}", std::env::consts::DLL_EXTENSION)),
    )
    .expect("it is copied");
    let hash = "hash = \"";
    /// Its name, what is done to a bundle, and what is said of that.
    type Case<'a> = (&'a str, &'a dyn Fn(&Path), &'a str);
    let cases: [Case<'_>; 9] = [
        ("format", &|bundle| edit(bundle, "bundle = 1", "bundle = 2"), "it is of format 2, this Playa reads 1: update"),
        ("text", &|bundle| edit(bundle, "bundle = 1", "bundle = "), "plugin.toml: TOML parse error"),
        ("none", &|bundle| std::fs::remove_file(bundle.join("plugin.toml")).expect("it is there"), "plugin.toml: "),
        ("hash", &|bundle| edit(bundle, hash, "hash = \"0"), "says 0"),
        (
            "effect",
            &|bundle| {
                edit(
                    bundle,
                    "name = \"Gain\"\nversion = \"1.0.0\"\n\n[[library",
                    "name = \"Gain\"\nversion = \"1.0.1\"\n\n[[library",
                )
            },
            "is Gain (com.example.gain 1.0.0), plugin.toml says Gain (com.example.gain 1.0.1)",
        ),
        (
            "id",
            &|bundle| edit(bundle, "[[effect]]\nid = \"com.example.gain\"", "[[effect]]\nid = \"com.example.loss\""),
            "plugin.toml says Gain (com.example.loss 1.0.0)",
        ),
        (
            "machine",
            &|bundle| edit(bundle, "platform = \"", "platform = \"other-"),
            "it has no library for this machine (",
        ),
        ("leaving", &|bundle| edit(bundle, "file = \"", "file = \"../"), "leaves the bundle"),
        ("gone", &|bundle| edit(bundle, "file = \"", "file = \"no-"), "no-"),
    ];
    for (name, break_it, expected) in cases {
        let made = bundle("fixture-gain", folder.path(), &[]);
        break_it(&made);
        let registry = scan(folder.path());
        let effects = registry.effects();
        assert_eq!(effects.iter().count(), 1, "{name}: the other one is there");
        let error = effects.files().iter().find_map(|file| file.error.clone()).expect(name);
        assert!(matches!(&error, LoadError::Bundle { path, .. } if *path == made), "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains('\n'), "{name}: {text}");
        // Made anew, it is in use, and nothing of the error is left.
        std::fs::remove_dir_all(&made).expect("it is there");
        bundle("fixture-gain", folder.path(), &[]);
        registry.reload(None);
        let effects = registry.effects();
        assert_eq!((effects.iter().count(), effects.files().len()), (2, 2), "{name}: {:?}", effects.files());
    }
    #[cfg(unix)]
    {
        let made = bundle("fixture-gain", folder.path(), &[]);
        let library = Bundle::read(&made).and_then(|bundle| bundle.library_here()).expect("it is whole");
        let aside = outside.path().join("aside.so");
        std::fs::rename(&library, &aside).expect("it is moved");
        std::os::unix::fs::symlink(&aside, &library).expect("a link");
        let error = Registry::default().load_file(&made).expect_err("it leads out").to_string();
        assert!(error.contains("leads out of it, to"), "{error}");
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn platforms_are_added_to_a_bundle_as_long_as_they_are_the_same_plugin() {
    let (folder, own) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    bundle_of(&foreign_build(own.path()), folder.path(), &[]);
    assert_eq!(scan(folder.path()).effects().iter().count(), 0);
    let made = bundle_of(&build("fixture-gain", own.path()), folder.path(), &[("soft", SOFT)]);
    let platforms =
        |bundle: &Bundle| bundle.manifest.libraries.iter().map(|library| library.platform.clone()).collect::<Vec<_>>();
    let both = Bundle::read(&made).expect("it is whole");
    assert_eq!(platforms(&both), ["mips64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]);
    assert_eq!(scan(folder.path()).effects().iter().count(), 1);
    // The same platform once more takes the place of the one before.
    bundle_of(&build("fixture-gain", own.path()), folder.path(), &[]);
    let again = Bundle::read(&made).expect("it is whole");
    assert_eq!(platforms(&again), platforms(&both));
    assert_eq!(again.manifest.libraries[0], both.manifest.libraries[0]);
    assert_ne!(again.manifest.libraries[1].hash, both.manifest.libraries[1].hash);
    // Another version for one of them alone would be two plugins in one.
    let mut command = std::process::Command::new(program());
    command.arg("bundle").arg(build("fixture-gain-2", own.path())).arg("--out").arg(folder.path());
    let refused = command.args(["--license", "MIT"]).output().expect("it runs");
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert!(error.contains("for mips64-unknown-linux-gnu it has com.example.gain 1.0.0"), "{error}");
    assert!(error.contains("hint: remove "), "{error}");
    assert_eq!(Bundle::read(&made).expect("it is whole"), again, "nothing was changed");
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("it is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Whatever is told next.
fn next(events: &std::sync::mpsc::Receiver<PluginEvent>) -> PluginEvent {
    events.recv_timeout(PATIENCE).expect("something is told")
}

#[test]
fn a_bundle_that_is_made_anew_changed_in_place_or_removed_is_so_for_the_host() {
    for notice in [Notice::Events, Notice::Listing] {
        let (folder, own) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let made = bundle_of(&build("fixture-gain", own.path()), folder.path(), &[]);
        let engine = Engine::with_plugins(&SearchPath { directories: vec![folder.path().to_owned()] });
        let (sender, events) = channel();
        engine.registry().observe(move |event| drop(sender.send(event.clone())));
        let _watcher = Watcher::start(engine.registry(), notice).expect("a thread");
        let library = Bundle::read(&made).and_then(|bundle| bundle.library_here()).expect("it is whole");
        let is_reload = |event: &PluginEvent| matches!(event, PluginEvent::Reloaded { path, .. } if *path == library);

        bundle_of(&build("fixture-gain", own.path()), folder.path(), &[]);
        let event = next(&events);
        assert!(is_reload(&event), "{event:?}");

        // In place, the library comes before the manifest that says so: it waits for that.
        let bytes = new_build("fixture-gain");
        std::fs::write(&library, &bytes).expect("it is written");
        let event = events.recv_timeout(Duration::from_millis(150));
        assert!(event.is_err(), "{event:?}");
        let old = Bundle::read(&made).expect("it is there").manifest.libraries[0].hash.clone();
        edit(&made, &old, blake3::hash(&bytes).to_hex().as_str());
        let event = next(&events);
        assert!(is_reload(&event), "{event:?}");

        // What never fits is told once, and what was in use goes on.
        edit(&made, "hash = \"", "hash = \"0");
        let event = next(&events);
        assert!(matches!(&event, PluginEvent::Failed { error: LoadError::Bundle { .. }, .. }), "{event:?}");
        assert_eq!(engine.effects().iter().count(), 1);

        std::fs::remove_dir_all(&made).expect("it is there");
        loop {
            match next(&events) {
                PluginEvent::Removed { effects, .. } if !effects.is_empty() => break,
                PluginEvent::Failed { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(engine.effects().iter().count(), 0);
        bundle_of(&build("fixture-gain", own.path()), folder.path(), &[]);
        let event = next(&events);
        assert!(matches!(&event, PluginEvent::Loaded { path, .. } if *path == library), "{event:?}");
    }
}

#[test]
fn a_lock_file_beside_a_bundle_and_rules_by_its_name_hold_for_its_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = bundle("fixture-gain", folder.path(), &[]);
    let registry = scan(folder.path());
    let plugin = registry.effects().files()[0].live.clone().expect("it is in use").plugin;
    lock::write(&folder.path().join(lock::NAME), [&*plugin]).expect("it is written");
    let locked = Registry::scan_with(&SearchPath { directories: vec![folder.path().to_owned()] }, Policy::default());
    assert_eq!(locked.effects().iter().count(), 1);
    let own = tempfile::tempdir().expect("a folder");
    bundle_of(&build("fixture-gain", own.path()), folder.path(), &[]);
    let error = locked.load_file(&made).expect_err("it has another hash");
    assert!(matches!(&error, LoadError::NotLocked { .. }), "{error}");
    let rules = |name: &str| Rules { of: [(name.into(), Isolation::Process)].into(), ..Rules::default() };
    assert!(rules("fixture-gain.playa").isolates(&plugin.path, false));
    assert!(!rules("other.playa").isolates(&plugin.path, false));
}

#[test]
fn the_presets_of_a_bundle_are_checked_with_its_plugin() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = SOFT.replace("Soft", "Old").replace("1.0.0", "0.9.0").replace("gain = 0.5", "gain = 2.0\ngamma = 1.0");
    let checked = |presets: &[(&str, &str)]| {
        let made = bundle("fixture-gain", folder.path(), presets);
        let program = Program { path: program().to_owned(), arguments: Vec::new() };
        let only = ["presets-apply", "file-complete"].map(str::to_owned).to_vec();
        let report = validate(&[made], &Options { only, ..Options::new(program) }, &|_, _, _, _| {});
        let outcome = |name: &str| report.checks().find(|check| check.name == name).expect("it ran").clone();
        assert_eq!(outcome("file-complete").outcome, Outcome::Passed);
        outcome("presets-apply")
    };
    assert_eq!(checked(&[]).outcome, Outcome::Skipped);
    assert_eq!(checked(&[("soft", SOFT)]).outcome, Outcome::Passed);
    let warned = checked(&[("soft", SOFT), ("old", &old)]);
    assert_eq!(warned.outcome, Outcome::Warning, "{warned:?}");
    assert!(warned.message.contains("`gamma` is of version 0.9.0, this is 1.0.0"), "{warned:?}");
    // One that says something else than its library does not get so far.
    let made = bundle("fixture-gain", folder.path(), &[]);
    edit(&made, "hash = \"", "hash = \"0");
    let program = Program { path: program().to_owned(), arguments: Vec::new() };
    let options = Options { only: vec!["file-complete".to_owned()], ..Options::new(program) };
    let report = validate(&[made], &options, &|_, _, _, _| {});
    let check = report.checks().next().expect("it ran");
    assert_eq!(check.outcome, Outcome::Failed);
    assert!(check.message.contains("the bundle cannot be used: `hash` of"), "{check:?}");
}

#[test]
fn projects_go_on_with_a_plugin_that_moves_into_a_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let bare = folder.path().join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
    std::fs::copy(plugin("fixture-gain"), &bare).expect("it is copied");
    let registry = Arc::new(scan(folder.path()));
    assert_eq!(registry.effects().find("Gain").expect("it is there").path(), bare);
    let made = bundle("fixture-gain", folder.path(), &[]);
    std::fs::remove_file(&bare).expect("it is there");
    registry.reload(None);
    let effects = registry.effects();
    assert!(effects.find("Gain").expect("it is there").path().starts_with(&made));
}
