//! The services of a host that looks closely: it counts, refuses, fills scratch memory with what one wants, and runs loops
//! in any order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use abi_stable::RRef;
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RStr, RVec};
use playa_plugin_api::abi;
use rayon::prelude::*;

use super::buffer::POISON;

/// Who runs the pieces of a loop, in which order.
#[derive(Clone, Copy, Debug, Default)]
pub enum Loops<'a> {
    /// The thread that calls, from the first to the last.
    #[default]
    InOrder,
    /// The thread that calls, from the last to the first.
    Backwards,
    /// These threads.
    On(&'a rayon::ThreadPool),
}

/// What a host does for one call.
pub struct Services<'a> {
    /// How loops run.
    pub loops: Loops<'a>,
    /// What scratch memory holds when it is lent: the bits of each value.
    pub filler: u32,
    /// Of the requests for scratch memory, the one that is refused, from 0.
    pub refused: Option<usize>,
    /// The effect is told to stop when it has asked so often whether it shall.
    pub stops_after: Option<usize>,
    /// The effect is told to stop.
    pub stop: AtomicBool,
    /// What this host does on the thread that calls before it runs a loop: a host may have other work for its threads.
    pub interlude: Option<&'a (dyn Fn() + Sync)>,
    pub(super) asked: AtomicUsize,
    pub(super) seen: Mutex<Seen>,
}

/// What an effect did with the services.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Sizes of the buffers that it has, by address.
    lent: BTreeMap<usize, usize>,
    /// How often it wanted scratch memory.
    pub requests: usize,
    /// What no effect may do, in words.
    pub faults: Vec<String>,
    /// What it said of its progress.
    pub progress: Vec<f32>,
    /// What it wrote to the log: level and text.
    pub log: Vec<(u32, String)>,
}

impl Seen {
    /// How many buffers it did not give back.
    pub fn kept(&self) -> usize {
        self.lent.len()
    }
}

impl Default for Services<'_> {
    fn default() -> Self {
        Self {
            loops: Loops::default(),
            filler: POISON,
            refused: None,
            stops_after: None,
            stop: AtomicBool::new(false),
            interlude: None,
            asked: AtomicUsize::new(0),
            seen: Mutex::default(),
        }
    }
}

impl Services<'_> {
    /// As an effect sees them.
    pub fn wire(&self) -> abi::ServicesRef<'_> {
        abi::Services_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    /// What was done with them until now.
    pub fn seen(&self) -> Seen {
        self.state().clone()
    }

    /// How often the effect asked whether it shall stop.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl abi::Services for Services<'_> {
    fn parallel_for(&self, count: usize, body: &abi::BodyRef<'_>) {
        if let Some(interlude) = self.interlude {
            interlude();
        }
        match self.loops {
            Loops::InOrder => (0..count).for_each(|index| body.run(index)),
            Loops::Backwards => (0..count).rev().for_each(|index| body.run(index)),
            Loops::On(pool) => pool.install(|| (0..count).into_par_iter().for_each(|index| body.run(index))),
        }
    }

    fn scratch(&self, values: usize) -> ROption<RVec<f32>> {
        let mut seen = self.state();
        let number = seen.requests;
        seen.requests += 1;
        let mut buffer = Vec::new();
        if self.refused == Some(number) || buffer.try_reserve_exact(values).is_err() {
            return ROption::RNone;
        }
        buffer.resize(values, f32::from_bits(self.filler));
        let buffer = RVec::from(buffer);
        if values > 0 {
            seen.lent.insert(buffer.as_ptr().addr(), values);
        }
        ROption::RSome(buffer)
    }

    fn give_back(&self, buffer: RVec<f32>) {
        if buffer.is_empty() && buffer.capacity() == 0 {
            return;
        }
        let mut seen = self.state();
        match seen.lent.remove(&buffer.as_ptr().addr()) {
            Some(values) if values == buffer.len() => {}
            Some(values) => {
                let fault = format!("a buffer of {values} values came back with {}", buffer.len());
                seen.faults.push(fault);
            }
            None => {
                let fault = format!("a buffer of {} values was given back that was never lent", buffer.len());
                seen.faults.push(fault);
            }
        }
    }

    fn aborted(&self) -> bool {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        self.stop.load(Ordering::Relaxed) || self.stops_after.is_some_and(|last| number >= last)
    }

    fn progress(&self, done: f32) {
        self.state().progress.push(done);
    }

    fn log(&self, level: u32, message: RStr<'_>) {
        self.state().log.push((level, message.to_string()));
    }

    /// API 1.0 has no extensions: every name is unknown.
    fn extension(&self, _name: RStr<'_>, _version: u32) -> ROption<abi::Extension> {
        ROption::RNone
    }
}
