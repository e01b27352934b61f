//! `playa bundle`: a plugin as a folder, and that as a Python wheel.
//!
//! [`facts`] gathers what a manifest says, from a crate or the command line; [`pack`] makes the folder; [`check`] looks
//! whether one is what it says; [`wheel`] makes wheels of it.

mod check;
mod facts;
mod pack;
mod tag;
mod wheel;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::cargo::{Built, Crate, Profile};
use super::failure::{Exit, Failure};
use super::{console, interrupt};
use crate::plugin::{Bundle, bundle};
use facts::Facts;

/// Make a bundle: a folder NAME.playa with the library of a plugin, its presets, its help and its licence.
///
/// The host finds bundles in the folders of plugins as it finds libraries, and takes the library for its machine. Where the
/// bundle is there already, for other platforms, this one is added to it: run it on each machine, with the same folder.
///
/// Of a crate, everything is in its Cargo.toml: name, version, license, authors, description; `id`, `name`, `vendor` and
/// `presets` in [package.metadata.playa]. Its folder presets/, its README and its LICENSE files come along. What is said
/// here counts more.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The folder of an effect's crate, which is built; or a library that was built; or, with --check and --wheel, a bundle.
    #[arg(value_name = "CRATE|LIBRARY|BUNDLE", default_value = ".")]
    source: PathBuf,
    /// The folder to make it in.
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
    /// Also make a Python wheel of it for each platform: pip installs it, and playa_py finds it.
    #[arg(long)]
    wheel: bool,
    /// Make nothing: look whether a bundle is what it says. Nothing of it is run; `playa validate` does that.
    #[arg(long, conflicts_with = "wheel")]
    check: bool,
    /// Build the crate for this platform.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Build the crate with its dev profile.
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    said: facts::Said,
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Exit status: 0 it is made, or what it says; 1 it does not build, cannot be written, or is not what it says; 2 wrong usage.

Examples:
  playa bundle
  playa bundle effects/grain --out dist --wheel
  playa bundle libgrain.so --license MIT --presets grain-presets
  playa bundle dist/grain.playa --wheel
  playa bundle --check dist/grain.playa";

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let source = &args.source;
    if args.check {
        return check::run(source, args.json);
    }
    let made = if bundle::is_bundle(source) {
        if !args.wheel {
            let failure = Failure::usage(format_args!("{}: it is a bundle already", source.display()));
            return Err(failure.hint("--check looks at it, --wheel makes wheels of it"));
        }
        check::whole(source)?
    } else {
        let Some((library, facts)) = plugin(args)? else { return Ok(Exit::Interrupted) };
        pack::pack(&facts, &library, &args.out)?
    };
    let wheels = if args.wheel { wheel::of_all(&made, &args.out)? } else { Vec::new() };
    tell(&made, &wheels, args.json)?;
    Ok(Exit::Ok)
}

/// The library to pack and what there is to say of it; none if Ctrl-C came before it was built.
fn plugin(args: &Args) -> Result<Option<(PathBuf, Facts)>, Failure> {
    let source = &args.source;
    if source.is_dir() {
        let stop = interrupt::catch()?;
        let profile = if args.dev { Profile::Dev } else { Profile::Release };
        let source = Crate::at(source, profile)?.for_target(args.target.clone());
        let facts = Facts::of_crate(source.folder(), &source.metadata()?, &args.said)?;
        let library = match source.build(&stop)? {
            Built::Library { path, .. } => path,
            Built::Failed => return Err(Failure::new(Exit::Failed, "the crate does not build")),
            Built::Stopped => return Ok(None),
        };
        return Ok(Some((library, facts)));
    }
    if !source.is_file() {
        let failure = Failure::usage(format_args!("{}: there is no such crate or library", source.display()));
        return Err(failure.hint("name the folder of an effect's crate, or the library that cargo made of it"));
    }
    if args.target.is_some() || args.dev {
        return Err(
            Failure::usage("--target and --dev are for crates, and this is built already").hint("leave them out")
        );
    }
    Ok(Some((source.clone(), Facts::of_library(source, &args.said)?)))
}

fn tell(made: &Bundle, wheels: &[PathBuf], as_json: bool) -> Result<(), Failure> {
    let manifest = &made.manifest;
    if as_json {
        return console::print_json(&json!({ "bundle": made.folder, "manifest": manifest, "wheels": wheels }));
    }
    let platforms: Vec<&str> = manifest.libraries.iter().map(|library| &*library.platform).collect();
    let line = |path: &Path, what: &str| format!("{}: {what}\n", path.display());
    let what = format!("{} {}, for {}", manifest.name, manifest.version, platforms.join(", "));
    let mut text = line(&made.folder, &what);
    wheels.iter().for_each(|wheel| text += &line(wheel, "install it with pip"));
    console::print(&text)
}
