//! The bus: from those who emit to those who subscribed.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use super::Event;
use super::listener::Listener;

/// Where events are emitted and subscribed to. Clones are the same bus.
#[derive(Clone, Default)]
pub struct EventBus {
    subscribers: Arc<Subscribers>,
}

/// Replaced as a whole, so that nothing is locked while a sink runs.
type Subscribers = RwLock<Arc<[Arc<Subscriber>]>>;

type Sink = dyn Fn(&Arc<Event>) + Send + Sync;

struct Subscriber {
    filter: Filter,
    sink: Box<Sink>,
    closed: AtomicBool,
}

/// Which events someone wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those of these names.
    Names(Vec<String>),
}

/// What [`EventBus::subscribe`] returns. Dropping it ends nothing: a subscription lasts until [`Subscription::close`],
/// or as long as its bus.
pub struct Subscription {
    bus: Weak<Subscribers>,
    subscriber: Arc<Subscriber>,
}

impl Filter {
    /// Whether an event of this name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Filter::All => true,
            Filter::Names(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

/// `*` stands for all.
impl<'a> FromIterator<&'a str> for Filter {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_string).collect();
        if names.iter().any(|name| name == "*") { Filter::All } else { Filter::Names(names) }
    }
}

impl EventBus {
    /// A bus to which nobody has subscribed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands an event to all who want it, in the order in which they subscribed.
    pub fn emit(&self, event: Event) {
        let subscribers = self.subscribers();
        if subscribers.is_empty() {
            return;
        }
        let event = Arc::new(event);
        for subscriber in subscribers.iter().filter(|subscriber| subscriber.filter.wants(event.name())) {
            if !subscriber.closed.load(Ordering::Acquire) {
                (subscriber.sink)(&event);
            }
        }
    }

    /// Whether anyone would be told of anything.
    pub fn has_subscribers(&self) -> bool {
        !self.subscribers().is_empty()
    }

    /// Whether anyone would be told of events of this name.
    pub fn wants(&self, name: &str) -> bool {
        self.subscribers().iter().any(|subscriber| subscriber.filter.wants(name))
    }

    /// Calls `sink` with each event, on the thread that emits it and with no lock held. It should be quick and never
    /// wait for other threads; [`EventBus::listen`] is for everyone else. It may subscribe, emit and edit.
    pub fn subscribe(&self, filter: Filter, sink: impl Fn(&Arc<Event>) + Send + Sync + 'static) -> Subscription {
        let subscriber = Arc::new(Subscriber { filter, sink: Box::new(sink), closed: AtomicBool::new(false) });
        let mut subscribers = self.subscribers.write().unwrap_or_else(PoisonError::into_inner);
        *subscribers = subscribers.iter().chain([&subscriber]).cloned().collect();
        Subscription { bus: Arc::downgrade(&self.subscribers), subscriber }
    }

    /// A queue of the events that come from now on.
    pub fn listen(&self, filter: Filter) -> Listener {
        Listener::new(self, filter)
    }

    fn subscribers(&self) -> Arc<[Arc<Subscriber>]> {
        Arc::clone(&self.subscribers.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscription {
    /// Ends it: no call begins any more. One that another thread is in goes on to its end.
    pub fn close(&self) {
        self.subscriber.closed.store(true, Ordering::Release);
        let Some(bus) = self.bus.upgrade() else { return };
        let mut subscribers = bus.write().unwrap_or_else(PoisonError::into_inner);
        let rest = subscribers.iter().filter(|other| !Arc::ptr_eq(other, &self.subscriber)).cloned().collect();
        let before = std::mem::replace(&mut *subscribers, rest);
        drop(subscribers);
        // With no lock held, as it may be the last to hold what a sink refers to.
        drop(before);
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.subscriber.closed.load(Ordering::Acquire)
    }
}

impl fmt::Debug for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventBus({} subscriptions)", self.subscribers().len())
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("filter", &self.subscriber.filter).finish_non_exhaustive()
    }
}
