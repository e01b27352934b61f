//! A plugin that is built again and again while frames are made of it, as in a long day of work on an effect: 40 times in
//! every run of the tests, or as often as `PLAYA_SOAK` says:
//!
//! ```text
//! PLAYA_SOAK=1000 cargo test --release -p playa-tests --test suite soak -- --nocapture
//! ```
//!
//! That prints what it has measured.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::Image;
use playa_host::plugin::{LoadError, PluginEvent, SearchPath};
use playa_host::project::Value;

use crate::support::{Scene, new_build, noise, picture};

/// A busy machine takes its time. Nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// What memory may grow by with each library that was opened, in bytes. Libraries are never unloaded, so the pages of it
/// that were touched stay: 0.8 MiB of a debug build. The rest is for what the allocator keeps.
const MOST_PER_LIBRARY: u64 = 1 << 20;

/// Ways to put bytes into the place of a file.
const WRITERS: [fn(&Path, &[u8]); 3] = [
    |path, bytes| std::fs::write(path, bytes).expect("it is written"),
    |path, bytes| {
        let new = path.with_extension("new");
        std::fs::write(&new, bytes).expect("it is written");
        std::fs::rename(new, path).expect("the same volume");
    },
    // As cargo does.
    |path, bytes| {
        let new = path.with_extension("built");
        std::fs::write(&new, bytes).expect("it is written");
        std::fs::remove_file(path).expect("it is there");
        std::fs::hard_link(&new, path).expect("the same volume");
        std::fs::remove_file(new).expect("it is there");
    },
];

/// A build that is no good, whether that is told as soon as it is read, and as what.
struct Bad {
    bytes: fn() -> Vec<u8>,
    at_once: bool,
    is_it: fn(&LoadError) -> bool,
}

const BAD: [Bad; 5] = [
    Bad {
        bytes: || new_build("fixture-older-api"),
        at_once: true,
        is_it: |error| matches!(error, LoadError::ApiVersion { .. }),
    },
    Bad {
        bytes: || {
            let mut bytes = new_build("fixture-gain");
            bytes.truncate(bytes.len() / 2);
            bytes
        },
        at_once: false,
        is_it: |error| matches!(error, LoadError::Incomplete { .. }),
    },
    Bad {
        bytes: || new_build("fixture-no-symbol"),
        at_once: true,
        is_it: |error| matches!(error, LoadError::NotAPlugin { .. }),
    },
    Bad {
        bytes: || b"error: could not compile `gain`".to_vec(),
        at_once: false,
        is_it: |error| matches!(error, LoadError::NotALibrary { .. }),
    },
    Bad {
        bytes: || new_build("fixture-panic-in-describe"),
        at_once: true,
        is_it: |error| matches!(error, LoadError::Describe { .. }),
    },
];

/// A watched plugin file, and a comp that shows it.
struct Soak {
    engine: Engine,
    events: Receiver<PluginEvent>,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Soak {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
        std::fs::write(&path, new_build("fixture-gain")).expect("it is written");
        let engine = Engine::with_plugins(&SearchPath { directories: vec![folder.path().into()] });
        let (sender, events) = channel();
        engine.registry().observe(move |event| drop(sender.send(event.clone())));
        assert!(engine.watch().expect("a thread"), "PLAYA_WATCH=0 prevents it");
        Self { engine, events, path, _folder: folder }
    }

    /// Many layers of pixels that are all different, so that a frame asks for the effect often.
    fn scene(&self) -> Scene<'_> {
        let scene = Scene::on(&self.engine, 64, 64);
        for seed in 0..8 {
            let layer = scene.layer(&picture(64, 64, noise(seed)));
            scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
        }
        scene
    }

    /// Replaces the file by a good build.
    fn put(&self, round: usize) {
        let package = ["fixture-gain", "fixture-gain-2"][round % 2];
        WRITERS[round % WRITERS.len()](&self.path, &new_build(package));
        loop {
            match self.events.recv_timeout(PATIENCE).expect("the new build is told of") {
                PluginEvent::Reloaded { .. } => return,
                // Of the half one before, if the machine is busy.
                PluginEvent::Failed { error: LoadError::Incomplete { .. } | LoadError::NotALibrary { .. }, .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Replaces the file by a bad build; what is told only when the file has stood still is waited for if `patient`.
    fn put_bad(&self, round: usize, patient: bool) {
        let bad = &BAD[round % BAD.len()];
        WRITERS[round % WRITERS.len()](&self.path, &(bad.bytes)());
        if bad.at_once || patient {
            let event = self.events.recv_timeout(PATIENCE).expect("the bad build is told of");
            assert!(matches!(&event, PluginEvent::Failed { error, .. } if (bad.is_it)(error)), "{event:?}");
        }
    }

    fn opened(&self) -> usize {
        self.engine.registry().held(Some(&self.path)).0.count
    }
}

fn is(frame: &Image, expected: &Image) -> bool {
    frame.window() == expected.window()
        && frame.values().iter().zip(expected.values()).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Bytes of this process in memory: its own, and those of mapped files.
#[cfg(target_os = "linux")]
fn memory() -> Option<[u64; 2]> {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the system tells it");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    };
    Some([of("RssAnon:"), of("RssFile:")])
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<[u64; 2]> {
    None
}

/// Threads render all the time. Each of their frames is to the bit one of the two that there are, and none fails, whatever
/// is written into the file in between. Memory grows with each library, and not with anything else.
#[test]
fn frames_go_on_while_a_plugin_is_built_again_and_again() {
    let rounds = std::env::var("PLAYA_SOAK").map_or(40, |rounds| rounds.parse().expect("PLAYA_SOAK is a number"));
    let soak = Soak::new();
    let scene = soak.scene();
    let expected = {
        let old = scene.render();
        soak.put(1);
        let new = scene.render();
        soak.put(0);
        assert!(!is(&old, &new) && is(&scene.render(), &old));
        [old, new]
    };
    let done = AtomicBool::new(false);
    let render = |cached: bool| {
        let mut seen = [0_u64; 2];
        while !done.load(Ordering::Relaxed) {
            let frame = if cached { scene.render_cached(0) } else { scene.render() };
            let which = expected.iter().position(|expected| is(&frame, expected));
            seen[which.expect("every frame is of one generation")] += 1;
        }
        seen
    };
    let (mut start, mut took) = (None, Vec::with_capacity(rounds));
    let counts = std::thread::scope(|scope| {
        let threads = [false, true, false, true].map(|cached| scope.spawn(move || render(cached)));
        let stop = Stop(&done);
        for round in 0..rounds {
            if round % 2 == 1 {
                soak.put_bad(round / 2, round < 2 * BAD.len());
            }
            let begin = Instant::now();
            soak.put(round + 1);
            took.push(begin.elapsed());
            // Until here pools and caches filled.
            if round == rounds / 4 {
                start = memory().map(|memory| (soak.opened(), memory));
            }
            if threads.iter().any(std::thread::ScopedJoinHandle::is_finished) {
                break;
            }
        }
        drop(stop);
        threads.map(|thread| thread.join().expect("no frame fails, and each is of one generation"))
    });
    took.sort();
    let frames = [0, 1].map(|which| counts.iter().map(|seen| seen[which]).sum::<u64>());
    let (opened, used) = soak.engine.registry().held(Some(&soak.path));
    println!(
        "{rounds} reloads, {frames:?} frames of the two builds, median {:?} and worst {:?} from writing to use; {} \
         libraries of {} KiB opened, {} referred to",
        took[rounds / 2],
        took[rounds - 1],
        opened.count,
        opened.bytes / 1024,
        used.count
    );
    assert!(frames[0] > 0 && frames[1] > 0, "both were seen: {counts:?}");
    // Every good build was opened once, and so were those that failed to describe themselves. What is in use and what
    // can be gone back to is still referred to.
    let failed = rounds / 2 / BAD.len();
    assert_eq!((opened.count, used.count), (rounds + 3 + failed, 2));
    assert_eq!(soak.engine.effects().file(&soak.path).expect("it is known").generations, rounds as u64 + 3);
    if let Some((before, [own, mapped])) = start {
        let [own_now, mapped_now] = memory().expect("it was known before");
        let libraries = (opened.count - before) as u64;
        let each = [own_now.saturating_sub(own), mapped_now.saturating_sub(mapped)].map(|grown| grown / libraries);
        println!("each library took {} KiB of memory and {} KiB of mapped files", each[0] / 1024, each[1] / 1024);
        assert!(each[0] + each[1] <= MOST_PER_LIBRARY, "{each:?} bytes for each of {libraries} libraries");
    }
}

/// Ends the threads also where a check fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
