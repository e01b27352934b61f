//! The blur's arithmetic on rows of pixels. It knows nothing of threads, pictures and their edges.
//!
//! Every value is formed in one order that does not depend on what is computed beside it, so a pixel has the same bits
//! in every tile. All functions are inlined, to be compiled for the instruction set of the caller.

use playa_plugin_api::Pixel;

/// Fills `out` with the weighted sum of the rows around it: `out[x] = Σ weights[|i|] * row(i)[x]`, where `row(i)` is
/// the row of pixels that lie `i` away from those of `out`, sideways or downwards, and at least as long.
///
/// The centre comes first, then the pairs of rows from the outermost one inwards.
///
/// # Panics
/// If there is no weight, or a row is shorter than `out`.
#[inline(always)]
pub fn sum_rows<'a>(weights: &[f32], row: impl Fn(isize) -> &'a [Pixel], out: &mut [Pixel]) {
    let out = out.as_flattened_mut();
    let values = out.len();
    let pair = |distance: usize| Pair {
        weight: weights[distance],
        before: &row(-(distance as isize)).as_flattened()[..values],
        after: &row(distance as isize).as_flattened()[..values],
    };
    let centre = &row(0).as_flattened()[..values];
    let begin = |x: usize, _: f32| weights[0] * centre[x];
    // Four pairs at a time, so that sums stay in registers for longer; what that leaves over goes with the centre.
    let outermost = weights.len() - 1;
    let over = (outermost + 3) % 4 + 1;
    match outermost.min(over) {
        0 => add_pairs([], begin, out),
        1 => add_pairs([pair(outermost)], begin, out),
        2 => add_pairs([pair(outermost), pair(outermost - 1)], begin, out),
        3 => add_pairs([pair(outermost), pair(outermost - 1), pair(outermost - 2)], begin, out),
        _ => add_pairs([pair(outermost), pair(outermost - 1), pair(outermost - 2), pair(outermost - 3)], begin, out),
    }
    for next in (4..(outermost + 1).saturating_sub(over)).rev().step_by(4) {
        add_pairs([pair(next), pair(next - 1), pair(next - 2), pair(next - 3)], |_, sum| sum, out);
    }
}

/// Two rows at the same distance to both sides.
struct Pair<'a> {
    weight: f32,
    before: &'a [f32],
    after: &'a [f32],
}

/// `out[x] = begin(x, out[x])` and then the weighted pairs, in their order.
#[inline(always)]
fn add_pairs<const N: usize>(pairs: [Pair<'_>; N], begin: impl Fn(usize, f32) -> f32, out: &mut [f32]) {
    for (x, out) in out.iter_mut().enumerate() {
        let mut sum = begin(x, *out);
        for pair in &pairs {
            sum += pair.weight * (pair.before[x] + pair.after[x]);
        }
        *out = sum;
    }
}

/// Fills `out` with every `factor`-th pixel of `row`, smoothed: `out[j] = Σ weights[|i|] * row[factor * j + reach + i]`,
/// where `reach` is the distance of the last weight.
///
/// # Panics
/// If there is no weight, or `row` ends before the last sum does.
#[inline(always)]
pub fn shrink_row(weights: &[f32], factor: usize, row: &[Pixel], out: &mut [Pixel]) {
    let reach = weights.len() - 1;
    for (j, out) in out.iter_mut().enumerate() {
        let around = &row[factor * j..][..2 * reach + 1];
        let mut sum = [0.0; 4];
        for distance in (1..=reach).rev() {
            let (before, after) = (around[reach - distance], around[reach + distance]);
            for channel in 0..4 {
                sum[channel] += weights[distance] * (before[channel] + after[channel]);
            }
        }
        for channel in 0..4 {
            sum[channel] += weights[0] * around[reach][channel];
        }
        *out = sum;
    }
}

/// Fills `out` with `weights.len()` pixels for each group of 4 neighbours of `row`, from its first pixel on:
/// `out[factor * j + phase] = Σ weights[phase][k] * row[j + k]`.
///
/// # Panics
/// If `row` ends before the last sum does.
#[inline(always)]
pub fn enlarge_row(weights: &[[f32; 4]], row: &[Pixel], out: &mut [Pixel]) {
    for (around, cell) in row.windows(4).zip(out.chunks_exact_mut(weights.len())) {
        for (weights, out) in weights.iter().zip(cell) {
            for channel in 0..4 {
                out[channel] = weights[0] * around[0][channel]
                    + weights[1] * around[1][channel]
                    + weights[2] * around[2][channel]
                    + weights[3] * around[3][channel];
            }
        }
    }
}

/// Fills `out` with the weighted sum of four rows.
///
/// # Panics
/// If a row is shorter than `out`.
#[inline(always)]
pub fn mix_rows(weights: [f32; 4], rows: [&[Pixel]; 4], out: &mut [Pixel]) {
    let out = out.as_flattened_mut();
    let [a, b, c, d] = rows;
    let (a, b) = (&a.as_flattened()[..out.len()], &b.as_flattened()[..out.len()]);
    let (c, d) = (&c.as_flattened()[..out.len()], &d.as_flattened()[..out.len()]);
    for x in 0..out.len() {
        out[x] = weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + weights[3] * d[x];
    }
}
