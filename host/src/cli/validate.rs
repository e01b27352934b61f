//! `playa validate`: whether plugins are what they say.

use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::console;
use super::failure::{Exit, Failure};
use crate::conformance::waiver::Waivers;
use crate::conformance::{
    CheckReport, Options, Outcome, Program, Report, Scope, Severity, all_checks, checks, junit, validate,
};
use crate::plugin::bundle;

/// Check whether plugin files and their effects keep what they promise, and whether the presets of bundles fit.
///
/// Each check runs in a process of its own, which is ended with all that it started when its time is over: a plugin that
/// crashes or hangs is a result like any other. What is known to be wrong can be borne until a date, with --waivers.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Plugin files, or bundles, of which it is the library for this machine.
    #[arg(value_name = "PLUGIN", required_unless_present = "list")]
    plugins: Vec<PathBuf>,
    /// Checks up to this level: 1 is what every plugin has to pass, 10 is for those who fear everything [default: 5, or
    /// 10 with --only].
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=10))]
    level: Option<u8>,
    /// Only checks of this name; * and ? stand for others. May be repeated, or hold several with commas between.
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    only: Vec<String>,
    /// No checks of this name.
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    skip: Vec<String>,
    /// Only effects of this id.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    effect: Vec<String>,
    /// Make the same calls as a run with this seed [default: another one each time, which is printed].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Checks at a time [default: as many as there are processors].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How long a check may take, in place of its own limit.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<f64>,
    /// Write a JUnit report to this file.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write expected, got and difference of each picture that is wrong into this folder, as OpenEXR and PNG.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Findings that are known: a TOML file of tables [[waive]] with check, reason, expires (a date), and plugin or effect.
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
    /// List the checks.
    #[arg(long)]
    list: bool,
}

const HELP: &str = "\
Exit status: 0 nothing of severity error failed or crashed, 1 something did, 2 wrong usage.

Examples:
  playa validate target/release/libgain.so
  playa validate target/release/libgain.so --level 10 --report wrong
  playa validate libgain.so --only 'tile-*,roi-*' --seed 7
  playa validate libgain.so --json > report.json
  playa validate libgain.so --junit report.xml --waivers known.toml
  playa validate dist/gain.playa
  playa validate --list";

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.list {
        return list(args.json);
    }
    let options = options(args)?;
    if !args.json {
        console::say(format_args!("seed {}, level {}", options.seed, options.level));
    }
    let bar = progress_bar();
    let report = validate(&args.plugins, &options, &|_, check, done, count| {
        bar.set_length(count as u64);
        bar.set_position(done as u64);
        bar.set_message(check.name.clone());
        if !args.json && check.outcome != Outcome::Passed && check.outcome != Outcome::Skipped {
            bar.suspend(|| console::say(line(check)));
        }
    });
    bar.finish_and_clear();
    if let Some(path) = &args.junit {
        let text = junit(&report);
        crate::atomic::write_atomic(path, |file| std::io::Write::write_all(file, text.as_bytes()))
            .map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", path.display())))?;
    }
    if args.json {
        console::print_json(&report)?
    } else {
        console::print(&text(&report))?
    }
    Ok(if report.is_good() { Exit::Ok } else { Exit::Failed })
}

fn options(args: &Args) -> Result<Options, Failure> {
    for plugin in &args.plugins {
        if !plugin.is_file() && !bundle::is_bundle(plugin) {
            let failure = Failure::usage(format_args!("{}: there is no such file", plugin.display()));
            return Err(failure
                .hint("name the dynamic library that cargo made, such as target/release/libgain.so, or a bundle"));
        }
    }
    let program = Program::of_this_process().map_err(|error| {
        Failure::new(Exit::Failed, format_args!("the program of this process is not known: {error}"))
    })?;
    let mut options = Options::new(program);
    options.level = args.level.unwrap_or(if args.only.is_empty() { options.level } else { 10 });
    options.only.clone_from(&args.only);
    options.skip.clone_from(&args.skip);
    options.effects.clone_from(&args.effect);
    options.seed = args.seed.unwrap_or(options.seed);
    options.jobs = args.jobs.map_or(options.jobs, usize::from);
    options.report.clone_from(&args.report);
    if let Some(seconds) = args.timeout {
        let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
        options.limit = Some(limit.ok_or_else(|| Failure::usage("--timeout is a number of seconds above 0"))?);
    }
    if let Some(path) = &args.waivers {
        options.waivers = Waivers::read(path).map_err(Failure::usage)?;
    }
    for pattern in &args.only {
        if !all_checks().iter().any(|check| crate::conformance::matches(pattern, check.name)) {
            let failure = Failure::usage(format_args!("no check is called {pattern:?}"));
            return Err(failure.hint("playa validate --list shows them"));
        }
    }
    Ok(options)
}

/// A line while it goes, where somebody can see it.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} checks, {elapsed} of about {duration}  {msg}");
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
        .with_style(style.expect("the template is well formed"))
}

/// A finding in one line.
fn line(check: &CheckReport) -> String {
    let of = check.effect.as_deref().map_or_else(String::new, |effect| format!(" {effect}"));
    format!("{}: {}{of}: {}", check.outcome.name(), check.name, check.message)
}

/// All that there is to say.
fn text(report: &Report) -> String {
    let mut text = String::new();
    for plugin in &report.plugins {
        text += &format!("{}\n", plugin.path.display());
        let row = |check: &CheckReport| {
            let outcome = if check.waived.is_some() { "waived" } else { check.outcome.name() };
            let of = check.effect.clone().unwrap_or_default();
            [outcome.to_owned(), check.level.to_string(), check.name.clone(), format!("{:.2} s", check.seconds), of]
                .to_vec()
        };
        let head = ["OUTCOME", "LEVEL", "CHECK", "TIME", "EFFECT"].map(str::to_owned).to_vec();
        text += &console::table(&[head].into_iter().chain(plugin.checks.iter().map(row)).collect::<Vec<_>>());
        let found = |check: &&CheckReport| !matches!(check.outcome, Outcome::Passed | Outcome::Skipped);
        plugin.checks.iter().filter(found).for_each(|check| text += &details(check));
        text += &skipped(&plugin.checks);
        text.push('\n');
    }
    text + &summary(report)
}

fn details(check: &CheckReport) -> String {
    let mut text = format!("\n{}\n", line(check));
    if let Some(reason) = &check.waived {
        text += &format!("  waived: {reason}\n");
    }
    if !check.printed.is_empty() {
        text += &format!("  printed: {}\n", check.printed.replace('\n', "\n    "));
    }
    if !check.reproduce.is_empty() {
        text += &format!("  again: {}\n", check.reproduce);
    }
    text
}

/// Why checks were skipped, each reason once.
fn skipped(checks: &[CheckReport]) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in checks.iter().filter(|check| check.outcome == Outcome::Skipped) {
        match reasons.iter_mut().find(|(reason, _)| *reason == check.message) {
            Some((_, names)) => names.push(&check.name),
            None => reasons.push((&check.message, vec![&check.name])),
        }
    }
    let line = |(reason, names): (&str, Vec<&str>)| match &names[..] {
        [first, .., last] if names.len() > 3 => {
            format!("\nskipped: {} checks, {first} to {last}: {reason}\n", names.len())
        }
        _ => format!("\nskipped: {}: {reason}\n", names.join(", ")),
    };
    reasons.into_iter().map(line).collect()
}

fn summary(report: &Report) -> String {
    let count = |outcome| report.checks().filter(|check| check.outcome == outcome && check.waived.is_none()).count();
    let outcomes = [Outcome::Passed, Outcome::Warning, Outcome::Failed, Outcome::Crashed, Outcome::Skipped];
    let mut parts: Vec<String> = outcomes.map(|outcome| format!("{} {}", count(outcome), outcome.name())).to_vec();
    let waived = report.checks().filter(|check| check.waived.is_some()).count();
    if waived > 0 {
        parts.push(format!("{waived} waived"));
    }
    format!("{}; seed {}\n", parts.join(", "), report.seed)
}

fn list(as_json: bool) -> Result<Exit, Failure> {
    let theme = |name: &str| {
        let found = checks::THEMES.iter().find(|(_, checks)| checks.iter().any(|check| check.name == name));
        found.map_or("", |(theme, _)| *theme)
    };
    let of = |scope| match scope {
        Scope::File => "file",
        Scope::Description => "description",
        Scope::Effect => "effect",
    };
    if as_json {
        let entry = |check: &&crate::conformance::Check| {
            json!({
                "name": check.name, "level": check.level, "severity": check.severity, "of": of(check.scope),
                "theme": theme(check.name), "about": check.about, "seconds": check.limit,
            })
        };
        console::print_json(&json!({ "checks": all_checks().iter().map(entry).collect::<Vec<_>>() }))?;
    } else {
        let head = ["LEVEL", "CHECK", "OF", "SEVERITY", "WHAT HAS TO HOLD"].map(str::to_owned).to_vec();
        let row = |check: &crate::conformance::Check| {
            let severity = if check.severity == Severity::Error { "error" } else { "warning" };
            [&check.level.to_string(), check.name, of(check.scope), severity, check.about].map(str::to_owned).to_vec()
        };
        console::print(&console::table(
            &[head].into_iter().chain(all_checks().into_iter().map(row)).collect::<Vec<_>>(),
        ))?;
    }
    Ok(Exit::Ok)
}
