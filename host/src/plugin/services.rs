//! What the host does for an effect while it renders.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

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
pub struct Services<'a> {
    effect: &'a str,
    threads: Threads,
    watch: Option<&'a dyn Watch>,
    stop: Stop<'a>,
    scratch: &'a Scratch,
    scratch_budget: u64,
    scratch_used: AtomicU64,
}

/// What tells a render to stop: somebody who asks it to, or the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stop<'a> {
    /// Set where everything that belongs together shall stop.
    pub abort: Option<&'a AtomicBool>,
    /// Set where only this shall stop.
    pub cancel: Option<&'a AtomicBool>,
    /// When its time is over.
    pub until: Option<Instant>,
}

impl Stop<'_> {
    /// Whether somebody asks it to stop.
    pub fn is_asked(&self) -> bool {
        self.abort.iter().chain(&self.cancel).any(|flag| flag.load(Ordering::Relaxed))
    }

    /// Whether its time is over.
    pub fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// Who runs the parallel loops of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// All threads of the pool.
    All,
    /// The thread that calls, because the others are busy with other tiles.
    Caller,
}

/// Is told of the parallel loops of an effect that run on all threads.
pub trait Watch: Sync {
    /// A piece of a loop that began at `start` ends now, on this thread.
    fn piece(&self, start: Instant);

    /// A loop that began at `start` ends now, on the thread that called it.
    fn end(&self, start: Instant);
}

impl fmt::Debug for Services<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("effect", &self.effect).field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl<'a> Services<'a> {
    /// Services for `effect`, which may take `scratch_budget` bytes of scratch memory at a time.
    pub fn new(effect: &'a str, threads: Threads, stop: Stop<'a>, scratch: &'a Scratch, scratch_budget: u64) -> Self {
        Self { effect, threads, watch: None, stop, scratch, scratch_budget, scratch_used: AtomicU64::new(0) }
    }

    /// The same, with somebody who is told of the loops.
    pub fn watched(self, watch: &'a dyn Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// What tells the render to stop.
    pub fn stop(&self) -> Stop<'a> {
        self.stop
    }

    /// Bytes of scratch memory that the effect may take at a time.
    pub fn scratch_budget(&self) -> u64 {
        self.scratch_budget
    }

    /// Runs a loop on all threads.
    fn on_all_threads(&self, count: usize, body: impl Fn(usize) + Send + Sync) {
        let Some(watch) = self.watch else {
            return (0..count).into_par_iter().for_each(body);
        };
        let start = Instant::now();
        (0..count).into_par_iter().for_each(|index| {
            let start = Instant::now();
            body(index);
            watch.piece(start);
        });
        watch.end(start);
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
            Threads::All => self.on_all_threads(count, |index| body.run(index)),
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
        self.stop.is_asked() || self.stop.is_late()
    }

    fn progress(&self, done: f32) {
        log::trace!(target: "playa::effect", "{}: {:.0} % done", self.effect, f64::from(done) * 100.0);
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
