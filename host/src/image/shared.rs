//! Memory for pixels that another process sees, too.
//!
//! On Linux it is a memory file that can never change its size: a process that cut it short would kill all others that
//! look at it. Elsewhere on Unix it is a file without a name.

#![allow(
    unsafe_code,
    reason = "memory that is shared between processes is mapped, which the standard library cannot do"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use playa_plugin_api::Pixel;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// All segments of this process, by their address.
static ALL: Mutex<BTreeMap<usize, Weak<Segment>>> = Mutex::new(BTreeMap::new());

/// Memory that other processes may be shown.
pub struct Segment {
    id: u64,
    file: OwnedFd,
    map: Map,
    /// Who wants to know when it is gone.
    watchers: Mutex<Vec<Watcher>>,
}

/// Is told the number of a segment that is gone.
type Watcher = Box<dyn FnOnce(u64) + Send>;

impl Segment {
    /// Zeros.
    ///
    /// # Errors
    /// If the system has no memory for it, or no way to share it.
    pub fn new(bytes: usize) -> io::Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let file = file(bytes)?;
        let map = Map::new(file.as_fd(), bytes, true)?;
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let segment = Arc::new(Self { id, file, map, watchers: Mutex::default() });
        all().insert(segment.map.start.addr().get(), Arc::downgrade(&segment));
        Ok(segment)
    }

    /// The segment in which these pixels lie, and which of its pixels the first one is.
    pub fn of(pixels: &[Pixel]) -> Option<(Arc<Self>, usize)> {
        let first = pixels.as_ptr().addr();
        let segment = all().range(..=first).next_back()?.1.upgrade()?;
        let offset = first - segment.map.start.addr().get();
        let inside = offset + size_of_val(pixels) <= segment.map.bytes && offset.is_multiple_of(size_of::<Pixel>());
        inside.then(|| (segment, offset / size_of::<Pixel>()))
    }

    /// A number that no other segment of this process has, had or will have.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its length.
    pub fn bytes(&self) -> usize {
        self.map.bytes
    }

    /// What another process maps it by.
    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Its first byte. It stays there as long as the segment lives.
    pub(super) fn start(&self) -> NonNull<std::ffi::c_void> {
        self.map.start
    }

    /// Tells somebody of its end.
    pub fn when_gone(&self, watcher: impl FnOnce(u64) + Send + 'static) {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(watcher));
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        all().remove(&self.map.start.addr().get());
        let watchers = std::mem::take(self.watchers.get_mut().unwrap_or_else(PoisonError::into_inner));
        watchers.into_iter().for_each(|watcher| watcher(self.id));
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({}, {} bytes)", self.id, self.map.bytes)
    }
}

fn all() -> MutexGuard<'static, BTreeMap<usize, Weak<Segment>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A segment of another process, to read.
#[derive(Debug)]
pub struct Shown(Map);

/// A segment of another process, to write.
#[derive(Debug)]
pub struct Lent(Map);

impl Shown {
    /// Maps a segment by its file.
    ///
    /// # Errors
    /// If it cannot be mapped.
    pub fn new(file: &OwnedFd, bytes: usize) -> io::Result<Self> {
        Map::new(file.as_fd(), bytes, false).map(Self)
    }

    /// All of it.
    pub fn pixels(&self) -> &[Pixel] {
        // SAFETY: so many bytes are mapped, at the start of a page; whatever they are, they are floats. The process that
        // made the segment changes none that it lets this one read.
        unsafe { std::slice::from_raw_parts(self.0.start.as_ptr().cast(), self.0.bytes / size_of::<Pixel>()) }
    }
}

impl Lent {
    /// Maps a segment by its file.
    ///
    /// # Errors
    /// If it cannot be mapped.
    pub fn new(file: &OwnedFd, bytes: usize) -> io::Result<Self> {
        Map::new(file.as_fd(), bytes, true).map(Self)
    }

    /// All of it.
    pub fn pixels_mut(&mut self) -> &mut [Pixel] {
        // SAFETY: as above; the process that made the segment lets one call at a time write it, and reads it after that.
        unsafe { std::slice::from_raw_parts_mut(self.0.start.as_ptr().cast(), self.0.bytes / size_of::<Pixel>()) }
    }
}

/// Mapped memory, until it is dropped.
#[derive(Debug)]
struct Map {
    start: NonNull<std::ffi::c_void>,
    bytes: usize,
}

// SAFETY: it owns its mapping as a `Vec` does its memory.
unsafe impl Send for Map {}
// SAFETY: through a shared reference it is only read.
unsafe impl Sync for Map {}

impl Map {
    fn new(file: BorrowedFd<'_>, bytes: usize, writable: bool) -> io::Result<Self> {
        let protection = if writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        // SAFETY: the system chooses the address, so nothing else lies there; the file never gets shorter.
        let start = unsafe { mmap(std::ptr::null_mut(), bytes, protection, MapFlags::SHARED, file, 0) }?;
        Ok(Self { start: NonNull::new(start).ok_or(io::ErrorKind::OutOfMemory)?, bytes })
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: exactly this was mapped, and nobody has a reference to it any more.
        let unmapped = unsafe { munmap(self.start.as_ptr(), self.bytes) };
        debug_assert!(unmapped.is_ok(), "what was mapped can be unmapped");
    }
}

/// Memory of so many bytes as a file.
#[cfg(target_os = "linux")]
fn file(bytes: usize) -> io::Result<OwnedFd> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
    let file = memfd_create("playa-pixels", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&file, bytes as u64)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn file(bytes: usize) -> io::Result<OwnedFd> {
    let file = tempfile::tempfile()?;
    file.set_len(bytes as u64)?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn what_one_mapping_writes_the_other_reads_and_its_end_is_told() {
        let bytes = 3 * 4096;
        let segment = Segment::new(bytes).expect("memory");
        let file = segment.file().try_clone_to_owned().expect("a descriptor");
        let (shown, mut lent) = (Shown::new(&file, bytes).expect("mapped"), Lent::new(&file, bytes).expect("mapped"));
        assert!(shown.pixels().iter().all(|pixel| *pixel == [0.0; 4]));
        lent.pixels_mut()[700] = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(shown.pixels()[700], [1.0, 2.0, 3.0, 4.0]);
        assert!(Segment::of(shown.pixels()).is_none(), "another mapping is no segment of this process");
        static GONE: AtomicU64 = AtomicU64::new(0);
        segment.when_gone(|id| GONE.store(id, Ordering::Relaxed));
        let id = segment.id();
        drop(segment);
        assert_eq!(GONE.load(Ordering::Relaxed), id);
        assert_eq!(shown.pixels()[700][3], 4.0, "it stays for who has mapped it");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_can_make_it_shorter() {
        let segment = Segment::new(4096).expect("memory");
        assert!(rustix::fs::ftruncate(segment.file(), 0).is_err());
        assert!(rustix::fs::ftruncate(segment.file(), 1 << 20).is_err());
    }
}
