//! Between half floats and floats, a row at a time.
//!
//! The conversions of the processor set a bit in signalling NaNs. Here a NaN keeps its bits, so that a half that is read
//! and written again is the same half, all 65,536 of them. Plain whole-number steps without branches: the compiler makes
//! vectors of them wherever [`simd::dispatch`](playa_plugin_api::simd::dispatch) lets it, and every level gives the same
//! bits.

use half::f16;

/// How far the exponents of the two types lie apart, where a float has its exponent.
const REBIAS: u32 = (127 - 15) << 23;

/// Widens halves to floats, exactly. Meant for the inside of a dispatch.
///
/// # Panics
/// If the two differ in length.
#[inline(always)]
pub fn widen(halves: &[f16], floats: &mut [f32]) {
    assert!(halves.len() == floats.len(), "as many floats as halves");
    halves.iter().zip(floats).for_each(|(half, float)| *float = widened(half.to_bits()));
}

/// Narrows floats to halves: rounds to the nearest, ties to even; beyond 65519.996 is infinite. A NaN keeps the bits of
/// its payload that a half has room for, and stays a NaN. Meant for the inside of a dispatch.
///
/// # Panics
/// If the two differ in length.
#[inline(always)]
pub fn narrow(floats: &[f32], halves: &mut [f16]) {
    assert!(floats.len() == halves.len(), "as many halves as floats");
    floats.iter().zip(halves).for_each(|(float, half)| *half = f16::from_bits(narrowed(*float)));
}

/// The float of a half's bits.
#[inline(always)]
pub fn widened(half: u16) -> f32 {
    /// The bits of the smallest normal half, as a float.
    const SMALLEST_NORMAL: u32 = REBIAS + (1 << 23);
    let half = u32::from(half);
    let magnitude = (half & 0x7fff) << 13;
    // Above all finite ones, infinity and NaN go to the top of a float's exponents.
    let top = if magnitude >= 0x1f << 23 { REBIAS } else { 0 };
    let normal = magnitude + REBIAS + top;
    // Below the smallest normal half, the fraction counts from zero.
    let small = (f32::from_bits(magnitude + SMALLEST_NORMAL) - f32::from_bits(SMALLEST_NORMAL)).to_bits();
    let bits = if magnitude < 1 << 23 { small } else { normal };
    f32::from_bits(bits | (half & 0x8000) << 16)
}

/// The bits of the half that is nearest to a float.
#[inline(always)]
pub fn narrowed(float: f32) -> u16 {
    /// 0.5: a sum with it has its last place where the smallest half has its only bit.
    const HALF: f32 = 0.5;
    let (sign, bits) = (float.to_bits() >> 16 & 0x8000, float.to_bits() & 0x7fff_ffff);
    let payload = bits >> 13 & 0x03ff;
    let nan = 0x7c00 | if payload == 0 { 0x0200 } else { payload };
    let odd = bits >> 13 & 1;
    let normal = bits.wrapping_sub(REBIAS).wrapping_add(0x0fff + odd) >> 13;
    let small = (f32::from_bits(bits) + HALF).to_bits().wrapping_sub(HALF.to_bits());
    let finite = if bits < REBIAS + (1 << 23) { small } else { normal };
    let magnitude = if bits > 0x7f80_0000 {
        nan
    } else if bits >= 143 << 23 {
        0x7c00
    } else {
        finite
    };
    (sign | magnitude) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a half by the definition of IEEE 754-2019 3.4, with the NaN payload moved to the top bits.
    fn reference(bits: u16) -> u32 {
        let (exponent, fraction) = (bits >> 10 & 0x1f, bits & 0x03ff);
        let magnitude = match exponent {
            0x1f => 0x7f80_0000 | u32::from(fraction) << 13,
            0 => (f32::from(fraction) * 2f32.powi(-24)).to_bits(),
            _ => ((1.0 + f32::from(fraction) / 1024.0) * 2f32.powi(i32::from(exponent) - 15)).to_bits(),
        };
        magnitude | u32::from(bits & 0x8000) << 16
    }

    #[test]
    fn every_half_is_widened_exactly_and_comes_back() {
        let halves: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).collect();
        let mut floats = vec![0.0; halves.len()];
        widen(&halves, &mut floats);
        for (half, float) in halves.iter().zip(&floats) {
            assert_eq!(float.to_bits(), reference(half.to_bits()), "half {:#06x}", half.to_bits());
        }
        let mut back = vec![f16::ZERO; halves.len()];
        narrow(&floats, &mut back);
        for (half, back) in halves.iter().zip(&back) {
            assert_eq!(half.to_bits(), back.to_bits());
        }
    }

    /// The conversion of the `half` crate, in steps of a few bits over all floats.
    #[test]
    fn narrowing_is_that_of_the_half_crate() {
        let bits = (0..=u32::MAX).step_by(1021).chain((0..=u16::MAX).flat_map(|half| {
            let exact = f16::from_bits(half).to_f32().to_bits();
            let next = f16::from_bits(half.wrapping_add(1)).to_f32();
            let between = ((f16::from_bits(half).to_f32() + next) / 2.0).to_bits();
            [exact, between.wrapping_sub(1), between, between.wrapping_add(1)]
        }));
        for float in bits.map(f32::from_bits).filter(|float| !float.is_nan()) {
            assert_eq!(narrowed(float), f16::from_f32_const(float).to_bits(), "{float:e}");
        }
    }

    #[test]
    fn all_levels_give_the_same_bits() {
        let floats: Vec<f32> = (0..=u32::MAX).step_by(65_521).map(f32::from_bits).collect();
        let narrow_all = || {
            let mut halves = vec![f16::ZERO; floats.len()];
            playa_plugin_api::simd::dispatch(
                #[inline(always)]
                || narrow(&floats, &mut halves),
            );
            let mut back = vec![0.0; floats.len()];
            playa_plugin_api::simd::dispatch(
                #[inline(always)]
                || widen(&halves, &mut back),
            );
            back.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let expected = narrow_all();
        playa_plugin_api::simd::on_each_level(|level| assert!(narrow_all() == expected, "{level:?}"));
    }

    #[test]
    fn narrowing_rounds_to_even_and_keeps_a_nan_a_nan() {
        let floats = [1.0 + 1.0 / 2048.0, 1.0 + 3.0 / 2048.0, 65519.0, 65520.0, -1e-9, f32::from_bits(0x7f80_0001)];
        let mut halves = [f16::ZERO; 6];
        narrow(&floats, &mut halves);
        assert_eq!(halves.map(f16::to_bits), [0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x8000, 0x7e00]);
    }
}
