//! OpenEXR files.
//!
//! The way of a file to pixels: `header` reads what it claims, `picture` says what goes into a frame, `chunks` finds the blocks
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

use super::data::is_data;
use super::error::Problem;
use super::shown::{Channels, Chosen, Listed, by_layer, choose};
use super::view::{of_one, views};
use super::{ChannelInfo, Format, MediaInfo, MissingPixels, PartInfo, ReadOptions};
use crate::image::{Channel, Frame};
use chunks::Chunks;
use header::{Header, Part};
use picture::Picture;

/// Reads pictures of a file, one for each choice of channels. Each part is unpacked once. With each is told whether it
/// holds no colour.
pub(super) fn read(
    file: &File,
    options: &ReadOptions,
    choices: &[Option<Channels>],
) -> Result<Vec<(Frame, bool)>, Problem> {
    let header = Header::read(&mut BufReader::new(file))?;
    let parts = listed(&header);
    let (part, view) = (options.part.as_ref(), options.view.as_deref());
    let chosen: Vec<Chosen> =
        choices.iter().map(|channels| choose(&parts, part, view, channels.as_ref())).collect::<Result<_, _>>()?;
    let mut frames: Vec<Option<(Frame, bool)>> = choices.iter().map(|_| None).collect();
    let mut left = options.limits.max_bytes;
    for index in 0..header.parts.len() {
        let of_part: Vec<usize> = (0..chosen.len()).filter(|at| chosen[*at].part == index).collect();
        if of_part.is_empty() {
            continue;
        }
        let part = &header.parts[index];
        if let Some(feature) = part.refusal() {
            return Err(Problem::Unsupported { feature });
        }
        let pictures: Vec<Picture> = of_part.iter().map(|at| Picture::of(part, &chosen[*at], options.kept)).collect();
        let chunks = Chunks::find(file, &header, index, options.level, options.missing != MissingPixels::Error)?;
        let bytes = decode::bytes(part, &pictures, &chunks);
        if bytes > left {
            let limit = options.limits.max_bytes;
            return Err(Problem::TooLarge { bytes: bytes.saturating_add(limit - left), limit });
        }
        left -= bytes;
        let made = decode::decode(part, &pictures, &chunks, options.missing)?;
        for ((at, picture), (image, samples)) in of_part.into_iter().zip(&pictures).zip(made) {
            let channels = picture.kept.iter().zip(samples);
            let frame = Frame {
                image,
                display_window: part.level_display(options.level),
                pixel_aspect: part.pixel_aspect,
                stored: picture.stored(part),
                metadata: match view {
                    Some(view) => of_one(part.metadata(), view),
                    None => part.metadata(),
                },
                channels: channels.map(|(kept, samples)| Channel { name: kept.name.clone(), samples }).collect(),
            };
            frames[at] = Some((frame, is_data(&describe(part), picture.planes())));
        }
    }
    Ok(frames.into_iter().flatten().collect())
}

/// Tells a file's header.
pub(super) fn probe(file: File) -> Result<MediaInfo, Problem> {
    let header = Header::read(&mut BufReader::new(file))?;
    let main_part = choose(&listed(&header), None, None, None)?.part;
    let parts = header.parts.iter().map(describe).collect();
    Ok(MediaInfo { format: Format::Exr, parts, main_part, frames: None, warning: None })
}

fn listed(header: &Header) -> Vec<Listed<'_>> {
    let mut parts = Vec::with_capacity(header.parts.len());
    for part in &header.parts {
        let channels = part.channels.iter().map(|channel| channel.name.as_str());
        let views = views(&part.metadata()).into();
        parts.push(Listed::new(part.name.as_deref(), part.refusal().is_none(), views, channels));
    }
    parts
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
        layers: layers(part),
        views: views(&part.metadata()),
        levels: (1..).map_while(|level| part.level_window(level).ok()).collect(),
        metadata: part.metadata(),
        refusal: part.refusal().map(|feature| Problem::Unsupported { feature }.to_string()),
    }
}

/// The names of the layers of a part: what stands before the last dot of a channel's name. In the order of the file.
fn layers(part: &Part) -> Vec<String> {
    let members: Vec<(usize, &str)> =
        part.channels.iter().enumerate().map(|(index, channel)| (index, channel.name.as_str())).collect();
    by_layer(&members).into_keys().map(str::to_owned).collect()
}
