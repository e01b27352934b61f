//! The order of bytes that deflates well: first the low bytes of all samples, or of all pairs of bytes, then the high
//! ones, each as its difference from the byte before, plus 128.

/// In each 16 bits, the low byte.
const LOW: u64 = 0x00ff_00ff_00ff_00ff;
/// Times this, 16 bits become the sum of themselves and all below.
const SUMS: u64 = 0x0001_0001_0001_0001;

/// Bytes in the order that deflates well, as differences. Both are as long.
pub(super) fn arrange(bytes: &[u8], arranged: &mut [u8]) {
    let (low, high) = arranged.split_at_mut(bytes.len().div_ceil(2));
    let (pairs, rest) = bytes.as_chunks::<2>();
    for ((pair, low), high) in pairs.iter().zip(low.iter_mut()).zip(high) {
        [*low, *high] = *pair;
    }
    if let ([last], Some(low)) = (rest, low.last_mut()) {
        *low = *last;
    }
}

/// Each byte as its difference from the one before, plus 128; the first stays. Both are as long.
pub(super) fn differences(bytes: &[u8], differences: &mut [u8]) {
    if let (Some(first), Some(difference)) = (bytes.first(), differences.first_mut()) {
        *difference = *first;
    }
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    for ((before, byte), difference) in pairs.zip(differences.iter_mut().skip(1)) {
        *difference = byte.wrapping_sub(*before) ^ 0x80;
    }
}

/// Undoes [`differences`], eight bytes at a time: the even and the odd bytes are summed up in places of 16 bits, by one
/// product each.
pub(super) fn sums(bytes: &mut [u8]) {
    // The first byte is no difference: with this before it, it is one.
    let mut last = 0x80;
    let (eights, rest) = bytes.as_chunks_mut::<8>();
    for eight in eights {
        let differences = u64::from_le_bytes(*eight) ^ 0x8080_8080_8080_8080;
        let even = (differences & LOW).wrapping_mul(SUMS);
        let odd = (differences >> 8 & LOW).wrapping_mul(SUMS);
        let before = last * SUMS;
        let (at_even, at_odd) = (even + (odd << 16) + before, even + odd + before);
        *eight = (at_even & LOW | (at_odd & LOW) << 8).to_le_bytes();
        last = (last + ((even + odd) >> 48)) & 0xff;
    }
    let mut last = last as u8;
    for byte in rest {
        last = last.wrapping_add(*byte ^ 0x80);
        *byte = last;
    }
}

/// Undoes [`arrange`].
pub(super) fn rearrange(arranged: &[u8], bytes: &mut [u8]) {
    let (low, high) = arranged.split_at(bytes.len().div_ceil(2));
    let (pairs, rest) = bytes.as_chunks_mut::<2>();
    for ((pair, low), high) in pairs.iter_mut().zip(low).zip(high) {
        *pair = [*low, *high];
    }
    if let ([last], Some(low)) = (rest, low.last()) {
        *last = *low;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back_and_is_what_openexr_defines() {
        for length in (0..70).chain([4093, 4096]) {
            let bytes: Vec<u8> = (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
            let (mut arranged, mut packed) = (vec![0; length], vec![0; length]);
            arrange(&bytes, &mut arranged);
            let expected: Vec<u8> = bytes.iter().step_by(2).chain(bytes.iter().skip(1).step_by(2)).copied().collect();
            assert_eq!(arranged, expected);
            differences(&arranged, &mut packed);
            for at in 1..length {
                let difference = i32::from(arranged[at]) - i32::from(arranged[at - 1]) + 128 + 256;
                assert_eq!(i32::from(packed[at]), difference & 0xff);
            }
            sums(&mut packed);
            assert_eq!(packed, arranged);
            let mut back = vec![0; length];
            rearrange(&packed, &mut back);
            assert_eq!(back, bytes);
        }
    }
}
