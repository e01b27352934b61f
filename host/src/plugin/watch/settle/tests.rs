//! Writers as traces: what happens to a disk at which millisecond, and what comes of it. Nothing sleeps.

mod random;
#[cfg(unix)]
mod record;
mod recorded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Action, GRACE, HOLD, SETTLE, SLOWEST, STALL, Seen, Settle, Sign, TOGETHER};
use crate::plugin::stamp::Stamp;

/// A file of the disk that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    /// `None` as long as it is not whole.
    content: Option<u32>,
    size: u64,
    inode: u64,
    /// In microseconds.
    modified: u64,
}

impl Written {
    /// All ten tenths make it whole.
    fn new(content: u32, tenths: u64, inode: u64, modified: u64) -> Self {
        Self { content: (tenths == 10).then_some(content), size: tenths, inode, modified }
    }
}

/// What happens to the disk.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A file with so many tenths of a content under a new inode, of which only that is told.
    Put(&'static str, u32, u64),
    /// A whole file under a new inode that was written elsewhere, as a rename or a hard link leaves it.
    Move(&'static str, u32),
    /// The file that is there is written to.
    Write(&'static str, u32, u64),
    /// Who wrote to it closes it.
    Close(&'static str),
    /// Only its time changes.
    Stamp(&'static str),
    Delete(&'static str),
    /// An event although nothing is different.
    Event(&'static str),
}

use Step::{Close, Delete, Event, Move, Put, Stamp as Restamp, Write};

/// A played disk, a machine that watches it, and what was done with which content at which millisecond.
#[derive(Default)]
struct Stage {
    settle: Settle<u32>,
    disk: BTreeMap<PathBuf, Written>,
    inodes: u64,
    reads: usize,
    done: Vec<(u64, Done)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Load(Vec<(String, u32)>),
    Refuse(String),
    Remove(String),
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

impl Stage {
    /// With files that are in use already.
    fn with(files: &[(&'static str, u32)]) -> Self {
        let mut stage = Self::default();
        for &(path, content) in files {
            stage.apply(Put(path, content, 10), 0);
            stage.settle.know(Path::new(path), Some(content));
        }
        stage
    }

    /// Returns which path that is told of, and how.
    fn apply(&mut self, step: Step, now: u64) -> (&'static str, Sign) {
        self.inodes += 1;
        let (inode, modified) = (self.inodes, now * 1000);
        let mut put = |path: &str, content, tenths| {
            self.disk.insert(path.into(), Written::new(content, tenths, inode, modified));
        };
        match step {
            Put(path, content, tenths) => {
                put(path, content, tenths);
                (path, Sign::Changed)
            }
            Move(path, content) => {
                put(path, content, 10);
                (path, Sign::Finished)
            }
            Write(path, content, tenths) => {
                let file = self.disk.get_mut(Path::new(path)).expect("it is there");
                *file = Written::new(content, tenths, file.inode, modified);
                (path, Sign::Changed)
            }
            Close(path) => (path, Sign::Finished),
            Restamp(path) => {
                self.disk.get_mut(Path::new(path)).expect("it is there").modified = modified;
                (path, Sign::Beside)
            }
            Delete(path) => {
                self.disk.remove(Path::new(path));
                (path, Sign::Changed)
            }
            Event(path) => (path, Sign::Changed),
        }
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        let file = self.disk.get(path)?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_micros(file.modified);
        Some(Stamp { size: file.size, modified: Some(modified), inode: file.inode, manifest: None })
    }

    fn seen(&self, path: &Path) -> Seen<u32> {
        match (self.stamp(path), self.disk.get(path)) {
            (Some(stamp), Some(Written { content: Some(content), .. })) => Seen::Whole(stamp, *content),
            (Some(stamp), _) => Seen::Part(stamp),
            (None, _) => Seen::Absent,
        }
    }

    /// Does what the machine asks for at this millisecond, until it asks for nothing more.
    fn turn(&mut self, now: u64) {
        loop {
            let mut actions = self.settle.poll(ms(now));
            if actions.is_empty() {
                break;
            }
            while let Some(action) = actions.pop() {
                let done = match action {
                    Action::Look(path) => {
                        let stamp = self.stamp(&path);
                        actions.extend(self.settle.observe(&path, stamp, ms(now)));
                        continue;
                    }
                    Action::Read(path) => {
                        self.reads += 1;
                        let seen = self.seen(&path);
                        actions.extend(self.settle.read(&path, seen, ms(now)));
                        continue;
                    }
                    Action::Load(paths) => {
                        let loaded = paths.iter().map(|path| {
                            let file = self.disk.get(path).expect("what is to be loaded is there");
                            let content = file.content;
                            (name(path), content.unwrap_or_else(|| panic!("{path:?} is not whole at {now} ms")))
                        });
                        Done::Load(loaded.collect())
                    }
                    Action::Refuse(path) => Done::Refuse(name(&path)),
                    Action::Remove(path) => Done::Remove(name(&path)),
                };
                self.done.push((now, done));
            }
        }
    }

    /// Goes on until nothing is under way, or to `end`; at each time in between of which there are `steps`, these happen
    /// first. The machine wakes when it says, and never without reason.
    fn run<S>(&mut self, steps: &[(u64, S)], end: u64, mut step: impl FnMut(&mut Self, &S, u64)) {
        let mut steps = steps.iter().peekable();
        loop {
            let wake = self.settle.wake().map(|wake| wake.as_nanos().div_ceil(1_000_000) as u64);
            let next = steps.peek().map(|(at, _)| *at).into_iter().chain(wake).min();
            let Some(now) = next.filter(|now| *now <= end) else { return };
            while let Some((_, happens)) = steps.next_if(|(at, _)| *at <= now) {
                step(self, happens, now);
            }
            self.turn(now);
        }
    }

    /// Plays a trace.
    fn play(mut self, trace: &[(u64, Step)], end: u64) -> Vec<(u64, Done)> {
        self.run(trace, end, Self::step);
        self.done
    }

    fn step(&mut self, step: &Step, now: u64) {
        let (path, sign) = self.apply(*step, now);
        self.settle.touch(Path::new(path), sign, ms(now));
    }
}

fn load(files: &[(&str, u32)]) -> Done {
    Done::Load(files.iter().map(|(path, content)| ((*path).to_owned(), *content)).collect())
}

/// The one load of content 2 of `a`: how long after the last step of the trace it came, and how often `a` was read.
#[track_caller]
fn one_reload(trace: &[(u64, Step)]) -> (u64, usize) {
    let mut stage = Stage::with(&[("a", 1)]);
    stage.run(trace, 60_000, Stage::step);
    let [(at, only)] = &stage.done[..] else { panic!("{:?}", stage.done) };
    assert_eq!(*only, load(&[("a", 2)]));
    (at - trace.last().expect("a step").0, stage.reads)
}

#[test]
fn what_is_known_to_be_finished_is_read_once_and_loaded_right_after_it() {
    let right_after = (TOGETHER.as_millis() as u64, 1);
    // cargo: a hard link, of which only the creation is told, as `ln -f`, `mv` and rsync's rename do.
    assert_eq!(one_reload(&[(100, Move("a", 2))]), right_after);
    // `cp`: emptied, written in pieces, closed.
    let cp = [(100, Write("a", 2, 0)), (101, Write("a", 2, 4)), (103, Write("a", 2, 10)), (104, Close("a"))];
    assert_eq!(one_reload(&cp), right_after);
    // `install`: unlinked and created, its mode and times set after all.
    let install = [(100, Delete("a")), (101, Put("a", 2, 0)), (102, Write("a", 2, 10)), (103, Close("a"))];
    assert_eq!(one_reload(&install), right_after);
    let beside = [(100, Write("a", 2, 10)), (101, Close("a")), (102, Restamp("a"))];
    assert_eq!(one_reload(&beside).0, right_after.0);
}

#[test]
fn what_nobody_says_is_finished_is_read_twice() {
    let (soon, twice) = (3 * SETTLE.as_millis() as u64, 2);
    let pieces: Vec<_> = (0..=10).map(|tenth| (100 + 3 * tenth, Write("a", 2, tenth))).collect();
    // Deleted, and created again within the grace.
    let recreated = [(100, Delete("a")), (100 + GRACE.as_millis() as u64 - 1, Put("a", 2, 10))];
    let link = [(100, Put("a", 2, 10))];
    for trace in [&pieces[..], &recreated, &link] {
        let (after, reads) = one_reload(trace);
        assert!(after <= soon && reads == twice, "{after} ms, {reads} reads: {trace:?}");
    }
    let done = Stage::default().play(&[(7, Put("b", 5, 10))], 60_000);
    assert_eq!(done, [(17, load(&[("b", 5)]))]);
}

#[test]
fn a_wrong_sign_of_the_end_loads_nothing_that_is_not_whole_and_nothing_twice() {
    // Closed by the first of two who write to it, and by one who writes nothing.
    let two = [(100, Write("a", 2, 4)), (101, Close("a")), (103, Write("a", 2, 10)), (104, Close("a"))];
    one_reload(&two);
    one_reload(&[(100, Write("a", 3, 10)), (101, Close("a")), (106, Write("a", 2, 10)), (107, Close("a"))]);
    one_reload(&[(100, Close("a")), (105, Move("a", 2)), (107, Close("a"))]);
    assert_eq!(Stage::with(&[("a", 1)]).play(&[(100, Close("a")), (1000, Close("a"))], 60_000), []);
}

#[test]
fn a_writer_that_stalls_is_waited_for_however_long() {
    let trace = [(100, Write("a", 2, 3)), (30_000, Write("a", 2, 7)), (45_000, Write("a", 2, 10))];
    let done = Stage::with(&[("a", 1)]).play(&trace, 60_000);
    let [(first, refused), (second, again), (third, loaded)] = &done[..] else { panic!("{done:?}") };
    // That it is incomplete is told once for each stand, and not at once.
    let told = 100 + STALL.as_millis() as u64..100 + 2 * STALL.as_millis() as u64;
    assert!(told.contains(first) && (30_000 + 1000..32_000).contains(second), "{done:?}");
    assert_eq!([refused, again], [&Done::Refuse("a".into()), &Done::Refuse("a".into())]);
    assert_eq!((*third, loaded), (45_010, &load(&[("a", 2)])));
}

#[test]
fn what_is_finished_without_an_event_is_found_with_back_off() {
    let mut stage = Stage::with(&[("a", 1)]);
    stage.apply(Write("a", 2, 5), 100);
    stage.settle.touch(Path::new("a"), Sign::Changed, ms(100));
    let mut looks = 0;
    for now in 100..40_000 {
        if now == 20_000 {
            stage.apply(Write("a", 2, 10), now);
        }
        looks += u64::from(stage.settle.wake().is_some_and(|wake| wake <= ms(now)));
        stage.turn(now);
    }
    assert!(looks < 40, "{looks} looks in 40 seconds");
    let (at, last) = stage.done.last().expect("it is loaded");
    assert_eq!(*last, load(&[("a", 2)]));
    assert!(*at <= 20_000 + SLOWEST.as_millis() as u64 + 100, "{at}");
}

#[test]
fn the_same_content_again_is_no_reload() {
    let same =
        [(100, Restamp("a")), (300, Put("a", 1, 10)), (500, Delete("a")), (700, Put("a", 1, 10)), (900, Event("a"))];
    assert_eq!(Stage::with(&[("a", 1)]).play(&same, 60_000), []);
    // There and back before it settles.
    let back = [(100, Write("a", 2, 10)), (102, Write("a", 1, 10))];
    assert_eq!(Stage::with(&[("a", 1)]).play(&back, 60_000), []);
    let refused = Stage::with(&[("a", 1)]).play(&[(100, Write("a", 2, 5)), (5000, Write("a", 1, 10))], 60_000);
    assert_eq!(refused.last().map(|(_, done)| done), Some(&load(&[("a", 1)])), "it was refused in between");
}

#[test]
fn a_file_that_stays_away_is_removed_and_comes_back_as_a_new_one() {
    let trace = [(100, Delete("a")), (5000, Put("a", 1, 10))];
    let grace = GRACE.as_millis() as u64;
    let done = Stage::with(&[("a", 1)]).play(&trace, 60_000);
    assert_eq!(done, [(100 + grace, Done::Remove("a".into())), (5010, load(&[("a", 1)]))]);
    // What was never told of goes untold: the temporary file of a tool.
    assert_eq!(Stage::default().play(&[(10, Put("b", 3, 2)), (40, Delete("b"))], 60_000), []);
}

#[test]
fn the_plugins_of_one_build_switch_together() {
    let stage = || Stage::with(&[("a", 1), ("b", 1), ("c", 1)]);
    let build = [(100, Move("a", 2)), (108, Move("b", 2)), (116, Move("c", 2))];
    assert_eq!(stage().play(&build, 60_000), [(126, load(&[("a", 2), ("b", 2), ("c", 2)]))]);
    // One that is not sure yet is waited for.
    let build = [(100, Move("a", 2)), (108, Put("b", 2, 10))];
    assert_eq!(stage().play(&build, 60_000), [(118, load(&[("a", 2), ("b", 2)]))]);
    // One that is gone or stands still is not.
    let build = [(100, Delete("b")), (100, Write("c", 2, 5)), (120, Move("a", 2))];
    assert_eq!(stage().play(&build, 60_000)[0], (130, load(&[("a", 2)])));
    // One that goes on being written does not hold up the others for ever.
    let slow = (0..100).map(|piece| (102 + 10 * piece, Write("b", 2, piece / 10)));
    let trace: Vec<_> = [(100, Put("a", 2, 10))].into_iter().chain(slow).chain([(1200, Write("b", 2, 10))]).collect();
    let done = stage().play(&trace, 60_000);
    let [(first, a), (second, b)] = &done[..] else { panic!("{done:?}") };
    assert_eq!((a, b), (&load(&[("a", 2)]), &load(&[("b", 2)])));
    assert!(*first <= 110 + HOLD.as_millis() as u64, "{first}");
    assert_eq!(*second, 1210);
}

#[test]
fn what_changes_between_look_and_load_is_loaded_when_it_settles() {
    let mut stage = Stage::with(&[("a", 1)]);
    stage.apply(Put("a", 2, 10), 100);
    stage.settle.touch(Path::new("a"), Sign::Changed, ms(100));
    (100..150).for_each(|now| stage.turn(now));
    assert_eq!(stage.done.len(), 1);
    // The loader found that it had changed while it was read.
    stage.settle.retry(Path::new("a"), ms(150));
    (150..200).for_each(|now| stage.turn(now));
    assert_eq!(stage.done.len(), 2, "{:?}", stage.done);
    assert_eq!(stage.settle.wake(), None);
}
