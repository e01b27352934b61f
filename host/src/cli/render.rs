//! `playa render`: frames of a project as files.

pub(super) mod batch;
mod targets;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::ThreadPoolBuilder;
use uuid::Uuid;

use super::failure::{Exit, Failure};
use super::{console, interrupt};
use crate::atomic::write_atomic;
use crate::delivery::{Delivery, Existing, Report};
use crate::media::Depth;
use crate::project::{Assignment, Document, FrameSet, LoadOptions};
use crate::render::{MissingEffects, Profile, Proxy, Region, RenderOptions};
use crate::view::Tonemap;

/// Render frames of a project to EXR files, to stills, or to movies.
///
/// A frame that fails is reported and the others go on. A file is there whole or not at all: Ctrl-C ends the render after
/// the frame's current step and leaves the frames that are done, a second Ctrl-C ends the program at once. With --resume a
/// render goes on where it ended, however it did.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The project file.
    project: PathBuf,
    /// Where the frames go: a path ending in .exr, .png, .jpg, .tif, .tga, .hdr, .webp, .bmp or .dpx, with a place for the frame number (####, %04d, @@@@ or $F4)
    /// unless it is a single frame. Its folder is made if the folder above it exists. Several of them are made of one composite,
    /// each with options of its own behind it: -o a.####.exr,compression=dwaa -o b.####.png,depth=16,tonemap=aces,proxy=2.
    /// A path ending in .mp4, .m4v, .mov or .mkv is a movie of all frames, where the package's part for video is installed; its
    /// options are codec (h264, prores or prores4444), crf, preset, alpha, colour_space, pad and proxy.
    /// Those of pictures are compression, dtype (half, float), zip_level, dwa_level, depth, alpha, quality, filling, endian, colour_space,
    /// tonemap and proxy.
    #[arg(short, long, value_name = "PATTERN[,OPTION=VALUE...]", required = true)]
    output: Vec<String>,
    /// What becomes of files that are there: overwrite, skip or error. skip leaves those that are whole, as large as the frame
    /// and, where they say so, of the same content; error begins nothing if there are any. Movies are made anew.
    #[arg(long, value_name = "NAME", default_value_t)]
    existing: Existing,
    /// Go on with a render that was ended: as --existing skip.
    #[arg(long, conflicts_with = "existing")]
    resume: bool,
    /// Which frames: 1-24, 1-100x2, 1-10,20,30-40, -5--1. [default: the comp's work area]
    #[arg(short = 'F', long, allow_hyphen_values = true)]
    frames: Option<FrameSet>,
    /// A value of the project for this render, by its path in the project file and as it stands there; what is no value of
    /// TOML is a text. May be given many times. project.ATTR, comp.NAME.ATTR (so media, camera, solid and text),
    /// comp.NAME.layer.NAME.ATTR, comp.NAME.layer.NAME.effect.NAME.params.NAME (or .enabled, .mix). A uuid stands for a name,
    /// and a name with dots or spaces in quotes.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Assignment>,
    /// Which comp, by its name. [default: the only one, else the one called Main]
    #[arg(long, value_name = "NAME")]
    comp: Option<String>,
    /// Print one JSON document about all frames to stdout.
    #[arg(long)]
    json: bool,
    /// Write that document to this file, also when frames failed or the render was interrupted.
    #[arg(long, value_name = "FILE.json")]
    report: Option<PathBuf>,
    /// EXR: none, rle, zips, zip, piz, pxr24, b44, b44a, dwaa or dwab [default: zip]; TIFF: none, lzw, deflate or packbits.
    /// [default: deflate]
    #[arg(long, value_name = "NAME")]
    compression: Option<String>,
    /// EXR, TIFF: 16-bit half floats, the default of EXR.
    #[arg(long, conflicts_with = "float")]
    half: bool,
    /// EXR, TIFF: 32-bit floats.
    #[arg(long)]
    float: bool,
    /// PNG: 8 or 16; TIFF: 16 or 8; DPX: 10, 8, 12 or 16. [default: the first]
    #[arg(long, value_name = "BITS", conflicts_with_all = ["half", "float"])]
    depth: Option<Depth>,
    /// JPEG: 1 to 100. [default: 95]
    #[arg(long, value_name = "N")]
    quality: Option<u8>,
    /// BMP, DPX: write alpha as well.
    #[arg(long, conflicts_with = "no_alpha")]
    alpha: bool,
    /// PNG, TIFF, TGA, WebP, ProRes 4444: write what is seen over black, without alpha.
    #[arg(long)]
    no_alpha: bool,
    /// Movies: h264, prores or prores4444. [default: prores for .mov, else h264]
    #[arg(long, value_name = "NAME")]
    codec: Option<String>,
    /// H.264: 0 to 51, how much may be lost. [default: 18]
    #[arg(long, value_name = "N")]
    crf: Option<String>,
    /// H.264: how long it may take, from ultrafast to veryslow. [default: medium]
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Movies: repeat the last column and row of sizes that are odd, where they have to be even.
    #[arg(long)]
    pad: bool,
    /// EXR: keep the pixels around the comp's frame as well, wherever layers reach.
    #[arg(long)]
    overscan: bool,
    /// The colour space of the files, or raw; of movies bt1886, srgb, gamma22 or display-p3; `playa colour` lists them. [default: light of the working space for EXR, which
    /// says so, and srgb for whole numbers]
    #[arg(long, value_name = "NAME", conflicts_with = "tonemap")]
    colour: Option<String>,
    /// The display of the project's OpenColorIO config that the files are for; `playa colour CONFIG` lists them.
    /// [default: the first one, where a view or looks are named]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["tonemap", "colour"])]
    display: Option<String>,
    /// The view of the display. [default: the first one]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["tonemap", "colour"])]
    view: Option<String>,
    /// Looks instead of those of the view, with a comma between, and - before one that is to be undone.
    #[arg(long, value_name = "NAMES", conflicts_with_all = ["tonemap", "colour"], allow_hyphen_values = true)]
    looks: Option<String>,
    /// Composite at a half, a quarter or an eighth of the size, for a quick look: 2, 4 or 8. [default: 1]
    #[arg(long, value_name = "N")]
    proxy: Option<Proxy>,
    /// All but EXR and floats: the curve from scene light to the display: clamp, reinhard, aces or filmic. [default: clamp]
    #[arg(long, value_name = "NAME")]
    tonemap: Option<Tonemap>,
    /// Show layers without the effects that are not loaded, instead of failing.
    #[arg(long)]
    skip_missing_effects: bool,
    /// Show layers without an effect that fails, with a warning, instead of failing the frame.
    #[arg(long)]
    skip_failing_effects: bool,
    /// How many threads compute. [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// How many frames are in the making at once: while one is written, the next are read and composited. Each takes
    /// memory of its own. [default: one more than there are cores, 4 at most]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// Take notes of where the time goes: a table on stderr (and in the document of --json), and a trace in this file,
    /// for Perfetto or Chrome's about:tracing.
    #[arg(long, value_name = "FILE.json")]
    profile: Option<PathBuf>,
    /// No progress bar and no summary; warnings and errors remain.
    #[arg(short, long)]
    quiet: bool,
}

const HELP: &str = "\
Options of a format are for all outputs of that format; behind an output, for that one.

Exit status: 0 every frame is there, 1 some failed, 2 wrong usage, 3 the project cannot be opened,
130 interrupted.

Examples:
  playa render shot.playa -o out/shot.####.exr
  playa render shot.playa -o out/shot.####.exr --resume --report report.json
  playa render shot.playa -o out/shot.%04d.png -F 1-24 --comp Main --tonemap aces
  playa render shot.playa -o out/shot.####.exr -F 1-100x10 --float --compression piz --json
  playa render shot.playa -o out/shot.####.exr -o small/shot.####.jpg,proxy=2,quality=80
  playa render shot.playa -o out/shot.####.exr -o review.mp4,crf=23,proxy=2
  playa render shot.playa -o out/shot.####.exr --set comp.Main.layer.Title.opacity=0.5
  playa render shot.playa -o review/shot.####.jpg --proxy 2
  playa render shot.playa -o out/shot.####.exr --colour aces2065-1
  playa render shot.playa -o out/shot.####.png --display 'sRGB - Display' --view 'Un-tone-mapped'
  playa render shot.playa -o out/shot.####.exr --workers 2 --profile trace.json";

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let abort = interrupt::catch()?;
    let (outputs, movies) = targets::of(args)?;
    let engine = super::engine(built_in)?;
    let project = engine.load_project(&args.project, &LoadOptions::default())?;
    project.diagnostics().iter().for_each(console::say);
    for assignment in &args.set {
        assignment.apply(&project).map_err(|error| Failure::usage(format_args!("--set {error}")))?;
    }
    let document = project.snapshot();
    let comp = super::comp(&args.project, args.comp.as_deref(), &project)?;
    let frames = frames(args, &document, comp)?;
    for (flag, path) in [("--profile", &args.profile), ("--report", &args.report)] {
        check_folder(flag, path.as_deref())?;
    }
    let options = RenderOptions {
        region: if args.overscan { Region::Data } else { Region::Display },
        missing_effects: if args.skip_missing_effects { MissingEffects::Skip } else { MissingEffects::Fail },
        skip_failing_effects: args.skip_failing_effects,
        proxy: args.proxy.unwrap_or_default(),
        abort: Arc::clone(&abort),
        profile: args.profile.is_some().then(Arc::default),
        ..RenderOptions::default()
    };
    compute_on(args.threads)?;
    let profile = options.profile.clone();
    let mut batch = engine.batch(&project, comp, frames, options);
    batch.workers = args.workers.map_or(batch.workers, usize::from);
    let existing = if args.resume { Existing::Skip } else { args.existing };
    let report = batch::run(Delivery { batch, outputs, movies, existing, pictures: Vec::new() }, args.quiet)?;
    finish(args, &report, profile.as_deref())
}

/// Has this many threads compute. Frames are rendered outside of these threads and share them.
fn compute_on(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads.map(usize::from) else { return Ok(()) };
    match ThreadPoolBuilder::new().num_threads(threads).build_global() {
        // An earlier command of the same process began them.
        Err(_) if rayon::current_num_threads() == threads => Ok(()),
        Err(error) => {
            let message = format_args!("--threads {threads}: {error}");
            Err(Failure::new(Exit::Failed, message).hint("only the first render of a process can say how many compute"))
        }
        Ok(()) => Ok(()),
    }
}

/// A mistyped path is told before the work, not after it.
fn check_folder(flag: &str, path: Option<&Path>) -> Result<(), Failure> {
    let folder = path.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    match (path, folder) {
        (Some(path), Some(folder)) if !folder.is_dir() => {
            Err(Failure::usage(format_args!("{flag} {}: the folder does not exist", path.display())))
        }
        _ => Ok(()),
    }
}

/// Tells what came of the frames.
fn finish(args: &Args, report: &Report, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let mut document = serde_json::json!(report);
    document["project"] = serde_json::json!(args.project.to_string_lossy());
    if let Some(profile) = profile {
        document["profile"] = serde_json::json!(profile.rows());
    }
    let failed = |path: &Path, error| Failure::new(Exit::Failed, format_args!("{}: {error}", path.display()));
    if let Some(path) = &args.report {
        write_atomic(path, |out| Ok(serde_json::to_writer_pretty(out, &document)?))
            .map_err(|error: std::io::Error| failed(path, error))?;
    }
    if args.json {
        console::print_json(&document)?;
    }
    if let (Some(path), Some(profile)) = (&args.profile, profile) {
        profile.save(path).map_err(|error| failed(path, error))?;
        if !args.quiet {
            console::say(profile);
        }
    }
    if !args.quiet {
        console::say(format_args!("{} to {}", report.totals, report.outputs.join(" and ")));
    }
    Ok(report.exit())
}

/// The frames that are asked for, else the comp's work area.
fn frames(args: &Args, document: &Document, comp: Uuid) -> Result<Vec<i64>, Failure> {
    let (first, last) = document.comps[&comp].frames();
    let Some(asked) = &args.frames else {
        if first > last {
            let message = format_args!("the work area {first}-{last} of the comp holds no frame");
            return Err(Failure::usage(message).hint("name frames with -F, or change the comp's trims"));
        }
        return FrameSet::range(first, last).map(|set| set.frames().to_vec()).map_err(Failure::usage);
    };
    let outside: Vec<i64> = asked.frames().iter().copied().filter(|frame| !(first..=last).contains(frame)).collect();
    if let (Some(example), false) = (outside.first(), args.quiet) {
        let count = outside.len();
        console::warn(format_args!(
            "{count} frames, such as {example}, lie outside the comp's work area {first}-{last} and are empty"
        ));
    }
    Ok(asked.frames().to_vec())
}
