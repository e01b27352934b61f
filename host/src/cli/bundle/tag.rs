//! For which machines a library is, in the words of Python's wheels.
//!
//! Of Linux it depends on the versions of the C library's symbols that it needs: those, and which other libraries it may
//! need, are in the specification of platform tags (PEP 600). What needs more is for machines like this one, `linux_x86_64`.

use object::elf;
use object::endian::Endianness;
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _};
use object::read::macho::MachOFile64;

/// Libraries that every Linux with glibc has.
const EVERYWHERE: [&str; 8] =
    ["libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "libgcc_s.so", "libstdc++.so", "ld-linux"];
/// The oldest glibc that there is a tag for.
const OLDEST_GLIBC: u32 = 17;
/// Rust's musl.
const MUSL: &str = "1_2";

/// The platform tag of a library that was built for a target triple.
///
/// # Errors
/// Why there is none.
pub(super) fn of(platform: &str, bytes: &[u8]) -> Result<String, String> {
    let parts: Vec<&str> = platform.split('-').collect();
    let architecture = *parts.first().unwrap_or(&"");
    let has = |part: &str| parts.contains(&part);
    let none = || format!("Python has no wheels for {platform}");
    let unreadable = |error: object::Error| format!("the library for {platform} cannot be read: {error}");
    if has("windows") {
        return match architecture {
            "x86_64" => Ok("win_amd64".to_owned()),
            "aarch64" => Ok("win_arm64".to_owned()),
            "i686" => Ok("win32".to_owned()),
            _ => Err(none()),
        };
    }
    if has("darwin") {
        let machine = match architecture {
            "x86_64" => "x86_64",
            "aarch64" => "arm64",
            _ => return Err(none()),
        };
        let (major, minor) =
            oldest_macos(bytes).map_err(unreadable)?.ok_or("the library does not say for which macOS it is")?;
        // From 11 on, minor versions are no other systems.
        let minor = if major >= 11 { 0 } else { minor };
        return Ok(format!("macosx_{major}_{minor}_{machine}"));
    }
    if !has("linux") {
        return Err(none());
    }
    let machine = match architecture {
        "x86_64" | "aarch64" | "riscv64" | "s390x" => architecture,
        "powerpc64le" => "ppc64le",
        _ => return Err(none()),
    };
    match parts.last() {
        Some(&"musl") => Ok(format!("musllinux_{MUSL}_{machine}")),
        Some(&"gnu") => Ok(match oldest_glibc(bytes).map_err(unreadable)? {
            Some(minor) => format!("manylinux_2_{}_{machine}", minor.max(OLDEST_GLIBC)),
            None => format!("linux_{machine}"),
        }),
        _ => Err(none()),
    }
}

/// The minor version of the oldest glibc 2 with everything that a library needs; none if it needs other libraries.
fn oldest_glibc(bytes: &[u8]) -> object::Result<Option<u32>> {
    let file = ElfFile64::<Endianness>::parse(bytes)?;
    let (endian, header) = (file.endian(), file.elf_header());
    let sections = header.sections(endian, bytes)?;
    let Some((entries, link)) = sections.dynamic(endian, bytes)? else { return Ok(None) };
    let strings = sections.strings(endian, bytes, link)?;
    for entry in entries {
        if entry.d_tag(endian) == elf::DT_NEEDED {
            let name = entry.string(endian, strings)?;
            if !EVERYWHERE.iter().any(|known| name.starts_with(known.as_bytes())) {
                return Ok(None);
            }
        }
    }
    let mut oldest = 0;
    if let Some((mut needs, link)) = sections.gnu_verneed(endian, bytes)? {
        let strings = sections.strings(endian, bytes, link)?;
        while let Some((_, mut versions)) = needs.next()? {
            while let Some(version) = versions.next()? {
                oldest = oldest.max(minor_of(version.name(endian, strings)?).unwrap_or(0));
            }
        }
    }
    Ok(Some(oldest))
}

/// The minor version in `GLIBC_2.34`.
fn minor_of(version: &[u8]) -> Option<u32> {
    let rest = std::str::from_utf8(version).ok()?.strip_prefix("GLIBC_2.")?;
    rest.split('.').next()?.parse().ok()
}

/// The oldest macOS that a library is for.
fn oldest_macos(bytes: &[u8]) -> object::Result<Option<(u32, u32)>> {
    let file = MachOFile64::<Endianness>::parse(bytes)?;
    let endian = file.endian();
    let mut commands = file.macho_load_commands()?;
    while let Some(command) = commands.next()? {
        let version = match command.variant()? {
            object::read::macho::LoadCommandVariant::BuildVersion(build, _) => build.minos.get(endian),
            object::read::macho::LoadCommandVariant::VersionMin(minimum) => minimum.version.get(endian),
            _ => continue,
        };
        // In nibbles xxxx.yy.zz.
        return Ok(Some((version.0 >> 16, version.0 >> 8 & 0xff)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Mach-O library that says nothing but which macOS it is for.
    fn mach_o(minimum: u32) -> Vec<u8> {
        let header = [0xfeed_facf, 0x0100_000c, 0, 6, 1, 24, 0, 0];
        let command = [0x32, 24, 1, minimum, minimum, 0];
        header.into_iter().chain(command).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn a_triple_and_what_a_library_needs_are_a_tag() {
        for (platform, bytes, tag) in [
            ("x86_64-pc-windows-msvc", Vec::new(), "win_amd64"),
            ("aarch64-pc-windows-msvc", Vec::new(), "win_arm64"),
            ("i686-pc-windows-gnu", Vec::new(), "win32"),
            ("x86_64-apple-darwin", mach_o(10 << 16 | 12 << 8), "macosx_10_12_x86_64"),
            ("aarch64-apple-darwin", mach_o(11 << 16 | 3 << 8), "macosx_11_0_arm64"),
            ("x86_64-unknown-linux-musl", Vec::new(), "musllinux_1_2_x86_64"),
        ] {
            assert_eq!(of(platform, &bytes).as_deref(), Ok(tag), "{platform}");
        }
        for platform in ["riscv64gc-unknown-freebsd", "x86_64-linux-android", "wasm32-unknown-unknown", ""] {
            assert!(of(platform, &[]).is_err_and(|error| error.contains("has no wheels for")), "{platform}");
        }
        assert!(of("x86_64-unknown-linux-gnu", b"text").is_err_and(|error| error.contains("cannot be read")));
        assert_eq!(
            (minor_of(b"GLIBC_2.2.5"), minor_of(b"GLIBC_2.34"), minor_of(b"GCC_3.0")),
            (Some(2), Some(34), None)
        );
    }

    /// The linker's own list of what is needed is the peer.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn of_a_real_library_it_is_the_newest_symbol_that_counts() {
        let library = playa_tests::plugin("fixture-gain");
        let bytes = std::fs::read(&library).expect("it was built");
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let tag = of(&platform, &bytes).expect("there is one");
        let dump = std::process::Command::new("objdump").arg("-p").arg(&library).output();
        let Ok(dump) = dump else { return eprintln!("skipped: there is no objdump") };
        let text = String::from_utf8_lossy(&dump.stdout).into_owned();
        let needed = text.split_whitespace().filter_map(|word| minor_of(word.as_bytes())).max().expect("it needs libc");
        assert_eq!(tag, format!("manylinux_2_{}_{}", needed.max(17), std::env::consts::ARCH));
    }
}
