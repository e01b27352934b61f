//! What the host does for an effect while it renders.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use abi_stable::{
    RRef,
    sabi_trait::TD_Opaque,
    std_types::{ROption, RStr, RVec},
};
use playa_plugin_api::abi;
use rayon::prelude::*;

use crate::image::scratch::Scratch;

/// The services of one render: threads, memory, stopping, log. Effects get a reference for the length of a call.
///
/// A panic that left one of these functions would end the process, so none of them can.
#[derive(Debug)]
pub struct Services<'a> {
    effect: &'a str,
    threads: Threads,
    abort: &'a AtomicBool,
    scratch: &'a Scratch,
    scratch_budget: u64,
    scratch_used: AtomicU64,
}

/// Who runs the parallel loops of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// All threads of the pool.
    All,
    /// The thread that calls, because the others are busy with other tiles.
    Caller,
}

impl<'a> Services<'a> {
    /// Services for `effect`, which may take `scratch_budget` bytes of scratch memory at a time. Setting `abort` asks it
    /// to stop.
    pub fn new(
        effect: &'a str,
        threads: Threads,
        abort: &'a AtomicBool,
        scratch: &'a Scratch,
        scratch_budget: u64,
    ) -> Self {
        Self { effect, threads, abort, scratch, scratch_budget, scratch_used: AtomicU64::new(0) }
    }

    /// As the effect sees them.
    pub(super) fn as_wire(&self) -> abi::ServicesRef<'_> {
        abi::Services_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl abi::Services for Services<'_> {
    fn parallel_for(&self, count: usize, body: &abi::BodyRef<'_>) {
        match self.threads {
            Threads::Caller => (0..count).for_each(|index| body.run(index)),
            Threads::All if count < 2 => (0..count).for_each(|index| body.run(index)),
            Threads::All => (0..count).into_par_iter().for_each(|index| body.run(index)),
        }
    }

    fn scratch(&self, values: usize) -> ROption<RVec<f32>> {
        let bytes = (values as u64).saturating_mul(4);
        let taken = self.scratch_used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|sum| *sum <= self.scratch_budget)
        });
        if taken.is_err() {
            return ROption::RNone;
        }
        let buffer = self.scratch.take(values);
        if buffer.is_none() {
            self.scratch_used.fetch_sub(bytes, Ordering::Relaxed);
        }
        buffer.into()
    }

    fn give_back(&self, buffer: RVec<f32>) {
        let bytes = buffer.len() as u64 * 4;
        // A buffer that was never lent cannot make the count negative.
        let _ = self
            .scratch_used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
        self.scratch.give(buffer);
    }

    fn aborted(&self) -> bool {
        self.abort.load(Ordering::Relaxed)
    }

    fn progress(&self, done: f32) {
        log::trace!("{}: {:.0} % done", self.effect, f64::from(done) * 100.0);
    }

    fn log(&self, level: u32, message: RStr<'_>) {
        let level = match level {
            0 => log::Level::Error,
            1 => log::Level::Warn,
            2 => log::Level::Info,
            _ => log::Level::Debug,
        };
        log::log!(target: "playa::effect", level, "{}: {message}", self.effect);
    }

    /// API 1.0 has no extensions: every name is unknown.
    fn extension(&self, _name: RStr<'_>, _version: u32) -> ROption<abi::Extension> {
        ROption::RNone
    }
}
