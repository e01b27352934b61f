//! What is in a picture file or a sequence of them.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::{Told, block, range};
use crate::image::{MetaValue, Rect};
use crate::media::{self, Format, MediaInfo, PartInfo};
use crate::project::{Footage, Missing, Pattern, Sequence};

/// What was found on disk for a pattern with a place for the frame number.
#[derive(Serialize)]
struct Found {
    first: i64,
    last: i64,
    files: i64,
    gaps: Vec<(i64, i64)>,
}

/// A picture by its path, or a sequence by its pattern, told by its first file.
pub(super) fn tell(path: &Path) -> Result<Told, String> {
    let (file, found) = look_up(path)?;
    let info = media::probe(&file).map_err(|error| error.to_string())?;
    let mut facts = Vec::new();
    if let Some(Found { first, last, files, gaps }) = &found {
        facts.push(("frames", format!("{} ({files} files)", range((*first, *last)))));
        facts.push(("missing", gaps.iter().map(|gap| range(*gap)).collect::<Vec<_>>().join(", ")));
        facts.push(("first file", file.display().to_string()));
    }
    if let Some(frames) = info.frames {
        facts.push(("frames", range((0, frames - 1))));
    }
    let suffix = info.format.suffix();
    facts.push(("format", if info.format == Format::Movie { "movie" } else { suffix }.to_owned()));
    facts.push(("note", info.warning.clone().unwrap_or_default()));
    for (index, part) in info.parts.iter().enumerate() {
        facts.extend(part_facts(&info, index, part));
    }
    let json = json!({ "sequence": found, "header": info });
    Ok(Told { kind: "media", text: block(path, facts), json })
}

/// The file whose header is told, and the sequence it is the first of.
fn look_up(path: &Path) -> Result<(PathBuf, Option<Found>), String> {
    let pattern = match path.to_str() {
        // A name that is taken as it is: there is such a file, or it cannot be a pattern.
        Some(text) if !path.exists() => Pattern::parse(text).map_err(|error| error.to_string())?,
        _ => return Ok((path.to_owned(), None)),
    };
    let sequence = Sequence::find(pattern).map_err(|error| error.to_string())?;
    let Some((first, last)) = sequence.bounds() else { return Ok((path.to_owned(), None)) };
    let gaps = sequence.gaps();
    let missing: i64 = gaps.iter().map(|(first, last)| last - first + 1).sum();
    match sequence.footage(first, Missing::Error) {
        Ok(Footage::File(file)) => Ok((file, Some(Found { first, last, files: last - first + 1 - missing, gaps }))),
        // A pattern without a place for a number is the path of what is there.
        Ok(Footage::Movie(file, _)) => Ok((file, None)),
        Ok(Footage::Black) => Err(format!("{}: has no file", path.display())),
        Err(error) => Err(error.to_string()),
    }
}

fn part_facts(info: &MediaInfo, index: usize, part: &PartInfo) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if info.parts.len() > 1 {
        let main = if index == info.main_part { ", the one that is read" } else { "" };
        let name = part.name.as_deref().map(|name| format!(" {name:?}")).unwrap_or_default();
        facts.push(("part", format!("{index}{name}{main}")));
    }
    facts.push(("pixels", format!("{}, compression {}", part.kind, part.compression)));
    facts.push(("display window", window(part.display_window)));
    if part.data_window != part.display_window {
        facts.push(("data window", window(part.data_window)));
    }
    if part.pixel_aspect != 1.0 {
        facts.push(("pixel aspect", part.pixel_aspect.to_string()));
    }
    facts.push(("channels", channels(part)));
    facts.push(("layers", part.layers.join(", ")));
    facts.push(("views", part.views.join(", ")));
    facts.push(("levels", part.levels.iter().map(|level| window(*level)).collect::<Vec<_>>().join(", ")));
    facts.push(("cannot be read", part.refusal.clone().unwrap_or_default()));
    let metadata = part.metadata.iter().map(|(name, value)| format!("{name} = {}", value_text(value)));
    facts.extend(metadata.map(|line| ("metadata", line)));
    facts
}

/// `1920 x 1080`, and where it starts if that is not (0, 0).
fn window(rect: Rect) -> String {
    let size = format!("{} x {}", rect.width(), rect.height());
    if (rect.x0, rect.y0) == (0, 0) { size } else { format!("{size} at ({}, {})", rect.x0, rect.y0) }
}

/// `half R G B A, float Z`: neighbours of one type together.
fn channels(part: &PartInfo) -> String {
    let mut text = String::new();
    let mut last = None;
    for channel in &part.channels {
        if last.replace(channel.sample_type) != Some(channel.sample_type) {
            let kind = json!(channel.sample_type);
            let comma = if text.is_empty() { "" } else { ", " };
            text += &format!("{comma}{}", kind.as_str().unwrap_or_default());
        }
        text += &format!(" {}", channel.name);
        if channel.sampling != [1, 1] {
            text += &format!(" (1 of {} x {})", channel.sampling[0], channel.sampling[1]);
        }
    }
    text
}

/// A value of the header in one line of bounded length.
fn value_text(value: &MetaValue) -> String {
    let text = match value {
        MetaValue::Text(text) => format!("{text:?}"),
        MetaValue::Rational(num, den) => format!("{num}/{den}"),
        MetaValue::Opaque { type_name, bytes } => format!("{} bytes of type {type_name}", bytes.len()),
        other => json!(other)["value"].to_string(),
    };
    const LONGEST: usize = 120;
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain("...".chars()).collect() }
}
