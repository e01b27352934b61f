//! Time codes: frames counted in hours, minutes, seconds and frames of a day, by SMPTE ST 12-1.
//!
//! They are packed as OpenEXR has them (`ImfTimeCode.h`, the packing for 60 fields), in decimal digits of four bits: frames
//! in bits 0 to 5, seconds in 8 to 14, minutes in 16 to 22, hours in 24 to 29. Bit 6 says that numbers are dropped, bit 15
//! which of two frames it is where the rate is above 30, and those left are flags that stay as they are.

/// The bits of all digits.
const DIGITS: u32 = 0x3f7f_7f3f;
const DROP: u32 = 1 << 6;
const SECOND_OF_PAIR: u32 = 1 << 15;

const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// How frames of a rate are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    /// Numbers of a second.
    per_second: i64,
    /// Frames of a number: 2 above 30 frames per second.
    frames: i64,
    /// Whether the first two numbers of each minute are left out but for each tenth minute, so that 30 numbers of a second
    /// keep up with 29.97 frames.
    drop: bool,
}

impl Count {
    /// How a rate is counted, which is rounded to whole frames per second. `None` above 60, for odd rates above 30, and where
    /// numbers are to be dropped of others than 30.
    fn of((above, below): (u32, u32), drop: bool) -> Option<Self> {
        let nominal = (f64::from(above) / f64::from(below)).round() as i64;
        let (per_second, frames) = match nominal {
            1..=30 => (nominal, 1),
            31..=60 if nominal % 2 == 0 => (nominal / 2, 2),
            _ => return None,
        };
        (!drop || per_second == 30).then_some(Self { per_second, frames, drop })
    }

    /// How many numbers are left out in so many minutes.
    fn dropped(self, minutes: i64) -> i64 {
        if self.drop { 2 * (minutes - minutes / 10) } else { 0 }
    }

    /// How many numbers a day has.
    fn of_day(self) -> i64 {
        MINUTES_OF_A_DAY * 60 * self.per_second - self.dropped(MINUTES_OF_A_DAY)
    }

    /// How many numbers come before this one in a day. `None` if there is no such number.
    fn index(self, [hours, minutes, seconds, number]: [i64; 4]) -> Option<i64> {
        let left_out = self.drop && seconds == 0 && number < 2 && minutes % 10 != 0;
        if hours > 23 || minutes > 59 || seconds > 59 || number >= self.per_second || left_out {
            return None;
        }
        let all_minutes = hours * 60 + minutes;
        Some((all_minutes * 60 + seconds) * self.per_second + number - self.dropped(all_minutes))
    }

    /// The number before which so many come in a day.
    fn at(self, index: i64) -> [i64; 4] {
        let mut index = index;
        if self.drop {
            // Ten minutes, of which the first is whole.
            let (ten, minute) = (600 * self.per_second - 18, 60 * self.per_second - 2);
            let within = index % ten;
            index += 18 * (index / ten) + if within >= 2 { 2 * ((within - 2) / minute) } else { 0 };
        }
        let (seconds, number) = (index / self.per_second, index % self.per_second);
        [seconds / 3600, seconds / 60 % 60, seconds % 60, number]
    }
}

/// The time code that comes so many frames after a packed one, or before it where that is negative, at a rate: frames per
/// second as a fraction. After the last one of a day comes the first. `None` where the packed one is none of that rate.
pub fn advanced(packed: u32, by: i64, rate: (u32, u32)) -> Option<u32> {
    let count = Count::of(rate, packed & DROP != 0)?;
    let digits = |at: u32, tens: u32| {
        let (units, tens) = ((packed >> at) & 0xf, (packed >> (at + 4)) & tens);
        (units <= 9).then_some(i64::from(tens * 10 + units))
    };
    let index = count.index([digits(24, 3)?, digits(16, 7)?, digits(8, 7)?, digits(0, 3)?])?;
    let second = count.frames == 2 && packed & SECOND_OF_PAIR != 0;
    let of_day = count.of_day() * count.frames;
    let frame = (index * count.frames + i64::from(second) + by.rem_euclid(of_day)) % of_day;
    let [hours, minutes, seconds, number] = count.at(frame / count.frames);
    let pack = |value: i64, at: u32| ((((value / 10) << 4) | (value % 10)) as u32) << at;
    let mut flags = packed & !DIGITS;
    if count.frames == 2 {
        flags = (flags & !SECOND_OF_PAIR) | if frame % 2 == 1 { SECOND_OF_PAIR } else { 0 };
    }
    Some(flags | pack(hours, 24) | pack(minutes, 16) | pack(seconds, 8) | pack(number, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(hours: u32, minutes: u32, seconds: u32, number: u32, flags: u32) -> u32 {
        let bcd = |value: u32| ((value / 10) << 4) | (value % 10);
        (bcd(hours) << 24) | (bcd(minutes) << 16) | (bcd(seconds) << 8) | bcd(number) | flags
    }

    /// A counter with wheels: the definition of the numbers, without any arithmetic on how many there are.
    fn all_of_a_day(per_second: u32, frames: u32, drop: bool) -> impl Iterator<Item = u32> {
        let numbers = (0..24).flat_map(move |hours| {
            (0..60).flat_map(move |minutes| {
                (0..60).flat_map(move |seconds| {
                    let first = if drop && seconds == 0 && minutes % 10 != 0 { 2 } else { 0 };
                    (first..per_second).map(move |number| (hours, minutes, seconds, number))
                })
            })
        });
        numbers.flat_map(move |(hours, minutes, seconds, number)| {
            (0..frames).map(move |of_pair| {
                let flags = if drop { DROP } else { 0 } | (of_pair * SECOND_OF_PAIR);
                packed(hours, minutes, seconds, number, flags)
            })
        })
    }

    #[test]
    fn every_frame_of_a_day_has_the_number_that_a_counter_shows() {
        for (rate, (per_second, frames, drop), of_day) in [
            ((30000, 1001), (30, 1, true), 2_589_408),
            ((30000, 1001), (30, 1, false), 2_592_000),
            ((24000, 1001), (24, 1, false), 2_073_600),
            ((25, 1), (25, 1, false), 2_160_000),
            ((60000, 1001), (30, 2, true), 5_178_816),
            ((50, 1), (25, 2, false), 4_320_000),
        ] {
            let first = packed(0, 0, 0, 0, if drop { DROP } else { 0 });
            let mut count = 0;
            for (frame, number) in (0..).zip(all_of_a_day(per_second, frames, drop)) {
                count += 1;
                // From the first one, and one after the other.
                assert_eq!(advanced(first, frame, rate), Some(number), "frame {frame} at {rate:?}");
                assert_eq!(advanced(number, -frame, rate), Some(first), "frame {frame} at {rate:?}, back");
            }
            assert_eq!(count, of_day, "{rate:?}");
            for by in [of_day, -of_day, 7 * of_day] {
                assert_eq!(advanced(first, by, rate), Some(first), "a day later it is the same time");
            }
        }
    }

    /// Dropping numbers is for this: an hour of 29.97 frames per second is an hour but for 3.6 ms.
    #[test]
    fn numbers_that_are_dropped_keep_up_with_the_clock() {
        let (start, rate) = (packed(1, 0, 0, 0, DROP), (30000, 1001));
        for (frames, expected) in [
            (1799, packed(1, 0, 59, 29, DROP)),
            (1800, packed(1, 1, 0, 2, DROP)),
            (17_981, packed(1, 9, 59, 29, DROP)),
            (17_982, packed(1, 10, 0, 0, DROP)),
            (107_892, packed(2, 0, 0, 0, DROP)),
            (-1, packed(0, 59, 59, 29, DROP)),
        ] {
            assert_eq!(advanced(start, frames, rate), Some(expected), "{frames}");
        }
        let seconds = 107_892.0 * 1001.0 / 30000.0;
        assert!((seconds - 3600.0_f64).abs() < 0.004, "{seconds}");
    }

    #[test]
    fn flags_stay_and_what_is_no_time_code_of_the_rate_is_not_counted_on() {
        let flags = (1 << 7) | (1 << 15) | (1 << 23) | (1 << 30) | (1 << 31);
        assert_eq!(advanced(packed(9, 59, 59, 23, flags), 1, (24, 1)), Some(packed(10, 0, 0, 0, flags)));
        for (packed, rate) in [
            (packed(1, 0, 0, 24, 0), (24, 1)),
            (packed(24, 0, 0, 0, 0), (24, 1)),
            (packed(0, 60, 0, 0, 0), (24, 1)),
            (packed(0, 0, 61, 0, 0), (24, 1)),
            (0x0000_000a, (24, 1)),
            (packed(0, 1, 0, 1, DROP), (30000, 1001)),
            (packed(0, 1, 0, 5, DROP), (24, 1)),
            (packed(0, 1, 0, 5, 0), (120, 1)),
            (packed(0, 1, 0, 5, 0), (1, 4)),
            (packed(0, 1, 0, 5, 0), (45, 1)),
        ] {
            assert_eq!(advanced(packed, 1, rate), None, "{packed:#010x} at {rate:?}");
        }
    }
}
