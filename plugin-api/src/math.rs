//! Functions of `f32` for inner loops: exponentials, logarithms, powers, angles and the sRGB curve.
//!
//! They are free of branches and always inlined, so that a loop over them becomes a loop over vectors, at whatever
//! level [`simd::dispatch`](crate::simd::dispatch) chooses; a [`PixelEffect`](crate::PixelEffect) gets that by itself.
//! They are plain functions of plain numbers: [`pow(x, 2.2)`](pow) in place of `x.powf(2.2)`. `sqrt`, `abs`, `copysign`,
//! `min`, `max` and `clamp` of `f32` are as good as they are.
//!
//! **The same bits** come out at every level, on every CPU and for every length of a loop, other than from the standard
//! library's functions, which differ between platforms.
//!
//! **Errors** are in units in the last place (ulp) of the exact result, where half a unit is a perfect rounding; a unit
//! is at most 1.2e-7 of the result. They were measured against 64-bit functions: `cargo run --release
//! -p playa-plugin-api --example math_errors` does it again, for every float, and for powers on many pairs of them.
//!
//! [`Power`] is for many powers with the same exponent, in a third to a half of the time.
//!
//! **Special values** follow IEEE 754 unless a function says otherwise. Subnormal numbers are numbers like any other.

mod angle;
mod exponential;
mod power;
mod srgb;

pub use angle::{cos, sin};
pub use exponential::{exp, exp2, ln, log2, pow, signed_pow};
pub use power::Power;
pub use srgb::{linear_to_srgb, srgb_to_linear};
