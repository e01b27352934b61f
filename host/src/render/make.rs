//! Making the pictures of a graph that are made whole, each once, in the order of the graph.
//!
//! First backwards: what is [`wanted`](super::wanted), and so what has to be made at all. Then forwards: files are read,
//! effects that are not pixel-wise are run, everything else is painted tile by tile ([`tiles`](super::tiles)). A picture is
//! let go as soon as nothing reads it any more.

use std::sync::{Arc, Once, OnceLock};
use std::time::Instant;

use indexmap::IndexMap;
use playa_plugin_api::{Need, Rect};
use rayon::prelude::*;

use super::cache::{Held, InFlight, Origin};
use super::error::Problem;
use super::footage::Read;
use super::graph::{Applied, Graph, NodeId, Op, Work};
use super::key::{Key, KeyBuilder};
use super::plan::{Making, Plan};
use super::tiles::Tiles;
use super::wanted::{Wanted, only};
use super::{RenderError, RenderOptions, Renderer, footage};
use crate::image::memory::{self, Lease, NotAdmitted, Spent, Turn};
use crate::image::{Image, View};
use crate::plugin::{Input, Services, Stop, Threads, Watch};

/// One render.
pub(super) struct Maker<'a> {
    pub graph: &'a Graph<'a>,
    pub plan: &'a Plan,
    pub renderer: &'a Renderer,
    pub options: &'a RenderOptions,
    pub stop: Stop<'a>,
    /// The memory that is reserved for it, once it was let in.
    pub lease: OnceLock<Arc<Lease<'static>>>,
    /// What the pictures are called in the notes, where someone wants them.
    pub labels: Vec<OnceLock<Arc<str>>>,
    /// Done when the cache has counted what was found for the frame.
    pub counted: &'a Once,
}

/// A picture that is there, and how it counts until it is let go. Its bytes are reserved again before they are free, as
/// they were allocated before they were not reserved any more: nobody else gets them in between.
pub(super) struct Made<'a> {
    pub counts: Counts<'a>,
    pub image: Image,
}

/// How a picture in the hands of a render counts.
pub(super) enum Counts<'a> {
    /// It is somebody else's, or counts as another picture already.
    Not,
    /// It is the cache's.
    Kept(Held<'a>),
    /// It is the render's own.
    Own { _in_flight: InFlight<'a>, _spent: Option<Spent<'static>> },
}

/// The pictures that are there, by their node.
pub(super) type Pictures<'a> = Vec<Option<Made<'a>>>;

impl<'a> Maker<'a> {
    /// The output of the graph over `region`. Begins when there is memory for it, and no other frame is in the making if it
    /// is to be made `alone`.
    pub fn output(&self, region: Rect, alone: bool, turn: &dyn Turn) -> Result<Image, RenderError> {
        let output = self.graph.output();
        let mut pictures: Pictures<'a> = self.graph.nodes.iter().map(|_| None).collect();
        let mut wanted = self.wanted(region, self.options.cache, &mut pictures)?;
        self.check_sizes(&wanted, &pictures)?;
        // A part of a frame takes its memory as what that frame's effects need beside their pictures.
        if !self.options.nested && !self.is_let_in_now(region, &wanted, &pictures, alone, turn) {
            // Whoever waits holds nothing, not even what the cache has.
            let start = Instant::now();
            pictures.iter_mut().for_each(|picture| *picture = None);
            wanted = self.wanted(region, false, &mut pictures)?;
            self.let_in(region, &wanted, &pictures, alone, turn)?;
            self.options.timing.iter().for_each(|timing| timing.add_wait(start));
            wanted = self.wanted(region, self.options.cache, &mut pictures)?;
        }
        self.count(&wanted, &pictures);
        let start = Instant::now();
        self.read_files(&wanted, &mut pictures)?;
        self.options.timing.iter().for_each(|timing| timing.add_decode(start));
        for id in (0..self.graph.nodes.len()).map(NodeId) {
            let Wanted { window, .. } = wanted[id.0];
            if self.plan.is_whole(id) && pictures[id.0].is_none() && (!window.is_empty() || id == output) {
                pictures[id.0] = Some(self.make(id, window, &pictures)?);
            }
            for (picture, wanted) in pictures.iter_mut().zip(&wanted).take(id.0) {
                if wanted.until == id {
                    *picture = None;
                }
            }
        }
        let made = pictures.pop().flatten().expect("the output is made whole");
        if made.image.window() == region {
            return Ok(made.image);
        }
        // The cache had more than was asked for.
        self.check_size(output, region)?;
        let mut part = self.empty(output, region)?;
        part.image.view_mut().expect("a new image is not shared").copy_from(View::from(&made.image));
        Ok(part.image)
    }

    /// Refuses what takes more than an image may.
    fn check_sizes(&self, wanted: &[Wanted], pictures: &Pictures<'a>) -> Result<(), RenderError> {
        for id in (0..wanted.len()).map(NodeId).filter(|id| self.plan.is_whole(*id) && pictures[id.0].is_none()) {
            if !matches!(self.graph.node(id).op, Op::File(..)) {
                self.check_size(id, wanted[id.0].window)?;
            }
        }
        Ok(())
    }

    /// Takes the memory for all that is to be made, if it need not wait for it.
    fn is_let_in_now(
        &self,
        region: Rect,
        wanted: &[Wanted],
        pictures: &Pictures<'a>,
        alone: bool,
        turn: &dyn Turn,
    ) -> bool {
        let peak = self.peak(region, wanted, pictures);
        let lease = if alone { None } else { memory::PROCESS.admit_now(peak.pictures, peak.scratch, turn) };
        lease.is_some_and(|lease| self.lease.set(lease).is_ok())
    }

    /// Waits until there is memory for all that is to be made.
    fn let_in(
        &self,
        region: Rect,
        wanted: &[Wanted],
        pictures: &Pictures<'a>,
        alone: bool,
        turn: &dyn Turn,
    ) -> Result<(), RenderError> {
        let peak = self.peak(region, wanted, pictures);
        let stopped = || self.stop.is_asked() || self.stop.is_late();
        let lease = memory::PROCESS.admit(peak.pictures, peak.scratch, alone, turn, &stopped);
        let lease = lease.map_err(|reason| {
            self.graph.node(self.graph.output()).at.error(match reason {
                NotAdmitted::Refused(refused) => Problem::Memory(refused),
                NotAdmitted::Stopped => Problem::Aborted,
            })
        })?;
        drop(self.lease.set(lease));
        Ok(())
    }

    /// Reads all files that are needed, side by side, and each once for all that is shown of it.
    fn read_files(&self, wanted: &[Wanted], pictures: &mut Pictures<'a>) -> Result<(), RenderError> {
        let mut files: IndexMap<Key, Vec<(NodeId, &Read)>> = IndexMap::new();
        for id in (0..wanted.len()).map(NodeId) {
            if let Op::File(read) = &self.graph.node(id).op
                && pictures[id.0].is_none()
                && !wanted[id.0].window.is_empty()
            {
                files.entry(read.group).or_default().push((id, read));
            }
        }
        let files: Vec<_> = files.into_values().collect();
        let read: Vec<_> = files.par_iter().map(|file| self.read(file)).collect();
        for (file, made) in files.iter().zip(read) {
            for ((id, _), made) in file.iter().zip(made?) {
                pictures[id.0] = Some(made);
            }
        }
        Ok(())
    }

    /// Reads pictures of a file, and lets the cache keep them.
    fn read(&self, file: &[(NodeId, &Read)]) -> Result<Vec<Made<'a>>, RenderError> {
        let (first, start) = (file[0].0, Instant::now());
        self.check_abort(first)?;
        let reads: Vec<&Read> = file.iter().map(|(_, read)| *read).collect();
        let stopped = || self.stop.is_asked() || self.stop.is_late();
        let images = footage::read(&reads, self.options.max_image_bytes, &stopped);
        // One that was told to stop says so before it says why it has no pixels.
        if images.is_err() {
            self.check_abort(first)?;
        }
        let images = images.map_err(|error| self.graph.node(first).at.error(error))?;
        let own = |image: Image| {
            let in_flight = self.renderer.cache.use_bytes(image.bytes());
            self.own(image, in_flight)
        };
        let made: Vec<Made<'a>> = images.into_iter().map(own).collect();
        self.note("read", first, start, made.iter().map(|made| made.image.bytes()).sum());
        self.check_abort(first)?;
        let seconds = start.elapsed().as_secs_f64() / file.len() as f64;
        for ((id, _), made) in file.iter().zip(&made) {
            if let Some(cache) = self.cache_for(*id) {
                cache.put(self.graph.node(*id).key, &made.image, seconds, self.origin(*id));
            }
        }
        Ok(made)
    }

    /// Makes a picture as a whole, and lets the cache keep it.
    fn make(&self, id: NodeId, window: Rect, pictures: &Pictures<'a>) -> Result<Made<'a>, RenderError> {
        let (node, mut start) = (self.graph.node(id), Instant::now());
        self.check_abort(id)?;
        let (made, kind) = match &node.op {
            Op::Text(text) => {
                let mut output = self.empty(id, window)?;
                start = Instant::now();
                let painted = text.typeset.paint(&text.ink, &mut output.image, self.options.max_image_bytes);
                painted.map_err(|error| node.at.error(error))?;
                (output, "text")
            }
            Op::Reduce { input, ids } => {
                let mut output = self.empty(id, window)?;
                start = Instant::now();
                let source = pictures[input.0].as_ref().map(|made| View::from(&made.image));
                let (source, proxy) = (source.unwrap_or(View::none()), self.graph.proxy);
                if *ids {
                    proxy.pick(source, &mut output.image)
                } else {
                    proxy.reduce(source, &mut output.image)
                }
                (output, "sample")
            }
            Op::Effect(effect) if self.plan.making(id) == Making::Wide => {
                let output = self.empty(id, window)?;
                start = Instant::now();
                (self.wide(id, effect, output, pictures)?, "effect")
            }
            op => match only(op).and_then(|only| pictures[only.0].as_ref()) {
                // A comp that shows one picture as it is needs no other memory.
                Some(made) if made.image.window() == window => {
                    (Made { image: made.image.clone(), counts: Counts::Not }, "paint")
                }
                _ => {
                    let output = self.empty(id, window)?;
                    start = Instant::now();
                    (self.painted(id, output, pictures)?, "paint")
                }
            },
        };
        match kind {
            // Its tiles have notes.
            "paint" => self.note_wait(kind, id, start),
            _ => self.note(kind, id, start, made.image.bytes()),
        }
        // An effect that was told to stop may have left its pixels as they were.
        self.check_abort(id)?;
        if let Some(cache) = self.cache_for(id) {
            cache.put(node.key, &made.image, start.elapsed().as_secs_f64(), self.origin(id));
        }
        Ok(made)
    }

    /// Runs an effect that is not pixel-wise.
    fn wide(
        &self,
        id: NodeId,
        effect: &Applied,
        mut output: Made<'a>,
        pictures: &Pictures<'a>,
    ) -> Result<Made<'a>, RenderError> {
        let (node, window) = (self.graph.node(id), output.image.window());
        let Work::Render { reach, .. } = &effect.work else { unreachable!("passing on is pixel-wise") };
        let own = window.intersect(reach);
        let needs = self.graph.needs(id, effect, window)?;
        let input = |(input, need): &(NodeId, Need)| {
            let image = pictures[input.0].as_ref().map(|made| &made.image);
            let pixels = image.map_or(View::new(Rect::EMPTY, &[]), |image| View::from(image).crop(need.rect));
            Input { input: need.input, frame: need.frame, pixels, image }
        };
        let inputs: Vec<Input<'_>> = needs.iter().map(input).collect();
        let scratch = &self.renderer.scratch;
        let services =
            Services::new(&effect.kind.spec().id, Threads::All, self.stop, scratch, self.options.max_image_bytes);
        let loops = Loops { maker: self, id };
        let services = if self.options.profile.is_some() { services.watched(&loops) } else { services };
        let mut view = output.image.view_mut().expect("a new image is not shared");
        view.clear_outside(own);
        if !own.is_empty() {
            let setting = effect.setting(self.graph);
            let rendered = effect.kind.render(&effect.params, setting, &inputs, view.crop(own), &services);
            rendered.map_err(|error| node.at.error(error))?;
        }
        if effect.mix < 1.0 {
            let source = pictures[effect.source.0].as_ref().map(|made| View::from(&made.image));
            super::tiles::mix(&mut view, source.unwrap_or(View::new(Rect::EMPTY, &[])), effect.mix);
        }
        Ok(output)
    }

    /// Paints a picture tile by tile.
    fn painted(&self, id: NodeId, mut output: Made<'a>, pictures: &Pictures<'a>) -> Result<Made<'a>, RenderError> {
        Tiles { maker: self, pictures }.fill(id, &mut output.image)?;
        Ok(output)
    }

    /// An error if an image over `window` takes more than one may.
    fn check_size(&self, id: NodeId, window: Rect) -> Result<(), RenderError> {
        let (bytes, limit) = (window.area().saturating_mul(16), self.options.max_image_bytes);
        if bytes > limit {
            return Err(self.graph.node(id).at.error(Problem::TooLarge { window, bytes, limit }));
        }
        Ok(())
    }

    /// An image to be filled.
    fn empty(&self, id: NodeId, window: Rect) -> Result<Made<'a>, RenderError> {
        let at = &self.graph.node(id).at;
        // Room is made first, so that the memory of what goes may be used again.
        let in_flight = self.renderer.cache.use_bytes(window.area().saturating_mul(16));
        let shared = self.plan.is_shared(id);
        let image = if shared { Image::unpainted_shared(window) } else { Image::unpainted(window) };
        let image = image.map_err(|error| at.error(error))?;
        Ok(self.own(image, in_flight))
    }

    /// A picture that this render allocated.
    fn own(&self, image: Image, in_flight: InFlight<'a>) -> Made<'a> {
        let spent = self.lease.get().map(|lease| lease.spend(image.bytes()));
        Made { counts: Counts::Own { _in_flight: in_flight, _spent: spent }, image }
    }

    /// Where a picture comes from.
    fn origin(&self, id: NodeId) -> Origin {
        let node = self.graph.node(id);
        let effect = match &node.op {
            Op::Effect(effect) => &effect.kind.spec().id,
            _ => "",
        };
        // The layers below and the whole of a comp are two things.
        let slot = KeyBuilder::new(node.op.kind()).bytes(node.at.node.as_bytes()).text(effect);
        let slot = slot.int(self.plan.making(id) as i64).finish();
        Origin { label: self.label(id), kind: node.op.kind(), node: node.at.node, slot }
    }

    /// An error if the render was asked to stop.
    pub fn check_abort(&self, id: NodeId) -> Result<(), RenderError> {
        if self.stop.is_asked() || self.stop.is_late() {
            return Err(self.graph.node(id).at.error(Problem::Aborted));
        }
        Ok(())
    }

    /// Notes what took how long, where someone wants to know.
    pub fn note(&self, kind: &'static str, id: NodeId, start: Instant, bytes: u64) {
        if let Some(profile) = &self.options.profile {
            profile.note(kind, self.label(id), start, bytes);
        }
    }

    /// Notes how long this thread waited for work that has notes of its own.
    fn note_wait(&self, kind: &'static str, id: NodeId, start: Instant) {
        if let Some(profile) = &self.options.profile {
            profile.note_wait(kind, self.label(id), start);
        }
    }

    fn label(&self, id: NodeId) -> Arc<str> {
        Arc::clone(self.labels[id.0].get_or_init(|| self.graph.label(id).into()))
    }
}

/// Takes notes of the parallel loops of an effect.
struct Loops<'m, 'a> {
    maker: &'m Maker<'a>,
    id: NodeId,
}

impl Watch for Loops<'_, '_> {
    fn piece(&self, start: Instant) {
        self.maker.note("effect", self.id, start, 0);
    }

    fn end(&self, start: Instant) {
        self.maker.note_wait("wait", self.id, start);
    }
}
