//! Stills: every format but OpenEXR.
//!
//! The way of a file to pixels: a reader looks at the header and gives a [`Still`], which says what the samples are and
//! how to unpack them; `picture` holds that against the limits, has it unpacked, turned upright and made into a frame.
//! PNG, JPEG, TGA, Radiance HDR, WebP and BMP are read and written by the `image` crate (`crates`), after `structure` has
//! looked at what that trusts; TIFF and DPX by code of our own. The other way is `write`.
//!
//! Whole numbers have straight alpha and floats are premultiplied, unless the file says otherwise. Which curve they are on is
//! decided in [`colour`](super::colour), before the pixels are read. In the frame colour is linear and premultiplied.

mod crates;
mod dpx;
mod picture;
mod structure;
mod tiff;
mod write;

use std::borrow::Cow;
use std::fs::File;
use std::io::Seek;

pub(super) use dpx::TRANSFER as DPX_TRANSFER;
pub(super) use structure::is_tga;
pub(super) use write::{encode, png};

use super::error::{Problem, damaged};
use super::layer::{Plane, image_of};
use super::shown::{Channels, Chosen, Listed, choose};
use super::{ChannelSet, Format, MediaInfo, ReadOptions, png_colour};
use crate::image::{Frame, Metadata};
use picture::Still;

/// Reads pictures of a file, one for each choice of channels. Palettes are looked up, grey is spread over the colours, a
/// missing alpha is 1. What is chosen is taken from the picture as it is shown: linear and premultiplied.
pub(super) fn read(
    format: Format,
    file: File,
    options: &ReadOptions,
    choices: &[Option<Channels>],
) -> Result<Vec<Frame>, Problem> {
    if options.level > 0 {
        return Err(Problem::NoLevel { wanted: options.level, levels: 1 });
    }
    let mut still = open(format, file, options.limits.max_bytes)?;
    if let Some(curve) = options.space.curve() {
        still.head.meaning.transfer = curve;
    }
    let names = still.head.names();
    let listed = [Listed::new(None, true, Cow::default(), names.iter().map(String::as_str))];
    let (part, view) = (options.part.as_ref(), options.view.as_deref());
    let choose = |channels: &Option<Channels>| choose(&listed, part, view, channels.as_ref());
    let chosen: Vec<Chosen> = choices.iter().map(choose).collect::<Result<_, _>>()?;
    let colours = still.head.channels;
    let beyond = |chosen: &Chosen| chosen.shown.planes().into_iter().flatten().any(|index| index >= colours);
    let kept = if chosen.iter().any(beyond) { ChannelSet::All } else { options.kept };
    let frame = still.frame(&ReadOptions { kept, ..options.clone() })?;
    let picture = |(chosen, channels): (&Chosen, &Option<Channels>)| match channels {
        None if options.kept == ChannelSet::All => Ok(frame.clone()),
        None => Ok(Frame { channels: Vec::new(), ..frame.clone() }),
        Some(_) => part_of(&frame, colours, chosen, options.kept),
    };
    chosen.iter().zip(choices).map(picture).collect()
}

/// A picture of chosen channels of another one, of which so many are in its image.
pub(super) fn part_of(frame: &Frame, colours: usize, chosen: &Chosen, kept: ChannelSet) -> Result<Frame, Problem> {
    // Grey is in all three colours, and the alpha beside it is the fourth.
    let component = |index: usize| if colours == 2 && index == 1 { 3 } else { index };
    let plane = |index: usize| match index.checked_sub(colours) {
        None => Plane::Colour(component(index)),
        Some(beyond) => Plane::Channel(&frame.channels[beyond].samples),
    };
    let image = image_of(frame, chosen.shown.planes().map(|index| index.map(plane)))?;
    let beyond = |(index, _): &(usize, String)| Some(frame.channels[index.checked_sub(colours)?].clone());
    let channels = match kept {
        ChannelSet::All => chosen.members.iter().filter_map(beyond).collect(),
        ChannelSet::RgbaOnly => Vec::new(),
    };
    Ok(Frame { image, channels, ..frame.clone() })
}

/// Tells a picture's header.
pub(super) fn probe(format: Format, mut file: File) -> Result<MediaInfo, Problem> {
    // What a PNG says of its colour is about its codes, and does not stay with the light that becomes of them.
    let codes = if format == Format::Png { png_colour::read(&mut file)? } else { Metadata::default() };
    file.rewind()?;
    let still = open(format, file, super::Limits::default().max_bytes)?;
    let mut part = still.head.info(format);
    codes.iter().for_each(|(name, value)| part.metadata.insert(name, value.clone()));
    Ok(MediaInfo { format, parts: vec![part], main_part: 0, frames: None, warning: None })
}

/// Looks at the header. `max_bytes` bounds what a decoder may allocate for that.
fn open(format: Format, file: File, max_bytes: u64) -> Result<Still, Problem> {
    match format {
        Format::Tiff => tiff::open(file),
        Format::Dpx => dpx::open(file),
        _ => crates::open(format, file, max_bytes),
    }
}

/// Zeroed memory, or an error where there is none.
fn zeroed(bytes: u64) -> Result<Vec<u8>, Problem> {
    let out_of_memory = || Problem::OutOfMemory { bytes };
    let count = usize::try_from(bytes).map_err(|_| out_of_memory())?;
    let mut memory = Vec::new();
    memory.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    memory.resize(count, 0);
    Ok(memory)
}

/// Runs a decoder that is not ours. Where it panics, the file is the reason.
fn guarded<T>(call: impl FnOnce() -> Result<T, image::ImageError>) -> Result<T, Problem> {
    // What a panic leaves half done is pixels that nobody sees.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(Problem::from),
        Err(_) => Err(damaged("its decoder gave up on it")),
    }
}
