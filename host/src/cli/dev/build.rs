//! Building a crate with cargo.

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde::Deserialize;

use crate::cli::failure::{Exit, Failure};

/// How often it is looked whether to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// The crate of an effect.
#[derive(Debug)]
pub(super) struct Crate {
    folder: PathBuf,
    release: bool,
}

/// What came of a build.
#[derive(Debug)]
pub(super) enum Built {
    /// The plugin file. It is fresh if there was nothing to do.
    Library { path: PathBuf, fresh: bool },
    /// It did not; cargo has said why.
    Failed,
    /// Ctrl-C.
    Stopped,
}

/// What cargo says of a thing that it made.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    target: Target,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    fresh: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Target {
    #[serde(default)]
    crate_types: Vec<String>,
}

impl Crate {
    /// The crate in this folder.
    pub(super) fn at(folder: &Path, release: bool) -> Result<Self, Failure> {
        let none = |reason: String| {
            Failure::usage(format_args!("{}: {reason}", folder.display()))
                .hint("run it in the folder of an effect's crate, or name that with --crate; `playa new` makes one")
        };
        let real = folder.canonicalize().map_err(|error| none(error.to_string()))?;
        for part in ["Cargo.toml", "src"] {
            if !real.join(part).exists() {
                return Err(none(format!("there is no {part} in this folder")));
            }
        }
        Ok(Self { folder: real, release })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Builds the plugin. What cargo says passes on to stderr.
    pub(super) fn build(&self, stop: &AtomicBool) -> Result<Built, Failure> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--lib", "--message-format", "json-render-diagnostics"]);
        command.args(self.release.then_some("--release"));
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped());
        // Its compilers end with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut cargo = command.spawn().map_err(|error| no_cargo(&error))?;
        let output = cargo.stdout.take();
        let (sender, lines) = channel();
        let reader = std::thread::spawn(move || {
            let lines = output.into_iter().flat_map(|output| BufReader::new(output).lines());
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut library = None;
        loop {
            match lines.recv_timeout(GLANCE) {
                Ok(line) => library = self.library(&line).or(library),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop.load(Ordering::SeqCst) {
                end(&mut cargo);
                break;
            }
        }
        let status = cargo.wait().map_err(|error| no_cargo(&error))?;
        // It ends with the output; that nobody listened any more is no news.
        let _ = reader.join();
        if stop.load(Ordering::SeqCst) {
            return Ok(Built::Stopped);
        }
        match library {
            _ if !status.success() => Ok(Built::Failed),
            Some((path, fresh)) => Ok(Built::Library { path, fresh }),
            None => Err(Failure::usage(format_args!("{}: the crate makes no plugin file", self.folder.display()))
                .hint("its Cargo.toml needs a [lib] with crate-type = [\"cdylib\", \"rlib\"]")),
        }
    }

    /// The plugin file of this crate, if the line tells of it, and whether it was there before.
    fn library(&self, line: &str) -> Option<(PathBuf, bool)> {
        // Build scripts print what they like.
        let message: Message = serde_json::from_str(line).ok()?;
        let is_plugin = message.reason == "compiler-artifact"
            && message.target.crate_types.iter().any(|kind| kind == "cdylib")
            && message.manifest_path.parent().and_then(|folder| folder.canonicalize().ok())? == self.folder;
        let is_library = |file: &PathBuf| file.extension().is_some_and(|end| end == std::env::consts::DLL_EXTENSION);
        let file = message.filenames.into_iter().find(is_library).filter(|_| is_plugin)?;
        Some((file, message.fresh))
    }
}

fn no_cargo(error: &std::io::Error) -> Failure {
    let failure = Failure::new(Exit::Failed, format_args!("cargo cannot be run: {error}"));
    if error.kind() == ErrorKind::NotFound { failure.hint("install Rust from https://rustup.rs") } else { failure }
}

/// Ends cargo and what it started.
fn end(cargo: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(cargo.id().cast_signed()) {
        // It fails where all of them have ended.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = cargo.kill();
}
