//! Many frames, in order, while the next ones are being made.
//!
//! Each of a few threads takes a frame, renders it and finishes it (writes it, say), so that one frame is read and
//! composited while another is packed and goes to the disk. The renders share the pool of all cores. These threads are not
//! of that pool: one of the pool that waits for a part of its frame helps with other parts meanwhile, and would take up a
//! whole other frame if frames were parts too.
//!
//! Memory is steady: a frame begins only when fewer than `workers` are in flight, those included that are done and were
//! not taken yet. Where the limit of the process allows fewer, they take their memory in their order, and wait for it as
//! long as frames before them are in somebody's hands.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::error::At;
use super::{Problem, Profile, RenderError, RenderOptions, Renderer, Timing};
use crate::image::memory::Turn;
use crate::image::{Frame, Rect};
use crate::plugin::Effects;
use crate::project::Document;

/// Frames of a comp to be rendered, as project and effects are now.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Renders them.
    pub renderer: Arc<Renderer>,
    /// The project.
    pub document: Arc<Document>,
    /// The effects.
    pub effects: Arc<Effects>,
    /// The comp.
    pub comp: Uuid,
    /// Which frames, in this order.
    pub frames: Vec<i64>,
    /// How to render them. Setting its `abort` ends the batch: frames that have begun end with an error or not, the
    /// others do not begin.
    pub options: RenderOptions,
    /// How many frames may be in flight, 1 at least: see [`default_workers`].
    pub workers: usize,
}

/// A frame that came out of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Done<R> {
    /// Which one.
    pub frame: i64,
    /// How long rendering and finishing it took.
    pub seconds: f64,
    /// What came of it.
    pub result: R,
}

/// Nothing came within the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotYet;

/// The frames of a batch as they are done, in the order in which they were asked for. Dropped before its end it stops the
/// batch, by the `abort` of its options, and does not wait for the frames that have begun.
#[derive(Debug)]
pub struct Frames<R> {
    shared: Arc<Shared<R>>,
    abort: Arc<AtomicBool>,
}

/// How many frames should be in flight where nobody says: one more than there are cores, so that none is idle while a
/// frame goes to the disk, and four at most, because each has its own memory.
pub fn default_workers() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores + 1).min(4)
}

impl Batch {
    /// Begins. `finish` is called with each frame on the thread that rendered it.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start<R: Send + 'static>(
        self,
        finish: impl Fn(i64, Result<Frame, RenderError>) -> R + Send + Sync + 'static,
    ) -> io::Result<Frames<R>> {
        self.start_tasks(move |task| finish(task.frame, task.render()))
    }

    /// Begins. `work` is called for each frame on a thread of its own, and renders it if it has to be rendered.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start_tasks<R: Send + 'static>(
        self,
        work: impl Fn(&Task<'_>) -> R + Send + Sync + 'static,
    ) -> io::Result<Frames<R>> {
        let workers = self.workers.clamp(1, self.frames.len().max(1));
        let abort = Arc::clone(&self.options.abort);
        let frames = Frames { shared: Arc::new(Shared::new(self.frames.len(), workers)), abort };
        let job = Arc::new((self, work));
        for worker in 0..workers {
            let (shared, job) = (Arc::clone(&frames.shared), Arc::clone(&job));
            let work = move || {
                let (batch, work) = &*job;
                shared.work(&batch.options.abort, |index, cancel| {
                    let (frame, start) = (batch.frames[index], Instant::now());
                    let task = Task { frame, batch, cancel, place: &Place { shared: &shared, index } };
                    let result = work(&task);
                    Done { frame, seconds: start.elapsed().as_secs_f64(), result }
                });
            };
            match thread::Builder::new().name(format!("playa frames {worker}")).spawn(work) {
                Err(error) if worker == 0 => return Err(error),
                // Fewer do as well.
                Err(_) => break,
                Ok(_) => {}
            }
        }
        Ok(frames)
    }
}

/// A frame of a batch that is being made.
pub struct Task<'b> {
    /// Which one.
    pub frame: i64,
    batch: &'b Batch,
    cancel: Arc<AtomicBool>,
    place: &'b dyn Turn,
}

impl Task<'_> {
    /// Renders it.
    ///
    /// # Errors
    /// See [`Renderer::render`].
    pub fn render(&self) -> Result<Frame, RenderError> {
        self.render_with(self.batch.options.clone())
    }

    /// Renders it and takes note of what that took.
    ///
    /// # Errors
    /// See [`Renderer::render`].
    pub fn render_timed(&self, timing: &Arc<Timing>) -> Result<Frame, RenderError> {
        self.render_with(RenderOptions { timing: Some(Arc::clone(timing)), ..self.batch.options.clone() })
    }

    /// Whether all frames were told to stop.
    pub fn is_aborted(&self) -> bool {
        self.batch.options.abort.load(Ordering::SeqCst)
    }

    /// Where notes are taken, if they are.
    pub fn profile(&self) -> Option<&Profile> {
        self.batch.options.profile.as_deref()
    }

    /// The frame of the comp. `None` where the project has no such comp.
    pub fn canvas(&self) -> Option<Rect> {
        self.batch.document.comps.get(&self.batch.comp).map(|comp| super::canvas(comp))
    }

    /// The key of its content, in hexadecimal digits. `None` where it is not known, because the frame would fail.
    pub fn key(&self) -> Option<String> {
        let Batch { renderer, document, effects, comp, options, .. } = self.batch;
        renderer.key(document, effects, *comp, self.frame, options).ok().map(|key| key.to_string())
    }

    /// An error of this frame beside those of rendering it.
    pub(crate) fn error(&self, problem: impl Into<Problem>) -> RenderError {
        match self.batch.document.comps.get(&self.batch.comp) {
            Some(comp) => At::comp(comp, self.frame).error(problem),
            None => RenderError::without_comp(self.batch.comp, self.frame),
        }
    }

    fn render_with(&self, options: RenderOptions) -> Result<Frame, RenderError> {
        let Batch { renderer, document, effects, comp, .. } = self.batch;
        let options = RenderOptions { cancel: Some(Arc::clone(&self.cancel)), ..options };
        let rendered = renderer.render_in_turn(document, effects, *comp, self.frame, &options, self.place);
        // A frame that failed before it took memory lets the next one do so.
        self.place.pass();
        rendered
    }
}

impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("frame", &self.frame).finish_non_exhaustive()
    }
}

impl<R> Frames<R> {
    /// The next frame, if it comes within this time. `None` after the last one, and once the batch was stopped and what
    /// had begun was taken.
    pub fn next_within(&self, patience: Duration) -> Result<Option<Done<R>>, NotYet> {
        self.shared.take(Some(Instant::now() + patience))
    }

    /// Whether a frame, by its place in the order, has begun.
    pub fn has_begun(&self, index: usize) -> bool {
        self.shared.line().begun > index
    }

    /// How many were taken.
    pub fn taken(&self) -> usize {
        self.shared.line().taken
    }

    /// Stops one frame, by its place in the order: it comes in its turn, with an error unless it was done.
    pub fn cancel(&self, index: usize) {
        let mut line = self.shared.line();
        if index >= line.begun {
            line.cancelled.insert(index);
        } else if let Some(frame) = index.checked_sub(line.taken).and_then(|at| line.in_flight.get(at)) {
            frame.cancel.store(true, Ordering::SeqCst);
        }
    }

    /// Stops the batch, by the `abort` of its options unless it has ended anyway.
    pub fn stop(&self) {
        let mut line = self.shared.line();
        if line.taken < line.end {
            self.abort.store(true, Ordering::SeqCst);
        }
        line.end = line.begun;
        self.shared.changed.notify_all();
    }
}

impl<R> Iterator for Frames<R> {
    type Item = Done<R>;

    fn next(&mut self) -> Option<Done<R>> {
        self.shared.take(None).unwrap_or_default()
    }
}

impl<R> Drop for Frames<R> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What workers and taker share.
#[derive(Debug)]
struct Shared<R> {
    workers: usize,
    line: Mutex<Line<R>>,
    /// Something of the line changed.
    changed: Condvar,
}

/// The frames by their place in the order.
#[derive(Debug)]
struct Line<R> {
    /// How many have begun.
    begun: usize,
    /// How many were taken.
    taken: usize,
    /// How many there are; after a stop, how many had begun.
    end: usize,
    /// Those that have begun and were not taken.
    in_flight: VecDeque<InFlight<R>>,
    /// Those that shall not be made and have not begun.
    cancelled: HashSet<usize>,
    /// How many have taken their memory, or failed before, without a gap.
    admitted: usize,
    /// Those behind the gap.
    ahead: HashSet<usize>,
    /// Whether who takes them may still work with the one taken last: until the next one is asked for.
    in_hands: bool,
}

impl<R> Line<R> {
    /// A frame has taken its memory, or will not.
    fn pass(&mut self, index: usize) {
        if index >= self.admitted {
            self.ahead.insert(index);
        }
        while self.ahead.remove(&self.admitted) {
            self.admitted += 1;
        }
    }
}

/// A frame that has begun.
#[derive(Debug)]
struct InFlight<R> {
    cancel: Arc<AtomicBool>,
    /// What came of it, or the panic.
    done: Option<thread::Result<Done<R>>>,
}

/// The place of a frame in the line.
struct Place<'s, R> {
    shared: &'s Shared<R>,
    index: usize,
}

impl<R: Send> Turn for Place<'_, R> {
    fn has_come(&self) -> bool {
        self.shared.line().admitted >= self.index
    }

    fn others_hold(&self) -> bool {
        let line = self.shared.line();
        line.taken < self.index || line.in_hands
    }

    fn pass(&self) {
        self.shared.line().pass(self.index);
    }
}

impl<R> Shared<R> {
    fn new(end: usize, workers: usize) -> Self {
        let line = Line {
            begun: 0,
            taken: 0,
            end,
            in_flight: VecDeque::new(),
            cancelled: HashSet::new(),
            admitted: 0,
            ahead: HashSet::new(),
            in_hands: false,
        };
        Self { workers, line: Mutex::new(line), changed: Condvar::new() }
    }

    /// Does one frame after the other.
    fn work(&self, abort: &AtomicBool, job: impl Fn(usize, Arc<AtomicBool>) -> Done<R>) {
        while let Some((index, cancel)) = self.begin(abort) {
            // After a panic nothing of the frame is used again; who takes it panics.
            let done = catch_unwind(AssertUnwindSafe(|| job(index, cancel)));
            let mut line = self.line();
            let taken = line.taken;
            line.pass(index);
            line.in_flight[index - taken].done = Some(done);
            self.changed.notify_all();
        }
    }

    /// The frame to do next, as soon as there is room for it.
    fn begin(&self, abort: &AtomicBool) -> Option<(usize, Arc<AtomicBool>)> {
        let mut line = self.line();
        loop {
            if abort.load(Ordering::SeqCst) {
                line.end = line.begun;
                self.changed.notify_all();
            }
            if line.begun == line.end {
                return None;
            }
            if line.in_flight.len() < self.workers {
                let index = line.begun;
                let cancel = Arc::new(AtomicBool::new(line.cancelled.remove(&index)));
                line.begun += 1;
                line.in_flight.push_back(InFlight { cancel: Arc::clone(&cancel), done: None });
                return Some((index, cancel));
            }
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes the next frame.
    fn take(&self, until: Option<Instant>) -> Result<Option<Done<R>>, NotYet> {
        let mut line = self.line();
        line.in_hands = false;
        loop {
            if line.taken == line.end {
                return Ok(None);
            }
            if let Some(done) = line.in_flight.front_mut().and_then(|frame| frame.done.take()) {
                line.in_flight.pop_front();
                line.taken += 1;
                line.in_hands = true;
                self.changed.notify_all();
                drop(line);
                return Ok(Some(done.unwrap_or_else(|panic| resume_unwind(panic))));
            }
            line = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return Err(NotYet),
                Some(left) => self.changed.wait_timeout(line, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(line).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn line(&self) -> MutexGuard<'_, Line<R>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
