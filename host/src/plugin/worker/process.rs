//! The host's side: a worker process, and the calls that wait for it.
//!
//! A thread reads what the worker says and wakes who waits for it, another one what it prints. Who waits looks every few
//! milliseconds whether it shall stop, and whether the worker still lives: a process that the plugin made may hold its
//! socket open.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::channel::{End, Inbox, send};
use super::ended::Ended;
use super::message::{Answer, Request, version};
use super::{Confined, Limits, WorkerProgram};
use crate::image::shared::Segment;
use crate::plugin::{Stop, one_line};

/// How long who waits does not look.
const PATIENCE: Duration = Duration::from_millis(5);
/// How long a call that was told to stop may take for that.
const GRACE: Duration = Duration::from_secs(1);
/// How long a process may take to end, or to say the last that it has to say.
const ENDING: Duration = Duration::from_secs(1);
/// Lines that are remembered of what it printed.
const LAST_LINES: usize = 3;

/// A worker process. Ends with this.
#[derive(Debug)]
pub struct Worker {
    shared: Arc<Shared>,
    /// Where the answer to its settings comes.
    greeting: Mutex<Receiver<Answer>>,
}

/// What the threads of a worker share.
#[derive(Debug)]
struct Shared {
    /// Until it is gone.
    child: Mutex<Option<Child>>,
    /// Its number, and that of its group.
    process: Pid,
    socket: Mutex<UnixStream>,
    next: AtomicU64,
    waiting: Mutex<Waiting>,
    ended: OnceLock<Ended>,
    printed: Printed,
    /// The memory that it was shown.
    shown: Mutex<HashSet<u64>>,
    /// Somebody has told of its end.
    told: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    calls: HashMap<u64, Sender<Answer>>,
    /// How many calls were under way when it ended.
    at_end: Option<usize>,
}

/// What a worker printed.
#[derive(Debug, Default)]
struct Printed {
    last: Mutex<VecDeque<String>>,
    all: AtomicBool,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum NoAnswer {
    /// The worker is no more.
    Ended {
        /// How that came.
        how: Ended,
        /// It was this call's doing: there was no other, or this one took too long.
        alone: bool,
    },
    /// The call was told to stop and did.
    Stopped,
}

impl Worker {
    /// Starts a process. It lives no longer than the thread that calls this, where the system sees to that.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub(super) fn start(program: &WorkerProgram, limits: &Limits) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        // A worker that reads no more must not hold up the host.
        ours.set_write_timeout(Some(ENDING))?;
        let mut command = Command::new(&program.program);
        command.args(&program.arguments).stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.process_group(0).spawn()?;
        let process = Pid::from_child(&child);
        let stderr = child.stderr.take().expect("it is piped");
        let inbox = Inbox::new(ours.try_clone()?);
        let shared = Arc::new(Shared {
            child: Mutex::new(Some(child)),
            process,
            socket: Mutex::new(ours),
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
            ended: OnceLock::new(),
            printed: Printed::default(),
            shown: Mutex::default(),
            told: AtomicBool::new(false),
        });
        let call = shared.next.fetch_add(1, Ordering::Relaxed);
        let greeting = shared.expect(call).expect("nobody has ended it yet");
        let worker = Self { shared: Arc::clone(&shared), greeting: Mutex::new(greeting) };
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let prints = Arc::clone(&shared);
        thread("playa-worker-log").spawn(move || prints.printed.follow(stderr))?;
        thread("playa-worker").spawn(move || shared.listen(inbox))?;
        let (threads, memory, sandbox) = (rayon::current_num_threads(), limits.memory, limits.sandbox);
        worker.shared.say(&Request::Settings { call, threads, memory, sandbox });
        Ok(worker)
    }

    /// Waits, at most so long, until it is ready for the first call, and returns what it cannot do.
    ///
    /// # Errors
    /// Why this is no worker.
    pub(super) fn greet(&self, limit: Duration) -> Result<Confined, String> {
        match locked(&self.greeting).recv_timeout(limit) {
            Ok(Answer::Ready { version: theirs, confined, .. }) if theirs == version() => Ok(confined),
            Ok(Answer::Ready { version: theirs, .. }) => {
                Err(format!("the program is another version by now: it is {theirs}, this is {}", version()))
            }
            Ok(_) => Err("the program is no worker".to_owned()),
            Err(RecvTimeoutError::Timeout) => Err(format!("the program says nothing within {} s", limit.as_secs_f64())),
            Err(RecvTimeoutError::Disconnected) => Err(format!("the program {}", self.shared.ended.wait())),
        }
    }

    /// Asks for something, and waits for the answer; at most so long, and until it shall stop.
    ///
    /// # Errors
    /// Why there is no answer. Then, except for [`NoAnswer::Stopped`], the worker is no more.
    pub(super) fn call(
        &self,
        request: impl FnOnce(u64) -> Request,
        limit: Duration,
        stop: Stop<'_>,
    ) -> Result<Answer, NoAnswer> {
        let shared = &*self.shared;
        let (call, start) = (shared.next.fetch_add(1, Ordering::Relaxed), Instant::now());
        let answer = shared.expect(call).ok_or_else(|| shared.no_answer(false))?;
        shared.say(&request(call));
        let mut told: Option<Instant> = None;
        let result = loop {
            match answer.recv_timeout(PATIENCE) {
                Ok(answer) => break Ok(answer),
                Err(RecvTimeoutError::Disconnected) => break Err(shared.no_answer(false)),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if shared.has_exited() {
                shared.close();
            }
            if told.is_none() && (stop.is_asked() || stop.is_late()) {
                told = Some(Instant::now());
                shared.say(&Request::Abort { call });
            }
            if told.is_some_and(|told| told.elapsed() > GRACE) {
                shared.end(Ended::Stubborn);
                break Err(NoAnswer::Stopped);
            }
            if told.is_none() && start.elapsed() > limit {
                shared.end(Ended::Late(limit));
                break Err(shared.no_answer(true));
            }
        };
        locked(&shared.waiting).calls.remove(&call);
        result
    }

    /// Makes sure that it was shown this memory.
    pub(super) fn show(&self, segment: &Segment) {
        let shared = &self.shared;
        let mut shown = locked(&shared.shown);
        if !shown.insert(segment.id()) {
            return;
        }
        let worker = Arc::downgrade(shared);
        segment.when_gone(move |segment| {
            if let Some(shared) = worker.upgrade() {
                locked(&shared.shown).remove(&segment);
                shared.say(&Request::Forget { segment });
            }
        });
        let request = Request::Share { segment: segment.id(), bytes: segment.bytes() };
        // If it is no more, the call that needs the memory tells.
        let _ = send(&locked(&shared.socket), &request, Some(segment.file()));
    }

    /// How it ended, if it did.
    pub fn ended(&self) -> Option<&Ended> {
        self.shared.ended.get()
    }

    /// Whether its end is told of for the first time.
    pub(super) fn tells_of_its_end(&self) -> bool {
        !self.shared.told.swap(true, Ordering::Relaxed)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.end(Ended::Dismissed);
    }
}

impl Shared {
    /// Waits for an answer from now on. `None` if there will be none.
    fn expect(&self, call: u64) -> Option<Receiver<Answer>> {
        let (sender, receiver) = channel();
        let mut waiting = locked(&self.waiting);
        if waiting.at_end.is_some() {
            return None;
        }
        waiting.calls.insert(call, sender);
        Some(receiver)
    }

    fn say(&self, request: &Request) {
        // If it is no more, its end is noticed by who reads.
        let _ = send(&locked(&self.socket), request, None);
    }

    fn no_answer(&self, alone: bool) -> NoAnswer {
        let how = self.ended.wait().clone();
        NoAnswer::Ended { how, alone: alone || locked(&self.waiting).at_end.is_none_or(|calls| calls < 2) }
    }

    /// Hands on what the worker says, until its end.
    fn listen(&self, mut inbox: Inbox) {
        let end = loop {
            match inbox.read::<Answer>() {
                Ok(Answer::Log { level, message }) => {
                    let level = log::Level::iter().nth(level.saturating_sub(1)).unwrap_or(log::Level::Debug);
                    log::log!(target: "playa::effect", level, "{}", one_line(&message));
                }
                Ok(answer) => {
                    let waits = answer.call().and_then(|call| locked(&self.waiting).calls.remove(&call));
                    // Who waited may be gone; a process that the plugin made may answer as well.
                    let _ = waits.map(|waits| waits.send(answer));
                }
                Err(end) => break end,
            }
        };
        let how = match end {
            End::Garbage => Ended::Garbage,
            End::Closed => self.status(),
        };
        self.end(how);
        let mut waiting = locked(&self.waiting);
        waiting.at_end = Some(waiting.calls.len());
        // Who waits finds that there is nobody left who could answer.
        waiting.calls.clear();
    }

    /// With what it ended, now that it says nothing more.
    fn status(&self) -> Ended {
        let start = Instant::now();
        while !self.has_exited() {
            if start.elapsed() > ENDING {
                return Ended::Silent;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.bury().map_or(Ended::Silent, |status| Ended::Status(status, self.printed.last()))
    }

    /// Whether the process has come to its end. It is not buried by that.
    fn has_exited(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.process), options), Ok(None))
    }

    /// Lets who reads come to an end, after what was said before.
    fn close(&self) {
        let _ = locked(&self.socket).shutdown(std::net::Shutdown::Both);
    }

    /// Ends the worker, for this reason if there was none before.
    fn end(&self, how: Ended) {
        let _ = self.ended.set(how);
        self.bury();
        self.close();
    }

    /// Ends the process and all that it made, unless that was done before, and waits until it is gone: it must not write
    /// into memory that is used for something else.
    fn bury(&self) -> Option<ExitStatus> {
        let mut child = locked(&self.child);
        // As long as it is not waited for, nobody else gets its number.
        let mut process = child.take()?;
        let _ = kill_process_group(self.process, Signal::KILL);
        let _ = process.kill();
        process.wait().ok()
    }
}

impl Printed {
    /// Reads to the end what is printed.
    fn follow(&self, stderr: ChildStderr) {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        // A line of any length is no reason to take all memory.
        while let Ok(1..) = io::Read::take(&mut lines, 4096).read_until(b'\n', &mut line) {
            let text = one_line(&String::from_utf8_lossy(&line));
            line.clear();
            if text.is_empty() {
                continue;
            }
            log::info!(target: "playa::effect", "a worker process prints: {text}");
            let mut last = locked(&self.last);
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(text);
        }
        self.all.store(true, Ordering::Release);
    }

    /// The last lines, in one. Waits a moment for them: the process is gone, but they may not be read yet.
    fn last(&self) -> String {
        let start = Instant::now();
        while !self.all.load(Ordering::Acquire) && start.elapsed() < Duration::from_millis(100) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let text = locked(&self.last).iter().cloned().collect::<Vec<_>>().join(" ");
        text.chars().take(240).collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
