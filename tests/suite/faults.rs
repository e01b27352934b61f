//! The zoo of faults does what it says, to a process of its own: what is tested with it would mean nothing otherwise.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use playa_host::project::{LayerSource, Value};

use crate::support::{Scene, assert_image, engine_with, flat, picture};

const PIXEL: [f32; 4] = [0.5, 0.25, 2.0, 1.0];

/// Set in the child, to the effect that it triggers and the file that it writes if it outlives that.
const CHILD: &str = "PLAYA_TEST_FAULT";

#[test]
fn without_a_trigger_every_animal_of_the_zoo_is_tame() {
    let engine = engine_with(&["fixture-zoo"]);
    let scene = Scene::on(&engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    let effects = engine.effects();
    let ids: Vec<_> = effects.iter().map(|effect| effect.spec().id.clone()).collect();
    assert_eq!(ids.len(), 12, "{ids:?}");
    for id in &ids {
        scene.effect(layer, id, &[]);
    }
    assert_image(&scene.render(), 0.0, flat(PIXEL));
}

#[test]
fn with_its_trigger_each_does_what_it_is_named_for() {
    if let Ok(child) = std::env::var(CHILD) {
        let (name, file) = child.split_once(' ').expect("effect and file");
        return fault(name, file);
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Built here, and not by a child that has lost its way.
    playa_tests::plugin("fixture-zoo");
    let run = |name: &str, limit: &str| -> (ExitStatus, String) {
        let file = folder.path().join(name);
        // There already, since the child may have a mask for new files by then.
        std::fs::write(&file, "").expect("it is written");
        let status = Command::new("sh")
            .args(["-c", &format!("{limit} exec \"$@\""), "sh"])
            .arg(std::env::current_exe().expect("this test"))
            .args(["--exact", "faults::with_its_trigger_each_does_what_it_is_named_for"])
            .env(CHILD, format!("{name} {}", file.display()))
            .output()
            .expect("a child")
            .status;
        (status, std::fs::read_to_string(file).expect("it can be read"))
    };
    const ABORT: i32 = 6;
    const KILL: i32 = 9;
    const SEGMENT: i32 = 11;
    let ended: [(&str, &[i32]); 6] = [
        ("aborts", &[ABORT]),
        // Rust lets nobody unwind its frames without it.
        ("ends_thread", &[ABORT]),
        // What cannot have memory aborts.
        ("hoards", &[ABORT]),
        ("kills_itself", &[KILL]),
        // A full stack is told of before the process ends, where the thread is one of Rust's.
        ("overflows_stack", &[ABORT, SEGMENT]),
        ("segfaults", &[SEGMENT]),
    ];
    for (name, signals) in ended {
        let (status, outlived) = run(name, "ulimit -v 4000000;");
        assert!(status.signal().is_some_and(|signal| signals.contains(&signal)), "{name}: {status}");
        assert_eq!(outlived, "", "{name}");
    }
    assert_eq!(run("exits", ""), (ExitStatus::from_raw(0), String::new()));
    for (name, expected) in [
        ("changes_process", "folder /\n"),
        ("closes_stdio", "output is closed\n"),
        ("forks", "has a child\n"),
        ("ignores_signals", "ignores segmentation faults\n"),
    ] {
        let (_, outlived) = run(name, "");
        assert!(outlived.contains(expected), "{name}: {outlived:?}");
    }
}

/// In the child: renders with the trigger set, and writes down how the process is after that.
fn fault(name: &str, file: &str) {
    let engine = engine_with(&["fixture-zoo"]);
    let scene = Scene::on(&engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    scene.effect(layer, &format!("com.example.zoo.{name}"), &[("trigger", Value::Bool(true))]);
    assert_image(&scene.render(), 0.0, flat(PIXEL));
    // The next frame is right, whatever became of the process.
    let next = Scene::on(&engine, 5, 4);
    let solid = next.project.add_solid("grey", &[("color", Value::Color([0.5, 0.25, 2.0, 1.0]))]).expect("valid");
    next.layer_of(LayerSource::Solid(solid));
    assert_image(&next.render(), 0.0, flat(PIXEL));
    let mut text = format!("folder {}\n", std::env::current_dir().expect("a folder").display());
    if std::fs::read_link("/proc/self/fd/1").is_err() {
        text.push_str("output is closed\n");
    }
    let read = |path: &Path| std::fs::read_to_string(path).expect("the system tells");
    let tasks = std::fs::read_dir("/proc/self/task").expect("the system tells");
    if tasks.flatten().any(|task| !read(&task.path().join("children")).is_empty()) {
        text.push_str("has a child\n");
    }
    let status = read(Path::new("/proc/self/status"));
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("the system tells it");
    if u64::from_str_radix(ignored.trim(), 16).expect("a mask") & 1 << (11 - 1) != 0 {
        text.push_str("ignores segmentation faults\n");
    }
    std::fs::write(file, text).expect("it is written");
}
