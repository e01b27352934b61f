//! The conformance checks: each finds the plugin that breaks its promise, and none accuses an honest one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use playa_host::conformance::{
    Check, CheckReport, Options, Outcome, Program, Scope, Severity, all_checks, assert_conforms, validate,
};
use playa_tests::{plugin, program, repository};

use crate::support::assert_in_manual;

/// Which plugin has to fail a check: by its package, and by the id of its effect. What is not here is found by an effect
/// whose id ends with the name of the check.
const FIXTURES: &[(&str, &str, Option<&str>)] = &[
    ("abi-matches", "fixture-older-api", None),
    ("file-complete", "fixture-no-symbol", None),
    ("load-leaves-process", "fixture-liar-load", None),
    ("load-time", "fixture-liar-load", None),
    ("presets-apply", "fixture-gain", None),
    ("section-is-live", "fixture-describe-lies", Some("com.example.describe_lies")),
    ("symbols-resolve", "fixture-wrong-symbol", None),
    ("unknown-extensions", "fixture-liars-raw", None),
];

/// Made without the SDK's glue, which does not let these happen.
const RAW: &[&str] =
    &["concurrent-calls", "in-blocks", "in-place", "survives-bad-calls", "unknown-format", "unknown-ids"];

/// Checks whose liar is never done: the time limit is what finds it.
const ENDLESS: &[&str] = &["finishes", "lock-across-loop"];

/// The package of the plugin that has to fail a check, and the id of the effect.
fn fixture(check: &Check) -> (&'static str, Option<String>) {
    match FIXTURES.iter().find(|(name, ..)| *name == check.name) {
        Some((_, package, effect)) => (package, effect.map(str::to_owned)),
        None => {
            let package = if RAW.contains(&check.name) { "fixture-liars-raw" } else { "fixture-liars" };
            (package, Some(format!("org.playa.test.liar.{}", check.name)))
        }
    }
}

fn the_program() -> Program {
    Program { path: program().to_owned(), arguments: Vec::new() }
}

/// Options with a seed, for checks of every level.
fn options(seed: u64) -> Options {
    Options { seed, level: 10, jobs: 2, ..Options::new(the_program()) }
}

fn run(plugins: &[PathBuf], options: &Options) -> Vec<CheckReport> {
    let report = validate(plugins, options, &|_, _, _, _| {});
    report.plugins.into_iter().flat_map(|plugin| plugin.checks).collect()
}

/// Runs one check on the plugin that has to fail it.
fn on_its_liar(check: &Check, seed: u64) -> CheckReport {
    let (package, effect) = fixture(check);
    let effects = effect.into_iter().collect();
    let limit = ENDLESS.contains(&check.name).then_some(Duration::from_secs(4));
    let options = Options { only: vec![check.name.to_owned()], effects, limit, jobs: 1, ..options(seed) };
    let file = if check.name == "presets-apply" { of_presets_that_lie() } else { plugin(package) };
    let [report] = &run(&[file], &options)[..] else { panic!("{} ran not once", check.name) };
    report.clone()
}

/// A bundle with a preset beyond the range of its parameter: that is no part of what can be read without running it.
fn of_presets_that_lie() -> PathBuf {
    static FOLDER: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let preset = "preset = 1\nname = \"Blinding\"\neffect = \"com.example.gain\"\nversion = \"1.0.0\"\n[params]\n";
        crate::support::bundle("fixture-gain", folder.path(), &[("blinding", &format!("{preset}gain = 1000.0\n"))]);
        folder
    });
    folder.path().join("fixture-gain.playa")
}

#[test]
fn every_check_finds_the_plugin_that_breaks_its_promise() {
    let (checks, wrong) = (all_checks(), std::sync::Mutex::new(Vec::new()));
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(check) = checks.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let report = on_its_liar(check, 7);
                    let found = match check.severity {
                        Severity::Error => matches!(report.outcome, Outcome::Failed | Outcome::Crashed),
                        Severity::Warning => report.outcome == Outcome::Warning,
                    };
                    let again = report.reproduce.contains(check.name) && report.reproduce.ends_with("--seed 7");
                    if !found || report.message.is_empty() || !again {
                        wrong.lock().expect("no panic").push(format!("{}: {report:?}", check.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_crash_and_an_endless_call_say_what_was_going_on() {
    let check = |name| on_its_liar(playa_host::conformance::find_check(name).expect("there is one"), 3);
    #[cfg(unix)]
    {
        let crash = check("guard-pages");
        assert_eq!(crash.outcome, Outcome::Crashed);
        let whole = crash.message.starts_with("ended by SIGSEGV") || crash.message.starts_with("ended by SIGBUS");
        assert!(whole && crash.message.contains("while: rendering [0, 61) x [0, 43)"), "{}", crash.message);
    }
    let endless = check("finishes");
    assert_eq!(endless.outcome, Outcome::Crashed);
    assert_eq!(endless.message, "not through after 4 s, while: a picture of 640 x 360 pixels");
    assert!((4.0..30.0).contains(&endless.seconds), "{}", endless.seconds);
    let panic = check("survives-bad-calls");
    assert!(panic.message.contains("while: rendering with no values of parameters"), "{}", panic.message);
    assert!(panic.printed.contains("index out of bounds") || panic.printed.contains("panicked"), "{}", panic.printed);
}

/// What does not render at all is told once, and not by each check.
#[test]
fn an_effect_that_does_not_render_fails_one_check() {
    let options = Options { level: 4, ..options(2) };
    let effects = ["panics_in_create", "panics_in_loop", "panics_in_plan", "panics_in_render"];
    let effects = effects.map(|name| format!("com.example.{name}")).to_vec();
    let reports = run(&[plugin("fixture-panics")], &Options { effects, ..options });
    let failed: Vec<_> = reports.iter().filter(|check| check.counts()).map(|check| &check.name).collect();
    assert_eq!(failed, ["basic-render"; 4], "{reports:#?}");
    let skipped = reports.iter().find(|check| check.name == "stride-zoo").expect("it was to be run");
    let reason = "the effect does not render at all, see basic-render: ";
    assert!(skipped.outcome == Outcome::Skipped && skipped.message.starts_with(reason), "{skipped:?}");
}

/// Nothing is an error, and nothing a warning.
fn assert_clean(plugins: &[PathBuf], options: &Options) {
    let wrong: Vec<_> = run(plugins, options)
        .into_iter()
        .filter(|check| !matches!(check.outcome, Outcome::Passed | Outcome::Skipped))
        .map(|check| format!("{check:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The plugin files of the effects that come with Playa.
fn built_in() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository().join("plugins")).expect("the folder can be read");
    let names =
        entries.map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().replace('_', "-"));
    names.map(|name| plugin(&format!("playa-{name}"))).collect()
}

/// What loading costs is known of release builds alone, and these are none.
fn skipped() -> Vec<String> {
    vec!["load-time".to_owned()]
}

#[test]
fn built_in_effects_and_an_honest_one_pass_everything() {
    assert_clean(&built_in(), &Options { skip: skipped(), ..options(11) });
    let effects = vec!["org.playa.test.honest".to_owned()];
    assert_clean(&[plugin("fixture-liars")], &Options { effects, skip: skipped(), ..options(11) });
}

/// With as many seeds as `PLAYA_SEEDS` says.
#[test]
fn built_in_effects_pass_everything_with_many_seeds() {
    let Ok(seeds) = std::env::var("PLAYA_SEEDS") else { return };
    for seed in 0..seeds.parse().expect("PLAYA_SEEDS is a number") {
        assert_clean(&built_in(), &Options { skip: skipped(), ..options(seed) });
    }
}

#[test]
fn effects_of_other_kinds_are_not_accused() {
    let plugins = ["fixture-generator", "fixture-temporal", "fixture-two-inputs"].map(plugin);
    let wrong: Vec<_> = run(&plugins, &options(5)).into_iter().filter(CheckReport::counts).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_plugins_own_tests_panic_with_what_was_found() {
    assert_conforms(plugin("playa-gamma"), 2, &the_program());
    let panic = std::panic::catch_unwind(|| assert_conforms(plugin("fixture-describe-lies"), 1, &the_program()));
    let text = *panic.expect_err("it does not conform").downcast::<String>().expect("a text");
    assert!(text.contains("section-is-live of com.example.describe_lies failed: the type name is"), "{text}");
    assert!(text.contains("again: playa validate "), "{text}");
}

/// The table in the manual.
fn table() -> String {
    let mut text = String::from(
        "| level | check | of | what has to hold | found by the test in |\n| --- | --- | --- | --- | --- |\n",
    );
    for check in all_checks() {
        let (package, effect) = fixture(check);
        let of = match check.scope {
            Scope::File => "file",
            Scope::Description => "description",
            Scope::Effect => "effect",
        };
        let warns = if check.severity == Severity::Warning { " (warning)" } else { "" };
        let found = effect.map_or_else(|| package.to_owned(), |effect| format!("{package}: {effect}"));
        let _ = writeln!(text, "| {} | `{}` | {of} | {}{warns} | `{found}` |", check.level, check.name, check.about);
    }
    text
}

#[test]
fn the_manual_lists_every_check_with_its_proof() {
    assert_in_manual("docs/author/conformance.md", "checks", &table());
}

#[test]
fn no_fixture_stands_for_a_check_that_is_no_more() {
    let names: Vec<_> = all_checks().iter().map(|check| check.name).collect();
    for name in FIXTURES.iter().map(|(name, ..)| name).chain(RAW).chain(ENDLESS) {
        assert!(names.contains(name), "{name}");
    }
    // Nor is there a liar without a check.
    for package in ["fixture-liars", "fixture-liars-raw"] {
        let bytes = std::fs::read(plugin(package)).expect("it is built");
        let build = playa_host::plugin::load::inspect(Path::new(package), &bytes).expect("it is a plugin");
        for effect in build.effects {
            let name = effect.id.strip_prefix("org.playa.test.liar.");
            assert!(name.is_none_or(|name| names.contains(&name)), "{}", effect.id);
        }
    }
}
