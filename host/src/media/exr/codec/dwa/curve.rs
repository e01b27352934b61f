//! The curve that light is on while it is packed: a power of 2.2 up to 1, a logarithm above.

use std::sync::OnceLock;

use half::f16;

/// For each half another one.
pub(super) type Curve = [u16; 1 << 16];

/// The power, as single precision has it, which is what OpenEXR computed its tables with.
const POWER: f64 = 2.2f32 as f64;
/// e to that power, with which the logarithm goes on as steep as the power ends.
const BASE: f64 = 9.025_013_f32 as f64;

/// From light to the curve.
pub(super) fn encoding() -> &'static Curve {
    static CURVE: OnceLock<Box<Curve>> = OnceLock::new();
    CURVE.get_or_init(|| {
        curve(|light| if light <= 1.0 { light.powf(1.0 / POWER) } else { 1.0 + light.ln() / BASE.ln() })
    })
}

/// From the curve to light.
pub(super) fn decoding() -> &'static Curve {
    static CURVE: OnceLock<Box<Curve>> = OnceLock::new();
    CURVE.get_or_init(|| curve(|code| if code <= 1.0 { code.powf(POWER) } else { BASE.powf(code - 1.0) }))
}

/// Of positive numbers; negative ones are mirrored, and zeros of either sign, infinity and NaN become 0.
fn curve(of: impl Fn(f64) -> f64) -> Box<Curve> {
    let half = |bits: usize| {
        let value = f16::from_bits(bits as u16);
        match value.is_finite() && value != f16::ZERO {
            true => f16::from_f64(of(value.to_f64().abs()).copysign(value.to_f64())).to_bits(),
            false => 0,
        }
    };
    (0..1 << 16).map(half).collect::<Box<[u16]>>().try_into().expect("there are so many")
}
