//! The cosine transform of 8 x 8 blocks, several of them side by side: each number of a block is a row of lanes, one for
//! each block.

/// How many blocks are treated at once.
pub(super) const LANES: usize = 16;

/// 64 numbers, in lines of 8, for each of the blocks.
pub(super) type Blocks<T> = [[T; LANES]; 64];

/// From frequencies to values. The order of the sums is that of OpenEXR's own code for AVX, so that the bits agree.
#[inline(always)]
pub(super) fn inverse(blocks: &mut Blocks<f32>) {
    for line in 0..8 {
        each(blocks, |at| 8 * line + at, across);
    }
    for column in 0..8 {
        each(blocks, |at| 8 * at + column, down);
    }
}

/// From values to frequencies.
#[inline(always)]
pub(super) fn forward(blocks: &mut Blocks<f32>) {
    for line in 0..8 {
        each(blocks, |at| 8 * line + at, frequencies);
    }
    for column in 0..8 {
        each(blocks, |at| 8 * at + column, frequencies);
    }
}

/// The value of a block whose frequencies are all 0 but for the first.
#[inline(always)]
pub(super) fn flat(first: f32) -> f32 {
    first * 0.353_553_6 * 0.353_553_6
}

/// Changes eight numbers of each block, which are found by place.
#[inline(always)]
fn each(blocks: &mut Blocks<f32>, place: impl Fn(usize) -> usize, change: impl Fn([f32; 8]) -> [f32; 8]) {
    (0..LANES).for_each(|lane| {
        let changed = change(std::array::from_fn(|at| blocks[place(at)][lane]));
        for (at, value) in changed.into_iter().enumerate() {
            blocks[place(at)][lane] = value;
        }
    });
}

/// Half the cosine of the quarter, of one to three eighths, and of the odd sixteenths of half a turn.
const A: f32 = 3.535536e-1;
const B: f32 = 4.903927e-1;
const C: f32 = 4.619398e-1;
const D: f32 = 4.157349e-1;
const E: f32 = 2.777855e-1;
const F: f32 = 1.913422e-1;
const G: f32 = 9.754573e-2;

#[inline(always)]
fn across(i: [f32; 8]) -> [f32; 8] {
    let even = [
        (i[4] * A + i[6] * F) + (i[0] * A + i[2] * C),
        (i[4] * -A + i[6] * -C) + (i[0] * A + i[2] * F),
        (i[4] * -A + i[6] * C) + (i[0] * A + i[2] * -F),
        (i[4] * A + i[6] * -F) + (i[0] * A + i[2] * -C),
    ];
    let odd = [
        (i[5] * E + i[7] * G) + (i[1] * B + i[3] * D),
        (i[5] * -B + i[7] * -E) + (i[1] * D + i[3] * -G),
        (i[5] * G + i[7] * D) + (i[1] * E + i[3] * -B),
        (i[5] * D + i[7] * -B) + (i[1] * G + i[3] * -E),
    ];
    mirrored(even, odd)
}

#[inline(always)]
fn down(i: [f32; 8]) -> [f32; 8] {
    let odd = [
        (G * i[7] + E * i[5]) + (D * i[3] + B * i[1]),
        (D * i[1] - (B * i[5] + G * i[3])) - E * i[7],
        D * i[7] + (G * i[5] + (E * i[1] - B * i[3])),
        (D * i[5] + G * i[1]) - (B * i[7] + E * i[3]),
    ];
    let (sum, difference) = (A * i[4] + A * i[0], A * i[0] - A * i[4]);
    let (outer, inner) = (F * i[6] + C * i[2], F * i[2] - C * i[6]);
    mirrored([outer + sum, difference + inner, difference - inner, sum - outer], odd)
}

#[inline(always)]
fn mirrored(even: [f32; 4], odd: [f32; 4]) -> [f32; 8] {
    std::array::from_fn(|at| if at < 4 { even[at] + odd[at] } else { even[7 - at] - odd[7 - at] })
}

#[inline(always)]
fn frequencies(i: [f32; 8]) -> [f32; 8] {
    let sum: [f32; 4] = std::array::from_fn(|at| i[at] + i[7 - at]);
    let difference: [f32; 4] = std::array::from_fn(|at| i[at] - i[7 - at]);
    let odd =
        |[a, b, c, d]: [f32; 4]| (a * difference[0] + b * difference[1]) + (c * difference[2] + d * difference[3]);
    let (outer, inner) = (sum[0] + sum[3], sum[1] + sum[2]);
    let (outer_difference, inner_difference) = (sum[0] - sum[3], sum[1] - sum[2]);
    [
        A * (outer + inner),
        odd([B, D, E, G]),
        C * outer_difference + F * inner_difference,
        odd([D, -G, -B, -E]),
        A * (outer - inner),
        odd([E, -B, G, D]),
        F * outer_difference - C * inner_difference,
        odd([G, -E, D, -B]),
    ]
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn noise() -> Blocks<f32> {
        let value = |at: usize| ((at as u32).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32 - 0.5;
        std::array::from_fn(|at| std::array::from_fn(|lane| value(at * LANES + lane)))
    }

    #[test]
    fn forward_is_the_definition_and_inverse_undoes_it() {
        let source = noise();
        let mut blocks = source;
        forward(&mut blocks);
        for lane in 0..LANES {
            for (v, u) in (0..64).map(|at| (at / 8, at % 8)) {
                let wave = |x: usize, u: usize| {
                    let scale = if u == 0 { 0.125f64.sqrt() } else { 0.5 };
                    scale * ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos()
                };
                let exact: f64 =
                    (0..64).map(|at| f64::from(source[at][lane]) * wave(at / 8, v) * wave(at % 8, u)).sum();
                // Sums of 8 numbers below 4 in single precision, twice, with constants of 7 digits.
                assert!((f64::from(blocks[8 * v + u][lane]) - exact).abs() < 4e-6);
            }
        }
        inverse(&mut blocks);
        for (back, source) in blocks.as_flattened().iter().zip(source.as_flattened()) {
            assert!((back - source).abs() < 4e-6, "{back}, not {source}");
        }
    }
}
