//! Where the time of renders goes: which picture took how long on which thread, and which were found.
//!
//! Notes are spans: a piece of work on one thread, from when to when. Spans of a thread lie in each other as the calls
//! did; what counts for a span in [`Profile::rows`] is its own time, without that of the spans in it, so that the rows add
//! up to the time that threads were busy. The trace shows spans as they are.

mod table;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::atomic::write_atomic;

/// Takes notes of renders: see `RenderOptions::profile`. Shared by the renders that write into it. Displayed as a table of
/// the rows that took longest.
#[derive(Debug)]
pub struct Profile {
    start: Instant,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    spans: Vec<Span>,
    /// Threads by the order in which they were first seen.
    threads: HashMap<ThreadId, usize>,
    /// Their names.
    names: Vec<String>,
}

/// A piece of work on one thread.
#[derive(Clone, Debug)]
struct Span {
    label: Arc<str>,
    kind: &'static str,
    thread: usize,
    start: Duration,
    length: Duration,
    bytes: u64,
    /// Whether it is work, and not the wait for work of other threads.
    busy: bool,
}

/// What all pieces of work of one kind on one thing took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileRow {
    /// What was made: an effect with its layer, a file, a comp.
    pub label: String,
    /// - `graph`: finding out what a frame is made of, which reads headers of files and asks effects for their plans.
    /// - `read`: a file.
    /// - `effect`: its own work.
    /// - `sample`: moving a layer to its place, or making a source smaller.
    /// - `paint`: blending the layers of a comp.
    /// - `encode`: packing and writing a file.
    /// - `cached`: a picture that was found; `pieces` says how many times.
    pub kind: &'static str,
    /// Seconds of all threads together, without what has rows of its own. `read` and `encode` count from begin to end,
    /// though other threads help to pack and unpack.
    pub seconds: f64,
    /// Bytes of pixels that it wrote; of an `encode`, the bytes of the file.
    pub bytes: u64,
    /// In how many pieces: tiles, rows, files.
    pub pieces: usize,
    /// On how many threads.
    pub threads: usize,
}

impl Default for Profile {
    fn default() -> Self {
        Self { start: Instant::now(), notes: Mutex::default() }
    }
}

impl Profile {
    /// Notes a piece of work on this thread that began at `start` and ends now.
    pub fn note(&self, kind: &'static str, label: impl Into<Arc<str>>, start: Instant, bytes: u64) {
        self.add(kind, label.into(), start, bytes, true);
    }

    /// Notes that a file was read or written on this thread.
    pub fn note_file(&self, kind: &'static str, path: &Path, start: Instant) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        self.note(kind, &*name, start, path.metadata().map_or(0, |facts| facts.len()));
    }

    /// Notes that from `start` until now, this thread waited for work that has notes of its own, on this and other threads.
    pub fn note_wait(&self, kind: &'static str, label: impl Into<Arc<str>>, start: Instant) {
        self.add(kind, label.into(), start, 0, false);
    }

    fn add(&self, kind: &'static str, label: Arc<str>, start: Instant, bytes: u64, busy: bool) {
        let (length, start) = (start.elapsed(), start.saturating_duration_since(self.start));
        let mut notes = self.notes();
        let thread = notes.thread();
        notes.spans.push(Span { label, kind, thread, start, length, bytes, busy });
    }

    /// A row for each thing and kind of work, the longest first.
    pub fn rows(&self) -> Vec<ProfileRow> {
        let notes = self.notes();
        let mut rows: BTreeMap<(&str, &str), (ProfileRow, BTreeSet<usize>)> = BTreeMap::new();
        for (span, own) in notes.spans.iter().zip(own_times(&notes.spans)).filter(|(span, _)| span.busy) {
            let (row, threads) = rows.entry((&span.label, span.kind)).or_insert_with(|| {
                let (label, kind) = (span.label.to_string(), span.kind);
                (ProfileRow { label, kind, seconds: 0.0, bytes: 0, pieces: 0, threads: 0 }, BTreeSet::new())
            });
            row.seconds += own.as_secs_f64();
            row.bytes += span.bytes;
            row.pieces += 1;
            threads.insert(span.thread);
        }
        let row = |(row, threads): (ProfileRow, BTreeSet<usize>)| ProfileRow { threads: threads.len(), ..row };
        let mut rows: Vec<ProfileRow> = rows.into_values().map(row).collect();
        rows.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        rows
    }

    /// Everything as a trace that Chrome's `about:tracing` and Perfetto show: the JSON object format, times in
    /// microseconds.
    pub fn chrome_trace(&self) -> serde_json::Value {
        let notes = self.notes();
        let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let name = |(thread, name): (usize, &String)| {
            serde_json::json!({
                "name": "thread_name", "ph": "M", "pid": 1, "tid": thread, "args": { "name": name },
            })
        };
        let event = |span: &Span| {
            serde_json::json!({
                "name": &*span.label, "cat": span.kind, "ph": "X", "pid": 1, "tid": span.thread,
                "ts": micros(span.start), "dur": micros(span.length), "args": { "bytes": span.bytes },
            })
        };
        let names = notes.names.iter().enumerate().map(name);
        let events: Vec<_> = names.chain(notes.spans.iter().map(event)).collect();
        serde_json::json!({ "traceEvents": events, "displayTimeUnit": "ms" })
    }

    /// Writes the trace to a file, whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let trace = self.chrome_trace();
        write_atomic(path, |out| Ok(serde_json::to_writer(out, &trace)?))
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// The number of this thread.
    fn thread(&mut self) -> usize {
        let thread = thread::current();
        *self.threads.entry(thread.id()).or_insert_with(|| {
            let number = self.names.len();
            self.names.push(thread.name().map_or_else(|| format!("compute {number}"), str::to_owned));
            number
        })
    }
}

/// How long each span is without the spans in it.
fn own_times(spans: &[Span]) -> Vec<Duration> {
    let mut own: Vec<Duration> = spans.iter().map(|span| span.length).collect();
    let mut order: Vec<usize> = (0..spans.len()).collect();
    // The outer one before those in it. It is noted after them, should they be equally long.
    order.sort_by_key(|at| {
        let Span { thread, start, length, .. } = spans[*at];
        (thread, start, Reverse(start + length), Reverse(*at))
    });
    let mut around: Vec<usize> = Vec::new();
    for at in order {
        let span = &spans[at];
        let is_around = |outer: &Span| outer.thread == span.thread && outer.start + outer.length > span.start;
        while around.pop_if(|outer| !is_around(&spans[*outer])).is_some() {}
        if let Some(outer) = around.last() {
            own[*outer] = own[*outer].saturating_sub(span.length);
        }
        around.push(at);
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_the_pieces_and_the_trace_holds_each() {
        let profile = Profile::default();
        let start = Instant::now();
        profile.note("effect", "Blur", start, 100);
        thread::scope(|scope| {
            scope.spawn(|| profile.note("effect", "Blur", start, 50));
        });
        profile.note("read", "a.exr", Instant::now(), 7);
        let rows = profile.rows();
        let blur = rows.iter().find(|row| row.label == "Blur").expect("it is there");
        assert_eq!((blur.bytes, blur.pieces, blur.threads, rows.len()), (150, 2, 2, 2));
        let trace = profile.chrome_trace();
        let events = trace["traceEvents"].as_array().expect("a list");
        let spans: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
        assert_eq!((events.len() - spans.len(), spans.len(), spans[2]["name"].as_str()), (2, 3, Some("a.exr")));
        let begin = |at: usize| spans[at]["ts"].as_f64().expect("a number");
        assert!(begin(0) <= begin(2) && spans[0]["tid"] != spans[1]["tid"]);
    }

    #[test]
    fn what_lies_in_a_span_counts_once() {
        let span = |label: &str, thread, start, end, busy| Span {
            label: label.into(),
            kind: "paint",
            thread,
            start: Duration::from_secs(start),
            length: Duration::from_secs(end - start),
            bytes: 0,
            busy,
        };
        let profile = Profile::default();
        profile.notes().spans = vec![
            span("leaf", 0, 2, 3, true),
            span("leaf", 0, 3, 5, true),
            span("inner", 0, 1, 6, true),
            span("same", 0, 8, 10, true),
            span("outer", 0, 0, 10, true),
            span("leaf", 1, 1, 6, true),
            span("wait", 1, 0, 9, false),
            span("outer", 2, 0, 0, true),
        ];
        let seconds: Vec<_> = profile.rows().into_iter().map(|row| (row.label, row.seconds)).collect();
        let expected = [("leaf", 1.0 + 2.0 + 5.0), ("outer", 3.0), ("inner", 2.0), ("same", 2.0)];
        assert_eq!(seconds, expected.map(|(label, seconds)| (label.to_owned(), seconds)));
    }
}
