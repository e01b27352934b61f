//! What was done and is still to be told, in the order in which it was done.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::changes;
use super::handle::Project;
use super::history::Done;

/// Steps whose events were not emitted yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    done: VecDeque<Done>,
    /// Whether a thread is telling.
    busy: bool,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the telling of one thread, however it ends.
struct Telling<'a>(&'a Outbox);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.0.lock().busy = false;
    }
}

impl Project {
    /// Notes what was done, if anyone wants to know. Called with the state locked, so that the order is that of the
    /// edits.
    pub(super) fn tell_later(&self, done: Done) {
        if self.events().has_subscribers() {
            self.outbox().lock().done.push_back(done);
        }
    }

    /// Emits the events of what was done. Called with nothing locked. Where another thread is at it, or this one, within
    /// a sink that edits, that one goes on with what was noted meanwhile: so events come in the order of the edits.
    pub(super) fn tell(&self) {
        loop {
            let mut waiting = self.outbox().lock();
            if waiting.busy {
                return;
            }
            let Some(done) = waiting.done.pop_front() else { return };
            waiting.busy = true;
            drop(waiting);
            let _telling = Telling(self.outbox());
            changes::events(self, &done).into_iter().for_each(|event| self.events().emit(event));
        }
    }
}
