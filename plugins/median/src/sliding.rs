//! Medians of large squares: a square slides over values that were sorted once (Suomela, "Median filtering is equivalent
//! to sorting", 2014).
//!
//! The values of a block are replaced by their ranks, and the square is a set of ranks, one bit each. A step sideways or
//! downwards takes one line of values out and another one in, and the median moves by a few bits.

use std::ops::Range;

use crate::key;

/// Room for the work on blocks, used again for the next one.
#[derive(Default)]
pub struct Sorter {
    /// Keys in ascending order, each with its place below it.
    sorted: Vec<u64>,
    /// The rank of each value of the block.
    ranks: Vec<u32>,
    /// Which ranks are inside the square.
    square: Square,
}

impl Sorter {
    /// Gives `put` the median key of every square of `side` x `side` values inside a block of `width` columns, with the
    /// column and row of the square's first corner. `keys` are the block's, row by row; `side` is odd.
    pub fn medians(
        &mut self,
        keys: impl Iterator<Item = i32>,
        width: usize,
        side: usize,
        mut put: impl FnMut(usize, usize, f32),
    ) {
        self.sorted.clear();
        // An `i32` with its first bit turned is in the order of a `u32`.
        let ordered = |key: i32| u64::from(key as u32 ^ (1 << 31)) << 32;
        self.sorted.extend(keys.enumerate().map(|(place, key)| ordered(key) | place as u64));
        self.sorted.sort_unstable();
        self.ranks.resize(self.sorted.len(), 0);
        for (rank, sorted) in self.sorted.iter().enumerate() {
            self.ranks[*sorted as u32 as usize] = rank as u32;
        }

        let (columns, rows) = (width + 1 - side, self.ranks.len() / width + 1 - side);
        let ranks = |x: Range<usize>, y: Range<usize>| y.flat_map(move |y| x.clone().map(move |x| y * width + x));
        self.square.clear(self.ranks.len(), side * side / 2);
        ranks(0..side, 0..side).for_each(|place| self.square.insert(self.ranks[place]));
        for y in 0..rows {
            // To the right in one row and to the left in the next, so that the square never jumps.
            for step in 0..columns {
                let x = if y % 2 == 0 { step } else { columns - 1 - step };
                let rank = self.square.median();
                put(x, y, key::value((self.sorted[rank] >> 32) as u32 as i32 ^ i32::MIN));
                let last = step + 1 == columns;
                let (out, into) = match y % 2 {
                    _ if last && y + 1 == rows => break,
                    _ if last => (ranks(x..x + side, y..y + 1), ranks(x..x + side, y + side..y + side + 1)),
                    0 => (ranks(x..x + 1, y..y + side), ranks(x + side..x + side + 1, y..y + side)),
                    _ => (ranks(x + side - 1..x + side, y..y + side), ranks(x - 1..x, y..y + side)),
                };
                out.for_each(|place| self.square.remove(self.ranks[place]));
                into.for_each(|place| self.square.insert(self.ranks[place]));
            }
        }
    }
}

/// A set of ranks, and where in it the median was.
#[derive(Default)]
struct Square {
    words: Vec<u64>,
    /// How many ranks come before the median.
    half: usize,
    /// The word at which the median is looked for, and how many ranks the words before it hold.
    at: usize,
    before: usize,
}

impl Square {
    /// Empties the set and makes room for `count` ranks.
    fn clear(&mut self, count: usize, half: usize) {
        self.words.clear();
        self.words.resize(count.div_ceil(64), 0);
        (self.half, self.at, self.before) = (half, 0, 0);
    }

    fn insert(&mut self, rank: u32) {
        let word = rank as usize / 64;
        self.words[word] |= 1 << (rank % 64);
        self.before += usize::from(word < self.at);
    }

    fn remove(&mut self, rank: u32) {
        let word = rank as usize / 64;
        self.words[word] &= !(1 << (rank % 64));
        self.before -= usize::from(word < self.at);
    }

    /// The rank that has `half` others of the set before it.
    fn median(&mut self) -> usize {
        while self.before > self.half {
            self.at -= 1;
            self.before -= self.words[self.at].count_ones() as usize;
        }
        loop {
            let here = self.words[self.at].count_ones() as usize;
            if self.before + here > self.half {
                break;
            }
            self.before += here;
            self.at += 1;
        }
        let mut word = self.words[self.at];
        for _ in self.before..self.half {
            word &= word - 1;
        }
        self.at * 64 + word.trailing_zeros() as usize
    }
}
