//! Writers as traces: what happens to a disk at which millisecond, and what comes of it. Nothing sleeps.

mod random;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Action, GRACE, HOLD, SLOWEST, STALL, Seen, Settle, Stamp, TOGETHER};

/// A file of the disk that is played: how much of it is there, and of which content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    content: u32,
    /// How many tenths of it are there; all of them make it whole.
    tenths: u64,
    inode: u64,
    modified: u64,
}

/// What happens to the disk.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A file with so many tenths of a content under a new inode, as creation, a hard link or a rename leaves it.
    Put(&'static str, u32, u64),
    /// The file that is there is written to.
    Write(&'static str, u32, u64),
    /// Only its time changes.
    Stamp(&'static str),
    Delete(&'static str),
    /// An event although nothing is different.
    Event(&'static str),
}

use Step::{Delete, Event, Put, Stamp as Restamp, Write};

/// A played disk, a machine that watches it, and what was done with which content at which millisecond.
#[derive(Default)]
struct Stage {
    settle: Settle<u32>,
    disk: BTreeMap<PathBuf, Written>,
    inodes: u64,
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

    fn apply(&mut self, step: Step, now: u64) -> &'static str {
        self.inodes += 1;
        let inode = self.inodes;
        match step {
            Put(path, content, tenths) => {
                self.disk.insert(path.into(), Written { content, tenths, inode, modified: now });
                path
            }
            Write(path, content, tenths) => {
                let file = self.disk.get_mut(Path::new(path)).expect("it is there");
                *file = Written { content, tenths, modified: now, ..*file };
                path
            }
            Restamp(path) => {
                self.disk.get_mut(Path::new(path)).expect("it is there").modified = now;
                path
            }
            Delete(path) => {
                self.disk.remove(Path::new(path));
                path
            }
            Event(path) => path,
        }
    }

    fn seen(&self, path: &Path) -> Seen<u32> {
        let Some(file) = self.disk.get(path) else { return Seen::Absent };
        let modified = SystemTime::UNIX_EPOCH + ms(file.modified);
        let stamp = Stamp { size: file.tenths, modified: Some(modified), inode: file.inode };
        if file.tenths == 10 { Seen::Whole(stamp, file.content) } else { Seen::Part(stamp) }
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
                        let seen = self.seen(&path);
                        actions.extend(self.settle.observe(&path, seen, ms(now)));
                        continue;
                    }
                    Action::Load(paths) => {
                        let loaded = paths.iter().map(|path| {
                            let file = self.disk.get(path).expect("what is to be loaded is there");
                            assert_eq!(file.tenths, 10, "{path:?} is loaded at {now} ms and not whole");
                            (name(path), file.content)
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

    /// Plays a trace, and then goes on until nothing is under way, or to `end`. The driver wakes when it is told to, and
    /// never without reason.
    fn play(mut self, trace: &[(u64, Step)], end: u64) -> Vec<(u64, Done)> {
        let mut trace = trace.iter().peekable();
        loop {
            let wake = self.settle.wake().map(|wake| wake.as_nanos().div_ceil(1_000_000) as u64);
            let next = trace.peek().map(|(at, _)| *at).into_iter().chain(wake).min();
            let Some(now) = next.filter(|now| *now <= end) else { return self.done };
            while let Some((_, step)) = trace.next_if(|(at, _)| *at <= now) {
                let path = self.apply(*step, now);
                self.settle.touch(Path::new(path), ms(now));
            }
            self.turn(now);
        }
    }
}

fn load(files: &[(&str, u32)]) -> Done {
    Done::Load(files.iter().map(|(path, content)| ((*path).to_owned(), *content)).collect())
}

/// The one load of content 2 of `a`, and how long after the last step of the trace it came.
#[track_caller]
fn one_reload(trace: &[(u64, Step)]) -> u64 {
    let done = Stage::with(&[("a", 1)]).play(trace, 60_000);
    let [(at, only)] = &done[..] else { panic!("{done:?}") };
    assert_eq!(*only, load(&[("a", 2)]));
    at - trace.last().expect("a step").0
}

#[test]
fn every_way_to_replace_a_file_is_one_reload_right_after_it() {
    let together = TOGETHER.as_millis() as u64;
    // cargo: a hard link, of which only the creation is told, as `ln -f`, a swapped symlink, `mv` and rsync's rename do.
    assert_eq!(one_reload(&[(100, Put("a", 2, 10))]), together);
    // `cp`: emptied, written in pieces, closed.
    let cp = [(100, Write("a", 2, 0)), (101, Write("a", 2, 4)), (103, Write("a", 2, 10)), (104, Event("a"))];
    assert_eq!(one_reload(&cp), together);
    // `install`: unlinked and created.
    let install = [(100, Delete("a")), (101, Put("a", 2, 0)), (102, Write("a", 2, 10)), (103, Restamp("a"))];
    assert_eq!(one_reload(&install), together);
    // Deleted, and created again within the grace.
    let recreated = [(100, Delete("a")), (100 + GRACE.as_millis() as u64 - 1, Put("a", 2, 10))];
    assert_eq!(one_reload(&recreated), together);
}

#[test]
fn a_new_file_is_loaded_and_one_that_is_written_in_many_pieces_only_once() {
    let done = Stage::default().play(&[(7, Put("b", 5, 10))], 60_000);
    assert_eq!(done, [(27, load(&[("b", 5)]))]);
    let pieces: Vec<_> = (0..=10).map(|tenth| (100 + 3 * tenth, Write("a", 2, tenth))).collect();
    assert_eq!(one_reload(&pieces), TOGETHER.as_millis() as u64);
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
    assert_eq!((*third, loaded), (45_020, &load(&[("a", 2)])));
}

#[test]
fn what_is_finished_without_an_event_is_found_with_back_off() {
    let mut stage = Stage::with(&[("a", 1)]);
    stage.apply(Write("a", 2, 5), 100);
    stage.settle.touch(Path::new("a"), ms(100));
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
    assert_eq!(done, [(100 + grace, Done::Remove("a".into())), (5020, load(&[("a", 1)]))]);
    // What was never told of goes untold: the temporary file of a tool.
    assert_eq!(Stage::default().play(&[(10, Put("b", 3, 2)), (40, Delete("b"))], 60_000), []);
}

#[test]
fn the_plugins_of_one_build_switch_together() {
    let stage = || Stage::with(&[("a", 1), ("b", 1), ("c", 1)]);
    let build = [(100, Put("a", 2, 10)), (115, Put("b", 2, 10)), (130, Put("c", 2, 10))];
    assert_eq!(stage().play(&build, 60_000), [(150, load(&[("a", 2), ("b", 2), ("c", 2)]))]);
    // One that goes on being written does not hold up the others for ever.
    let slow = (0..100).map(|piece| (102 + 10 * piece, Write("b", 2, piece / 10)));
    let trace: Vec<_> = [(100, Put("a", 2, 10))].into_iter().chain(slow).chain([(1200, Write("b", 2, 10))]).collect();
    let done = stage().play(&trace, 60_000);
    let [(first, a), (second, b)] = &done[..] else { panic!("{done:?}") };
    assert_eq!((a, b), (&load(&[("a", 2)]), &load(&[("b", 2)])));
    assert!(*first <= 110 + HOLD.as_millis() as u64, "{first}");
    assert_eq!(*second, 1220);
}

#[test]
fn what_changes_between_look_and_load_is_loaded_when_it_settles() {
    let mut stage = Stage::with(&[("a", 1)]);
    stage.apply(Put("a", 2, 10), 100);
    stage.settle.touch(Path::new("a"), ms(100));
    (100..150).for_each(|now| stage.turn(now));
    assert_eq!(stage.done.len(), 1);
    // The loader found that it had changed while it was read.
    stage.settle.retry(Path::new("a"), ms(150));
    (150..200).for_each(|now| stage.turn(now));
    assert_eq!(stage.done.len(), 2, "{:?}", stage.done);
    assert_eq!(stage.settle.wake(), None);
}
