//! A picture to be made of a part: the channels that are shown as colour, and those that are kept beside it.

use super::super::ChannelSet;
use super::super::shown::{Chosen, Shown};
use super::header::Part;
use crate::image::SampleType;

/// What goes into a frame. Numbers are places in the part's list of channels.
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

impl Picture {
    /// What was chosen of a part.
    pub(super) fn of(part: &Part, chosen: &Chosen, kept: ChannelSet) -> Self {
        let shown = chosen.shown;
        let sample_type = |index: usize| part.channels[index].sample_type;
        let kept = match kept {
            ChannelSet::RgbaOnly => Vec::new(),
            ChannelSet::All => chosen
                .members
                .iter()
                .filter(|(index, name)| !shown.holds(*index, name, sample_type(*index)))
                .map(|(index, name)| Kept { index: *index, name: name.clone(), sample_type: sample_type(*index) })
                .collect(),
        };
        Self { shown, kept }
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
