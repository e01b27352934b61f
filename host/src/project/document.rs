//! What a project holds, immutable and shared: a change makes a new document that shares the rest.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexMap;
use playa_plugin_api::Value;
use uuid::Uuid;

use super::attrs::{AttrError, Attrs};
use super::camera::Camera;
use super::effect::Effect;
use super::error::ProjectError;
use super::save::Table;
use super::schema;
use super::sequence::{Footage, Missing, Sequence, SequenceError};
use super::solid::Solid;
use super::text::Text;
use super::time::{LayerTime, Rate};
use super::transform::Placement;
use crate::image::Frame;

/// Comps lie in comps at most this deep, so that a render needs a bounded stack.
pub const MAX_NESTING: usize = 64;

/// Everything in a project. A clone shares its nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Attributes of the project.
    pub attrs: Attrs,
    /// Media, in the order in which they were added.
    pub media: IndexMap<Uuid, Arc<FileNode>>,
    /// Comps, in the order in which they were added.
    pub comps: IndexMap<Uuid, Arc<Comp>>,
    /// Cameras, in the order in which they were added.
    pub cameras: IndexMap<Uuid, Arc<Camera>>,
    /// Solids, in the order in which they were added.
    pub solids: IndexMap<Uuid, Arc<Solid>>,
    /// Texts, in the order in which they were added.
    pub texts: IndexMap<Uuid, Arc<Text>>,
    /// Tables at the top of its file that this version does not know.
    pub(super) extra: Table,
    /// Keys of its `[project]` table that this version does not know.
    pub(super) project_extra: Table,
}

/// A file or a sequence of files.
#[derive(Clone, Debug, PartialEq)]
pub struct FileNode {
    /// Its attributes.
    pub attrs: Attrs,
    /// What was on disk when it was added or loaded.
    pub sequence: Sequence,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

/// Layers over a range of frames.
///
/// While its attribute `auto_bounds` is true, as it is at first, every change of a layer fits `in` and `out` to the
/// layers that are shown: from the first frame at which one is visible to the last. Cameras do not count. Where none is
/// shown they stay as they are. Setting `in` or `out` by hand turns `auto_bounds` off.
#[derive(Clone, Debug, PartialEq)]
pub struct Comp {
    /// Its attributes.
    pub attrs: Attrs,
    /// Its layers, the top one first.
    pub layers: Vec<Arc<Layer>>,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

/// A source in a comp, with its place in time and space.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its attributes, without the computed ones: see [`Layer::get`].
    pub attrs: Attrs,
    /// What it shows.
    pub source: Source,
    /// Its effects, in the order in which they act.
    pub effects: Vec<Effect>,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

/// What a layer shows.
#[derive(Clone, Debug)]
pub enum Source {
    /// Media of the project.
    Media(Uuid),
    /// A comp of the project.
    Comp(Uuid),
    /// A camera of the project: no pixels. The layer's position and rotation are where it stands and looks.
    Camera(Uuid),
    /// A solid of the project, the same at every frame but for its keys.
    Solid(Uuid),
    /// A text of the project, the same at every frame but for its keys.
    Text(Uuid),
    /// An image in memory, the same at every frame.
    Memory(Arc<Frame>),
}

/// Images in memory are equal where they are the same.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Source::Media(a), Source::Media(b))
            | (Source::Comp(a), Source::Comp(b))
            | (Source::Camera(a), Source::Camera(b))
            | (Source::Solid(a), Source::Solid(b))
            | (Source::Text(a), Source::Text(b)) => a == b,
            (Source::Memory(a), Source::Memory(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Where a layer was when it was looked for the last time: the numbers of its comp and of itself. A guess, which is
/// checked.
#[derive(Debug, Default)]
pub struct Near(AtomicU64);

impl Near {
    fn get(&self) -> (usize, usize) {
        let place = self.0.load(Ordering::Relaxed);
        ((place >> 32) as usize, (place & 0xffff_ffff) as usize)
    }

    fn set(&self, comp: usize, position: usize) {
        self.0.store(((comp as u64) << 32) | (position as u64 & 0xffff_ffff), Ordering::Relaxed);
    }
}

impl Document {
    /// A document with nothing in it.
    pub fn new() -> Self {
        Self {
            attrs: Attrs::new(schema::project()),
            media: IndexMap::new(),
            comps: IndexMap::new(),
            cameras: IndexMap::new(),
            solids: IndexMap::new(),
            texts: IndexMap::new(),
            extra: Table::new(),
            project_extra: Table::new(),
        }
    }

    /// The first comp of a name.
    pub fn comp_named(&self, name: &str) -> Option<&Arc<Comp>> {
        self.comps.values().find(|comp| comp.name() == name)
    }

    /// A layer, with the comp it lies in and its position there.
    pub fn layer(&self, layer: Uuid) -> Option<(&Arc<Comp>, usize, &Arc<Layer>)> {
        self.comps.values().find_map(|comp| {
            let position = comp.layers.iter().position(|candidate| candidate.uuid() == layer)?;
            Some((comp, position, &comp.layers[position]))
        })
    }

    /// A layer, looked for first where it was the last time.
    pub fn layer_near(&self, layer: Uuid, near: &Near) -> Option<&Arc<Layer>> {
        let (comp, position) = near.get();
        let last = self.comps.get_index(comp).and_then(|(_, comp)| comp.layers.get(position));
        if let Some(found) = last.filter(|found| found.uuid() == layer) {
            return Some(found);
        }
        let (comp, position, found) = self.layer(layer)?;
        near.set(self.comps.get_index_of(&comp.uuid())?, position);
        Some(found)
    }

    /// An effect, with the layer it is on and its position there.
    pub fn effect(&self, effect: Uuid) -> Option<(&Arc<Layer>, usize, &Effect)> {
        self.comps.values().flat_map(|comp| &comp.layers).find_map(|layer| {
            let position = layer.effects.iter().position(|candidate| candidate.uuid == effect)?;
            Some((layer, position, &layer.effects[position]))
        })
    }

    /// First and last frame of a source, both included: those on disk, a comp's work area, 0 for a still.
    pub fn source_frames(&self, source: &Source) -> (i64, i64) {
        match source {
            Source::Media(media) => self.media.get(media).map_or((0, 0), |media| media.frames()),
            Source::Comp(comp) => self.comps.get(comp).map_or((0, 0), |comp| comp.frames()),
            Source::Camera(_) | Source::Solid(_) | Source::Text(_) | Source::Memory(_) => (0, 0),
        }
    }

    /// The layers that show a source, as `comp / layer`.
    pub fn users(&self, source: &Source) -> Vec<String> {
        let of = |comp: &Arc<Comp>| {
            let users = comp.layers.iter().filter(|layer| layer.source == *source);
            users.map(|layer| format!("{} / {}", comp.name(), layer.name())).collect::<Vec<_>>()
        };
        self.comps.values().flat_map(of).collect()
    }

    /// Refuses comps that contain themselves, or that lie deeper in each other than [`MAX_NESTING`]. A cycle through
    /// `first` is told from there.
    pub(super) fn check_nesting(&self, first: Option<Uuid>) -> Result<(), ProjectError> {
        let mut heights: HashMap<Uuid, usize> = HashMap::new();
        for start in first.into_iter().chain(self.comps.keys().copied()) {
            // Depth first, with the way from the start and, for each comp on it, the comps inside left to look at.
            let mut way: IndexMap<Uuid, Vec<Uuid>> = IndexMap::new();
            let mut next = Some(start).filter(|start| !heights.contains_key(start));
            loop {
                if let Some(comp) = next {
                    way.insert(comp, self.comps_inside(comp));
                }
                let Some((&comp, inside)) = way.last_mut() else { break };
                next = inside.pop();
                match next {
                    None => {
                        let inner = self.comps_inside(comp).iter().map(|inner| heights[inner]).max();
                        let height = inner.unwrap_or(0) + 1;
                        if height > MAX_NESTING {
                            return Err(ProjectError::Nesting { comp: self.comp_name(comp), limit: MAX_NESTING });
                        }
                        heights.insert(comp, height);
                        way.pop();
                    }
                    Some(inner) if heights.contains_key(&inner) => next = None,
                    Some(inner) => {
                        if let Some(from) = way.get_index_of(&inner) {
                            let comps: Vec<Uuid> = way.keys().skip(from).copied().chain([inner]).collect();
                            let path = comps.iter().map(|comp| self.comp_name(*comp)).collect();
                            return Err(ProjectError::Cycle { path, comps });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn comps_inside(&self, comp: Uuid) -> Vec<Uuid> {
        let layers = self.comps.get(&comp).map_or(&[][..], |comp| &comp.layers);
        let inner = |layer: &Arc<Layer>| match layer.source {
            Source::Comp(inner) => Some(inner),
            _ => None,
        };
        layers.iter().filter_map(inner).collect()
    }

    fn comp_name(&self, comp: Uuid) -> String {
        let named = self.comps.get(&comp).map(|comp| comp.name()).filter(|name| !name.is_empty());
        named.map_or_else(|| comp.to_string(), str::to_string)
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl FileNode {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// First and last frame, both included; 0 and 0 for a still.
    pub fn frames(&self) -> (i64, i64) {
        (self.attrs.int("in"), self.attrs.int("out"))
    }

    /// What shows in place of a file that is missing.
    pub fn missing(&self) -> Missing {
        match self.attrs.text("missing") {
            "black" => Missing::Black,
            "hold" => Missing::Hold,
            "nearest" => Missing::Nearest,
            _ => Missing::Error,
        }
    }

    /// What to read for a frame of it.
    pub fn footage(&self, frame: i64) -> Result<Footage, SequenceError> {
        self.sequence.footage(frame, self.missing())
    }
}

impl Comp {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// Width and height of its pictures.
    pub fn size(&self) -> (u32, u32) {
        (self.attrs.int("width") as u32, self.attrs.int("height") as u32)
    }

    /// Frames per second.
    pub fn rate(&self) -> Rate {
        self.attrs.text("fps").parse().expect("the schema lets only rates in")
    }

    /// Its work area: first and last frame without the trims, both included.
    pub fn frames(&self) -> (i64, i64) {
        let int = |name| self.attrs.int(name);
        (int("in") + int("trim_in"), int("out") - int("trim_out"))
    }

    /// The layers that are seen at some time, top one first: visible, not mute, and solo where any layer is.
    pub fn shown_layers(&self) -> impl DoubleEndedIterator<Item = &Arc<Layer>> {
        let solo = self.layers.iter().any(|layer| layer.attrs.bool("solo"));
        self.layers.iter().filter(move |layer| {
            let attr = |name| layer.attrs.bool(name);
            attr("visible") && !attr("mute") && (attr("solo") || !solo)
        })
    }

    /// Fits `in` and `out` to the shown layers that have pixels, if `auto_bounds` says so.
    pub(super) fn refit(&mut self) -> Result<(), AttrError> {
        let pictures = self.shown_layers().filter(|layer| !layer.is_camera());
        let ranges = pictures.map(|layer| layer.time().visible()).filter(|(first, last)| first <= last);
        let fit = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        if let (true, Some((first, last))) = (self.attrs.bool("auto_bounds"), fit) {
            self.attrs.set("in", &Value::Int(first))?;
            self.attrs.set("out", &Value::Int(last))?;
        }
        Ok(())
    }

    /// Sets an attribute, with what follows from it for the bounds. Tells whether anything changed.
    pub(super) fn set(&mut self, name: &str, value: &Value) -> Result<bool, ProjectError> {
        let mut changed = self.attrs.set(name, value)?;
        match name {
            "in" | "out" => changed |= self.attrs.set("auto_bounds", &Value::Bool(false))?,
            "auto_bounds" => self.refit()?,
            _ => {}
        }
        Ok(changed)
    }
}

impl Layer {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// Its place in time.
    pub fn time(&self) -> LayerTime {
        LayerTime {
            start: self.attrs.int("in"),
            src_len: self.attrs.int("src_len"),
            trim_in: self.attrs.float("trim_in"),
            trim_out: self.attrs.float("trim_out"),
            speed: self.attrs.float("speed"),
        }
    }

    /// Its place in space at a time in comp frames.
    pub fn placement_at(&self, time: f64) -> Placement {
        let vec3 = |name| self.attrs.vec3_at(name, time);
        Placement { position: vec3("position"), rotation: vec3("rotation"), scale: vec3("scale"), pivot: vec3("pivot") }
    }

    /// Whether its place in space is a function of time.
    pub fn placement_is_animated(&self) -> bool {
        ["position", "rotation", "scale", "pivot"].iter().any(|name| self.attrs.curve(name).is_some())
    }

    /// How much of it is seen at a time in comp frames, 0..1.
    pub fn opacity_at(&self, time: f64) -> f64 {
        self.attrs.float_at("opacity", time)
    }

    /// Whether an attribute of it, or anything of its effects, is a function of time. Its source may change with time
    /// all the same.
    pub fn is_animated(&self) -> bool {
        self.attrs.is_animated() || self.effects.iter().any(Effect::is_animated)
    }

    /// The constant value of an attribute, computed ones included: `out` is the last visible comp frame.
    pub fn get(&self, name: &str) -> Result<Value, AttrError> {
        match name {
            "out" => Ok(Value::Int(self.time().visible().1)),
            _ => self.attrs.get(name).cloned(),
        }
    }

    /// The constant value of the attribute at a place in the schema, computed ones included.
    pub fn get_at(&self, index: usize) -> Value {
        match self.attrs.schema().attrs[index].flags.computed {
            // `out` is the only one.
            true => Value::Int(self.time().visible().1),
            false => self.attrs.get_at(index).clone(),
        }
    }

    /// Sets an attribute to a constant; `out` trims the end of the layer. Tells whether anything changed.
    pub(super) fn set(&mut self, name: &str, value: &Value) -> Result<bool, ProjectError> {
        if name != "out" {
            return Ok(self.attrs.set(name, value)?);
        }
        let Value::Int(out) = self.attrs.schema().check(name, value)? else { unreachable!("`out` is an int") };
        let (first, last) = self.time().visible();
        if out == last {
            return Ok(false);
        }
        if out < first {
            return Err(ProjectError::OutBeforeIn { layer: self.name().to_string(), out, first });
        }
        Ok(self.attrs.set("trim_out", &Value::Float(self.time().trim_out_for(out)))?)
    }
}
