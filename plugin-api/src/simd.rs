//! Code compiled several times, run in the version that suits the CPU.
//!
//! A plugin file is built for the oldest CPU of its architecture. [`dispatch`] compiles the work it is given for every
//! [`Level`] and runs the best one: loops over slices become loops over vectors of 4, 8 or 16 floats. A
//! [`PixelEffect`](crate::PixelEffect) is dispatched by the SDK; a full [`Effect`](crate::Effect) and an
//! [`AreaEffect`](crate::AreaEffect) call it themselves, once for each band of rows or so.
//!
//! **Every level gives the same bits.** Rust never reorders float arithmetic or contracts a product and a sum into one
//! fused step, so the levels differ only in how many lanes work at once. Three things are outside of this promise: which
//! NaN a NaN is, the sign of zero that `f32::min` and `f32::max` choose between `-0.0` and `0.0`, and code that asks for
//! the CPU's features itself.
//!
//! What is compiled for a level is what the compiler inlines into the work. So mark the closure, and every function of
//! your own that it reaches in its inner loops, `#[inline(always)]`; a function that is called instead is correct, but
//! compiled for the oldest CPU. The functions of [`math`](crate::math) are inlined. Slices are best handed to a function
//! as arguments, because that tells the compiler that they do not overlap. `f32::mul_add`, `floor`, `round` and the
//! standard library's `sin` or `powf` are calls on the oldest CPUs and keep a loop from becoming one of vectors.
//!
//! ```
//! use playa_plugin_api::simd;
//!
//! #[inline(always)]
//! fn multiply(row: &mut [f32], by: f32) {
//!     row.iter_mut().for_each(|value| *value *= by);
//! }
//!
//! let mut row = [1.0, 2.0, 3.0];
//! simd::dispatch(
//!     #[inline(always)]
//!     || multiply(&mut row, 0.5),
//! );
//! assert_eq!(row, [0.5, 1.0, 1.5]);
//! ```
//!
//! The environment variable `PLAYA_SIMD` (`baseline`, `avx2` or `avx512`) keeps every effect at that level or below, to
//! compare or to find a fault. It is read once; any other text in it is an error of every effect that is made.

use std::cell::Cell;
use std::sync::OnceLock;

use crate::error::{EffectError, EffectResult, ErrorCode};

/// What a CPU can do, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// What every CPU of the architecture has: SSE2 on x86-64, NEON on 64-bit ARM. The only level outside of x86.
    Baseline,
    /// AVX2: vectors of 8 floats.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: vectors of 16 floats.
    Avx512,
}

/// The environment variable that caps the level.
const VARIABLE: &str = "PLAYA_SIMD";

thread_local! {
    /// The level that [`on_each_level`] has chosen for this thread.
    static CHOSEN: Cell<Option<Level>> = const { Cell::new(None) };
}

impl Level {
    /// Every level, in rising order.
    pub const ALL: &[Level] = &[Level::Baseline, Level::Avx2, Level::Avx512];

    /// The name that `PLAYA_SIMD` takes: `baseline`, `avx2`, `avx512`.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// The level at which [`dispatch`] works on this thread: the best one of this CPU that `PLAYA_SIMD` allows.
    pub fn current() -> Level {
        static BEST: OnceLock<Level> = OnceLock::new();
        CHOSEN.get().unwrap_or_else(|| {
            *BEST.get_or_init(|| Level::detected().min(cap(setting().as_deref()).unwrap_or(Level::Avx512)))
        })
    }

    /// The best level of this CPU.
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    fn detected() -> Level {
        let avx2 = is_x86_feature_detected!("avx2");
        let avx512 = avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        match (avx512, avx2) {
            (true, _) => Level::Avx512,
            (false, true) => Level::Avx2,
            (false, false) => Level::Baseline,
        }
    }

    /// The best level of this CPU.
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    fn detected() -> Level {
        Level::Baseline
    }
}

/// Runs `work` compiled for the best instruction set of this CPU; the module's documentation says what that takes.
///
/// Costs a few nanoseconds. Inside of `work`, `dispatch` only adds that cost again.
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    dispatch_with(
        (),
        (),
        #[inline(always)]
        |(), ()| work(),
    )
}

/// The same with two arguments. Slices among them are known not to overlap each other, nor anything that the work has
/// captured; of captured slices that is not known, and a loop that looks into a table is then not made of vectors.
pub(crate) fn dispatch_with<A, B, R>(a: A, b: B, work: impl FnOnce(A, B) -> R) -> R {
    match Level::current() {
        // SAFETY: `current` is never above what `detected` found on this CPU: the cap lowers it, and `on_each_level`
        // chooses from what was found. That is all that the two functions need.
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        #[allow(unsafe_code, reason = "the one place where the CPU's features are known")]
        Level::Avx512 => unsafe { x86::avx512(a, b, work) },
        // SAFETY: as above.
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        #[allow(unsafe_code, reason = "the one place where the CPU's features are known")]
        Level::Avx2 => unsafe { x86::avx2(a, b, work) },
        _ => baseline(a, b, work),
    }
}

/// `work` as any CPU runs it, with the arguments kept apart as at the other levels.
#[inline(never)]
fn baseline<A, B, R>(a: A, b: B, work: impl FnOnce(A, B) -> R) -> R {
    work(a, b)
}

/// `work`, inlined into functions for which the compiler may use more instructions. FMA is left out on purpose at the
/// level where it is a choice.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod x86 {
    #[target_feature(enable = "avx2")]
    pub fn avx2<A, B, R>(a: A, b: B, work: impl FnOnce(A, B) -> R) -> R {
        work(a, b)
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    pub fn avx512<A, B, R>(a: A, b: B, work: impl FnOnce(A, B) -> R) -> R {
        work(a, b)
    }
}

/// Runs `test` once for every level of this CPU, with [`dispatch`] on this thread held at that level, whatever
/// `PLAYA_SIMD` says: for tests that compare the levels.
pub fn on_each_level(mut test: impl FnMut(Level)) {
    /// Puts back what was chosen before, after a panic too.
    struct Restore(Option<Level>);

    impl Drop for Restore {
        fn drop(&mut self) {
            CHOSEN.set(self.0);
        }
    }

    let _restore = Restore(CHOSEN.get());
    for &level in Level::ALL.iter().filter(|level| **level <= Level::detected()) {
        CHOSEN.set(Some(level));
        test(level);
    }
}

/// An error if `PLAYA_SIMD` holds something else than the name of a level.
pub(crate) fn check_setting() -> EffectResult<()> {
    cap(setting().as_deref()).map(drop)
}

fn setting() -> Option<String> {
    std::env::var_os(VARIABLE).map(|text| text.to_string_lossy().into_owned())
}

/// Asks the processor to bring memory into its caches, because it is read soon. It is a hint: nothing is read, and there
/// need not be memory. The processor itself looks ahead only along rows, and within a page.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code, reason = "a hint to the processor, through a pointer")]
pub fn ask_for<T>(memory: *const T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: it is a hint, which reads nothing and is passed over where there is no memory.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(memory.cast()) }
}

/// Asks the processor to bring memory into its caches, where that can be said.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub fn ask_for<T>(_memory: *const T) {}

/// The level that a text in `PLAYA_SIMD` allows.
fn cap(setting: Option<&str>) -> EffectResult<Level> {
    let Some(text) = setting.filter(|text| !text.is_empty()) else { return Ok(Level::Avx512) };
    Level::ALL.iter().copied().find(|level| level.name() == text).ok_or_else(|| {
        let names = Level::ALL.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ");
        let message = format!("the environment variable {VARIABLE} is {text:?}, expected one of {names}, or unset it");
        EffectError::new(ErrorCode::Unsupported, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_a_level_or_is_an_error_that_lists_them() {
        assert_eq!(cap(None), Ok(Level::Avx512));
        assert_eq!(cap(Some("")), Ok(Level::Avx512));
        for &level in Level::ALL {
            assert_eq!(cap(Some(level.name())), Ok(level));
        }
        let error = cap(Some("AVX3")).expect_err("no such level");
        assert_eq!(error.code, ErrorCode::Unsupported);
        assert_eq!(
            error.message,
            "the environment variable PLAYA_SIMD is \"AVX3\", expected one of baseline, avx2, avx512, or unset it"
        );
    }

    #[test]
    fn a_test_runs_at_each_level_and_leaves_none_behind() {
        let before = Level::current();
        let mut seen = Vec::new();
        on_each_level(|level| {
            assert_eq!((Level::current(), dispatch(|| level)), (level, level));
            seen.push(level);
        });
        assert_eq!(seen.first(), Some(&Level::Baseline));
        assert!(seen.is_sorted() && seen.contains(&Level::detected()));
        let panicked = std::panic::catch_unwind(|| on_each_level(|_| panic!("at the first level")));
        assert!(panicked.is_err() && Level::current() == before);
    }
}
