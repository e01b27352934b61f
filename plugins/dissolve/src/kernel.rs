//! The mix of two rows.

use playa_plugin_api::Pixel;

/// Fills `row` with `from`, of which the weight is replaced by `to`. A weight of 0 or 1 leaves the other picture out, with
/// what it has that is no number.
#[inline(always)]
pub fn mix(from: &[Pixel], to: &[Pixel], weights: &[f32], row: &mut [Pixel]) {
    for (((out, from), to), weight) in row.iter_mut().zip(from).zip(to).zip(weights) {
        for channel in 0..4 {
            let mixed = (1.0 - weight) * from[channel] + weight * to[channel];
            let mixed = if *weight == 0.0 { from[channel] } else { mixed };
            out[channel] = if *weight == 1.0 { to[channel] } else { mixed };
        }
    }
}
