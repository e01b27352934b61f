//! PIZ: numbers of 16 bits are counted through, so that those which occur are small; then a wavelet; then a Huffman code.
//!
//! A block: the first and the last byte of a bitmap that are not zero, as 16 bits each; these bytes, a bit for each number
//! that occurs, but for 0, which always counts; the length of what follows, in 32 bits; the Huffman stream, channel by
//! channel.

mod huffman;
mod wavelet;

pub(super) use huffman::Huffman;

use wavelet::Plane;

/// All numbers of 16 bits.
const NUMBERS: usize = 1 << 16;

/// Tables that are kept from block to block.
pub(super) struct Piz {
    huffman: Huffman,
    /// The numbers of a block, channel by channel.
    values: Vec<u16>,
    /// For each number another one.
    table: Vec<u16>,
}

/// What a block holds: for each channel, how many numbers of 16 bits a sample has.
pub(super) struct Shape<'a> {
    pub(super) samples: &'a [usize],
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Shape<'_> {
    /// How many numbers a line of the block has.
    fn line(&self) -> usize {
        self.width * self.samples.iter().sum::<usize>()
    }

    /// For each channel, the first of its numbers in a line.
    fn starts(&self) -> impl Iterator<Item = (usize, usize)> {
        self.samples.iter().scan(0, |before, sample| {
            let start = *before * self.width;
            *before += sample;
            Some((start, sample * self.width))
        })
    }

    /// Changes the values of each channel.
    fn each_plane(&self, values: &mut [u16], change: impl Fn(&mut Plane<'_>)) {
        let (width, height) = (self.width, self.height);
        let mut rest = values;
        for &step in self.samples {
            let (channel, others) = rest.split_at_mut(step * width * height);
            for half in 0..step {
                change(&mut Plane { values: &mut channel[half..], width, height, step });
            }
            rest = others;
        }
    }
}

impl Piz {
    pub(super) fn new() -> Self {
        Self { huffman: Huffman::new(), values: Vec::new(), table: vec![0; NUMBERS] }
    }

    /// Unpacks a block.
    pub(super) fn unpack(&mut self, packed: &[u8], shape: &Shape<'_>, plain: &mut [u8]) -> Result<(), String> {
        let (head, packed) = packed.split_first_chunk::<4>().ok_or("a block without a bitmap")?;
        let [first, last] =
            [[head[0], head[1]], [head[2], head[3]]].map(|bytes| usize::from(u16::from_le_bytes(bytes)));
        let (bitmap, packed) = match (first <= last, last < NUMBERS / 8) {
            (_, false) => return Err(format!("a bitmap of the bytes {first} to {last}")),
            (true, true) => packed.split_at_checked(last + 1 - first).ok_or("the bitmap has no end")?,
            (false, true) => (&[][..], packed),
        };
        let largest = self.numbers(bitmap, first);
        let (length, packed) = packed.split_first_chunk().ok_or("there are no codes")?;
        let packed = packed.get(..u32::from_le_bytes(*length) as usize).ok_or("the codes have no end")?;
        let values = room(&mut self.values, plain.len() / 2);
        self.huffman.unpack(packed, values)?;
        shape.each_plane(values, |plane| wavelet::decode(plane, largest));
        let table: &[u16; NUMBERS] = self.table.as_slice().try_into().expect("it is made so long");
        let mut values = &*values;
        for (start, length) in shape.starts() {
            for line in plain.chunks_exact_mut(2 * shape.line()) {
                let (here, after) = values.split_at(length);
                let bytes = line[2 * start..][..2 * length].as_chunks_mut::<2>().0;
                bytes.iter_mut().zip(here).for_each(|(bytes, value)| *bytes = table[usize::from(*value)].to_le_bytes());
                values = after;
            }
        }
        Ok(())
    }

    /// Lists the numbers that occur; the place of the last one.
    fn numbers(&mut self, bitmap: &[u8], first: usize) -> u16 {
        self.table.fill(0);
        let mut place = 0;
        for (at, byte) in (first..).zip(bitmap) {
            let mut bits = if at == 0 { byte & !1 } else { *byte };
            while bits != 0 {
                place += 1;
                self.table[place] = (8 * at + bits.trailing_zeros() as usize) as u16;
                bits &= bits - 1;
            }
        }
        place as u16
    }

    /// Appends a block, packed.
    pub(super) fn pack(&mut self, plain: &[u8], shape: &Shape<'_>, packed: &mut Vec<u8>) {
        let values = room(&mut self.values, plain.len() / 2);
        let mut rest = &mut *values;
        for (start, length) in shape.starts() {
            for line in plain.chunks_exact(2 * shape.line()) {
                let (here, after) = rest.split_at_mut(length);
                let bytes = line[2 * start..][..2 * length].as_chunks::<2>().0;
                here.iter_mut().zip(bytes).for_each(|(value, bytes)| *value = u16::from_le_bytes(*bytes));
                rest = after;
            }
        }
        let table: &mut [u16; NUMBERS] = self.table.as_mut_slice().try_into().expect("it is made so long");
        table.fill(0);
        values.iter().for_each(|value| table[usize::from(*value)] = 1);
        table[0] = 0;
        let bitmap: Vec<u8> = table
            .as_chunks::<8>()
            .0
            .iter()
            .map(|eight| (0..8).fold(0, |byte, bit| byte | (eight[bit] << bit) as u8))
            .collect();
        let mut largest = 0;
        for place in table.iter_mut().filter(|place| **place > 0) {
            largest += 1;
            *place = largest;
        }
        values.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
        shape.each_plane(values, |plane| wavelet::encode(plane, largest));
        let first = bitmap.iter().position(|byte| *byte != 0);
        let last = bitmap.iter().rposition(|byte| *byte != 0);
        // A bitmap of nothing is told by a first byte behind the last.
        let (first, last) = first.zip(last).unwrap_or((NUMBERS / 8 - 1, 0));
        packed.extend([first as u16, last as u16].iter().flat_map(|at| at.to_le_bytes()));
        packed.extend(bitmap.get(first..=last).unwrap_or_default());
        let length_at = packed.len();
        packed.extend([0; 4]);
        self.huffman.pack(values, packed);
        let length = (packed.len() - length_at - 4) as u32;
        packed[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

/// The first values of a buffer that grows when it must.
fn room(buffer: &mut Vec<u16>, length: usize) -> &mut [u16] {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    &mut buffer[..length]
}
