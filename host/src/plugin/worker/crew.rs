//! All workers of a registry: who starts them, and what new ones begin with.
//!
//! A thread of its own starts them, because the system ends a worker with the thread that started it. Where plugins are
//! likely to change it keeps one ahead, so that trying a new file costs no more than a message.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use playa_plugin_api::EffectSpec;

use super::message::{Answer, Request};
use super::process::{NoAnswer, Worker};
use super::{Confined, Limits, NotOpened, WorkerProgram, isolated};
use crate::plugin::load::Copied;
use crate::plugin::{Plugin, Quarantine, Stop};

/// How long after one was taken the next one is started: what it was taken for shall have the processor first.
const PAUSE: Duration = Duration::from_millis(100);

/// Who starts workers.
pub struct Crew {
    limits: Limits,
    orders: Mutex<Sender<Order>>,
    /// Whether one is kept ahead.
    ahead: Arc<AtomicBool>,
}

enum Order {
    /// A worker that knows no plugin yet.
    Worker(Sender<io::Result<Worker>>),
    /// Look whether one is to be kept ahead.
    Look,
    /// It is not needed any more.
    Dismiss(Box<Worker>),
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("limits", &self.limits).field("ahead", &self.ahead).finish_non_exhaustive()
    }
}

/// A plugin that is open in a worker.
pub(in crate::plugin) struct Opened {
    pub worker: Worker,
    pub effects: Vec<EffectSpec>,
    pub confined: Confined,
    crew: Arc<Crew>,
}

impl Crew {
    /// Nobody yet.
    pub fn new(program: WorkerProgram, limits: Limits) -> Arc<Self> {
        let ((orders, inbox), ahead) = (channel(), Arc::<AtomicBool>::default());
        let starter = Starter { program, limits: limits.clone(), ahead: Arc::clone(&ahead), spare: None };
        // Where there is no thread, nobody answers, and that is told to who asks for a worker.
        let _ = std::thread::Builder::new().name("playa-workers".to_owned()).spawn(move || starter.run(&inbox));
        Arc::new(Self { limits, orders: Mutex::new(orders), ahead })
    }

    /// Keeps a worker ahead from now on.
    pub fn keep_spare(&self) {
        self.ahead.store(true, Ordering::Relaxed);
        self.order(Order::Look);
    }

    /// What workers may take.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Opens a plugin in a worker that knows none, and lets each of its effects render a picture if it is to be tried.
    pub(in crate::plugin) fn open(self: &Arc<Self>, file: &Copied, tried: bool) -> Result<Opened, NotOpened> {
        let (reply, worker) = channel();
        self.order(Order::Worker(reply));
        let no_worker = |error: &dyn fmt::Display| NotOpened::NoWorker(error.to_string());
        let worker = worker.recv().map_err(|_| no_worker(&"this process has no more threads"))?;
        let worker = worker.map_err(|error| no_worker(&error))?;
        let confined = worker.greet(self.limits.load).map_err(NotOpened::NoWorker)?;
        let build = serde_json::to_string(&file.build).map_err(|error| no_worker(&error))?;
        let load = |call| Request::Load {
            call,
            file: file.path.clone(),
            copy: file.copy.path().to_owned(),
            hash: *file.hash.as_bytes(),
            size: file.size,
            build,
        };
        let fault = |when: &str| {
            let when = when.to_owned();
            move |error: NoAnswer| match error {
                NoAnswer::Ended { how, .. } => NotOpened::Faulty(format!("{when} it {how}")),
                NoAnswer::Stopped => NotOpened::NoWorker("it was told to stop".to_owned()),
            }
        };
        let opened = worker.call(load, self.limits.load, Stop::default()).map_err(fault("while it was opened,"))?;
        let effects = match opened {
            Answer::Loaded { effects, .. } => effects,
            Answer::Refused { error, .. } => return Err(NotOpened::Refused(error)),
            Answer::Failed { error, .. } => return Err(NotOpened::NoWorker(error.to_string())),
            other => return Err(NotOpened::Faulty(format!("its worker answers {other:?} when asked to open it"))),
        };
        if tried {
            let answer = worker.call(|call| Request::Try { call }, self.limits.trial, Stop::default());
            match answer.map_err(fault("with its first picture"))? {
                Answer::Tried { fault: None, .. } => {}
                Answer::Tried { fault: Some(fault), .. } => return Err(NotOpened::Faulty(fault)),
                Answer::Failed { error, .. } => return Err(NotOpened::NoWorker(error.to_string())),
                other => return Err(NotOpened::Faulty(format!("its worker answers {other:?} when it is tried"))),
            }
        }
        Ok(Opened { worker, effects, confined, crew: Arc::clone(self) })
    }

    fn order(&self, order: Order) {
        // Where nobody listens, who waits for an answer is told.
        let _ = self.orders.lock().unwrap_or_else(PoisonError::into_inner).send(order);
    }
}

impl Opened {
    /// It is not needed any more. Its end takes longer than who is in a hurry may wait.
    pub fn dismiss(self) {
        self.crew.order(Order::Dismiss(Box::new(self.worker)));
    }

    /// The plugin as one that lives in its worker.
    pub fn isolate(self, file: Copied, quarantine: &Arc<Quarantine>) -> Plugin {
        let Self { worker, effects, confined, crew } = self;
        isolated::plugin(file, crew, worker, effects, confined, Arc::clone(quarantine))
    }
}

/// What the thread works with.
struct Starter {
    program: WorkerProgram,
    limits: Limits,
    ahead: Arc<AtomicBool>,
    spare: Option<Worker>,
}

impl Starter {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let wants = self.ahead.load(Ordering::Relaxed) && self.spare.is_none();
            let order = if wants {
                orders.recv_timeout(PAUSE)
            } else {
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match order {
                Ok(Order::Worker(reply)) => {
                    let spare = self.spare.take().filter(|worker| worker.ended().is_none());
                    // Who asked may have gone.
                    let _ = reply.send(spare.map_or_else(|| self.start(), Ok));
                }
                Ok(Order::Look) => {}
                Ok(Order::Dismiss(worker)) => drop(worker),
                Err(RecvTimeoutError::Timeout) => match self.start() {
                    Ok(worker) => self.spare = Some(worker),
                    Err(error) => {
                        log::warn!("no worker process is kept ahead: {error}");
                        self.ahead.store(false, Ordering::Relaxed);
                    }
                },
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn start(&self) -> io::Result<Worker> {
        Worker::start(&self.program, &self.limits).map_err(|error| {
            io::Error::new(error.kind(), format!("{} cannot be started: {error}", self.program.program.display()))
        })
    }
}
