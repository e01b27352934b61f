//! What the host does for an effect while it renders.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use abi_stable::{
    RRef,
    sabi_trait::TD_Opaque,
    std_types::{ROption, RStr, RVec},
};
use playa_plugin_api::abi;
use rayon::prelude::*;

/// The services of one render: threads, memory, stopping, log. Effects get a reference for the length of a call.
///
/// A panic that left one of these functions would end the process, so none of them can.
#[derive(Debug)]
pub struct Services<'a> {
    effect: &'a str,
    abort: &'a AtomicBool,
    scratch_budget: u64,
    scratch_used: AtomicU64,
    /// Buffers that were given back, for the next tile to take: fresh memory costs more than what is done in it.
    scratch_free: Mutex<Vec<RVec<f32>>>,
}

impl<'a> Services<'a> {
    /// Services for `effect`, which may take `scratch_budget` bytes of scratch memory at a time. Setting `abort` asks it
    /// to stop.
    pub fn new(effect: &'a str, abort: &'a AtomicBool, scratch_budget: u64) -> Self {
        let scratch_used = AtomicU64::new(0);
        Self { effect, abort, scratch_budget, scratch_used, scratch_free: Mutex::default() }
    }

    /// As the effect sees them.
    pub(super) fn as_wire(&self) -> abi::ServicesRef<'_> {
        abi::Services_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

/// Buffers up to this size, those of tiles, are kept for the next one.
const KEPT_BYTES: u64 = 4 << 20;

impl Services<'_> {
    fn free(&self) -> MutexGuard<'_, Vec<RVec<f32>>> {
        self.scratch_free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A kept buffer with room for as many values, made that long.
    fn free_buffer(&self, values: usize) -> Option<RVec<f32>> {
        let mut free = self.free();
        let at = free.iter().position(|buffer| buffer.capacity() >= values)?;
        let mut buffer = free.swap_remove(at);
        drop(free);
        buffer.resize(values, 0.0);
        Some(buffer)
    }
}

impl abi::Services for Services<'_> {
    fn parallel_for(&self, count: usize, body: &abi::BodyRef<'_>) {
        match count {
            0 => {}
            1 => body.run(0),
            _ => (0..count).into_par_iter().for_each(|index| body.run(index)),
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
        if let Some(buffer) = self.free_buffer(values) {
            return ROption::RSome(buffer);
        }
        let mut buffer = Vec::new();
        if buffer.try_reserve_exact(values).is_err() {
            self.scratch_used.fetch_sub(bytes, Ordering::Relaxed);
            return ROption::RNone;
        }
        buffer.resize(values, 0.0_f32);
        ROption::RSome(buffer.into())
    }

    fn give_back(&self, buffer: RVec<f32>) {
        let bytes = buffer.len() as u64 * 4;
        // A buffer that was never lent cannot make the count negative.
        let _ = self
            .scratch_used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
        if bytes <= KEPT_BYTES {
            self.free().push(buffer);
        }
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
