//! Playing a comp in time: a current frame that follows a clock, and pictures that are rendered ahead of it.
//!
//! - [`clock`]: which frame is due when, exactly.
//! - [`transport`]: what play, pause, step and jog do to the current frame.
//! - [`pictures`]: which pictures are ready, and which to render next.
//! - [`threads`]: one changes the frame when the next one is due, one renders. Neither waits for the other.
//!
//! Where rendering is too slow, frames are passed over: what is rendered next is what will be due when it is done. Edits of
//! the project show in the pictures from then on.

mod clock;
mod pictures;
mod threads;
mod transport;

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

pub use clock::Clock;
pub use pictures::{AHEAD_BYTES, MAX_AHEAD};
pub use transport::{Direction, Transport};

use crate::engine::Engine;
use crate::events::{Event, EventBus, Field, Filter, Subscription};
use crate::image::Frame;
use crate::project::time::Rate;
use crate::project::{Comp, Node, Project, ProjectError};
use crate::render::RenderError;
use pictures::{Pictures, Task};

/// Plays comps. Dropping it ends its threads.
///
/// It emits on a bus of its own: `player_opened` (`comp`), `frame_changed` (`comp`, `old`, `frame`), `playing_changed`
/// (`playing`), `picture_ready` (`frame`) and `picture_failed` (`frame`, `message`), in the order in which they happen.
#[derive(Debug)]
pub struct Player {
    shared: Arc<Shared>,
}

/// How a player fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayerStats {
    /// How many frames became due while it played.
    pub due: u64,
    /// How many of them became the current frame. The others passed before the thread could say so.
    pub current: u64,
    /// How many became the current frame with their picture ready.
    pub shown: u64,
}

/// What a player plays.
#[derive(Debug)]
struct Open {
    project: Project,
    comp: Uuid,
    /// What to play, where it is not the work area of the comp.
    range: Option<(i64, i64)>,
    /// Tells the threads of edits.
    edits: Subscription,
}

#[derive(Debug)]
struct Shared {
    engine: Arc<Engine>,
    events: EventBus,
    epoch: Instant,
    state: Mutex<State>,
    /// Anything of the state changed.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    open: Option<Open>,
    transport: Transport,
    pictures: Pictures,
    stats: PlayerStats,
    closed: bool,
    /// What is to be told, and whether a thread is about it.
    outbox: Vec<Event>,
    telling: bool,
}

impl Player {
    /// A player with nothing open.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn new(engine: Arc<Engine>) -> io::Result<Self> {
        let rate = Rate::new(24, 1).expect("24 is a rate");
        let state = State {
            open: None,
            transport: Transport::new((0, 0), rate),
            pictures: Pictures::default(),
            stats: PlayerStats::default(),
            closed: false,
            outbox: Vec::new(),
            telling: false,
        };
        let (events, epoch) = (EventBus::new(), Instant::now());
        let shared = Arc::new(Shared { engine, events, epoch, state: Mutex::new(state), changed: Condvar::new() });
        let player = Self { shared };
        threads::start(&player.shared)?;
        Ok(player)
    }

    /// Where its events are subscribed to.
    pub fn events(&self) -> &EventBus {
        &self.shared.events
    }

    /// Opens a comp: paused at the first frame of its work area, at its own rate. Whether it loops stays as it was.
    ///
    /// # Errors
    /// If the project has no such comp.
    pub fn open(&self, project: &Project, comp: Uuid) -> Result<(), ProjectError> {
        let document = project.snapshot();
        let opened = document.node::<Comp>(comp)?;
        let threads = Arc::downgrade(&self.shared);
        let edits = project.events().subscribe(Filter::from_iter(["project_changed"]), move |_| {
            if let Some(shared) = threads.upgrade() {
                shared.change(|_, _| ());
            }
        });
        let before = self.shared.change(|state, _| {
            let looping = state.transport.is_looping();
            state.transport = Transport::new(opened.frames(), opened.rate());
            state.transport.set_looping(looping, Duration::ZERO);
            state.stats = PlayerStats::default();
            state.outbox.push(Event::new("player_opened").with("comp", Field::Node(project.clone(), Node::Comp(comp))));
            state.open.replace(Open { project: project.clone(), comp, range: None, edits })
        });
        before.inspect(|before| before.edits.close());
        Ok(())
    }

    /// What is open: a comp of a project.
    pub fn opened(&self) -> Option<(Project, Uuid)> {
        self.shared.lock().open.as_ref().map(|open| (open.project.clone(), open.comp))
    }

    /// Closes what is open, as it is when the comp is removed from its project.
    pub fn close(&self) {
        let before = self.shared.change(State::close);
        before.inspect(|before| before.edits.close());
    }

    /// Frame, range, speed and all that, as they are now.
    pub fn transport(&self) -> Transport {
        self.shared.change(|state, _| state.transport.clone())
    }

    /// Changes those: `player.control(|transport, now| transport.play(now))`. Nothing happens while nothing is open.
    pub fn control(&self, command: impl FnOnce(&mut Transport, Duration)) {
        self.shared.change(|state, now| {
            if state.open.is_some() {
                command(&mut state.transport, now);
            }
        });
    }

    /// Plays this range instead of the work area of the comp; `None` for that again.
    pub fn set_range(&self, range: Option<(i64, i64)>) {
        self.shared.change(|state, _| {
            if let Some(open) = &mut state.open {
                open.range = range;
            }
        });
    }

    /// How many pictures are rendered ahead at most: 0 to [`MAX_AHEAD`], 8 unless told otherwise. Together they take
    /// [`AHEAD_BYTES`] at most, or are two.
    pub fn set_ahead(&self, frames: usize) {
        self.shared.change(|state, _| state.pictures.set_ahead(frames));
    }

    /// How many pictures are rendered ahead at most.
    pub fn ahead(&self) -> usize {
        self.shared.lock().pictures.ahead()
    }

    /// How it fares since the comp was opened.
    pub fn stats(&self) -> PlayerStats {
        self.shared.lock().stats
    }

    /// The picture that was ready last when its frame was current, with its number.
    pub fn shown(&self) -> Option<(i64, Arc<Frame>)> {
        self.shared.lock().pictures.shown()
    }

    /// The picture of the frame that is current now, waiting so long at most for it. `None` if it takes longer, if
    /// nothing is open, or if another comp is opened meanwhile.
    ///
    /// # Errors
    /// If it cannot be rendered.
    pub fn picture_within(&self, patience: Duration) -> Result<Option<(i64, Arc<Frame>)>, Arc<RenderError>> {
        let frame = self.shared.change(|state, _| {
            let frame = state.transport.frame();
            state.pictures.ask(frame);
            frame
        });
        let waits = |state: &mut State| state.open.is_some() && state.pictures.get(frame).is_none();
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), patience, waits);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.pictures.leave(frame);
        state.pictures.get(frame).transpose().map(|picture| Some((frame, picture?)))
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let open = self.shared.change(|state, now| {
            state.closed = true;
            state.close(now)
        });
        open.inspect(|open| open.edits.close());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Changes the state, with the current frame brought up to date before and what follows from the change after: the
    /// threads are woken, and what happened is told, with no lock held.
    fn change<T>(&self, change: impl FnOnce(&mut State, Duration) -> T) -> T {
        let mut state = self.lock();
        let now = self.now();
        let before = (state.transport.frame(), state.transport.is_playing());
        state.tick(now);
        let result = change(&mut state, now);
        let removed = state.close_if_removed(now);
        state.follow(&self.engine, now);
        state.note_changes(before);
        self.changed.notify_all();
        self.tell(state);
        removed.inspect(|removed| removed.edits.close());
        result
    }

    /// Takes a picture that was rendered.
    fn finish(&self, task: &Task, rendered: Result<Frame, RenderError>, took: Duration) {
        self.change(|state, _| {
            let event = about_picture(task.frame, rendered.as_ref());
            let right = state.pictures.finish(task, rendered, took);
            if right && state.transport.frame() == task.frame {
                state.pictures.show(task.frame);
                state.outbox.push(event);
            }
        });
    }

    /// Tells what happened, in order. If another thread is telling, or this one further up, that one tells this too.
    fn tell<'a>(&'a self, mut state: MutexGuard<'a, State>) {
        if state.telling {
            return;
        }
        state.telling = true;
        while !state.outbox.is_empty() {
            let events = std::mem::take(&mut state.outbox);
            drop(state);
            events.into_iter().for_each(|event| self.events.emit(event));
            state = self.lock();
        }
        state.telling = false;
    }
}

impl State {
    /// Lets the current frame be the one that is due.
    fn tick(&mut self, now: Duration) {
        let before = self.transport.frame();
        let passed = self.transport.tick(now);
        if self.transport.frame() != before {
            self.stats.due += passed.unsigned_abs();
            self.stats.current += 1;
            self.stats.shown += u64::from(self.pictures.show(self.transport.frame()));
        }
    }

    fn close(&mut self, now: Duration) -> Option<Open> {
        self.transport.pause(now);
        self.pictures.clear();
        self.open.take()
    }

    /// Closes a comp that was removed from its project.
    fn close_if_removed(&mut self, now: Duration) -> Option<Open> {
        let open = self.open.as_ref()?;
        let removed = !open.project.snapshot().comps.contains_key(&open.comp);
        if removed { self.close(now) } else { None }
    }

    /// Follows the project: the work area of its comp, and the pictures that are no longer right.
    fn follow(&mut self, engine: &Engine, now: Duration) {
        let Some(open) = &self.open else { return };
        let document = open.project.snapshot();
        let Some(comp) = document.comps.get(&open.comp) else { return };
        let range = open.range.unwrap_or_else(|| comp.frames());
        if (range.0, range.1.max(range.0)) != self.transport.range() {
            self.transport.set_range(range, now);
        }
        self.pictures.follow(&document, &engine.effects(), open.comp, frame_bytes(comp));
        self.pictures.tidy(&self.transport);
    }

    /// Notes what is to be told of a change.
    fn note_changes(&mut self, (frame, playing): (i64, bool)) {
        let Some(open) = &self.open else { return };
        let (new, plays) = (self.transport.frame(), self.transport.is_playing());
        if new != frame {
            let comp = Field::Node(open.project.clone(), Node::Comp(open.comp));
            self.outbox.push(Event::new("frame_changed").with("comp", comp).with("old", frame).with("frame", new));
            self.pictures.show(new);
            let rendered = self.pictures.get(new);
            self.outbox
                .extend(rendered.map(|rendered| about_picture(new, rendered.as_deref().map_err(|error| &**error))));
        }
        if plays != playing {
            self.outbox.push(Event::new("playing_changed").with("playing", plays));
        }
    }
}

/// What is told of the picture of the current frame.
fn about_picture(frame: i64, rendered: Result<&Frame, &RenderError>) -> Event {
    match rendered {
        Ok(_) => Event::new("picture_ready").with("frame", frame),
        Err(error) => Event::new("picture_failed").with("frame", frame).with("message", error.to_string()),
    }
}

/// Bytes of a picture of a comp.
fn frame_bytes(comp: &Comp) -> u64 {
    let (width, height) = comp.size();
    u64::from(width) * u64::from(height) * 16
}

#[cfg(test)]
mod tests;
