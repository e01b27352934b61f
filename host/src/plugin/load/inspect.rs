//! What a file says of itself, read without running it.

use std::path::Path;

use object::{Object as _, ObjectKind, ObjectSection as _, ObjectSegment as _};
use playa_plugin_api::abi::API_VERSION;
use playa_plugin_api::export::METADATA_SECTION;
use serde::{Deserialize, Serialize};

use super::{LoadError, expected_api};

/// How a plugin was built, from its metadata section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildInfo {
    /// Version of the plugin API it speaks.
    pub api: String,
    /// Version of the SDK it was built with.
    pub sdk: String,
    /// The compiler.
    pub rustc: String,
    /// The target triple.
    pub target: String,
    /// Processor features its code takes for granted, comma-separated.
    pub cpu_features: String,
    /// `unwind` or `abort`.
    pub panic: String,
    /// Its effects.
    pub effects: Vec<StaticEffect>,
}

/// What the metadata section says of one effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticEffect {
    /// Reverse-DNS id.
    pub id: String,
    /// PascalCase name.
    pub type_name: String,
    /// Name for people.
    pub label: String,
    /// Semantic version.
    pub version: String,
    /// What it does.
    pub help: String,
    /// Its parameters, in order.
    pub params: Vec<StaticParam>,
}

/// What the metadata section says of one parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticParam {
    /// Its name.
    pub name: String,
    /// Its kind, as text.
    pub kind: String,
    /// Its unit.
    pub unit: String,
    /// What it does.
    pub doc: String,
}

/// Checks that `bytes` are a whole dynamic library for this machine with a plugin's metadata, and reads that.
///
/// # Errors
/// [`LoadError::NotALibrary`], [`LoadError::Incomplete`] or [`LoadError::NotAPlugin`].
pub fn inspect(path: &Path, bytes: &[u8]) -> Result<BuildInfo, LoadError> {
    read(path, bytes, Machine::This)
}

/// The same of a library for any machine.
///
/// # Errors
/// The same.
pub fn inspect_any(path: &Path, bytes: &[u8]) -> Result<BuildInfo, LoadError> {
    read(path, bytes, Machine::Any)
}

/// For which machine a library may be.
#[derive(Clone, Copy)]
enum Machine {
    This,
    Any,
}

impl Machine {
    fn takes(self, file: &object::File<'_>) -> bool {
        let native = || file.format() == object::BinaryFormat::native_object();
        matches!(self, Machine::Any) || native() && architecture_name(file) == std::env::consts::ARCH
    }

    fn expected(self) -> String {
        match self {
            Machine::This => {
                format!("a {:?} library for {}", object::BinaryFormat::native_object(), std::env::consts::ARCH)
            }
            Machine::Any => "an ELF, Mach-O or PE library".to_owned(),
        }
    }
}

fn read(path: &Path, bytes: &[u8], machine: Machine) -> Result<BuildInfo, LoadError> {
    let not_a_library =
        |found: String| LoadError::NotALibrary { path: path.to_owned(), found, expected: machine.expected() };
    let incomplete = |reason: String| LoadError::Incomplete { path: path.to_owned(), reason };
    let not_a_plugin = |reason: String| LoadError::NotAPlugin { path: path.to_owned(), reason };

    let Ok(kind) = object::FileKind::parse(bytes) else {
        return Err(not_a_library(what_it_looks_like(bytes)));
    };
    let file = object::File::parse(bytes).map_err(|error| match kind {
        object::FileKind::Elf32 | object::FileKind::Elf64 | object::FileKind::MachO64 | object::FileKind::Pe64 => {
            incomplete(format!("{error}, in a file of {} bytes", bytes.len()))
        }
        other => not_a_library(format!("{other:?}")),
    })?;
    if !machine.takes(&file) {
        return Err(not_a_library(format!("{:?} for {:?}", file.format(), file.architecture())));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err(not_a_library(format!("a file of kind {:?}", file.kind())));
    }
    let inside = |(offset, size): (u64, u64)| offset.checked_add(size).is_some_and(|end| end <= bytes.len() as u64);
    if let Some(outside) = file.segments().map(|segment| segment.file_range()).find(|range| !inside(*range)) {
        let (end, size) = (outside.0.saturating_add(outside.1), bytes.len());
        return Err(incomplete(format!("a segment ends at byte {end} of {size}")));
    }
    for section in file.sections() {
        if section.file_range().is_some_and(|range| !inside(range)) {
            let name = section.name().unwrap_or("?");
            return Err(incomplete(format!("section {name:?} ends beyond its {} bytes", bytes.len())));
        }
    }

    // Apple's linker strips the leading dot: `__DATA,__playa` is found under the generic name.
    let name = if file.format() == object::BinaryFormat::MachO { "__playa" } else { METADATA_SECTION };
    let Some(section) = file.section_by_name(name) else {
        return Err(not_a_plugin(format!("it has no section {name:?}")));
    };
    let text = section.data().map_err(|error| incomplete(error.to_string()))?;
    // A PE section is padded with zeros.
    let text = text.strip_suffix_zeros();
    serde_json::from_slice(text).map_err(|error| not_a_plugin(format!("its section {name:?} cannot be read: {error}")))
}

/// The part of a library that the system's loader maps: debug information and the like, which is nine tenths of many a
/// build, lies behind it.
pub(super) fn loaded_part(bytes: &[u8]) -> &[u8] {
    match object::File::parse(bytes) {
        Ok(file) if file.format() == object::BinaryFormat::Elf => {
            let ends = file.segments().map(|segment| segment.file_range()).map(|(start, size)| start + size);
            let end = ends.max().and_then(|end| usize::try_from(end).ok()).unwrap_or(bytes.len());
            &bytes[..end.min(bytes.len())]
        }
        // A signature is of all.
        _ => bytes,
    }
}

/// Zero bytes at the end are padding.
trait StripZeros {
    fn strip_suffix_zeros(&self) -> &[u8];
}

impl StripZeros for [u8] {
    fn strip_suffix_zeros(&self) -> &[u8] {
        let end = self.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        &self[..end]
    }
}

impl BuildInfo {
    /// Whether this process can run it.
    ///
    /// # Errors
    /// [`LoadError::ApiVersion`], [`LoadError::PanicStrategy`] or [`LoadError::CpuFeatures`].
    pub fn check_this_host(&self, path: &Path) -> Result<(), LoadError> {
        self.check(path, lacks)
    }

    /// Whether a host of this version can run it, on the machine that it was built for.
    ///
    /// # Errors
    /// [`LoadError::ApiVersion`] or [`LoadError::PanicStrategy`].
    pub(crate) fn check_any_host(&self, path: &Path) -> Result<(), LoadError> {
        self.check(path, |_| false)
    }

    /// The same for a processor that lacks what `lacks` says.
    fn check(&self, path: &Path, lacks: impl Fn(&str) -> bool) -> Result<(), LoadError> {
        let path = path.to_owned();
        if major(&self.api).is_none() || major(&self.api) != major(API_VERSION) {
            return Err(LoadError::ApiVersion { path, found: self.api.clone(), expected: expected_api() });
        }
        if self.panic != "unwind" {
            return Err(LoadError::PanicStrategy { path, found: self.panic.clone() });
        }
        let missing: Vec<String> = self.cpu_features.split(',').filter(|name| lacks(name)).map(str::to_owned).collect();
        if missing.is_empty() { Ok(()) } else { Err(LoadError::CpuFeatures { path, missing }) }
    }
}

/// Major version of `major.minor.patch`.
fn major(version: &str) -> Option<u64> {
    semver::Version::parse(version).ok().map(|version| version.major)
}

/// Whether this processor is known to lack the feature. Names that cannot be asked for count as there.
#[cfg(target_arch = "x86_64")]
fn lacks(feature: &str) -> bool {
    macro_rules! known {
        ($($name:tt),+) => {
            match feature {
                $($name => !std::arch::is_x86_feature_detected!($name),)+
                _ => false,
            }
        };
    }
    known!(
        "sse3",
        "ssse3",
        "sse4.1",
        "sse4.2",
        "popcnt",
        "avx",
        "avx2",
        "fma",
        "f16c",
        "bmi1",
        "bmi2",
        "lzcnt",
        "movbe",
        "aes",
        "pclmulqdq",
        "sha",
        "avx512f",
        "avx512bw",
        "avx512cd",
        "avx512dq",
        "avx512vl",
        "avx512vbmi",
        "avx512vbmi2",
        "avx512vnni",
        "avx512bf16",
        "avx512fp16",
        "gfni",
        "vaes"
    )
}

/// Other processors: the target triple decides.
#[cfg(not(target_arch = "x86_64"))]
fn lacks(_feature: &str) -> bool {
    false
}

/// The architecture in the words of `std::env::consts::ARCH`.
fn architecture_name(file: &object::File<'_>) -> &'static str {
    match file.architecture() {
        object::Architecture::X86_64 => "x86_64",
        object::Architecture::Aarch64 => "aarch64",
        object::Architecture::Riscv64 => "riscv64",
        _ => "another",
    }
}

fn what_it_looks_like(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(24)];
    match std::str::from_utf8(head) {
        _ if bytes.is_empty() => "an empty file".to_owned(),
        Ok(text) if !text.contains('\0') => format!("text that begins {text:?}"),
        _ => format!("{} bytes that begin {:02x?}", bytes.len(), &head[..head.len().min(8)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(api: &str, panic: &str, cpu_features: &str) -> BuildInfo {
        let text = |text: &str| text.to_owned();
        BuildInfo {
            api: text(api),
            sdk: text(api),
            rustc: text("rustc"),
            target: text("any"),
            cpu_features: text(cpu_features),
            panic: text(panic),
            effects: Vec::new(),
        }
    }

    /// The error of a build on a processor with SSE and AVX alone.
    fn refused(build: &BuildInfo) -> LoadError {
        let lacks = |feature: &str| !["", "sse", "sse2", "avx"].contains(&feature);
        build.check(Path::new("plugin.so"), lacks).expect_err("it cannot run here")
    }

    #[test]
    fn a_build_for_another_processor_names_all_that_is_missing() {
        let error = refused(&built("1.0.0", "unwind", "sse,sse2,avx,avx512fp16,gfni"));
        assert_eq!(error.to_string(), "plugin.so: uses processor features this machine lacks: avx512fp16, gfni");
    }

    #[test]
    fn features_that_are_there_or_cannot_be_asked_for_are_no_reason() {
        for features in ["", "fxsr,sse,sse2", "a-feature-of-another-year"] {
            built("1.0.0", "unwind", features).check_this_host(Path::new("plugin.so")).expect("it can run");
        }
    }

    #[test]
    fn the_api_comes_before_the_panic_strategy_and_that_before_the_processor() {
        for api in ["0.9.0", "2.0.0", "1", "", "one"] {
            let error = refused(&built(api, "abort", "gfni"));
            assert!(matches!(error, LoadError::ApiVersion { .. }), "{error}");
        }
        for api in ["1.0.0", "1.9.3"] {
            let error = refused(&built(api, "abort", "gfni"));
            assert!(matches!(error, LoadError::PanicStrategy { .. }), "{error}");
        }
    }
}
