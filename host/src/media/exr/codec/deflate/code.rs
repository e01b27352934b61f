//! The Huffman code of a block of deflate (RFC 1951) whose only distance is 1.

use super::runs::Bits;

/// Bytes, the end of the block, and the lengths of repeats.
pub(super) const SYMBOLS: usize = 286;
/// Codes are kept to so many bits, so that four and what is left of a byte fit into 64.
const LONGEST: u8 = 14;
/// The longest code for a length of a code.
const LONGEST_OF_LENGTHS: u8 = 7;
/// The order in which lengths of the codes for lengths are stored.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// In the code for lengths: the one before again, 3 to 6 times.
const AGAIN: usize = 16;
/// In the code for lengths: 3 to 10 zeros.
const ZEROS: usize = 17;
/// In the code for lengths: 11 to 138 zeros.
const MANY_ZEROS: usize = 18;

/// A code of up to 286 symbols, and how it is told.
pub(super) struct Code {
    /// For each symbol, its bits in the order in which they are written, and how many.
    pub(super) codes: [(u16, u8); SYMBOLS],
    /// The head of the block after its three first bits: values and how many bits.
    head: Vec<(u16, u8)>,
}

impl Code {
    /// The best code for so many of each symbol.
    pub(super) fn of(counts: &[u32; SYMBOLS]) -> Self {
        let lengths = lengths(counts, LONGEST);
        let literals = 1 + lengths.iter().rposition(|length| *length > 0).unwrap_or(0).max(256);
        // The one distance: a code of one bit.
        let told: Vec<u8> = lengths[..literals].iter().copied().chain([1]).collect();
        let items = in_runs(&told);
        let mut of_lengths = [0; 19];
        items.iter().for_each(|(symbol, ..)| of_lengths[*symbol] += 1);
        let of_lengths = self::lengths(&of_lengths, LONGEST_OF_LENGTHS);
        let codes = canonical(&of_lengths);
        let stored = 1 + ORDER.iter().rposition(|symbol| of_lengths[*symbol] > 0).unwrap_or(3).max(3);
        let mut head = vec![(literals as u16 - 257, 5), (0, 5), (stored as u16 - 4, 4)];
        head.extend(ORDER[..stored].iter().map(|symbol| (u16::from(of_lengths[*symbol]), 3)));
        for (symbol, extra, bits) in items {
            head.extend([codes[symbol], (extra, bits)]);
        }
        Self { codes: canonical(&lengths), head }
    }

    /// How many bits the head takes.
    pub(super) fn head_bits(&self) -> u64 {
        self.head.iter().map(|(_, bits)| u64::from(*bits)).sum()
    }

    /// Writes the head.
    pub(super) fn write(&self, bits: &mut Bits<'_>) {
        for (value, count) in &self.head {
            bits.put(*value, *count);
            bits.flush();
        }
    }
}

/// The lengths of the shortest code, none of them above `longest`, for so many of each symbol. Where the shortest code has
/// longer ones, rare symbols are taken for less rare.
fn lengths<const N: usize>(counts: &[u32; N], longest: u8) -> [u8; N] {
    let mut lengths = [0; N];
    let mut symbols: Vec<(u32, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, count)| (*count, symbol)).collect();
    symbols.sort_unstable();
    if let [(_, only)] = symbols[..] {
        lengths[only] = 1;
        return lengths;
    }
    loop {
        let depths = depths(&symbols);
        if depths.iter().all(|depth| *depth <= longest) {
            for ((_, symbol), depth) in symbols.iter().zip(depths) {
                lengths[*symbol] = depth;
            }
            return lengths;
        }
        symbols.iter_mut().for_each(|(count, _)| *count = count.div_ceil(2));
    }
}

/// How deep each symbol lies in the tree, of two or more in ascending order of their counts.
fn depths(symbols: &[(u32, usize)]) -> Vec<u8> {
    let leaves = symbols.len();
    let inner = leaves.saturating_sub(1);
    // First the leaves, then the nodes in the order in which they are made, which is that of their sums.
    let mut sums: Vec<u32> = symbols.iter().map(|(count, _)| *count).collect();
    let mut parents = vec![0; leaves + inner];
    let (mut leaf, mut node) = (0, leaves);
    for made in leaves..leaves + inner {
        let mut sum = 0;
        for _ in 0..2 {
            let least = match leaf < leaves && (node >= made || sums[leaf] <= sums[node]) {
                true => &mut leaf,
                false => &mut node,
            };
            sum += sums[*least];
            parents[*least] = made;
            *least += 1;
        }
        sums.push(sum);
    }
    let mut depths = vec![0; leaves + inner];
    for at in (0..(leaves + inner).saturating_sub(1)).rev() {
        depths[at] = depths[parents[at]] + 1;
    }
    depths.truncate(leaves);
    depths
}

/// The codes for lengths, the first bit lowest.
fn canonical<const N: usize>(lengths: &[u8; N]) -> [(u16, u8); N] {
    let mut next = [0u16; 16];
    let mut code = 0;
    for length in 1..16 {
        code = (code + lengths.iter().filter(|one| **one == length - 1 && length > 1).count() as u16) << 1;
        next[usize::from(length)] = code;
    }
    lengths.map(|length| {
        let code = &mut next[usize::from(length)];
        let mine = *code;
        *code = code.wrapping_add(1);
        match length {
            0 => (0, 0),
            _ => (mine.reverse_bits() >> (16 - length), length),
        }
    })
}

/// Lengths as symbols of the code for lengths, with their extra bits.
fn in_runs(lengths: &[u8]) -> Vec<(usize, u16, u8)> {
    let mut items = Vec::with_capacity(lengths.len());
    for run in lengths.chunk_by(|a, b| a == b) {
        let mut left = run.len();
        let length = usize::from(run[0]);
        if length > 0 {
            items.push((length, 0, 0));
            left -= 1;
        }
        while left > 0 {
            let (item, taken) = match (length, left) {
                (0, 11..) => ((MANY_ZEROS, left.min(138) as u16 - 11, 7), left.min(138)),
                (0, 3..) => ((ZEROS, left as u16 - 3, 3), left),
                (1.., 3..) => ((AGAIN, left.min(6) as u16 - 3, 2), left.min(6)),
                _ => ((length, 0, 0), 1),
            };
            items.push(item);
            left -= taken;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the counts, the code is complete, within its limit, and no worse than the entropy plus a bit each.
    #[test]
    fn codes_are_complete_and_short() {
        let mut fibonacci = [0; SYMBOLS];
        let (mut a, mut b) = (1, 1);
        for count in &mut fibonacci[..40] {
            *count = a;
            (a, b) = (b, a + b);
        }
        let noise: [u32; SYMBOLS] = std::array::from_fn(|at| (at as u32).wrapping_mul(2_654_435_761) >> 20);
        let two = std::array::from_fn(|at| u32::from(at == 3 || at == 285));
        for counts in [fibonacci, noise, two] {
            let lengths = lengths(&counts, LONGEST);
            let kraft: u32 = lengths.iter().filter(|length| **length > 0).map(|length| 1 << (LONGEST - length)).sum();
            assert_eq!(kraft, 1 << LONGEST);
            let total = f64::from(counts.iter().sum::<u32>());
            let bits: f64 =
                counts.iter().zip(&lengths).map(|(count, length)| f64::from(*count) * f64::from(*length)).sum();
            let entropy: f64 = counts
                .iter()
                .filter(|count| **count > 0)
                .map(|count| f64::from(*count) * (total / f64::from(*count)).log2())
                .sum();
            assert!(bits < entropy + total && bits >= entropy);
        }
    }
}
