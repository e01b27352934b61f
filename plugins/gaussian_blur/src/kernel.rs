//! The blur's pixels: weights, edges, and the sum of shifted rows that both passes are made of.

use playa_plugin_api::Pixel;

/// How far a blur of this radius looks: `ceil(2 * radius)` pixels, four standard deviations.
pub fn reach(radius: f32) -> usize {
    (2.0 * f64::from(radius)).ceil() as usize
}

/// The weights of the distances 0 to [`reach`]: `exp(-i² / 2σ²)` with `σ = radius / 2`, scaled in `f64` so that the
/// whole kernel, both sides together, sums to 1.
pub fn weights(radius: f32) -> Vec<f32> {
    let sigma = f64::from(radius) / 2.0;
    let falloff: Vec<f64> = (1..=reach(radius)).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let total = 1.0 + 2.0 * falloff.iter().sum::<f64>();
    [1.0].iter().chain(&falloff).map(|weight| (weight / total) as f32).collect()
}

/// Pixels whose sums are formed together, in registers.
const BLOCK: usize = 8;

/// Fills `out` with the weighted sum of the rows around it: `out[x] = Σ weights[|i|] * row(i)[x]`, where `row(i)` is
/// the row of pixels that lie `i` away from those of `out`, sideways or downwards, and as long as `out`.
///
/// Each sum is formed in one order, from the outermost pair of rows inwards, small weights first. So a pixel has the
/// same bits whatever else is computed with it.
///
/// # Panics
/// If there is no weight, or a row is shorter than `out`.
pub fn sum_rows<'a>(weights: &[f32], row: impl Fn(isize) -> &'a [Pixel], out: &mut [Pixel]) {
    let whole = out.len() - out.len() % BLOCK;
    let (blocks, rest) = out.split_at_mut(whole);
    for (index, block) in blocks.chunks_exact_mut(BLOCK).enumerate() {
        sum_block::<BLOCK>(weights, |i| &row(i)[index * BLOCK..], block);
    }
    for (index, pixel) in rest.chunks_exact_mut(1).enumerate() {
        sum_block::<1>(weights, |i| &row(i)[whole + index..], pixel);
    }
}

/// [`sum_rows`] for `N` pixels.
#[inline(always)]
fn sum_block<'a, const N: usize>(weights: &[f32], row: impl Fn(isize) -> &'a [Pixel], out: &mut [Pixel]) {
    let mut sum = [[0.0_f32; 4]; N];
    for (distance, weight) in weights.iter().enumerate().skip(1).rev() {
        let i = distance as isize;
        let (before, after) = (&row(-i)[..N], &row(i)[..N]);
        for ((sum, before), after) in sum.iter_mut().zip(before).zip(after) {
            for channel in 0..4 {
                sum[channel] += weight * (before[channel] + after[channel]);
            }
        }
    }
    for ((out, sum), here) in out.iter_mut().zip(sum).zip(&row(0)[..N]) {
        for channel in 0..4 {
            out[channel] = sum[channel] + weights[0] * here[channel];
        }
    }
}

/// Copies `pixels` into `out` behind `before` pixels of the left edge, and fills up with the right edge.
///
/// # Panics
/// If `out` is too short for them.
pub fn extend_row(pixels: &[Pixel], before: usize, [left, right]: [Pixel; 2], out: &mut [Pixel]) {
    let (head, tail) = out.split_at_mut(before);
    let (middle, tail) = tail.split_at_mut(pixels.len());
    head.fill(left);
    middle.copy_from_slice(pixels);
    tail.fill(right);
}
