//! The command `playa`.
//!
//! One file per subcommand: `effects`, `plugins`, `presets`, `info`, `ls`, `colour`, `graph`, `render`, `diff`, `demo`, `new`,
//! `dev`, `stubs`, `validate`, `bundle`. What it prints, and what happens when nobody reads it, is in `console` and `log`; how it ends, in `failure`;
//! Ctrl-C, in `interrupt`.
//!
//! Results go to stdout, as text or as one JSON document; progress, warnings and errors go to stderr.

mod bundle;
mod cargo;
mod colour;
mod console;
mod demo;
mod dev;
mod diff;
mod effects;
mod failure;
mod graph;
mod info;
mod interrupt;
mod log;
mod ls;
mod new;
mod plugins;
mod presets;
mod render;
mod stubs;
mod validate;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Parser, Subcommand};
use uuid::Uuid;

use crate::conformance::process::CHECK_COMMAND;
use crate::engine::Engine;
use crate::plugin::{WorkerProgram, worker};
use crate::project::Project;
use failure::{Exit, Failure};

pub use log::stderr;

/// Composites image sequences with plugin effects.
#[derive(Debug, Parser)]
#[command(name = "playa", version, after_help = HELP, max_term_width = 100)]
struct Cli {
    /// Show what effects report; -vv and -vvv show more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const HELP: &str = "\
Plugins are searched in the folders of PLAYA_PLUGIN_PATH, in those of playa.toml, in the user's data folder
(playa/plugins), and among the built-in ones.

Exit status: 0 all is well, 1 something failed (frames, files), 2 wrong usage or configuration,
3 the project, or a picture to compare, cannot be opened, 130 interrupted.

Examples:
  playa demo                                         make footage, a project and pictures to look at
  playa effects show GaussianBlur                    what an effect does and takes
  playa plugins                                      which plugin files there are
  playa info 'plates/fg.####.exr' shot.playa         what is in files
  playa ls plates                                    which sequences are in a folder, and what they lack
  playa colour 'plates/fg.####.exr' -p shot.playa    which colour space files are taken for
  playa graph shot.playa -F 12                       what a frame is made of
  playa render shot.playa -o out/shot.####.exr       render a project
  playa diff before.exr after.exr --fail 0.001       how much pictures differ
  playa new glow --kind area                         make a crate for an effect of your own
  playa dev                                          build it on each save, and see what it does
  playa validate target/release/libgain.so           whether a plugin keeps what it promises
  playa bundle --wheel                               make a folder and a Python wheel to give away";

#[derive(Debug, Subcommand)]
enum Command {
    Effects(effects::Args),
    Plugins(plugins::Args),
    Presets(presets::Args),
    Info(info::Args),
    Ls(ls::Args),
    Colour(colour::Args),
    Graph(graph::Args),
    Render(render::Args),
    Diff(diff::Args),
    Demo(demo::Args),
    New(new::Args),
    Dev(dev::Args),
    Stubs(stubs::Args),
    Validate(validate::Args),
    Bundle(bundle::Args),
    /// Live as a process in which plugins run
    #[command(name = WORKER, hide = true)]
    Worker,
}

/// The command that this program calls itself with.
const WORKER: &str = "__worker";

/// This program as one that lives as a worker process.
pub fn worker_program() -> Option<WorkerProgram> {
    Some(WorkerProgram { program: std::env::current_exe().ok()?, arguments: vec![WORKER.into()] })
}

/// Runs the command and returns its exit status: 0 all is well, 1 something failed (frames of a render, files of
/// `info`, limits of `diff`), 2 wrong usage or configuration, 3 the project, or a picture to compare, cannot be opened,
/// 130 interrupted.
///
/// `args` begin with the name of the program. `built_in` are the directories of the plugins that come with it; they are
/// searched last. Everything is printed to this process's stdout and stderr. A closed stdout ends nothing: who stopped
/// reading has seen enough.
///
/// Never ends the process, with one exception: `render`, `demo` and `dev` catch Ctrl-C (and SIGTERM) from their start until
/// the process ends, and the *second* one exits at once. So this is for processes whose purpose is the command.
pub fn run<T: Into<OsString> + Clone>(args: impl IntoIterator<Item = T>, built_in: &[PathBuf]) -> i32 {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    if let [_, command, job] = &args[..]
        && command == CHECK_COMMAND
    {
        return crate::conformance::child::run(&job.to_string_lossy());
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. That nobody reads them is no failure.
            let _ = error.print();
            return error.exit_code();
        }
    };
    if let Command::Worker = cli.command {
        return worker::serve();
    }
    log::start(cli.verbose);
    let result = match cli.command {
        Command::Effects(args) => effects::run(&args, built_in),
        Command::Plugins(args) => plugins::run(&args, built_in),
        Command::Presets(args) => presets::run(&args, built_in),
        Command::Info(args) => info::run(&args, built_in),
        Command::Ls(args) => ls::run(&args),
        Command::Colour(args) => colour::run(&args, built_in),
        Command::Graph(args) => graph::run(&args, built_in),
        Command::Render(args) => render::run(&args, built_in),
        Command::Diff(args) => diff::run(&args),
        Command::Demo(args) => demo::run(&args, built_in),
        Command::New(args) => new::run(&args),
        Command::Dev(args) => dev::run(&args, built_in),
        Command::Stubs(args) => stubs::run(&args, built_in),
        Command::Validate(args) => validate::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Worker => unreachable!("it was served before"),
    };
    let exit = result.unwrap_or_else(|failure| {
        failure.print();
        failure.exit
    });
    exit as i32
}

/// The engine with all plugins of this user. Tells on stderr which files were refused, a line each.
fn engine(built_in: &[PathBuf]) -> Result<Engine, Failure> {
    let engine = Engine::of_this_user(built_in).map_err(|error| Failure::new(Exit::Usage, error))?;
    for error in engine.effects().files().iter().filter_map(|file| file.error.as_ref()) {
        console::warn(error);
    }
    Ok(engine)
}

/// The comp of a project file that is asked for, else the only one, else the one called Main.
fn comp(path: &Path, name: Option<&str>, project: &Project) -> Result<Uuid, Failure> {
    if let Some(name) = name {
        return project.comp_named(name).map_err(Failure::usage);
    }
    let (path, document) = (path.display(), project.snapshot());
    match document.comps.keys().copied().collect::<Vec<_>>()[..] {
        [] => Err(Failure::new(Exit::BadProject, format_args!("{path}: the project has no comp to render"))),
        [only] => Ok(only),
        _ => document.comp_named("Main").map(|comp| comp.uuid()).ok_or_else(|| {
            let names: Vec<&str> = document.comps.values().map(|comp| comp.name()).collect();
            Failure::usage(format_args!("{path} has several comps, none is called Main: {}", names.join(", ")))
                .hint("name the one to render with --comp NAME")
        }),
    }
}
