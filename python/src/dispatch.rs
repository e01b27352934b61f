//! What the dispatcher thread of the process does next: callbacks of subscriptions, one after the other.
//!
//! The thread itself is Python's (`playa_py/_events.py`), so that it ends as Python's threads do. Events come from any
//! thread, with or without the interpreter, and only wait here: nothing of Python is touched while a lock is held.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use playa_host::events::{Backlog, Event, Listener};
use pyo3::prelude::*;

use crate::event;

/// Work for the thread, in the order in which it came.
enum Task {
    /// The next event of a subscription.
    Deliver(Arc<Receiver>),
    /// A function without arguments.
    Call(Py<PyAny>),
    /// Someone waits until everything before it is done.
    Flush(mpsc::Sender<()>),
}

struct Dispatch {
    tasks: Mutex<VecDeque<Task>>,
    arrived: Condvar,
    /// The interpreter ends: nothing is delivered any more.
    closed: AtomicBool,
    /// How many threads of Python wait within the host for events.
    waiting: AtomicUsize,
    /// The queues on which they wait.
    listeners: Mutex<Vec<Weak<Listener>>>,
}

static DISPATCH: Dispatch = Dispatch {
    tasks: Mutex::new(VecDeque::new()),
    arrived: Condvar::new(),
    closed: AtomicBool::new(false),
    waiting: AtomicUsize::new(0),
    listeners: Mutex::new(Vec::new()),
};

/// A callback with the events that wait for it.
pub struct Receiver {
    callback: Py<PyAny>,
    inbox: Mutex<Inbox>,
}

#[derive(Default)]
struct Inbox {
    events: Backlog,
    /// How many tasks there are for it: as many as events at least. Where events were lost, the tasks for them serve those
    /// that follow.
    tasks: usize,
    closed: bool,
}

impl Receiver {
    pub fn new(callback: Py<PyAny>) -> Arc<Self> {
        Arc::new(Self { callback, inbox: Mutex::default() })
    }

    /// Takes an event, on whatever thread it is emitted.
    pub fn receive(self: &Arc<Self>, event: &Arc<Event>) {
        let mut inbox = self.inbox();
        if inbox.closed || DISPATCH.is_closed() {
            return;
        }
        let lost = inbox.events.push(Arc::clone(event));
        if inbox.events.len() > inbox.tasks {
            inbox.tasks += 1;
            DISPATCH.add(Task::Deliver(Arc::clone(self)));
        }
        drop(inbox);
        drop(lost);
    }

    /// Nothing is delivered any more.
    pub fn close(&self) {
        let mut inbox = self.inbox();
        inbox.closed = true;
        let dropped = std::mem::take(&mut inbox.events);
        drop(inbox);
        drop(dropped);
    }

    fn next(&self) -> Option<Arc<Event>> {
        let mut inbox = self.inbox();
        inbox.tasks -= 1;
        inbox.events.pop()
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dispatch {
    fn add(&self, task: Task) {
        self.tasks().push_back(task);
        self.arrived.notify_one();
    }

    fn tasks(&self) -> MutexGuard<'_, VecDeque<Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Waits for the next task; `None` once the interpreter ends.
    fn next(&self) -> Option<Task> {
        let idle = |tasks: &mut VecDeque<Task>| tasks.is_empty() && !self.is_closed();
        let mut tasks = self.arrived.wait_while(self.tasks(), idle).unwrap_or_else(PoisonError::into_inner);
        if self.is_closed() { None } else { tasks.pop_front() }
    }
}

/// Marks a thread of Python that waits for events within the host, so that the end of the interpreter waits for it.
pub struct Waiting;

impl Waiting {
    pub fn new() -> Self {
        DISPATCH.waiting.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        DISPATCH.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Calls a function on the dispatcher thread, behind what waits there.
pub fn call_soon(function: Py<PyAny>) {
    DISPATCH.add(Task::Call(function));
}

/// What is sent once everything was delivered that was emitted so far. It is dropped instead where the interpreter ends.
pub fn flushed() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    if !DISPATCH.is_closed() {
        DISPATCH.add(Task::Flush(sender));
    }
    receiver
}

/// Closes this queue when the interpreter ends.
pub fn close_at_exit(listener: &Arc<Listener>) {
    let mut listeners = DISPATCH.listeners.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.retain(|listener| listener.strong_count() > 0);
    listeners.push(Arc::downgrade(listener));
}

/// A function and its arguments.
type Delivery = (Py<PyAny>, Vec<Py<event::Event>>);

/// Waits for what the dispatcher thread does next: a function and its arguments, or None when it is to end.
#[pyfunction]
pub fn next_delivery(py: Python<'_>) -> PyResult<Option<Delivery>> {
    let _waiting = Waiting::new();
    loop {
        match py.detach(|| DISPATCH.next()) {
            None => return Ok(None),
            Some(Task::Call(function)) => return Ok(Some((function, Vec::new()))),
            // Who waited may be gone.
            Some(Task::Flush(done)) => drop(done.send(())),
            Some(Task::Deliver(receiver)) => {
                if let Some(event) = receiver.next() {
                    let argument = Py::new(py, event::Event::new(event))?;
                    return Ok(Some((receiver.callback.clone_ref(py), vec![argument])));
                }
            }
        }
    }
}

/// Tells that this process was forked off, and the threads that waited are not in it.
#[pyfunction]
pub fn forked() {
    DISPATCH.waiting.store(0, Ordering::SeqCst);
}

/// Ends all waiting for events, for the end of the interpreter, and gives those who wait so many seconds to notice.
#[pyfunction]
pub fn stop_events(py: Python<'_>, patience: u32) {
    py.detach(|| {
        DISPATCH.closed.store(true, Ordering::SeqCst);
        let tasks = std::mem::take(&mut *DISPATCH.tasks());
        DISPATCH.arrived.notify_all();
        drop(tasks);
        let listeners = std::mem::take(&mut *DISPATCH.listeners.lock().unwrap_or_else(PoisonError::into_inner));
        listeners.iter().filter_map(Weak::upgrade).for_each(|listener| listener.close());
        let end = Instant::now() + Duration::from_secs(patience.into());
        while DISPATCH.waiting.load(Ordering::SeqCst) > 0 && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
    });
}
