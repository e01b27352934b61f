//! `playa plugins`, and `playa effects --watch`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use playa_tests::plugin;
use serde_json::Value as Json;

use super::{Desk, Ended};
use crate::support::new_build;

fn library(name: &str) -> String {
    format!("plugins/{name}.{}", std::env::consts::DLL_EXTENSION)
}

#[test]
fn lists_every_file_with_its_state_and_how_it_was_built() {
    let desk = Desk::with(&["fixture-gain"]);
    desk.write(&library("bad"), "no library");
    let listed = desk.playa(&["plugins"]);
    listed.expect(0, &["warning: ", "is no dynamic library"]);
    let rows: Vec<&str> = listed.out.lines().collect();
    assert_eq!(rows.len(), 3, "{listed:?}");
    assert!(
        rows[0].starts_with("STATE") && rows[1].starts_with("refused") && rows[2].starts_with("live"),
        "{listed:?}"
    );

    let json = desk.playa(&["plugins", "--json"]).json();
    let [bad, gain] = &json.as_array().expect("a list")[..] else { panic!("{json}") };
    assert_eq!((&bad["state"], &bad["hash"]), (&"refused".into(), &Json::Null));
    assert!(bad["error"].as_str().is_some_and(|error| error.contains("is no dynamic library")));
    assert_eq!((&gain["state"], &gain["generation"], &gain["error"]), (&"live".into(), &1.into(), &Json::Null));
    assert_eq!(gain["effects"], serde_json::json!([{ "id": "com.example.gain", "version": "1.0.0" }]));
    let bytes = std::fs::read(gain["file"].as_str().expect("a path")).expect("it is there");
    assert_eq!(gain["hash"], blake3::hash(&bytes).to_hex().to_string());
    assert_eq!((gain["bytes"].as_u64(), &gain["build"]["panic"]), (Some(bytes.len() as u64), &"unwind".into()));
    assert_eq!(gain["old_generations"]["count"], 0);
    // Its first twelve digits are in the table.
    assert!(rows[2].contains(&gain["hash"].as_str().expect("text")[..12]), "{}", rows[2]);
}

/// What is quarantined is told each time and tried once, until it is to be tried again.
#[cfg(unix)]
#[test]
fn a_bad_file_is_quarantined_and_tried_again_when_that_is_asked_for() {
    let desk = Desk::with(&["fixture-gain", "fixture-zoo-exit-at-load"]);
    for _ in 0..2 {
        let json = desk.playa(&["plugins", "--json"]);
        json.expect(0, &["warning: ", "is quarantined", "ended its process with status 0", "playa plugins retry"]);
        let json = json.json();
        let [bad, gain] = [1, 0].map(|index| &json[index]);
        assert_eq!(
            (&bad["state"], &gain["state"], &gain["quarantine"]),
            (&"refused".into(), &"live".into(), &Json::Null)
        );
        assert!(bad["quarantine"].as_str().is_some_and(|reason| reason.contains("status 0")), "{json}");
    }
    let name = plugin("fixture-zoo-exit-at-load");
    let file = desk.path("plugins").join(name.file_name().expect("it has a name"));
    let file = file.to_str().expect("text");
    desk.playa(&["plugins", "retry", file]).expect(1, &["error: ", "is quarantined", "status 0"]);
    desk.playa(&["plugins", "retry", "0123456789"]).expect(2, &["is not quarantined"]);
    std::fs::copy(plugin("fixture-generator"), file).expect("it is replaced");
    desk.playa(&["plugins"]).expect(0, &[]);
    // Untried, it would end the command.
    std::fs::copy(name, file).expect("it is replaced");
    desk.playa(&["effects"]).expect(0, &["is quarantined"]);
}

#[cfg(unix)]
#[test]
fn isolated_plugins_are_shown_as_such_and_settings_may_name_them() {
    let desk = Desk::with(&["fixture-gain", "fixture-generator"]);
    let name = plugin("fixture-gain").file_name().expect("it has a name").to_str().expect("text").to_owned();
    let isolated = |desk: &Desk| {
        let listed = desk.playa(&["plugins", "--json"]);
        listed.expect(0, &[]);
        let json = listed.json();
        [&json[0], &json[1]].map(|file| file["isolated"].as_bool().expect("whether"))
    };
    assert_eq!(isolated(&desk), [false, false]);
    desk.write("playa.toml", "[plugins]\nisolation = \"third-party\"\nprobe = false\nsandbox = true\n");
    assert_eq!(isolated(&desk), [true, true]);
    let listed = desk.playa(&["plugins"]).out;
    assert_eq!(listed.matches("isolated").count(), 2, "{listed}");
    desk.write(
        "playa.toml",
        &format!("[plugins]\nisolation = \"process\"\n[plugins.isolate]\n{name:?} = \"in-process\"\n"),
    );
    assert_eq!(isolated(&desk), [false, true]);
    desk.write("playa.toml", "[plugins.isolate]\n\"plugins\" = \"process\"\n");
    assert_eq!(isolated(&desk), [false, false], "a name is that of a file");
    desk.write("playa.toml", "[plugins.isolate]\n\"./plugins\" = \"process\"\n");
    assert_eq!(isolated(&desk), [true, true]);
    desk.write("playa.toml", "[plugins]\nisolation = \"sometimes\"\n");
    desk.playa(&["plugins"]).expect(2, &["playa.toml", "sometimes", "third-party"]);
    desk.write("playa.toml", "[plugins]\nprobe = \"never\"\n");
    desk.playa(&["plugins"]).expect(2, &["playa.toml", "always"]);
}

#[test]
fn a_lock_beside_playa_toml_or_in_a_folder_refuses_what_is_not_in_it() {
    let desk = Desk::with(&["fixture-gain"]);
    let told = desk.playa(&["plugins", "lock", "--json"]);
    told.expect(0, &[]);
    assert_eq!(told.json()["plugins"].as_array().map(Vec::len), Some(1));
    assert!(desk.path("plugins.lock").is_file(), "beside playa.toml");
    desk.playa(&["effects"]).expect(0, &[]);
    std::fs::write(desk.path(&library("other")), new_build("fixture-generator")).expect("it is written");
    let listed = desk.playa(&["plugins", "--json"]);
    listed.expect(0, &["no such file", "plugins.lock"]);
    assert_eq!(
        listed.json().as_array().map(|files| files.iter().filter(|file| file["state"] == "live").count()),
        Some(1)
    );
    // Locked again, it is one of those that are wanted.
    desk.playa(&["plugins", "lock"]).expect(0, &[]);
    desk.playa(&["effects"]).expect(0, &[]);
    std::fs::remove_file(desk.path("plugins.lock")).expect("it is there");
    desk.playa(&["plugins", "lock", "plugins"]).expect(0, &[]);
    assert!(desk.path("plugins/plugins.lock").is_file());
    std::fs::write(desk.path(&library("other")), new_build("fixture-generator")).expect("it is written");
    let listed = desk.playa(&["effects", "--json"]);
    listed.expect(0, &["its hash is", "plugins.lock"]);
    assert_eq!(listed.json().as_array().map(Vec::len), Some(1));
    desk.playa(&["plugins", "lock", "absent"]).expect(2, &["absent: is no folder"]);
}

#[cfg(unix)]
#[test]
fn files_that_others_may_write_to_are_refused_unless_config_or_environment_allow_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::with(&["fixture-gain"]);
    std::fs::set_permissions(desk.path("plugins"), std::fs::Permissions::from_mode(0o777)).expect("it is mine");
    let refused = desk.playa(&["effects", "--json"]);
    refused.expect(
        0,
        &["plugins is writable by everyone (mode 777)", "allow_writable_by_others", "PLAYA_ALLOW_WRITABLE=1"],
    );
    assert_eq!(refused.json().as_array().map(Vec::len), Some(0));
    let allowed = desk.command(&["effects", "--json"]).env("PLAYA_ALLOW_WRITABLE", "1").output().expect("it runs");
    assert_eq!(Ended::from(allowed).json().as_array().map(Vec::len), Some(1));
    desk.write("playa.toml", "[plugins]\nallow_writable_by_others = true\n");
    let allowed = desk.playa(&["effects", "--json"]);
    allowed.expect(0, &[]);
    assert_eq!(allowed.json().as_array().map(Vec::len), Some(1));
}

#[cfg(unix)]
#[test]
fn watching_prints_a_line_for_each_change_until_ctrl_c() {
    let desk = Desk::with(&[]);
    let mut command = desk.command(&["effects", "--watch", "--json"]);
    let mut command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // What is there before it watches is no change.
    let mut told = BufReader::new(command.stderr.take().expect("a pipe")).lines();
    assert_eq!(told.next().expect("a line").expect("text"), "watching; Ctrl-C ends it");
    let mut lines = BufReader::new(command.stdout.take().expect("a pipe")).lines();
    let mut next = || -> Json {
        let line = lines.next().expect("it goes on").expect("text");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    let path = desk.path(&library("gain"));
    let put = |package: &str| {
        let new = desk.path("new");
        std::fs::write(&new, new_build(package)).expect("it is written");
        std::fs::rename(new, &path).expect("the same volume");
    };
    put("fixture-gain");
    let loaded = next();
    assert_eq!((&loaded["event"], &loaded["generation"]), (&"plugin_loaded".into(), &1.into()), "{loaded}");
    put("fixture-gain-2");
    let reloaded = next();
    assert_eq!((&reloaded["event"], &reloaded["generation"]), (&"plugin_reloaded".into(), &2.into()), "{reloaded}");
    let expected = serde_json::json!([{
        "effect": "com.example.gain", "kept": [], "renamed": [["gain", "factor"]], "converted": [], "lost": [],
    }]);
    assert_eq!(reloaded["params"], expected);
    assert!(reloaded["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    std::fs::write(&path, "no library").expect("it is written");
    let failed = next();
    assert_eq!((&failed["event"], &failed["file"]), (&"plugin_failed".into(), &path.to_str().into()), "{failed}");
    std::fs::remove_file(&path).expect("it is there");
    let removed = next();
    assert_eq!(
        (&removed["event"], &removed["effects"]),
        (&"plugin_removed".into(), &serde_json::json!(["com.example.gain"]))
    );
    let kill =
        std::process::Command::new("kill").args(["-INT", &command.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    assert_eq!(command.wait().expect("it ends").code(), Some(0));
}
