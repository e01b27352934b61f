//! Records what the system tells of programs that replace a file:
//!
//! ```text
//! cargo test -p playa-host --lib record_all -- --ignored
//! ```
//!
//! It needs `rsync`, and writes `recorded.toml` beside this file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher as _};

use super::recorded::{Found, Told, traces};
use super::{GRACE, STALL};
use crate::plugin::watch::sweep;

/// Puts the new file, the first, in the place of the old one, the second. In its own folder it may do what it likes.
type Writer = fn(&Path, &Path);

const WRITERS: [(&str, Writer); 13] = [
    ("cargo", |new, path| {
        // As its `link_or_copy` does with what it built.
        std::fs::remove_file(path).expect("it is there");
        std::fs::hard_link(new, path).expect("the same volume");
    }),
    ("cp", |new, path| run("cp", &[new, path])),
    ("cp -p", |new, path| run("cp", &[Path::new("-p"), new, path])),
    ("install", |new, path| run("install", &[new, path])),
    ("mv", |new, path| run("mv", &[new, path])),
    ("ln -f", |new, path| run("ln", &[Path::new("-f"), new, path])),
    ("a swapped link", |new, path| {
        let link = new.with_file_name("link");
        std::os::unix::fs::symlink(new, &link).expect("a link");
        run("mv", &[Path::new("-T"), &link, path]);
    }),
    ("rsync", |new, path| run("rsync", &[Path::new("-It"), new, path])),
    ("rsync --inplace", |new, path| run("rsync", &[Path::new("-It"), Path::new("--inplace"), new, path])),
    ("a writer in pieces", |new, path| in_pieces(new, path, 10, Duration::from_millis(3))),
    ("a writer that stalls", |new, path| in_pieces(new, path, 2, STALL * 3 / 2)),
    ("deleted and created", |new, path| {
        std::fs::remove_file(path).expect("it is there");
        std::thread::sleep(GRACE / 2);
        run("cp", &[new, path]);
    }),
    ("touch", |_, path| run("touch", &[path])),
];

fn run(program: &str, args: &[&Path]) {
    assert!(Command::new(program).args(args).status().expect("it runs").success(), "{program} {args:?}");
}

fn in_pieces(new: &Path, path: &Path, pieces: usize, pause: Duration) {
    let bytes = std::fs::read(new).expect("it is there");
    let mut file = std::fs::File::create(path).expect("it can be written");
    for (number, piece) in bytes.chunks(bytes.len().div_ceil(pieces)).enumerate() {
        if number > 0 {
            std::thread::sleep(pause);
        }
        std::io::Write::write_all(&mut file, piece).expect("it can be written");
    }
}

#[test]
fn every_writer_is_recorded() {
    let recorded: Vec<_> = traces().into_iter().map(|trace| trace.writer).collect();
    assert_eq!(recorded, WRITERS.map(|(name, _)| name));
}

#[test]
#[ignore = "writes the recorded traces anew"]
fn record_all() {
    let mut text = "# Written by `record.rs`: do not edit.\n".to_owned();
    for (name, write) in WRITERS {
        let _ = write!(text, "\n[[trace]]\nwriter = {name:?}\nevents = [\n");
        for Told { at, kind, names, file } in record(write) {
            let _ = write!(text, "    {{ at = {at:.3}, kind = {kind:?}");
            if let Some(names) = names {
                let _ = write!(text, ", names = {names}");
            }
            if let Some(Found { content, size, inode, modified }) = file {
                let content = content.map_or(String::new(), |content| format!("content = {content}, "));
                let _ = write!(text, ", file = {{ {content}size = {size}, inode = {inode}, modified = {modified} }}");
            }
            text.push_str(" },\n");
        }
        text.push_str("]\n");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plugin/watch/settle/tests/recorded.toml");
    std::fs::write(file, text).expect("it is written");
}

const SIZE: usize = 1 << 20;
const LETTERS: [(u32, u8); 2] = [(1, b'1'), (2, b'2')];

fn record(write: Writer) -> Vec<Told> {
    let folder = tempfile::tempdir().expect("a folder");
    let (watched, aside) = (folder.path().join("watched"), folder.path().join("aside"));
    for folder in [&watched, &aside] {
        std::fs::create_dir(folder).expect("a folder");
    }
    let (old, new) = (watched.join("a.so"), aside.join("a.so"));
    for (path, (_, letter)) in [&old, &new].into_iter().zip(LETTERS) {
        std::fs::write(path, [letter].repeat(SIZE)).expect("it is written");
        // So that their times differ by more than the clock of the volume ticks.
        std::thread::sleep(Duration::from_millis(20));
    }
    let (told, start) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Instant::now())));
    let (heard, began) = (Arc::clone(&told), Arc::clone(&start));
    let look = Look::new(&old);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let event = event.expect("an event");
        if event.paths.contains(&look.path) {
            let at = began.lock().expect("a time").elapsed().as_secs_f64() * 1000.0;
            let (names, file) = (sweep::names(&look.path), look.found());
            heard.lock().expect("a list").push(Told { at, kind: format!("{:?}", event.kind), names, file });
        }
    })
    .expect("events");
    watcher.watch(&watched, RecursiveMode::NonRecursive).expect("it is there");
    *start.lock().expect("a time") = Instant::now();
    write(&new, &old);
    std::thread::sleep(Duration::from_millis(300));
    drop(watcher);
    let told = std::mem::take(&mut *told.lock().expect("a list"));
    // What is heard of our own looking is nothing that a writer does.
    let is_ours = |kind: &str| kind.contains("Open") || kind.contains("Close(Read)");
    told.into_iter().filter(|told: &Told| !is_ours(&told.kind)).collect()
}

/// The file that is watched, in the terms of the traces.
struct Look {
    path: PathBuf,
    /// When the old one was written, in microseconds.
    first: i128,
    inodes: Mutex<BTreeMap<u64, u64>>,
}

impl Look {
    fn new(path: &Path) -> Self {
        let metadata = path.metadata().expect("it is there");
        let inodes = Mutex::new(BTreeMap::from([(metadata.ino(), 1)]));
        Self { path: path.to_owned(), first: micros(&metadata), inodes }
    }

    fn found(&self) -> Option<Found> {
        let (metadata, bytes) = (self.path.metadata().ok()?, std::fs::read(&self.path).ok()?);
        let whole = |letter: u8| bytes.len() == SIZE && bytes.iter().all(|byte| *byte == letter);
        let content = LETTERS.into_iter().find(|(_, letter)| whole(*letter)).map(|(content, _)| content);
        let mut inodes = self.inodes.lock().expect("numbers");
        let next = inodes.len() as u64 + 1;
        let inode = *inodes.entry(metadata.ino()).or_insert(next);
        let modified = u64::try_from(micros(&metadata) - self.first).expect("later than the first");
        Some(Found { content, size: metadata.len(), inode, modified })
    }
}

fn micros(metadata: &std::fs::Metadata) -> i128 {
    i128::from(metadata.mtime()) * 1_000_000 + i128::from(metadata.mtime_nsec()) / 1000
}
