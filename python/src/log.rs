//! What the host and the effects have to say, as records of Python's `logging`.
//!
//! A message is never told where it comes up: that may be on any thread, with a lock of the host held, and to wait for
//! the interpreter there could wait for ever. It waits in a line for a thread that is attached anyway: one that comes back
//! from the host, or that listens for signals while it waits. After the interpreter has ended, nobody comes by any more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use log::{Level, LevelFilter, Log, Metadata, Record};
use playa_host::cli;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// So many messages wait at most. The oldest go first, and are counted.
const LONGEST: usize = 10_000;

/// Loggers of Python: of the host, and of the effects.
const HOST: &str = "playa_py";
const EFFECTS: &str = "playa_py.effect";

static LINE: Mutex<Line> = Mutex::new(Line { waiting: VecDeque::new(), lost: 0 });

/// Whether anything waits.
static WAITING: AtomicBool = AtomicBool::new(false);

/// The command runs, and prints what it has to say.
static COMMAND: AtomicBool = AtomicBool::new(false);

struct Line {
    waiting: VecDeque<Message>,
    lost: u64,
}

struct Message {
    logger: &'static str,
    level: Level,
    text: String,
    /// Where it comes from: a file of the host, and its line.
    place: (String, u32),
    thread: String,
    time: f64,
}

struct Bridge;

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("playa")
    }

    fn log(&self, record: &Record<'_>) {
        if COMMAND.load(Ordering::Relaxed) {
            return cli::stderr().log(record);
        }
        if !self.enabled(record.metadata()) {
            return;
        }
        let logger = if record.target() == "playa::effect" { EFFECTS } else { HOST };
        let place = (record.file().unwrap_or("unknown file"), record.line().unwrap_or(0));
        let message = Message::new(logger, record.level(), record.args().to_string(), place);
        let mut line = line();
        if line.waiting.len() == LONGEST {
            line.waiting.pop_front();
            line.lost += 1;
        }
        line.waiting.push_back(message);
        WAITING.store(true, Ordering::Release);
    }

    fn flush(&self) {}
}

/// From now on, messages go to Python, those that it wants to see.
pub fn start(py: Python<'_>) -> PyResult<()> {
    static BRIDGE: Bridge = Bridge;
    // A second time, or in a process of somebody else's, nothing changes.
    let _ = log::set_logger(&BRIDGE);
    listen(py)
}

/// Runs the command, which prints its messages.
pub fn with_command<T>(py: Python<'_>, run: impl FnOnce() -> T) -> PyResult<T> {
    start(py)?;
    COMMAND.store(true, Ordering::Relaxed);
    let result = run();
    COMMAND.store(false, Ordering::Relaxed);
    listen(py)?;
    Ok(result)
}

/// Asks Python which messages it wants to see. Until a program imports `logging`, warnings and errors.
pub fn listen(py: Python<'_>) -> PyResult<()> {
    let modules = py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
    let level = match modules.get_item("logging")? {
        None => LevelFilter::Warn,
        Some(logging) => {
            let level = |name| -> PyResult<i64> {
                logging.call_method1("getLogger", (name,))?.call_method0("getEffectiveLevel")?.extract()
            };
            match level(HOST)?.min(level(EFFECTS)?) {
                ..=5 => LevelFilter::Trace,
                6..=10 => LevelFilter::Debug,
                11..=20 => LevelFilter::Info,
                21..=30 => LevelFilter::Warn,
                _ => LevelFilter::Error,
            }
        }
    };
    log::set_max_level(level);
    Ok(())
}

/// Tells Python what waits.
///
/// # Errors
/// What a handler or filter raises.
pub fn deliver(py: Python<'_>) -> PyResult<()> {
    while WAITING.load(Ordering::Acquire) {
        let (message, lost) = {
            let mut line = line();
            let message = line.waiting.pop_front();
            WAITING.store(!line.waiting.is_empty(), Ordering::Release);
            (message, std::mem::take(&mut line.lost))
        };
        if lost > 0 {
            let text = format!("{lost} messages were lost, because nobody took them in time");
            tell(py, &Message::new(HOST, Level::Warn, text, (file!(), line!())))?;
        }
        message.iter().try_for_each(|message| tell(py, message))?;
    }
    Ok(())
}

/// Hands a message to its logger, if that wants it.
fn tell(py: Python<'_>, message: &Message) -> PyResult<()> {
    let level = match message.level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug => 10,
        Level::Trace => 5,
    };
    let logger = py.import("logging")?.call_method1("getLogger", (message.logger,))?;
    if !logger.call_method1("isEnabledFor", (level,))?.extract::<bool>()? {
        return Ok(());
    }
    let (file, line) = &message.place;
    let args = (message.logger, level, file, line, "%s", (&message.text,), py.None());
    let record = logger.call_method1("makeRecord", args)?;
    record.setattr("created", message.time)?;
    record.setattr("msecs", (message.time.fract() * 1000.0).floor())?;
    record.setattr("threadName", &message.thread)?;
    logger.call_method1("handle", (record,)).map(drop)
}

impl Message {
    /// A message of now and this thread.
    fn new(logger: &'static str, level: Level, text: String, (file, line): (&str, u32)) -> Self {
        let thread = thread::current().name().unwrap_or("playa").to_owned();
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        Self { logger, level, text, place: (file.to_owned(), line), thread, time }
    }
}

fn line() -> MutexGuard<'static, Line> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}
