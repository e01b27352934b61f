//! The record of `fixture-spy`, read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use playa_host::image::Rect;
use playa_host::project::Value;
use serde::Deserialize;

/// The file in which the spy writes down its calls.
pub struct Record {
    folder: tempfile::TempDir,
}

/// Something that happened to the spy.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// Which of the libraries that were opened tells it.
    pub library: String,
    /// Its place among the events of that library.
    pub number: u64,
    /// The thread on which it happened.
    pub thread: String,
    /// When, in nanoseconds since 1970.
    pub time: u64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The library was asked for its descriptors.
    Describe,
    /// An object was made.
    Create { object: u64, id: String },
    /// A call of `plan` begins.
    Plan { call: u64, object: u64, id: String, asked: Asked, window: Corners, domains: Vec<Option<Corners>> },
    /// It ends.
    Planned { call: u64, plan: Option<Answer> },
    /// A call of `render` begins.
    Render { call: u64, object: u64, id: String, asked: Asked, inputs: Vec<(usize, f64, Picture)>, output: Picture },
    /// It ends; `untouched` says whether its inputs are as they were when it began.
    Rendered { call: u64, failed: Option<String>, untouched: bool },
    /// It tried the services: how often each index of a loop in a loop ran, how many buffers of scratch memory somebody
    /// else wrote to, and where those of each piece were: the first byte, the one behind the last, and their values.
    Services { call: u64, runs: Vec<usize>, disturbed: usize, lent: Vec<Vec<(usize, usize, usize)>> },
    /// It waits to be told to stop.
    Waiting { call: u64 },
    /// It was.
    Told { call: u64 },
    /// An object is gone; `destroying` says whether `destroy` was called for that.
    Drop { object: u64, id: String, destroying: bool },
}

/// What `plan` and `render` are told alike.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Asked {
    /// The values: number of the kind, integer, floats, text.
    pub params: Vec<(u32, i64, [f64; 4], String)>,
    pub canvas: Corners,
    pub frame: f64,
    pub scale: f64,
}

/// What `plan` answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Answer {
    pub domain: Corners,
    pub identity: Option<(usize, f64)>,
    pub needs: Vec<(usize, f64, Corners)>,
}

/// Pixels that a call was given.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Picture {
    pub window: Corners,
    /// The first byte and the one behind the last.
    pub memory: (usize, usize),
    /// Number of the format.
    pub format: u32,
    /// In rows from the top, aligned.
    pub plain: bool,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(from = "[i32; 4]")]
pub struct Corners(pub Rect);

impl From<[i32; 4]> for Corners {
    fn from([x0, y0, x1, y1]: [i32; 4]) -> Self {
        Self(Rect::new(x0, y0, x1, y1))
    }
}

impl Record {
    /// With nothing in it.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("record")
    }

    /// The parameter that names it.
    pub fn param(&self) -> (&'static str, Value) {
        ("file", Value::String(self.path().to_str().expect("it is text").to_owned()))
    }

    /// Everything that has happened, in the order of the file.
    pub fn events(&self) -> Vec<Event> {
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        // The last line may be on its way.
        text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(event).collect()
    }

    /// Everything that has happened, by library.
    pub fn libraries(&self) -> Vec<Vec<Event>> {
        let mut libraries: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in self.events() {
            libraries.entry(event.library.clone()).or_default().push(event);
        }
        libraries.into_values().collect()
    }

    /// Waits until something has happened so often, and returns the last of it.
    pub fn wait_for(&self, times: usize, happened: impl Fn(&What) -> bool) -> Event {
        let start = Instant::now();
        loop {
            if let Some(event) = self.events().into_iter().filter(|event| happened(&event.what)).nth(times - 1) {
                return event;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "it never happens: {:#?}", self.events());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
