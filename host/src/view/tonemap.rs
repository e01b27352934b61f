//! Curves from scene light to the light of a display.

use crate::names::named;

/// A curve that brings scene-linear light of any brightness to a display's 0..1, each colour by itself.
///
/// Below 0 and NaN become 0, infinity becomes what the curve tends to. The sRGB curve comes after it and is no part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tonemap {
    /// `x`, cut off at 1.
    #[default]
    Clamp,
    /// `x / (1 + x)`: Reinhard et al., SIGGRAPH 2002, equation 3.
    Reinhard,
    /// `x (2.51 x + 0.03) / (x (2.43 x + 0.59) + 0.14)`, cut off at 1: the fit to ACES by Narkowicz, 2016, without the
    /// factor of 0.6 that makes it as dark as ACES; an exposure of -0.737 stops is that factor.
    Aces,
    /// `h(2 x) / h(11.2)`, cut off at 1, `h(x) = (x (A x + C B) + D E) / (x (A x + B) + D F) - E / F`: Hable, GDC 2010, with
    /// the constants of his article, A 0.15, B 0.50, C 0.10, D 0.20, E 0.02, F 0.30. A light of 5.6 is white.
    Filmic,
}

impl Tonemap {
    /// All there are.
    pub const ALL: [Tonemap; 4] = [Tonemap::Clamp, Tonemap::Reinhard, Tonemap::Aces, Tonemap::Filmic];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Tonemap::Clamp => "clamp",
            Tonemap::Reinhard => "reinhard",
            Tonemap::Aces => "aces",
            Tonemap::Filmic => "filmic",
        }
    }

    /// Curves every value in place.
    ///
    /// Meant for the inside of [`simd::dispatch`](playa_plugin_api::simd::dispatch).
    #[inline(always)]
    pub fn apply(self, values: &mut [f32]) {
        match self {
            Tonemap::Clamp => each(values, clamp),
            Tonemap::Reinhard => each(values, reinhard),
            Tonemap::Aces => each(values, aces),
            Tonemap::Filmic => each(values, filmic),
        }
    }
}

named!(Tonemap, "tone map");

#[inline(always)]
fn each(values: &mut [f32], curve: impl Fn(f32) -> f32) {
    /// Every curve is within a rounding of its end by here, and its square is still a float.
    const BRIGHTEST: f32 = 1e9;
    for value in values {
        let light = if *value > 0.0 { value.min(BRIGHTEST) } else { 0.0 };
        *value = curve(light).clamp(0.0, 1.0);
    }
}

#[inline(always)]
fn clamp(x: f32) -> f32 {
    x
}

#[inline(always)]
fn reinhard(x: f32) -> f32 {
    x / (1.0 + x)
}

#[inline(always)]
fn aces(x: f32) -> f32 {
    x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
}

#[inline(always)]
fn filmic(x: f32) -> f32 {
    /// `1 / h(11.2)`.
    const WHITE: f32 = 1.0 / hable(11.2);
    hable(2.0 * x) * WHITE
}

/// Hable's `h` with its constants multiplied out.
///
/// The two fractions are taken as one, because their difference near 0 would keep few digits: with `n(x)` and `d(x)` as
/// numerator and denominator and `E / F = 1 / 15`, `n - d / 15` is `0.14 x^2 + x / 60` exactly.
#[inline(always)]
const fn hable(x: f32) -> f32 {
    x * (0.14 * x + 1.0 / 60.0) / (x * (0.15 * x + 0.50) + 0.06)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curved(tonemap: Tonemap, x: f32) -> f32 {
        let mut value = [x];
        tonemap.apply(&mut value);
        value[0]
    }

    #[test]
    fn names_find_their_curves_and_others_are_an_error_that_lists_them() {
        for tonemap in Tonemap::ALL {
            assert_eq!(tonemap.to_string().parse(), Ok(tonemap));
        }
        assert_eq!("ACES".parse(), Ok(Tonemap::Aces));
        let error = "agx".parse::<Tonemap>().expect_err("no such curve");
        assert_eq!(error, "there is no tone map \"agx\", expected one of clamp, reinhard, aces, filmic");
    }

    /// Against the published formulas in f64, from dark to far beyond white; 4e-7 is three roundings of a float near 1.
    #[test]
    fn curves_are_those_that_were_published() {
        let hable = |x: f64| {
            let [a, b, c, d, e, f] = [0.15, 0.50, 0.10, 0.20, 0.02, 0.30];
            (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f
        };
        for step in 0..4000 {
            let light = (f64::from(step) / 100.0 - 20.0).exp2() as f32;
            let x = f64::from(light);
            let expected = [
                x,
                x / (1.0 + x),
                x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14),
                hable(2.0 * x) / hable(11.2),
            ];
            for (tonemap, expected) in Tonemap::ALL.into_iter().zip(expected) {
                let found = f64::from(curved(tonemap, light));
                let expected = expected.clamp(0.0, 1.0);
                assert!((found - expected).abs() <= 4e-7 * expected.max(1e-3), "{tonemap} of {x}: {found}, {expected}");
            }
        }
    }

    #[test]
    fn what_is_no_light_is_black_and_infinite_light_is_white() {
        for tonemap in Tonemap::ALL {
            for x in [f32::NAN, -f32::NAN, -1.0, f32::NEG_INFINITY, 0.0, -0.0] {
                assert_eq!(curved(tonemap, x), 0.0, "{tonemap} of {x}");
            }
            for x in [f32::INFINITY, f32::MAX, 1e20] {
                assert_eq!(curved(tonemap, x), 1.0, "{tonemap} of {x}");
            }
        }
    }
}
