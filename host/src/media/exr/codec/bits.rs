//! Streams of bits, the first one in the highest bit of the first byte.

/// Bits of a slice. Beyond its end there are zeros.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    /// How many bits [`ahead`](Self::ahead) shows at least.
    pub(super) const AHEAD: usize = 57;

    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bits were read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The first byte of which nothing was read.
    pub(super) fn byte(&self) -> usize {
        self.position.div_ceil(8)
    }

    /// Whether more was read than is there.
    pub(super) fn is_beyond(&self) -> bool {
        self.byte() > self.bytes.len()
    }

    /// The next bits, from the highest one on.
    #[inline(always)]
    pub(super) fn ahead(&self) -> u64 {
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        let bytes = match rest.first_chunk() {
            Some(bytes) => *bytes,
            None => std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0)),
        };
        u64::from_be_bytes(bytes) << (self.position % 8)
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, bits: usize) {
        self.position += bits;
    }

    /// Reads 1 to 57 bits.
    pub(super) fn take(&mut self, bits: usize) -> u64 {
        let value = self.ahead() >> (64 - bits);
        self.skip(bits);
        value
    }
}

/// Bits that are appended to bytes.
pub(super) struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
    /// The last bits, in the lowest places.
    waiting: u64,
    count: u64,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { start: bytes.len(), bytes, waiting: 0, count: 0 }
    }

    /// Appends the lowest bits of a number, up to 63 of them, above which it has none.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, bits: u64) {
        if bits > 32 {
            self.put_short(value >> 32, bits - 32);
            return self.put_short(value & 0xffff_ffff, 32);
        }
        self.put_short(value, bits);
    }

    #[inline(always)]
    fn put_short(&mut self, value: u64, bits: u64) {
        self.waiting = self.waiting << bits | value;
        self.count += bits;
        if self.count >= 32 {
            self.count -= 32;
            self.bytes.extend(((self.waiting >> self.count) as u32).to_be_bytes());
        }
    }

    /// Fills the last byte with zeros; how many bits there are without these.
    pub(super) fn flush(self) -> usize {
        let bits = (self.bytes.len() - self.start) * 8 + self.count as usize;
        let rest = (self.waiting << (64 - self.count).min(63)).to_be_bytes();
        let rest = if self.count == 0 { [0; 8] } else { rest };
        self.bytes.extend(&rest[..self.count.div_ceil(8) as usize]);
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back_in_their_order() {
        let numbers: Vec<(u64, u64)> =
            (1..=57).chain((1..=57).rev()).map(|bits| (0x9e37_79b9_7f4a_7c15 >> (64 - bits), bits)).collect();
        let mut bytes = vec![0xff];
        let mut writer = BitWriter::new(&mut bytes);
        numbers.iter().for_each(|(value, bits)| writer.put(*value, *bits));
        let total: u64 = numbers.iter().map(|(_, bits)| bits).sum();
        assert_eq!(writer.flush(), total as usize);
        assert_eq!(bytes.len(), 1 + total.div_ceil(8) as usize);
        let mut reader = BitReader::new(&bytes[1..]);
        for (value, bits) in numbers {
            assert_eq!(reader.take(bits as usize), value);
        }
        assert!(reader.position() == total as usize && !reader.is_beyond());
        reader.skip(16);
        assert!(reader.is_beyond() && reader.take(8) == 0);
    }
}
