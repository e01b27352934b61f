//! Memory for pixels.
//!
//! Memory fresh from the system costs more to touch for the first time than most effects cost to run over it. So large
//! buffers are kept when their image is dropped, up to [`KEPT_BYTES`] in all, and the next image of the same size takes
//! one. What is fresh comes zeroed from the system, page by page when it is first touched, by whichever thread that does;
//! where the system has pages of 2 MiB, it is asked for them, which costs a quarter and saves address look-ups later.
//!
//! Each buffer counts in the [`memory`] of the process until the system has it back.

#![allow(unsafe_code, reason = "the standard library has no way to ask for aligned, zeroed memory that may be refused")]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::memory::{self, Keeper};

/// How much memory is kept: four pictures of 4096 x 2160 pixels, as many as the render of one has at hand. Memory that is
/// fresh costs as much as a blur.
pub const KEPT_BYTES: usize = 640 << 20;

/// Smaller buffers are not worth keeping, nor pages of their own.
const SMALLEST_BYTES: usize = 1 << 20;

/// Buffers whose images are gone, the oldest first.
static KEPT: Mutex<Vec<Buffer>> = Mutex::new(Vec::new());

/// The buffers that are kept, as who gives them up first where memory is short.
pub(super) static POOL: LazyLock<Arc<dyn Keeper>> = LazyLock::new(|| Arc::new(Pool));

#[derive(Debug)]
struct Pool;

impl Keeper for Pool {
    /// All of it: what is kept is not worth a choice.
    fn give_back(&self, _bytes: u64) -> bool {
        let gone = std::mem::take(&mut *kept());
        !gone.is_empty()
    }

    fn kept(&self) -> u64 {
        kept().iter().map(|buffer| size_of_val(&**buffer) as u64).sum()
    }
}

/// Values that begin at a multiple of 64 bytes, as vectors and lines of the cache do.
#[derive(Debug)]
pub struct Buffer {
    first: NonNull<f32>,
    len: usize,
    memory: Memory,
}

/// Where a buffer came from, and goes.
#[derive(Debug)]
enum Memory {
    /// Nothing was taken.
    None,
    /// The global allocator gave it.
    Allocated(Layout),
    /// The system mapped these bytes.
    #[cfg(target_os = "linux")]
    Mapped { start: NonNull<std::ffi::c_void>, bytes: usize },
    /// Other processes may see it.
    #[cfg(unix)]
    Shared(#[expect(dead_code, reason = "it is mapped as long as this is held")] Arc<super::shared::Segment>),
}

/// Who sees the memory of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// This process.
    Private,
    /// Worker processes, too, where the system can share memory.
    Shared,
}

// SAFETY: a buffer owns its memory as a `Vec` does, and floats may go from thread to thread.
unsafe impl Send for Buffer {}
// SAFETY: through a shared reference it is only read.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// Zeros that count. Within the limit, or else whatever that is.
    fn counted(len: usize, home: Home, within_limit: bool) -> Result<Self, NoMemory> {
        let bytes = Layout::array::<f32>(len).map_err(|_| NoMemory::System)?.size() as u64;
        if within_limit {
            memory::PROCESS.charge(bytes)?;
        }
        let buffer = match home {
            Home::Private => Self::zeroed(len),
            Home::Shared => Self::shared(len),
        };
        match &buffer {
            Some(_) if !within_limit => memory::PROCESS.charge_anyway(bytes),
            None if within_limit => memory::PROCESS.release(bytes),
            _ => {}
        }
        buffer.ok_or(NoMemory::System)
    }

    /// Zeros. `None` if there is no memory for them.
    fn zeroed(len: usize) -> Option<Self> {
        let layout = Layout::array::<f32>(len).ok()?.align_to(64).ok()?;
        match layout.size() {
            0 => Some(Self { first: NonNull::dangling(), len, memory: Memory::None }),
            #[cfg(target_os = "linux")]
            bytes if bytes >= SMALLEST_BYTES => Self::mapped(len, bytes),
            _ => {
                // SAFETY: the layout is not empty.
                let first = NonNull::new(unsafe { alloc_zeroed(layout) })?.cast();
                Some(Self { first, len, memory: Memory::Allocated(layout) })
            }
        }
    }

    /// Zeros that other processes may see.
    #[cfg(unix)]
    fn shared(len: usize) -> Option<Self> {
        if len == 0 {
            return Self::zeroed(0);
        }
        let segment = super::shared::Segment::new(len.checked_mul(size_of::<f32>())?).ok()?;
        Some(Self { first: segment.start().cast(), len, memory: Memory::Shared(segment) })
    }

    /// This system shares no memory.
    #[cfg(not(unix))]
    fn shared(len: usize) -> Option<Self> {
        Self::zeroed(len)
    }

    /// Who sees it.
    fn home(&self) -> Home {
        match self.memory {
            #[cfg(unix)]
            Memory::Shared(_) => Home::Shared,
            _ => Home::Private,
        }
    }

    /// Makes the system lay memory under all of it now.
    pub(super) fn touch(&mut self) {
        /// Small pages, where there are no large ones.
        const PAGE: usize = 4096 / size_of::<f32>();
        // A large page is touched by one thread.
        let parts = self.par_chunks_mut(512 * PAGE);
        parts.for_each(|part| part.iter_mut().step_by(PAGE).for_each(|value| *value = 0.0));
    }

    /// Zeros in pages of their own, large ones where the system has them.
    #[cfg(target_os = "linux")]
    fn mapped(len: usize, bytes: usize) -> Option<Self> {
        use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};
        /// A large page.
        const PAGE: usize = 2 << 20;
        let mapped = bytes.checked_add(PAGE)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the system chooses the address, so nothing else lies there.
        let start = unsafe { mmap_anonymous(std::ptr::null_mut(), mapped, protection, MapFlags::PRIVATE) }.ok()?;
        let before = start.align_offset(PAGE);
        // SAFETY: `before` is less than a page, and a page more than needed was mapped.
        let first = unsafe { start.byte_add(before) };
        // SAFETY: the range was just mapped. It is only asked: a system without large pages says no, and does without.
        let _ = unsafe { madvise(first, bytes, Advice::LinuxHugepage) };
        let memory = Memory::Mapped { start: NonNull::new(start)?, bytes: mapped };
        Some(Self { first: NonNull::new(first)?.cast(), len, memory })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        memory::PROCESS.release(size_of_val(&**self) as u64);
        match self.memory {
            Memory::None => {}
            // It goes with its segment.
            #[cfg(unix)]
            Memory::Shared(_) => {}
            // SAFETY: the global allocator gave it with this layout.
            Memory::Allocated(layout) => unsafe { dealloc(self.first.as_ptr().cast(), layout) },
            #[cfg(target_os = "linux")]
            Memory::Mapped { start, bytes } => {
                // SAFETY: exactly this was mapped, and nobody has a reference to it any more.
                let unmapped = unsafe { rustix::mm::munmap(start.as_ptr(), bytes) };
                debug_assert!(unmapped.is_ok(), "what was mapped can be unmapped");
            }
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: it holds `len` floats, zeros at first, and borrows like its own.
        unsafe { std::slice::from_raw_parts(self.first.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.first.as_ptr(), self.len) }
    }
}

/// Why there is no buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMemory {
    /// The system has none.
    System,
    /// The limit of the process allows none.
    Limit(memory::Refused),
}

impl From<memory::Refused> for NoMemory {
    fn from(refused: memory::Refused) -> Self {
        Self::Limit(refused)
    }
}

/// A buffer of this many values, and whether they are all zero; else they are what an earlier image left.
/// `within_limit` refuses one beyond the limit of the process.
pub(super) fn take(values: usize, home: Home, within_limit: bool) -> Result<(Buffer, bool), NoMemory> {
    let mut kept = kept();
    if let Some(at) = kept.iter().rposition(|buffer| buffer.len() == values && buffer.home() == home) {
        return Ok((kept.remove(at), false));
    }
    drop(kept);
    Ok((Buffer::counted(values, home, within_limit)?, true))
}

/// Keeps a buffer for the next image of its size, in place of the oldest ones if there are too many.
pub(super) fn give(buffer: Buffer) {
    let bytes = size_of_val(&*buffer);
    if !(SMALLEST_BYTES..=KEPT_BYTES).contains(&bytes) {
        return;
    }
    let mut kept = kept();
    let mut sum: usize = bytes + kept.iter().map(|buffer| size_of_val(&**buffer)).sum::<usize>();
    let mut surplus = Vec::new();
    while sum > KEPT_BYTES {
        let oldest = kept.remove(0);
        sum -= size_of_val(&*oldest);
        surplus.push(oldest);
    }
    kept.push(buffer);
    // Memory goes back to the system after the lock.
    drop(kept);
}

fn kept() -> MutexGuard<'static, Vec<Buffer>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_within_the_limit_and_is_found_by_size() {
        let values = KEPT_BYTES / 4 / 3;
        for _ in 0..5 {
            give(Buffer::counted(values, Home::Private, false).expect("there is memory"));
        }
        give(Buffer::counted(4, Home::Private, false).expect("there is memory"));
        let sizes: Vec<usize> = kept().iter().map(|buffer| buffer.len()).collect();
        assert!(sizes.iter().sum::<usize>() * 4 <= KEPT_BYTES && !sizes.contains(&4), "{sizes:?}");
        let (mut buffer, fresh) = take(values, Home::Private, true).expect("there is memory");
        assert!(!fresh);
        buffer.fill(1.0);
        give(buffer);
        let (buffer, fresh) = take(values + 1, Home::Private, true).expect("there is memory");
        assert!(fresh && buffer.iter().all(|value| *value == 0.0));
        for values in [usize::MAX / 2, usize::MAX / 8] {
            assert_eq!(
                take(values, Home::Private, false).map(drop),
                Err(NoMemory::System),
                "it is refused, not an abort"
            );
        }
        assert!(matches!(take(usize::MAX / 16, Home::Private, true).map(drop), Err(NoMemory::Limit(_))));
    }

    #[test]
    fn buffers_of_every_size_begin_at_a_line_of_the_cache_and_hold_what_is_written() {
        let lengths = [0, 1, 17, 4000, SMALLEST_BYTES / 4 - 1, SMALLEST_BYTES / 4, 3 << 20];
        for (len, home) in lengths.into_iter().flat_map(|len| [(len, Home::Private), (len, Home::Shared)]) {
            let mut buffer = Buffer::counted(len, home, false).expect("there is memory");
            assert!(buffer.iter().all(|value| *value == 0.0) && buffer.len() == len);
            assert!(len == 0 || buffer.as_ptr().addr().is_multiple_of(64));
            buffer.fill(7.0);
            assert!(buffer.iter().all(|value| *value == 7.0));
        }
    }
}
