//! Which machine a target triple means.

/// Whether what was built for a target triple, such as `x86_64-unknown-linux-gnu`, runs in this process.
pub fn runs_here(triple: &str) -> bool {
    let mut parts = triple.split('-');
    let architecture = match parts.next() {
        Some("i586" | "i686") => "x86",
        Some("arm64") => "aarch64",
        Some(other) => other,
        None => return false,
    };
    let rest: Vec<&str> = parts.collect();
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    // The C library of Linux has several makes, one of which a process has.
    let libc = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    let same_libc = cfg!(not(target_os = "linux")) || rest.last().is_some_and(|part| part.starts_with(libc));
    architecture == std::env::consts::ARCH && rest.contains(&system) && same_libc
}

/// This machine in words.
pub(super) fn here() -> String {
    format!("{} {}", std::env::consts::ARCH, std::env::consts::OS)
}
