//! OpenEXR files.
//!
//! The way of a file to pixels: `header` reads what it claims, `picture` chooses what is shown, `chunks` finds the blocks
//! of pixels and checks every claim against the size of the file, `decode` unpacks them on the current rayon pool
//! straight to their places, by `rows`. The other way is `encode`. `codec` packs and unpacks single blocks. Nothing is
//! allocated on a hostile header's word, every attribute survives as it was, and a file that cannot be decoded can still
//! say why.

mod attribute;
mod chunks;
mod codec;
mod decode;
mod encode;
mod header;
mod picture;
mod rows;
mod workers;

use std::fs::File;
use std::io::BufReader;

pub(super) use encode::write;
pub(super) use picture::{Shown, by_layer};

use super::error::Problem;
use super::{ChannelInfo, Format, MediaInfo, MissingPixels, PartInfo, PartSelector, ReadOptions};
use crate::image::{Channel, Frame};
use chunks::Chunks;
use header::{Header, Part};
use picture::Picture;

/// Reads one picture.
pub(super) fn read(file: File, options: &ReadOptions) -> Result<Frame, Problem> {
    let header = Header::read(&mut BufReader::new(&file))?;
    let index = select(&header, options.part.as_ref())?;
    let part = &header.parts[index];
    if let Some(feature) = part.refusal() {
        return Err(Problem::Unsupported { feature });
    }
    let picture = Picture::choose(part, options)?;
    let chunks = Chunks::find(&file, &header, index, options.level, options.missing != MissingPixels::Error)?;
    let bytes = decode::bytes(part, &picture, &chunks);
    let limit = options.limits.max_bytes;
    if bytes > limit {
        return Err(Problem::TooLarge { bytes, limit });
    }
    let (image, samples) = decode::decode(part, &picture, &chunks, options.missing)?;
    let channels = picture.kept.iter().zip(samples);
    Ok(Frame {
        image,
        display_window: part.level_display(options.level),
        pixel_aspect: part.pixel_aspect,
        stored: picture.stored(part),
        metadata: part.metadata(),
        channels: channels.map(|(kept, samples)| Channel { name: kept.name.clone(), samples }).collect(),
    })
}

/// Tells a file's header.
pub(super) fn probe(file: File) -> Result<MediaInfo, Problem> {
    let header = Header::read(&mut BufReader::new(file))?;
    let main_part = select(&header, None)?;
    Ok(MediaInfo { format: Format::Exr, parts: header.parts.iter().map(describe).collect(), main_part })
}

fn describe(part: &Part) -> PartInfo {
    PartInfo {
        name: part.name.clone(),
        kind: part.kind.clone(),
        compression: part.compression_name(),
        data_window: part.data_window,
        display_window: part.display_window,
        pixel_aspect: part.pixel_aspect,
        channels: part
            .channels
            .iter()
            .map(|channel| ChannelInfo {
                name: channel.name.clone(),
                sample_type: channel.sample_type,
                sampling: channel.sampling,
            })
            .collect(),
        layers: picture::layers(part),
        metadata: part.metadata(),
        refusal: part.refusal().map(|feature| Problem::Unsupported { feature }.to_string()),
    }
}

/// The part that is asked for; without a wish the first with colour among its unprefixed channels, else the first with
/// colour in a layer, else the first. A part that cannot be decoded is passed over while there is another.
fn select(header: &Header, wanted: Option<&PartSelector>) -> Result<usize, Problem> {
    let names =
        || header.parts.iter().enumerate().map(|(i, part)| part.name.clone().unwrap_or(i.to_string())).collect();
    match wanted {
        Some(PartSelector::Index(index)) if *index < header.parts.len() => Ok(*index),
        Some(PartSelector::Index(index)) => Err(Problem::NoPart { wanted: index.to_string(), known: names() }),
        Some(PartSelector::Name(name)) => header
            .parts
            .iter()
            .position(|part| part.name.as_ref() == Some(name))
            .ok_or_else(|| Problem::NoPart { wanted: name.clone(), known: names() }),
        None => Ok((0..header.parts.len())
            .min_by_key(|&i| {
                let part = &header.parts[i];
                (part.refusal().is_some(), picture::distance_from_colour(part))
            })
            .unwrap_or(0)),
    }
}
