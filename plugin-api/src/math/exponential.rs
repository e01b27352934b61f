//! Exponentials, logarithms and powers.

/// Adding this to a float of magnitude below 2^22 rounds it to the nearest whole number, ties to even, and leaves that
/// number in the low bits.
const ROUND: f32 = 12_582_912.0;

/// `2^x`.
///
/// Error at most 1.1 ulp. Results below `f32::MIN_POSITIVE` are rounded to the nearest subnormal number.
/// Infinite from 128 on, 0 from -150 down; NaN stays NaN.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let x = x.clamp(-151.0, 129.0);
    let shifted = x + ROUND;
    times_exp2(exp2_near_0(x - (shifted - ROUND)), whole(shifted))
}

/// `e^x`.
///
/// Error at most 1.0 ulp. Results below `f32::MIN_POSITIVE` are rounded to the nearest subnormal number.
/// Infinite from 88.73 on, 0 from -104 down; NaN stays NaN.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Minimax coefficients of e^f = 1 + f + f^2 P(f) for |f| <= ln(2) / 2; its own error is 2^-27.8 of the result.
    const P: [f32; 5] = [0.5, 0.166_664_87, 0.041_665_543, 0.008_372_454, 0.001_403_618_5];
    let x = x.clamp(-105.0, 90.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let f = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    times_exp2(1.0 + (f + f * f * horner(f, P)), whole(shifted))
}

/// The logarithm of `x` to base 2.
///
/// Error at most 1.4 ulp. Subnormal numbers have their logarithms too. `-inf` at 0 and -0, NaN below; infinity and NaN
/// stay what they are.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let (exponent, t) = split(x);
    log_edges(x, exponent + log2_near_1(t))
}

/// The natural logarithm of `x`.
///
/// Error at most 1.0 ulp. Subnormal numbers have their logarithms too. `-inf` at 0 and -0, NaN below; infinity and NaN
/// stay what they are.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let (exponent, t) = split(x);
    let small = t * t * (t * horner(t, LN) - 0.5) + exponent * LN_2_LOW;
    log_edges(x, (t + small) + exponent * LN_2_HIGH)
}

/// `x^y`.
///
/// Error at most 1.4 ulp for `|y|` up to 1, 2 ulp up to 4, 4 ulp up to 10, and 110 ulp (1.4e-5 of the result) anywhere.
///
/// `x^0` is 1 for every `x`, NaN included. Otherwise NaN if `x` is negative or either is NaN, for whole `y` too: see
/// [`signed_pow`] for a power that keeps the sign. 0 (and -0) to a positive power is 0, to a negative one infinite, and
/// the other way round for an infinite `x`. Results below `f32::MIN_POSITIVE` are rounded to the nearest subnormal
/// number.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let (exponent, t) = split(x);
    let log = log2_near_1(t);
    // The logarithm in two parts, `high` of 12 bits: its product with the upper 12 bits of `y` is exact.
    let sum = exponent + log;
    let high = upper_bits(sum);
    let low = (sum - high) + (log - (sum - exponent));
    // Beyond this, every power of a number other than 1 is 0 or infinite.
    let power = y.clamp(-1e10, 1e10);
    let power_high = upper_bits(power);
    let product = power_high * high;
    let rest = power * low + (power - power_high) * high;

    let shifted = (product + rest).clamp(-151.0, 129.0) + ROUND;
    // The upper limit of what is left only counts where the sum was clamped.
    let left = ((product - (shifted - ROUND)) + rest).clamp(-1.0, 1.0);
    let result = times_exp2(exp2_near_0(left), whole(shifted));

    let (at_zero, at_infinity) = if y > 0.0 { (0.0, f32::INFINITY) } else { (f32::INFINITY, 0.0) };
    let result = if x > 0.0 { result } else { at_zero };
    let result = if x < f32::INFINITY { result } else { at_infinity };
    let result = if (x >= 0.0) & !y.is_nan() { result } else { f32::NAN };
    if y == 0.0 { 1.0 } else { result }
}

/// `x^y` for the magnitude of `x`, with the sign of `x`: a power curve that goes through 0 in one piece, as a gamma of
/// colour that may be negative should.
///
/// Errors and special values are those of [`pow`].
#[inline(always)]
pub fn signed_pow(x: f32, y: f32) -> f32 {
    pow(x.abs(), y).copysign(x)
}

/// ln(2) in two parts; a product of the first with a whole number below 2^15 is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Minimax coefficients of ln(1 + t) = t - t^2 / 2 + t^3 P(t) for 1 + t from sqrt(1/2) to sqrt(2); its own error is
/// 2^-27.5 of the result.
const LN: [f32; 9] = [
    0.333_333_13,
    -0.250_001_67,
    0.200_022_24,
    -0.166_593_58,
    0.142_094_95,
    -0.125_498_44,
    0.121_149_9,
    -0.109_092_064,
    0.052_874_234,
];

/// The exponent of `x` as a whole number, and its mantissa, taken from sqrt(1/2) to sqrt(2), minus 1. For finite
/// positive `x`.
#[inline(always)]
fn split(x: f32) -> (f32, f32) {
    /// The bits of sqrt(1/2).
    const LEAST: u32 = 0x3f35_04f3;
    let subnormal = x < f32::MIN_POSITIVE;
    let (x, bias) = if subnormal { (x * 8_388_608.0, 127 + 23) } else { (x, 127) };
    let bits = x.to_bits().wrapping_add(1.0_f32.to_bits() - LEAST);
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + LEAST);
    (((bits >> 23) as i32 - bias) as f32, mantissa - 1.0)
}

/// log2(1 + t) for 1 + t from sqrt(1/2) to sqrt(2), as t + t R(t): so the rounding of the last sum is the one that
/// counts. R is the polynomial of [`LN`], times log2(e).
#[inline(always)]
fn log2_near_1(t: f32) -> f32 {
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    const R: [f32; 11] = {
        let mut r = [0.0; 11];
        (r[0], r[1]) = ((LOG2_E - 1.0) as f32, (-0.5 * LOG2_E) as f32);
        let mut i = 0;
        while i < LN.len() {
            r[i + 2] = (LN[i] as f64 * LOG2_E) as f32;
            i += 1;
        }
        r
    };
    t + t * horner(t, R)
}

/// 2^f for |f| <= 1/2, by a minimax polynomial whose own error is 2^-27 of the result.
#[inline(always)]
fn exp2_near_0(f: f32) -> f32 {
    const P: [f32; 6] =
        [std::f32::consts::LN_2, 0.240_226_5, 0.055_503_51, 0.009_617_87, 0.001_339_615_2, 0.000_155_668_9];
    1.0 + f * horner(f, P)
}

/// `value * 2^n` for `n` from -151 to 129, in two steps, so that the result may be subnormal or infinite. A NaN stays.
#[inline(always)]
fn times_exp2(value: f32, n: i32) -> f32 {
    let power = |n: i32| f32::from_bits((n.wrapping_add(127) as u32) << 23);
    let half = n >> 1;
    value * power(half) * power(n.wrapping_sub(half))
}

/// The whole number in the low bits of a sum with [`ROUND`].
#[inline(always)]
fn whole(shifted: f32) -> i32 {
    shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32
}

/// The value with only the upper 12 of its 24 bits.
#[inline(always)]
fn upper_bits(value: f32) -> f32 {
    f32::from_bits(value.to_bits() & 0xffff_f000)
}

/// The logarithm that was computed for finite positive `x`, or what it is elsewhere.
#[inline(always)]
fn log_edges(x: f32, log: f32) -> f32 {
    let at_edge = if x > 0.0 { x } else { f32::NAN };
    let at_edge = if x == 0.0 { f32::NEG_INFINITY } else { at_edge };
    if (x > 0.0) & (x < f32::INFINITY) { log } else { at_edge }
}

/// `c0 + c1 x + c2 x^2 + ...`
#[inline(always)]
pub(super) fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum * x + coefficients[i];
    }
    sum
}
