//! The file as a whole: what is in it, and what happens to a process that loads it.

use std::collections::BTreeMap;
use std::time::Instant;

use playa_plugin_api::{EffectError, abi::ROOT_SYMBOL};

use crate::conformance::Check;
use crate::conformance::exam::{Exam, Finding, Verdict, ensure};
use crate::conformance::machine;
use crate::plugin::LoadError;
use crate::plugin::load::{Candidate, inspect};

pub(super) const CHECKS: &[Check] = &[
    Check::of_file(
        "file-complete",
        1,
        "The file is a whole library for this machine with a plugin's section, and what its bundle says.",
        complete,
    ),
    Check::of_file(
        "abi-matches",
        1,
        "API version, panic strategy, processor features and layout are what this host loads.",
        abi,
    ),
    Check::of_file(
        "symbols-resolve",
        1,
        "Every library and symbol that the file needs is there when it is loaded.",
        symbols,
    ),
    Check::of_file("load-time", 1, "Loading and describing take less than 100 ms.", load_time).warns(),
    Check::of_file(
        "load-leaves-process",
        1,
        "Loading leaves threads, open files, environment, folder, signals, locale and umask as they were.",
        load_leaves_process,
    )
    .warns(),
    Check::of_file(
        "unknown-extensions",
        1,
        "Extensions that the plugin cannot know are answered with none.",
        extensions,
    ),
];

fn complete(exam: &Exam) -> Verdict {
    if let Err(error @ LoadError::Bundle { .. }) = Candidate::read(exam.plugin()) {
        return Err(Finding::failed(error.to_string()));
    }
    let bytes = std::fs::read(exam.plugin()).map_err(|error| Finding::failed(format!("it cannot be read: {error}")))?;
    inspect(exam.plugin(), &bytes).map(|_| ()).map_err(|error| Finding::failed(error.to_string()))
}

/// What is not this check's own fault is another one's.
fn abi(exam: &Exam) -> Verdict {
    let own = |error: LoadError| match error {
        LoadError::ApiVersion { .. }
        | LoadError::PanicStrategy { .. }
        | LoadError::CpuFeatures { .. }
        | LoadError::Layout { .. } => Finding::failed(error.to_string()),
        other => Finding::skipped(other.to_string()),
    };
    Candidate::read(exam.plugin()).and_then(Candidate::open_module).map(|_| ()).map_err(own)
}

fn symbols(exam: &Exam) -> Verdict {
    let candidate = exam.candidate()?;
    candidate.open_module().map(|_| ()).map_err(|error| match error {
        LoadError::Open { .. } | LoadError::NotAPlugin { .. } => {
            let symbol = String::from_utf8_lossy(&ROOT_SYMBOL[..ROOT_SYMBOL.len() - 1]).into_owned();
            Finding::failed(format!("{error} (every plugin exports {symbol})"))
        }
        other => Finding::skipped(other.to_string()),
    })
}

/// Each load is of a private copy at a new path, so that it is a first one. The quickest counts: the others may have
/// waited for something else.
fn load_time(exam: &Exam) -> Verdict {
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let module = exam.module()?;
        exam.note("describing its effects");
        let described = module.effects()().into_result();
        times.push(start.elapsed().as_secs_f64());
        described.map_err(|failure| Finding::skipped(format!("describing fails: {}", EffectError::from(failure))))?;
    }
    let quickest = times.iter().copied().fold(f64::INFINITY, f64::min);
    exam.say(format_args!("{:.1} ms", quickest * 1e3));
    ensure(quickest < 0.1, || {
        format!(
            "loading and describing take {:.0} ms: do what takes long when the effect is made or rendered",
            quickest * 1e3
        )
    })
}

fn load_leaves_process(exam: &Exam) -> Verdict {
    let candidate = exam.candidate()?;
    let before = Surroundings::now();
    exam.note("opening the plugin");
    let module = candidate.open_module().map_err(|error| Finding::skipped(error.to_string()))?;
    exam.note("describing its effects");
    let described = module.effects()().into_result();
    before.is_left()?;
    described
        .map(|_| ())
        .map_err(|failure| Finding::skipped(format!("describing fails: {}", EffectError::from(failure))))
}

fn extensions(exam: &Exam) -> Verdict {
    let module = exam.module()?;
    let mut random = exam.random("names");
    let mut names: Vec<String> = ["", "playa", "playa.gpu", "org.playa.extension"].map(str::to_owned).to_vec();
    names.extend((0..10).map(|_| format!("com.example.x{:x}", random.bits())));
    for name in names {
        for version in [0, 1, u32::MAX] {
            exam.note(format_args!("asking for the extension {name:?} {version}"));
            let answer = module.extension()(name.as_str().into(), version).into_option();
            ensure(answer.is_none(), || {
                format!("it answers to {name:?}, version {version}, with an extension, expected none")
            })?;
        }
    }
    Ok(())
}

/// What a process has that a plugin has no business to change.
#[derive(Debug)]
pub(super) struct Surroundings {
    facts: BTreeMap<&'static str, Facts>,
}

/// What is compared, with what is shown of it.
type Facts = BTreeMap<String, String>;

impl Surroundings {
    /// As they are now, as far as the system tells.
    pub fn now() -> Self {
        let mut facts: BTreeMap<&'static str, Facts> = BTreeMap::new();
        let alone = |fact: Option<String>| fact.map(|fact| (fact.clone(), fact)).into_iter().collect();
        let environment = std::env::vars_os().map(|(name, value)| format!("{}={}", name.display(), value.display()));
        facts.insert("environment", environment.map(|fact| (fact.clone(), fact)).collect());
        facts.insert("folder", alone(std::env::current_dir().ok().map(|folder| folder.display().to_string())));
        facts.insert("locale", alone(Some(machine::locale())));
        if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
            for (fact, key) in [
                ("umask", "Umask"),
                ("handled signals", "SigCgt"),
                ("ignored signals", "SigIgn"),
                ("blocked signals", "SigBlk"),
            ] {
                let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
                facts.insert(fact, alone(line.map(|value| value.trim().to_owned())));
            }
        }
        facts.insert("threads", threads());
        facts.insert("open files", open_files());
        Self { facts }
    }

    /// Whether they are now as they were.
    pub fn is_left(&self) -> Verdict {
        let now = Self::now();
        let changed = self.facts.iter().filter_map(|(fact, before)| {
            let after = now.facts.get(fact)?;
            let only_in = |these: &Facts, those: &Facts| {
                let only = these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, shown)| shown.as_str());
                only.collect::<Vec<_>>().join(", ")
            };
            let same = before.keys().eq(after.keys());
            (!same).then(|| format!("{fact}: gone {{{}}}, new {{{}}}", only_in(before, after), only_in(after, before)))
        });
        let changed: Vec<String> = changed.collect();
        ensure(changed.is_empty(), || changed.join("; "))
    }
}

/// The threads by number, where the system tells; a name may come later than its thread.
fn threads() -> Facts {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Facts::new() };
    let thread = |task: std::fs::DirEntry| {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        (task.file_name().display().to_string(), format!("thread {:?}", name.trim()))
    };
    tasks.filter_map(Result::ok).map(thread).collect()
}

/// Open files by number and what they are, where the system tells.
fn open_files() -> Facts {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return Facts::new() };
    let file = |entry: std::fs::DirEntry| {
        let target = std::fs::read_link(entry.path()).ok()?.display().to_string();
        // The folder that is being read is open meanwhile.
        (!target.ends_with("/fd")).then(|| (format!("{} {target}", entry.file_name().display()), target))
    };
    entries.filter_map(Result::ok).filter_map(file).collect()
}
