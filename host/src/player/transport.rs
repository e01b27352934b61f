//! Play, pause, step, jog: which frame is current, as a function of commands and the time at which they come. Knows
//! neither threads nor the system's clock.

use std::time::Duration;

use super::clock::Clock;
use crate::project::time::Rate;

/// The rates that jogging climbs, in frames per second.
const JOG_RATES: [i64; 15] = [1, 2, 4, 8, 12, 24, 30, 60, 120, 240, 360, 480, 600, 720, 960];

/// Which way frames follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To higher frames.
    Forward,
    /// To lower frames.
    Backward,
}

impl Direction {
    /// 1 or -1.
    pub fn sign(self) -> i64 {
        match self {
            Direction::Forward => 1,
            Direction::Backward => -1,
        }
    }
}

/// The current frame, and how it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Transport {
    base: Rate,
    rate: Rate,
    range: (i64, i64),
    looping: bool,
    frame: i64,
    direction: Direction,
    run: Option<Run>,
}

/// Playback since its last change of speed, place or direction.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    clock: Clock,
    /// The frame at which the clock began.
    from: i64,
    /// Frames of the clock that were taken into account.
    passed: i64,
}

impl Transport {
    /// At the first frame of a range, paused, looping.
    pub fn new(range: (i64, i64), base: Rate) -> Self {
        let range = (range.0, range.1.max(range.0));
        Self { base, rate: base, range, looping: true, frame: range.0, direction: Direction::Forward, run: None }
    }

    /// The current frame.
    pub fn frame(&self) -> i64 {
        self.frame
    }

    /// First and last frame that are played, both included.
    pub fn range(&self) -> (i64, i64) {
        self.range
    }

    /// How fast it plays.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// The speed to which `stop` comes back.
    pub fn base(&self) -> Rate {
        self.base
    }

    /// Whether the range is played again and again.
    pub fn is_looping(&self) -> bool {
        self.looping
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.run.is_some()
    }

    /// Which way it plays, or played last.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Takes note of the time: the current frame is the one that is due now, those between were passed over. At the end
    /// of a range that does not loop it pauses. Tells how many frames became due since the last time.
    pub fn tick(&mut self, now: Duration) -> i64 {
        let Some(run) = &mut self.run else { return 0 };
        let before = run.passed;
        run.passed = run.clock.frames(now);
        let due = run.passed - before;
        let target = run.from.saturating_add(self.direction.sign().saturating_mul(run.passed));
        self.frame = self.place(target);
        if !self.looping && self.frame != target {
            self.run = None;
        }
        due
    }

    /// When the next frame is due, if it plays.
    pub fn next_due(&self) -> Option<Duration> {
        self.run.map(|run| run.clock.due(run.passed + 1))
    }

    /// The frame that comes `steps` frames after the current one if it goes on like this; at most the last one of a range
    /// that does not loop.
    pub fn ahead(&self, steps: i64) -> i64 {
        self.place(self.frame.saturating_add(self.direction.sign() * steps))
    }

    /// How many frames after the current one a frame comes, if it does.
    pub fn steps_to(&self, frame: i64) -> Option<i64> {
        let (first, last) = self.range;
        let steps = (frame - self.frame) * self.direction.sign();
        let steps = if self.looping { steps.rem_euclid(last - first + 1) } else { steps };
        ((first..=last).contains(&frame) && steps >= 0).then_some(steps)
    }

    /// Plays on from the current frame; from the other end of the range if it is at the last frame and does not loop.
    pub fn play(&mut self, now: Duration) {
        if self.is_playing() {
            return;
        }
        if !self.looping && self.ahead(1) == self.frame {
            self.frame = match self.direction {
                Direction::Forward => self.range.0,
                Direction::Backward => self.range.1,
            };
        }
        self.start(now);
    }

    /// Stays at the current frame.
    pub fn pause(&mut self, now: Duration) {
        self.tick(now);
        self.run = None;
    }

    /// Pauses, and takes back what jogging changed: speed and direction.
    pub fn stop(&mut self, now: Duration) {
        self.pause(now);
        (self.rate, self.direction) = (self.base, Direction::Forward);
    }

    /// Pauses, and goes so many frames on or back, around the range if it loops, else to its end at most.
    pub fn step(&mut self, frames: i64, now: Duration) {
        self.pause(now);
        self.frame = self.place(self.frame.saturating_add(frames));
    }

    /// Plays in a direction, at base speed; if it does so already, at the next higher speed of 1, 2, 4, 8, 12, 24, 30,
    /// 60, 120, 240, 360, 480, 600, 720 and 960 frames per second.
    pub fn jog(&mut self, direction: Direction, now: Duration) {
        self.tick(now);
        if self.is_playing() && self.direction == direction {
            let next = JOG_RATES.into_iter().find(|preset| *preset as f64 > self.rate.as_f64());
            if let Some(next) = next {
                self.rate = Rate::new(next, 1).expect("the presets are rates");
            }
        } else {
            self.rate = self.base;
        }
        self.direction = direction;
        self.start(now);
    }

    /// Goes to a frame, or the end of the range that is nearer to it, and plays on if it played.
    pub fn seek(&mut self, frame: i64, now: Duration) {
        self.frame = frame.clamp(self.range.0, self.range.1);
        if self.is_playing() {
            self.start(now);
        }
    }

    /// Plays another range. The current frame goes into it.
    pub fn set_range(&mut self, range: (i64, i64), now: Duration) {
        self.tick(now);
        self.range = (range.0, range.1.max(range.0));
        self.frame = self.frame.clamp(self.range.0, self.range.1);
        self.go_on();
    }

    /// Plays at another speed, to which `stop` comes back too.
    pub fn set_rate(&mut self, rate: Rate, now: Duration) {
        self.tick(now);
        (self.base, self.rate) = (rate, rate);
        self.go_on();
    }

    /// Whether to play the range again and again.
    pub fn set_looping(&mut self, looping: bool, now: Duration) {
        self.tick(now);
        self.looping = looping;
        self.go_on();
    }

    /// Where a frame is within the range: around it if it loops, else at its end.
    fn place(&self, frame: i64) -> i64 {
        let (first, last) = self.range;
        match self.looping {
            true => first + frame.saturating_sub(first).rem_euclid(last - first + 1),
            false => frame.clamp(first, last),
        }
    }

    fn start(&mut self, now: Duration) {
        let clock = Clock { origin: now, rate: self.rate };
        self.run = Some(Run { clock, from: self.frame, passed: 0 });
    }

    /// Counts on from the moment at which the current frame began.
    fn go_on(&mut self) {
        if let Some(run) = self.run {
            self.start(run.clock.due(run.passed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn player(first: i64, last: i64) -> Transport {
        Transport::new((first, last), Rate::new(24, 1).expect("a rate"))
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn plays_in_time_and_drops_what_is_late() {
        let mut player = player(1, 100);
        player.tick(SECOND);
        assert_eq!((player.frame(), player.next_due()), (1, None), "it is paused");
        player.play(SECOND);
        // 1 s / 24 is 41.6 ms.
        for (time, frame) in [(1000, 1), (1041, 1), (1042, 2), (1083, 2), (1084, 3), (1500, 13), (2000, 25)] {
            player.tick(ms(time));
            assert_eq!(player.frame(), frame, "at {time} ms");
        }
        assert_eq!(player.next_due(), Some(SECOND + Duration::from_nanos(1_041_666_667)));
        player.play(ms(2020));
        player.tick(ms(2042));
        assert_eq!(player.frame(), 26, "to play what plays changes nothing");
        player.pause(ms(2100));
        player.tick(ms(9000));
        assert_eq!(player.frame(), 27, "what passed until the pause counts");
    }

    #[test]
    fn a_range_loops_or_ends() {
        let mut player = player(-2, 2);
        player.play(Duration::ZERO);
        player.tick(SECOND);
        assert_eq!(player.frame(), -2 + 24 % 5);
        player.set_looping(false, SECOND);
        player.tick(SECOND + ms(42));
        assert_eq!((player.frame(), player.is_playing()), (2, false), "the last frame was due at that time");
        player.play(2 * SECOND);
        assert_eq!(player.frame(), -2, "again from the start");
        player.tick(4 * SECOND);
        assert_eq!((player.frame(), player.is_playing()), (2, false));
        let mut backward = self::player(-2, 2);
        backward.jog(Direction::Backward, Duration::ZERO);
        backward.tick(ms(42));
        assert_eq!(backward.frame(), 2, "around the start");
        backward.set_looping(false, ms(42));
        backward.tick(SECOND);
        assert_eq!((backward.frame(), backward.is_playing()), (-2, false));
    }

    #[test]
    fn steps_pause_and_seeks_do_not() {
        let mut player = player(10, 19);
        player.play(Duration::ZERO);
        player.step(1, ms(90));
        assert_eq!((player.frame(), player.is_playing()), (13, false));
        for (frames, frame) in [(-5, 18), (3, 11), (25, 16), (-100, 16)] {
            player.step(frames, SECOND);
            assert_eq!(player.frame(), frame);
        }
        player.set_looping(false, SECOND);
        for (frames, frame) in [(5, 19), (-100, 10), (2, 12)] {
            player.step(frames, SECOND);
            assert_eq!(player.frame(), frame);
        }
        player.play(SECOND);
        player.seek(15, SECOND + ms(20));
        player.tick(SECOND + ms(62));
        assert_eq!((player.frame(), player.is_playing()), (16, true), "a frame's time after the seek");
        for (to, frame) in [(-7, 10), (99, 19)] {
            player.seek(to, SECOND);
            assert_eq!(player.frame(), frame);
        }
    }

    #[test]
    fn jogging_climbs_and_stop_takes_it_back() {
        let mut player = player(0, 1000);
        let mut rates = Vec::new();
        for _ in 0..12 {
            player.jog(Direction::Forward, Duration::ZERO);
            rates.push(player.rate().num());
        }
        assert_eq!(rates, [24, 30, 60, 120, 240, 360, 480, 600, 720, 960, 960, 960]);
        player.tick(ms(500));
        assert_eq!(player.frame(), 480);
        player.jog(Direction::Backward, ms(500));
        assert_eq!((player.rate().num(), player.direction()), (24, Direction::Backward), "the other way at base speed");
        player.tick(SECOND);
        assert_eq!(player.frame(), 468);
        player.stop(SECOND);
        assert_eq!((player.frame(), player.direction(), player.is_playing()), (468, Direction::Forward, false));
    }

    #[test]
    fn changes_while_it_plays_keep_the_beat() {
        let mut player = player(0, 99);
        player.play(Duration::ZERO);
        player.tick(ms(60));
        // Frame 1 began at 41.7 ms, and lasts 100 ms of the new rate.
        player.set_rate(Rate::new(10, 1).expect("a rate"), ms(60));
        for (time, frame) in [(141, 1), (142, 2), (241, 2), (242, 3)] {
            player.tick(ms(time));
            assert_eq!(player.frame(), frame, "at {time} ms");
        }
        player.set_range((50, 60), ms(250));
        assert_eq!(player.frame(), 50);
        player.tick(ms(342));
        assert_eq!(player.frame(), 51);
        player.set_range((7, 3), ms(343));
        assert_eq!((player.range(), player.frame()), ((7, 7), 7), "a range has a frame at least");
        player.tick(SECOND);
        assert_eq!((player.frame(), player.is_playing()), (7, true));
    }

    #[test]
    fn what_comes_next_is_known_ahead() {
        let mut player = player(0, 3);
        player.seek(2, Duration::ZERO);
        assert_eq!([0, 1, 2, 3, 4, 6].map(|steps| player.ahead(steps)), [2, 3, 0, 1, 2, 0]);
        assert_eq!([0, 1, 2, 3, 4].map(|frame| player.steps_to(frame)), [Some(2), Some(3), Some(0), Some(1), None]);
        player.set_looping(false, Duration::ZERO);
        assert_eq!([0, 1, 2].map(|steps| player.ahead(steps)), [2, 3, 3]);
        assert_eq!([1, 2, 3].map(|frame| player.steps_to(frame)), [None, Some(0), Some(1)]);
    }
}
