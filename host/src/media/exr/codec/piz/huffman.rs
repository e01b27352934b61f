//! The Huffman code of PIZ, which DWA uses too, over numbers of 16 bits and one symbol more that repeats the number before.
//!
//! A stream: the smallest and the largest symbol, the length of the table in bytes, that of the codes in bits, and zero,
//! each in 32 bits; then for each symbol between these the length of its code in 6 bits, where lengths from 59 on stand
//! for runs of symbols without a code; then the codes, first bit first. Codes are canonical: longer ones are smaller, and
//! among those of one length the larger symbol has the larger code.

use super::super::bits::{BitReader, BitWriter};

/// No code is longer.
const LONGEST: usize = 58;
/// A length from here on is a run of 2 or more symbols without a code.
const SHORT_RUN: u64 = 59;
/// This length is a run whose length follows in 8 bits.
const LONG_RUN: u64 = 63;
/// The shortest of those.
const SHORTEST_LONG_RUN: u64 = LONG_RUN - SHORT_RUN + 2;
/// All numbers, and the symbol that repeats.
const SYMBOLS: usize = (1 << 16) + 1;
/// Codes up to this length are looked up at once.
const QUICK: usize = 12;

/// Tables that are kept from block to block.
pub(in super::super) struct Huffman {
    /// Symbols with codes, and the lengths of these; by symbol.
    lengths: Vec<(u32, u8)>,
    /// The symbols by the length of their codes, then by symbol.
    symbols: Vec<u32>,
    /// For the first bits of a stream, the symbol, times 256, and the length of the code that they begin with. 0 where
    /// the code is longer, or repeats, or is none.
    quick: Vec<u32>,
    /// How often each symbol occurs; its code, times 64, and the length of that.
    counts: Vec<u32>,
    codes: Vec<u64>,
}

/// Where the codes of each length are.
struct Canon {
    /// The first code of each length.
    first: [u64; LONGEST + 1],
    count: [u64; LONGEST + 1],
    /// Where its symbols begin in the list of all.
    start: [usize; LONGEST + 1],
}

impl Canon {
    /// Of the lengths of codes. Refuses what no code has.
    fn of(lengths: &[(u32, u8)]) -> Result<Self, String> {
        let (mut first, mut count, mut start) = ([0; LONGEST + 1], [0; LONGEST + 1], [0; LONGEST + 1]);
        lengths.iter().for_each(|(_, length)| count[usize::from(*length)] += 1);
        let mut code = 0;
        for length in (1..=LONGEST).rev() {
            first[length] = code;
            if code + count[length] > 1 << length {
                return Err(format!("there are {} codes of {length} bits", count[length]));
            }
            code = (code + count[length]) >> 1;
        }
        for length in 1..=LONGEST {
            start[length] = start[length - 1] + count[length - 1] as usize;
        }
        Ok(Self { first, count, start })
    }
}

impl Huffman {
    pub(in super::super) fn new() -> Self {
        let quick = vec![0; 1 << QUICK];
        Self { lengths: Vec::new(), symbols: Vec::new(), quick, counts: Vec::new(), codes: Vec::new() }
    }

    /// Unpacks as many numbers as there is room for.
    pub(in super::super) fn unpack(&mut self, packed: &[u8], values: &mut [u16]) -> Result<(), String> {
        let (head, packed) = packed.split_first_chunk::<20>().ok_or("a Huffman table without a head")?;
        let [smallest, largest, _, bits, _] = std::array::from_fn(|at| {
            u32::from_le_bytes([head[4 * at], head[4 * at + 1], head[4 * at + 2], head[4 * at + 3]])
        });
        if smallest > largest || largest as usize >= SYMBOLS {
            return Err(format!("a Huffman table of the symbols {smallest} to {largest}"));
        }
        let mut reader = BitReader::new(packed);
        self.read_lengths(&mut reader, smallest, largest)?;
        let codes = &packed[reader.byte()..];
        let bits = bits as usize;
        if bits > codes.len() * 8 {
            return Err(format!("{bits} bits of Huffman codes in {} bytes", codes.len()));
        }
        let canon = Canon::of(&self.lengths)?;
        self.tabulate(&canon, largest);
        self.decode(&canon, BitReader::new(codes), bits, largest, values)
    }

    fn read_lengths(&mut self, reader: &mut BitReader<'_>, smallest: u32, largest: u32) -> Result<(), String> {
        self.lengths.clear();
        let mut symbol = u64::from(smallest);
        while symbol <= largest.into() {
            let length = reader.take(6);
            let run = match length {
                LONG_RUN => reader.take(8) + SHORTEST_LONG_RUN,
                SHORT_RUN.. => length - SHORT_RUN + 2,
                0 => 1,
                _ => {
                    self.lengths.push((symbol as u32, length as u8));
                    1
                }
            };
            symbol += run;
        }
        if symbol != u64::from(largest) + 1 || reader.is_beyond() {
            return Err("a Huffman table does not end where it should".to_owned());
        }
        Ok(())
    }

    /// Lists the symbols by their codes, and enters short ones for each sequence of bits that they begin.
    fn tabulate(&mut self, canon: &Canon, repeat: u32) {
        self.symbols.clear();
        self.symbols.resize(self.lengths.len(), 0);
        self.quick.fill(0);
        let mut next = canon.start;
        for &(symbol, length) in &self.lengths {
            let length = usize::from(length);
            let code = canon.first[length] + (next[length] - canon.start[length]) as u64;
            self.symbols[next[length]] = symbol;
            next[length] += 1;
            if length <= QUICK && symbol != repeat {
                let at = (code as usize) << (QUICK - length);
                self.quick[at..at + (1 << (QUICK - length))].fill(symbol << 8 | length as u32);
            }
        }
    }

    fn decode(
        &self,
        canon: &Canon,
        mut reader: BitReader<'_>,
        bits: usize,
        repeat: u32,
        values: &mut [u16],
    ) -> Result<(), String> {
        /// How many short codes are in the bits that are looked at together, at least.
        const TOGETHER: usize = BitReader::AHEAD / QUICK;
        let quick: &[u32; 1 << QUICK] = self.quick.as_slice().try_into().expect("it is made so long");
        let mut at = 0;
        while at < values.len() {
            let ahead = reader.ahead();
            let mut window = ahead;
            let mut used = 0;
            if let Some(room) = values.get_mut(at..at + TOGETHER) {
                let mut done = 0;
                for value in room {
                    let entry = quick[(window >> (64 - QUICK)) as usize];
                    if entry == 0 {
                        break;
                    }
                    *value = (entry >> 8) as u16;
                    window <<= entry & 0xff;
                    used += entry & 0xff;
                    done += 1;
                }
                reader.skip(used as usize);
                at += done;
                if done == TOGETHER {
                    continue;
                }
                window = reader.ahead();
            }
            // Behind the end are zeros, of which nothing more can come.
            if reader.position() > bits {
                break;
            }
            let (symbol, length) = self.long(canon, window)?;
            reader.skip(length);
            if symbol == repeat {
                let run = reader.take(8) as usize;
                let before = *at.checked_sub(1).and_then(|before| values.get(before)).ok_or("nothing to repeat")?;
                let room = values.get_mut(at..at + run).ok_or("a repetition is too long")?;
                room.fill(before);
                at += run;
            } else {
                values[at] = symbol as u16;
                at += 1;
            }
        }
        match reader.position() <= bits {
            true => Ok(()),
            false => Err("Huffman codes are missing".to_owned()),
        }
    }

    /// The symbol and the length of the code at the front of some bits.
    fn long(&self, canon: &Canon, window: u64) -> Result<(u32, usize), String> {
        for length in (1..=LONGEST).filter(|length| canon.count[*length] > 0) {
            let place = (window >> (64 - length)).wrapping_sub(canon.first[length]);
            if place < canon.count[length] {
                return Ok((self.symbols[canon.start[length] + place as usize], length));
            }
        }
        Err("no such Huffman code".to_owned())
    }

    /// Appends numbers, packed.
    pub(in super::super) fn pack(&mut self, values: &[u16], packed: &mut Vec<u8>) {
        self.counts.resize(SYMBOLS, 0);
        self.counts.fill(0);
        values.iter().for_each(|value| self.counts[usize::from(*value)] += 1);
        let largest = self.counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let repeat = largest + 1;
        self.counts[repeat] = 1;
        self.lengths.clear();
        lengths(&self.counts, &mut self.lengths);
        let canon = Canon::of(&self.lengths).expect("codes of a tree");
        self.codes.resize(SYMBOLS, 0);
        let mut next = canon.first;
        for &(symbol, length) in &self.lengths {
            let length = usize::from(length);
            self.codes[symbol as usize] = next[length] << 6 | length as u64;
            next[length] += 1;
        }
        let head = packed.len();
        packed.extend([0; 20]);
        let mut writer = BitWriter::new(packed);
        let smallest = self.lengths.first().map_or(0, |(symbol, _)| *symbol);
        write_lengths(&self.lengths, &mut writer);
        let table_bytes = writer.flush() / 8;
        let mut writer = BitWriter::new(packed);
        self.encode(values, repeat, &mut writer);
        let bits = writer.flush();
        for (at, number) in [smallest, repeat as u32, table_bytes as u32, bits as u32].into_iter().enumerate() {
            packed[head + 4 * at..head + 4 * at + 4].copy_from_slice(&number.to_le_bytes());
        }
    }

    fn encode(&self, values: &[u16], repeat: usize, writer: &mut BitWriter<'_>) {
        let code = |symbol: usize| (self.codes[symbol] >> 6, self.codes[symbol] & 63);
        let (repeat, repeat_length) = code(repeat);
        let mut rest = values;
        while let [value, after @ ..] = rest {
            let (bits, length) = code((*value).into());
            let run = match after.first() {
                Some(next) if next == value => {
                    after.iter().take(255).take_while(|other| *other == value).count() as u64
                }
                _ => 0,
            };
            rest = &after[run as usize..];
            writer.put(bits, length);
            if repeat_length + 8 < length * run {
                writer.put(repeat, repeat_length);
                writer.put(run, 8);
            } else {
                (0..run).for_each(|_| writer.put(bits, length));
            }
        }
    }
}

/// The lengths of the best codes of all symbols that occur: the two rarest are joined again and again, and each join is a
/// bit more for all within.
fn lengths(counts: &[u32], lengths: &mut Vec<(u32, u8)>) {
    let mut leaves: Vec<(u32, u32)> =
        (0u32..).zip(counts).filter(|(_, count)| **count > 0).map(|(symbol, count)| (*count, symbol)).collect();
    leaves.sort_unstable();
    // Joins come in rising order too, so that the rarest is at the front of either row.
    let total = leaves.len();
    let mut weights: Vec<u64> = leaves.iter().map(|(count, _)| u64::from(*count)).collect();
    let mut parents: Vec<u32> = vec![0; 2 * total];
    let (mut leaf, mut join) = (0, total);
    for node in total..2 * total - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            let rarest = match (weights.get(leaf).filter(|_| leaf < total), weights.get(join)) {
                (Some(one), Some(other)) if one <= other => &mut leaf,
                (Some(_), None) => &mut leaf,
                _ => &mut join,
            };
            weight += weights[*rarest];
            parents[*rarest] = node as u32;
            *rarest += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0u8; 2 * total];
    for node in (0..2 * total - 2).rev() {
        depths[node] = depths[parents[node] as usize] + 1;
    }
    lengths.extend(leaves.iter().zip(&depths).map(|((_, symbol), depth)| (*symbol, *depth)));
    lengths.sort_unstable();
}

/// The lengths of all symbols from the first to the last with a code.
fn write_lengths(lengths: &[(u32, u8)], writer: &mut BitWriter<'_>) {
    let mut next = lengths.first().map_or(0, |(symbol, _)| *symbol);
    for &(symbol, length) in lengths {
        let mut gap = u64::from(symbol - next);
        while gap > 0 {
            let run = gap.min(255 + SHORTEST_LONG_RUN);
            match run {
                1 => writer.put(0, 6),
                2..SHORTEST_LONG_RUN => writer.put(SHORT_RUN + run - 2, 6),
                _ => {
                    writer.put(LONG_RUN, 6);
                    writer.put(run - SHORTEST_LONG_RUN, 8);
                }
            }
            gap -= run;
        }
        writer.put(length.into(), 6);
        next = symbol + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(values: &[u16]) -> Vec<u8> {
        let mut packed = Vec::new();
        Huffman::new().pack(values, &mut packed);
        packed
    }

    #[test]
    fn numbers_of_all_kinds_come_back() {
        let noise = |at: u32| (at.wrapping_mul(2_654_435_761) >> 16) as u16;
        let fibonacci = (1..24).scan((1u32, 1u32), |(a, b), symbol| {
            (*a, *b) = (*b, *a + *b);
            Some(std::iter::repeat_n(symbol as u16, *a as usize))
        });
        for values in [
            vec![7],
            vec![0; 3],
            vec![65535; 1000],
            (0..=65535).collect(),
            (0..5000).map(noise).collect(),
            (0..5000).map(|at| noise(at) & 7).collect(),
            (0..20_000).map(|at| noise(at / 300)).collect(),
            fibonacci.flatten().collect::<Vec<u16>>(),
        ] {
            let mut back = vec![1; values.len()];
            Huffman::new().unpack(&packed(&values), &mut back).expect("it was packed");
            assert!(back == values, "{} numbers", values.len());
        }
    }

    #[test]
    fn damaged_streams_are_errors_or_other_numbers() {
        let values: Vec<u16> = (0..3000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 22) as u16).collect();
        let sound = packed(&values);
        let mut huffman = Huffman::new();
        let mut back = vec![0; values.len()];
        let mut refused = 0;
        for at in 0..sound.len() * 8 {
            let mut broken = sound.clone();
            broken[at / 8] ^= 1 << (at % 8);
            refused += u32::from(huffman.unpack(&broken, &mut back).is_err());
        }
        assert!(refused > 100, "{refused}");
        for end in 0..sound.len() {
            assert!(huffman.unpack(&sound[..end], &mut back).is_err(), "{end} of {} bytes", sound.len());
        }
    }
}
