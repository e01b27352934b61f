//! What a check needs of the machine and safe Rust has no words for: pages that nobody may touch, the locale.

#![allow(unsafe_code, reason = "maps and protects pages, asks the C library for its locale")]

use std::io;

/// At which end of its pages memory lies, so that the next byte beyond it is one that nobody may touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flush {
    /// The byte before the first one is out of bounds.
    Start,
    /// The byte after the last one is out of bounds.
    #[default]
    End,
}

/// A multiple of every page size there is.
const PAGE: usize = 64 << 10;

/// Numbers between two pages that nobody may touch. Where the system has no such pages, numbers.
#[derive(Debug)]
pub struct Pages {
    base: *mut u8,
    /// Bytes between the two guards.
    body: usize,
    /// Where the numbers begin, in bytes from `base`.
    start: usize,
    values: usize,
}

// SAFETY: the memory belongs to this value alone, like that of a `Vec<f32>`.
unsafe impl Send for Pages {}
// SAFETY: as above; through a shared reference it is only read.
unsafe impl Sync for Pages {}

impl Pages {
    /// Room for so many numbers, all 0.
    ///
    /// # Errors
    /// If the system gives no memory.
    pub fn new(values: usize, flush: Flush) -> io::Result<Self> {
        let bytes = values.saturating_mul(size_of::<f32>());
        let body = bytes.max(1).checked_next_multiple_of(PAGE).ok_or(io::ErrorKind::OutOfMemory)?;
        let base = map(body)?;
        let start = match flush {
            Flush::Start => PAGE,
            Flush::End => PAGE + body - bytes,
        };
        Ok(Self { base, body, start, values })
    }

    /// Where the numbers begin.
    pub fn address(&self) -> *mut f32 {
        self.base.wrapping_add(self.start).cast()
    }

    /// The numbers.
    pub fn values(&self) -> &[f32] {
        // SAFETY: the body is mapped, initialised, and large enough; a plugin writes to it only during calls, and no
        // slice lives while one lasts.
        unsafe { std::slice::from_raw_parts(self.address(), self.values) }
    }

    /// The numbers, to write. Not while they are [protected](Self::protect).
    pub fn values_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and this borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.address(), self.values) }
    }

    /// From here on, whoever writes to them ends the process.
    ///
    /// # Errors
    /// What the system says.
    pub fn protect(&self) -> io::Result<()> {
        protect(self.base.wrapping_add(PAGE), self.body)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        unmap(self.base, self.body);
    }
}

/// Maps a guard, a body of so many bytes, and another guard.
#[cfg(unix)]
fn map(body: usize) -> io::Result<*mut u8> {
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect};
    let whole = body.checked_add(2 * PAGE).ok_or(io::ErrorKind::OutOfMemory)?;
    // SAFETY: a new mapping, where the system finds room.
    let base =
        unsafe { mmap_anonymous(std::ptr::null_mut(), whole, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) }?;
    for guard in [base, base.wrapping_byte_add(PAGE + body)] {
        // SAFETY: these pages are part of the mapping made above, and nobody knows of them yet.
        unsafe { mprotect(guard, PAGE, MprotectFlags::empty()) }?;
    }
    Ok(base.cast())
}

#[cfg(unix)]
fn protect(body: *mut u8, bytes: usize) -> io::Result<()> {
    // SAFETY: the pages are those of one mapping of ours, which stays; reading them stays allowed.
    Ok(unsafe { rustix::mm::mprotect(body.cast(), bytes, rustix::mm::MprotectFlags::READ) }?)
}

#[cfg(unix)]
fn unmap(base: *mut u8, body: usize) {
    // SAFETY: the mapping was made by `map` with this size, and its owner is gone. That it cannot be undone leaks it.
    let _ = unsafe { rustix::mm::munmap(base.cast(), body + 2 * PAGE) };
}

#[cfg(not(unix))]
fn layout(body: usize) -> Option<std::alloc::Layout> {
    std::alloc::Layout::from_size_align(body.checked_add(2 * PAGE)?, PAGE).ok()
}

#[cfg(not(unix))]
fn map(body: usize) -> io::Result<*mut u8> {
    let layout = layout(body).ok_or(io::ErrorKind::OutOfMemory)?;
    // SAFETY: the layout's size is not 0.
    let base = unsafe { std::alloc::alloc_zeroed(layout) };
    if base.is_null() { Err(io::ErrorKind::OutOfMemory.into()) } else { Ok(base) }
}

#[cfg(not(unix))]
fn protect(_body: *mut u8, _bytes: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn unmap(base: *mut u8, body: usize) {
    if let Some(layout) = layout(body) {
        // SAFETY: it was allocated by `map` with this layout.
        unsafe { std::alloc::dealloc(base, layout) };
    }
}

/// Whether memory can be made untouchable here.
pub const GUARDS: bool = cfg!(unix);

/// The locale of the C library.
pub fn locale() -> String {
    #[cfg(unix)]
    {
        // SAFETY: with a null pointer it only asks; the text is the C library's and is copied at once.
        let name = unsafe { libc::setlocale(libc::LC_ALL, std::ptr::null()) };
        if name.is_null() {
            return String::new();
        }
        // SAFETY: it is a string that ends with 0.
        unsafe { std::ffi::CStr::from_ptr(name) }.to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    String::new()
}
