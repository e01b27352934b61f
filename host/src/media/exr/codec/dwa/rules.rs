//! Which channels lose what.

use std::borrow::Cow;

use super::super::super::header::ChannelHead;
use crate::image::SampleType;

/// How a channel is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Deflated as it is.
    Plain,
    /// As cosines, of which small parts are lost.
    Lossy,
    /// Its runs of equal bytes.
    Runs,
}

/// A rule: channels of a type whose name ends so are packed so.
pub(super) struct Rule {
    suffix: Cow<'static, str>,
    ignore_case: bool,
    sample_type: SampleType,
    scheme: Scheme,
    /// The place among red, green and blue, which are packed together as light and colour.
    place: Option<usize>,
}

const TYPES: [SampleType; 3] = [SampleType::Uint, SampleType::Half, SampleType::Float];
const SCHEMES: [Scheme; 3] = [Scheme::Plain, Scheme::Lossy, Scheme::Runs];

impl Rule {
    fn matches(&self, channel: &ChannelHead) -> bool {
        let (_, suffix) = split(&channel.name);
        self.sample_type == channel.sample_type
            && if self.ignore_case { suffix.eq_ignore_ascii_case(&self.suffix) } else { suffix == self.suffix }
    }

    fn all(lossy: &[(&'static str, Option<usize>)], runs: &'static str, ignore_case: bool) -> Vec<Self> {
        let rule = |suffix: &'static str, scheme, place| {
            move |sample_type| Self { suffix: suffix.into(), ignore_case, sample_type, scheme, place }
        };
        let lossy = lossy
            .iter()
            .flat_map(|(suffix, place)| TYPES[1..].iter().copied().map(rule(suffix, Scheme::Lossy, *place)));
        lossy.chain(TYPES.into_iter().map(rule(runs, Scheme::Runs, None))).collect()
    }

    /// Those that are written.
    pub(super) fn current() -> Vec<Self> {
        let lossy = [("R", Some(0)), ("G", Some(1)), ("B", Some(2)), ("Y", None), ("BY", None), ("RY", None)];
        Self::all(&lossy, "A", false)
    }

    /// Those of files that do not hold them.
    pub(super) fn of_first_files() -> Vec<Self> {
        let red = ["r", "red"].map(|name| (name, Some(0)));
        let green = ["g", "grn", "green"].map(|name| (name, Some(1)));
        let blue = ["b", "blu", "blue"].map(|name| (name, Some(2)));
        let others = ["y", "by", "ry"].map(|name| (name, None));
        Self::all(&[&red[..], &green, &blue, &others].concat(), "a", true)
    }

    /// Those at the front of some bytes, and the bytes behind.
    pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Self>, &[u8]), String> {
        const BROKEN: &str = "the rules for channels are broken";
        let (length, rest) = bytes.split_first_chunk().ok_or(BROKEN)?;
        let length = usize::from(u16::from_le_bytes(*length)).checked_sub(2).ok_or(BROKEN)?;
        let (mut bytes, rest) = rest.split_at_checked(length).ok_or(BROKEN)?;
        let mut rules = Vec::new();
        while !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == 0).ok_or(BROKEN)?;
            let suffix = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let ([flags, sample_type], after) = bytes[end + 1..].split_first_chunk().ok_or(BROKEN)?;
            rules.push(Self {
                suffix: suffix.into(),
                ignore_case: flags & 1 != 0,
                sample_type: *TYPES.get(usize::from(*sample_type)).ok_or(BROKEN)?,
                scheme: *SCHEMES.get(usize::from(flags >> 2 & 3)).ok_or(BROKEN)?,
                place: match flags >> 4 {
                    0 => None,
                    place @ 1..=3 => Some(usize::from(place) - 1),
                    _ => return Err(BROKEN.to_owned()),
                },
            });
            bytes = after;
        }
        Ok((rules, rest))
    }

    /// Appends those of the rules that some channel follows.
    pub(super) fn write(rules: &[Self], channels: &[ChannelHead], bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend([0; 2]);
        for rule in rules.iter().filter(|rule| channels.iter().any(|channel| rule.matches(channel))) {
            bytes.extend(rule.suffix.bytes().chain([0]));
            let number = |at: Option<usize>| at.map_or(0, |at| at as u8);
            let place = rule.place.map_or(0, |place| place as u8 + 1);
            let scheme = number(SCHEMES.iter().position(|scheme| *scheme == rule.scheme));
            let sample_type = number(TYPES.iter().position(|sample_type| *sample_type == rule.sample_type));
            bytes.extend([place << 4 | scheme << 2 | u8::from(rule.ignore_case), sample_type]);
        }
        let length = (bytes.len() - start) as u16;
        bytes[start..start + 2].copy_from_slice(&length.to_le_bytes());
    }
}

/// How the channels of a part are packed.
pub(super) struct Plan {
    /// For each channel.
    pub(super) schemes: Vec<Scheme>,
    /// The channels that are packed as cosines together, in the order of their streams: red, green and blue of each layer
    /// that has them, then all others alone.
    pub(super) groups: Vec<Vec<usize>>,
}

impl Plan {
    /// By rules, of which the last that matches holds.
    pub(super) fn of(rules: &[Rule], channels: &[ChannelHead]) -> Result<Self, String> {
        let mut schemes = vec![Scheme::Plain; channels.len()];
        let mut layers: Vec<(&str, [Option<usize>; 3])> = Vec::new();
        for (index, channel) in channels.iter().enumerate() {
            let (layer, _) = split(&channel.name);
            let known = layers.iter().position(|(known, _)| *known == layer);
            let at = known.unwrap_or_else(|| {
                layers.push((layer, [None; 3]));
                layers.len() - 1
            });
            for rule in rules.iter().filter(|rule| rule.matches(channel)) {
                schemes[index] = rule.scheme;
                if let Some(place) = rule.place {
                    layers[at].1[place] = Some(index);
                }
            }
            if schemes[index] == Scheme::Lossy && channel.sample_type == SampleType::Uint {
                return Err("whole numbers cannot be packed as cosines".to_owned());
            }
        }
        let lossy = |channel: &usize| schemes[*channel] == Scheme::Lossy;
        let colours = layers.iter().filter_map(|(_, places)| match *places {
            [Some(red), Some(green), Some(blue)] => Some(vec![red, green, blue]),
            _ => None,
        });
        let mut groups: Vec<Vec<usize>> = colours.filter(|group| group.iter().all(lossy)).collect();
        let alone =
            (0..channels.len()).filter(lossy).filter(|channel| !groups.iter().flatten().any(|one| one == channel));
        let alone: Vec<Vec<usize>> = alone.map(|channel| vec![channel]).collect();
        groups.extend(alone);
        Ok(Self { schemes, groups })
    }
}

/// The layer of a channel, with the dot, and its name within that.
fn split(name: &str) -> (&str, &str) {
    name.split_at(name.rfind('.').map_or(0, |dot| dot + 1))
}
