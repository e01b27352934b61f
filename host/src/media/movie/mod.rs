//! Movies: files with many frames.
//!
//! They are taken apart by a [`MovieReader`] that the embedding program brings, since no such library is part of the host.
//! What it gives are codes as they were compressed, with the numbers of ITU-T H.273 that say what they mean; `planes`
//! makes light of them, and `encode` goes the other way.

mod encode;
mod planes;

use std::error::Error;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

pub use encode::{PlaneOptions, encode_planes};
pub use planes::{Coding, Component, Model, Planes};

use super::error::Problem;
use super::shown::{Channels, Chosen, Listed, choose};
use super::turn::Turn;
use super::{ChannelInfo, Format, MediaInfo, PartInfo, ReadOptions, colour, still};
use crate::colour::Curve;
use crate::image::{Frame, MetaValue, Metadata, Rect, SampleType};

/// How files that are movies end, without the dot.
pub const SUFFIXES: &[&str] =
    &["mp4", "mov", "m4v", "mkv", "webm", "avi", "mxf", "mpg", "mpeg", "ts", "mts", "m2ts", "ogv", "wmv", "flv", "y4m"];

/// The metadata that say what the codes of a movie mean: `primaries/transfer/matrix/range` of H.273 as the file has them,
/// range 1 where it is full.
pub(super) const CODING: &str = "movie:coding";

/// Whether a movie may be read on. Asked between packets.
pub type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// Who takes movies apart.
///
/// Any call may come at any time from any thread. Frames that are asked for in their order should be quick.
pub trait MovieReader: Send + Sync {
    /// What is in a file, without its pixels.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn probe(&self, path: &Path) -> Result<MovieInfo, MovieFailure>;

    /// Shows a frame, counted from 0 in the order in which they are seen, to `show`, once. It ends when `stopped` says so.
    ///
    /// # Errors
    /// Why it cannot be shown.
    fn read(
        &self,
        path: &Path,
        frame: i64,
        stopped: Stopped<'_>,
        show: &mut (dyn FnMut(&Planes<'_>) + Send),
    ) -> Result<(), MovieFailure>;
}

/// What is known of a movie without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct MovieInfo {
    /// How many frames it has.
    pub frames: i64,
    /// Frames per second: numerator and denominator. Of a movie whose frames last for different times, the mean.
    pub rate: Option<(i32, u32)>,
    /// Columns and rows as they lie in the file.
    pub size: [u32; 2],
    /// By how many degrees it is turned clockwise when it is shown: 0, 90, 180 or 270.
    pub rotation: u32,
    /// Width of a pixel divided by its height, as it lies in the file.
    pub pixel_aspect: f32,
    /// What it is compressed with, such as `h264`.
    pub codec: String,
    /// How its codes lie in memory, such as `yuv420p`.
    pub pixel_format: String,
    /// What its codes are.
    pub model: Model,
    /// Whether it has alpha.
    pub alpha: bool,
    /// Bits of a code.
    pub bits: u32,
    /// One sample of colour for so many columns and rows.
    pub sampling: [u32; 2],
    /// What the file says of its colour.
    pub coding: Coding,
    /// What the user should know about it, such as that its rate varies.
    pub warning: Option<String>,
}

/// Why a movie could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct MovieFailure {
    /// What is wrong, and what to do about it.
    pub message: String,
    /// Whether it is whole, and of a kind that is not read.
    pub unsupported: bool,
    /// What lies behind it, such as an exception of Python.
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

static READER: RwLock<Option<Arc<dyn MovieReader>>> = RwLock::new(None);

/// Says who takes movies apart in this process, from now on.
pub fn set_reader(reader: Arc<dyn MovieReader>) {
    *READER.write().unwrap_or_else(PoisonError::into_inner) = Some(reader);
}

fn reader() -> Result<Arc<dyn MovieReader>, Problem> {
    let reader = READER.read().unwrap_or_else(PoisonError::into_inner).clone();
    reader.ok_or_else(|| {
        let message = "movies are read by Playa's Python package: pip install 'playa-py[video]'".to_owned();
        MovieFailure { message, unsupported: true, cause: None }.into()
    })
}

/// A movie, told as other files are.
pub(super) fn probe(path: &Path) -> Result<MediaInfo, Problem> {
    let movie = reader()?.probe(path)?;
    let (frames, warning) = (movie.frames, movie.warning.clone());
    Ok(MediaInfo { format: Format::Movie, parts: vec![movie.part()], main_part: 0, frames: Some(frames), warning })
}

/// A frame as light: a picture for each choice of channels.
pub(super) fn read(
    path: &Path,
    options: &ReadOptions,
    choices: &[Option<Channels>],
    stopped: Stopped<'_>,
) -> Result<Vec<Frame>, Problem> {
    if options.level > 0 {
        return Err(Problem::NoLevel { wanted: options.level, levels: 1 });
    }
    let (reader, number) = (reader()?, options.frame);
    let part = reader.probe(path)?.part();
    let listed = [Listed::of(&part)];
    let (wanted, view) = (options.part.as_ref(), options.view.as_deref());
    let choose = |channels: &Option<Channels>| choose(&listed, wanted, view, channels.as_ref());
    let chosen: Vec<Chosen> = choices.iter().map(choose).collect::<Result<_, _>>()?;
    let space = colour::of_movie(path, &part, options.space)?;
    let (bytes, limit) = (part.display_window.area().saturating_mul(16), options.limits.max_bytes);
    if bytes > limit {
        return Err(Problem::TooLarge { bytes, limit });
    }
    let curve = space.curve().unwrap_or(Curve::Linear);
    let mut image = None;
    reader.read(path, number, stopped, &mut |planes| image = Some(planes.image(curve)))?;
    let nothing = || MovieFailure { message: format!("frame {number} was not shown"), unsupported: false, cause: None };
    let image = image.ok_or_else(nothing)??;
    let mut metadata = Metadata::default();
    if let Some(rate) = part.metadata.get(RATE) {
        metadata.insert(RATE, rate.clone());
    }
    let stored = part.channels.first().map_or(SampleType::Unorm8, |channel| channel.sample_type);
    let frame = Frame { stored, metadata, pixel_aspect: part.pixel_aspect, ..Frame::new(image) };
    let frame = colour::noted(frame, space);
    let picture = |(chosen, channels): (&Chosen, &Option<Channels>)| match channels {
        None => Ok(frame.clone()),
        Some(_) => still::part_of(&frame, part.channels.len(), chosen, options.kept),
    };
    chosen.iter().zip(choices).map(picture).collect()
}

const RATE: &str = "framesPerSecond";

impl MovieInfo {
    fn part(self) -> PartInfo {
        let turn = turn(self.rotation);
        let [columns, rows] = turn.upright(self.size);
        let window = Rect::of_size(columns, rows);
        let names: &[&str] = match (self.model, self.alpha) {
            (Model::Grey, false) => &["Y"],
            (Model::Grey, true) => &["Y", "A"],
            (_, false) => &["R", "G", "B"],
            (_, true) => &["R", "G", "B", "A"],
        };
        let sample_type = match self.bits {
            ..=8 => SampleType::Unorm8,
            9..=10 => SampleType::Unorm10,
            11..=12 => SampleType::Unorm12,
            _ => SampleType::Unorm16,
        };
        let channel = |name: &&str| ChannelInfo { name: (*name).to_owned(), sample_type, sampling: [1, 1] };
        let mut metadata = Metadata::default();
        if let Some((num, den)) = self.rate {
            metadata.insert(RATE, MetaValue::Rational(num, den));
        }
        let coding = self.coding.for_picture(self.model, self.size[1] as usize);
        let mut note = |name: &str, text: String| metadata.insert(name, MetaValue::Text(text));
        note(CODING, self.coding.to_string());
        note("movie:range", coding.range_name().to_owned());
        if self.model == Model::Ycc {
            note("movie:matrix", coding.matrix_name().to_owned());
            let [columns, rows] = self.sampling;
            note("movie:sampling", format!("one sample of colour for {columns} x {rows} pixels"));
        }
        if self.rotation > 0 {
            note("movie:rotation", format!("{} degrees clockwise, turned upright", self.rotation));
        }
        PartInfo {
            name: None,
            kind: self.pixel_format,
            compression: self.codec,
            data_window: window,
            display_window: window,
            pixel_aspect: if turn.upright([0, 1]) == [0, 1] { self.pixel_aspect } else { 1.0 / self.pixel_aspect },
            channels: names.iter().map(channel).collect(),
            layers: Vec::new(),
            views: Vec::new(),
            levels: Vec::new(),
            metadata,
            refusal: None,
        }
    }
}

/// As EXIF numbers them.
fn turn(rotation: u32) -> Turn {
    Turn::new(match rotation {
        90 => 6,
        180 => 3,
        270 => 8,
        _ => 1,
    })
}
