//! Events that wait for someone.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Event;

/// So many events wait for someone at most.
pub const BACKLOG: usize = 1000;

/// Events in the order in which they came, [`BACKLOG`] at most: of one more the older half is dropped, and an event
/// `events_lost` with their `count` stands in their place, whatever the names that were asked for.
#[derive(Debug, Default)]
pub struct Backlog {
    events: VecDeque<Arc<Event>>,
    lost: i64,
}

impl Backlog {
    /// Adds an event. Returns those that are lost by it, for the caller to drop after he has let go of his locks: what
    /// they hold may run code of others when it is dropped.
    pub fn push(&mut self, event: Arc<Event>) -> Vec<Arc<Event>> {
        let lost: Vec<_> = match self.events.len() {
            BACKLOG => self.events.drain(..BACKLOG / 2).collect(),
            _ => Vec::new(),
        };
        self.lost += lost.len() as i64;
        self.events.push_back(event);
        lost
    }

    /// The next event.
    pub fn pop(&mut self) -> Option<Arc<Event>> {
        match std::mem::take(&mut self.lost) {
            0 => self.events.pop_front(),
            count => Some(Arc::new(Event::new("events_lost").with("count", count))),
        }
    }

    /// How many [`Backlog::pop`] would give.
    pub fn len(&self) -> usize {
        self.events.len() + usize::from(self.lost > 0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
