//! Plugins of the fixtures' source that were built in another way.

use std::path::{Path, PathBuf};
use std::process::Command;

use playa_host::plugin::{LoadError, Registry};
use playa_tests::{build, cargo, repository};

use crate::support::{assert_one_line, copy_folder};

#[test]
fn a_changed_interface_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = plugin_with_altered_api(folder.path(), |abi| {
        abi.replace(
            "    /// PascalCase name.\n    pub type_name: RString,\n",
            "    /// Changed.\n    pub type_number: u32,\n",
        )
    });
    let error = Registry::default().load_file(&path).expect_err("it is refused");
    assert_one_line(&error, &path);
    let LoadError::Layout { difference, .. } = error else { panic!("{error}") };
    assert!(difference.contains("Descriptor") && difference.contains("type_name"), "{difference}");
}

/// Builds the gain effect against a copy of plugin-api with a changed `abi.rs`.
fn plugin_with_altered_api(folder: &Path, alter: impl Fn(&str) -> String) -> PathBuf {
    copy_folder(&repository().join("plugin-api"), &folder.join("plugin-api"));
    copy_folder(&repository().join("tests/fixtures/plugins/gain"), &folder.join("gain"));
    std::fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file");
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest");
    let (before_members, rest) = manifest.split_once("members = [").expect("it lists members");
    let (_, after_members) = rest.split_once(']').expect("the list ends");
    let members = r#"members = ["plugin-api", "plugin-api/derive", "gain"]"#;
    std::fs::write(folder.join("Cargo.toml"), format!("{before_members}{members}{after_members}")).expect("it");
    change(&folder.join("plugin-api/src/abi.rs"), alter);
    change(&folder.join("plugin-api/src/convert.rs"), |convert| {
        convert
            .replace("type_name: spec.type_name.as_str().into(),", "type_number: 7,")
            .replace("type_name: wire.type_name.to_string(),", "type_name: String::new(),")
    });
    let mut command = cargo("build", &folder.join("Cargo.toml"));
    built_apart("altered-api", command.args(["-p", "fixture-gain"]), "fixture-gain", &[])
}

#[test]
fn a_build_whose_panics_end_the_process_is_refused_before_it_runs() {
    let mut command = cargo("rustc", &repository().join("Cargo.toml"));
    command.args(["-p", "fixture-panic-abort"]);
    let path = built_apart("panic-abort", &mut command, "fixture-panic-abort", &["--", "-C", "panic=abort"]);
    let error = Registry::default().load_file(&path).expect_err("it is refused");
    assert_one_line(&error, &path);
    assert!(matches!(&error, LoadError::PanicStrategy { found, .. } if found == "abort"), "{error}");
    assert!(error.to_string().contains("panic = \"unwind\""), "it says what to do: {error}");
}

/// Builds in a target folder of its own: cargo tells packages apart by their place in their workspace, so the altered
/// plugin-api and the real one would be the same package to it, and whichever was built last would serve both.
fn built_apart(target: &str, command: &mut Command, package: &str, rustc: &[&str]) -> PathBuf {
    command.arg("--target-dir").arg(repository().join("target").join(target)).args(rustc);
    build(command).remove(package).expect("it is built")
}

fn change(file: &Path, alter: impl Fn(&str) -> String) {
    let before = std::fs::read_to_string(file).expect("the file can be read");
    let after = alter(&before);
    assert_ne!(before, after, "{}: the change applies", file.display());
    std::fs::write(file, after).expect("the file can be written");
}
