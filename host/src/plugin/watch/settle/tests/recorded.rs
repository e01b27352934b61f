//! What a system really told of programs that replace a file, event by event, with the file as it was when that was told.
//!
//! The traces in `recorded.toml` are of Linux, and written by [`record`](super::record).

use std::path::Path;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, CreateKind, DataChange, MetadataKind, ModifyKind, RemoveKind, RenameMode};
use serde::Deserialize;

use super::{Done, SETTLE, STALL, Stage, TOGETHER, Written, load, ms};
use crate::plugin::watch::sweep;

/// The file that is replaced.
const NAME: &str = "a";

#[derive(Deserialize)]
struct Recorded {
    trace: Vec<Trace>,
}

/// Of a file with content 1 that becomes one with content 2.
#[derive(Deserialize)]
pub(super) struct Trace {
    pub writer: String,
    events: Vec<Told>,
}

/// An event, and the file when it came.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Told {
    /// In milliseconds since the writer began.
    pub at: f64,
    /// As the crate `notify` writes it.
    pub kind: String,
    /// How many names the file has; none if it is a link, or not there.
    pub names: Option<u64>,
    /// What the name leads to.
    pub file: Option<Found>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Found {
    /// 1 for the old one, 2 for the new one, none if it is neither.
    pub content: Option<u32>,
    pub size: u64,
    /// Counted from 1, which is the old file.
    pub inode: u64,
    /// In microseconds after the old file's.
    pub modified: u64,
}

pub(super) fn traces() -> Vec<Trace> {
    toml::from_str::<Recorded>(include_str!("recorded.toml")).expect("they can be read").trace
}

/// The kinds that are in the traces.
fn kind(text: &str) -> EventKind {
    let known = [
        EventKind::Access(AccessKind::Open(AccessMode::Any)),
        EventKind::Access(AccessKind::Close(AccessMode::Read)),
        EventKind::Access(AccessKind::Close(AccessMode::Write)),
        EventKind::Create(CreateKind::File),
        EventKind::Modify(ModifyKind::Data(DataChange::Any)),
        EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)),
        EventKind::Modify(ModifyKind::Name(RenameMode::From)),
        EventKind::Modify(ModifyKind::Name(RenameMode::To)),
        EventKind::Remove(RemoveKind::File),
    ];
    known.into_iter().find(|kind| format!("{kind:?}") == text).unwrap_or_else(|| panic!("{text} is not known"))
}

/// Plays a trace. Returns what was done, how many milliseconds after the last event of content, and the number of readings.
fn replay(trace: &Trace) -> (Vec<Done>, u64, usize) {
    let mut stage = Stage::with(&[(NAME, 1)]);
    let path = Path::new(NAME);
    let steps: Vec<(u64, Told)> = trace.events.iter().map(|told| (100 + told.at.ceil() as u64, told.clone())).collect();
    let mut last = 0;
    stage.run(&steps, 60_000, |stage, told, now| {
        match &told.file {
            Some(Found { content, size, inode, modified }) => {
                let file = Written { content: *content, size: *size, inode: *inode, modified: *modified };
                stage.disk.insert(path.to_owned(), file);
            }
            None => drop(stage.disk.remove(path)),
        }
        if let Some(sign) = sweep::sign(kind(&told.kind), || told.names) {
            stage.settle.touch(path, sign, ms(now));
            last = now;
        }
    });
    let after = stage.done.last().map_or(0, |(at, _)| at - last);
    (stage.done.into_iter().map(|(_, done)| done).collect(), after, stage.reads)
}

#[test]
fn every_recorded_writer_is_one_reload_right_after_it() {
    let reload = [load(&[(NAME, 2)])];
    for trace in traces() {
        let (done, after, reads) = replay(&trace);
        let name = trace.writer.as_str();
        match name {
            "touch" => assert_eq!((&done[..], reads), (&[][..], 1), "{name}"),
            "a writer that stalls" => {
                assert_eq!(done, [Done::Refuse(NAME.to_owned()), reload[0].clone()], "{name}");
                assert!(trace.events.last().is_some_and(|last| last.at > STALL.as_secs_f64() * 1000.0));
            }
            _ => assert_eq!(done, reload, "{name}"),
        }
        // Nobody but the swap of a link leaves a doubt whether the file is whole.
        let (soon, often) = if name == "a swapped link" { (3 * TOGETHER, 2) } else { (TOGETHER + ms(1), 1) };
        assert!(after <= soon.as_millis() as u64, "{name}: {after} ms");
        // Who pauses is read in between.
        let is_pause =
            |pair: &[Told]| pair[0].file.is_some() && pair[1].at - pair[0].at > SETTLE.as_secs_f64() * 1000.0;
        assert!(trace.events.windows(2).any(is_pause) || reads <= often, "{name}: {reads} readings");
    }
}
