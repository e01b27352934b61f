//! Which frame is due at which time.

use std::time::Duration;

use crate::project::time::Rate;

const NANOS: i128 = 1_000_000_000;

/// Counts frames of a rate from a moment on. Times are whole nanoseconds and the counting is exact, so that nothing adds
/// up, however long it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When it began, at frame 0.
    pub origin: Duration,
    /// How fast frames follow each other.
    pub rate: Rate,
}

impl Clock {
    /// How many frames were passed at a time: 0 while the first one lasts, and before.
    pub fn frames(self, now: Duration) -> i64 {
        let nanos = now.saturating_sub(self.origin).as_nanos() as i128;
        // Below 2^80 for any run shorter than a thousand years.
        (nanos * i128::from(self.rate.num()) / (NANOS * i128::from(self.rate.den()))) as i64
    }

    /// When a frame begins, counted from 0: the first nanosecond at which [`Clock::frames`] gives it.
    pub fn due(self, frame: i64) -> Duration {
        let (num, den) = (i128::from(self.rate.num()), i128::from(self.rate.den()));
        let nanos = (i128::from(frame.max(0)) * den * NANOS + num - 1) / num;
        self.origin + Duration::new((nanos / NANOS) as u64, (nanos % NANOS) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_begins_when_it_is_due_and_not_a_nanosecond_before() {
        for rate in ["24", "24000/1001", "30000/1001", "60000/1001", "25/2", "100000", "1/7", "0.001"] {
            let origin = Duration::from_nanos(123_456_789);
            let clock = Clock { origin, rate: rate.parse().expect("a rate") };
            for frame in (0..5000).chain([86_400 * 24, 1_000_000_000]) {
                let due = clock.due(frame);
                assert_eq!(clock.frames(due), frame, "{rate}");
                if frame > 0 {
                    assert_eq!(clock.frames(due - Duration::from_nanos(1)), frame - 1, "{rate}");
                }
            }
            assert_eq!((clock.frames(Duration::ZERO), clock.due(-1)), (0, origin));
        }
    }

    #[test]
    fn ten_minutes_of_broadcast_frames_do_not_drift() {
        let clock = Clock { origin: Duration::ZERO, rate: "24000/1001".parse().expect("a rate") };
        // 600 s * 24000 / 1001 = 14385.61...
        assert_eq!(clock.frames(Duration::from_secs(600)), 14_385);
        // Exactly 1001 s after 24000 frames, and after each 24 of them 1.001 s.
        assert_eq!(clock.due(24_000), Duration::from_secs(1001));
        assert_eq!(clock.due(24 * 599), Duration::from_millis(1001 * 599));
    }
}
