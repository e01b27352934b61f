//! Powers for colour, at half the cost of [`pow`](super::pow) and a few of its last bits.
//!
//! The result is off by at most `4e-7 + 4e-8 y + 9e-8 |y log2(x)|` of itself: 1.4e-6 ten stops above or below 1 for a `y`
//! of 1. Numbers below `f32::MIN_POSITIVE` count as 0, as argument and as result.

use super::exponential::{ROUND, whole};

/// Minimax coefficients of log2(1 + t) = t P(t) for 1 + t from sqrt(1/2) to sqrt(2); its own error is 4.1.6e-7.
const LOG2: [f32; 8] =
    [1.442_694_8, -0.721_357_1, 0.480_939_4, -0.360_088_1, 0.286_708_6, -0.250_061_48, 0.236_882_09, -0.145_756_2];

/// Minimax coefficients of 2^f = 1 + f P(f) for |f| <= 1/2; its own error is 1.1e-7 of the result.
const EXP2: [f32; 5] = [0.693_146_94, 0.240_221_2, 0.055_507_135, 0.009_675_542, 0.001_327_646_7];

/// `x^y` for a positive `y`. NaN where `x` is negative or NaN; infinity stays.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    /// The bits of sqrt(1/2).
    const LEAST: u32 = 0x3f35_04f3;
    let bits = x.to_bits().wrapping_add(1.0_f32.to_bits() - LEAST);
    let exponent = ((bits >> 23) as i32 - 127) as f32;
    let t = f32::from_bits((bits & 0x007f_ffff) + LEAST) - 1.0;
    let power = (exponent + t * log2_of_1_and(t)) * y;
    let shifted = power + ROUND;
    let f = power - (shifted - ROUND);
    let near_1 = 1.0 + f * exp2_near_0(f);
    let result = f32::from_bits(near_1.to_bits().wrapping_add((whole(shifted) as u32) << 23));
    let result = if (x >= f32::MIN_POSITIVE) & (power >= -125.0) { result } else { 0.0 };
    let result = if power < 128.0 { result } else { f32::INFINITY };
    // Infinity, NaN and negative numbers.
    let result = if x < f32::INFINITY { result } else { x };
    if x < 0.0 { f32::NAN } else { result }
}

/// The polynomial [`LOG2`]. By pairs, so that its steps do not have to wait for each other.
#[inline(always)]
fn log2_of_1_and(t: f32) -> f32 {
    let [a, b, c, d, e, f, g, h] = LOG2;
    let (t2, low, high) = (t * t, a + b * t, e + f * t);
    (low + (c + d * t) * t2) + (high + (g + h * t) * t2) * (t2 * t2)
}

/// The polynomial [`EXP2`], by pairs.
#[inline(always)]
fn exp2_near_0(x: f32) -> f32 {
    let [a, b, c, d, e] = EXP2;
    let x2 = x * x;
    (a + b * x) + (c + d * x) * x2 + e * (x2 * x2)
}

/// `x^y` for the magnitude of `x`, with the sign of `x`, and a positive `y`.
#[inline(always)]
pub fn signed_pow(x: f32, y: f32) -> f32 {
    pow(x.abs(), y).copysign(x)
}
