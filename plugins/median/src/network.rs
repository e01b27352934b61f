//! Medians of small squares, for many values at once, by exchanges that do not depend on the values.
//!
//! Of the first half of the square and two values more, neither the smallest nor the largest can be the median of all: each
//! has more than half of the square on its other side. Both are dropped, and the next value taken in, until three are left,
//! of which the median is the middle one ("forgetful selection").

/// How many values go side by side: one vector of the widest CPU.
pub const LANES: usize = 16;

/// One value for each lane.
pub type Lanes = [i32; LANES];

/// The medians, lane by lane, of `2 * M - 3` values; `value(i)` is the one with index `i`.
#[inline(always)]
pub fn median<const M: usize>(value: impl Fn(usize) -> Lanes) -> Lanes {
    let mut kept: [Lanes; M] = std::array::from_fn(&value);
    for count in (3..=M).rev() {
        for i in 0..count / 2 {
            exchange(&mut kept, i, count - 1 - i);
        }
        for i in 1..count.div_ceil(2) {
            exchange(&mut kept, 0, i);
        }
        for i in count / 2..count - 1 {
            exchange(&mut kept, i, count - 1);
        }
        if count > 3 {
            kept[0] = value(2 * M - count);
        }
    }
    kept[1]
}

/// Puts the smaller of two values first, in each lane.
#[inline(always)]
fn exchange(kept: &mut [Lanes], first: usize, second: usize) {
    let (a, b) = (kept[first], kept[second]);
    for lane in 0..LANES {
        kept[first][lane] = a[lane].min(b[lane]);
        kept[second][lane] = a[lane].max(b[lane]);
    }
}
