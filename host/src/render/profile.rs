//! Where the time of renders goes: which picture took how long on which thread, and which were found.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Takes notes of renders: see `RenderOptions::profile`. Shared by the renders that write into it.
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
}

/// A piece of work on one thread.
#[derive(Clone, Debug)]
struct Span {
    label: String,
    kind: &'static str,
    thread: usize,
    start: Duration,
    length: Duration,
    bytes: u64,
}

/// What all pieces of work of one kind on one thing took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileRow {
    /// What was made: an effect with its layer, a file, a comp.
    pub label: String,
    /// `read`, `effect`, `sample`, `paint`, `encode` or `cached`.
    pub kind: &'static str,
    /// Seconds of all threads together. What is made inside of it, tile by tile, has rows of its own and counts in both.
    pub seconds: f64,
    /// Bytes that it wrote.
    pub bytes: u64,
    /// In how many pieces.
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
    pub fn note(&self, kind: &'static str, label: impl FnOnce() -> String, start: Instant, bytes: u64) {
        let (length, start) = (start.elapsed(), start.saturating_duration_since(self.start));
        let label = label();
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let next = notes.threads.len();
        let thread = *notes.threads.entry(thread::current().id()).or_insert(next);
        notes.spans.push(Span { label, kind, thread, start, length, bytes });
    }

    /// A row for each thing and kind of work, the longest first.
    pub fn rows(&self) -> Vec<ProfileRow> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows: BTreeMap<(&str, &str), (ProfileRow, Vec<usize>)> = BTreeMap::new();
        for span in &notes.spans {
            let (row, threads) = rows.entry((&span.label, span.kind)).or_insert_with(|| {
                let (label, kind) = (span.label.clone(), span.kind);
                (ProfileRow { label, kind, seconds: 0.0, bytes: 0, pieces: 0, threads: 0 }, Vec::new())
            });
            row.seconds += span.length.as_secs_f64();
            row.bytes += span.bytes;
            row.pieces += 1;
            if !threads.contains(&span.thread) {
                threads.push(span.thread);
            }
        }
        let row = |(row, threads): (ProfileRow, Vec<usize>)| ProfileRow { threads: threads.len(), ..row };
        let mut rows: Vec<ProfileRow> = rows.into_values().map(row).collect();
        rows.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        rows
    }

    /// Everything as a trace that Chrome's `about:tracing` and Perfetto show: the JSON object format, times in
    /// microseconds.
    pub fn chrome_trace(&self) -> serde_json::Value {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let event = |span: &Span| {
            serde_json::json!({
                "name": span.label, "cat": span.kind, "ph": "X", "pid": 1, "tid": span.thread,
                "ts": micros(span.start), "dur": micros(span.length), "args": { "bytes": span.bytes },
            })
        };
        let events: Vec<_> = notes.spans.iter().map(event).collect();
        serde_json::json!({ "traceEvents": events, "displayTimeUnit": "ms" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_the_pieces_and_the_trace_holds_each() {
        let profile = Profile::default();
        let start = Instant::now();
        profile.note("effect", || "Blur".to_owned(), start, 100);
        thread::scope(|scope| {
            scope.spawn(|| profile.note("effect", || "Blur".to_owned(), start, 50));
        });
        profile.note("read", || "a.exr".to_owned(), Instant::now(), 7);
        let rows = profile.rows();
        let blur = rows.iter().find(|row| row.label == "Blur").expect("it is there");
        assert_eq!((blur.bytes, blur.pieces, blur.threads, rows.len()), (150, 2, 2, 2));
        let trace = profile.chrome_trace();
        let events = trace["traceEvents"].as_array().expect("a list");
        assert_eq!((events.len(), events[2]["name"].as_str(), events[2]["ph"].as_str()), (3, Some("a.exr"), Some("X")));
        let begin = |at: usize| events[at]["ts"].as_f64().expect("a number");
        assert!(begin(0) <= begin(2) && events[0]["tid"] != events[1]["tid"]);
    }
}
