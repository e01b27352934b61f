//! Passes the compiler's version, target and CPU features on to the crate, for the build information that every
//! plugin carries.

use std::process::Command;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let rustc = Command::new(variable("RUSTC")).arg("--version").output();
    let version = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    println!("cargo::rustc-env=PLAYA_RUSTC={version}");
    println!("cargo::rustc-env=PLAYA_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=PLAYA_CPU_FEATURES={}", variable("CARGO_CFG_TARGET_FEATURE"));
    println!("cargo::rerun-if-changed=build.rs");
}
