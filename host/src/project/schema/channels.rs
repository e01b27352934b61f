//! Attributes that choose channels of files. Whether a file has them is asked when they are set.

use super::{AttrSpec, Value, ValueError, choice, string};
use crate::media::{Channels, MissingPixels};

/// Of a layer.
pub(super) fn layer() -> [AttrSpec; 3] {
    [
        string(
            "channels",
            "What it shows of its file: a layer such as diffuse, a channel such as Z, or two to four channels for red, green, \
             blue and alpha such as N.x,N.y,N.z; empty for the file's colour.",
        )
        .normalised(some)
        .pixels(),
        string("part", "The part of its file, by name or place; empty for the one in which the channels are found first.")
            .normalised(part)
            .pixels(),
        string(
            "view",
            "The view of its file, such as left: channels are then chosen among those of that view, and named without it; \
             empty for all channels by their whole names.",
        )
        .pixels(),
    ]
}

/// Of media.
pub(super) fn media() -> AttrSpec {
    let about = |missing: MissingPixels| match missing {
        MissingPixels::Error => "The file is an error.",
        MissingPixels::Black => "All channels are 0 there.",
        MissingPixels::Hold => "The line of pixels above goes on.",
    };
    let all = MissingPixels::ALL.map(|missing| (missing.name(), about(missing)));
    choice("missing_pixels", MissingPixels::Error.name(), &all)
        .doc("What shows where an OpenEXR file that was not finished has no pixels.")
        .pixels()
}

/// A choice of channels, or none.
fn some(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::String(text) if !text.is_empty() => match text.parse::<Channels>() {
            Ok(channels) => Ok(Value::String(channels.to_string())),
            Err(_) => Err(ValueError::Range {
                found: value.to_string(),
                expected: "a layer, a channel, or two to four channels with commas between them".to_string(),
            }),
        },
        _ => Ok(value.clone()),
    }
}

/// One channel.
pub(super) fn one(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::String(text) if text.parse::<Channels>().map_or(true, |channels| channels.single().is_none()) => {
            Err(ValueError::Range {
                found: value.to_string(),
                expected: "alpha, luminance, red, green, blue, or the name of one channel of a file".to_string(),
            })
        }
        Value::String(text) => Ok(Value::String(text.trim().to_string())),
        _ => Ok(value.clone()),
    }
}

/// A name or a place, which is stored as text.
fn part(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::Int(place) if *place >= 0 => Ok(Value::String(place.to_string())),
        _ => Ok(value.clone()),
    }
}
