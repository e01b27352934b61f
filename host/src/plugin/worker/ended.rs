//! How a worker came to its end.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

/// How a worker came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or by a signal; with what it wrote last.
    Status(ExitStatus, String),
    /// It went on longer than it may.
    Late(Duration),
    /// What it said is no message.
    Garbage,
    /// It did not stop when it was told to.
    Stubborn,
    /// It closed its side and goes on.
    Silent,
    /// The host needs it no more.
    Dismissed,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Status(status, last) => {
                match (status.signal(), status.code()) {
                    (Some(signal), _) => write!(f, "crashed with {}", signal_name(signal))?,
                    (None, code) => write!(f, "ended its process with status {}", code.unwrap_or_default())?,
                }
                if last.is_empty() { Ok(()) } else { write!(f, ", saying {last:?}") }
            }
            Ended::Late(limit) => write!(f, "did not come to an end within {} s", limit.as_secs_f64()),
            Ended::Garbage => f.write_str("wrote into what its process and the host talk through"),
            Ended::Stubborn => f.write_str("did not stop when it was told to"),
            Ended::Silent => f.write_str("closed what its process and the host talk through"),
            Ended::Dismissed => f.write_str("is not needed any more"),
        }
    }
}

/// `SIGSEGV (invalid memory)`.
fn signal_name(number: i32) -> String {
    let known = [
        (Signal::SEGV, "SIGSEGV (memory that is not its own, or no stack left)"),
        (Signal::BUS, "SIGBUS (memory that is not there)"),
        (Signal::ABORT, "SIGABRT (it gave up)"),
        (Signal::ILL, "SIGILL (an instruction that this processor lacks)"),
        (Signal::FPE, "SIGFPE (arithmetic without a result)"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::SYS, "SIGSYS (a system call that is not allowed)"),
        (Signal::KILL, "SIGKILL (the system, for lack of memory, or somebody ended it)"),
        (Signal::TERM, "SIGTERM (somebody ended it)"),
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::XCPU, "SIGXCPU (too much time)"),
        (Signal::XFSZ, "SIGXFSZ (too large a file)"),
    ];
    let name = known.iter().find(|(signal, _)| signal.as_raw() == number).map(|(_, name)| (*name).to_owned());
    name.unwrap_or_else(|| format!("signal {number}"))
}
