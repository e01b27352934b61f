//! The outputs of `playa render` with their options.

use super::Args;
use crate::cli::failure::Failure;
use crate::delivery::{DeliveryError, Movie, Output};
use crate::media::Format;

/// An output.
enum Target {
    Files(Box<Output>),
    Movie(Movie),
}

/// The files and the movies that are asked for: a flag is for all that have such an option, and what stands behind an
/// output comes last.
pub(super) fn of(args: &Args) -> Result<(Vec<Output>, Vec<Movie>), Failure> {
    let flag = |given: bool, value: &str| given.then(|| value.to_owned());
    let given = [
        ("--compression", "compression", args.compression.clone(), "EXR and TIFF"),
        ("--half", "dtype", flag(args.half, "half"), "EXR and TIFF"),
        ("--float", "dtype", flag(args.float, "float"), "EXR and TIFF"),
        ("--depth", "depth", args.depth.map(|depth| depth.to_string()), "stills"),
        ("--quality", "quality", args.quality.map(|quality| quality.to_string()), "JPEG"),
        ("--alpha", "alpha", flag(args.alpha, "true"), "stills and movies"),
        ("--no-alpha", "alpha", flag(args.no_alpha, "false"), "stills and movies"),
        ("--codec", "codec", args.codec.clone(), "movies"),
        ("--crf", "crf", args.crf.clone(), "movies"),
        ("--preset", "preset", args.preset.clone(), "movies"),
        ("--pad", "pad", flag(args.pad, "true"), "movies"),
        ("--colour", "colour_space", args.colour.clone(), "pictures"),
        ("--display", "display", args.display.clone(), "pictures that are no movies"),
        ("--view", "view", args.view.clone(), "pictures that are no movies"),
        ("--looks", "looks", args.looks.clone(), "pictures that are no movies"),
        ("--tonemap", "tonemap", args.tonemap.map(|tonemap| tonemap.to_string()), "what a display shows"),
    ];
    let mut targets = args.output.iter().map(|text| Target::parse(text)).collect::<Result<Vec<_>, _>>()?;
    for (flag, name, value, of) in given {
        let Some(value) = value else { continue };
        let mut taking = targets.iter_mut().filter(|target| target.takes(name)).peekable();
        if taking.peek().is_none() {
            return Err(unfit(flag, of, args));
        }
        for target in taking {
            target.set(name, &value)?;
        }
    }
    if args.overscan && !targets.iter().any(Target::is_exr) {
        return Err(unfit("--overscan", "EXR", args));
    }
    // What stands behind an output comes after the flags, and wins.
    for (target, text) in targets.iter_mut().zip(&args.output) {
        target.set_all(text)?;
    }
    let (mut outputs, mut movies) = (Vec::new(), Vec::new());
    for target in targets {
        match target {
            Target::Files(output) => outputs.push(*output),
            Target::Movie(movie) => movies.push(movie),
        }
    }
    Ok((outputs, movies))
}

/// An option that none of the outputs takes.
fn unfit(flag: &str, of: &str, args: &Args) -> Failure {
    let asked: Vec<&str> = args.output.iter().map(String::as_str).collect();
    Failure::usage(format_args!("{flag} is for {of}, and {} is none", asked.join(", ")))
        .hint("leave it out, or let the output end in another suffix")
}

impl Target {
    fn parse(text: &str) -> Result<Self, DeliveryError> {
        match Movie::parse(text)? {
            Some(movie) => Ok(Self::Movie(movie)),
            None => Ok(Self::Files(Box::new(Output::parse(text)?))),
        }
    }

    /// Whether a flag for this option is for it.
    fn takes(&self, name: &str) -> bool {
        match self {
            Self::Files(output) => output.has(name) && !(name == "tonemap" && output.holds_light()),
            Self::Movie(movie) => movie.has(name),
        }
    }

    fn is_exr(&self) -> bool {
        matches!(self, Self::Files(output) if output.format == Format::Exr)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Files(output) => output.set(name, value),
            Self::Movie(movie) => movie.set(name, value),
        }
    }

    fn set_all(&mut self, text: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Files(output) => output.set_all(text),
            Self::Movie(movie) => movie.set_all(text),
        }
    }
}
