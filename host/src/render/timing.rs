//! What one render took, for whoever reports it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Takes note of the steps of a render: see `RenderOptions::timing`. Where several renders share one, it holds their sums.
#[derive(Debug, Default)]
pub struct Timing {
    /// Nanoseconds.
    wait: AtomicU64,
    decode: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Timing {
    /// How long it waited for memory, or for its turn.
    pub fn wait(&self) -> Duration {
        Duration::from_nanos(self.wait.load(Ordering::Relaxed))
    }

    /// How long it read files, from the first to the last one.
    pub fn decode(&self) -> Duration {
        Duration::from_nanos(self.decode.load(Ordering::Relaxed))
    }

    /// How many pictures the cache had.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// How many pictures it was asked for and had not.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    pub(super) fn add_wait(&self, start: Instant) {
        self.wait.fetch_add(nanoseconds(start), Ordering::Relaxed);
    }

    pub(super) fn add_decode(&self, start: Instant) {
        self.decode.fetch_add(nanoseconds(start), Ordering::Relaxed);
    }

    pub(super) fn add_found(&self, hits: usize, misses: u64) {
        self.hits.fetch_add(hits as u64, Ordering::Relaxed);
        self.misses.fetch_add(misses, Ordering::Relaxed);
    }
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
