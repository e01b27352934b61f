//! What a rendered frame says besides its pixels: what its lowest footage says, and what it was made of.
//!
//! As in Nuke, where a merge hands on what its lower input says, the lowest layer counts that shows a file or a picture in
//! memory, at the frame; of a layer that shows a comp, the lowest one in there. Pictures in the cache know nothing of it: the
//! same pixels may come from files that say different things, so it is looked up for each frame.

use std::collections::HashSet;
use std::path::PathBuf;

use uuid::Uuid;

use super::footage::Footage;
use super::key::Key;
use crate::colour::{CHROMATICITIES, Gamut, INTEROP_ID, set_gamut};
use crate::image::{Frame, MetaValue, Metadata, timecode};
use crate::project::{Comp, Document, Layer, Source};

/// What a file says of its own pixels, or of channels that a rendered frame does not have.
const OF_THE_FILE: [&str; 6] = ["preview", "multiView", "idManifest", "deepImageState", "iccProfile", "dpx:Transfer"];

/// The same, by how the names begin. What made the file is no news of what made the frame.
const FAMILIES_OF_THE_FILE: [&str; 4] = ["cryptomatte/", "png:", "movie:", "playa:"];

/// What the lowest footage says.
struct Inherited {
    metadata: Metadata,
    pixel_aspect: f32,
    /// How many frames later than the file the frame is: a file may be held.
    later: i64,
}

/// Completes a frame of a comp whose picture has this key. `gamut` is that of its light; none if it is no light.
pub(super) fn complete(
    frame: &mut Frame,
    document: &Document,
    footage: &Footage,
    (comp, number): (&Comp, i64),
    gamut: Option<Gamut>,
    key: Key,
) {
    let mut search = Search { document, footage, without: HashSet::new() };
    let rate = (comp.rate().num(), comp.rate().den());
    if let Some(inherited) = search.of_comp(comp, number) {
        frame.pixel_aspect = inherited.pixel_aspect;
        frame.metadata = inherited.metadata.iter().filter(|(name, _)| is_carried(name)).map(owned).collect();
        advance(&mut frame.metadata, inherited.later, rate);
    }
    match gamut {
        Some(gamut) => set_gamut(&mut frame.metadata, gamut),
        None => [CHROMATICITIES, INTEROP_ID].into_iter().for_each(|name| drop(frame.metadata.remove(name))),
    }
    if let Ok(num) = i32::try_from(rate.0) {
        frame.metadata.insert("framesPerSecond", MetaValue::Rational(num, rate.1));
    }
    let project = document.attrs.text("name");
    if !project.is_empty() {
        frame.metadata.insert("playa:project", MetaValue::Text(project.to_owned()));
    }
    frame.metadata.insert("playa:version", MetaValue::Text(env!("CARGO_PKG_VERSION").to_owned()));
    frame.metadata.insert("playa:hash", MetaValue::Text(key.to_string()));
}

fn owned((name, value): (&str, &MetaValue)) -> (String, MetaValue) {
    (name.to_owned(), value.clone())
}

fn is_carried(name: &str) -> bool {
    !OF_THE_FILE.contains(&name) && !FAMILIES_OF_THE_FILE.iter().any(|family| name.starts_with(family))
}

/// Counts a time code on. One that cannot be counted at the rate would be wrong, and goes.
fn advance(metadata: &mut Metadata, later: i64, rate: (u32, u32)) {
    const NAME: &str = "timeCode";
    let Some(MetaValue::TimeCode(time, user)) = metadata.get(NAME).filter(|_| later != 0) else { return };
    match timecode::advanced(*time, later, rate) {
        Some(time) => metadata.insert(NAME, MetaValue::TimeCode(time, *user)),
        None => drop(metadata.remove(NAME)),
    }
}

/// Looks for the lowest footage.
struct Search<'a> {
    document: &'a Document,
    footage: &'a Footage,
    /// Comps, at a frame, in which there is none: they may be shown many times.
    without: HashSet<(Uuid, i64)>,
}

impl Search<'_> {
    fn of_comp(&mut self, comp: &Comp, frame: i64) -> Option<Inherited> {
        let (first, last) = comp.frames();
        let place = (comp.uuid(), frame);
        if !(first..=last).contains(&frame) || self.without.contains(&place) {
            return None;
        }
        let view = comp.view(self.document, frame as f64);
        let found = comp.paint_order(&view, frame as f64).into_iter().find_map(|layer| self.of_layer(layer, frame));
        if found.is_none() {
            self.without.insert(place);
        }
        found
    }

    fn of_layer(&mut self, layer: &Layer, frame: i64) -> Option<Inherited> {
        if layer.opacity_at(frame as f64) == 0.0 {
            return None;
        }
        let frames = self.document.source_frames(&layer.source);
        let time = layer.time();
        let (wanted, shown) = (time.source_time(frame, frames), time.source_frame(frame, frames));
        match &layer.source {
            Source::Media(media) => {
                let media = self.document.media.get(media)?;
                let (path, shown): (PathBuf, i64) = media.file(shown)?;
                let header = self.footage.look(&path, &layer.wish()).ok()?;
                let part = header.part();
                let (metadata, pixel_aspect) = (part.metadata.clone(), part.pixel_aspect);
                Some(Inherited { metadata, pixel_aspect, later: wanted.saturating_sub(shown) })
            }
            Source::Memory(frame) => {
                let (metadata, pixel_aspect) = (frame.metadata.clone(), frame.pixel_aspect);
                Some(Inherited { metadata, pixel_aspect, later: wanted })
            }
            Source::Comp(comp) => {
                let document = self.document;
                let inner = self.of_comp(document.comps.get(comp)?, shown)?;
                Some(Inherited { later: inner.later.saturating_add(wanted.saturating_sub(shown)), ..inner })
            }
            Source::Camera(_) | Source::Solid(_) | Source::Text(_) => None,
        }
    }
}
