//! Frame sets as people write them: `1-100`, `1-100x2`, `1-10,20,30-40`.

use std::fmt;
use std::str::FromStr;

/// A set of frames in the order and notation in which it was written.
///
/// Parts are separated by commas. `5` is one frame; `1-10` a range, both ends included, downwards where the second is
/// smaller; `1-10x3` every third of it (1, 4, 7, 10); `10-1x-1` says the direction too; `1-10y3` all that `x3` leaves
/// out. Frames may be negative: `-5--1`. A frame named twice counts once, at its first place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSet {
    text: String,
    frames: Vec<i64>,
}

/// Why a text is no frame set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("frames {text:?}: {reason}")]
pub struct FrameSetError {
    /// The whole text.
    pub text: String,
    /// What is wrong with which part, and what to write instead.
    pub reason: String,
}

/// The ranges of a set are at most this long together, in frames: eleven hours at 25 per second.
pub const MAX_FRAMES: usize = 1_000_000;

impl FrameSet {
    /// The range `first-last`, both included.
    pub fn range(first: i64, last: i64) -> Result<Self, FrameSetError> {
        format!("{first}-{last}").parse()
    }

    /// The frames in order, each once.
    pub fn frames(&self) -> &[i64] {
        &self.frames
    }
}

/// As it was written.
impl fmt::Display for FrameSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for FrameSet {
    type Err = FrameSetError;

    fn from_str(text: &str) -> Result<Self, FrameSetError> {
        let error = |reason| FrameSetError { text: text.chars().take(200).collect(), reason };
        let mut frames = indexmap::IndexSet::new();
        let mut left = MAX_FRAMES as u64;
        for part in text.split(',') {
            frames.extend(expand(part.trim(), &mut left).map_err(error)?);
        }
        if frames.is_empty() {
            return Err(error("no frame is left".to_string()));
        }
        Ok(Self { text: text.to_string(), frames: frames.into_iter().collect() })
    }
}

/// The frames of one part. The length of its range, stepped over or not, is taken from `left`.
fn expand(part: &str, left: &mut u64) -> Result<impl Iterator<Item = i64> + use<>, String> {
    if part.contains(':') {
        return Err(format!("{part:?}: `:` means different things in different programs, write 1-10x2 for a step"));
    }
    let (first, rest) = number(part)?;
    let (last, rest) = match rest.strip_prefix('-') {
        Some(rest) => number(rest)?,
        None if rest.is_empty() => (first, rest),
        None => return Err(format!("{part:?}: expected `-` after {first}, found {rest:?}")),
    };
    let count = first.abs_diff(last);
    *left = left.checked_sub(count + 1).ok_or_else(|| format!("{part:?}: more than {MAX_FRAMES} frames"))?;
    let direction = if last < first { -1 } else { 1 };
    let (fill, step) = match (rest.strip_prefix('x'), rest.strip_prefix('y')) {
        _ if rest.is_empty() => (false, 1),
        (None, None) => {
            return Err(format!("{part:?}: expected a step such as x2 or y2 after the range, found {rest:?}"));
        }
        (every, fill) => match number(every.or(fill).unwrap_or_default())? {
            (step, "") => (fill.is_some(), step),
            (_, rest) => return Err(format!("{part:?}: found {rest:?} after the step")),
        },
    };
    if step == 0 {
        return Err(format!("{part:?}: a step of 0 goes nowhere"));
    }
    if step < 0 && direction > 0 {
        return Err(format!("{part:?}: a negative step needs a range that goes down, such as {last}-{first}x{step}"));
    }
    let on_step = move |n: &u64| n.is_multiple_of(step.unsigned_abs()) != fill;
    Ok((0..=count).filter(on_step).map(move |n| first + n as i64 * direction))
}

/// The whole number at the start, and the rest.
fn number(text: &str) -> Result<(i64, &str), String> {
    let sign = usize::from(text.starts_with('-'));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(sign + digits);
    let in_range = |n: &i64| n.abs() <= super::time::FRAME_LIMIT;
    match number.parse().ok().filter(in_range) {
        Some(number) => Ok((number, rest)),
        None => Err(format!("expected a frame number, found {text:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected frames are those that fileseq 3.4 gives.
    #[test]
    fn notations_give_their_frames_and_are_written_back() {
        for (text, expected) in [
            ("7", vec![7]),
            ("1-5", vec![1, 2, 3, 4, 5]),
            ("1-10x3", vec![1, 4, 7, 10]),
            ("1-10y3", vec![2, 3, 5, 6, 8, 9]),
            ("1-3,20,30-32", vec![1, 2, 3, 20, 30, 31, 32]),
            ("-5--1", vec![-5, -4, -3, -2, -1]),
            ("-2-1", vec![-2, -1, 0, 1]),
            ("4-1x-1", vec![4, 3, 2, 1]),
            ("10-1x-4", vec![10, 6, 2]),
            ("3-1", vec![3, 2, 1]),
            ("10-1x4", vec![10, 6, 2]),
            ("10-1y3", vec![9, 8, 6, 5, 3, 2]),
            ("-10-10x5", vec![-10, -5, 0, 5, 10]),
            ("-1--10x-3", vec![-1, -4, -7, -10]),
            ("5-5", vec![5]),
            ("1-4, 2-6", vec![1, 2, 3, 4, 5, 6]),
            ("0001-0003", vec![1, 2, 3]),
        ] {
            let set: FrameSet = text.parse().expect(text);
            assert_eq!(set.frames(), expected, "{text}");
            assert_eq!(set.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_frame_set_is_refused_with_a_reason() {
        for (text, reason) in [
            ("1-10:2", "`:` means different things"),
            ("", "expected a frame number"),
            ("1-", "expected a frame number"),
            ("1,,2", "expected a frame number"),
            ("1-10x0", "goes nowhere"),
            ("1-10x-1", "10-1x-1"),
            ("1-10z2", "expected a step"),
            ("1-10x2x", "after the step"),
            ("1 5", "expected `-`"),
            ("1-9999999999999", "expected a frame number"),
            ("0-999999999", "more than 1000000 frames"),
            ("1-1000000,2000000-2000001", "more than 1000000 frames"),
            ("1-10y1", "no frame is left"),
            ("1-5é", "expected a step"),
        ] {
            let error = text.parse::<FrameSet>().expect_err(text).to_string();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
    }
}
