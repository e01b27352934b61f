//! The sRGB curve.

use super::exponential::pow;

/// The linear light of an sRGB code value (IEC 61966-2-1): `x / 12.92` up to 0.04045, `((x + 0.055) / 1.055)^2.4` above.
///
/// The curve goes on above 1, and is mirrored for negative values. ERR. Infinities and NaN stay what they are.
#[inline(always)]
pub fn srgb_to_linear(x: f32) -> f32 {
    let code = x.abs();
    let curve = pow((code + 0.055) * (1.0 / 1.055), 2.4);
    let linear = if code <= 0.040_45 { code * (1.0 / 12.92) } else { curve };
    linear.copysign(x)
}

/// The sRGB code value of linear light (IEC 61966-2-1): `12.92 x` up to 0.0031308, `1.055 x^(1/2.4) - 0.055` above.
///
/// The curve goes on above 1, and is mirrored for negative values. ERR. Infinities and NaN stay what they are.
#[inline(always)]
pub fn linear_to_srgb(x: f32) -> f32 {
    let linear = x.abs();
    let curve = 1.055 * pow(linear, 1.0 / 2.4) - 0.055;
    let code = if linear <= 0.003_130_8 { linear * 12.92 } else { curve };
    code.copysign(x)
}
