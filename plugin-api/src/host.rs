//! What the host does for an effect while it renders.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use abi_stable::{RRef, sabi_trait::TD_Opaque, std_types::RVec};

use crate::abi::{Body, Body_TO, BodyRef, Services_TO, ServicesRef};
use crate::error::{EffectError, EffectResult, ErrorCode};
use crate::export::guarded;
use crate::image::ImageViewMut;

/// The host's services for the length of one call: its threads, its memory, its log. Shared between threads freely, also
/// with threads that the effect starts itself, but it cannot be kept beyond the call:
///
/// ```compile_fail,E0521
/// # use playa_plugin_api::prelude::*;
/// fn keep(host: &Host<'_>) {
///     std::thread::spawn(move || host.aborted());
/// }
/// ```
///
/// A thread that ends with the call may have it:
///
/// ```
/// # use playa_plugin_api::prelude::*;
/// fn share(host: &Host<'_>) -> bool {
///     std::thread::scope(|scope| scope.spawn(|| host.aborted()).join().unwrap_or(true))
/// }
/// # assert!(!share(&Host::alone()));
/// ```
pub struct Host<'a> {
    services: &'a (dyn Calls + 'a),
}

/// How serious a log message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LogLevel {
    /// Something went wrong.
    Error = 0,
    /// Something may surprise the user.
    Warning = 1,
    /// Something worth knowing.
    Info = 2,
    /// For the effect's author.
    Detail = 3,
}

/// A buffer lent by the host, given back when dropped. Its contents are unspecified until written.
pub struct Scratch<'a> {
    host: &'a Host<'a>,
    buffer: RVec<f32>,
}

impl<'a> Host<'a> {
    pub(crate) fn new(services: &'a ServicesRef<'_>) -> Self {
        Self { services }
    }

    /// A host of one thread that lends all memory asked for and writes no log: for an author's own tests, without a
    /// plugin file.
    pub fn alone() -> Host<'static> {
        Host { services: &Alone }
    }

    /// Runs `body` for every index below `count`, on all the host's threads, and returns when all are done. It may be
    /// called inside itself. The order is unspecified; the first error by index is returned, and a panic is one.
    ///
    /// Once the host wants the effect to stop, what has not begun may be left out, and that is an error too
    /// ([`ErrorCode::Aborted`]).
    ///
    /// A thread that waits for its loop may meanwhile run other pieces of this or another call of the effect: who holds a
    /// lock here that those need waits for itself.
    pub fn parallel_for(&self, count: usize, body: impl Fn(usize) -> EffectResult<()> + Sync) -> EffectResult<()> {
        let job = Job { body, first_error: Mutex::new(None) };
        self.services.parallel_for(count, &job);
        match job.first_error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => self.check_abort(),
        }
    }

    /// Cuts `output` into bands and fills them in parallel. Between bands it looks whether the host wants to stop.
    pub fn parallel_bands(
        &self,
        output: ImageViewMut<'_>,
        fill: impl Fn(ImageViewMut<'_>) -> EffectResult<()> + Sync,
    ) -> EffectResult<()> {
        self.parallel_bands_from(1, output, fill)
    }

    /// The same in bands of at least `rows` rows, where those of a band share work.
    pub(crate) fn parallel_bands_from(
        &self,
        rows: usize,
        output: ImageViewMut<'_>,
        fill: impl Fn(ImageViewMut<'_>) -> EffectResult<()> + Sync,
    ) -> EffectResult<()> {
        /// Pixels in a band: 128 KiB, so that a band and what it reads stay in a core's own cache.
        const PIXELS: usize = 8192;
        let rows = PIXELS.div_ceil(output.window().width().max(1)).max(rows);
        let bands: Vec<_> = output.into_bands(rows).into_iter().map(|band| Mutex::new(Some(band))).collect();
        self.parallel_for(bands.len(), |index| {
            self.check_abort()?;
            match bands[index].lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(band) => fill(band),
                None => Err(EffectError::failed(format!("the host ran part {index} of a parallel loop twice"))),
            }
        })
    }

    /// A buffer of `values` floats from the host's pool, for this call alone. It counts towards the render's memory budget
    /// until it is dropped; what is never dropped counts for as long as the process lives, and the log names the effect.
    pub fn scratch(&self, values: usize) -> EffectResult<Scratch<'_>> {
        match self.services.scratch(values) {
            Some(buffer) => Ok(Scratch { host: self, buffer }),
            None => {
                let message =
                    format!("the host gave no scratch memory for {values} values ({} bytes)", values.saturating_mul(4));
                Err(EffectError::new(ErrorCode::OutOfMemory, message))
            }
        }
    }

    /// Whether the host wants the effect to stop soon.
    pub fn aborted(&self) -> bool {
        self.services.aborted()
    }

    /// An error if the host wants the effect to stop: `host.check_abort()?` in a long loop.
    pub fn check_abort(&self) -> EffectResult<()> {
        if self.aborted() { Err(EffectError::aborted()) } else { Ok(()) }
    }

    /// Tells how much of the call is done, 0 to 1.
    pub fn progress(&self, done: f32) {
        self.services.progress(done);
    }

    /// Writes to the host's log: one line, of a longer message than 4000 characters the beginning.
    pub fn log(&self, level: LogLevel, message: &str) {
        self.services.log(level, message);
    }
}

/// The services as plain Rust: over the wire, or alone.
trait Calls: Sync {
    fn parallel_for(&self, count: usize, body: &dyn DynBody);
    fn scratch(&self, values: usize) -> Option<RVec<f32>>;
    fn give_back(&self, buffer: RVec<f32>);
    fn aborted(&self) -> bool;
    fn progress(&self, done: f32);
    fn log(&self, level: LogLevel, message: &str);
}

impl Calls for ServicesRef<'_> {
    fn parallel_for(&self, count: usize, body: &dyn DynBody) {
        let object: BodyRef<'_> = Body_TO::from_ptr(RRef::new(&body), TD_Opaque);
        Services_TO::parallel_for(self, count, &object);
    }

    fn scratch(&self, values: usize) -> Option<RVec<f32>> {
        Services_TO::scratch(self, values).into_option()
    }

    fn give_back(&self, buffer: RVec<f32>) {
        Services_TO::give_back(self, buffer);
    }

    fn aborted(&self) -> bool {
        Services_TO::aborted(self)
    }

    fn progress(&self, done: f32) {
        Services_TO::progress(self, done);
    }

    fn log(&self, level: LogLevel, message: &str) {
        Services_TO::log(self, level as u32, message.into());
    }
}

/// See [`Host::alone`].
struct Alone;

impl Calls for Alone {
    fn parallel_for(&self, count: usize, body: &dyn DynBody) {
        (0..count).for_each(|index| body.run(index));
    }

    fn scratch(&self, values: usize) -> Option<RVec<f32>> {
        Some(vec![f32::NAN; values].into())
    }

    fn give_back(&self, _buffer: RVec<f32>) {}

    fn aborted(&self) -> bool {
        false
    }

    fn progress(&self, _done: f32) {}

    fn log(&self, _level: LogLevel, _message: &str) {}
}

/// One index of a loop, behind a plain reference.
trait DynBody: Sync {
    fn run(&self, index: usize);
}

impl Body for &dyn DynBody {
    fn run(&self, index: usize) {
        (**self).run(index);
    }
}

struct Job<F> {
    body: F,
    first_error: Mutex<Option<(usize, EffectError)>>,
}

impl<F: Fn(usize) -> EffectResult<()> + Sync> DynBody for Job<F> {
    fn run(&self, index: usize) {
        if let Err(error) = guarded(|| (self.body)(index)) {
            let mut first = self.first_error.lock().unwrap_or_else(PoisonError::into_inner);
            if first.as_ref().is_none_or(|(earliest, _)| index < *earliest) {
                *first = Some((index, error));
            }
        }
    }
}

impl Deref for Scratch<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.buffer
    }
}

impl DerefMut for Scratch<'_> {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.buffer
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        self.host.services.give_back(std::mem::take(&mut self.buffer));
    }
}
