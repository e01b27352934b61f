//! Memory for pixels.
//!
//! Memory fresh from the system costs more to touch for the first time than most effects cost to run over it. So large
//! buffers are kept when their image is dropped, up to [`KEPT_BYTES`] in all, and the next image of the same size takes
//! one. What is fresh comes zeroed from the system, page by page when it is first touched, by whichever thread that does.

#![allow(unsafe_code, reason = "the standard library has no way to ask for zeroed memory that may be refused")]

use std::alloc::{Layout, alloc_zeroed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much memory is kept: more than one picture of 4096 x 2160 pixels.
pub const KEPT_BYTES: usize = 256 << 20;

/// Smaller buffers are not worth keeping.
const SMALLEST_BYTES: usize = 1 << 20;

/// Buffers whose images are gone, the oldest first.
static KEPT: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A buffer of this many values, and whether they are all zero; else they are what an earlier image left. `None` if there
/// is no memory for it.
pub(super) fn take(values: usize) -> Option<(Vec<f32>, bool)> {
    let mut kept = kept();
    if let Some(at) = kept.iter().position(|buffer| buffer.len() == values) {
        return Some((kept.remove(at), false));
    }
    drop(kept);
    Some((zeroed(values)?, true))
}

/// Keeps a buffer for the next image of its size, in place of the oldest ones if there are too many.
pub(super) fn give(buffer: Vec<f32>) {
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

fn kept() -> MutexGuard<'static, Vec<Vec<f32>>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn zeroed(values: usize) -> Option<Vec<f32>> {
    let layout = Layout::array::<f32>(values).ok()?;
    if layout.size() == 0 {
        return Some(Vec::new());
    }
    // SAFETY: the layout is not empty.
    let first = unsafe { alloc_zeroed(layout) }.cast::<f32>();
    if first.is_null() {
        return None;
    }
    // SAFETY: the global allocator gave it with the layout of an array of `values` floats, and zero bytes are floats.
    Some(unsafe { Vec::from_raw_parts(first, values, values) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_within_the_limit_and_is_found_by_size() {
        let values = KEPT_BYTES / 4 / 3;
        for _ in 0..5 {
            give(zeroed(values).expect("there is memory"));
        }
        give(zeroed(4).expect("there is memory"));
        let sizes: Vec<usize> = kept().iter().map(Vec::len).collect();
        assert!(sizes.iter().sum::<usize>() * 4 <= KEPT_BYTES && !sizes.contains(&4), "{sizes:?}");
        let (mut buffer, fresh) = take(values).expect("there is memory");
        assert!(!fresh);
        buffer.fill(1.0);
        give(buffer);
        let (buffer, fresh) = take(values + 1).expect("there is memory");
        assert!(fresh && buffer.iter().all(|value| *value == 0.0));
        assert!(take(usize::MAX / 2).is_none(), "it is refused, not an abort");
    }
}
