//! The process of one check: what it is told, what it answers, and that it does not outlive who started it.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::exam::{Exam, Finding, Verdict};
use super::process::{Child, Program};
use super::{Outcome, Severity, find_check};

/// What one process has to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub check: String,
    pub plugin: PathBuf,
    pub effect: Option<String>,
    pub seed: u64,
    /// Where pictures go.
    pub report: Option<PathBuf>,
    /// What a second process of the same check is for.
    pub purpose: String,
    /// Where the answer goes.
    pub result: PathBuf,
    /// How to start another process.
    pub program: Program,
    /// How long all may take.
    pub limit: Duration,
}

/// What a process says when it is through, and before, in case that it never is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Answer {
    /// None while it is not through.
    pub outcome: Option<Outcome>,
    pub message: String,
    /// What it was doing.
    pub note: String,
}

impl Job {
    fn write(&self, answer: &Answer) {
        let text = serde_json::to_vec(answer).expect("an answer can be written as JSON");
        // Who waits for it sees that there is none.
        let _ = std::fs::write(&self.result, text);
    }

    pub(super) fn write_note(&self, note: &str) {
        self.write(&Answer { note: note.to_owned(), ..Answer::default() });
    }

    /// Runs the same check with another purpose, and returns what it passed with.
    pub(super) fn again(&self, purpose: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let job =
            Self { purpose: purpose.to_owned(), result: folder.path().join("result"), report: None, ..self.clone() };
        // In the same group, so that it ends with this process at the latest.
        let ended = Child::start(&job, false).and_then(Child::wait).map_err(|error| error.to_string())?;
        match ended.answer.outcome {
            Some(Outcome::Passed) => Ok(ended.answer.message),
            Some(_) => Err(ended.answer.message),
            None => Err(ended.how()),
        }
    }
}

/// Does what a process of a check is for: the job is told as JSON. Returns the exit status.
pub(crate) fn run(job: &str) -> i32 {
    let Ok(job) = serde_json::from_str::<Job>(job) else {
        return 2;
    };
    let Some(check) = find_check(&job.check) else {
        return 2;
    };
    end_with_parent();
    limit_resources();
    let exam = Exam::new(job.clone());
    let verdict = (check.run)(&exam);
    job.write(&answer(check.severity, verdict, exam.said()));
    0
}

/// What becomes of a finding in a check of this severity.
fn answer(severity: Severity, verdict: Verdict, said: String) -> Answer {
    let (outcome, message) = match verdict {
        Ok(()) => (Outcome::Passed, said),
        Err(Finding::Skipped(reason)) => (Outcome::Skipped, reason),
        Err(Finding::Warned(message)) => (Outcome::Warning, message),
        Err(Finding::Failed(message)) if severity == Severity::Warning => (Outcome::Warning, message),
        Err(Finding::Failed(message)) => (Outcome::Failed, message),
    };
    Answer { outcome: Some(outcome), message, note: String::new() }
}

/// Ends this process, and all that it started, when the one that started it is gone: then its end of our stdin is closed,
/// however it ended. Where the system can, it also sends a signal, for the case that the plugin takes stdin away.
fn end_with_parent() {
    // Without a handler, the signal would end this process alone.
    let _ = ctrlc::set_handler(end_group);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
    std::thread::spawn(|| {
        let mut byte = [0];
        while matches!(io::stdin().read(&mut byte), Ok(1..)) {}
        end_group();
    });
}

fn end_group() {
    #[cfg(unix)]
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    std::process::exit(3);
}

/// A plugin that takes memory without end gets an error, and none leaves a memory image behind.
fn limit_resources() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
        let _ = setrlimit(Resource::Data, limit(MEMORY));
        let _ = setrlimit(Resource::Core, limit(0));
    }
}

/// How much memory a check may take, in bytes.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 6 << 30;

/// Reads what a process said.
pub(super) fn read_answer(path: &Path) -> Answer {
    let text = std::fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}
