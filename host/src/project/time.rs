//! When: frame rates, and which source frame a layer shows at which comp frame.

use std::fmt;
use std::str::FromStr;

/// Frame numbers and lengths stay within plus and minus this, so that sums of a few never overflow.
pub const FRAME_LIMIT: i64 = 1_000_000_000;

/// The slowest speed a layer may have, in source frames per comp frame; the sign is its direction.
pub const MIN_SPEED: f64 = 0.001;

/// Frames per second as a reduced fraction, such as 24/1 or 24000/1001. Positive, at most 100 000 per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    num: u32,
    den: u32,
}

/// The text is no frame rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} is no frame rate, expected a positive number up to 100000 such as 24, 23.976 or \"24000/1001\"")]
pub struct RateError {
    /// What was found.
    pub found: String,
}

impl Rate {
    /// A rate of `num / den` frames per second, reduced.
    pub fn new(num: i64, den: i64) -> Result<Self, RateError> {
        let error = || RateError { found: format!("{num}/{den}") };
        let (n, d) = (u32::try_from(num).map_err(|_| error())?, u32::try_from(den).map_err(|_| error())?);
        if n == 0 || d == 0 || n as f64 / d as f64 > 100_000.0 {
            return Err(error());
        }
        let divisor = gcd(n, d);
        Ok(Self { num: n / divisor, den: d / divisor })
    }

    /// The rate that a decimal number means. 23.976, 29.97, 59.94 and the like snap to n/1001; others are taken to a
    /// thousandth of a frame.
    pub fn from_f64(fps: f64) -> Result<Self, RateError> {
        let error = || RateError { found: format!("{fps:?}") };
        if !fps.is_finite() || fps <= 0.0 {
            return Err(error());
        }
        let ntsc = (fps * 1.001).round();
        if fps.fract() != 0.0 && ntsc >= 1.0 && (fps - ntsc * 1000.0 / 1001.0).abs() < 0.005 {
            return Self::new(ntsc as i64 * 1000, 1001).map_err(|_| error());
        }
        Self::new((fps * 1000.0).round() as i64, 1000).map_err(|_| error())
    }

    /// Frames.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// In this many seconds.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// Frames per second as a number, for display and rounding only.
    pub fn as_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

/// `24` or `24000/1001`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

/// Reads `24`, `23.976` and `24000/1001`.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let error = || RateError { found: format!("{text:?}") };
        match text.split_once('/') {
            Some((num, den)) => {
                let parse = |part: &str| part.trim().parse().map_err(|_| error());
                Self::new(parse(num)?, parse(den)?).map_err(|_| error())
            }
            None => Self::from_f64(text.trim().parse().map_err(|_| error())?).map_err(|_| error()),
        }
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Where a layer lies in the time of its comp.
///
/// All rounding is half away from zero. Trims count source frames: a positive one hides the beginning or end, a
/// negative one holds the first or last frame for longer. They may have a fraction, without which a slow layer could
/// not end at any given comp frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerTime {
    /// The comp frame at which the source starts, before trimming.
    pub start: i64,
    /// Length of the source in source frames.
    pub src_len: i64,
    /// Source frames cut off at the start.
    pub trim_in: f64,
    /// Source frames cut off at the end.
    pub trim_out: f64,
    /// Source frames per comp frame; negative plays the source backwards. At least [`MIN_SPEED`] in magnitude.
    pub speed: f64,
}

impl LayerTime {
    /// The last comp frame of the untrimmed layer: `start + round(src_len / |speed|) - 1`.
    pub fn bar_end(&self) -> i64 {
        self.start + self.comp_frames(self.src_len as f64) - 1
    }

    /// First and last comp frame at which the layer shows, both inclusive. The first is behind the last where the
    /// trims leave nothing.
    pub fn visible(&self) -> (i64, i64) {
        (self.start + self.comp_frames(self.trim_in), self.bar_end() - self.comp_frames(self.trim_out))
    }

    /// Whether the layer shows at a comp frame.
    pub fn shows_at(&self, frame: i64) -> bool {
        let (first, last) = self.visible();
        (first..=last).contains(&frame)
    }

    /// The `trim_out` with which the last visible comp frame is `last`.
    pub fn trim_out_for(&self, last: i64) -> f64 {
        (self.bar_end() - last) as f64 * self.speed.abs()
    }

    /// The frame of the source, which has the frames `first..=last`, that shows at a comp frame:
    /// `clamp(first + round((frame - start) * |speed|), first, last)`, mirrored for a negative speed.
    pub fn source_frame(&self, frame: i64, (first, last): (i64, i64)) -> i64 {
        let last = last.max(first);
        self.source_time(frame, (first, last)).clamp(first, last)
    }

    /// The same without an end: the frame that would show if the source went on before its first and after its last one.
    pub fn source_time(&self, frame: i64, (first, last): (i64, i64)) -> i64 {
        let offset = (frame.saturating_sub(self.start) as f64 * self.speed.abs()).round() as i64;
        if self.speed < 0.0 { last.max(first).saturating_sub(offset) } else { first.saturating_add(offset) }
    }

    fn comp_frames(&self, source_frames: f64) -> i64 {
        (source_frames / self.speed.abs()).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(start: i64, src_len: i64, trims: (f64, f64), speed: f64) -> LayerTime {
        LayerTime { start, src_len, trim_in: trims.0, trim_out: trims.1, speed }
    }

    #[test]
    fn rates_are_reduced_fractions_and_broadcast_floats_snap() {
        for (text, expected) in [
            ("24", "24"),
            ("24.0", "24"),
            ("48/2", "24"),
            ("23.976", "24000/1001"),
            ("23.98", "24000/1001"),
            ("29.97", "30000/1001"),
            ("59.94", "60000/1001"),
            ("119.88", "120000/1001"),
            ("24000/1001", "24000/1001"),
            ("12.5", "25/2"),
            ("0.5", "1/2"),
        ] {
            assert_eq!(text.parse::<Rate>().map(|r| r.to_string()), Ok(expected.to_string()), "{text}");
        }
        for text in ["0", "-24", "nan", "inf", "24/0", "0/1", "", "fast", "1e9", "1/2/3", "99999999999/1"] {
            let error = text.parse::<Rate>().expect_err(text);
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn bars_and_visible_ranges() {
        // start, src_len, trims, speed -> bar end, visible range. By hand from the rules.
        for (time, bar_end, visible) in [
            (layer(1, 24, (0.0, 0.0), 1.0), 24, (1, 24)),
            (layer(0, 24, (4.0, 2.0), 1.0), 23, (4, 21)),
            (layer(0, 24, (-3.0, -5.0), 1.0), 23, (-3, 28)),
            (layer(10, 24, (0.0, 0.0), 2.0), 21, (10, 21)),
            (layer(10, 24, (4.0, 2.0), 2.0), 21, (12, 20)),
            (layer(0, 3, (0.0, 0.0), 2.0), 1, (0, 1)), // 1.5 rounds away from zero
            (layer(0, 5, (1.0, 1.0), 2.0), 2, (1, 1)), // 2.5 -> 3, 0.5 -> 1
            (layer(0, 5, (-1.0, -1.0), 2.0), 2, (-1, 3)), // -0.5 -> -1
            (layer(-20, 10, (0.0, 0.0), 0.5), -1, (-20, -1)),
            (layer(0, 24, (4.0, 2.0), -1.0), 23, (4, 21)), // the direction changes no length
            (layer(0, 4, (3.0, 3.0), 1.0), 3, (3, 0)),     // nothing left
        ] {
            assert_eq!((time.bar_end(), time.visible()), (bar_end, visible), "{time:?}");
        }
    }

    #[test]
    fn source_frames() {
        let plain = layer(1, 24, (0.0, 0.0), 1.0);
        let double = layer(10, 24, (0.0, 0.0), 2.0);
        let half = layer(0, 24, (0.0, 0.0), 0.5);
        let reverse = layer(1, 24, (0.0, 0.0), -1.0);
        let fast_reverse = layer(0, 24, (0.0, 0.0), -2.0);
        for (time, frame, source, expected) in [
            (plain, 12, (1, 24), 12),
            (plain, -5, (1, 24), 1), // held before the start
            (plain, 99, (1, 24), 24),
            (double, 10, (1001, 1024), 1001),
            (double, 13, (1001, 1024), 1007),
            (half, 0, (0, 23), 0),
            (half, 1, (0, 23), 1), // 0.5 rounds away from zero
            (half, 2, (0, 23), 1),
            (half, 3, (0, 23), 2),
            (reverse, 1, (1, 24), 24),
            (reverse, 2, (1, 24), 23),
            (reverse, 24, (1, 24), 1),
            (reverse, 25, (1, 24), 1),
            (reverse, 0, (1, 24), 24),
            (fast_reverse, 3, (0, 23), 17),
            (plain, 12, (-3, -3), -3),
            (plain, i64::MIN, (1, 24), 1), // whatever an effect asks for
            (plain, i64::MAX, (1, 24), 24),
            (reverse, i64::MAX, (1, 24), 1),
        ] {
            assert_eq!(time.source_frame(frame, source), expected, "{time:?} at {frame}");
        }
    }

    #[test]
    fn a_layer_of_any_speed_can_end_at_any_frame() {
        for speed in [1.0, 2.0, 3.7, 0.5, 0.1, 0.001, -0.3] {
            for last in [5, 6, 7, 100] {
                let mut time = layer(3, 40, (0.0, 0.0), speed);
                time.trim_out = time.trim_out_for(last);
                assert_eq!(time.visible().1, last, "speed {speed}");
            }
        }
    }
}
