//! Floats as whole numbers in the same order, so that they can be sorted with whatever they hold.

/// The number whose order among the keys of other floats is that of `value`: -0 comes before +0, and every NaN is the
/// same one, beyond infinity.
#[inline(always)]
pub fn of(value: f32) -> i32 {
    turned(if value.is_nan() { f32::NAN.to_bits() as i32 } else { value.to_bits() as i32 })
}

/// The float of a key.
#[inline(always)]
pub fn value(key: i32) -> f32 {
    f32::from_bits(turned(key) as u32)
}

/// Turns the order of negative floats round, whose bits grow away from 0. Done twice, it changes nothing.
#[inline(always)]
fn turned(bits: i32) -> i32 {
    bits ^ ((bits >> 31) & i32::MAX)
}
