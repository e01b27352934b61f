//! What ends a render before its end: Ctrl-C, and a signal that nobody can catch.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Desk, Ended, read};

#[test]
fn ctrl_c_ends_with_130_and_leaves_whole_files_only() {
    let desk = Desk::with(&[]);
    desk.plates(1, 640, 360);
    desk.shot(1, 640, 360);
    std::fs::create_dir(desk.path("out")).expect("a folder");
    // Far more frames than can be done in the time: all but the first are empty.
    let args = ["render", "shot.playa", "-o", "out/a.####.exr", "-F", "1-100000", "--json", "--report", "report.json"];
    let command = desk.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let start = Instant::now();
    while desk.names("out").len() < 3 {
        assert!(start.elapsed() < Duration::from_secs(60), "no frames are written");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &command.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    let ended = Ended::from(command.wait_with_output().expect("it ends"));
    ended.expect(130, &["interrupted before"]);

    let json = ended.json();
    assert_eq!(json["totals"]["interrupted"], true);
    let report = std::fs::read(desk.path("report.json")).expect("it is written too");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&report).expect("it is JSON"), json);
    let names = desk.names("out");
    assert_eq!(Some(names.len() as u64), json["totals"]["made"].as_u64(), "what it says is there, and nothing else");
    for name in names {
        assert_eq!(read(&desk.path("out").join(&name)).image.window().width(), 640, "{name}");
    }
}

#[test]
fn a_render_that_is_killed_leaves_whole_files_and_the_next_one_goes_on() {
    const FRAMES: usize = 60;
    let desk = Desk::with(&[]);
    desk.plates(1, 640, 360);
    desk.shot(1, 640, 360);
    std::fs::create_dir(desk.path("out")).expect("a folder");
    let frames = format!("1-{FRAMES}");
    let output = "out/a.####.exr,compression=none,dtype=float";
    let args = ["render", "shot.playa", "-o", output, "-F", &frames, "--resume", "--json", "--workers", "4"];
    let finished = || desk.names("out").into_iter().filter(|name| name.starts_with("a.")).collect::<Vec<_>>();
    let mut unfinished = 0;
    for stop_at in [3, 9, 14, 20, 27, 33] {
        let mut command = desk.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        let start = Instant::now();
        while finished().len() < stop_at {
            assert!(start.elapsed() < Duration::from_secs(60), "no frames are written");
            std::thread::sleep(Duration::from_millis(1));
        }
        command.kill().expect("it is killed");
        command.wait().expect("it ends");
        // Every name is that of a whole file.
        for name in finished() {
            assert_eq!(read(&desk.path("out").join(&name)).image.window().width(), 640, "{name}");
        }
        unfinished += desk.names("out").len() - finished().len();
    }
    assert!(unfinished > 0, "a kill that never meets a file in the making tells nothing");
    let there = finished().len();
    let ended = desk.playa(&args);
    ended.expect(0, &[]);
    let json = ended.json();
    assert_eq!(json["totals"]["skipped"], there, "what was there is not made again");
    assert_eq!(json["totals"]["made"], FRAMES - there);
    assert_eq!(desk.names("out"), finished(), "and what was not finished is gone");
    assert_eq!(finished().len(), FRAMES);
}
