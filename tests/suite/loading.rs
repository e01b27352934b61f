//! Every file that is not a good plugin is refused in one clear line, and the others stay usable.

use std::path::{Path, PathBuf};

use playa_host::plugin::{LoadError, Registry, SearchPath};
use playa_tests::{build, cargo, plugin, repository};

fn refused(path: &Path) -> LoadError {
    let error = Registry::default().load_file(path).expect_err("the file is refused");
    let line = error.to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.len() < 800, "{line}");
    assert!(line.starts_with(&path.display().to_string()), "{line}");
    error
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(format!("{name}.{}", std::env::consts::DLL_EXTENSION));
    std::fs::write(&path, bytes).expect("the file can be written");
    path
}

#[test]
fn a_plugin_offers_its_effects() {
    let registry = Registry::default();
    registry.load_file(&plugin("fixture-gain")).expect("it loads");
    let effects = registry.effects();
    for name in ["com.example.gain", "Gain"] {
        let spec = effects.find(name).expect("it is found").spec();
        assert_eq!((spec.id.as_str(), spec.version.as_str(), spec.params.len()), ("com.example.gain", "1.0.0", 1));
    }
}

#[test]
fn empty_files_text_and_parts_of_libraries_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(plugin("fixture-gain")).expect("the plugin can be read");
    assert!(matches!(refused(&file(folder.path(), "empty", b"")), LoadError::NotALibrary { .. }));
    assert!(matches!(refused(&file(folder.path(), "text", b"hello, I am a plugin")), LoadError::NotALibrary { .. }));
    for part in [1, 2, 3, 5, 10, 90, 99] {
        let bytes = &whole[..whole.len() * part / 100];
        assert!(matches!(refused(&file(folder.path(), "part", bytes)), LoadError::Incomplete { .. }), "{part} %");
    }
    assert!(matches!(
        refused(&file(folder.path(), "last_byte", &whole[..whole.len() - 1])),
        LoadError::Incomplete { .. }
    ));
    let absent = folder.path().join("absent.so");
    assert!(matches!(refused(&absent), LoadError::Unreadable { .. }));
}

#[test]
fn a_changed_interface_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = refused(&plugin_with_altered_api(folder.path(), |abi| {
        abi.replace(
            "    /// PascalCase name.\n    pub type_name: RString,\n",
            "    /// Changed.\n    pub type_number: u32,\n",
        )
    }));
    let LoadError::Layout { difference, .. } = error else { panic!("{error}") };
    println!("{difference}");
    assert!(difference.contains("Descriptor") && difference.contains("type_name"), "{difference}");
}

/// Builds the gain effect against a copy of plugin-api with a changed `abi.rs`.
fn plugin_with_altered_api(folder: &Path, alter: impl Fn(&str) -> String) -> PathBuf {
    let copy = |from: &str| {
        let status = std::process::Command::new("cp").arg("-r").arg(repository().join(from)).arg(folder).status();
        assert!(status.expect("cp runs").success());
    };
    copy("plugin-api");
    copy("tests/fixtures/plugins/gain");
    std::fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file");
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest");
    let members = manifest.lines().map(|line| {
        if line.starts_with("members = ") {
            "members = [\"plugin-api\", \"plugin-api/derive\", \"gain\"]"
        } else {
            line
        }
    });
    std::fs::write(folder.join("Cargo.toml"), members.collect::<Vec<_>>().join("\n")).expect("the manifest");
    let abi = folder.join("plugin-api/src/abi.rs");
    let (before, convert) = (std::fs::read_to_string(&abi).expect("abi.rs"), folder.join("plugin-api/src/convert.rs"));
    let after = alter(&before);
    assert_ne!(before, after, "the change applies");
    std::fs::write(&abi, after).expect("abi.rs");
    let text = std::fs::read_to_string(&convert).expect("convert.rs");
    let text = text
        .replace("type_name: spec.type_name.as_str().into(),", "type_number: 7,")
        .replace("type_name: wire.type_name.to_string(),", "type_name: String::new(),");
    std::fs::write(convert, text).expect("convert.rs");
    let mut command = cargo("build", &folder.join("Cargo.toml"));
    command.args(["-p", "fixture-gain", "--target-dir"]).arg(repository().join("target/altered-api"));
    build(&mut command).remove("fixture-gain").expect("it is built")
}

#[test]
fn a_bad_file_does_not_hide_the_good_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "a_bad", b"no library");
    let good = std::fs::read(plugin("fixture-gain")).expect("the plugin can be read");
    file(folder.path(), "b_good", &good);
    file(folder.path(), "c_bad", &good[..good.len() / 2]);
    let registry = Registry::scan(&SearchPath { directories: vec![folder.path().join("none"), folder.path().into()] });
    let effects = registry.effects();
    assert!(effects.find("com.example.gain").is_some());
    let loaded: Vec<bool> = effects.files().iter().map(|file| file.result.is_ok()).collect();
    assert_eq!(loaded, [false, true, false]);
}
