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

/// Four pixels, one below the other.
pub type Column = [Pixel; 4];

/// [`sum_rows`] for four rows of `out` at once: `row(i)` lies `i` below the first of them. A row that several sums need
/// is loaded once for all of them.
///
/// # Panics
/// If there is no weight, or a row is shorter than the first one of `out`.
#[inline(always)]
pub fn sum_four_rows<'a>(weights: &[f32], row: impl Fn(isize) -> &'a [Pixel], out: [&mut [Pixel]; 4]) {
    let out = out.map(<[Pixel]>::as_flattened_mut);
    let values = out[0].len();
    let row = |i: isize| &row(i).as_flattened()[..values];
    let centre: [_; 4] = std::array::from_fn(|y| row(y as isize));
    let begin = |y: usize, x: usize, _: f32| weights[0] * centre[y][x];
    let outermost = weights.len() - 1;
    // Eight pairs at a time: the more, the more sums share a load.
    let over = (outermost + 7) % 8 + 1;
    let [a, b, c, d] = out;
    match outermost.min(over) {
        0 => add_pairs_to_four(FourPairs::<0>::new(weights, outermost, row), begin, a, b, c, d),
        1 => add_pairs_to_four(FourPairs::<1>::new(weights, outermost, row), begin, a, b, c, d),
        2 => add_pairs_to_four(FourPairs::<2>::new(weights, outermost, row), begin, a, b, c, d),
        3 => add_pairs_to_four(FourPairs::<3>::new(weights, outermost, row), begin, a, b, c, d),
        4 => add_pairs_to_four(FourPairs::<4>::new(weights, outermost, row), begin, a, b, c, d),
        5 => add_pairs_to_four(FourPairs::<5>::new(weights, outermost, row), begin, a, b, c, d),
        6 => add_pairs_to_four(FourPairs::<6>::new(weights, outermost, row), begin, a, b, c, d),
        7 => add_pairs_to_four(FourPairs::<7>::new(weights, outermost, row), begin, a, b, c, d),
        _ => add_pairs_to_four(FourPairs::<8>::new(weights, outermost, row), begin, a, b, c, d),
    }
    for next in (8..(outermost + 1).saturating_sub(over)).rev().step_by(8) {
        add_pairs_to_four(FourPairs::<8>::new(weights, next, row), |_, _, sum| sum, a, b, c, d);
    }
}

/// The pairs of `N` distances, each one less than the one before, for four rows.
struct FourPairs<'a, const N: usize> {
    weights: [f32; N],
    /// The rows before the four, from the outermost of the first one; the first `N + 3` count.
    before: [&'a [f32]; 11],
    /// The rows after the four, from the innermost of the first one; the first `N + 3` count.
    after: [&'a [f32]; 11],
}

impl<'a, const N: usize> FourPairs<'a, N> {
    /// The distances from `outermost` inwards.
    #[inline(always)]
    fn new(weights: &[f32], outermost: usize, row: impl Fn(isize) -> &'a [f32]) -> Self {
        let outermost = outermost as isize;
        let from = |first: isize| std::array::from_fn(|k| row(first + k.min(N + 2) as isize));
        Self {
            weights: std::array::from_fn(|k| weights[outermost as usize - k]),
            before: from(-outermost),
            after: from(outermost + 1 - N as isize),
        }
    }

    /// Adds the pairs of the distance `K`, counted from the outermost, at place `x`; nothing if there are not so many.
    #[inline(always)]
    fn add<const K: usize>(&self, x: usize, sums: &mut [f32; 4]) {
        if K < N {
            for (y, sum) in sums.iter_mut().enumerate() {
                *sum += self.weights[K] * (self.before[K + y][x] + self.after[N - 1 - K + y][x]);
            }
        }
    }
}

/// [`add_pairs`] for four rows; `begin` is told which one.
#[inline(always)]
fn add_pairs_to_four<const N: usize>(
    pairs: FourPairs<'_, N>,
    begin: impl Fn(usize, usize, f32) -> f32,
    a: &mut [f32],
    b: &mut [f32],
    c: &mut [f32],
    d: &mut [f32],
) {
    let values = a.len();
    let (b, c, d) = (&mut b[..values], &mut c[..values], &mut d[..values]);
    for x in 0..values {
        let mut sums = [begin(0, x, a[x]), begin(1, x, b[x]), begin(2, x, c[x]), begin(3, x, d[x])];
        // One by one, because the compiler would leave so long a loop in the inner one, which is then not of vectors.
        pairs.add::<0>(x, &mut sums);
        pairs.add::<1>(x, &mut sums);
        pairs.add::<2>(x, &mut sums);
        pairs.add::<3>(x, &mut sums);
        pairs.add::<4>(x, &mut sums);
        pairs.add::<5>(x, &mut sums);
        pairs.add::<6>(x, &mut sums);
        pairs.add::<7>(x, &mut sums);
        [a[x], b[x], c[x], d[x]] = sums;
    }
}

/// Fills `out` with the pixels of four rows, side by side.
///
/// # Panics
/// If a row is shorter than `out`.
#[inline(always)]
pub fn interleave(rows: [&[Pixel]; 4], out: &mut [Column]) {
    let [a, b, c, d] = rows.map(|row| &row[..out.len()]);
    for (x, out) in out.iter_mut().enumerate() {
        out[0] = a[x];
        out[1] = b[x];
        out[2] = c[x];
        out[3] = d[x];
    }
}

/// Fills `out` with row `y` of `columns`.
#[inline(always)]
pub fn pick_row(columns: &[Column], y: usize, out: &mut [Pixel]) {
    for (out, column) in out.iter_mut().zip(columns) {
        *out = column[y];
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
