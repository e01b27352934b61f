//! Any order of any steps: what is loaded is always whole, and what is there in the end is what was loaded last, once.

use super::{Close, Delete, Done, Event, Move, Put, Restamp, Stage, Step, Write};

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % limit
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Writers that know nothing of each other, for up to some seconds, and the content that each file has in the end, if it
/// is still there.
fn trace(numbers: &mut Numbers) -> (Vec<(u64, Step)>, [Option<u32>; 3]) {
    let mut there = [true; 3];
    let (mut now, mut steps) = (10, Vec::new());
    for _ in 0..1 + numbers.below(40) {
        // Mostly in quick succession, at times after a pause as long as any of the limits.
        now += if numbers.below(8) == 0 { numbers.below(3000) } else { numbers.below(30) };
        let file = numbers.below(3) as usize;
        let (name, content, tenths) = (NAMES[file], 1 + numbers.below(4) as u32, numbers.below(11));
        let step = match (numbers.below(7), there[file]) {
            (0, true) => Delete(name),
            (2, true) => Restamp(name),
            (3, _) => Event(name),
            (4, true) => Write(name, content, tenths),
            (5, _) => Move(name, content),
            // Also by one who is not the last to write.
            (6, true) => Close(name),
            _ => Put(name, content, tenths),
        };
        match step {
            Delete(_) => there[file] = false,
            Put(..) | Move(..) => there[file] = true,
            _ => {}
        }
        steps.push((now, step));
    }
    let last = std::array::from_fn(|file| {
        now += numbers.below(700);
        let content = 1 + numbers.below(4) as u32;
        let step = match (numbers.below(5), there[file]) {
            (0, _) => Delete(NAMES[file]),
            (1, _) => Move(NAMES[file], content),
            (_, true) => Write(NAMES[file], content, 10),
            (_, false) => Put(NAMES[file], content, 10),
        };
        steps.push((now, step));
        (!matches!(step, Delete(_))).then_some(content)
    });
    (steps, last)
}

#[test]
fn whatever_happens_the_last_whole_content_is_in_use_and_nothing_incomplete_ever_was() {
    for seed in 0..20_000 {
        let (steps, last) = trace(&mut Numbers(seed));
        // That nothing incomplete is loaded is asserted by the stage.
        let done = Stage::with(&[("a", 1), ("b", 1), ("c", 1)]).play(&steps, u64::MAX);
        for (name, content) in NAMES.into_iter().zip(last) {
            // What is in use after each thing that was done.
            let mut used = Some(1);
            for (_, done) in &done {
                match done {
                    Done::Load(files) => {
                        if let Some((_, loaded)) = files.iter().find(|(path, _)| path == name) {
                            assert_ne!(used, Some(*loaded), "seed {seed}: {name} is loaded twice: {steps:?}");
                            used = Some(*loaded);
                        }
                    }
                    // What was refused may be loaded again when it is whole, also as it was before.
                    Done::Refuse(path) | Done::Remove(path) if path == name => used = None,
                    Done::Refuse(_) | Done::Remove(_) => {}
                }
            }
            assert_eq!(used, content, "seed {seed}: {name}: {steps:?}: {done:?}");
        }
    }
}
