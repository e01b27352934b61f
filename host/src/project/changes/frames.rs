//! In which frames a comp may look different.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;
use uuid::Uuid;

use super::{layer_pairs, pairs};
use crate::project::attrs::Attrs;
use crate::project::document::{Comp, Document, Layer, Source};

/// First and last frame, both included.
type Frames = (i64, i64);

/// The comps that are in both documents and may look different in some frames, with these: where layers were added,
/// removed, moved or edited, where a source of them was, and in the comps that show such comps. Never too few frames,
/// perhaps too many.
pub fn touched(before: &Document, after: &Document) -> IndexMap<Uuid, Frames> {
    let all = pixels_differ(&before.attrs, &after.attrs);
    let mut touched = IndexMap::new();
    for (uuid, comp) in &after.comps {
        let Some(old) = before.comps.get(uuid) else { continue };
        let frames = match all {
            true => union(whole(old), whole(comp)),
            false if Arc::ptr_eq(old, comp) => None,
            false => of_comp(old, comp),
        };
        touched.extend(frames.map(|frames| (*uuid, frames)));
    }
    let media = pairs(&before.media, &after.media).filter(|(_, a, b)| pixels_differ(&a.attrs, &b.attrs));
    let cameras = pairs(&before.cameras, &after.cameras).filter(|(_, a, b)| pixels_differ(&a.attrs, &b.attrs));
    let solids = pairs(&before.solids, &after.solids).filter(|(_, a, b)| pixels_differ(&a.attrs, &b.attrs));
    let texts = pairs(&before.texts, &after.texts).filter(|(_, a, b)| pixels_differ(&a.attrs, &b.attrs));
    let footage = media.map(|(uuid, ..)| uuid).chain(cameras.map(|(uuid, ..)| uuid));
    let drawn = solids.map(|(uuid, ..)| uuid).chain(texts.map(|(uuid, ..)| uuid));
    let sources = footage.chain(drawn).collect();
    spread(before, after, sources, &mut touched);
    touched
}

/// Goes on to the layers that show what changed, and the comps these are in, until nothing is added.
fn spread(before: &Document, after: &Document, sources: HashSet<Uuid>, touched: &mut IndexMap<Uuid, Frames>) {
    loop {
        let mut grown = false;
        for (uuid, comp) in after.comps.iter().filter(|(uuid, _)| before.comps.contains_key(*uuid)) {
            let shows = |layer: &&Arc<Layer>| match &layer.source {
                Source::Media(source) | Source::Camera(source) | Source::Solid(source) | Source::Text(source) => {
                    sources.contains(source)
                }
                Source::Comp(source) => touched.contains_key(source),
                Source::Memory(_) => false,
            };
            let known = touched.get(uuid).copied();
            let changed = with_readers(comp, comp.layers.iter().filter(shows).map(|layer| layer.uuid()));
            let frames = comp.layers.iter().filter(|layer| changed.contains(&layer.uuid())).map(|layer| span(layer));
            let frames = frames.fold(known, union);
            if let Some(frames) = frames.filter(|_| frames != known) {
                touched.insert(*uuid, frames);
                grown = true;
            }
        }
        if !grown {
            return;
        }
    }
}

fn of_comp(before: &Comp, after: &Comp) -> Option<Frames> {
    let everywhere = || union(whole(before), whole(after));
    if pixels_differ(&before.attrs, &after.attrs) {
        return everywhere();
    }
    let solo = |comp: &Comp| -> HashSet<Uuid> {
        comp.layers.iter().filter(|layer| layer.attrs.bool("solo")).map(|layer| layer.uuid()).collect()
    };
    if solo(before) != solo(after) {
        // One that is solo hides the others.
        return everywhere();
    }
    let edited = layer_pairs(before, after).filter(|(before, after)| looks_differ(before, after));
    let edited: Vec<_> = edited.collect();
    let readers = with_readers(after, edited.iter().map(|(_, after)| after.uuid()));
    let readers = after.layers.iter().filter(|layer| readers.contains(&layer.uuid())).map(|layer| span(layer));
    let edited = edited.iter().flat_map(|(before, after)| [span(before), span(after)]);
    edited.chain(readers).chain(reordered(before, after).map(span)).fold(None, union)
}

/// These layers, and those whose effects read them, at any time.
fn with_readers(comp: &Comp, layers: impl Iterator<Item = Uuid>) -> HashSet<Uuid> {
    let mut found: HashSet<Uuid> = layers.collect();
    loop {
        let reads =
            |layer: &&Arc<Layer>| !found.contains(&layer.uuid()) && layer.inputs().any(|input| found.contains(&input));
        let more: Vec<Uuid> = comp.layers.iter().filter(reads).map(|layer| layer.uuid()).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// The layers between the first and the last place where the two lists differ: those that came, went or moved are there.
fn reordered<'a>(before: &'a Comp, after: &'a Comp) -> impl Iterator<Item = &'a Layer> {
    let same = |(a, b): &(&Arc<Layer>, &Arc<Layer>)| Arc::ptr_eq(a, b) || a.uuid() == b.uuid();
    let start = before.layers.iter().zip(&after.layers).take_while(same).count();
    let (before, after) = (&before.layers[start..], &after.layers[start..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
    let moved = before[..before.len() - end].iter().chain(&after[..after.len() - end]);
    moved.map(|layer| &**layer)
}

fn looks_differ(before: &Layer, after: &Layer) -> bool {
    pixels_differ(&before.attrs, &after.attrs) || before.source != after.source || before.effects != after.effects
}

fn pixels_differ(before: &Attrs, after: &Attrs) -> bool {
    before.differing_specs(after).any(|spec| spec.flags.affects_pixels)
}

/// The frames in which a layer is seen, if there are any.
fn span(layer: &Layer) -> Option<Frames> {
    Some(layer.time().visible()).filter(|(first, last)| first <= last)
}

/// The work area of a comp and all of its layers.
fn whole(comp: &Comp) -> Option<Frames> {
    let area = Some(comp.frames()).filter(|(first, last)| first <= last);
    comp.layers.iter().map(|layer| span(layer)).fold(area, union)
}

fn union(a: Option<Frames>, b: Option<Frames>) -> Option<Frames> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
