//! Which channels of a file are shown as colour, and how a choice of them is written.
//!
//! The rules are told at [`ReadOptions`](super::ReadOptions).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use indexmap::{IndexMap, IndexSet};

use super::error::Problem;
use super::view::name_within;
use super::{MediaInfo, PartInfo, PartSelector};
use crate::image::SampleType;

/// So many layers, and so many channels, are listed where a choice is in vain.
const LISTED: usize = 64;

/// A choice of channels, as it is written: one name, of a layer or of a channel, or two to four names of channels with
/// commas between them, for red, green, blue and alpha.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channels {
    names: Vec<String>,
}

impl Channels {
    /// The one name, if there are not several.
    pub fn single(&self) -> Option<&str> {
        match &self.names[..] {
            [name] => Some(name),
            _ => None,
        }
    }
}

impl FromStr for Channels {
    type Err = String;

    /// Reads `diffuse`, `Z` or `N.x,N.y,N.z`. Spaces around names do not count.
    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.len() > 4 || names.iter().any(String::is_empty) {
            return Err(format!(
                "{text:?} is no choice of channels, expected a layer such as \"diffuse\", a channel such as \"Z\", or two \
                 to four channels for red, green, blue and alpha such as \"N.x,N.y,N.z\""
            ));
        }
        Ok(Self { names })
    }
}

/// As it is written, without spaces.
impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(","))
    }
}

/// The channels of a file that are shown as colour, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The part.
    pub part: usize,
    /// The channels of the part for red, green, blue and alpha. None is 0 for a colour and 1 for alpha.
    pub planes: [Option<usize>; 4],
}

impl MediaInfo {
    /// The channels that are shown as colour where this is asked for.
    ///
    /// # Errors
    /// If there is no such part, view or channel; that lists what there is.
    pub fn select(
        &self,
        part: Option<&PartSelector>,
        view: Option<&str>,
        channels: Option<&Channels>,
    ) -> Result<Selection, Problem> {
        let parts: Vec<Listed<'_>> = self.parts.iter().map(Listed::of).collect();
        choose(&parts, part, view, channels)
            .map(|chosen| Selection { part: chosen.part, planes: chosen.shown.planes() })
    }
}

/// A part, as far as choosing goes.
pub(super) struct Listed<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) readable: bool,
    pub(super) views: Cow<'a, [String]>,
    /// Its channels, by their places.
    pub(super) channels: Vec<(usize, Cow<'a, str>)>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(part: &'a PartInfo) -> Self {
        let names = part.channels.iter().map(|channel| channel.name.as_str());
        Self::new(part.name.as_deref(), part.refusal.is_none(), part.views.as_slice().into(), names)
    }

    pub(super) fn new(
        name: Option<&'a str>,
        readable: bool,
        views: Cow<'a, [String]>,
        channels: impl Iterator<Item = &'a str>,
    ) -> Self {
        Self { name, readable, views, channels: channels.map(Cow::from).enumerate().collect() }
    }

    /// What of it is of a view, or of none. Channels are called without the view, unless another one is called so.
    fn within(&self, view: &str) -> Self {
        let mut channels: Vec<(usize, Cow<'a, str>)> = Vec::new();
        for (index, whole) in &self.channels {
            let Some(name) = name_within(whole, view, &self.views) else { continue };
            let taken = channels.iter().any(|(_, other)| *other == name);
            channels.push((*index, if taken { whole.clone() } else { Cow::Owned(name.into_owned()) }));
        }
        Self { channels, views: self.views.clone(), ..*self }
    }

    fn members(&self) -> Vec<(usize, &str)> {
        self.channels.iter().map(|(index, name)| (*index, name.as_ref())).collect()
    }

    /// Its name, or its place.
    fn title(&self, index: usize) -> String {
        self.name.map_or_else(|| index.to_string(), str::to_owned)
    }

    /// How far its colour lies from where it is looked for first: 0 among its unprefixed channels, 1 in a layer, 2 where
    /// it has none.
    fn distance_from_colour(&self) -> u8 {
        let members = self.members();
        if Shown::of(&members).is_some() {
            0
        } else if by_layer(&members).values().any(|layer| Shown::of(layer).is_some()) {
            1
        } else {
            2
        }
    }

    /// What is chosen of it, if all of that is there: the channels that belong to the picture, and those that are shown.
    fn choose(&self, channels: Option<&Channels>) -> Option<(Vec<(usize, &str)>, Shown)> {
        let all = self.members();
        let Some(Channels { names }) = channels else {
            let shown = Shown::among(&all);
            return Some((all, shown));
        };
        if let [name] = &names[..] {
            let layer: Vec<(usize, &str)> = without_prefix(&all, name);
            if !layer.is_empty() {
                let shown = Shown::among(&layer);
                return Some((layer, shown));
            }
        }
        let find = |name: &String| all.iter().find(|(_, channel)| channel == name).copied();
        let members = names.iter().map(find).collect::<Option<Vec<_>>>()?;
        let place = |at: usize| members.get(at).map(|(index, _)| *index);
        let shown = match members[..] {
            [(only, _)] => Shown { colour: [Some(only); 3], alpha: None },
            _ => Shown { colour: [place(0), place(1), place(2)], alpha: place(3) },
        };
        Some((members, shown))
    }
}

/// What is chosen of a file.
pub(super) struct Chosen {
    pub(super) part: usize,
    /// The channels of the picture: their places in the part, and what they are called in it.
    pub(super) members: Vec<(usize, String)>,
    pub(super) shown: Shown,
}

/// Applies the rules.
pub(super) fn choose(
    parts: &[Listed<'_>],
    part: Option<&PartSelector>,
    view: Option<&str>,
    channels: Option<&Channels>,
) -> Result<Chosen, Problem> {
    let mut order: Vec<usize> = match part {
        Some(selector) => vec![place(parts, selector)?],
        None => (0..parts.len()).collect(),
    };
    let within: Vec<Listed<'_>>;
    let parts = match view {
        None => parts,
        Some(view) => {
            order = of_view(parts, order, view)?;
            within = parts.iter().map(|part| part.within(view)).collect();
            &within
        }
    };
    let viewless = |part: &Listed<'_>| view.is_some() && part.views.is_empty();
    order.sort_by_key(|index| {
        let part = &parts[*index];
        (!part.readable, viewless(part), part.distance_from_colour())
    });
    let chosen = |part: usize, channels| {
        let (members, shown) = parts[part].choose(channels)?;
        let members = members.into_iter().map(|(index, name)| (index, name.to_owned())).collect();
        Some(Chosen { part, members, shown })
    };
    let by_name = |name: &str| order.iter().copied().find(|index| parts[*index].name == Some(name));
    let found = order.iter().find_map(|index| chosen(*index, channels));
    // A part that is called so is a layer too.
    let found = found.or_else(|| chosen(by_name(channels?.single()?)?, None));
    found.ok_or_else(|| none_found(parts, &order, channels))
}

/// The parts of these that have a view, and those that are of none.
fn of_view(parts: &[Listed<'_>], among: Vec<usize>, view: &str) -> Result<Vec<usize>, Problem> {
    let has = |index: &usize| parts[*index].views.iter().any(|name| name == view);
    let found: Vec<usize> =
        among.iter().copied().filter(|index| parts[*index].views.is_empty() || has(index)).collect();
    let looked_at = match (0..parts.len()).any(|index| has(&index)) {
        true if !found.is_empty() => return Ok(found),
        true => among,
        false => (0..parts.len()).collect(),
    };
    let known: IndexSet<String> = looked_at.iter().flat_map(|index| parts[*index].views.iter().cloned()).collect();
    Err(Problem::NoView { wanted: view.to_owned(), known: known.into_iter().collect() })
}

/// The place of a part.
fn place(parts: &[Listed<'_>], selector: &PartSelector) -> Result<usize, Problem> {
    let known = || parts.iter().enumerate().map(|(index, part)| part.title(index)).collect();
    let number = |index: usize| (index < parts.len()).then_some(index);
    match selector {
        PartSelector::Index(index) => {
            number(*index).ok_or_else(|| Problem::NoPart { wanted: index.to_string(), known: known() })
        }
        PartSelector::Name(name) => parts
            .iter()
            .position(|part| part.name == Some(name))
            .or_else(|| number(name.parse().ok()?))
            .ok_or_else(|| Problem::NoPart { wanted: name.clone(), known: known() }),
    }
}

fn none_found(parts: &[Listed<'_>], looked_at: &[usize], channels: Option<&Channels>) -> Problem {
    let mut looked_at = looked_at.to_vec();
    looked_at.sort_unstable();
    let (mut layers, mut names) = (IndexMap::new(), IndexMap::new());
    for part in looked_at.iter().map(|index| &parts[*index]) {
        let members = part.members();
        layers.extend(by_layer(&members).into_keys().chain(part.name).map(|layer| (layer.to_owned(), ())));
        names.extend(part.channels.iter().map(|(_, name)| (name.clone().into_owned(), ())));
    }
    let listed = |names: IndexMap<String, ()>| {
        let more = (names.len() > LISTED).then(|| "...".to_owned());
        names.into_keys().take(LISTED).chain(more).collect()
    };
    let wanted = channels.map(ToString::to_string).unwrap_or_default();
    Problem::NoChannels { wanted, layers: listed(layers), channels: listed(names) }
}

/// The channels that make the colour. Numbers are places in the list that it was chosen from.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    colour: [Option<usize>; 3],
    alpha: Option<usize>,
}

impl Shown {
    /// The colour among channels by their places and names: theirs, or that of the first layer which holds any, or else
    /// the first channel.
    pub(super) fn among(members: &[(usize, &str)]) -> Self {
        Self::of(members)
            .or_else(|| by_layer(members).values().find_map(|layer| Self::of(layer)))
            .unwrap_or_else(|| Self::first(members))
    }

    /// The channels for red, green, blue and alpha. None is 0 for a colour and 1 for alpha.
    pub(super) fn planes(&self) -> [Option<usize>; 4] {
        let [red, green, blue] = self.colour;
        [red, green, blue, self.alpha]
    }

    /// The widest type among the channels that are shown, whose types are told by place.
    pub(super) fn stored(&self, sample_type: impl Fn(usize) -> SampleType) -> SampleType {
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
    pub(super) fn holds(&self, index: usize, name: &str, sample_type: SampleType) -> bool {
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

/// The channels of each layer, without those of the layers within it, by the last part of their names.
pub(super) fn by_layer<'a>(members: &[(usize, &'a str)]) -> IndexMap<&'a str, Vec<(usize, &'a str)>> {
    let mut layers: IndexMap<&str, Vec<(usize, &str)>> = IndexMap::new();
    for (index, name) in members {
        if let Some((layer, name)) = name.rsplit_once('.') {
            layers.entry(layer).or_default().push((*index, name));
        }
    }
    layers
}

/// The channels of a layer and of the layers within it, by their names without its prefix.
pub(super) fn without_prefix<'a>(members: &[(usize, &'a str)], layer: &str) -> Vec<(usize, &'a str)> {
    let strip = |name: &'a str| name.strip_prefix(layer)?.strip_prefix('.');
    members.iter().filter_map(|(index, name)| Some((*index, strip(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_name_or_two_to_four() {
        for (text, told) in [("diffuse", "diffuse"), (" N.x, N.y ,N.z", "N.x,N.y,N.z"), ("R,G,B,A", "R,G,B,A")] {
            assert_eq!(text.parse::<Channels>().map(|channels| channels.to_string()), Ok(told.to_owned()));
        }
        for text in ["", ",", "R,", "R,,B", "R,G,B,A,Z"] {
            let error = text.parse::<Channels>().expect_err(text);
            assert!(error.contains("no choice of channels, expected a layer"), "{error}");
        }
    }

    /// Parts are looked through with the main one first; the name of a part stands for its colour.
    #[test]
    fn channels_are_looked_for_in_all_parts() {
        let part =
            |name, channels: &'static [&'static str]| Listed::new(name, true, Cow::default(), channels.iter().copied());
        let parts = [
            part(Some("depth"), &["Z"]),
            part(Some("rgba"), &["A", "B", "G", "R", "diffuse.B", "diffuse.G", "diffuse.R"]),
            part(Some("spec"), &["B", "G", "R"]),
        ];
        let places = |text: &str| {
            let channels = (!text.is_empty()).then(|| text.parse::<Channels>().expect(text));
            choose(&parts, None, None, channels.as_ref()).map(|chosen| (chosen.part, chosen.shown.planes()))
        };
        for (text, part, planes) in [
            ("", 1, [Some(3), Some(2), Some(1), Some(0)]),
            ("diffuse", 1, [Some(6), Some(5), Some(4), None]),
            ("R", 1, [Some(3), Some(3), Some(3), None]),
            ("A", 1, [Some(0), Some(0), Some(0), None]),
            ("G,A", 1, [Some(2), Some(0), None, None]),
            ("Z", 0, [Some(0), Some(0), Some(0), None]),
            ("depth", 0, [Some(0), Some(0), Some(0), None]),
            ("spec", 2, [Some(2), Some(1), Some(0), None]),
        ] {
            assert_eq!(places(text).expect(text), (part, planes), "{text}");
        }
        let error = places("difuse.R,Z").expect_err("not there").to_string();
        let listed = "it has the layers depth, diffuse, rgba, spec and the channels Z, A, B, G, R, diffuse.B";
        assert!(error.starts_with("there are no channels \"difuse.R,Z\"; ") && error.contains(listed), "{error}");
        let chosen = choose(&parts, Some(&PartSelector::Name("2".to_owned())), None, None);
        assert_eq!(chosen.map(|chosen| chosen.part).ok(), Some(2), "a number stands for a place");
    }
}
