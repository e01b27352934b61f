//! The blur's arithmetic on rows of pixels. It knows nothing of threads, pictures and their edges.
//!
//! Every value is formed in one order that does not depend on what is computed beside it, so a pixel has the same bits
//! in every tile. All functions are inlined, to be compiled for the instruction set of the caller.

use playa_plugin_api::Pixel;

/// Pairs of rows that are added in one go.
const GROUP: usize = 4;

/// Fills `out` with the weighted sum of the rows around it: `out[x] = Σ weights[|i|] * row(i)[x]`, where `row(i)` is
/// the row of pixels that lie `i` away from those of `out`, sideways or downwards, and at least as long.
///
/// The sum begins with the outermost pair of rows, so that small weights come first.
///
/// # Panics
/// If there is no weight, or a row is shorter than `out`.
#[inline(always)]
pub fn sum_rows<'a>(weights: &[f32], row: impl Fn(isize) -> &'a [Pixel], out: &mut [Pixel]) {
    let out = out.as_flattened_mut();
    let centre = &row(0).as_flattened()[..out.len()];
    for (out, centre) in out.iter_mut().zip(centre) {
        *out = weights[0] * centre;
    }
    let mut outermost = weights.len() - 1;
    while outermost >= GROUP {
        add_pairs::<GROUP>(weights, &row, outermost, out);
        outermost -= GROUP;
    }
    while outermost > 0 {
        add_pairs::<1>(weights, &row, outermost, out);
        outermost -= 1;
    }
}

/// Adds the pairs of rows at the distance `outermost` and the `N - 1` below it to `out`.
#[inline(always)]
fn add_pairs<'a, const N: usize>(
    weights: &[f32],
    row: &impl Fn(isize) -> &'a [Pixel],
    outermost: usize,
    out: &mut [f32],
) {
    let distances: [usize; N] = std::array::from_fn(|index| outermost - index);
    let before = distances.map(|distance| &row(-(distance as isize)).as_flattened()[..out.len()]);
    let after = distances.map(|distance| &row(distance as isize).as_flattened()[..out.len()]);
    add_weighted(distances.map(|distance| weights[distance]), before, after, out);
}

/// `out[x] += Σ weights[n] * (before[n][x] + after[n][x])`, in the order of `n`.
#[inline(always)]
fn add_weighted<const N: usize>(weights: [f32; N], before: [&[f32]; N], after: [&[f32]; N], out: &mut [f32]) {
    for x in 0..out.len() {
        let mut sum = out[x];
        for n in 0..N {
            sum += weights[n] * (before[n][x] + after[n][x]);
        }
        out[x] = sum;
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
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| weights[k] * around[k][channel]);
                out[channel] = a + b + c + d;
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
    let [a, b, c, d] = rows.map(|row| &row.as_flattened()[..out.len()]);
    mix(weights, a, b, c, d, out);
}

#[inline(always)]
fn mix(weights: [f32; 4], a: &[f32], b: &[f32], c: &[f32], d: &[f32], out: &mut [f32]) {
    for x in 0..out.len() {
        out[x] = weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + weights[3] * d[x];
    }
}
