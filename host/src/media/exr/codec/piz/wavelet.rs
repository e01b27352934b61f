//! The wavelet of PIZ: pairs of values become their mean and their difference, along both axes, at growing distances.

use playa_plugin_api::simd;

/// Values in a grid: `width` of them in a line, `step` apart, from the first of `values` on.
pub(super) struct Plane<'a> {
    pub(super) values: &'a mut [u16],
    pub(super) width: usize,
    pub(super) height: usize,
    /// Between neighbours in a line: 2 where the halves of 32-bit values lie side by side.
    pub(super) step: usize,
}

/// Values below this have exact means and differences in 16 bits.
const SMALL: u16 = 1 << 14;

/// Transforms values up to `largest`.
pub(super) fn encode(plane: &mut Plane<'_>, largest: u16) {
    let mut distance = 1;
    while distance * 2 <= plane.width.min(plane.height) {
        plane.level(distance, largest < SMALL, true);
        distance *= 2;
    }
}

/// Undoes [`encode`].
pub(super) fn decode(plane: &mut Plane<'_>, largest: u16) {
    let mut distance = 1;
    while distance * 2 <= plane.width.min(plane.height) {
        distance *= 2;
    }
    while distance > 1 {
        distance /= 2;
        plane.level(distance, largest < SMALL, false);
    }
}

impl Plane<'_> {
    /// One level: values that are `distance` apart.
    fn level(&mut self, distance: usize, small: bool, forward: bool) {
        simd::dispatch(
            #[inline(always)]
            || match (small, forward) {
                (true, true) => self.quads(distance, |a| forward_quad(a, encode_small), encode_small),
                (false, true) => self.quads(distance, |a| forward_quad(a, encode_modulo), encode_modulo),
                (true, false) => self.quads(distance, |a| backward_quad(a, decode_small), decode_small),
                (false, false) => self.quads(distance, |a| backward_quad(a, decode_modulo), decode_modulo),
            },
        );
    }

    /// Changes each square of four values, and the pairs that are left at odd edges.
    #[inline(always)]
    fn quads(&mut self, distance: usize, quad: impl Fn([u16; 4]) -> [u16; 4], pair: impl Fn(u16, u16) -> [u16; 2]) {
        let (width, line) = (self.width, self.width * self.step);
        let (across, odd_column) = (width / (2 * distance), width / distance % 2 == 1);
        let (step, reach) = (distance * self.step, 2 * distance * self.step);
        for y in (0..self.height / distance).step_by(2) {
            let rest = &mut self.values[y * distance * line..];
            if y + 1 == self.height / distance {
                for left in (0..across).map(|x| x * reach) {
                    [rest[left], rest[left + step]] = pair(rest[left], rest[left + step]);
                }
                continue;
            }
            let (upper, lower) = rest.split_at_mut(distance * line);
            if reach == 2 {
                let squares = upper.as_chunks_mut::<2>().0.iter_mut().zip(lower.as_chunks_mut::<2>().0);
                for (above, below) in squares.take(across) {
                    let [a, b, c, d] = quad([above[0], above[1], below[0], below[1]]);
                    (*above, *below) = ([a, b], [c, d]);
                }
            } else {
                let squares = upper.chunks_mut(reach).zip(lower.chunks_mut(reach));
                for (above, below) in squares.take(across) {
                    [above[0], above[step], below[0], below[step]] =
                        quad([above[0], above[step], below[0], below[step]]);
                }
            }
            if odd_column {
                let at = across * reach;
                [upper[at], lower[at]] = pair(upper[at], lower[at]);
            }
        }
    }
}

/// Along lines, then along columns.
#[inline(always)]
fn forward_quad([a, b, c, d]: [u16; 4], pair: impl Fn(u16, u16) -> [u16; 2]) -> [u16; 4] {
    let ([mean_above, above], [mean_below, below]) = (pair(a, b), pair(c, d));
    let ([left, lower_left], [right, lower_right]) = (pair(mean_above, mean_below), pair(above, below));
    [left, right, lower_left, lower_right]
}

/// Along columns, then along lines.
#[inline(always)]
fn backward_quad([a, b, c, d]: [u16; 4], pair: impl Fn(u16, u16) -> [u16; 2]) -> [u16; 4] {
    let ([mean_above, mean_below], [above, below]) = (pair(a, c), pair(b, d));
    let ([a, b], [c, d]) = (pair(mean_above, above), pair(mean_below, below));
    [a, b, c, d]
}

#[inline(always)]
fn encode_small(a: u16, b: u16) -> [u16; 2] {
    let (a, b) = (a as i16, b as i16);
    [(a.wrapping_add(b) >> 1) as u16, a.wrapping_sub(b) as u16]
}

#[inline(always)]
fn decode_small(mean: u16, difference: u16) -> [u16; 2] {
    let half = difference as i16 >> 1;
    let a = mean.wrapping_add(difference & 1).wrapping_add(half as u16);
    [a, a.wrapping_sub(difference)]
}

/// What means and differences are counted from where they do not fit: both then wrap.
const OFFSET: u16 = 1 << 15;

#[inline(always)]
fn encode_modulo(a: u16, b: u16) -> [u16; 2] {
    let a = a ^ OFFSET;
    // The mean without the bit that a sum would lose.
    let mean = (a & b) + ((a ^ b) >> 1);
    [if a < b { mean ^ OFFSET } else { mean }, a.wrapping_sub(b)]
}

#[inline(always)]
fn decode_modulo(mean: u16, difference: u16) -> [u16; 2] {
    let b = mean.wrapping_sub(difference >> 1);
    [difference.wrapping_add(b) ^ OFFSET, b]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The transform of OpenEXR's documentation, value by value, in whole numbers that cannot wrap.
    fn reference(values: &mut [u16], [width, height]: [usize; 2], step: usize, small: bool) {
        let pair = |a: u16, b: u16| -> [u16; 2] {
            let (a, b) = (i32::from(a), i32::from(b));
            if small {
                let (a, b) = (i32::from(a as i16), i32::from(b as i16));
                return [((a + b) >> 1) as u16, (a - b) as u16];
            }
            let a = (a + 0x8000) & 0xffff;
            let (mean, difference) = ((a + b) >> 1, a - b);
            [(if difference < 0 { (mean + 0x8000) & 0xffff } else { mean }) as u16, (difference & 0xffff) as u16]
        };
        let mut distance = 1;
        while distance * 2 <= width.min(height) {
            let at = |x: usize, y: usize| (y * width + x) * step;
            for y in (0..height).step_by(distance * 2) {
                for x in (0..width).step_by(distance * 2) {
                    let (right, below) = (x + distance < width, y + distance < height);
                    // What is left over at an edge counts only from a whole distance on.
                    let (whole_x, whole_y) = (x + distance <= width, y + distance <= height);
                    let places = [at(x, y), at(x + distance, y), at(x, y + distance), at(x + distance, y + distance)];
                    let mut change = |one: usize, other: usize| {
                        [values[places[one]], values[places[other]]] = pair(values[places[one]], values[places[other]]);
                    };
                    let right = right && x + 2 * distance <= width;
                    let below = below && y + 2 * distance <= height;
                    match (right, below) {
                        (true, true) => {
                            change(0, 1);
                            change(2, 3);
                            change(0, 2);
                            change(1, 3);
                        }
                        (true, false) if whole_y => change(0, 1),
                        (false, true) if whole_x => change(0, 2),
                        _ => {}
                    }
                }
            }
            distance *= 2;
        }
    }

    #[test]
    fn every_size_is_transformed_as_documented_and_comes_back() {
        for step in [1, 2] {
            for [width, height] in [[1, 1], [1, 9], [2, 2], [3, 2], [2, 3], [5, 7], [16, 16], [33, 20], [67, 32]] {
                for largest in [0x3fff, 0xffff] {
                    let value = |at: u32| (at.wrapping_mul(2_654_435_761) >> 16) as u16 & largest;
                    let source: Vec<u16> = (0..(width * height * step) as u32).map(value).collect();
                    let (mut ours, mut theirs) = (source.clone(), source.clone());
                    fn plane(values: &mut [u16], [width, height]: [usize; 2], step: usize) -> Plane<'_> {
                        Plane { values, width, height, step }
                    }
                    let size = [width, height];
                    encode(&mut plane(&mut ours, size, step), largest);
                    reference(&mut theirs, size, step, largest == 0x3fff);
                    assert_eq!(ours, theirs, "{width} x {height}, step {step}, up to {largest}");
                    decode(&mut plane(&mut ours, size, step), largest);
                    assert_eq!(ours, source, "{width} x {height}, step {step}, up to {largest}");
                }
            }
        }
    }
}
