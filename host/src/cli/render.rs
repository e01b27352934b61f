//! `playa render`: frames of a project as files.

pub(super) mod batch;
pub(super) mod output;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::ThreadPoolBuilder;
use uuid::Uuid;

use super::failure::{Exit, Failure};
use super::{console, interrupt};
use crate::colour::{Codes, View};
use crate::image::{Frame, ImageError};
use crate::media::{self, ColourType, Depth, Format, MediaError, Problem, WriteOptions, Writing};
use crate::project::{Document, FrameSet, LoadOptions};
use crate::render::{MissingEffects, Profile, Region, RenderOptions};
use crate::view::{Tonemap, display};
use batch::{Job, Report};
use output::Output;

/// Render frames of a project to EXR files, or to stills.
///
/// A frame that fails is reported and the others go on. A file is there whole or not at all: Ctrl-C ends the render after
/// the frame's current step and leaves the frames that are done, a second Ctrl-C ends the program at once.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The project file.
    project: PathBuf,
    /// Where the frames go: a path ending in .exr, .png, .jpg, .tif, .tga, .hdr, .webp, .bmp or .dpx, with a place for the frame number (####, %04d, @@@@ or $F4)
    /// unless it is a single frame. Its folder is made if the folder above it exists.
    #[arg(short, long, value_name = "PATTERN")]
    output: String,
    /// Which frames: 1-24, 1-100x2, 1-10,20,30-40, -5--1. [default: the comp's work area]
    #[arg(short = 'F', long, allow_hyphen_values = true)]
    frames: Option<FrameSet>,
    /// Which comp, by its name. [default: the only one, else the one called Main]
    #[arg(long, value_name = "NAME")]
    comp: Option<String>,
    /// Print one JSON document about all frames to stdout.
    #[arg(long)]
    json: bool,
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
    /// PNG, TIFF, TGA, WebP: write what is seen over black, without alpha.
    #[arg(long)]
    no_alpha: bool,
    /// EXR: keep the pixels around the comp's frame as well, wherever layers reach.
    #[arg(long)]
    overscan: bool,
    /// The colour space of the files, or raw; `playa colour` lists them. [default: light of the working space for EXR, which
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
Exit status: 0 every frame is written, 1 some failed, 2 wrong usage, 3 the project cannot be opened,
130 interrupted.

Examples:
  playa render shot.playa -o out/shot.####.exr
  playa render shot.playa -o out/shot.%04d.png -F 1-24 --comp Main --tonemap aces
  playa render shot.playa -o out/shot.####.exr -F 1-100x10 --float --compression piz --json
  playa render shot.playa -o out/shot.####.exr --colour aces2065-1
  playa render shot.playa -o out/shot.####.png --display 'sRGB - Display' --view 'Un-tone-mapped'
  playa render shot.playa -o out/shot.####.exr --workers 2 --profile trace.json";

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let abort = interrupt::catch()?;
    let output = Output::parse(&args.output)?;
    let mut write = write_options(args, &output)?;
    let engine = super::engine(built_in)?;
    let project = engine.load_project(&args.project, &LoadOptions::default())?;
    project.diagnostics().iter().for_each(console::say);
    let document = project.snapshot();
    let comp = super::comp(&args.project, args.comp.as_deref(), &project)?;
    let codes = codes(args, &document, &mut write)?;
    let frames = frames(args, &document, comp)?;
    output.check_frames(&frames)?;
    output.check_footage(&frames, &document)?;
    output.make_folder()?;
    check_profile(args)?;
    let options = RenderOptions {
        region: if args.overscan { Region::Data } else { Region::Display },
        missing_effects: if args.skip_missing_effects { MissingEffects::Skip } else { MissingEffects::Fail },
        skip_failing_effects: args.skip_failing_effects,
        abort: Arc::clone(&abort),
        profile: args.profile.is_some().then(Arc::default),
        ..RenderOptions::default()
    };
    compute_on(args.threads)?;
    let profile = options.profile.clone();
    let mut batch = engine.batch(&project, comp, frames, options);
    batch.workers = args.workers.map_or(batch.workers, usize::from);
    let tonemap = args.tonemap.unwrap_or_default();
    let job = Job { batch, quiet: args.quiet };
    let show = move |frame: &Frame| match &codes {
        Some(codes) => codes.of(frame).map(Some),
        // What is cut at 1 by the file's own curve need not be toned before.
        None if tonemap == Tonemap::Clamp => Ok(None),
        None => display::to_display_light(frame, tonemap, 0.0).map(Some),
    };
    let report =
        job.run(move |frame| output.path(frame), move |path, frame| write_frame(path, frame, &write, &show))?;
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
fn check_profile(args: &Args) -> Result<(), Failure> {
    let Some(path) = &args.profile else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(Failure::usage(format_args!("--profile {}: the folder does not exist", path.display())))
        }
        _ => Ok(()),
    }
}

/// Tells what came of the frames.
fn finish(args: &Args, report: &Report, profile: Option<&Profile>) -> Result<Exit, Failure> {
    if args.json {
        let project = args.project.to_string_lossy();
        let mut document = serde_json::json!({
            "project": project, "output": args.output, "frames": report.frames, "totals": report.totals,
        });
        if let Some(profile) = profile {
            document["profile"] = serde_json::json!(profile.rows());
        }
        console::print_json(&document)?;
    }
    if let (Some(path), Some(profile)) = (&args.profile, profile) {
        let failed = |error| Failure::new(Exit::Failed, format_args!("{}: {error}", path.display()));
        profile.save(path).map_err(failed)?;
        if !args.quiet {
            console::say(profile);
        }
    }
    if !args.quiet {
        console::say(format_args!("{} to {}", report.totals, args.output));
    }
    Ok(report.exit())
}

/// Writes a frame as it is to be shown, where that is not as it is.
fn write_frame(
    path: &Path,
    frame: &Frame,
    options: &WriteOptions,
    show: &dyn Fn(&Frame) -> Result<Option<Frame>, ImageError>,
) -> Result<(), MediaError> {
    let shown = show(frame).map_err(|_| MediaError {
        path: path.to_owned(),
        problem: Problem::OutOfMemory { bytes: frame.image.bytes() },
    })?;
    media::write(path, shown.as_ref().unwrap_or(frame), options)
}

/// What the files are to hold, where the project's config has a word in it; else that is said to `write`.
fn codes(args: &Args, document: &Document, write: &mut WriteOptions) -> Result<Option<Codes>, Failure> {
    let view = View { display: args.display.clone(), view: args.view.clone(), looks: args.looks.clone() };
    if view == View::default() && args.colour.is_none() {
        return Ok(None);
    }
    let colours = document.colours().map_err(|error| Failure::new(Exit::BadProject, error))?;
    let (engine, working) = (&*colours.engine, &colours.working);
    let codes = match &args.colour {
        None => Codes::of_view(engine, working, &view),
        Some(name) => {
            let content = engine.find(name).map_err(Failure::usage)?;
            if let Some(space) = Writing::of(&content) {
                write.space = space;
                return Ok(None);
            }
            Codes::of_space(engine, working, &content, colours.adaptation)
        }
    };
    write.space = Writing::Raw;
    codes.map(Some).map_err(Failure::usage)
}

fn write_options(args: &Args, output: &Output) -> Result<WriteOptions, Failure> {
    let format = output.format;
    let (exr, tiff) = (format == Format::Exr, format == Format::Tiff);
    let given = [
        ("--compression", args.compression.is_some(), exr || tiff, "EXR and TIFF"),
        ("--half", args.half, exr || tiff, "EXR and TIFF"),
        ("--float", args.float, exr || tiff, "EXR and TIFF"),
        ("--overscan", args.overscan, exr, "EXR"),
        ("--depth", args.depth.is_some(), !exr, "stills"),
        ("--quality", args.quality.is_some(), format == Format::Jpeg, "JPEG"),
        ("--alpha", args.alpha, !exr, "stills"),
        ("--no-alpha", args.no_alpha, !exr, "stills"),
    ];
    if let Some((flag, _, _, of)) = given.into_iter().find(|(_, given, fits, _)| *given && !fits) {
        let message = format_args!("{flag} is for {of}, and {} asks for {}", args.output, format.suffix());
        return Err(Failure::usage(message).hint("leave it out, or let the output end in another suffix"));
    }
    if args.tonemap.is_some() && (exr || format == Format::Hdr || args.half || args.float) {
        let message = format_args!("--tonemap is for what a display shows, and {} asks for scene light", args.output);
        return Err(Failure::usage(message).hint("leave it out, or let the output end in .png"));
    }
    let mut options = WriteOptions {
        colour: if args.float { ColourType::Float } else { ColourType::Half },
        depth: match (tiff, args.half, args.float) {
            (true, true, _) => Some(Depth::Half),
            (true, _, true) => Some(Depth::Float),
            _ => args.depth,
        },
        quality: args.quality,
        alpha: match (args.alpha, args.no_alpha) {
            (false, false) => None,
            (alpha, _) => Some(alpha),
        },
        ..WriteOptions::default()
    };
    let unknown = |message: String| Failure::usage(format_args!("--compression: {message}"));
    match args.compression.as_deref() {
        Some(name) if tiff => options.tiff_compression = Some(name.parse().map_err(unknown)?),
        Some(name) => options.compression = name.parse().map_err(unknown)?,
        None => {}
    }
    options.check(Some(format)).map_err(|problem| Failure::usage(format_args!("{}: {problem}", args.output)))?;
    Ok(options)
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
