//! `playa validate`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use playa_tests::plugin;

use super::{Desk, read};

/// A copy of a plugin in the desk's folder: its path is that of no other test.
fn copied(desk: &Desk, package: &str) -> PathBuf {
    let library = plugin(package);
    let path = desk.path("").join(library.file_name().expect("it has a name"));
    std::fs::copy(&library, &path).expect("it is copied");
    path
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("it is text")
}

#[test]
fn a_good_plugin_ends_with_0_and_its_report_has_every_check() {
    let desk = Desk::with(&[]);
    let gain = copied(&desk, "playa-gamma");
    let args =
        ["validate", text(&gain), "--level", "2", "--json", "--seed", "5", "--junit", "report.xml", "--skip", "load-*"];
    let ended = desk.playa(&args);
    ended.expect(0, &[]);
    let json = ended.json();
    assert_eq!((&json["seed"], &json["level"]), (&5.into(), &2.into()));
    let plugin = &json["plugins"][0];
    assert_eq!(plugin["path"], text(&gain));
    let checks = plugin["checks"].as_array().expect("a list");
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().expect("text")).collect();
    assert!(names.contains(&"file-complete") && names.contains(&"size-zoo"), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("load-") || *name == "guard-pages"), "{names:?}");
    for check in checks {
        assert!(
            check["level"].as_u64().is_some_and(|level| level <= 2) && check["seconds"].as_f64().is_some(),
            "{check}"
        );
        assert!(["error", "warning"].contains(&check["severity"].as_str().expect("text")), "{check}");
        let ended = (&check["outcome"], &check["message"]);
        match check["name"] == "presets-apply" {
            true => assert_eq!(ended, (&"skipped".into(), &"it is in no bundle with presets".into())),
            false => assert_eq!(ended, (&"passed".into(), &"".into()), "{check}"),
        }
    }
    let junit = std::fs::read_to_string(desk.path("report.xml")).expect("it is written");
    assert!(junit.starts_with("<?xml") && junit.contains("failures=\"0\" errors=\"0\""), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), checks.len());
}

#[test]
fn a_liar_ends_with_1_and_leaves_pictures_and_the_command_that_does_it_again() {
    let desk = Desk::with(&[]);
    let liars = copied(&desk, "fixture-liars");
    let effect = "org.playa.test.liar.tile-invariance";
    let args = ["validate", text(&liars), "--only", "tile-*", "--effect", effect, "--report", "wrong", "--seed", "9"];
    let ended = desk.playa(&args);
    ended.expect(1, &["failed: tile-invariance"]);
    let again = format!("again: playa validate {} --only tile-invariance --effect {effect} --seed 9", text(&liars));
    assert!(ended.out.contains(&again) && ended.out.contains("pixels differ, within"), "{}", ended.out);
    let folder = desk.path("wrong").join(liars.file_stem().expect("a name")).join(format!("tile-invariance {effect}"));
    let [expected, got, difference] = ["expected", "got", "difference"].map(|name| {
        assert!(folder.join(name).with_extension("png").is_file());
        read(&folder.join(name).with_extension("exr")).image
    });
    assert_eq!((expected.window(), got.window()), (difference.window(), difference.window()));
    let worst = (0..expected.values().len()).find(|at| expected.values()[*at] != got.values()[*at]);
    assert!(worst.is_some() && difference.values().iter().any(|value| *value > 0.0 && *value != 1.0));

    // The same seed finds the same.
    let message = |seed: &str| {
        let args =
            ["validate", text(&liars), "--only", "roi-honesty", "--effect", "*roi-honesty", "--seed", seed, "--json"];
        desk.playa(&args).json()["plugins"][0]["checks"][0]["message"].clone()
    };
    assert_eq!(message("4"), message("4"));
    assert_ne!(message("4"), message("5"));
}

#[test]
fn a_finding_that_is_waived_counts_until_its_day_is_over() {
    let desk = Desk::with(&[]);
    let liars = copied(&desk, "fixture-liars");
    let effect = "org.playa.test.liar.basic-render";
    let args = ["validate", text(&liars), "--only", "basic-render", "--effect", effect, "--waivers", "known.toml"];
    let waiver = |day: &str| {
        let text = format!(
            "[[waive]]\ncheck = \"basic-*\"\neffect = \"{effect}\"\nreason = \"black is rare\"\nexpires = {day}\n"
        );
        desk.write("known.toml", &text);
        desk.playa(&args)
    };
    let borne = waiver("2999-12-31");
    borne.expect(0, &[]);
    assert!(borne.out.contains("waived: black is rare") && borne.out.contains("1 waived"), "{}", borne.out);
    let over = waiver("2020-12-31");
    over.expect(1, &["its waiver expired on 2020-12-31"]);
    desk.write("known.toml", "[[waive]]\ncheck = 3\n");
    desk.playa(&args).expect(2, &["known.toml: line 2"]);
}

#[test]
fn wrong_usage_ends_with_2() {
    let desk = Desk::with(&[]);
    let gain = copied(&desk, "fixture-gain");
    desk.playa(&["validate"]).expect(2, &["PLUGIN"]);
    desk.playa(&["validate", "none.so"]).expect(2, &["none.so: there is no such file"]);
    desk.playa(&["validate", text(&gain), "--only", "no-such"])
        .expect(2, &["no check is called \"no-such\"", "--list"]);
    desk.playa(&["validate", text(&gain), "--level", "11"]).expect(2, &["1..=10"]);
    desk.playa(&["validate", text(&gain), "--timeout", "0"]).expect(2, &["--timeout"]);
}

#[test]
fn the_checks_are_listed() {
    let desk = Desk::with(&[]);
    let listed = desk.playa(&["validate", "--list"]);
    listed.expect(0, &[]);
    let json = desk.playa(&["validate", "--list", "--json"]).json();
    let checks = json["checks"].as_array().expect("a list");
    assert_eq!(listed.out.lines().count(), checks.len() + 1);
    assert!(checks.iter().all(|check| check["theme"].as_str().is_some_and(|theme| !theme.is_empty())), "{json}");
}

#[test]
fn a_file_that_is_no_plugin_fails_one_check_and_skips_the_others() {
    let desk = Desk::with(&[]);
    desk.write("text.so", "no library");
    let ended = desk.playa(&["validate", "text.so", "--json"]);
    ended.expect(1, &[]);
    let checks = ended.json()["plugins"][0]["checks"].as_array().expect("a list").clone();
    for check in checks {
        let expected = if check["name"] == "file-complete" { "failed" } else { "skipped" };
        assert_eq!(check["outcome"], expected, "{check}");
        let reason = match check["name"] == "presets-apply" {
            true => "it is in no bundle with presets",
            false => "text.so: is no dynamic library",
        };
        assert!(check["message"].as_str().is_some_and(|message| message.contains(reason)), "{check}");
    }
}

/// Processes that have this text among their arguments.
#[cfg(target_os = "linux")]
fn processes_with(text: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").expect("the folder is there").filter_map(Result::ok);
    let words = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    words.map(|words| String::from_utf8_lossy(&words).replace('\0', " ")).filter(|words| words.contains(text)).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn neither_an_endless_plugin_nor_a_killed_validator_leaves_a_process_behind() {
    let desk = Desk::with(&[]);
    let liars = copied(&desk, "fixture-liars");
    let (folder, effect) = (text(&liars).to_owned(), "org.playa.test.liar.finishes");
    let args = ["validate", text(&liars), "--only", "finishes", "--effect", effect, "--timeout", "1"];
    desk.playa(&args).expect(1, &["crashed: finishes"]);
    assert_eq!(processes_with(&folder), Vec::<String>::new());

    let waits = |what: &dyn Fn() -> bool, why: &str| {
        let start = Instant::now();
        while !what() {
            assert!(start.elapsed() < Duration::from_secs(30), "{why}: {:?}", processes_with(&folder));
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let args = ["validate", text(&liars), "--only", "finishes", "--effect", effect];
    for signal in ["-KILL", "-TERM", "-INT"] {
        let mut validator = desk.command(&args).stderr(std::process::Stdio::null()).spawn().expect("it runs");
        waits(&|| processes_with(&folder).iter().any(|words| words.contains("__check")), "no check runs");
        let kill = std::process::Command::new("kill").args([signal, &validator.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        validator.wait().expect("it ends");
        waits(&|| processes_with(&folder).is_empty(), "it is still there");
    }
}
