//! Ctrl-C: the first ends the work, the second the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use super::failure::{Exit, Failure};

/// Catches Ctrl-C, SIGTERM and SIGHUP (where there are such) from now on. The first sets the flag, which stops a render
/// between two layers or bands; the file that is being written at that moment is still finished, and nothing else is
/// touched. The second ends the process with status 130 at once; all that can stay behind is a hidden `.playa-*.part`.
///
/// There is one handler in a process and it stays. A second command of the same process takes it over with the flag
/// cleared.
pub(super) fn catch() -> Result<Arc<AtomicBool>, Failure> {
    static FLAG: LazyLock<(Arc<AtomicBool>, Result<(), String>)> = LazyLock::new(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let handler = move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(Exit::Interrupted as i32);
            }
        };
        let installed = ctrlc::set_handler(handler).map_err(|error| error.to_string());
        (flag, installed)
    });
    let (flag, installed) = &*FLAG;
    if let Err(reason) = installed {
        return Err(Failure::new(Exit::Failed, format_args!("Ctrl-C cannot be caught: {reason}")));
    }
    flag.store(false, Ordering::SeqCst);
    Ok(Arc::clone(flag))
}
