//! New files are tried in a process of their own first: what they do there they do not do here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use playa_host::plugin::{
    Guard, Isolation, Limits, LoadError, PluginEvent, Policy, Probe, Quarantine, Registry, Rules, SearchPath, State,
    WorkerProgram,
};
use playa_tests::plugin;

use crate::support::{assert_one_line, guard, guard_at, guarded, new_build};

fn put(folder: &Path, name: &str, package: &str) -> PathBuf {
    let path = folder.join(format!("{name}.{}", std::env::consts::DLL_EXTENSION));
    std::fs::write(&path, new_build(package)).expect("it is written");
    path
}

fn quick() -> Limits {
    Limits { load: Duration::from_secs(2), trial: Duration::from_secs(2), ..Limits::default() }
}

/// What a file is quarantined for.
#[track_caller]
fn quarantined(registry: &Registry, path: &Path) -> String {
    let error = registry.load_file(path).expect_err("it is refused");
    assert_one_line(&error, path);
    assert!(error.to_string().contains("playa plugins retry"), "{error}");
    match error {
        LoadError::Quarantined { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn what_crashes_exits_hangs_or_lies_is_quarantined_with_its_reason() {
    let registry = guarded(guard(Probe::New, Isolation::InProcess, quick()));
    for (package, reason) in [
        ("fixture-zoo-crash-at-load", &["opened", "crashed with SIGABRT"][..]),
        ("fixture-zoo-crash-in-describe", &["opened", "crashed with SIGABRT"]),
        ("fixture-zoo-exit-at-load", &["opened", "ended its process with status 0"]),
        ("fixture-zoo-hang-in-render-default", &["first picture", "within 2 s"]),
        ("fixture-zoo-slow-load", &["opened", "within 2 s"]),
        ("fixture-describe-lies", &["\"Promised\""]),
        ("fixture-panic-in-describe", &["the default cannot be measured here"]),
    ] {
        let found = quarantined(&registry, &plugin(package));
        for part in reason {
            assert!(found.contains(part), "{package}: {part:?} in {found}");
        }
        assert_eq!(registry.held(None).0.count, 0, "{package} was never opened in this process");
    }
    assert_eq!(registry.effects().iter().count(), 0);
    // Good ones beside them, among them one whose effects fail in an orderly way, work.
    for package in ["fixture-gain", "fixture-panics", "fixture-generator", "fixture-temporal", "playa-gaussian-blur"] {
        registry.load_file(&plugin(package)).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Files of many kinds at once, as at the start of a program: each is what it is, and those that hang wait together.
#[test]
fn files_of_a_folder_are_tried_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = ["fixture-zoo-crash-at-load", "fixture-zoo-slow-load", "fixture-zoo-hang-in-render-default"];
    let good = ["fixture-gain", "fixture-generator", "fixture-temporal"];
    let put = |package: &&str| put(folder.path(), package, package);
    let (bad, good): (Vec<_>, Vec<_>) = (bad.iter().map(put).collect(), good.iter().map(put).collect());
    let policy =
        Policy { guard: Some(Arc::new(guard(Probe::New, Isolation::InProcess, quick()))), ..Policy::default() };
    let registry = Registry::scan_with(&SearchPath { directories: vec![folder.path().to_owned()] }, policy);
    let effects = registry.effects();
    let state = |path: &PathBuf| effects.file(path).expect("it is known").state();
    assert!(bad.iter().all(|path| state(path) == State::Refused), "{:?}", effects.files());
    assert!(good.iter().all(|path| state(path) == State::Live), "{:?}", effects.files());
    let order: Vec<_> = effects.files().iter().map(|report| report.path.clone()).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_bad_build_leaves_the_generation_in_use_and_the_next_good_one_replaces_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = guarded(guard(Probe::New, Isolation::InProcess, quick()));
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    registry.observe(move |event: &PluginEvent| tells.lock().expect("no panic").push(event.name()));
    let path = put(folder.path(), "a", "fixture-gain");
    registry.load_file(&path).expect("it is good");
    put(folder.path(), "a", "fixture-zoo-crash-in-describe");
    let reason = quarantined(&registry, &path);
    assert_eq!(quarantined(&registry, &path), reason, "it is not tried again");
    let effects = registry.effects();
    let report = effects.file(&path).expect("it is known");
    assert_eq!((report.state(), report.generations), (State::Live, 1));
    assert_eq!(effects.find("com.example.gain").expect("it goes on").spec().version, "1.0.0");
    put(folder.path(), "a", "fixture-gain-2");
    registry.load_file(&path).expect("it is good");
    assert_eq!(registry.effects().find("com.example.gain").expect("it is there").spec().version, "2.0.0");
    assert_eq!(*told.lock().expect("no panic"), ["plugin_loaded", "plugin_quarantined", "plugin_reloaded"]);
}

#[test]
fn what_was_found_is_remembered_until_the_file_changes_or_is_retried() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cache").join("plugins.toml");
    let (bad, good) = (plugin("fixture-zoo-exit-at-load"), plugin("fixture-gain"));
    let first = guarded(guard_at(Probe::New, Isolation::InProcess, quick(), Quarantine::at(&file)));
    let reason = quarantined(&first, &bad);
    first.load_file(&good).expect("it is good");
    // Another process knows both, and needs no worker for either: there is none.
    let mut without = guard_at(Probe::New, Isolation::InProcess, quick(), Quarantine::at(&file));
    without.crew = None;
    let second = guarded(without);
    assert_eq!(quarantined(&second, &bad), reason);
    second.load_file(&good).expect("it was tried before");
    let error = second.load_file(&plugin("fixture-generator")).expect_err("it was not");
    assert_one_line(&error, &plugin("fixture-generator"));
    assert!(matches!(&error, LoadError::NoWorker { .. }) && error.to_string().contains("PLAYA_PROBE"), "{error}");

    // Retrying tries it, and finds the same.
    let taken = first.retry(&bad);
    assert_eq!(taken.iter().map(|entry| &entry.reason).collect::<Vec<_>>(), [&reason]);
    assert_eq!(quarantined(&first, &bad), reason);
    assert!(first.retry(&good).is_empty(), "it is not quarantined");
    let report = first.effects().file(&bad).and_then(|report| report.content).expect("it was read");
    assert_eq!(first.retry(Path::new(&report.to_hex()[..8])).len(), 1, "by its hash");
}

#[test]
fn what_came_with_the_host_is_neither_tried_nor_third_party() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = put(folder.path(), "a", "fixture-gain");
    let policy = |built_in: &[PathBuf]| {
        let rules = Rules { all: Isolation::ThirdParty, ..Rules::default() };
        let guard = Guard::new(Probe::Always, rules, None, Arc::default());
        Policy { guard: Some(Arc::new(guard)), built_in: built_in.to_vec(), ..Policy::default() }
    };
    let search = SearchPath { directories: vec![folder.path().to_owned()] };
    let trusted = Registry::scan_with(&search, policy(&[folder.path().to_owned()]));
    assert_eq!(trusted.effects().file(&path).expect("it is known").state(), State::Live);
    let other = Registry::scan_with(&search, policy(&[]));
    let effects = other.effects();
    assert!(matches!(effects.file(&path).expect("it is known").error, Some(LoadError::NoWorker { .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_missing_library_is_told_and_not_held_against_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let section = r#"{\"playa_plugin\":1,\"api\":\"1.0.0\",\"sdk\":\"1.0.0\",\"rustc\":\"\",\"target\":\"\",\"cpu_features\":\"\",\"panic\":\"unwind\",\"effects\":[]}"#;
    let source = format!(
        "__attribute__((section(\".playa\"), used)) const char metadata[] = \"{section}\";\n\
         int absent_function(void);\nint call(void) {{ return absent_function(); }}\n"
    );
    let (text, path) = (folder.path().join("lacks.c"), folder.path().join("lacks.so"));
    std::fs::write(&text, source).expect("written");
    let compiled = std::process::Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&path).arg(&text).status();
    assert!(compiled.expect("cc runs, as Rust links with it").success());
    let registry = guarded(guard(Probe::New, Isolation::InProcess, quick()));
    let error = registry.load_file(&path).expect_err("a symbol is missing");
    assert_one_line(&error, &path);
    assert!(matches!(&error, LoadError::Open { reason, .. } if reason.contains("absent_function")), "{error}");
    assert!(registry.policy().guard.as_ref().expect("guarded").quarantine.entries().is_empty());
}

/// A program that is none of ours, or that is not there, is told; nothing is loaded untried for that.
#[test]
fn without_a_process_to_try_them_in_files_are_not_loaded() {
    for (program, arguments) in [("/nonexistent/playa", &[][..]), ("/bin/echo", &["hello"]), ("/bin/cat", &[])] {
        let program = WorkerProgram {
            program: program.into(),
            arguments: arguments.iter().map(std::ffi::OsString::from).collect(),
        };
        let mut guard = guard(Probe::New, Isolation::InProcess, quick());
        guard.crew = Some(playa_host::plugin::worker::Crew::new(program, quick()));
        let registry = guarded(guard);
        let error = registry.load_file(&plugin("fixture-gain")).expect_err("there is no worker");
        assert_one_line(&error, &plugin("fixture-gain"));
        assert!(matches!(error, LoadError::NoWorker { .. }), "{error}");
        assert_eq!(registry.held(None).0.count, 0);
        let quarantine = &registry.policy().guard.as_ref().expect("guarded").quarantine;
        assert!(quarantine.entries().is_empty(), "it is not the file's fault");
    }
}
