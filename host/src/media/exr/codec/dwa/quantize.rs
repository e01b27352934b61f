//! Numbers with few bits, close to given ones.

use crate::image::convert::{narrowed, widened};

/// How far each frequency may be off, in lines of 8, for light and for colour: the tables of JPEG, each divided by its
/// smallest entry, in the steps of the level.
pub(super) fn tolerances(level: f32) -> [[f32; 64]; 2] {
    const LIGHT: [u8; 64] = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
        51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
        120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];
    const COLOUR: [u8; 64] = [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];
    let step = level.max(0.0) / 100_000.0;
    [LIGHT.map(|entry| step * f32::from(entry) / 10.0), COLOUR.map(|entry| step * f32::from(entry) / 17.0)]
}

/// Of the halves that are less than `tolerance` away from a number, as a half, one with the fewest bits set. Such numbers
/// repeat, and so pack well.
#[inline(always)]
pub(super) fn quantized(value: f32, tolerance: f32) -> u16 {
    let half = narrowed(value);
    let (sign, x) = (half & 0x8000, u32::from(half & 0x7fff));
    let magnitude = widened(x as u16);
    let (below, above) = (magnitude - tolerance, magnitude + tolerance);
    // The smallest and the largest half within, as whole numbers, which rise with the halves.
    let low = narrowed(below.max(0.0));
    let low = u32::from(low) + u32::from(widened(low) <= below);
    let high = narrowed(above);
    let high = u32::from(high).saturating_sub(u32::from(widened(high) >= above));
    // From the first bit in which these differ, all but one bit can be 0.
    let top = highest_bit(low ^ high);
    let (rest, prefix) = (low & top.wrapping_sub(1), low & !(2 * top).wrapping_sub(1));
    let round = prefix | top;
    // If the number itself lies below that one, so may others with as many bits, closer to it.
    let own = x & top.wrapping_sub(1);
    let floor = highest_bit(own);
    let distance = |bits: u32| (widened((prefix | bits) as u16) - magnitude).abs();
    let closest = if floor < rest || distance(2 * floor) < distance(floor) { 2 * floor } else { floor };
    let few = if x >= round { round } else { prefix | closest };
    let few = if rest == 0 { low } else { few };
    let few = if low == high { low } else { few };
    let few = if low > high { x } else { few };
    let few = if magnitude < tolerance { 0 } else { few };
    // Infinity and NaN stay.
    sign | if x >= 0x7c00 { x as u16 } else { few as u16 }
}

/// The highest bit of a number below 2^24 alone; 0 of 0.
#[inline(always)]
fn highest_bit(number: u32) -> u32 {
    // A float has it in its exponent.
    let exponent = (number as f32).to_bits() >> 23;
    if number == 0 { 0 } else { 1 << (exponent.wrapping_sub(127) & 31) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every half, against all halves that are close.
    #[test]
    fn no_half_within_the_tolerance_has_fewer_bits() {
        for tolerance in [0.0, 1e-7, 4.5e-4, 0.003, 0.05, 3.0] {
            for half in (0..=u16::MAX).step_by(7) {
                let value = widened(half);
                let found = quantized(value, tolerance);
                let magnitude = value.abs();
                if half & 0x7fff >= 0x7c00 || tolerance == 0.0 {
                    assert_eq!(found, half);
                    continue;
                }
                assert!(found & 0x8000 == half & 0x8000 && (widened(found) - value).abs() < tolerance.max(1e-30));
                let within = |other: &u16| (widened(*other) - magnitude).abs() < tolerance;
                let x = half & 0x7fff;
                let up = (x..0x7c00).take_while(within);
                let down = (0..=x).rev().take_while(within);
                let fewest = up.take(5000).chain(down.take(5000)).map(u16::count_ones).min().unwrap_or(x.count_ones());
                assert!((found & 0x7fff).count_ones() <= fewest, "{value} within {tolerance}: {:#x}", found);
            }
        }
    }
}
