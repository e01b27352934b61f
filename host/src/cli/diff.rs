//! `playa diff`: how much pictures and sequences differ.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::console;
use super::failure::{Exit, Failure};
use crate::compare::flip::PPD_RANGE;
use crate::compare::{CompareError, Comparison, DEFAULT_PPD, Errors, Largest, Metric};
use crate::delivery::Output;
use crate::image::{Frame, Image, Rect};
use crate::media::{self, ChannelSet, ColourType, ReadOptions, WriteOptions};
use crate::project::{Footage, FrameSet, Missing, Pattern, Sequence};

/// Tell how much two pictures, or two sequences, differ.
///
/// Values are compared as they are in the compositor: linear, premultiplied, all four channels; max, mean, rms and psnr (of
/// a peak of 1) are of these. ssim, flip and hdr_flip are of the picture that a display shows. Where only one picture has
/// pixels, the other is transparent black. NaN equals NaN; NaN against a number is an infinite difference.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A picture or a sequence (plates/fg.####.exr); for hdr_flip, the reference.
    a: String,
    /// What to compare it with. A picture is compared with every frame of a sequence.
    b: String,
    /// What decides: max, mean, rms, psnr, ssim, flip or hdr_flip.
    #[arg(short, long, value_name = "NAME", default_value_t)]
    metric: Metric,
    /// Fail where the metric is above this; psnr and ssim where it is below. [default: any difference fails, none with
    /// --warn]
    #[arg(long, value_name = "LIMIT", allow_negative_numbers = true)]
    fail: Option<f64>,
    /// Warn where the metric is above this; psnr and ssim where it is below.
    #[arg(long, value_name = "LIMIT", allow_negative_numbers = true)]
    warn: Option<f64>,
    /// Which frames: 1-24, 1-100x2. [default: those that either sequence has]
    #[arg(short = 'F', long, allow_hyphen_values = true)]
    frames: Option<FrameSet>,
    /// Write the error of each pixel to this picture file, with a place for the frame number (####) where there are several:
    /// of flip and hdr_flip as grey, else the difference of red, green and blue, with that of alpha as grey.
    #[arg(short, long, value_name = "PATTERN")]
    output: Option<String>,
    /// flip and hdr_flip: pixels in a degree of what the viewer sees.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PPD)]
    ppd: f32,
    /// Print one JSON document. What is infinite there is null.
    #[arg(long)]
    json: bool,
    /// No table; warnings and errors remain.
    #[arg(short, long)]
    quiet: bool,
}

const HELP: &str = "\
Exit status: 0 within the limit, 1 beyond it, 2 wrong usage, 3 a picture cannot be read, or not be compared.

Examples:
  playa diff before.exr after.exr
  playa diff before.exr after.png --metric flip --fail 0.05 -o error.png
  playa diff 'old/shot.####.exr' 'new/shot.####.exr' -F 1-24 --fail 0.001 --json";

/// What came of a pair of pictures.
#[derive(Debug, Serialize)]
struct Pair {
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<i64>,
    a: PathBuf,
    b: PathBuf,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Outcome {
    Compared(Measures),
    Failed { error: String },
}

#[derive(Debug, Serialize)]
struct Measures {
    verdict: Verdict,
    max: f64,
    mean: f64,
    rms: f64,
    psnr: f64,
    /// The metric, where it is none of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    ssim: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flip: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hdr_flip: Option<f64>,
    differing_pixels: u64,
    pixels: u64,
    /// Where the largest difference is.
    at: Option<At>,
}

#[derive(Debug, Serialize)]
struct At {
    x: i32,
    y: i32,
    channel: char,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Within,
    Warn,
    Beyond,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if !(PPD_RANGE.0..=PPD_RANGE.1).contains(&args.ppd) {
        return Err(Failure::usage(format_args!("--ppd: {}", CompareError::PixelsPerDegree(args.ppd))));
    }
    let sides = [side(&args.a)?, side(&args.b)?];
    let frames = frames(args, &sides)?;
    let output = args.output.as_deref().map(|text| output(text, &frames, &sides)).transpose()?;
    let mut pairs = Vec::new();
    for frame in frames {
        let [a, b] = [path(&sides[0], frame), path(&sides[1], frame)];
        let compared = compare(&a, &b, args).and_then(|(measures, map)| {
            if let Some(output) = &output {
                let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
                media::write(output.path(frame.unwrap_or(0)), &map()?, &options).map_err(|error| error.to_string())?;
            }
            Ok(measures)
        });
        let outcome = match compared {
            Ok(measures) => Outcome::Compared(measures),
            Err(error) => {
                console::error(&error);
                Outcome::Failed { error }
            }
        };
        pairs.push(Pair { frame, a, b, outcome });
    }
    finish(args, &pairs)
}

/// One of the two things to compare.
fn side(text: &str) -> Result<Sequence, Failure> {
    Pattern::parse(text).map_err(Failure::usage).and_then(|pattern| {
        let sequence = Sequence::find(pattern).map_err(|error| Failure::new(Exit::BadProject, error))?;
        sequence.warning().iter().for_each(console::warn);
        Ok(sequence)
    })
}

/// The frames to compare; one without a number where both are stills.
fn frames(args: &Args, sides: &[Sequence; 2]) -> Result<Vec<Option<i64>>, Failure> {
    let numbered = sides.iter().any(|side| !side.is_still());
    match &args.frames {
        Some(_) if !numbered => {
            Err(Failure::usage("-F is for sequences, and both are single pictures").hint("leave it out"))
        }
        Some(frames) => Ok(frames.frames().iter().copied().map(Some).collect()),
        None if !numbered => Ok(vec![None]),
        None => {
            let mut frames: Vec<i64> = sides.iter().flat_map(Sequence::frames).copied().collect();
            frames.sort_unstable();
            frames.dedup();
            Ok(frames.into_iter().map(Some).collect())
        }
    }
}

/// Where the errors go; not over what is compared.
fn output(text: &str, frames: &[Option<i64>], sides: &[Sequence; 2]) -> Result<Output, Failure> {
    let output = Output::at(text)?;
    let numbers: Vec<i64> = frames.iter().map(|frame| frame.unwrap_or(0)).collect();
    output.check_frames(&numbers)?;
    for frame in frames {
        let target = output.path(frame.unwrap_or(0));
        let absolute = std::path::absolute(&target).ok();
        if sides.iter().any(|side| std::path::absolute(path(side, *frame)).ok() == absolute) {
            let message = format_args!("{}: this file is one of those to compare", target.display());
            return Err(Failure::usage(message).hint("let -o name another folder or file name"));
        }
    }
    output.make_folder()?;
    Ok(output)
}

/// The file of a frame, whether it is there or not.
fn path(side: &Sequence, frame: Option<i64>) -> PathBuf {
    match side.footage(frame.unwrap_or(0), Missing::Error) {
        Ok(Footage::File(file)) => file,
        _ => side.pattern().path(frame.unwrap_or(0)),
    }
}

/// The measures of two files, and how to get the error of each pixel.
fn compare<'a>(
    a: &Path,
    b: &Path,
    args: &'a Args,
) -> Result<(Measures, impl FnOnce() -> Result<Frame, String> + use<'a>), String> {
    let options = ReadOptions { kept: ChannelSet::RgbaOnly, ..ReadOptions::default() };
    let read = |path: &Path| media::read(path, &options).map_err(|error| error.to_string());
    let (frame_a, frame_b) = (read(a)?, read(b)?);
    let failed = |error| format!("{} and {}: {error}", a.display(), b.display());
    let comparison = Comparison::new(&frame_a, &frame_b).map_err(failed)?;
    let errors = comparison.errors();
    let seen = match args.metric {
        Metric::Flip => Some(comparison.flip(args.ppd).map_err(failed)?),
        Metric::HdrFlip => Some(comparison.hdr_flip(args.ppd).map_err(failed)?.0),
        _ => None,
    };
    let value = match (&seen, args.metric) {
        (Some(errors), _) => errors.mean(),
        (None, Metric::Ssim) => comparison.ssim().map_err(failed)?,
        (None, Metric::Mean) => errors.mean(),
        (None, Metric::Rms) => errors.rms(),
        (None, Metric::Psnr) => errors.psnr(),
        (None, _) => errors.max(),
    };
    let measures = measures(args, &errors, value);
    let map = move || {
        let image = match seen {
            Some(errors) => grey(errors.window(), errors.values()),
            None => comparison.map().map(colours),
        };
        let image = image.map_err(|error| error.to_string())?;
        Ok(Frame { display_window: frame_a.display_window, pixel_aspect: frame_a.pixel_aspect, ..Frame::new(image) })
    };
    Ok((measures, map))
}

fn measures(args: &Args, errors: &Errors, value: f64) -> Measures {
    let is_metric = |metric| (args.metric == metric).then_some(value);
    let fail = args.fail.or_else(|| args.warn.is_none().then(|| args.metric.of_equals()));
    let beyond = |limit: Option<f64>| limit.is_some_and(|limit| args.metric.is_beyond(value, limit));
    let verdict = match (beyond(fail), beyond(args.warn)) {
        (true, _) => Verdict::Beyond,
        (false, true) => Verdict::Warn,
        (false, false) => Verdict::Within,
    };
    let at = |Largest { x, y, channel, .. }: Largest| At { x, y, channel: ['r', 'g', 'b', 'a'][channel] };
    Measures {
        verdict,
        max: errors.max(),
        mean: errors.mean(),
        rms: errors.rms(),
        psnr: errors.psnr(),
        ssim: is_metric(Metric::Ssim),
        flip: is_metric(Metric::Flip),
        hdr_flip: is_metric(Metric::HdrFlip),
        differing_pixels: errors.differing,
        pixels: errors.pixels,
        at: errors.largest.map(at),
    }
}

/// Errors as opaque grey.
fn grey(window: Rect, errors: &[f32]) -> Result<Image, CompareError> {
    let mut image = Image::unpainted(window)?;
    let values = image.values_mut().unwrap_or_default();
    for (pixel, error) in values.as_chunks_mut().0.iter_mut().zip(errors) {
        *pixel = [*error, *error, *error, 1.0];
    }
    Ok(image)
}

/// Differences as opaque colours, at least as bright as that of alpha.
fn colours(mut map: Image) -> Image {
    for pixel in map.values_mut().unwrap_or_default().as_chunks_mut().0 {
        let [r, g, b, a] = *pixel;
        *pixel = [r.max(a), g.max(a), b.max(a), 1.0];
    }
    map
}

/// Tells what came of the pairs.
fn finish(args: &Args, pairs: &[Pair]) -> Result<Exit, Failure> {
    let verdicts = |wanted| move |pair: &&Pair| matches!(&pair.outcome, Outcome::Compared(m) if m.verdict == wanted);
    let (beyond, warned) =
        (pairs.iter().filter(verdicts(Verdict::Beyond)).count(), pairs.iter().filter(verdicts(Verdict::Warn)).count());
    let failed = pairs.iter().filter(|pair| matches!(pair.outcome, Outcome::Failed { .. })).count();
    if args.json {
        console::print_json(&serde_json::json!({
            "a": args.a, "b": args.b, "metric": args.metric.name(), "fail": args.fail, "warn": args.warn,
            "pairs": pairs, "beyond": beyond, "warned": warned, "failed": failed,
        }))?;
    } else if !args.quiet {
        console::print(&table(args, pairs))?;
    }
    if warned > 0 {
        let limit = args.warn.unwrap_or_default();
        console::warn(format_args!("{} is beyond {limit} in {warned} of {} pairs", args.metric, pairs.len()));
    }
    Ok(match (failed, beyond) {
        (0, 0) => Exit::Ok,
        (0, _) => Exit::Failed,
        _ => Exit::BadProject,
    })
}

fn table(args: &Args, pairs: &[Pair]) -> String {
    let extra = matches!(args.metric, Metric::Ssim | Metric::Flip | Metric::HdrFlip).then(|| args.metric.name());
    let head = ["frame", "max", "mean", "rms", "psnr"].into_iter().chain(extra).chain(["largest at", ""]);
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for pair in pairs {
        let mut row = vec![pair.frame.map_or_else(|| "-".to_owned(), |frame| frame.to_string())];
        match &pair.outcome {
            Outcome::Compared(measures) => {
                row.extend([measures.max, measures.mean, measures.rms].map(number));
                row.push(format!("{:.2} dB", measures.psnr));
                row.extend(measures.ssim.or(measures.flip).or(measures.hdr_flip).map(number));
                let at = measures.at.as_ref().map(|At { x, y, channel }| format!("{x}, {y} {channel}"));
                row.push(at.unwrap_or_else(|| "-".to_owned()));
                row.push(match measures.verdict {
                    Verdict::Within => String::new(),
                    Verdict::Warn => "warning".to_owned(),
                    Verdict::Beyond => "beyond".to_owned(),
                });
            }
            Outcome::Failed { .. } => {
                row.resize(rows[0].len() - 1, "-".to_owned());
                row.push("not compared".to_owned());
            }
        }
        rows.push(row);
    }
    console::table(&rows)
}

/// Few digits, whatever the size.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:.3e}") } else { format!("{value:.6}") }
}
