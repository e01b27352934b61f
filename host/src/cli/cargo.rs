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
    profile: Profile,
    /// The platform to build for, where it is not this machine's.
    target: Option<String>,
}

/// What cargo builds it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
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

/// What a crate says of itself.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) package: Package,
    /// The root of its workspace.
    pub(super) workspace: PathBuf,
}

#[derive(Debug, Deserialize)]
struct AllMetadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

/// The `[package]` of a Cargo.toml, with what it takes from its workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) license_file: Option<PathBuf>,
    pub(super) authors: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) readme: Option<PathBuf>,
    /// The tables `[package.metadata.*]`.
    pub(super) metadata: serde_json::Value,
    manifest_path: PathBuf,
}

impl Crate {
    /// The crate in this folder.
    pub(super) fn at(folder: &Path, profile: Profile) -> Result<Self, Failure> {
        let none = |reason: String| {
            Failure::usage(format_args!("{}: {reason}", folder.display()))
                .hint("run it in the folder of an effect's crate, or name that; `playa new` makes one")
        };
        let real = folder.canonicalize().map_err(|error| none(error.to_string()))?;
        for part in ["Cargo.toml", "src"] {
            if !real.join(part).exists() {
                return Err(none(format!("there is no {part} in this folder")));
            }
        }
        Ok(Self { folder: real, profile, target: None })
    }

    /// The same, built for the platform of this target triple.
    pub(super) fn for_target(self, target: Option<String>) -> Self {
        Self { target, ..self }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the crate says of itself: the answer of `cargo metadata` about it, and the root of its workspace.
    pub(super) fn metadata(&self) -> Result<Metadata, Failure> {
        let wrong = |reason: String| Failure::usage(format_args!("{}: {reason}", self.folder.display()));
        let mut command = self.cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = command.stderr(Stdio::inherit()).output().map_err(|error| no_cargo(&error))?;
        if !output.status.success() {
            return Err(wrong("cargo cannot read its Cargo.toml".to_owned()));
        }
        let all: AllMetadata = serde_json::from_slice(&output.stdout).map_err(|error| wrong(error.to_string()))?;
        let own = |package: &Package| {
            package.manifest_path.parent().and_then(|folder| folder.canonicalize().ok()).as_ref() == Some(&self.folder)
        };
        let package = all.packages.into_iter().find(own);
        let package = package.ok_or_else(|| wrong("it is no package, only a workspace".to_owned()))?;
        Ok(Metadata { package, workspace: all.workspace_root })
    }

    fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// Builds the plugin. What cargo says passes on to stderr.
    pub(super) fn build(&self, stop: &AtomicBool) -> Result<Built, Failure> {
        let mut command = self.cargo();
        command.args(["build", "--lib", "--message-format", "json-render-diagnostics"]);
        command.args((self.profile == Profile::Release).then_some("--release"));
        command.args(self.target.iter().flat_map(|target| ["--target", target]));
        command.stdout(Stdio::piped());
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
        // That of this machine, or of another that it was built for.
        let is_library =
            |file: &PathBuf| file.extension().is_some_and(|end| end == "so" || end == "dylib" || end == "dll");
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
