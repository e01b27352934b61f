//! Whether the checks find small mistakes in the effects that come with Playa. `tests/mutations.toml` has the mistakes, and
//! which check finds each; the manual has them as a table.
//!
//! Every run of the tests looks whether all of them can still be made, and makes three. All are made, and looked for as the
//! list says, in some minutes, with
//!
//! ```text
//! PLAYA_MUTATIONS=1 cargo test -p playa-tests --test suite mutations -- --nocapture
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use playa_host::conformance::{CheckReport, Options, Outcome, Program, Severity, find_check, validate};
use playa_tests::{build, cargo, program, repository};
use serde::Deserialize;

use crate::support::{assert_in_manual, copy_folder};

/// One mistake.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    /// The folder of the crate in `plugins/`.
    #[serde(rename = "crate")]
    folder: String,
    /// The file in the crate.
    file: String,
    /// What is wrong, in a sentence.
    what: String,
    /// What stands in the file, once.
    find: String,
    /// What stands there with the mistake.
    replace: String,
    /// A check that finds it.
    found: Option<String>,
    /// Why none does.
    missed: Option<String>,
}

#[derive(Deserialize)]
struct Mutations {
    mutation: Vec<Mutation>,
}

fn mutations() -> Vec<Mutation> {
    let text = std::fs::read_to_string(repository().join("tests/mutations.toml")).expect("the list is there");
    toml::from_str::<Mutations>(&text).expect("it is well formed").mutation
}

impl Mutation {
    fn title(&self) -> String {
        format!("{}: {}", self.folder, self.what)
    }

    /// The file with the mistake.
    fn made(&self, crates: &Path) -> String {
        let path = crates.join(&self.folder).join(&self.file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(text.matches(&self.find).count(), 1, "{}: its text is in the file once", self.title());
        text.replace(&self.find, &self.replace)
    }
}

#[test]
fn every_mistake_can_still_be_made_and_says_what_finds_it() {
    let (mutations, crates) = (mutations(), repository().join("plugins"));
    for mutation in &mutations {
        mutation.made(&crates);
        let title = mutation.title();
        assert!(mutation.found.is_some() != mutation.missed.is_some(), "{title}: say `found` or `missed`");
        assert!(mutation.found.iter().all(|name| find_check(name).is_some()), "{title}: there is no such check");
    }
    let count = |folder: &str| mutations.iter().filter(|mutation| mutation.folder == folder).count();
    for entry in std::fs::read_dir(crates).expect("the folder can be read") {
        let folder = entry.expect("the folder can be read").file_name();
        assert!(count(&folder.to_string_lossy()) >= 3, "{folder:?} has its mistakes");
    }
    let found = mutations.iter().filter(|mutation| mutation.found.is_some()).count();
    assert!(mutations.len() >= 40 && 10 * found >= 9 * mutations.len(), "{found} of {} are found", mutations.len());
}

/// A workspace of copies of the built-in effects under other names, which are built beside the originals.
struct Copies {
    folder: tempfile::TempDir,
}

impl Copies {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, crates) = (folder.path(), repository().join("plugins"));
        copy_folder(&crates, &root.join("plugins"));
        std::fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).expect("the lock file");
        let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest");
        let (before_members, rest) = manifest.split_once("members = [").expect("it lists members");
        let (_, after_members) = rest.split_once(']').expect("the list ends");
        let api = repository().canonicalize().expect("a folder").join("plugin-api");
        let api = toml::Value::from(api.to_string_lossy().into_owned());
        let after_members = after_members.replace(r#"path = "plugin-api""#, &format!("path = {api}"));
        std::fs::write(root.join("Cargo.toml"), format!("{before_members}members = [\"plugins/*\"]{after_members}"))
            .expect("it is written");
        for entry in std::fs::read_dir(root.join("plugins")).expect("the folder can be read") {
            let manifest = entry.expect("the folder can be read").path().join("Cargo.toml");
            let text = std::fs::read_to_string(&manifest).expect("the manifest");
            let text = text.replacen("name = \"playa-", "name = \"mutant-", 1);
            std::fs::write(&manifest, text).expect("it is written");
        }
        Self { folder }
    }

    /// The plugin file with one mistake in it.
    fn build(&self, mutation: &Mutation) -> PathBuf {
        let crates = self.folder.path().join("plugins");
        let (path, right) = (crates.join(&mutation.folder).join(&mutation.file), mutation.made(&crates));
        let before = std::fs::read_to_string(&path).expect("the file can be read");
        std::fs::write(&path, right).expect("the file can be written");
        let package = format!("mutant-{}", mutation.folder.replace('_', "-"));
        let mut command = cargo("build", &self.folder.path().join("Cargo.toml"));
        // In the common folder, because nearly all that it takes is built there.
        command.arg("--target-dir").arg(repository().join("target")).args(["--offline", "-p", &package]);
        let library = build(&mut command).remove(&package).expect("it is built");
        std::fs::write(&path, before).expect("the file can be written");
        let copy = self.folder.path().join(library.file_name().expect("a name"));
        std::fs::copy(&library, &copy).expect("a copy");
        copy
    }
}

/// What is found of a plugin by one check, or by all.
fn findings(plugin: &Path, only: Option<&String>) -> Vec<CheckReport> {
    let program = Program { path: program().to_owned(), arguments: Vec::new() };
    // What loading costs is known of release builds alone, and here nothing is found because it takes too long.
    let (skip, limit) = (vec!["load-time".to_owned()], Some(Duration::from_secs(600)));
    let only = only.into_iter().cloned().collect();
    let options = Options { seed: 1, level: 10, jobs: 2, only, skip, limit, ..Options::new(program) };
    let report = validate(&[plugin.to_owned()], &options, &|_, _, _, _| {});
    let mut checks: Vec<_> = report.plugins.into_iter().flat_map(|plugin| plugin.checks).collect();
    checks.retain(|check| !matches!(check.outcome, Outcome::Passed | Outcome::Skipped));
    checks
}

#[test]
fn three_mistakes_are_made_and_found() {
    let (mutations, copies) = (mutations(), Copies::new());
    for folder in ["brightness_contrast", "dissolve", "noise"] {
        let mutation = mutations.iter().find(|mutation| mutation.folder == folder && mutation.found.is_some());
        let mutation = mutation.expect("it has one that is found");
        let found = findings(&copies.build(mutation), mutation.found.as_ref());
        assert!(!found.is_empty(), "{} is not found by {:?}", mutation.title(), mutation.found);
    }
}

#[test]
fn all_mistakes_are_made_and_found_as_the_list_says() {
    let Ok(which) = std::env::var("PLAYA_MUTATIONS") else { return };
    // A number is the first one to be made: after a run that was cut off.
    let first = which.parse::<usize>().map_or(0, |number| number.saturating_sub(1));
    let (copies, mut wrong) = (Copies::new(), String::new());
    for (number, mutation) in mutations().iter().enumerate().skip(first) {
        let found = findings(&copies.build(mutation), mutation.found.as_ref());
        let said: Vec<_> = found.iter().map(|check| format!("{}: {}", check.name, check.message)).collect();
        println!("{} {}\n  {}", number + 1, mutation.title(), said.join("\n  "));
        if found.is_empty() == mutation.found.is_some() {
            let _ = writeln!(wrong, "{}: listed {:?}, found {said:?}", mutation.title(), mutation.found);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The table in the manual, written anew with `PLAYA_WRITE_DOCS=1`.
#[test]
fn the_manual_lists_every_mistake_and_what_finds_it() {
    let mutations = mutations();
    let count = mutations.iter().filter(|mutation| mutation.found.is_some()).count();
    let mut text = format!("Of {} mistakes, {count} are found.\n\n", mutations.len());
    text += "| effect | mistake | found by | level |\n| --- | --- | --- | --- |\n";
    for Mutation { folder, what, found, missed, .. } in &mutations {
        let row = match found.as_deref().and_then(find_check) {
            Some(check) => {
                let warns = if check.severity == Severity::Warning { " (warning)" } else { "" };
                format!("`{}`{warns} | {}", check.name, check.level)
            }
            None => format!("no check: {} | ", missed.as_deref().unwrap_or_default()),
        };
        let _ = writeln!(text, "| `{folder}` | {what} | {row} |");
    }
    assert_in_manual("docs/author/mutations.md", "mistakes", &text);
}
