//! The sRGB transfer curve (IEC 61966-2-1), exactly.

/// The linear light of an sRGB value: `v / 12.92` up to 0.04045, else `((v + 0.055) / 1.055)^2.4`. Negative values are
/// mirrored.
pub fn srgb_to_linear(v: f64) -> f64 {
    let size = v.abs();
    let linear = if size <= 0.04045 { size / 12.92 } else { ((size + 0.055) / 1.055).powf(2.4) };
    linear.copysign(v)
}

/// The sRGB value of linear light: `12.92 v` up to 0.0031308, else `1.055 v^(1/2.4) - 0.055`. Negative values are
/// mirrored.
pub fn linear_to_srgb(v: f64) -> f64 {
    let size = v.abs();
    let encoded = if size <= 0.0031308 { size * 12.92 } else { 1.055 * size.powf(1.0 / 2.4) - 0.055 };
    encoded.copysign(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_16_bit_code_survives_the_way_to_linear_light_and_back() {
        for code in 0..=65535u32 {
            let linear = srgb_to_linear(f64::from(code) / 65535.0);
            assert_eq!((linear_to_srgb(linear) * 65535.0).round() as u32, code);
        }
    }

    /// The published value of mid grey and the mirror for negatives.
    #[test]
    fn known_values() {
        assert!((srgb_to_linear(0.5) - 0.214_041_140_482_232_55).abs() < 1e-15);
        assert_eq!(srgb_to_linear(-0.5), -srgb_to_linear(0.5));
        assert_eq!(linear_to_srgb(0.0), 0.0);
        assert!((linear_to_srgb(1.0) - 1.0).abs() < 1e-15);
    }
}
