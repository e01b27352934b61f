//! Worker processes: plugin code that runs where it can end nothing but itself.
//!
//! A worker is a process of our own program that opens one plugin and does what the host asks of it. New plugin files are
//! tried in one before they are opened here, and isolated plugins live in one. Host and worker talk in `message`s over a
//! `channel`, and share the memory of pictures (`image::shared`), so that no pixel is sent.
//!
//! The host's side of a worker is `process`. `crew` starts them, one ahead where plugins are likely to change, and opens
//! plugins in them; `isolated` makes effects of those. The worker's own side is `child`; what it does without is in
//! `sandbox`, and the first picture of a plugin in `trial`.
//!
//! Only Unix has what this needs. Elsewhere nothing is tried, and what shall be isolated is refused.

#[cfg(unix)]
mod channel;
#[cfg(unix)]
mod child;
#[cfg(unix)]
mod codec;
#[cfg(unix)]
mod crew;
#[cfg(unix)]
mod ended;
#[cfg(unix)]
mod isolated;
#[cfg(unix)]
mod message;
#[cfg(not(unix))]
mod nowhere;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod sandbox;
#[cfg(unix)]
mod trial;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

#[cfg(unix)]
pub use child::serve;
#[cfg(unix)]
pub use crew::Crew;
#[cfg(not(unix))]
pub use nowhere::{Crew, serve};

use super::LoadError;

/// The program that lives as a worker: this one, called in a way in which it does nothing but [`serve`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerProgram {
    /// The file.
    pub program: PathBuf,
    /// What it is called with.
    pub arguments: Vec<OsString>,
}

static PROGRAM: OnceLock<WorkerProgram> = OnceLock::new();

impl WorkerProgram {
    /// Says which program it is in this process, before the first plugin is looked for. Without it, nothing is tried, and
    /// what shall be isolated is refused.
    pub fn set(self) {
        // Who said it first knows.
        let _ = PROGRAM.set(self);
    }

    /// The program of this process, if it has one.
    pub fn of_this_process() -> Option<&'static Self> {
        PROGRAM.get()
    }
}

/// What workers may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Bytes of memory of its own.
    pub memory: u64,
    /// How long a call of an effect may take.
    pub call: Duration,
    /// How long opening a plugin may take.
    pub load: Duration,
    /// How long the first pictures of a plugin may take.
    pub trial: Duration,
    /// Whether workers do without changing files and the network.
    pub sandbox: bool,
}

impl Default for Limits {
    /// Half of the memory that is free, but not less than 1 GiB; a minute for a call, 10 s to open, 5 s to try.
    fn default() -> Self {
        Self {
            memory: (crate::image::memory::free() / 2).max(1 << 30),
            call: Duration::from_secs(60),
            load: Duration::from_secs(10),
            trial: Duration::from_secs(5),
            sandbox: true,
        }
    }
}

/// What a worker cannot do any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confined {
    /// Change files.
    pub files: bool,
    /// Reach the network.
    pub network: bool,
}

/// Why a plugin is not open in a worker.
#[derive(Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no workers that say so"))]
pub(super) enum NotOpened {
    /// It is no plugin for this host, or lacks something of this machine.
    Refused(LoadError),
    /// It did something to its process that no plugin may do.
    Faulty(String),
    /// There is no process to open it in.
    NoWorker(String),
}
