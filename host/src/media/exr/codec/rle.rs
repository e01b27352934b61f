//! Runs of equal bytes: a count from 0 to 127 and a byte that comes once more than that, or a count below 0 and as many
//! bytes as they are.

/// The shortest run that is written as one.
const SHORTEST: usize = 3;
/// The longest run, and the most bytes that are written as they are.
const LONGEST: usize = 127;

/// Unpacks as many bytes as there is room for, and no more.
pub(super) fn unpack(packed: &[u8], bytes: &mut [u8]) -> Result<(), String> {
    let (mut packed, mut rest) = (packed, bytes);
    while !rest.is_empty() {
        let (&count, after) = packed.split_first().ok_or("run lengths end early")?;
        let count = count as i8;
        let here = if count < 0 { usize::from(count.unsigned_abs()) } else { count as usize + 1 };
        let (room, others) = rest.split_at_mut_checked(here).ok_or("runs are too long")?;
        if count < 0 {
            let (literal, after) = after.split_at_checked(here).ok_or("run lengths end early")?;
            room.copy_from_slice(literal);
            packed = after;
        } else {
            let (&value, after) = after.split_first().ok_or("run lengths end early")?;
            room.fill(value);
            packed = after;
        }
        rest = others;
    }
    match packed {
        [] => Ok(()),
        _ => Err(format!("{} bytes of run lengths are left over", packed.len())),
    }
}

/// Appends bytes, packed.
pub(super) fn pack(bytes: &[u8], packed: &mut Vec<u8>) {
    let mut rest = bytes;
    while let [value, ..] = rest {
        let run = rest.iter().take(LONGEST).take_while(|other| *other == value).count();
        if run >= SHORTEST {
            packed.extend([run as u8 - 1, *value]);
            rest = &rest[run..];
            continue;
        }
        let triples = rest.windows(SHORTEST).take(LONGEST);
        let literal = triples.take_while(|triple| triple[0] != triple[1] || triple[1] != triple[2]).count();
        // Behind the last three bytes no run begins.
        let literal = if literal + SHORTEST > rest.len() { rest.len().min(LONGEST) } else { literal };
        packed.push((literal as u8).wrapping_neg());
        packed.extend(&rest[..literal]);
        rest = &rest[literal..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_others_come_back() {
        for seed in 0..200u32 {
            let length = seed as usize * 7 % 500;
            let value = |at: u32| ((at / (1 + seed % 9)).wrapping_mul(2_654_435_761) >> (20 + seed % 8)) as u8;
            let bytes: Vec<u8> = (0..length as u32).map(value).collect();
            let mut packed = Vec::new();
            pack(&bytes, &mut packed);
            assert!(packed.len() <= length + length.div_ceil(LONGEST), "{} for {length}", packed.len());
            let mut back = vec![0; length];
            unpack(&packed, &mut back).expect("it was packed");
            assert_eq!(back, bytes);
            if length > 0 {
                assert!(unpack(&packed[..packed.len() - 1], &mut back).is_err());
                assert!(unpack(&packed, &mut vec![0; length - 1]).is_err());
                assert!(unpack(&packed, &mut vec![0; length + 1]).is_err());
            }
        }
    }
}
