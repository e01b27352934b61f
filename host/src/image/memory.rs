//! How much memory pixels take in this process, and the limit that holds for all of them together.
//!
//! Every buffer of pixels is counted from its allocation until it goes back to the system: pictures in the making, frames
//! that were handed out, what the cache keeps, what the pool keeps for the next picture, and scratch memory. Where a new
//! one does not fit, what is only kept goes first. A frame tells before it begins how much it will take at most and gets
//! that reserved, so that frames which are made side by side wait at their beginning, where they hold nothing, and never
//! for each other.

use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::pool;

/// How long a frame that waits for memory does not look whether it was asked to stop.
const PATIENCE: Duration = Duration::from_millis(5);

/// The memory of this process.
pub static PROCESS: LazyLock<Memory> = LazyLock::new(|| {
    let memory = Memory::with_limit(default_limit());
    memory.add_keeper(Arc::downgrade(&*pool::POOL));
    memory
});

/// A count of bytes with a limit.
#[derive(Debug)]
pub struct Memory {
    state: Mutex<State>,
    /// Something was given back.
    freed: Condvar,
    keepers: Mutex<Vec<Weak<dyn Keeper>>>,
    /// Held by who asks keepers: what one gives is on its way for a while, neither kept nor free.
    asking: Mutex<()>,
}

/// Keeps memory that others may need more.
pub trait Keeper: Send + Sync + std::fmt::Debug {
    /// Gives so many bytes back, if there are. Tells whether it gave any.
    fn give_back(&self, bytes: u64) -> bool;

    /// Bytes that it keeps.
    fn kept(&self) -> u64;
}

#[derive(Debug)]
struct State {
    limit: u64,
    /// Bytes that are allocated.
    used: u64,
    /// Bytes that frames in the making have not allocated yet.
    reserved: u64,
    /// Frames in the making.
    frames: usize,
    /// One of them is to be the only one.
    alone: bool,
    /// How many wait to be the only one: no other begins before them.
    want_alone: usize,
    /// The most bytes that were allocated at once.
    peak: u64,
}

/// What takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes that all together may take.
    pub limit: u64,
    /// Bytes that are allocated.
    pub used: u64,
    /// The most bytes that were allocated at once.
    pub peak: u64,
    /// Bytes that frames in the making have reserved and not allocated yet.
    pub reserved: u64,
    /// Frames in the making.
    pub frames: usize,
    /// Those of `used` that are kept for the next pictures, by cache, pool and scratch, and go where they are needed.
    pub kept: u64,
}

/// There is no room within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} more are needed, and the limit of memory is {}: {} are taken by pictures in use, {} by frames in the making, \
     {} are kept by the cache and for the next pictures",
    Bytes(self.needed), Bytes(self.usage.limit), Bytes(self.usage.used.saturating_sub(self.usage.kept)),
    Bytes(self.usage.reserved), Bytes(self.usage.kept)
)]
pub struct Refused {
    /// Bytes that were asked for.
    pub needed: u64,
    /// What took the memory at that moment.
    pub usage: Usage,
}

/// Bytes for people.
#[derive(Clone, Copy, Debug)]
struct Bytes(u64);

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes if bytes < 1 << 20 => write!(f, "{:.1} KiB", bytes as f64 / 1024.0),
            bytes if bytes < 10 << 30 => write!(f, "{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            bytes => write!(f, "{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
        }
    }
}

/// Why a frame did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// There is no room, and nothing is going on that would make any.
    Refused(Refused),
    /// It was asked to stop while it waited.
    Stopped,
}

/// Who else a frame that waits for memory may count on.
pub trait Turn: Sync {
    /// Whether this frame may take memory: those before it have begun.
    fn has_come(&self) -> bool;

    /// Whether memory will come free without this frame: of frames before it that somebody works with or will take.
    fn others_hold(&self) -> bool;

    /// It was let in, or failed: the next frame's turn has come.
    fn pass(&self);
}

/// A frame alone.
#[derive(Debug)]
pub struct Single;

impl Turn for Single {
    fn has_come(&self) -> bool {
        true
    }

    fn others_hold(&self) -> bool {
        false
    }

    fn pass(&self) {}
}

impl Memory {
    /// Nothing is allocated.
    pub fn with_limit(limit: u64) -> Self {
        let state = State { limit, used: 0, reserved: 0, frames: 0, alone: false, want_alone: 0, peak: 0 };
        Self { state: Mutex::new(state), freed: Condvar::new(), keepers: Mutex::default(), asking: Mutex::default() }
    }

    /// From now on this one is asked for what it keeps.
    pub fn add_keeper(&self, keeper: Weak<dyn Keeper>) {
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.retain(|keeper| keeper.strong_count() > 0);
        keepers.push(keeper);
    }

    /// Sets the limit. What is kept beyond it goes at once; what is in use stays.
    pub fn set_limit(&self, limit: u64) {
        self.state().limit = limit;
        loop {
            let over = self.state().beyond(0);
            if over == 0 || !self.reclaim(over) {
                break;
            }
        }
        self.freed.notify_all();
    }

    /// What takes memory.
    pub fn usage(&self) -> Usage {
        let kept = self.keepers().iter().map(|keeper| keeper.kept()).sum::<u64>();
        let State { limit, used, peak, reserved, frames, .. } = *self.state();
        Usage { limit, used, peak, reserved, frames, kept: kept.min(used) }
    }

    /// Counts bytes that are about to be allocated, if there is room. What is reserved does not stand in the way: only who
    /// begins has to respect it, and who has begun takes what was reserved for it.
    pub(super) fn charge(&self, bytes: u64) -> Result<(), Refused> {
        loop {
            let mut state = self.state();
            let over = state.used.saturating_add(bytes).saturating_sub(state.limit);
            if over == 0 {
                state.add(bytes);
                return Ok(());
            }
            drop(state);
            if !self.reclaim(over) {
                return Err(Refused { needed: bytes, usage: self.usage() });
            }
        }
    }

    /// Counts bytes that are allocated already, or too few to be worth a refusal.
    pub(super) fn charge_anyway(&self, bytes: u64) {
        self.state().add(bytes);
    }

    /// Bytes went back to the system.
    pub(super) fn release(&self, bytes: u64) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(bytes);
        drop(state);
        self.freed.notify_all();
    }

    /// Reserves what a frame takes at most: `certain` bytes, and up to `more` if others leave it so much. Waits until
    /// there is room, as long as somebody else may make some. With `alone`, waits until no other frame is in the making,
    /// and keeps others from beginning.
    pub fn admit(
        &self,
        certain: u64,
        more: u64,
        alone: bool,
        turn: &dyn Turn,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Arc<Lease<'_>>, NotAdmitted> {
        self.state().want_alone += usize::from(alone);
        let admitted = self.wait_for_room(certain, more, alone, turn, stopped);
        self.state().want_alone -= usize::from(alone);
        turn.pass();
        admitted
    }

    /// The same without waiting: `None` where that is needed.
    pub fn admit_now(&self, certain: u64, more: u64, turn: &dyn Turn) -> Option<Arc<Lease<'_>>> {
        let has_come = turn.has_come();
        let mut state = self.state();
        let bytes = state.begin(certain, certain.saturating_add(more), false).filter(|_| has_come)?;
        let lease = self.lease(&mut state, bytes, false);
        drop(state);
        turn.pass();
        Some(lease)
    }

    fn wait_for_room(
        &self,
        certain: u64,
        more: u64,
        alone: bool,
        turn: &dyn Turn,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Arc<Lease<'_>>, NotAdmitted> {
        /// How often a frame looks that would be refused: what another one lets go may be on its way.
        const LOOKS: u32 = 20;
        let all = certain.saturating_add(more);
        let (mut waited, mut hopeless) = (false, 0);
        loop {
            if stopped() {
                return Err(NotAdmitted::Stopped);
            }
            // Asked before the count is looked at: what comes free in between only makes it wait once more.
            let (has_come, others_hold) = (turn.has_come(), turn.others_hold());
            let mut state = self.state();
            if let Some(bytes) = state.begin(certain, all, alone).filter(|_| has_come) {
                return Ok(self.lease(&mut state, bytes, alone));
            }
            let may_begin = has_come && state.may_begin(alone);
            let over = state.over(all);
            drop(state);
            if may_begin && over > 0 && self.reclaim(over) {
                continue;
            }
            let state = self.state();
            let room = state.over(certain) == 0;
            if may_begin && state.frames == 0 && !others_hold && room {
                continue;
            }
            hopeless = if may_begin && state.frames == 0 && !others_hold { hopeless + 1 } else { 0 };
            drop(state);
            if hopeless > LOOKS {
                return Err(NotAdmitted::Refused(Refused { needed: certain, usage: self.usage() }));
            }
            if may_begin && !waited {
                waited = true;
                log::debug!("a frame waits for {} of memory", Bytes(certain));
            }
            let state = self.state();
            drop(self.freed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn lease(&self, state: &mut State, bytes: u64, alone: bool) -> Arc<Lease<'_>> {
        state.frames += 1;
        state.alone = alone;
        state.reserved += bytes;
        Arc::new(Lease { memory: self, left: Mutex::new(bytes), alone })
    }

    /// Has the first keeper who can give bytes back. Tells whether one did. What a cache gives may go to the pool, which
    /// is asked first the next time.
    fn reclaim(&self, bytes: u64) -> bool {
        let before = self.state().used;
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // What another one got meanwhile may do.
        self.state().used < before || self.keepers().iter().any(|keeper| keeper.give_back(bytes))
    }

    fn keepers(&self) -> Vec<Arc<dyn Keeper>> {
        let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.iter().filter_map(Weak::upgrade).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a frame may begin, if there is room: one that is to be the only one, or any other.
    fn may_begin(&self, alone: bool) -> bool {
        !self.alone && if alone { self.frames == 0 } else { self.want_alone == 0 }
    }

    /// The bytes that a frame gets that takes `certain` of them and up to `all`, if it may begin now.
    fn begin(&self, certain: u64, all: u64, alone: bool) -> Option<u64> {
        let bytes = if self.over(all) == 0 { Some(all) } else { Some(certain).filter(|_| self.frames == 0) };
        let bytes = bytes.filter(|bytes| self.may_begin(alone) && self.over(*bytes) == 0)?;
        // Of what it may need, it gets what there is.
        Some(bytes.max(all.saturating_sub(self.over(all))))
    }

    /// How many bytes are too many if there are these too. None at all are never too many.
    fn over(&self, bytes: u64) -> u64 {
        if bytes == 0 {
            return 0;
        }
        self.beyond(bytes)
    }

    fn beyond(&self, bytes: u64) -> u64 {
        self.used.saturating_add(self.reserved).saturating_add(bytes).saturating_sub(self.limit)
    }

    fn add(&mut self, bytes: u64) {
        self.used += bytes;
        self.peak = self.peak.max(self.used);
    }
}

/// What a frame in the making has reserved, until it and all that was spent of it are dropped.
#[derive(Debug)]
pub struct Lease<'a> {
    memory: &'a Memory,
    left: Mutex<u64>,
    alone: bool,
}

/// Bytes of a lease that are allocated now; reserved again when dropped.
#[derive(Debug)]
pub struct Spent<'a> {
    lease: Arc<Lease<'a>>,
    bytes: u64,
}

impl<'a> Lease<'a> {
    /// Takes bytes out of what is reserved, because they are allocated now.
    pub fn spend(self: &Arc<Self>, bytes: u64) -> Spent<'a> {
        let mut left = self.left();
        let bytes = bytes.min(*left);
        *left -= bytes;
        self.memory.state().reserved -= bytes;
        drop(left);
        Spent { lease: Arc::clone(self), bytes }
    }

    fn left(&self) -> MutexGuard<'_, u64> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Spent<'_> {
    fn drop(&mut self) {
        let mut left = self.lease.left();
        *left += self.bytes;
        self.lease.memory.state().reserved += self.bytes;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let left = *self.left();
        let mut state = self.memory.state();
        state.reserved -= left;
        state.frames -= 1;
        state.alone &= !self.alone;
        drop(state);
        self.memory.freed.notify_all();
    }
}

/// Three quarters of the memory that is free now, within the limits of this process's control group.
fn default_limit() -> u64 {
    free() / 4 * 3
}

/// The memory that is free now, within the limits of this process's control group; 2 GiB where the system does not say.
pub fn free() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    match system.available_memory().min(group) {
        0 => 2 << 30,
        free => free,
    }
}

#[cfg(test)]
mod tests;
