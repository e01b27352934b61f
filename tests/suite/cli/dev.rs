//! `playa dev`: from a saved line to new pixels.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use playa_host::image::Image;
use serde_json::Value as Json;

use super::{Desk, Ended, read};

/// Longer than any build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// The command, with the cargo that these tests are run with.
fn dev(desk: &Desk, args: &[&str]) -> Command {
    let mut command = desk.command(&[&["dev"], args].concat());
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let of_user = || Some(PathBuf::from(std::env::var_os("HOME")?).join(folder));
        if let Some(path) = std::env::var_os(name).map(PathBuf::from).or_else(of_user) {
            command.env(name, path);
        }
    }
    command
}

/// The command while it runs.
struct Dev {
    process: Child,
    lines: Receiver<Json>,
    source: PathBuf,
}

impl Dev {
    fn start(desk: &Desk, folder: &Path, args: &[&str]) -> Self {
        let mut command = dev(desk, &[&["--json"], args].concat());
        command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("it runs");
        let (sender, lines) = channel();
        let out = BufReader::new(process.stdout.take().expect("it is piped"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).expect("each line is JSON"));
            }
        });
        Self { process, lines, source: folder.join("src/lib.rs") }
    }

    /// The next line.
    fn next(&self) -> Json {
        self.lines.recv_timeout(PATIENCE).expect("it tells what became of a save")
    }

    /// Saves the source with another text in a place of it, and waits for what becomes of that.
    fn replace(&self, old: &str, new: &str) -> Json {
        let text = std::fs::read_to_string(&self.source).expect("the source is there");
        assert!(text.contains(old), "{old:?} is not in the source");
        std::fs::write(&self.source, text.replace(old, new)).expect("it is saved");
        self.next()
    }

    /// Ctrl-C; what it said on stderr.
    fn end(mut self) -> String {
        let kill = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().expect("kill runs");
        assert!(kill.success());
        let mut said = String::new();
        self.process.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it is text");
        assert_eq!(self.process.wait().expect("it ends").code(), Some(0), "{said}");
        said
    }
}

fn pixels(image: &Image) -> Vec<u32> {
    image.values().iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_saved_line_is_seen_and_a_broken_one_leaves_the_picture() {
    let desk = Desk::with(&[]);
    desk.prepare_cargo();
    let folder = desk.new_crate("dev-tint", "pixel");
    desk.plates(1, 8, 6);
    let args = ["../plate.####.exr", "-o", "seen.exr"];
    let dev = Dev::start(&desk, &folder, &args);
    let seen = || pixels(&read(&folder.join("seen.exr")).image);
    // The plate is (1, 0.25, 0.5, 1) everywhere; the tint is (1, 0.75, 0.5).
    let light = 0.2126 + 0.7152 * 0.25 + 0.0722 * 0.5_f32;
    let tinted = |tint: [f32; 3]| move |x: usize| if x == 3 { 1.0 } else { light * tint[x] };
    let assert_seen = |tint| {
        let picture = read(&folder.join("seen.exr")).image;
        for (index, value) in picture.values().iter().enumerate() {
            // Half floats, and a few roundings before.
            assert!((value - tinted(tint)(index % 4)).abs() <= 1e-3, "{value} at {index}, with {tint:?}");
        }
    };

    let first = dev.next();
    assert_eq!((first["event"].as_str(), first["frame"].as_i64()), (Some("rendered"), Some(1)), "{first}");
    assert_eq!(first["effects"], serde_json::json!(["com.example.dev_tint"]));
    for part in ["build_seconds", "reload_seconds", "render_seconds", "total_seconds"] {
        assert!(first[part].as_f64().is_some_and(|seconds| seconds >= 0.0), "{first}");
    }
    assert_seen([1.0, 0.75, 0.5]);

    // What an effect starts with is new, and shown.
    let second = dev.replace("[1.0, 0.75, 0.5, 1.0]", "[0.25, 0.5, 1.0, 1.0]");
    assert_eq!(second["event"], "rendered", "{second}");
    assert_seen([0.25, 0.5, 1.0]);

    let before = seen();
    let broken = dev.replace("self.amount == 0.0", "self.amuont == 0.0");
    assert_eq!((broken["event"].as_str(), broken["step"].as_str()), (Some("failed"), Some("build")), "{broken}");
    assert_eq!(seen(), before, "the last good picture stays");

    let panics = dev.replace("self.amuont == 0.0", "panic!(\"out of luck\")");
    assert_eq!((panics["event"].as_str(), panics["step"].as_str()), (Some("failed"), Some("render")), "{panics}");
    assert!(panics["error"].as_str().is_some_and(|error| error.contains("out of luck")), "{panics}");
    assert_eq!(seen(), before);

    let mended = dev.replace("panic!(\"out of luck\")", "self.amount > 0.0");
    assert_eq!(mended["event"], "rendered", "{mended}");
    assert_eq!(seen(), pixels(&read(&desk.path("plate.0001.exr")).image), "it says that it changes nothing");

    let said = dev.end();
    assert!(said.contains("amuont") && said.contains("src/lib.rs"), "cargo's own words: {said}");
}

#[test]
fn a_project_or_the_test_picture_is_shown_once() {
    let desk = Desk::with(&[]);
    desk.prepare_cargo();
    desk.new_crate("dev-once", "full");
    let run = |args: &[&str]| {
        let mut command = dev(&desk, &[&["--once", "--crate", "dev-once"], args].concat());
        Ended::from(command.output().expect("it runs"))
    };
    let once = run(&["-o", "chart.exr"]);
    once.expect(0, &[]);
    assert!(once.out.starts_with("chart.exr: built ") && once.out.lines().count() == 1, "{once:?}");
    let chart = read(&desk.path("chart.exr"));
    let size = (chart.display_window.width(), chart.display_window.height());
    assert_eq!(size, (640, 360));
    // The ramp of the chart, moved to the right and down: white times 4 times the square of the way.
    for x in [24, 200, 639] {
        let light = 4.0 * ((x - 24) as f32 / 639.0).powi(2);
        let found = chart.image.pixel(x, 40)[0];
        assert!((found - light).abs() <= 2e-3 * light, "{found}, expected {light} at {x}");
    }
    assert_eq!(chart.image.pixel(23, 40), [0.0; 4]);

    // A project has its own effects, with its own numbers.
    desk.plates(1, 8, 6);
    desk.shot(1, 8, 6);
    let effect = "\n[[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000004\"\n\
                  id = \"com.example.dev_once\"\nversion = \"0.1.0\"\nparams = { right = 2, down = 1 }\n";
    let shot = std::fs::read_to_string(desk.path("shot.playa")).expect("it is there") + effect;
    desk.write("shot.playa", &shot);
    run(&["shot.playa", "-o", "shot.exr"]).expect(0, &[]);
    let shown = read(&desk.path("shot.exr")).image;
    assert_eq!(shown.pixel(2, 1), [1.0, 0.25, 0.5, 1.0]);
    assert_eq!(shown.pixel(1, 1), [0.0; 4]);

    // Footage is not written over.
    run(&["plate.0001.exr", "-o", "plate.0001.exr"]).expect(2, &["this file is footage"]);
    run(&["shot.playa", "-o", "plate.####.exr"]).expect(2, &["this file is footage"]);
    run(&["plate.0001.exr", "--effect", "Blur"]).expect(1, &["there is no Blur in it, only: DevOnce"]);
}

#[test]
fn what_is_no_crate_or_cannot_be_shown_is_told_before_a_build() {
    let desk = Desk::with(&[]);
    desk.plates(1, 8, 6);
    let hint = "`playa new` makes one";
    desk.playa(&["dev"]).expect(2, &["there is no Cargo.toml", hint]);
    desk.playa(&["dev", "--crate", "nowhere"]).expect(2, &["nowhere", hint]);
    desk.playa(&["dev", "missing.exr"]).expect(3, &["missing.exr"]);
    desk.playa(&["dev", "-o", "seen.gif"]).expect(2, &["must end in"]);
    desk.playa(&["dev", "plate.0001.exr", "--comp", "Main"]).expect(2, &["--comp is for projects"]);
    desk.playa(&["dev", "shot.playa", "--effect", "Gain"]).expect(2, &["--effect is for pictures"]);
}
