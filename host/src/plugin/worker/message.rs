//! What host and worker say to each other.

use std::path::PathBuf;

use playa_plugin_api::{EffectError, EffectSpec, Plan, Rect, Value};

use super::Confined;
use super::codec::{Wire, wire_enum, wire_struct};
use crate::plugin::{LoadError, Setting};

/// Version of the messages: of this host, and of how they are written.
pub(super) fn version() -> String {
    const MESSAGES: u32 = 1;
    format!("{}, messages {MESSAGES}", env!("CARGO_PKG_VERSION"))
}

/// From the host. A `call` is a number that its answer has, too; there may be many at a time.
#[derive(Debug)]
pub(super) enum Request {
    /// The first message: how to live.
    Settings { call: u64, threads: usize, memory: u64, sandbox: bool },
    /// Open a library: the private copy of a file. A worker does this once.
    Load { call: u64, file: PathBuf, copy: PathBuf, hash: [u8; 32], size: u64, build: String },
    /// Render a small picture with each effect.
    Try { call: u64 },
    /// Ask an effect, by its place in the file, for its plan.
    Plan { call: u64, effect: usize, params: Vec<Value>, question: Question },
    /// Let an effect fill a picture.
    Render {
        call: u64,
        effect: usize,
        params: Vec<Value>,
        setting: Setting,
        inputs: Vec<Taken>,
        output: Picture,
        scratch: u64,
    },
    /// Stop a call soon.
    Abort { call: u64 },
    /// Memory for pictures; its descriptor comes with the message.
    Share { segment: u64, bytes: usize },
    /// It is not used any more.
    Forget { segment: u64 },
}

/// From the worker.
#[derive(Debug)]
pub(super) enum Answer {
    /// It lives so. Of another version than the host's, nothing that follows would be understood.
    Ready { call: u64, version: String, confined: Confined },
    /// The plugin is open.
    Loaded { call: u64, effects: Vec<EffectSpec> },
    /// It cannot be opened.
    Refused { call: u64, error: LoadError },
    /// All effects rendered something, or what one of them left undone.
    Tried { call: u64, fault: Option<String> },
    /// A plan.
    Planned { call: u64, plan: Plan },
    /// The picture is filled.
    Rendered { call: u64 },
    /// The effect could not.
    Failed { call: u64, error: EffectError },
    /// A line for the log of the host.
    Log { level: usize, message: String },
}

/// An effect's `Query`.
#[derive(Debug)]
pub(super) struct Question {
    pub window: Rect,
    pub canvas: Rect,
    pub frame: f64,
    pub scale: f64,
    pub domains: Vec<Option<Rect>>,
}

/// A planned input.
#[derive(Debug)]
pub(super) struct Taken {
    pub input: usize,
    pub frame: f64,
    pub picture: Picture,
}

/// Pixels in shared memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture {
    /// Which memory; any, where the window is empty.
    pub segment: u64,
    /// Its first pixel, counted from the beginning.
    pub first: usize,
    /// Pixels from one row to the next.
    pub stride: usize,
    /// Where the pixels are.
    pub window: Rect,
}

wire_struct!(Question { window, canvas, frame, scale, domains });
wire_struct!(Taken { input, frame, picture });
wire_struct!(Picture { segment, first, stride, window });
wire_struct!(Confined { files, network });
wire_enum!(Request {
    0 = Settings { call, threads, memory, sandbox },
    1 = Load { call, file, copy, hash, size, build },
    2 = Try { call },
    3 = Plan { call, effect, params, question },
    4 = Render { call, effect, params, setting, inputs, output, scratch },
    5 = Abort { call },
    6 = Share { segment, bytes },
    7 = Forget { segment },
});
wire_enum!(Answer {
    0 = Ready { call, version, confined },
    1 = Loaded { call, effects },
    2 = Refused { call, error },
    3 = Tried { call, fault },
    4 = Planned { call, plan },
    5 = Rendered { call },
    6 = Failed { call, error },
    7 = Log { level, message },
});

impl Answer {
    /// The call that it answers.
    pub fn call(&self) -> Option<u64> {
        match self {
            Answer::Ready { call, .. }
            | Answer::Loaded { call, .. }
            | Answer::Refused { call, .. }
            | Answer::Tried { call, .. }
            | Answer::Planned { call, .. }
            | Answer::Rendered { call }
            | Answer::Failed { call, .. } => Some(*call),
            Answer::Log { .. } => None,
        }
    }
}
