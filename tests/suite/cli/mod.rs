//! The command `playa` as a user runs it: its own process, its output, its exit status, its files.

mod bundle;
mod demo;
#[cfg(unix)]
mod dev;
mod diff;
mod effects;
mod graph;
mod info;
#[cfg(unix)]
mod interrupt;
mod new;
mod plugins;
mod render;
mod validate;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use playa_host::image::{Frame, Image, Rect};
use playa_host::media::{self, ColourType, ReadOptions, WriteOptions};
use playa_tests::{plugin, program};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A folder to work in, with plugins of its own, where nothing of the user's configuration is seen.
struct Desk {
    folder: TempDir,
}

impl Desk {
    /// With the libraries of these packages as plugins.
    fn with(packages: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let plugins = folder.path().join("plugins");
        std::fs::create_dir(&plugins).expect("a folder");
        for package in packages {
            let library = plugin(package);
            std::fs::copy(&library, plugins.join(library.file_name().expect("it has a name"))).expect("it is copied");
        }
        std::fs::write(folder.path().join("playa.toml"), "").expect("it is written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("it is written");
    }

    /// The command, to be run in the folder.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("PLAYA_PLUGIN_PATH", self.path("plugins")).env("PLAYA_CONFIG", self.path("playa.toml"));
        for user_folder in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"] {
            command.env(user_folder, self.path("home"));
        }
        command
    }

    /// Runs it to its end.
    fn playa(&self, args: &[&str]) -> Ended {
        Ended::from(self.command(args).output().expect("it runs"))
    }

    /// Frames 1 to `last` of a sequence `plate.####.exr`, each of one colour: red is the number of the frame.
    fn plates(&self, last: i64, width: u32, height: u32) {
        for frame in 1..=last {
            let window = Rect::of_size(width, height);
            let pixels = [frame as f32, 0.25, 0.5, 1.0].repeat(width as usize * height as usize);
            let image = Image::from_vec(window, pixels).expect("the size fits");
            let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
            media::write(self.path(&format!("plate.{frame:04}.exr")), &Frame::new(image), &options).expect("written");
        }
    }

    /// A project `shot.playa` with one comp that shows frames 1 to `last` of the plates.
    fn shot(&self, last: i64, width: u32, height: u32) {
        self.write(
            "shot.playa",
            &format!(
                "playa = 1\n\n[[media]]\nuuid = \"00000000-0000-4000-8000-000000000001\"\npath = \"plate.####.exr\"\n\
                 in = 1\nout = {last}\n\n[[comp]]\nuuid = \"00000000-0000-4000-8000-000000000002\"\nname = \"Main\"\n\
                 width = {width}\nheight = {height}\nin = 1\nout = {last}\n\n[[comp.layer]]\n\
                 uuid = \"00000000-0000-4000-8000-000000000003\"\nname = \"Plate\"\n\
                 media = \"00000000-0000-4000-8000-000000000001\"\nin = 1\nsrc_len = {last}\n"
            ),
        );
    }

    /// The names in a sub-folder, hidden ones included, sorted.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("the folder is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

/// A command that has ended.
#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It ended with this status and said all of this on stderr.
    fn expect(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, Some(status), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the command prints UTF-8");
        Self { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

fn read(path: &Path) -> Frame {
    media::read(path, &ReadOptions::default()).expect("the picture can be read")
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let desk = Desk::with(&[]);
    for args in
        [&[][..], &["rendr"], &["info"], &["render", "shot.playa"], &["effects", "show"], &["demo", "--size", "9"]]
    {
        assert_eq!(desk.playa(args).status, Some(2), "{args:?}");
    }
    for command in ["effects", "plugins", "info", "graph", "render", "diff", "demo", "new", "dev", "validate"] {
        let help = desk.playa(&[command, "--help"]);
        help.expect(0, &[]);
        assert!(help.out.contains("Examples:") && help.err.is_empty(), "{help:?}");
    }
    desk.write("playa.toml", "colour = \"blue\"\n");
    desk.playa(&["effects"]).expect(2, &["error: ", "playa.toml", "colour"]);
}

#[test]
fn a_closed_stdout_is_no_failure() {
    let desk = Desk::with(&["fixture-gain"]);
    for args in [&["effects"][..], &["effects", "--json"], &["--help"], &["info", "--json", "playa.toml"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = desk.command(args).stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs");
        let ended = Ended::from(output.wait_with_output().expect("it ends"));
        let expected = i32::from(args[0] == "info"); // playa.toml is no picture
        assert_eq!(ended.status, Some(expected), "{args:?}: {ended:?}");
        assert!(!ended.err.contains("panicked") && !ended.err.contains("pipe"), "{ended:?}");
    }
}
