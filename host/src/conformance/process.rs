//! Starting the process of a check, waiting for it, and ending it with all that it started.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::child::{Answer, Job, read_answer};

/// The argument after which [`crate::cli::run`] does one check.
pub const CHECK_COMMAND: &str = "__check";

/// A program that leads its arguments to [`crate::cli::run`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// What comes before the arguments of the command.
    pub arguments: Vec<OsString>,
}

static PROGRAM: OnceLock<Program> = OnceLock::new();

impl Program {
    /// Says which program it is in this process, where it is not the one that runs: Python's does not lead its arguments
    /// to the command by itself.
    pub fn set(self) {
        // Who said it first knows.
        let _ = PROGRAM.set(self);
    }

    /// The program of this process.
    ///
    /// # Errors
    /// If nobody said which it is, and the system does not know.
    pub fn of_this_process() -> io::Result<Self> {
        match PROGRAM.get() {
            Some(program) => Ok(program.clone()),
            None => Ok(Self { path: std::env::current_exe()?, arguments: Vec::new() }),
        }
    }
}

/// How often a running process is looked at, at most.
const LOOK: Duration = Duration::from_millis(10);
/// How much a plugin may print.
const PRINTED: u64 = 16 << 20;
/// How much of that is shown.
const SHOWN: u64 = 2000;

/// A process under way. Ends with this.
pub(super) struct Child {
    child: std::process::Child,
    /// It leads a group of its own.
    leads: bool,
    printed: File,
    result: PathBuf,
    limit: Duration,
    start: Instant,
}

/// A process that has ended.
pub(super) struct Ended {
    pub answer: Answer,
    pub reason: Reason,
    /// The end of what it printed.
    pub printed: String,
    pub limit: Duration,
}

/// Why it ended.
pub(super) enum Reason {
    /// By itself.
    Status(ExitStatus),
    /// Its time was over.
    Late,
    /// It printed without end.
    Chatty,
}

impl Child {
    /// Starts one.
    pub fn start(job: &Job, leads: bool) -> io::Result<Self> {
        let printed = tempfile::tempfile()?;
        let mut command = Command::new(&job.program.path);
        let text = serde_json::to_string(job)?;
        command.args(&job.program.arguments).arg(CHECK_COMMAND).arg(text);
        command.stdin(Stdio::piped()).stdout(printed.try_clone()?).stderr(printed.try_clone()?);
        #[cfg(unix)]
        if leads {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let (start, limit) = (Instant::now(), job.limit);
        let child = command
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", job.program.path.display())))?;
        Ok(Self { child, leads, printed, result: job.result.clone(), limit, start })
    }

    /// Waits for its end, and sees to it.
    pub fn wait(mut self) -> io::Result<Ended> {
        let mut pause = Duration::from_millis(1);
        let reason = loop {
            if let Some(status) = self.has_ended()? {
                break Reason::Status(status);
            }
            if self.start.elapsed() > self.limit {
                break Reason::Late;
            }
            if self.printed.metadata()?.len() > PRINTED {
                break Reason::Chatty;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LOOK);
        };
        self.end();
        let (answer, printed) = (read_answer(&self.result), self.tail().unwrap_or_default());
        Ok(Ended { answer, reason, printed, limit: self.limit })
    }

    /// Its status, when it is through. What it left running is ended before its number can be another's.
    fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            if waitid(WaitId::Pid(Pid::from_child(&self.child)), options)?.is_none() {
                return Ok(None);
            }
            self.kill();
        }
        self.child.try_wait()
    }

    fn kill(&mut self) {
        #[cfg(unix)]
        if self.leads {
            use rustix::process::{Pid, Signal, kill_process_group};
            // There may be none left.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
    }

    fn end(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.kill();
            let _ = self.child.wait();
        }
    }

    /// The end of what it printed.
    fn tail(&mut self) -> io::Result<String> {
        let size = self.printed.metadata()?.len();
        self.printed.seek(io::SeekFrom::Start(size.saturating_sub(SHOWN)))?;
        let mut bytes = Vec::new();
        (&mut self.printed).take(SHOWN).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        Ok(if size > SHOWN { format!("... {text}") } else { text })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

impl Ended {
    /// How it ended without an answer, in words.
    pub fn how(&self) -> String {
        let note = &self.answer.note;
        let doing = if note.is_empty() { String::new() } else { format!(", while: {note}") };
        match &self.reason {
            Reason::Late => format!("not through after {:.0} s{doing}", self.limit.as_secs_f64()),
            Reason::Chatty => format!("printed more than {} MiB{doing}", PRINTED >> 20),
            Reason::Status(status) => match signal_of(*status) {
                Some(signal) => format!("ended by {signal}{doing}"),
                None => format!("the process ended with status {} in the middle{doing}", status.code().unwrap_or(-1)),
            },
        }
    }
}

/// The name of the signal that ended a process.
fn signal_of(status: ExitStatus) -> Option<String> {
    #[cfg(unix)]
    {
        let number = std::os::unix::process::ExitStatusExt::signal(&status)?;
        let names = [
            (libc::SIGABRT, "SIGABRT (it gave up)"),
            (libc::SIGBUS, "SIGBUS (memory that is not there)"),
            (libc::SIGFPE, "SIGFPE (a division without result)"),
            (libc::SIGILL, "SIGILL (an instruction that this processor does not have)"),
            (libc::SIGKILL, "SIGKILL"),
            (libc::SIGSEGV, "SIGSEGV (memory that it may not touch)"),
            (libc::SIGSYS, "SIGSYS"),
            (libc::SIGTERM, "SIGTERM"),
            (libc::SIGTRAP, "SIGTRAP"),
        ];
        let name = names.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned());
        Some(name.unwrap_or_else(|| format!("signal {number}")))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        None
    }
}
