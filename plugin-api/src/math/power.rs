//! Powers with one exponent for many numbers.
//!
//! A number is `m 2^e` with `m` from 1 to 2, and its power `m^y 2^(e y)`. For one `y`, the first factor is a short
//! polynomial, and the second one of the 512 entries of a table, one for each sign and `e`. Both are made in `f64`, from
//! sums and products alone, so that they are the same on every machine.

use std::cell::RefCell;
use std::sync::Arc;

/// `x^y` for one `y` and many `x`, in a third to a half of the time of [`pow`](super::pow).
///
/// Making one costs as much as some hundred powers, so it is made once for a call, in
/// [`PixelEffect::prepare`](crate::PixelEffect::prepare). A host calls for each tile of a picture, so every thread keeps
/// the last few, and the next call gets the same.
///
/// ```
/// use playa_plugin_api::math::Power;
///
/// let power = Power::new(1.0 / 2.2);
/// assert!((power.of(0.18) - 0.4587).abs() < 1e-4);
/// assert_eq!(power.signed(-1.0), -1.0);
/// ```
///
/// **Range:** `y` above 0 and up to 100. With any other `y`, all powers are NaN.
///
/// **Errors:** at most 3.6e-7 of the result and 7e-44 for `y` up to 6.4, and 6e-6 of the result and 7e-44 above.
/// 1 stays 1.
///
/// **Special values:** numbers below `f32::MIN_POSITIVE` count as 0, and 0 stays 0. Infinity and NaN stay what they are.
#[derive(Clone, Debug)]
pub struct Power(Arc<Tables>);

#[derive(Debug)]
struct Tables {
    /// `m^y = c0 + c1 (m - 1) + c2 (m - 1)^2 + ...`
    mantissa: [f32; NODES.len()],
    /// `2^(e y)`, by the sign and the exponent of the float.
    exponent: [f32; 512],
    /// Both are of `y / 17`.
    steep: bool,
}

/// The largest exponent whose power between 1 and 2 the polynomial follows.
const STEEPEST: f32 = 6.4;
/// The largest exponent.
const LARGEST: f32 = 100.0;

/// Where between 1 and 2 the polynomial meets the power, as logarithms to base 2: (1 - cos(j pi / 7)) / 2. Both ends are
/// among them, so that 1 stays 1 and the curve has no steps.
const NODES: [f64; 8] = [
    0.0,
    0.049_515_566_048_790_45,
    0.188_255_099_070_633_23,
    0.388_739_533_021_842_8,
    0.611_260_466_978_157_2,
    0.811_744_900_929_366_8,
    0.950_484_433_951_209_5,
    1.0,
];

impl Power {
    /// Prepares powers with the exponent `y`.
    pub fn new(y: f32) -> Self {
        /// As many as a few effects in a row have, one for each of red, green and blue.
        const KEPT: usize = 12;
        thread_local! {
            /// The latest are at the end.
            static LAST: RefCell<Vec<(u32, Power)>> = const { RefCell::new(Vec::new()) };
        }
        LAST.with_borrow_mut(|last| {
            if let Some((_, power)) = last.iter().rev().find(|(bits, _)| *bits == y.to_bits()) {
                return power.clone();
            }
            let power = Self(Arc::new(Tables::new(y)));
            if last.len() == KEPT {
                last.remove(0);
            }
            last.push((y.to_bits(), power.clone()));
            power
        })
    }

    /// `x^y`. NaN where `x` is negative.
    #[inline(always)]
    pub fn of(&self, x: f32) -> f32 {
        self.0.of(x)
    }

    /// `x^y` for the magnitude of `x`, with the sign of `x`: a power curve that goes through 0 in one piece, as a gamma of
    /// colour that may be negative should.
    #[inline(always)]
    pub fn signed(&self, x: f32) -> f32 {
        self.0.signed(x)
    }
}

impl Tables {
    fn new(y: f32) -> Self {
        if !(y > 0.0 && y <= LARGEST) {
            return Self { mantissa: [f32::NAN; NODES.len()], exponent: [f32::NAN; 512], steep: false };
        }
        // x^y = (x^(y/17))^17: an odd power keeps the sign.
        let steep = y > STEEPEST;
        let y = f64::from(y) / if steep { 17.0 } else { 1.0 };
        Self { mantissa: mantissas(y).map(|c| c as f32), exponent: exponents(y), steep }
    }

    #[inline(always)]
    fn of(&self, x: f32) -> f32 {
        let invalid = if x >= 0.0 { 0 } else { f32::NAN.to_bits() };
        f32::from_bits(self.signed(x.abs()).to_bits() | invalid)
    }

    #[inline(always)]
    fn signed(&self, x: f32) -> f32 {
        let bits = x.to_bits();
        let t = f32::from_bits(bits & 0x007f_ffff | 1.0_f32.to_bits()) - 1.0;
        // By pairs, so that its steps do not have to wait for each other.
        let [a, b, c, d, e, f, g, h] = self.mantissa;
        let t2 = t * t;
        let mantissa = ((a + b * t) + (c + d * t) * t2) + ((e + f * t) + (g + h * t) * t2) * (t2 * t2);
        let power = mantissa * self.exponent[(bits >> 23) as usize];
        let fourth = (power * power) * (power * power);
        let seventeenth = (fourth * fourth) * (fourth * fourth) * power;
        let power = if self.steep { seventeenth } else { power };
        // What is computed for NaN is infinite: one more bit makes it NaN. A choice between two results would let the
        // compiler skip the work for NaN by a branch, and that keeps a loop from becoming one of vectors.
        let nan = if x.is_nan() { f32::NAN.to_bits() } else { 0 };
        f32::from_bits(power.to_bits() | nan)
    }
}

/// The coefficients of the polynomial in `m - 1` that meets `m^y` at [`NODES`], by Newton's divided differences.
fn mantissas(y: f64) -> [f64; NODES.len()] {
    const COUNT: usize = NODES.len();
    const PLACES: [f64; COUNT] = {
        let mut places = NODES;
        let mut i = 0;
        while i < COUNT {
            places[i] = exp2(NODES[i]) - 1.0;
            i += 1;
        }
        places
    };
    let mut differences = NODES.map(|node| exp2(node * y));
    for order in 1..COUNT {
        for i in (order..COUNT).rev() {
            differences[i] = (differences[i] - differences[i - 1]) / (PLACES[i] - PLACES[i - order]);
        }
    }
    // d0 + (x - x0) (d1 + (x - x1) (d2 + ...)), multiplied out from the inside.
    let mut coefficients = [0.0; COUNT];
    for (place, difference) in PLACES.into_iter().zip(differences).rev() {
        for i in (1..COUNT).rev() {
            coefficients[i] = coefficients[i - 1] - place * coefficients[i];
        }
        coefficients[0] = difference - place * coefficients[0];
    }
    coefficients
}

/// `2^(e y)` for every sign and exponent of a float: first those of positive numbers, from that of subnormal ones, which
/// count as 0, to that of infinity.
fn exponents(y: f64) -> [f32; 512] {
    let mut table = [0.0; 512];
    let (step, back) = (exp2(y), exp2(-y));
    let (mut up, mut down) = (1.0, back);
    for i in 0..128 {
        (table[127 + i], table[126 - i.min(126)]) = (up as f32, down as f32);
        (up, down) = (up * step, down * back);
    }
    (table[0], table[255]) = (0.0, f32::INFINITY);
    for i in 0..256 {
        table[256 + i] = -table[i];
    }
    table
}

/// `2^x` to the last bits, where the result is no subnormal number.
const fn exp2(x: f64) -> f64 {
    /// ln(2)^k / k!
    const SERIES: [f64; 15] = {
        let mut series = [1.0; 15];
        let mut k = 1;
        while k < 15 {
            series[k] = series[k - 1] * std::f64::consts::LN_2 / k as f64;
            k += 1;
        }
        series
    };
    let whole = (x + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let rest = x - whole as f64;
    let mut sum = SERIES[14];
    let mut k = 14;
    while k > 0 {
        k -= 1;
        sum = sum * rest + SERIES[k];
    }
    sum * f64::from_bits(((whole + 1023) as u64) << 52)
}
