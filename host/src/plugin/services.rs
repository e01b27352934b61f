//! What the host does for an effect while it renders.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use abi_stable::{
    RRef,
    sabi_trait::TD_Opaque,
    std_types::{ROption, RStr, RVec},
};
use playa_plugin_api::abi;
use rayon::prelude::*;

use super::{float, one_line_of};
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
    /// The buffers that the effect has, by their address.
    lent: Mutex<HashMap<usize, Lent>>,
    /// Something that was given back was never lent, or is not what it was.
    foreign: AtomicBool,
    /// A piece of a loop left its thread with another floating-point environment.
    floats: AtomicBool,
}

/// A buffer in the hands of an effect.
#[derive(Clone, Copy, Debug)]
struct Lent {
    /// What it was asked for.
    bytes: u64,
    /// Values for which it has room: as many as are counted.
    capacity: usize,
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
        Self {
            effect,
            threads,
            watch: None,
            stop,
            scratch,
            scratch_budget,
            scratch_used: AtomicU64::new(0),
            lent: Mutex::default(),
            foreign: AtomicBool::new(false),
            floats: AtomicBool::new(false),
        }
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

    /// What the effect did with them that none may do, in words, now that its call is over.
    pub(super) fn faults(&self) -> Vec<String> {
        let lent = self.lent();
        let bytes: usize = lent.values().map(|lent| lent.capacity * size_of::<f32>()).sum();
        let kept =
            || format!("it kept {} buffers of scratch memory, {bytes} bytes, which count from now on", lent.len());
        let foreign = "it gave back scratch memory that it was not lent, or not in this form";
        let floats = "it changed how threads of the host compute with floats, which was put back";
        [
            (!lent.is_empty()).then(kept),
            self.foreign.load(Ordering::Relaxed).then(|| foreign.to_owned()),
            self.floats.load(Ordering::Relaxed).then(|| floats.to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn lent(&self) -> MutexGuard<'_, HashMap<usize, Lent>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a piece of a loop. `None` where the render is to stop.
    fn piece(&self, index: usize, body: &abi::BodyRef<'_>) -> Option<()> {
        if abi::Services::aborted(self) {
            return None;
        }
        let ((), changed) = float::kept(|| body.run(index));
        if changed {
            self.floats.store(true, Ordering::Relaxed);
        }
        Some(())
    }

    /// Runs a loop on all threads.
    fn on_all_threads(&self, count: usize, piece: impl Fn(usize) -> Option<()> + Send + Sync) {
        let Some(watch) = self.watch else {
            let _ = (0..count).into_par_iter().try_for_each(piece);
            return;
        };
        let start = Instant::now();
        let _ = (0..count).into_par_iter().try_for_each(|index| {
            let start = Instant::now();
            piece(index)?;
            watch.piece(start);
            Some(())
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
        let piece = |index| self.piece(index, body);
        if self.threads == Threads::All && count > 1 {
            return self.on_all_threads(count, piece);
        }
        let _ = (0..count).try_for_each(piece);
    }

    fn scratch(&self, values: usize) -> ROption<RVec<f32>> {
        let bytes = (values as u64).saturating_mul(4);
        let taken = self.scratch_used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|sum| *sum <= self.scratch_budget)
        });
        if taken.is_err() {
            return ROption::RNone;
        }
        let Some(buffer) = self.scratch.take(values) else {
            self.scratch_used.fetch_sub(bytes, Ordering::Relaxed);
            return ROption::RNone;
        };
        // What has no memory has no address of its own, and nothing to count.
        if buffer.capacity() > 0 {
            self.lent().insert(buffer.as_ptr().addr(), Lent { bytes, capacity: buffer.capacity() });
        }
        ROption::RSome(buffer)
    }

    fn give_back(&self, buffer: RVec<f32>) {
        if buffer.capacity() == 0 {
            return;
        }
        let mut lent = self.lent();
        let address = buffer.as_ptr().addr();
        if lent.get(&address).is_none_or(|known| known.capacity != buffer.capacity()) {
            drop(lent);
            // It goes to where it comes from, and not to the next one who asks.
            self.foreign.store(true, Ordering::Relaxed);
            return;
        }
        if let Some(known) = lent.remove(&address) {
            self.scratch_used.fetch_sub(known.bytes, Ordering::Relaxed);
        }
        drop(lent);
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
        log::log!(target: "playa::effect", level, "{}: {}", self.effect, one_line_of(message.as_rslice().as_slice()));
    }

    /// API 1.0 has no extensions: every name is unknown.
    fn extension(&self, _name: RStr<'_>, _version: u32) -> ROption<abi::Extension> {
        ROption::RNone
    }
}
