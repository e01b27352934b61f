//! What a worker does without: memory beyond a limit, core files, changes of files, the network.
//!
//! An effect makes pixels of pixels. It reads what it finds, but on Linux its worker can neither write, make or remove
//! files (Landlock, since Linux 5.13), nor open a socket (seccomp), nor signal or look into other processes. What of this
//! the system does not have is left out, and told. This keeps mistakes in; it is no prison for who looks for a way out.

use rustix::process::{Resource, Rlimit, setrlimit};

use super::Confined;

/// Allows so much memory of its own, and no core file. What it shares with the host does not count.
pub(super) fn limit(bytes: u64) {
    let at_most = |value| Rlimit { current: Some(value), maximum: Some(value) };
    for (resource, value) in [(Resource::Core, 0), (Resource::Data, bytes)] {
        if let Err(error) = setrlimit(resource, at_most(value)) {
            log::warn!("a worker process goes on without a limit of its {resource:?}: {error}");
        }
    }
}

/// Takes away what can be taken away.
#[cfg(target_os = "linux")]
pub(super) fn confine() -> Confined {
    let told = |what: &str, result: Result<bool, Box<dyn std::error::Error>>| {
        result.inspect_err(|error| log::warn!("a worker process is not kept from {what}: {error}")).unwrap_or(false)
    };
    Confined { files: told("changing files", files()), network: told("the network", network()) }
}

/// No other system has a way that needs no privileges.
#[cfg(not(target_os = "linux"))]
pub(super) fn confine() -> Confined {
    Confined::default()
}

/// Whether files are read-only from now on.
#[cfg(target_os = "linux")]
fn files() -> Result<bool, Box<dyn std::error::Error>> {
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus,
        Scope, path_beneath_rules,
    };
    let abi = ABI::V6;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(["/"], AccessFs::from_read(abi)))?
        .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(abi)))?;
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

/// Whether sockets are refused from now on.
#[cfg(target_os = "linux")]
fn network() -> Result<bool, Box<dyn std::error::Error>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
    // The rings of io_uring open sockets without being asked by a call of that name.
    let refused = [libc::SYS_socket, libc::SYS_io_uring_setup].map(|call| (call, Vec::new()));
    let refuse = SeccompAction::Errno(libc::EACCES as u32);
    let machine = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(refused.into_iter().collect(), SeccompAction::Allow, refuse, machine)?;
    apply_filter(&BpfProgram::try_from(filter)?)?;
    Ok(true)
}
