//! Memory for a moment: the pixels of tiles, and what effects ask for while they render.
//!
//! Fresh memory costs more than what is done in it, so buffers are kept for whoever comes next, up to a limit. All of it
//! counts in the [`memory`] of the process; what is small enough to be kept is never refused for its limit.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use abi_stable::std_types::RVec;
use playa_plugin_api::Pixel;

use super::memory::{self, Keeper};

/// Buffers up to this size are kept.
const LARGEST_BYTES: usize = 4 << 20;

/// How much is kept in all.
const KEPT_BYTES: usize = 64 << 20;

/// Buffers that nobody uses now.
#[derive(Debug, Default)]
pub struct Scratch {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    buffers: Vec<RVec<f32>>,
    bytes: usize,
}

/// The pixels of a tile, given back when dropped.
#[derive(Debug)]
pub struct Tile<'a> {
    scratch: &'a Scratch,
    buffer: RVec<f32>,
}

impl Scratch {
    /// A buffer of this many values, which are unspecified. `None` where there is no memory for it.
    pub fn take(&self, values: usize) -> Option<RVec<f32>> {
        if let Some(mut buffer) = self.take_kept(values) {
            buffer.resize(values, 0.0);
            return Some(buffer);
        }
        let mut buffer = Vec::new();
        let bytes = values.saturating_mul(size_of::<f32>());
        if bytes > LARGEST_BYTES {
            memory::PROCESS.charge(bytes as u64).ok()?;
        } else {
            memory::PROCESS.charge_anyway(bytes as u64);
        }
        if buffer.try_reserve_exact(values).is_err() {
            memory::PROCESS.release(bytes as u64);
            return None;
        }
        buffer.resize(values, 0.0_f32);
        Some(buffer.into())
    }

    /// Room for this many pixels, which are unspecified.
    pub fn tile(&self, pixels: usize) -> Option<Tile<'_>> {
        Some(Tile { scratch: self, buffer: self.take(pixels.checked_mul(4)?)? })
    }

    /// Keeps a buffer for the next one who asks.
    pub fn give(&self, buffer: RVec<f32>) {
        let bytes = bytes(&buffer);
        let mut kept = self.state();
        if bytes > 0 && bytes <= LARGEST_BYTES && kept.bytes + bytes <= KEPT_BYTES {
            kept.bytes += bytes;
            kept.buffers.push(buffer);
        } else {
            drop(kept);
            memory::PROCESS.release(bytes as u64);
        }
    }

    /// The buffer that was given back last of those with room for as many values: it may still be in the cache.
    fn take_kept(&self, values: usize) -> Option<RVec<f32>> {
        let mut kept = self.state();
        let at = kept.buffers.iter().rposition(|buffer| buffer.capacity() >= values)?;
        let buffer = kept.buffers.remove(at);
        kept.bytes -= bytes(&buffer);
        Some(buffer)
    }

    fn state(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for Scratch {
    fn give_back(&self, _bytes: u64) -> bool {
        let gone = std::mem::take(&mut *self.state());
        memory::PROCESS.release(gone.bytes as u64);
        gone.bytes > 0
    }

    fn kept(&self) -> u64 {
        self.state().bytes as u64
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.give_back(u64::MAX);
    }
}

fn bytes(buffer: &RVec<f32>) -> usize {
    buffer.capacity() * size_of::<f32>()
}

impl Deref for Tile<'_> {
    type Target = [Pixel];

    fn deref(&self) -> &[Pixel] {
        self.buffer.as_chunks().0
    }
}

impl DerefMut for Tile<'_> {
    fn deref_mut(&mut self) -> &mut [Pixel] {
        self.buffer.as_chunks_mut().0
    }
}

impl Drop for Tile<'_> {
    fn drop(&mut self) {
        self.scratch.give(std::mem::take(&mut self.buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_and_what_is_kept_has_a_limit() {
        let scratch = Scratch::default();
        let first = scratch.tile(1000).expect("there is memory");
        let place = first.as_ptr();
        drop(first);
        let second = scratch.tile(500).expect("there is memory");
        assert_eq!((second.as_ptr(), second.len()), (place, 500));
        for _ in 0..40 {
            scratch.give(vec![0.0; LARGEST_BYTES / 4].into());
        }
        scratch.give(vec![0.0; LARGEST_BYTES].into());
        let kept = scratch.state();
        assert!(kept.bytes <= KEPT_BYTES && kept.buffers.iter().all(|buffer| bytes(buffer) <= LARGEST_BYTES));
        assert_eq!(kept.bytes, kept.buffers.iter().map(bytes).sum::<usize>());
        drop(kept);
        assert!(scratch.take(usize::MAX / 8).is_none(), "it is refused, not an abort");
    }
}
