//! Sine and cosine.

use super::exponential::horner;

/// Up to this magnitude angles are reduced without loss. Beyond it neighbouring floats are half a radian apart, and
/// more.
const LARGEST: f32 = 4_194_304.0;

/// Pi in two parts; a product of the first with a whole number below 2^24 is exact in `f64`.
const PI_HIGH: f64 = f64::from_bits(0x4009_21fb_4000_0000);
const PI_LOW: f64 = std::f64::consts::PI - PI_HIGH;

/// The sine of `x`, an angle in radians.
///
/// ERR, for |x| up to 2^22, always within -1 to 1. A larger finite angle is taken as 0; `sin(-0.0)` is -0; NaN for
/// infinities and NaN.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let x = f64::from(known(x));
    let (half_turns, sign) = round(x * std::f64::consts::FRAC_1_PI);
    signed_sine(x, half_turns, sign)
}

/// The cosine of `x`, an angle in radians.
///
/// ERR, for |x| up to 2^22, always within -1 to 1. A larger finite angle is taken as 0, so its cosine is 1; NaN for
/// infinities and NaN.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let x = f64::from(known(x));
    // cos(x) = sin(x + pi / 2): whole half turns are counted from a quarter turn on.
    let (half_turns, sign) = round(x * std::f64::consts::FRAC_1_PI + 0.5);
    signed_sine(x, half_turns - 0.5, sign)
}

/// `x` where its sine is known, 0 with its sign beyond, NaN for infinities.
#[inline(always)]
fn known(x: f32) -> f32 {
    if x.abs() <= LARGEST { x } else { x * 0.0 }
}

/// The nearest whole number, and its lowest bit as the sign bit of a float.
#[inline(always)]
fn round(x: f64) -> (f64, u32) {
    /// See `ROUND` of the exponentials; this is the one for `f64`.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let shifted = x + ROUND;
    (shifted - ROUND, (shifted.to_bits() as u32) << 31)
}

/// The sine of what is left of `x` after so many half turns, at most a quarter turn, with the sign bit flipped by
/// `sign`.
#[inline(always)]
fn signed_sine(x: f64, half_turns: f64, sign: u32) -> f32 {
    // Minimax coefficients of sin(r) = r + r^3 P(r^2) for |r| <= pi / 2; its own error is 2^-31 of the result.
    const P: [f32; 5] = [-0.166_666_67, 0.008_333_350_5, -0.000_198_430_93, 2.762_706_1e-6, -2.550_328_5e-8];
    let r = ((x - half_turns * PI_HIGH) - half_turns * PI_LOW) as f32;
    let square = r * r;
    let sine = r + r * square * horner(square, P);
    f32::from_bits(sine.to_bits() ^ sign)
}
