//! The functions of `math` against `f64`, at their edges, and at every level of the CPU.
//!
//! The example `math_errors` measures over every float; here every so many are tried, against the bounds that the
//! documentation states. Loops become vectors only where the compiler optimises: `cargo test --release -p
//! playa-plugin-api` is the test of the levels that counts.

use playa_plugin_api::{math, simd};

type Function = fn(f32) -> f32;
type Stated = (&'static str, Function, fn(f64) -> f64, f32, f64);
type Edges<'a> = (&'a str, Function, &'a [(f32, f32)]);

/// Every function of one number: the same in `f64`, the largest magnitude of the argument, and the stated error in
/// units in the last place.
const FUNCTIONS: [Stated; 8] = [
    ("exp2", |x| math::exp2(x), f64::exp2, f32::MAX, 1.1),
    ("exp", |x| math::exp(x), f64::exp, f32::MAX, 1.0),
    ("log2", |x| math::log2(x), f64::log2, f32::MAX, 1.4),
    ("ln", |x| math::ln(x), f64::ln, f32::MAX, 1.0),
    ("sin", |x| math::sin(x), f64::sin, 4_194_304.0, 2.0),
    ("cos", |x| math::cos(x), f64::cos, 4_194_304.0, 2.0),
    ("srgb_to_linear", |x| math::srgb_to_linear(x), srgb_to_linear, 65504.0, 8.0),
    ("linear_to_srgb", |x| math::linear_to_srgb(x), linear_to_srgb, 65504.0, 4.0),
];

/// Floats all over the range, NaN and infinities among them, and those around 0, 1 and the ends.
fn floats() -> Vec<f32> {
    let spread = (0..=u32::MAX).step_by(50_021);
    let places = [0.0, f32::MIN_POSITIVE, 0.003_130_8, 0.040_45, std::f32::consts::FRAC_1_SQRT_2, 1.0, f32::MAX];
    let around = places.into_iter().flat_map(|place: f32| (0..16).map(move |i| (place.to_bits() + i).wrapping_sub(8)));
    spread.chain(around).map(f32::from_bits).collect()
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

/// How many floats lie between the two, as a real number: subnormal ones count, infinity is the float after the last.
fn ulps(found: f32, exact: f64) -> f64 {
    if found.is_nan() && exact.is_nan() || found == exact as f32 {
        return 0.0;
    }
    let exponent = ((exact.abs().to_bits() >> 52) as i32 - 1023).clamp(-126, 127);
    let found = if found.is_infinite() { 128_f64.exp2().copysign(f64::from(found)) } else { f64::from(found) };
    (found - exact).abs() / f64::from(exponent - 23).exp2()
}

#[test]
fn errors_stay_within_what_is_stated() {
    let floats = floats();
    for (name, function, exact, largest, stated) in FUNCTIONS {
        for x in floats.iter().copied().filter(|x| x.is_nan() || x.abs() <= largest) {
            let found = function(x);
            let error = ulps(found, exact(f64::from(x)));
            assert!(error <= stated, "{name}({x:e}) = {found:e}, {error} units in the last place off");
        }
    }
}

#[test]
fn powers_stay_within_what_is_stated() {
    let exponents = [0.01, 0.25, 1.0 / 2.4, 0.45, 0.5, 1.0, 1.8, 2.0, 2.2, 2.4, 3.0, 4.0, 7.7, 10.0, 100.0, 3e4];
    let bases: Vec<_> = floats().into_iter().filter(|x| *x >= 0.0).step_by(8).collect();
    for y in exponents.into_iter().flat_map(|y: f32| [y, -y]) {
        let stated = match y.abs() {
            ..=1.0 => 1.4,
            ..=4.0 => 2.0,
            ..=10.0 => 4.0,
            _ => 110.0,
        };
        for x in bases.iter().copied() {
            let found = math::pow(x, y);
            let error = ulps(found, f64::from(x).powf(f64::from(y)));
            assert!(error <= stated, "pow({x:e}, {y}) = {found:e}, {error} units in the last place off");
            assert_eq!(math::signed_pow(-x, y), -found);
        }
    }
}

/// Exponents of colour, whole ones, and those around the places where the way of computing changes.
const POWERS: [f32; 23] = [
    0.01,
    0.1,
    0.25,
    1.0 / 2.4,
    0.45,
    0.5,
    0.85,
    1.0,
    1.09,
    1.8,
    2.0,
    2.2,
    2.4,
    3.0,
    4.3,
    5.5,
    6.4,
    6.5,
    7.7,
    10.0,
    17.0,
    31.4,
    100.0,
];

#[test]
fn prepared_powers_stay_within_what_is_stated() {
    // Every exponent of a float, with mantissas all over, dense at both ends.
    let ends = (0..64).flat_map(|i| [i, 0x007f_ffff - i]);
    let mantissas: Vec<u32> = (0..0x0080_0000).step_by(17_389).chain(ends).collect();
    let bases: Vec<_> = (1..255).flat_map(|e| mantissas.iter().map(move |m| f32::from_bits(e << 23 | m))).collect();
    for y in POWERS {
        let power = math::Power::new(y);
        let stated = if y <= 6.4 { 3.6e-7 } else { 6e-6 };
        for x in bases.iter().copied() {
            let (found, exact) = (power.of(x), f64::from(x).powf(f64::from(y)));
            if exact > f64::from(f32::MAX) * (1.0 + stated) {
                assert_eq!(found, f32::INFINITY, "{x:e}^{y}");
            } else if exact < f64::from(f32::MAX) * (1.0 - stated) {
                let error = (f64::from(found) - exact).abs();
                assert!(error <= stated * exact + 7e-44, "{x:e}^{y} = {found:e}, off by {error:e} of {exact:e}");
            }
            assert_eq!((power.signed(x), power.signed(-x)), (found, -found), "{x:e}^{y}");
        }
    }
}

#[test]
fn prepared_powers_rise_without_steps() {
    for y in POWERS {
        let power = math::Power::new(y);
        let stated = if y <= 6.4 { 3.6e-7 } else { 6e-6 };
        // Over the ends of the octaves around 1, where one polynomial and one entry of the table follow another.
        for end in [0.125_f32, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0].map(f32::to_bits) {
            let around: Vec<f32> = (end - 512..end + 512).map(|bits| power.of(f32::from_bits(bits))).collect();
            let falls = around.windows(2).map(|pair| f64::from(pair[0] - pair[1]) / f64::from(pair[0]));
            let worst = falls.fold(0.0, f64::max);
            assert!(worst <= stated, "{y} at {}: falls by {worst:e}", f32::from_bits(end));
        }
    }
}

#[test]
fn edges_of_prepared_powers_are_what_the_documentation_says() {
    const INF: f32 = f32::INFINITY;
    for y in POWERS {
        let power = math::Power::new(y);
        for x in [0.0, 1.0, INF, f32::NAN] {
            assert!(same(power.of(x), x), "{x}^{y}");
            assert!(same(power.signed(x), x) && same(power.signed(-x), -x), "{x}^{y}");
        }
        assert!(same(power.of(-0.0), 0.0) && power.of(-1.0).is_nan() && power.of(-INF).is_nan());
        assert!(same(power.of(1e-40), 0.0) && same(power.signed(-1e-45), -0.0));
    }
    for y in [0.0, -0.0, -1.0, 100.01, INF, f32::NAN] {
        let power = math::Power::new(y);
        for x in [0.0, 0.5, 1.0, INF, f32::NAN] {
            assert!(power.of(x).is_nan() && power.signed(x).is_nan(), "{x}^{y}");
        }
    }
}

#[test]
fn edges_are_what_the_documentation_says() {
    const INF: f32 = f32::INFINITY;
    const NAN: f32 = f32::NAN;
    let cases: [Edges<'_>; 8] = [
        (
            "exp2",
            |x| math::exp2(x),
            &[(-0.0, 1.0), (3.0, 8.0), (128.0, INF), (INF, INF), (-149.0, 1e-45), (-150.0, 0.0)],
        ),
        ("exp2", |x| math::exp2(x), &[(-INF, 0.0), (NAN, NAN), (f32::MAX, INF), (f32::MIN, 0.0)]),
        ("exp", |x| math::exp(x), &[(-0.0, 1.0), (INF, INF), (-INF, 0.0), (88.73, INF), (-104.0, 0.0), (NAN, NAN)]),
        (
            "log2",
            |x| math::log2(x),
            &[(1.0, 0.0), (1e-45, -149.0), (-0.0, -INF), (-1e-45, NAN), (-INF, NAN), (INF, INF)],
        ),
        ("ln", |x| math::ln(x), &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (INF, INF), (NAN, NAN)]),
        ("sin", |x| math::sin(x), &[(0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45), (5e6, 0.0), (-5e6, -0.0), (INF, NAN)]),
        ("cos", |x| math::cos(x), &[(0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0), (5e6, 1.0), (-INF, NAN), (NAN, NAN)]),
        (
            "srgb_to_linear",
            |x| math::srgb_to_linear(x),
            &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (NAN, NAN)],
        ),
    ];
    for (name, function, pairs) in cases {
        for &(x, expected) in pairs {
            let found = function(x);
            assert!(same(found, expected), "{name}({x:e}) = {found:e}, expected {expected:e}");
        }
    }
    for (x, y, expected) in [
        (0.0, 2.0, 0.0),
        (-0.0, 2.5, 0.0),
        (0.0, -1.0, INF),
        (INF, 0.5, INF),
        (INF, -0.5, 0.0),
        (NAN, 0.0, 1.0),
        (-2.0, 0.0, 1.0),
        (1.0, INF, 1.0),
        (0.5, INF, 0.0),
        (0.5, -INF, INF),
        (1.5, f32::MAX, INF),
        (-2.0, 2.0, NAN),
        (-INF, 1.0, NAN),
        (NAN, 1.0, NAN),
        (2.0, NAN, NAN),
        (2.0, 127.0, 2_f32.powi(127)),
        (2.0, -149.0, 1e-45),
        (1e-45, 1.0, 1e-45),
    ] {
        let found = math::pow(x, y);
        assert!(same(found, expected), "pow({x:e}, {y:e}) = {found:e}, expected {expected:e}");
    }
    assert!(same(math::signed_pow(-0.0, 2.0), -0.0) && same(math::signed_pow(-3.0, 2.0), -9.0));
}

/// Equal to the bit; any NaN is any other.
fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// The loop is what an author writes: over slices, the function inlined.
#[inline(always)]
fn each(values: &mut [f32], function: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|value| *value = function(*value));
}

#[test]
fn every_level_gives_the_same_bits() {
    let floats = floats();
    macro_rules! compare {
        ($($function:path),+) => { $( compare(stringify!($function), &floats, $function); )+ };
    }
    fn compare(name: &str, floats: &[f32], function: impl Fn(f32) -> f32 + Copy) {
        let expected: Vec<_> = floats.iter().map(|x| function(std::hint::black_box(*x))).collect();
        simd::on_each_level(|level| {
            let mut found = floats.to_vec();
            simd::dispatch(
                #[inline(always)]
                || each(&mut found, function),
            );
            for ((x, found), expected) in floats.iter().zip(found).zip(&expected) {
                assert!(same(found, *expected), "{name}({x:e}) = {found:e} at {level:?}, expected {expected:e}");
            }
        });
    }
    compare!(math::exp2, math::exp, math::log2, math::ln, math::sin, math::cos);
    compare!(math::srgb_to_linear, math::linear_to_srgb);
    for y in [0.0, 0.45, -2.2, 1e30, f32::NAN] {
        compare("signed_pow", &floats, move |x| math::signed_pow(x, y));
    }
    for y in [0.45, 2.2, 31.4, f32::NAN] {
        let power = math::Power::new(y);
        compare("Power::of", &floats, |x| power.of(x));
        compare("Power::signed", &floats, |x| power.signed(x));
    }
}
