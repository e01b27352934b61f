//! Asking for memory before it is read. The processor itself looks ahead only along rows, and within a page.

use crate::image::Pixel;

/// Asks for the memory of a pixel, which need not exist.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "a hint to the processor, through a pointer")]
#[inline(always)]
pub fn ask_for(pixel: *const Pixel) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: it is a hint, which reads nothing and is passed over where there is no memory.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(pixel.cast()) }
}

/// Asks for the memory of a pixel, where that can be said.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub fn ask_for(_pixel: *const Pixel) {}
