//! What the host and the effects have to say while they work, on stderr.

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::console;

/// Shows warnings and errors, and with each `-v` one level more: information, details, everything. A process that
/// already has a logger keeps it.
pub(super) fn start(verbose: u8) {
    static LOGGER: Stderr = Stderr;
    if log::set_logger(&LOGGER).is_ok() {
        log::set_max_level(match verbose {
            0 => LevelFilter::Warn,
            1 => LevelFilter::Info,
            2 => LevelFilter::Debug,
            _ => LevelFilter::Trace,
        });
    }
}

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("playa")
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
