//! Builds the plugin files that the tests load.
//!
//! The files are what cargo makes of the crates in `plugins/` and `tests/fixtures/plugins/`, so a test meets what a user
//! meets. Cargo is asked once per process; when nothing changed that takes a fraction of a second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The dynamic library of a workspace package, such as `fixture-gain` or `playa-gaussian-blur`.
///
/// # Panics
/// If cargo cannot build it: the test cannot go on.
pub fn plugin(package: &str) -> PathBuf {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let packages = libraries_in(&["plugins", "tests/fixtures/plugins"]);
        let mut command = cargo("build", &repository().join("Cargo.toml"));
        command.args(packages.iter().flat_map(|package| ["-p", package]));
        build(&mut command)
    });
    built.get(package).unwrap_or_else(|| panic!("{package} makes no dynamic library; there are {built:?}")).clone()
}

/// The command `playa`, built by cargo once per process.
///
/// # Panics
/// If cargo cannot build it.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut command = cargo("build", &repository().join("Cargo.toml"));
        let output = command.args(["-p", "playa-host", "--bin", "playa"]).stderr(Stdio::inherit()).output();
        let output = output.expect("cargo runs");
        assert!(output.status.success(), "cargo failed");
        let messages = String::from_utf8(output.stdout).expect("cargo's messages are text");
        let messages = messages.lines().map(serde_json::from_str::<serde_json::Value>);
        let mut programs =
            messages.filter_map(|message| Some(PathBuf::from(message.expect("they are JSON")["executable"].as_str()?)));
        programs.next().expect("cargo made the program")
    })
}

/// A cargo command for a manifest, with this build's profile.
pub fn cargo(subcommand: &str, manifest: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.arg(subcommand).arg("--manifest-path").arg(manifest);
    command.args(["--message-format", "json-render-diagnostics", "--quiet"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command
}

/// Runs a cargo build and returns the dynamic libraries it made, by package.
///
/// # Panics
/// If the build fails.
pub fn build(command: &mut Command) -> BTreeMap<String, PathBuf> {
    let output = command.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo failed: {command:?}");
    let messages = String::from_utf8(output.stdout).expect("cargo's messages are text");
    let mut libraries = BTreeMap::new();
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line).expect("cargo's messages are JSON");
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        let manifest = message["manifest_path"].as_str().unwrap_or_default();
        for file in message["filenames"].as_array().into_iter().flatten().filter_map(|file| file.as_str()) {
            if Path::new(file).extension().is_some_and(|suffix| suffix == std::env::consts::DLL_EXTENSION) {
                libraries.insert(package_name(Path::new(manifest)), PathBuf::from(file));
            }
        }
    }
    libraries
}

/// The packages in the sub-folders of these folders that make a dynamic library.
fn libraries_in(folders: &[&str]) -> Vec<String> {
    let manifests = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(repository().join(folder)).expect("the folder is there");
        entries.map(|entry| entry.expect("the folder can be read").path().join("Cargo.toml"))
    });
    let mut names: Vec<_> =
        manifests.filter(|manifest| manifest.is_file()).map(|manifest| package_name(&manifest)).collect();
    names.sort();
    names
}

/// The name that a manifest gives its package.
fn package_name(manifest: &Path) -> String {
    let text = std::fs::read_to_string(manifest).expect("the manifest can be read");
    let line = text.lines().find_map(|line| line.strip_prefix("name = ")).expect("the manifest names its package");
    line.trim_matches('"').to_owned()
}
