//! Measures the errors that the documentation of `math` states, against the standard library's functions in `f64`:
//! `cargo run --release -p playa-plugin-api --example math_errors [NAME...]`.
//!
//! Functions of one number are tried on every `f32` there is, a minute or two each; powers on 5 * 10^8 pairs, prepared
//! powers on 4000 exponents with 25 000 numbers each. An error is given in units in the last place of the correct result,
//! and as an absolute difference; of prepared powers, whose errors are stated as parts of the result, as such a part.

use playa_plugin_api::{math, simd};

type Unary = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64);

/// What is measured: the name, the function, the same in `f64`, and the largest magnitude of its argument.
const UNARY: [Unary; 10] = [
    ("exp2", |x| math::exp2(x), f64::exp2, f64::INFINITY),
    ("exp", |x| math::exp(x), f64::exp, f64::INFINITY),
    ("log2", |x| math::log2(x), f64::log2, f64::INFINITY),
    ("ln", |x| math::ln(x), f64::ln, f64::INFINITY),
    ("sin", |x| math::sin(x), f64::sin, 4_194_304.0),
    ("cos", |x| math::cos(x), f64::cos, 4_194_304.0),
    ("srgb_to_linear", |x| math::srgb_to_linear(x), srgb_to_linear, 65504.0),
    ("linear_to_srgb", |x| math::linear_to_srgb(x), linear_to_srgb, 65504.0),
    ("srgb_to_linear to 1", |x| math::srgb_to_linear(x), srgb_to_linear, 1.0),
    ("linear_to_srgb to 1", |x| math::linear_to_srgb(x), linear_to_srgb, 1.0),
];

/// Ranges of `x` and of `|y|` for the power, and its name in the table.
const POWERS: [(&str, [f32; 2], [f32; 2]); 5] = [
    ("pow x 0..1, |y| <= 4", [0.0, 1.0], [0.0, 4.0]),
    ("pow x any, |y| <= 1", [0.0, f32::INFINITY], [0.0, 1.0]),
    ("pow x any, |y| <= 4", [0.0, f32::INFINITY], [0.0, 4.0]),
    ("pow x any, |y| <= 10", [0.0, f32::INFINITY], [0.0, 10.0]),
    ("pow x any, y any", [0.0, f32::INFINITY], [0.0, f32::INFINITY]),
];

/// Ranges of the exponent of prepared powers.
const PREPARED: [(&str, [f32; 2]); 3] =
    [("Power y to 1", [0.01, 1.0]), ("Power y to 6.4", [1.0, 6.4]), ("Power y to 100", [6.401, 100.0])];

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted.as_str()));
    println!("{:<24} {:>8} {:<24} {:>10}", "", "ulp", "at", "absolute");
    for (name, function, exact, limit) in UNARY.into_iter().filter(|(name, ..)| wanted(name)) {
        let mut worst = Worst::default();
        let mut values = [0.0_f32; 4096];
        for first in (0..=u32::MAX).step_by(values.len()) {
            simd::dispatch(
                #[inline(always)]
                || (0..4096).for_each(|i| values[i as usize] = function(f32::from_bits(first + i))),
            );
            for (x, found) in (first..).map(f32::from_bits).zip(values) {
                if f64::from(x).abs() <= limit {
                    worst.note(found, exact(f64::from(x)), [x, 0.0]);
                }
            }
        }
        worst.print(name);
    }
    for (name, xs, ys) in POWERS.into_iter().filter(|(name, ..)| wanted(name)) {
        let mut worst = Worst::default();
        let mut state = 1_u64;
        // Evenly over the floats of the range, which is evenly over their exponents.
        let mut between = |[least, most]: [f32; 2]| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let range = u64::from(most.to_bits() - least.to_bits());
            f32::from_bits(least.to_bits() + (((state >> 32) * range) >> 32) as u32)
        };
        for index in 0..100_000_000_u32 {
            let (x, y) = (between(xs), between(ys));
            let y = if index % 2 == 0 { y } else { -y };
            worst.note(math::pow(x, y), f64::from(x).powf(f64::from(y)), [x, y]);
        }
        worst.print(name);
    }
    for (name, ys) in PREPARED.into_iter().filter(|(name, ..)| wanted(name)) {
        prepared(name, ys);
    }
}

/// The largest error of prepared powers as a part of the result, for normal numbers and results well above subnormal.
fn prepared(name: &str, [least, most]: [f32; 2]) {
    let (mut worst, mut at) = (0.0_f64, [0.0, 0.0]);
    for i in 0..=4000_u32 {
        let y = (least * (most / least).powf(i as f32 / 4000.0)).min(most);
        let power = math::Power::new(y);
        let first = f32::MIN_POSITIVE.to_bits() + i * 17;
        for x in (first..f32::INFINITY.to_bits()).step_by(83_003).map(f32::from_bits) {
            let exact = f64::from(x).powf(f64::from(y));
            let error = (f64::from(power.of(x)) - exact).abs() / exact;
            if exact > 1e-35 && exact < 3.4e38 && error > worst {
                (worst, at) = (error, [x, y]);
            }
        }
    }
    println!("{name:<24} {worst:>8.2e} {:<24}", format!("{:e}, {:e}", at[0], at[1]));
}

/// The largest errors so far, and where.
#[derive(Default)]
struct Worst {
    ulp: f64,
    absolute: f64,
    at: [f32; 2],
}

impl Worst {
    fn note(&mut self, found: f32, exact: f64, at: [f32; 2]) {
        if exact.is_nan() && found.is_nan() || f64::from(found) == exact || found == exact as f32 && found.is_infinite()
        {
            return;
        }
        // The distance of floats around the exact result: subnormal ones and those before infinity included.
        let exponent = ((exact.abs().to_bits() >> 52) as i32 - 1023).clamp(-126, 127);
        let step = f64::exp2(f64::from(exponent - 23));
        // Infinity stands where the next float would.
        let found = if found.is_infinite() { f64::exp2(128.0).copysign(f64::from(found)) } else { f64::from(found) };
        let difference = (found - exact).abs();
        self.absolute = self.absolute.max(difference);
        // A NaN is no number: the worst there is.
        if difference.is_nan() || difference / step > self.ulp {
            (self.ulp, self.at) = (if difference.is_nan() { f64::INFINITY } else { difference / step }, at);
        }
    }

    fn print(&self, name: &str) {
        let Self { ulp, absolute, at: [x, y] } = self;
        println!("{name:<24} {ulp:>8.3} {:<24} {absolute:>10.2e}", format!("{x:e}, {y:e}"));
    }
}

fn srgb_to_linear(x: f64) -> f64 {
    let code = x.abs();
    let linear = if code <= f64::from(0.040_45_f32) { code / 12.92 } else { ((code + 0.055) / 1.055).powf(2.4) };
    linear.copysign(x)
}

fn linear_to_srgb(x: f64) -> f64 {
    let linear = x.abs();
    let code =
        if linear <= f64::from(0.003_130_8_f32) { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    code.copysign(x)
}
