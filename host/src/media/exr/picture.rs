//! Which channels of a part are shown as colour, and which are kept beside it.
//!
//! The rules are told at [`ReadOptions`].

use indexmap::IndexMap;

use super::super::error::Problem;
use super::super::{ChannelSet, ReadOptions};
use super::header::Part;
use crate::image::SampleType;

/// The choice for one part. Numbers are places in the part's list of channels.
pub(super) struct Picture {
    shown: Shown,
    /// The channels that go into the frame as they are.
    pub(super) kept: Vec<Kept>,
}

/// A channel that goes into the frame as it is.
pub(super) struct Kept {
    pub(super) index: usize,
    /// What it is called there.
    pub(super) name: String,
    pub(super) sample_type: SampleType,
}

/// The channels that make the colour. Numbers are places in the list that it was chosen from.
#[derive(Clone, Copy)]
pub(in super::super) struct Shown {
    colour: [Option<usize>; 3],
    alpha: Option<usize>,
}

impl Picture {
    /// Applies the rules to a part.
    pub(super) fn choose(part: &Part, options: &ReadOptions) -> Result<Self, Problem> {
        let members = match &options.layer {
            None => all(part),
            Some(layer) => members(part, layer),
        };
        if members.is_empty() {
            let wanted = options.layer.clone().unwrap_or_default();
            return Err(Problem::NoLayer { wanted, known: layers(part) });
        }
        let shown = Shown::among(&members);
        let kept = match options.channels {
            ChannelSet::RgbaOnly => Vec::new(),
            ChannelSet::All => members
                .into_iter()
                .filter(|(index, name)| !shown.holds(*index, name, part.channels[*index].sample_type))
                .map(|(index, name)| Kept {
                    index,
                    name: name.to_owned(),
                    sample_type: part.channels[index].sample_type,
                })
                .collect(),
        };
        Ok(Self { shown, kept })
    }

    /// The channels for red, green, blue and alpha. None is 0 for a colour and 1 for alpha.
    pub(super) fn planes(&self) -> [Option<usize>; 4] {
        self.shown.planes()
    }

    /// The widest type among the channels that are shown.
    pub(super) fn stored(&self, part: &Part) -> SampleType {
        self.shown.stored(|index| part.channels[index].sample_type)
    }
}

impl Shown {
    /// The colour among channels by their places and names, of which there is one at least: theirs, or that of the first
    /// layer which holds any, or else the first channel.
    pub(in super::super) fn among(members: &[(usize, &str)]) -> Self {
        Self::of(members)
            .or_else(|| by_layer(members).values().find_map(|layer| Self::of(layer)))
            .unwrap_or_else(|| Self::first(members))
    }

    /// The channels for red, green, blue and alpha. None is 0 for a colour and 1 for alpha.
    pub(in super::super) fn planes(&self) -> [Option<usize>; 4] {
        let [red, green, blue] = self.colour;
        [red, green, blue, self.alpha]
    }

    /// The widest type among the channels that are shown, whose types are told by place.
    pub(in super::super) fn stored(&self, sample_type: impl Fn(usize) -> SampleType) -> SampleType {
        let shown = || self.planes().into_iter().flatten().map(&sample_type);
        let widest_first = [SampleType::Uint, SampleType::Float, SampleType::Half];
        widest_first.into_iter().find(|wide| shown().any(|one| one == *wide)).unwrap_or(SampleType::Float)
    }

    /// The colour among channels, if they hold any. Names with a further prefix take no part.
    fn of(members: &[(usize, &str)]) -> Option<Self> {
        let find = |names: &[&str]| {
            names.iter().find_map(|name| members.iter().find(|(_, member)| member == name).map(|(index, _)| *index))
        };
        let colour = [find(&["R", "r", "red"]), find(&["G", "g", "green"]), find(&["B", "b", "blue"])];
        let alpha = find(&["A", "a", "alpha"]);
        let grey = || find(&["Y", "y"]).or(colour.into_iter().flatten().next());
        match colour.into_iter().flatten().count() {
            0 | 1 => grey().map(|grey| Self { colour: [Some(grey); 3], alpha }),
            _ => Some(Self { colour, alpha }),
        }
    }

    /// The first channel that is not alpha, as grey; alpha alone is white where it covers.
    fn first(members: &[(usize, &str)]) -> Self {
        let alpha = members.iter().find(|(_, name)| *name == "A").map(|(index, _)| *index);
        let first = members.iter().find(|(_, name)| *name != "A").map(|(index, _)| *index).or(alpha);
        Self { colour: [first; 3], alpha }
    }

    /// Whether the image holds a channel exactly, under its own name.
    pub(in super::super) fn holds(&self, index: usize, name: &str, sample_type: SampleType) -> bool {
        let [red, green, blue] = self.colour;
        let grey = red == green && green == blue;
        let shown_as = match name {
            "R" if !grey => red,
            "G" if !grey => green,
            "B" if !grey => blue,
            "A" => self.alpha,
            _ => None,
        };
        shown_as == Some(index) && sample_type != SampleType::Uint
    }
}

/// How far the colour of a part lies from where it is looked for first: 0 among its unprefixed channels, 1 in a layer,
/// 2 where it has none.
pub(super) fn distance_from_colour(part: &Part) -> u8 {
    if Shown::of(&all(part)).is_some() {
        0
    } else if by_layer(&all(part)).values().any(|layer| Shown::of(layer).is_some()) {
        1
    } else {
        2
    }
}

/// The names of the layers of a part: what stands before the last dot of a channel's name. In the order of the file.
pub(super) fn layers(part: &Part) -> Vec<String> {
    by_layer(&all(part)).into_keys().map(str::to_owned).collect()
}

/// The channels of each layer, without those of the layers within it, by the last part of their names.
pub(in super::super) fn by_layer<'a>(members: &[(usize, &'a str)]) -> IndexMap<&'a str, Vec<(usize, &'a str)>> {
    let mut layers: IndexMap<&str, Vec<(usize, &str)>> = IndexMap::new();
    for (index, name) in members {
        if let Some((layer, name)) = name.rsplit_once('.') {
            layers.entry(layer).or_default().push((*index, name));
        }
    }
    layers
}

/// All channels of a part, by their full names.
fn all(part: &Part) -> Vec<(usize, &str)> {
    part.channels.iter().enumerate().map(|(index, channel)| (index, channel.name.as_str())).collect()
}

/// The channels of a layer and of the layers within it, by their names without its prefix.
fn members<'a>(part: &'a Part, layer: &str) -> Vec<(usize, &'a str)> {
    let strip = |name: &'a str| name.strip_prefix(layer)?.strip_prefix('.');
    all(part).into_iter().filter_map(|(index, name)| Some((index, strip(name)?))).collect()
}
