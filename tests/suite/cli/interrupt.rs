//! Ctrl-C during a render.

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
    let args = ["render", "shot.playa", "-o", "out/a.####.exr", "-F", "1-100000", "--json"];
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
    let names = desk.names("out");
    assert_eq!(Some(names.len() as u64), json["totals"]["ok"].as_u64(), "what it says is there, and nothing else");
    for name in names {
        assert_eq!(read(&desk.path("out").join(&name)).image.window().width(), 640, "{name}");
    }
}
