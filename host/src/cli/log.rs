//! What the host and the effects have to say while they work, on stderr.

use std::sync::atomic::{AtomicUsize, Ordering};

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::console;

/// Shows warnings and errors, and with each `-v` one level more: information, details, everything. A process that
/// already has a logger keeps it; it may pass on to [`stderr`].
pub(super) fn start(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    LEVEL.store(level as usize, Ordering::Relaxed);
    // Either way, it is a logger that was told.
    let _ = log::set_logger(stderr());
    log::set_max_level(level.max(log::max_level()));
}

/// What prints for the command, as loud as its last run was told to be.
pub fn stderr() -> &'static dyn Log {
    static LOGGER: Stderr = Stderr;
    &LOGGER
}

/// A `LevelFilter` as a number.
static LEVEL: AtomicUsize = AtomicUsize::new(LevelFilter::Warn as usize);

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("playa") && metadata.level() as usize <= LEVEL.load(Ordering::Relaxed)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        match record.level() {
            Level::Error => console::error(record.args()),
            Level::Warn => console::warn(record.args()),
            Level::Info => console::say(format_args!("info: {}", record.args())),
            Level::Debug | Level::Trace => console::say(format_args!("detail: {}", record.args())),
        }
    }

    fn flush(&self) {}
}
