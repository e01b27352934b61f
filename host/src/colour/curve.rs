//! Curves: between the numbers that a file holds and linear light.
//!
//! Each is written twice: in double precision, as its standard has it, for tables and single colours; and for rows of
//! pixels, in vectors. The second is held against the first.

use std::sync::{Arc, Mutex, PoisonError};

use playa_plugin_api::math;

/// How numbers stand for light, each colour by itself.
///
/// **Negative values** are mirrored by the curves that are powers, so that they go through 0 in one piece; Cineon and
/// ACEScct have values of their own for light below 0. Nothing is clamped: values above 1 go on with the same formula.
///
/// **Error** of the vector functions: 1e-6 of the light or code, 2e-6 for the two logarithms, and 2e-8 beside, for codes of
/// logarithms 1e-7; for codes that stand for light up to 65504, and for Cineon from a code of -0.25.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// Numbers are light.
    Linear,
    /// The sRGB curve, IEC 61966-2-1: `v / 12.92` up to 0.04045, else `((v + 0.055) / 1.055)^2.4`.
    Srgb,
    /// What undoes the camera curve of ITU-R BT.709: `v / 4.5` below 0.081, else `((v + 0.099) / 1.099)^(1 / 0.45)`.
    Rec709,
    /// A power, `v^g`. With 2.4 that is the display curve of ITU-R BT.1886 with a black of 0.
    Gamma(f64),
    /// Printing density of film scans as Cineon and DPX hold it: with `c = 1023 v` and `g(c) = 10^((c - 685) 0.002 / 0.6)`,
    /// light is `(g(c) - g(95)) / (1 - g(95))`. The least light that it holds is -0.0109; less is written as that.
    Cineon,
    /// ACEScct, Academy S-2016-001: linear up to a code of 0.155251, else `2^(17.52 v - 9.72)`.
    AcesCct,
}

/// `g(95)`: the light of black on film, before it counts as 0.
const CINEON_BLACK: f64 = 0.010_797_751_623_277_1;

/// ACEScct below its toe: a straight line.
const CCT_SLOPE: f64 = 10.540_237_741_654_5;
const CCT_OFFSET: f64 = 0.072_905_534_195_835_5;
const CCT_LIGHT: f64 = 0.007_812_5;
const CCT_CODE: f64 = 0.155_251_141_552_511;

/// A code as a logarithm to base 2 of density: `code * rate - start`.
const CINEON_RATE: f64 = 1023.0 / 300.0 * std::f64::consts::LOG2_10;
const CINEON_START: f64 = 685.0 / 300.0 * std::f64::consts::LOG2_10;

impl Curve {
    /// The light of a code.
    pub fn decode(self, v: f64) -> f64 {
        let mirrored = |curve: fn(f64) -> f64| curve(v.abs()).copysign(v);
        match self {
            Curve::Linear => v,
            Curve::Srgb => mirrored(|v| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }),
            Curve::Rec709 => mirrored(|v| if v < 0.081 { v / 4.5 } else { ((v + 0.099) / 1.099).powf(1.0 / 0.45) }),
            Curve::Gamma(power) => v.abs().powf(power).copysign(v),
            Curve::Cineon => {
                let density = 10_f64.powf((1023.0 * v - 685.0) * 0.002 / 0.6);
                (density - CINEON_BLACK) / (1.0 - CINEON_BLACK)
            }
            Curve::AcesCct if v <= CCT_CODE => (v - CCT_OFFSET) / CCT_SLOPE,
            Curve::AcesCct => (v * 17.52 - 9.72).exp2(),
        }
    }

    /// The code of light.
    pub fn encode(self, light: f64) -> f64 {
        let mirrored = |curve: fn(f64) -> f64| curve(light.abs()).copysign(light);
        match self {
            Curve::Linear => light,
            Curve::Srgb => mirrored(|v| if v <= 0.0031308 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }),
            Curve::Rec709 => mirrored(|v| if v < 0.018 { v * 4.5 } else { 1.099 * v.powf(0.45) - 0.099 }),
            Curve::Gamma(power) => light.abs().powf(1.0 / power).copysign(light),
            Curve::Cineon => {
                let density = (light * (1.0 - CINEON_BLACK) + CINEON_BLACK).max(f64::from(f32::MIN_POSITIVE));
                (685.0 + density.log10() * 0.6 / 0.002) / 1023.0
            }
            Curve::AcesCct if light <= CCT_LIGHT => light * CCT_SLOPE + CCT_OFFSET,
            Curve::AcesCct => (light.log2() + 9.72) / 17.52,
        }
    }

    /// Codes become light, in place.
    ///
    /// Meant for the inside of [`simd::dispatch`](playa_plugin_api::simd::dispatch).
    #[inline(always)]
    pub fn decode_all(self, values: &mut [f32]) {
        match self {
            Curve::Linear => {}
            Curve::Srgb => each(values, math::srgb_to_linear),
            Curve::Rec709 => each(values, rec709_light),
            Curve::Gamma(power) => {
                let power = Power::of(power);
                each(values, |v| power.signed(v));
            }
            Curve::Cineon => each(values, cineon_light),
            Curve::AcesCct => each(values, cct_light),
        }
    }

    /// Light becomes codes, in place.
    ///
    /// Meant for the inside of [`simd::dispatch`](playa_plugin_api::simd::dispatch).
    #[inline(always)]
    pub fn encode_all(self, values: &mut [f32]) {
        match self {
            Curve::Linear => {}
            Curve::Srgb => each(values, math::linear_to_srgb),
            Curve::Rec709 => each(values, rec709_code),
            Curve::Gamma(power) => {
                let power = Power::of(1.0 / power);
                each(values, |v| power.signed(v));
            }
            Curve::Cineon => each(values, cineon_code),
            Curve::AcesCct => each(values, cct_code),
        }
    }

    /// The light of all whole codes from 0 to `N - 1`, which is 1, each rounded once. The last few are kept.
    pub fn table<const N: usize>(self) -> Arc<[f32]> {
        /// As many as files of different kinds in one comp have.
        const KEPT: usize = 8;
        static LAST: Mutex<Vec<(Curve, Arc<[f32]>)>> = Mutex::new(Vec::new());
        let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |(curve, table): &&(Curve, Arc<[f32]>)| *curve == self && table.len() == N;
        if let Some((_, table)) = last().iter().find(known) {
            return Arc::clone(table);
        }
        let largest = (N - 1) as f64;
        let table: Arc<[f32]> = (0..N).map(|code| self.decode(code as f64 / largest) as f32).collect();
        let mut last = last();
        if last.len() == KEPT {
            last.remove(0);
        }
        last.push((self, Arc::clone(&table)));
        table
    }
}

/// What it does, for people.
impl std::fmt::Display for Curve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Curve::Linear => f.write_str("none"),
            Curve::Srgb => f.write_str("sRGB"),
            Curve::Rec709 => f.write_str("Rec.709 camera"),
            Curve::Gamma(power) => write!(f, "gamma {power}"),
            Curve::Cineon => f.write_str("Cineon log"),
            Curve::AcesCct => f.write_str("ACEScct"),
        }
    }
}

#[inline(always)]
fn each(values: &mut [f32], curve: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(
        #[inline(always)]
        |value| *value = curve(*value),
    );
}

/// A power with an exponent that a float cannot hold exactly enough: its whole part, up to 2, is multiplied.
#[derive(Clone, Copy)]
struct Power {
    whole: u32,
    rest: f32,
}

impl Power {
    fn of(power: f64) -> Self {
        let whole = power.floor().clamp(0.0, 2.0);
        Self { whole: whole as u32, rest: (power - whole) as f32 }
    }

    #[inline(always)]
    fn of_positive(self, x: f32) -> f32 {
        let whole = if self.whole > 1 { x * x } else { x };
        let whole = if self.whole > 0 { whole } else { 1.0 };
        whole * math::pow(x, self.rest)
    }

    #[inline(always)]
    fn signed(self, x: f32) -> f32 {
        self.of_positive(x.abs()).copysign(x)
    }
}

#[inline(always)]
fn rec709_light(v: f32) -> f32 {
    let code = v.abs();
    let base = (code + 0.099) * (1.0 / 1.099);
    let curve = base * base * math::pow(base, (1.0 / 0.45 - 2.0) as f32);
    let light = if code < 0.081 { code * (1.0 / 4.5) } else { curve };
    light.copysign(v)
}

#[inline(always)]
fn rec709_code(v: f32) -> f32 {
    let light = v.abs();
    let curve = 1.099 * math::pow(light, 0.45) - 0.099;
    let code = if light < 0.018 { light * 4.5 } else { curve };
    code.copysign(v)
}

#[inline(always)]
fn cineon_light(v: f32) -> f32 {
    const SCALE: f32 = (1.0 / (1.0 - CINEON_BLACK)) as f32;
    const BLACK: f32 = (CINEON_BLACK / (1.0 - CINEON_BLACK)) as f32;
    math::exp2(v * CINEON_RATE as f32 - CINEON_START as f32) * SCALE - BLACK
}

#[inline(always)]
fn cineon_code(v: f32) -> f32 {
    let density = v * (1.0 - CINEON_BLACK) as f32 + CINEON_BLACK as f32;
    // What compares false is NaN, and stays it.
    let density = if density < f32::MIN_POSITIVE { f32::MIN_POSITIVE } else { density };
    (math::log2(density) + CINEON_START as f32) * (1.0 / CINEON_RATE) as f32
}

#[inline(always)]
fn cct_light(v: f32) -> f32 {
    let line = (v - CCT_OFFSET as f32) * (1.0 / CCT_SLOPE) as f32;
    // 17.52 v - 9.72, of which the large part has factors that a float holds exactly.
    let curve = math::exp2((v * 17.5 - 9.75) + (v * 0.02 + 0.03));
    if v <= CCT_CODE as f32 { line } else { curve }
}

#[inline(always)]
fn cct_code(v: f32) -> f32 {
    let line = v * CCT_SLOPE as f32 + CCT_OFFSET as f32;
    let curve = (math::log2(v) + 9.72) * (1.0 / 17.52);
    if v <= CCT_LIGHT as f32 { line } else { curve }
}

#[cfg(test)]
mod tests {
    use playa_plugin_api::simd;

    use super::*;

    const ALL: [Curve; 8] = [
        Curve::Linear,
        Curve::Srgb,
        Curve::Rec709,
        Curve::Gamma(1.8),
        Curve::Gamma(2.2),
        Curve::Gamma(2.4),
        Curve::Cineon,
        Curve::AcesCct,
    ];

    /// Codes from below 0 to where their light is far above 1.
    fn codes(curve: Curve) -> Vec<f32> {
        let (top, bottom) = (curve.encode(65504.0).min(65504.0), if curve == Curve::Cineon { 0.25 } else { 2.0 });
        (-200_000..=200_000)
            .map(|step| (f64::from(step) / 200_000.0 * if step < 0 { bottom } else { top }) as f32)
            .collect()
    }

    #[test]
    fn every_16_bit_code_survives_the_way_to_linear_light_and_back() {
        for curve in ALL {
            let table = curve.table::<65536>();
            for code in 0..=65535u32 {
                let light = curve.decode(f64::from(code) / 65535.0);
                assert_eq!(table[code as usize], light as f32);
                // The constants of Rec.709 are rounded: between these two its pieces do not meet.
                if curve == Curve::Rec709 && (0.0179..0.018).contains(&light) {
                    continue;
                }
                assert_eq!((curve.encode(light) * 65535.0).round() as u32, code, "{curve}");
            }
        }
    }

    /// The published values of mid grey and of the ends, and the mirror for negatives.
    #[test]
    fn known_values() {
        for (curve, code, light) in [
            (Curve::Srgb, 0.5, 0.214_041_140_482_232_55),
            (Curve::Rec709, 0.5, 0.259_589_400_506_285_4),
            (Curve::Gamma(2.4), 0.5, 0.189_464_570_813_799_8),
            (Curve::Cineon, 685.0 / 1023.0, 1.0),
            (Curve::Cineon, 95.0 / 1023.0, 0.0),
            (Curve::AcesCct, 0.413_588_402_492_442, 0.18),
        ] {
            assert!((curve.decode(code) - light).abs() < 1e-12, "{curve}: {}", curve.decode(code));
            assert!((curve.encode(light) - code).abs() < 1e-12, "{curve}: {}", curve.encode(light));
        }
        for curve in [Curve::Srgb, Curve::Rec709, Curve::Gamma(2.2)] {
            assert_eq!(curve.decode(-0.5), -curve.decode(0.5));
            assert_eq!((curve.encode(0.0), curve.encode(-0.7)), (0.0, -curve.encode(0.7)));
        }
    }

    #[test]
    fn rows_are_within_the_stated_error_of_the_formulas() {
        let check =
            |curve: Curve, values: &[f32], found: &[f32], [share, least]: [f64; 2], exact: &dyn Fn(f64) -> f64| {
                for (value, found) in values.iter().zip(found) {
                    let (found, exact) = (f64::from(*found), exact(f64::from(*value)));
                    let error = (found - exact).abs();
                    assert!(error <= share * exact.abs() + least, "{curve} of {value}: {found}, not {exact}");
                }
            };
        for curve in ALL {
            let codes = codes(curve);
            let mut light = codes.clone();
            simd::dispatch(|| curve.decode_all(&mut light));
            let logarithm = matches!(curve, Curve::Cineon | Curve::AcesCct);
            let share = if logarithm { 2e-6 } else { 1e-6 };
            check(curve, &codes, &light, [share, 2e-8], &|v| curve.decode(v));
            let mut back = light.clone();
            simd::dispatch(|| curve.encode_all(&mut back));
            check(curve, &light, &back, [share, if logarithm { 1e-7 } else { 2e-8 }], &|v| curve.encode(v));
        }
    }

    #[test]
    fn every_level_gives_the_same_bits_and_nan_stays_nan() {
        for curve in ALL {
            let mut values = codes(curve);
            values.truncate(5003);
            values.extend([f32::INFINITY, 0.0, -0.0, 1.0, f32::MIN_POSITIVE, -1e-30]);
            let (mut light, mut back) = (Vec::new(), Vec::new());
            simd::on_each_level(|level| {
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                let mut row = values.clone();
                simd::dispatch(|| curve.decode_all(&mut row));
                light.push((level, bits(&row)));
                simd::dispatch(|| curve.encode_all(&mut row));
                back.push((level, bits(&row)));
            });
            assert!(light.iter().all(|(_, bits)| *bits == light[0].1), "{curve}");
            assert!(back.iter().all(|(_, bits)| *bits == back[0].1), "{curve}");
            let mut nan = [f32::NAN; 3];
            simd::dispatch(|| curve.decode_all(&mut nan));
            simd::dispatch(|| curve.encode_all(&mut nan));
            assert!(nan.iter().all(|value| value.is_nan()), "{curve}");
        }
    }
}
