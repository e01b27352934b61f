//! A queue of events, for who takes them in his own time.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Event;
use super::backlog::Backlog;
use super::bus::{EventBus, Filter, Subscription};

/// Events of a bus from the moment it was made, in a [`Backlog`]. Dropping it closes it.
#[derive(Debug)]
pub struct Listener {
    queue: Arc<Queue>,
    subscription: Subscription,
}

/// What [`Listener::next_within`] found.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Arc<Event>),
    /// None came within the time.
    Timeout,
    /// The listener was closed: nothing comes any more.
    Closed,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    events: Backlog,
    closed: bool,
    wakers: Vec<Waker>,
}

type Waker = Box<dyn FnOnce() + Send>;

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what waits, and then wakes everyone, with no lock held.
    fn change<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        let mut waiting = self.lock();
        let result = change(&mut waiting);
        let wakers = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        self.changed.notify_all();
        wakers.into_iter().for_each(|wake| wake());
        result
    }
}

impl Listener {
    pub(super) fn new(bus: &EventBus, filter: Filter) -> Self {
        let queue = Arc::new(Queue::default());
        let fed = Arc::clone(&queue);
        let subscription = bus.subscribe(filter, move |event| {
            let lost = fed.change(|waiting| match waiting.closed {
                true => Vec::new(),
                false => waiting.events.push(Arc::clone(event)),
            });
            drop(lost);
        });
        Self { queue, subscription }
    }

    /// The next event, waiting so long at most. Several threads may wait; each event comes to one of them.
    pub fn next_within(&self, patience: Duration) -> Next {
        let idle = |waiting: &mut Waiting| !waiting.closed && waiting.events.is_empty();
        let waited = self.queue.changed.wait_timeout_while(self.queue.lock(), patience, idle);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match waiting.events.pop() {
            Some(event) => Next::Event(event),
            None if waiting.closed => Next::Closed,
            None => Next::Timeout,
        }
    }

    /// Calls `wake` once, when there is an event or the listener is closed: at once, where that is so already, or else on
    /// the thread that makes it so, with no lock held.
    pub fn on_next(&self, wake: impl FnOnce() + Send + 'static) {
        let mut waiting = self.queue.lock();
        if waiting.closed || !waiting.events.is_empty() {
            drop(waiting);
            wake();
        } else {
            waiting.wakers.push(Box::new(wake));
        }
    }

    /// Ends it: what waits is dropped, and who waits is told.
    pub fn close(&self) {
        self.subscription.close();
        let dropped = self.queue.change(|waiting| {
            waiting.closed = true;
            std::mem::take(&mut waiting.events)
        });
        drop(dropped);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue({} events)", self.lock().events.len())
    }
}
