//! All checks of some plugins, a few processes at a time.

use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::checks::DEFAULTS;
use super::child::Job;
use super::exam::report_folder;
use super::process::{Child, Program, Reason};
use super::waiver::Waivers;
use super::{Check, Outcome, Scope, Severity, all_checks, find_check};
use crate::glob;
use crate::plugin::bundle;
use crate::plugin::load::inspect;

/// Which checks are run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Checks up to this level, 1 to 10.
    pub level: u8,
    /// Only checks whose name fits one of these patterns, if there are any.
    pub only: Vec<String>,
    /// No checks whose name fits one of these.
    pub skip: Vec<String>,
    /// Only effects whose id fits one of these patterns, if there are any.
    pub effects: Vec<String>,
    /// The same seed makes the same calls.
    pub seed: u64,
    /// Processes at a time.
    pub jobs: usize,
    /// How long a check may take, in place of its own limit.
    pub limit: Option<Duration>,
    /// Where pictures of failures go.
    pub report: Option<PathBuf>,
    /// Findings that are known.
    pub waivers: Waivers,
    /// What starts the process of a check.
    pub program: Program,
    /// How the command is called in the lines that reproduce a failure.
    pub command: String,
}

impl Options {
    /// Checks of level 5 with any seed, as many at a time as there are processors.
    pub fn new(program: Program) -> Self {
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        Self {
            level: 5,
            only: Vec::new(),
            skip: Vec::new(),
            effects: Vec::new(),
            seed: now as u64 % 1_000_000,
            jobs: std::thread::available_parallelism().map_or(1, NonZero::get),
            limit: None,
            report: None,
            waivers: Waivers::default(),
            program,
            command: "playa validate".to_owned(),
        }
    }

    /// Whether a check is run.
    pub fn takes(&self, check: &Check) -> bool {
        let fits = |pattern: &String| glob::matches(pattern, check.name);
        check.level <= self.level && (self.only.is_empty() || self.only.iter().any(fits)) && !self.skip.iter().any(fits)
    }
}

/// What came of all checks.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Each plugin.
    pub plugins: Vec<PluginReport>,
    /// The seed.
    pub seed: u64,
    /// The level.
    pub level: u8,
}

/// What came of the checks of one plugin.
#[derive(Clone, Debug, Serialize)]
pub struct PluginReport {
    /// The file.
    pub path: PathBuf,
    /// Each check, in order of level, those of the file first.
    pub checks: Vec<CheckReport>,
}

/// What came of one check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// Its name.
    pub name: String,
    /// The effect, in a check of effects.
    pub effect: Option<String>,
    /// Its level.
    pub level: u8,
    /// What a failure means.
    pub severity: Severity,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found; empty where it passed.
    pub message: String,
    /// How long it took.
    pub seconds: f64,
    /// The end of what the plugin printed meanwhile.
    pub printed: String,
    /// The command that does it again.
    pub reproduce: String,
    /// Why it is borne, if it is.
    pub waived: Option<String>,
}

impl CheckReport {
    /// Whether it is a failure that is not borne.
    pub fn counts(&self) -> bool {
        matches!(self.outcome, Outcome::Failed | Outcome::Crashed)
            && self.severity == Severity::Error
            && self.waived.is_none()
    }
}

impl Report {
    /// Whether nothing of severity error failed or crashed, save what is waived.
    pub fn is_good(&self) -> bool {
        !self.checks().any(CheckReport::counts)
    }

    /// Every check of every plugin.
    pub fn checks(&self) -> impl Iterator<Item = &CheckReport> {
        self.plugins.iter().flat_map(|plugin| &plugin.checks)
    }
}

/// A check that waits to be done.
struct Task<'a> {
    plugin: usize,
    /// Its place in the report of the plugin.
    at: usize,
    path: &'a Path,
    check: &'static Check,
    effect: Option<String>,
}

/// Runs the checks of some plugin files, of a bundle on its library for this machine. `tell` hears of each check when it is through, from several threads, with how
/// many of how many are.
///
/// A file is described by what stands in it: nothing of it runs in this process.
pub fn validate(
    plugins: &[PathBuf],
    options: &Options,
    tell: &(dyn Fn(&Path, &CheckReport, usize, usize) + Sync),
) -> Report {
    let mut tasks = VecDeque::new();
    let files: Vec<PathBuf> = plugins.iter().map(|path| bundle::file_of(path)).collect();
    for (number, path) in files.iter().enumerate() {
        let effects: Vec<String> = effects_of(path)
            .into_iter()
            .filter(|id| options.effects.is_empty() || options.effects.iter().any(|pattern| glob::matches(pattern, id)))
            .collect();
        let mut at = 0;
        for check in all_checks().into_iter().filter(|check| options.takes(check)) {
            let of: Vec<Option<String>> = match check.scope {
                Scope::File => vec![None],
                Scope::Description | Scope::Effect => effects.iter().cloned().map(Some).collect(),
            };
            for effect in of {
                tasks.push_back(Task { plugin: number, at, path, check, effect });
                at += 1;
            }
        }
    }
    let (count, done) = (tasks.len(), Mutex::new(0));
    let (tasks, results) = (Mutex::new(tasks), Mutex::new(Vec::new()));
    let defaults = Defaults { options, known: Mutex::default() };
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, count.max(1)) {
            scope.spawn(|| {
                loop {
                    let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(task) = next else { break };
                    let report = task.run(options, &defaults);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    *done += 1;
                    tell(task.path, &report, *done, count);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((task.plugin, task.at, report));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(plugin, at, _)| (*plugin, *at));
    let report = |(number, path): (usize, &PathBuf)| PluginReport {
        path: path.clone(),
        checks: results.iter().filter(|(plugin, ..)| *plugin == number).map(|(.., report)| report.clone()).collect(),
    };
    Report { plugins: plugins.iter().enumerate().map(report).collect(), seed: options.seed, level: options.level }
}

/// The ids of the effects that a file says it has.
fn effects_of(path: &Path) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let effects = inspect(path, &bytes).map_or_else(|_| Vec::new(), |build| build.effects);
    effects.into_iter().map(|effect| effect.id).collect()
}

/// The check that says why an effect does not render at all.
const BASIC: &str = "basic-render";

/// Which effects do not even render with their defaults: what other checks find of them is no news.
struct Defaults<'a> {
    options: &'a Options,
    known: Mutex<HashMap<OfPlugin, Option<String>>>,
}

/// A file and an effect of it.
type OfPlugin = (PathBuf, Option<String>);

impl Defaults<'_> {
    /// Why the effect of a task does not render, if it does not. Asked in a process of its own, when something is wrong.
    fn problem(&self, task: &Task<'_>) -> Option<String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let problem = known.entry((task.path.to_owned(), task.effect.clone())).or_insert_with(|| {
            let check = find_check(BASIC)?;
            let task = Task { check, effect: task.effect.clone(), ..*task };
            let (outcome, message, _) = task.outcome(self.options, DEFAULTS).unwrap_or_else(no_process);
            matches!(outcome, Outcome::Failed | Outcome::Crashed).then_some(message)
        });
        problem.clone()
    }
}

fn no_process(error: std::io::Error) -> (Outcome, String, String) {
    (Outcome::Crashed, format!("no process for the check: {error}"), String::new())
}

impl Task<'_> {
    fn run(&self, options: &Options, defaults: &Defaults<'_>) -> CheckReport {
        let Self { check, path, effect, .. } = self;
        let start = std::time::Instant::now();
        let (mut outcome, mut message, printed) = self.outcome(options, "").unwrap_or_else(no_process);
        let found = !matches!(outcome, Outcome::Passed | Outcome::Skipped);
        if found
            && check.scope == Scope::Effect
            && check.name != BASIC
            && let Some(problem) = defaults.problem(self)
        {
            outcome = Outcome::Skipped;
            message = format!("the effect does not render at all, see {BASIC}: {problem}");
        }
        let seconds = start.elapsed().as_secs_f64();
        let mut report = CheckReport {
            name: check.name.to_owned(),
            effect: effect.clone(),
            level: check.level,
            severity: check.severity,
            outcome,
            message,
            seconds,
            printed,
            reproduce: String::new(),
            waived: None,
        };
        if matches!(outcome, Outcome::Failed | Outcome::Crashed | Outcome::Warning) {
            report.reproduce = self.command(options);
            match options.waivers.find(check.name, path, effect.as_deref()) {
                Some((waiver, true)) => report.waived = Some(waiver.reason.clone()),
                Some((waiver, false)) => report.message += &format!(" (its waiver expired on {})", waiver.expires),
                None => {}
            }
        }
        report
    }

    /// What comes of it, with what was printed.
    fn outcome(&self, options: &Options, purpose: &str) -> std::io::Result<(Outcome, String, String)> {
        let folder = tempfile::tempdir()?;
        let Self { check, effect, .. } = self;
        let report =
            options.report.as_deref().map(|root| report_folder(root, self.path, check.name, effect.as_deref()));
        let job = Job {
            check: check.name.to_owned(),
            plugin: self.path.to_owned(),
            effect: effect.clone(),
            seed: options.seed,
            report,
            purpose: purpose.to_owned(),
            result: folder.path().join("result"),
            program: options.program.clone(),
            limit: options.limit.unwrap_or(check.time_limit()),
        };
        let ended = Child::start(&job, true)?.wait()?;
        let answer = match (&ended.reason, ended.answer.outcome) {
            // It may have answered and then not ended, or crashed on its way out.
            (Reason::Status(status), Some(outcome)) if status.success() => {
                (outcome, ended.answer.message, ended.printed)
            }
            (_, answered) => {
                let what = ended.how();
                let what = if answered.is_some() { format!("{what}, at its end") } else { what };
                (Outcome::Crashed, what, ended.printed)
            }
        };
        Ok(answer)
    }

    /// The command that does it again.
    fn command(&self, options: &Options) -> String {
        let mut words = vec![options.command.clone(), shell_word(&self.path.display().to_string())];
        words.extend(["--only".to_owned(), self.check.name.to_owned()]);
        if let Some(effect) = &self.effect {
            words.extend(["--effect".to_owned(), shell_word(effect)]);
        }
        words.extend(["--seed".to_owned(), options.seed.to_string()]);
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// For a plugin's own tests: runs all checks up to a level on a plugin file that was built, by the program `playa` at
/// `program`, and panics with all that was found if anything of severity error failed or crashed.
///
/// ```no_run
/// use playa_host::conformance::{Program, assert_conforms};
///
/// // In a test of the plugin's crate, after `cargo build`:
/// let program = Program { path: "/usr/local/bin/playa".into(), arguments: Vec::new() };
/// assert_conforms("target/release/libgain.so", 5, &program);
/// ```
///
/// # Panics
/// If the plugin does not conform.
pub fn assert_conforms(plugin: impl AsRef<Path>, level: u8, program: &Program) {
    let options = Options { level, ..Options::new(program.clone()) };
    let report = validate(&[plugin.as_ref().to_owned()], &options, &|_, _, _, _| {});
    let line = |check: &CheckReport| {
        let effect = check.effect.as_deref().map_or_else(String::new, |effect| format!(" of {effect}"));
        let CheckReport { name, message, reproduce, .. } = check;
        format!("{name}{effect} {}: {message}\n  again: {reproduce}", check.outcome.name())
    };
    let found: Vec<String> = report.checks().filter(|check| check.counts()).map(line).collect();
    let path = plugin.as_ref().display();
    assert!(found.is_empty(), "{path} does not conform, seed {}:\n{}", report.seed, found.join("\n"));
}
