//! The pictures around the current frame: which are ready, and which to render next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use uuid::Uuid;

use super::transport::Transport;
use crate::image::Frame;
use crate::plugin::Effects;
use crate::project::Document;
use crate::render::RenderError;

/// So many pictures are rendered ahead at most.
pub const MAX_AHEAD: usize = 256;

/// Bytes that the pictures rendered ahead take together at most, if they are more than two.
pub const AHEAD_BYTES: u64 = 1 << 30;

/// What pictures are made of: a comp, as project and effects are.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub document: Arc<Document>,
    pub effects: Arc<Effects>,
    pub comp: Uuid,
}

/// A picture to be rendered.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub frame: i64,
    pub moment: Moment,
    /// Set when it is no longer wanted.
    pub abort: Arc<AtomicBool>,
}

type Rendered = Result<Arc<Frame>, Arc<RenderError>>;

#[derive(Debug)]
pub(super) struct Pictures {
    moment: Option<Moment>,
    ready: BTreeMap<i64, Rendered>,
    shown: Option<(i64, Arc<Frame>)>,
    /// Frames that someone waits for.
    asked: Vec<i64>,
    making: Option<Task>,
    ahead: usize,
    frame_bytes: u64,
    /// How long a picture takes, smoothed.
    pace: Duration,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            moment: None,
            ready: BTreeMap::new(),
            shown: None,
            asked: Vec::new(),
            making: None,
            ahead: 8,
            frame_bytes: 0,
            pace: Duration::ZERO,
        }
    }
}

impl Moment {
    fn is(&self, document: &Arc<Document>, effects: &Arc<Effects>, comp: Uuid) -> bool {
        Arc::ptr_eq(&self.document, document) && Arc::ptr_eq(&self.effects, effects) && self.comp == comp
    }
}

impl Pictures {
    /// Follows project and effects: pictures of another moment are no longer right.
    pub fn follow(&mut self, document: &Arc<Document>, effects: &Arc<Effects>, comp: Uuid, frame_bytes: u64) {
        self.frame_bytes = frame_bytes;
        if self.moment.as_ref().is_some_and(|moment| moment.is(document, effects, comp)) {
            return;
        }
        match &self.moment {
            Some(moment) if moment.comp == comp => self.forget(),
            _ => self.clear(),
        }
        self.moment = Some(Moment { document: Arc::clone(document), effects: Arc::clone(effects), comp });
    }

    /// Drops all pictures.
    pub fn clear(&mut self) {
        self.forget();
        (self.shown, self.pace) = (None, Duration::ZERO);
    }

    /// Drops what is ready.
    fn forget(&mut self) {
        self.moment = None;
        self.ready.clear();
        self.abort();
    }

    /// Stops what is being rendered.
    fn abort(&mut self) {
        if let Some(task) = self.making.take() {
            task.abort.store(true, Ordering::Relaxed);
        }
    }

    pub fn ahead(&self) -> usize {
        self.ahead
    }

    pub fn set_ahead(&mut self, frames: usize) {
        self.ahead = frames.min(MAX_AHEAD);
    }

    /// The picture of a frame, if it is ready.
    pub fn get(&self, frame: i64) -> Option<Rendered> {
        self.ready.get(&frame).cloned()
    }

    /// Takes note that someone waits for a frame, until [`Pictures::leave`].
    pub fn ask(&mut self, frame: i64) {
        self.asked.push(frame);
    }

    /// Takes note that one who waited for a frame does not any more.
    pub fn leave(&mut self, frame: i64) {
        if let Some(index) = self.asked.iter().position(|asked| *asked == frame) {
            self.asked.remove(index);
        }
    }

    /// Shows a frame that became current, if its picture is ready.
    pub fn show(&mut self, frame: i64) -> bool {
        let Some(Ok(picture)) = self.ready.get(&frame) else { return false };
        self.shown = Some((frame, Arc::clone(picture)));
        true
    }

    /// The picture that was shown last.
    pub fn shown(&self) -> Option<(i64, Arc<Frame>)> {
        self.shown.clone()
    }

    /// Drops what is neither shown soon nor waited for, and stops rendering such a picture.
    pub fn tidy(&mut self, transport: &Transport) {
        let (reach, asked) = (self.late(transport) + self.count(), &self.asked);
        let wanted =
            |frame: i64| asked.contains(&frame) || transport.steps_to(frame).is_some_and(|steps| steps <= reach);
        self.ready.retain(|frame, _| wanted(*frame));
        if self.making.as_ref().is_some_and(|task| !wanted(task.frame)) {
            self.abort();
        }
    }

    /// The picture to render next: one that someone waits for, or the first that lacks of those that come, without the
    /// ones that will have passed before they could be ready.
    pub fn next(&mut self, transport: &Transport) -> Option<Task> {
        let moment = self.moment.clone()?;
        let late = self.late(transport);
        let coming = (late..=late + self.count()).map(|steps| transport.ahead(steps));
        let frame = self.asked.iter().copied().chain(coming).find(|frame| !self.ready.contains_key(frame))?;
        let task = Task { frame, moment, abort: Arc::default() };
        self.making = Some(task.clone());
        Some(task)
    }

    /// Takes a picture that was rendered, and tells whether it is still the right one.
    pub fn finish(&mut self, task: &Task, rendered: Result<Frame, RenderError>, took: Duration) -> bool {
        if !self.making.as_ref().is_some_and(|making| Arc::ptr_eq(&making.abort, &task.abort)) {
            return false;
        }
        self.making = None;
        // What is known of the last few counts.
        self.pace = if self.pace.is_zero() { took } else { (self.pace * 3 + took) / 4 };
        self.ready.insert(task.frame, rendered.map(Arc::new).map_err(Arc::new));
        true
    }

    /// How many frames pass while a picture is rendered, if that is more than one.
    fn late(&self, transport: &Transport) -> i64 {
        /// Whoever renders for so long does not watch.
        const LATEST: f64 = 1e6;
        let frames = self.pace.as_secs_f64() * transport.rate().as_f64();
        if transport.is_playing() && frames > 1.0 { frames.ceil().min(LATEST) as i64 } else { 0 }
    }

    /// How many pictures there may be after the first.
    fn count(&self) -> i64 {
        let by_bytes = usize::try_from(AHEAD_BYTES / self.frame_bytes.max(1)).unwrap_or(usize::MAX);
        self.ahead.min(by_bytes.max(2)) as i64
    }
}
