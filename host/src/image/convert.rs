//! Between half floats and floats, a row at a time.
//!
//! The conversions of the processor set a bit in signalling NaNs. Here a NaN keeps its bits, so that a half that is read
//! and written again is the same half, all 65,536 of them.

use half::{f16, slice::HalfFloatSliceExt};

/// Widens halves to floats, exactly.
///
/// # Panics
/// If the two differ in length.
pub fn widen(halves: &[f16], floats: &mut [f32]) {
    halves.convert_to_f32_slice(floats);
    if halves.iter().any(|half| is_nan(*half)) {
        for (half, float) in halves.iter().zip(floats).filter(|(half, _)| is_nan(**half)) {
            *float = f32::from_bits(sign(half.to_bits()) | 0x7f80_0000 | u32::from(half.to_bits() & 0x03ff) << 13);
        }
    }
}

/// Narrows floats to halves: rounds to the nearest, ties to even; beyond 65519.996 is infinite. A NaN keeps the bits of
/// its payload that a half has room for, and stays a NaN.
///
/// # Panics
/// If the two differ in length.
pub fn narrow(floats: &[f32], halves: &mut [f16]) {
    halves.convert_from_f32_slice(floats);
    if floats.iter().any(|float| float.is_nan()) {
        for (float, half) in floats.iter().zip(halves).filter(|(float, _)| float.is_nan()) {
            let bits = float.to_bits();
            let payload = (bits >> 13 & 0x03ff) as u16;
            let payload = if payload == 0 { 0x0200 } else { payload };
            *half = f16::from_bits((bits >> 16 & 0x8000) as u16 | 0x7c00 | payload);
        }
    }
}

fn is_nan(half: f16) -> bool {
    half.to_bits() & 0x7fff > 0x7c00
}

fn sign(half: u16) -> u32 {
    u32::from(half & 0x8000) << 16
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
        magnitude | sign(bits)
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

    #[test]
    fn narrowing_rounds_to_even_and_keeps_a_nan_a_nan() {
        let floats = [1.0 + 1.0 / 2048.0, 1.0 + 3.0 / 2048.0, 65519.0, 65520.0, -1e-9, f32::from_bits(0x7f80_0001)];
        let mut halves = [f16::ZERO; 6];
        narrow(&floats, &mut halves);
        assert_eq!(halves.map(f16::to_bits), [0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x8000, 0x7e00]);
    }
}
