//! What came into a cache and what left it, told a little later: many changes at once, so that who is told may be slow.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use uuid::Uuid;

/// The changes of so long are told together, after it: ten times a second at most.
pub const INTERVAL: Duration = Duration::from_millis(100);

/// How many pictures came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheChange {
    /// Those that were put in.
    pub added: u64,
    /// Those that had to go, or were dropped.
    pub removed: u64,
}

/// Changes by the comp or layer for which the pictures were made first.
pub type CacheChanges = BTreeMap<Uuid, CacheChange>;

/// Wants to know what changes in a cache.
pub trait CacheObserver: Send + Sync {
    /// Whether anyone would be told. Otherwise nothing is noted. Asked for every picture, so it has to be quick.
    fn listens(&self) -> bool;

    /// Called on a thread of its own, with nothing locked.
    fn changed(&self, changes: &CacheChanges);
}

/// What is still to be told.
#[derive(Debug, Default)]
pub(super) struct News {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    observer: OnceLock<Box<dyn CacheObserver>>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: CacheChanges,
    /// Whether a thread will tell them.
    telling: bool,
}

impl News {
    /// From now on this one is told. There is one at most: a later one is dropped.
    pub fn observe(&self, observer: Box<dyn CacheObserver>) {
        drop(self.shared.observer.set(observer));
    }

    /// Notes what came and went. Called with nothing locked.
    pub fn note(&self, added: Option<Uuid>, removed: impl Iterator<Item = Uuid>) {
        if !self.shared.observer.get().is_some_and(|observer| observer.listens()) {
            return;
        }
        let mut waiting = self.shared.waiting();
        added.into_iter().for_each(|node| waiting.changes.entry(node).or_default().added += 1);
        removed.for_each(|node| waiting.changes.entry(node).or_default().removed += 1);
        if waiting.telling || waiting.changes.is_empty() {
            return;
        }
        waiting.telling = true;
        drop(waiting);
        let shared = Arc::clone(&self.shared);
        // Without a thread it waits for the next change.
        if thread::Builder::new().name("playa cache".into()).spawn(move || shared.tell()).is_err() {
            self.shared.waiting().telling = false;
        }
    }
}

impl Shared {
    /// Tells as long as there are changes.
    fn tell(&self) {
        loop {
            thread::sleep(INTERVAL);
            let mut waiting = self.waiting();
            if waiting.changes.is_empty() {
                waiting.telling = false;
                return;
            }
            let changes = std::mem::take(&mut waiting.changes);
            drop(waiting);
            if let Some(observer) = self.observer.get() {
                // A sink that panics ends its own call only.
                let _ = catch_unwind(AssertUnwindSafe(|| observer.changed(&changes)));
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_observed = self.observer.get().is_some();
        f.debug_struct("Shared").field("observed", &is_observed).field("waiting", &self.waiting).finish()
    }
}
