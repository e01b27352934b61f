//! Which files are loaded at all: those that nobody else could change, and that the lock file has.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use playa_host::plugin::{LoadError, Policy, Registry, SearchPath, State, lock};
use playa_tests::plugin;

use crate::support::{assert_one_line, new_build};

fn library(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{}", std::env::consts::DLL_EXTENSION))
}

fn put(folder: &Path, name: &str, package: &str) -> PathBuf {
    let path = library(folder, name);
    std::fs::write(&path, new_build(package)).expect("it is written");
    path
}

fn scan(folder: &Path, policy: Policy) -> Registry {
    Registry::scan_with(&SearchPath { directories: vec![folder.to_owned()] }, policy)
}

#[cfg(unix)]
#[test]
fn files_and_folders_that_others_may_write_to_are_refused_unless_the_user_allows_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is mine");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (good, bad) = (put(folder.path(), "a", "fixture-gain"), put(folder.path(), "b", "fixture-generator"));
    mode(&bad, 0o666);
    let registry = scan(folder.path(), Policy::default());
    let effects = registry.effects();
    assert_eq!(effects.file(&good).expect("it is known").state(), State::Live);
    let error = effects.file(&bad).expect("it is known").error.as_ref().expect("it is refused");
    assert_one_line(error, &bad);
    assert!(
        matches!(error, LoadError::Untrusted { reason, .. } if reason.contains("b.so is writable by everyone")),
        "{error}"
    );
    // Put right, it is loaded.
    mode(&bad, 0o644);
    registry.reload(Some(&bad));
    assert_eq!(registry.effects().file(&bad).expect("it is known").state(), State::Live);

    mode(folder.path(), 0o777);
    let closed = scan(folder.path(), Policy::default());
    let effects = closed.effects();
    let [report] = effects.files() else { panic!("{:?}", effects.files()) };
    assert_one_line(report.error.as_ref().expect("the folder is refused"), folder.path());
    assert_eq!(effects.iter().count(), 0);
    for policy in [
        Policy { allow_writable_by_others: true, ..Policy::default() },
        // Who could change what came with the host could change the host.
        Policy { built_in: vec![folder.path().to_owned()], ..Policy::default() },
    ] {
        assert_eq!(scan(folder.path(), policy).effects().iter().count(), 2);
    }
    // The same again is not told again.
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    closed.observe(move |_| *count.lock().expect("nobody panicked") += 1);
    closed.reload(None);
    assert_eq!(*told.lock().expect("nobody panicked"), 0);
    mode(folder.path(), 0o700);
    closed.reload(None);
    let effects = closed.effects();
    assert_eq!((effects.iter().count(), effects.files().len()), (2, 2), "{:?}", effects.files());
}

#[test]
fn what_a_lock_file_does_not_have_or_has_otherwise_is_refused_with_both_hashes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (gain, other) = (put(folder.path(), "a", "fixture-gain"), library(folder.path(), "b"));
    let registry = scan(folder.path(), Policy::default());
    let locked = registry.effects().file(&gain).and_then(|file| file.live.clone()).expect("it is in use").plugin;
    let file = folder.path().join(lock::NAME);
    lock::write(&file, [&*locked]).expect("it is written");
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert!(text.contains(&locked.hash.to_hex().to_string()) && text.contains("com.example.gain 1.0.0"), "{text}");
    let file_name = gain.file_name().and_then(|name| name.to_str()).expect("text");
    assert!(text.contains(&format!("file = \"{file_name}\"")), "relative to the lock file: {text}");

    put(folder.path(), "b", "fixture-generator");
    let scanned = scan(folder.path(), Policy::default()).effects();
    assert_eq!(scanned.file(&gain).expect("it is known").state(), State::Live);
    let error = scanned.file(&other).expect("it is known").error.as_ref().expect("it is refused").clone();
    assert_one_line(&error, &other);
    assert!(matches!(&error, LoadError::NotLocked { expected, .. } if expected == "no such file"), "{error}");

    // Another build of the same plugin: the one before goes on.
    put(folder.path(), "a", "fixture-gain");
    let error = registry.load_file(&gain).expect_err("it has another hash");
    let LoadError::NotLocked { found, expected, lock, .. } = &error else { panic!("{error}") };
    assert_eq!((expected.as_str(), lock), (locked.hash.to_hex().as_str(), &file));
    assert_ne!(found, expected);
    assert_eq!(registry.effects().file(&gain).expect("it is known").state(), State::Live);

    // A lock file for all folders holds as well, and one that cannot be read lets nothing pass.
    std::fs::remove_file(&file).expect("it is there");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let site = elsewhere.path().join("plugins.lock");
    lock::write(&site, [&*locked]).expect("it is written");
    let policy = || Policy { lock: Some(site.clone()), ..Policy::default() };
    assert_eq!(scan(folder.path(), policy()).effects().iter().count(), 0);
    for bad in ["lock = 2\n", "lock = 1\n[[plugin]]\nfile = 3\n"] {
        std::fs::write(&site, bad).expect("it is written");
        let effects = scan(folder.path(), policy()).effects();
        for report in effects.files() {
            let error = report.error.as_ref().expect("it is refused");
            assert_one_line(error, &report.path);
            assert!(matches!(error, LoadError::BadLock { .. }), "{error}");
        }
        assert_eq!(effects.files().len(), 2);
    }
}

#[test]
fn a_file_that_was_refused_for_another_takes_its_place_when_that_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (put(folder.path(), "a", "fixture-gain"), put(folder.path(), "b", "fixture-duplicate-id"));
    let registry = scan(folder.path(), Policy::default());
    assert!(matches!(
        registry.effects().file(&second).expect("known").error.clone(),
        Some(LoadError::Duplicate { .. })
    ));
    std::fs::remove_file(&first).expect("it is there");
    registry.remove_file(&first);
    let effects = registry.effects();
    assert_eq!(effects.find("com.example.gain").expect("the second has it").path(), second);
    assert_eq!(effects.file(&first).expect("it is known").state(), State::Missing);
    assert!(registry.rollback(&first).is_err(), "what is gone cannot be gone back to");
}

/// Whatever a project says, no file is opened for it: effects are named by id.
#[test]
fn no_project_names_a_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = plugin("fixture-gain");
    let path = library.to_str().expect("text");
    let engine = crate::support::engine_with(&["fixture-generator"]);
    let (opened, _) = engine.registry().held(None);
    let keys = ["id", "path", "file", "library", "plugin"];
    for key in keys {
        let id = if key == "id" { String::new() } else { "id = \"com.example.gain\"\n".to_owned() };
        let text = format!(
            "playa = 1\nplugins = [{path:?}]\n[project]\nplugin_path = {path:?}\n\
             [[comp]]\nuuid = \"00000000-0000-4000-8000-000000000002\"\nname = \"Main\"\n\
             [[comp.layer]]\nuuid = \"00000000-0000-4000-8000-000000000003\"\ncomp = \"00000000-0000-4000-8000-000000000004\"\n\
             [[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000005\"\n{id}{key} = {path:?}\n\
             [[comp]]\nuuid = \"00000000-0000-4000-8000-000000000004\"\nname = \"Inner\"\n"
        );
        let file = folder.path().join("shot.playa");
        std::fs::write(&file, text).expect("it is written");
        let project = engine.load_project(&file, &Default::default()).expect("it opens");
        let comp = project.comp_named("Main").expect("its comp");
        engine.render(&project, comp, 0, &Default::default()).expect_err("the effect is missing");
        assert_eq!(engine.registry().held(None).0, opened, "{key}");
        assert!(engine.effects().find("com.example.gain").is_none());
    }
}
