//! Renders that are asked for one by one, in the order in which they were: a few at a time, as in a
//! [`batch`](super::batch), and on threads of their own for the same reason.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::batch::default_workers;

type Work = Box<dyn FnOnce() + Send>;

/// Work in a line, done by as many threads as a batch has. It may be long: whoever fills it says how long.
#[derive(Debug)]
pub struct Queue {
    shared: Arc<Shared>,
    workers: usize,
}

#[derive(Debug, Default)]
struct Shared {
    line: Mutex<Line>,
    more: Condvar,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Work>,
    /// Threads that there are.
    threads: usize,
    /// Threads that wait for work.
    idle: usize,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting.len();
        f.debug_struct("Line").field("waiting", &waiting).field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { shared: Arc::default(), workers: default_workers() }
    }
}

impl Queue {
    /// Puts work at the end of the line. What it panics with is lost.
    ///
    /// # Errors
    /// If the system gives no thread at all.
    pub fn push(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut line = self.shared.line();
        if line.waiting.len() >= line.idle && line.threads < self.workers {
            let shared = Arc::clone(&self.shared);
            let name = format!("playa renders {}", line.threads);
            match thread::Builder::new().name(name).spawn(move || shared.work()) {
                Ok(_) => line.threads += 1,
                Err(error) if line.threads == 0 => return Err(error),
                // Fewer do as well.
                Err(_) => {}
            }
        }
        line.waiting.push_back(Box::new(work));
        drop(line);
        self.shared.more.notify_one();
        Ok(())
    }
}

impl Shared {
    /// Does one thing after the other, for ever.
    fn work(&self) {
        let mut line = self.line();
        loop {
            if let Some(work) = line.waiting.pop_front() {
                drop(line);
                // Who waits for the result has to notice that none comes.
                let _ = catch_unwind(AssertUnwindSafe(work));
                line = self.line();
            } else {
                line.idle += 1;
                line = self.more.wait(line).unwrap_or_else(PoisonError::into_inner);
                line.idle -= 1;
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn work_begins_in_order_a_few_at_a_time_and_a_panic_ends_only_itself() {
        let queue = Queue { workers: 2, ..Queue::default() };
        let (begun, begins) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        for index in 0..6 {
            let (begun, wait) = (begun.clone(), Arc::clone(&wait));
            let work = move || {
                begun.send(index).expect("the test waits");
                wait.lock().expect("no panic").recv().expect("the test goes on");
                assert!(index != 1, "this one panics");
            };
            queue.push(work).expect("a thread");
        }
        let long = Duration::from_secs(30);
        let mut first = [begins.recv_timeout(long), begins.recv_timeout(long)].map(|index| index.expect("it begins"));
        first.sort_unstable();
        assert_eq!(first, [0, 1]);
        assert!(begins.recv_timeout(Duration::from_millis(20)).is_err(), "two at a time");
        for index in 2..6 {
            go_on.send(()).expect("they wait");
            assert_eq!(begins.recv_timeout(long), Ok(index));
        }
        go_on.send(()).expect("they wait");
        go_on.send(()).expect("they wait");
    }
}
