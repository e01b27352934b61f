//! Channels whose numbers are no colour: amounts such as depth, and names such as ids.
//!
//! Amounts may be averaged, so they are sampled like colour. Names may not: half of one object and half of another is a third
//! one.

use super::PartInfo;
use crate::image::{MetaValue, SampleType};

/// Names of channels, and of layers of them, that are no colour: depth, directions, places, motion, ids, shares.
const DATA: &[&str] = &[
    "z",
    "zback",
    "depth",
    "n",
    "ng",
    "ns",
    "normal",
    "normals",
    "p",
    "pref",
    "pworld",
    "position",
    "positions",
    "point",
    "motion",
    "motionvector",
    "motionvectors",
    "mv",
    "vector",
    "vectors",
    "velocity",
    "speed",
    "forward",
    "backward",
    "uv",
    "uvs",
    "st",
    "u",
    "v",
    "id",
    "ids",
    "objectid",
    "materialid",
    "instanceid",
    "primid",
    "mask",
    "masks",
    "matte",
];

/// Those of them that are names of things.
const IDS: &[&str] = &["id", "ids", "objectid", "materialid", "instanceid", "primid"];

/// The channels for red, green and blue among those that are shown, each once.
pub(super) fn colour_of([red, green, blue, _]: [Option<usize>; 4]) -> Vec<usize> {
    let mut colour: Vec<usize> = [red, green, blue].into_iter().flatten().collect();
    colour.dedup();
    colour
}

/// Whether what is shown of a part is no colour: whole numbers, or what is called like no colour.
pub(super) fn is_data(part: &PartInfo, planes: [Option<usize>; 4]) -> bool {
    let is_data = |index: &usize| {
        let channel = &part.channels[*index];
        channel.sample_type == SampleType::Uint || in_cryptomatte(part, &channel.name) || called(&channel.name, DATA)
    };
    colour_of(planes).iter().all(is_data)
}

/// Whether what is shown of a part are names of things, which must not be averaged: whole numbers, ids, Cryptomatte.
pub fn is_ids(part: &PartInfo, planes: [Option<usize>; 4]) -> bool {
    colour_of(planes).iter().any(|index| is_id(part, *index))
}

/// The channel, where what is shown is one that cannot be a matte, because its numbers are names and no amounts. The
/// coverage of Cryptomatte can, which is its green and its alpha.
pub fn no_matte(part: &PartInfo, planes: [Option<usize>; 4]) -> Option<&str> {
    let name = |index: usize| part.channels[index].name.as_str();
    let coverage = |index: usize| {
        let last = name(index).rsplit('.').next().unwrap_or_default();
        in_cryptomatte(part, name(index)) && matches!(last, "G" | "g" | "green" | "A" | "a" | "alpha")
    };
    colour_of(planes).into_iter().find(|index| is_id(part, *index) && !coverage(*index)).map(name)
}

/// Why such a channel is no matte.
pub fn ids_are_no_matte(channel: &str) -> String {
    format!(
        "the channel {channel:?} holds names of things, which are no amounts and cannot be a matte; take one of coverage, \
         such as alpha, a mask, or the green and alpha of Cryptomatte"
    )
}

fn is_id(part: &PartInfo, index: usize) -> bool {
    let channel = &part.channels[index];
    channel.sample_type == SampleType::Uint || in_cryptomatte(part, &channel.name) || called(&channel.name, IDS)
}

/// Whether a channel, or a layer that it is in, is called like one of these.
fn called(channel: &str, names: &[&str]) -> bool {
    channel.split('.').any(|word| {
        let letters = word.chars().filter(char::is_ascii_alphabetic);
        let word: String = letters.collect::<String>().to_lowercase();
        word.starts_with("crypto") || names.contains(&word.as_str())
    })
}

/// Whether a channel is of Cryptomatte, by the header: `cryptomatte/<key>/name` says what its layers begin with, two digits
/// follow. Specification: Friedman and Jones, "Cryptomatte", Psyop, version 1.2.
fn in_cryptomatte(part: &PartInfo, channel: &str) -> bool {
    let Some((layer, _)) = channel.rsplit_once('.') else { return false };
    part.metadata.iter().any(|(name, value)| match value {
        MetaValue::Text(prefix) if name.starts_with("cryptomatte/") && name.ends_with("/name") => {
            let rest = layer.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| rest.bytes().all(|letter| letter.is_ascii_digit()))
        }
        _ => false,
    })
}
