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

/// What cargo makes of the workspace.
struct Built {
    libraries: BTreeMap<String, PathBuf>,
    program: PathBuf,
}

/// Builds the whole workspace, once per process. Of single packages cargo would choose other features of what they depend
/// on than those for `cargo test --workspace`, and build all of it again.
fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let messages = run(cargo("build", &repository().join("Cargo.toml")).arg("--workspace"));
        let program = messages.iter().find_map(|message| message["executable"].as_str().map(PathBuf::from));
        Built { libraries: libraries(&messages), program: program.expect("cargo made the program") }
    })
}

/// The dynamic library of a workspace package, such as `fixture-gain` or `playa-gaussian-blur`.
///
/// # Panics
/// If cargo cannot build it: the test cannot go on.
pub fn plugin(package: &str) -> PathBuf {
    let libraries = &built().libraries;
    let library = libraries.get(package);
    library.unwrap_or_else(|| panic!("{package} makes no dynamic library; there are {libraries:?}")).clone()
}

/// The command `playa`.
///
/// # Panics
/// If cargo cannot build it.
pub fn program() -> &'static Path {
    &built().program
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
    libraries(&run(command))
}

/// What a cargo build says that it made.
fn run(command: &mut Command) -> Vec<serde_json::Value> {
    let output = command.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo failed: {command:?}");
    let messages = String::from_utf8(output.stdout).expect("cargo's messages are text");
    let messages = messages.lines().map(|line| serde_json::from_str(line).expect("cargo's messages are JSON"));
    messages.filter(|message: &serde_json::Value| message["reason"] == "compiler-artifact").collect()
}

fn libraries(messages: &[serde_json::Value]) -> BTreeMap<String, PathBuf> {
    let mut libraries = BTreeMap::new();
    for message in messages {
        let manifest = message["manifest_path"].as_str().unwrap_or_default();
        for file in message["filenames"].as_array().into_iter().flatten().filter_map(|file| file.as_str()) {
            if Path::new(file).extension().is_some_and(|suffix| suffix == std::env::consts::DLL_EXTENSION) {
                libraries.insert(package_name(Path::new(manifest)), PathBuf::from(file));
            }
        }
    }
    libraries
}

/// The name that a manifest gives its package.
fn package_name(manifest: &Path) -> String {
    let text = std::fs::read_to_string(manifest).expect("the manifest can be read");
    let line = text.lines().find_map(|line| line.strip_prefix("name = ")).expect("the manifest names its package");
    line.trim_matches('"').to_owned()
}
