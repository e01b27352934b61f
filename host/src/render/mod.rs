//! From a project to pixels: one frame of one comp.
//!
//! Why does a pixel have its value? A frame is made in this order:
//!
//! 1. [`graph`]: comp and time become a graph of pictures, each with a key that holds all it depends on. Effects are asked
//!    by `plan` where they have pixels and what they need.
//! 2. [`plan`]: which pictures are made whole, and which are fused into those that read them.
//! 3. [`wanted`]: which pixels of which pictures are needed, and which of them the [`cache`] has. Then [`make`]: files are
//!    read ([`footage`]), and effects with a wide reach are run.
//! 4. [`tiles`]: the rest is painted tile by tile: pixel-wise effects, moving and sampling ([`sample`]), and
//! 5. blending over what lies below ([`blend`]).
//!
//! What the frame says besides its pixels comes from its lowest footage ([`metadata`]).
//!
//! A frame begins when there is memory for all of it ([`peak`]). A [`Proxy`] is a smaller picture of the same.
//! [`batch`] makes many frames, one beside the other,
//! [`queue`] those that are asked for one by one; [`apply`] puts one effect on pictures in memory. [`profile`] takes notes of
//! where the time goes, [`timing`] of what one frame took.
//!
//! Everything works on the project's document and the effects of one moment: nothing is locked while pixels are made.
//! Each output pixel is computed by itself, in layer order, so the result is the same to the bit on any number of threads,
//! with tiles of any size, and whatever the cache has.

mod apply;
pub mod batch;
pub mod blend;
pub mod cache;
mod error;
mod footage;
pub mod graph;
pub mod key;
mod make;
mod metadata;
mod peak;
pub mod plan;
pub mod profile;
mod proxy;
pub mod queue;
pub mod sample;
mod text;
pub mod tiles;
mod timing;
mod wanted;

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once, OnceLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

pub use apply::Application;
pub use cache::{Cache, CacheStats, CachedPicture, Strategy};
pub use error::{Problem, RenderError};
pub use footage::FileIdentity;
pub use graph::GraphReport;
pub use profile::Profile;
pub use proxy::Proxy;
pub use tiles::TileSize;
pub use timing::Timing;

use crate::colour::Colours;
use crate::image::memory::{self, Keeper, Single, Turn};
use crate::image::scratch::Scratch;
use crate::image::{Frame, Image, MetaValue, Rect};
use crate::plugin::{Effects, Stop};
use crate::project::{Comp, Document};
use error::At;
use footage::Footage;
use graph::{Build, Graph, Stacks};
use make::Maker;
use plan::Plan;
use text::Texts;

/// How to render.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Which pixels.
    pub region: Region,
    /// In which size. The frame and its windows are smaller by this.
    pub proxy: Proxy,
    /// What happens where a project uses an effect that is not loaded.
    pub missing_effects: MissingEffects,
    /// Whether a layer is shown without an effect that fails, instead of failing the frame. That is a warning in the log, and
    /// the frame's metadata name the effect, under [`PASSED_OVER`].
    pub skip_failing_effects: bool,
    /// Bytes that one image may take, footage and intermediate images included.
    pub max_image_bytes: u64,
    /// Set it from another thread to stop: the render then ends with [`Problem::Aborted`].
    pub abort: Arc<AtomicBool>,
    /// The same for this frame alone, where `abort` is that of many.
    pub cancel: Option<Arc<AtomicBool>>,
    /// How long it may take; then it ends with [`Problem::TimedOut`]. What a plugin or a file does at that moment ends
    /// first.
    pub timeout: Option<Duration>,
    /// Whether pictures made before are used, and those made now are kept.
    pub cache: bool,
    /// The size of tiles; by default what suits the picture. The pixels do not depend on it.
    pub tile: Option<TileSize>,
    /// Takes notes of where the time goes.
    pub profile: Option<Arc<Profile>>,
    /// Takes note of what this frame took.
    pub timing: Option<Arc<Timing>>,
    /// Whether a frame in the making waits for it, because one of its effects asked. Then it does not wait for memory, which
    /// that frame may have, but takes it as scratch memory of the effect, and fails where there is none.
    pub nested: bool,
}

/// Where the metadata of a frame say which effects it was made without, because they failed: a list of their errors.
pub const PASSED_OVER: &str = "playa:passedOver";

/// What is rendered.
#[derive(Clone, Copy)]
struct Scene<'a> {
    document: &'a Document,
    effects: &'a Effects,
    /// Effects without which layers are shown.
    passed_over: &'a HashSet<Uuid>,
}

/// Which pixels of a comp are rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Region {
    /// The comp's own frame, `[0, width) x [0, height)`.
    #[default]
    Display,
    /// Everything that the layers reach, overscan included.
    Data,
    /// These; at a proxy, the pixels that hold all of them.
    Window(Rect),
}

/// What happens where a project uses an effect that is not loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingEffects {
    /// The frame fails and says which effect is missing.
    #[default]
    Fail,
    /// The layer is shown without it.
    Skip,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            region: Region::default(),
            proxy: Proxy::FULL,
            missing_effects: MissingEffects::default(),
            skip_failing_effects: false,
            max_image_bytes: 2 << 30,
            abort: Arc::default(),
            cancel: None,
            timeout: None,
            cache: true,
            tile: None,
            profile: None,
            timing: None,
            nested: false,
        }
    }
}

impl RenderOptions {
    /// What tells a render to stop that began at `start`.
    fn stop(&self, start: Instant) -> Stop<'_> {
        let until = self.timeout.and_then(|timeout| start.checked_add(timeout));
        Stop { abort: Some(&self.abort), cancel: self.cancel.as_deref(), until }
    }

    /// The error of a render as who asked for it is told.
    fn told(&self, error: RenderError, stop: Stop<'_>) -> RenderError {
        match self.timeout {
            // An effect that stops does not know why it was told to.
            Some(timeout) if error.is_abort() && !stop.is_asked() => {
                RenderError { problem: Box::new(Problem::TimedOut(timeout)), ..error }
            }
            _ => error,
        }
    }
}

/// Makes frames, and keeps what the next ones can use. Shared by projects and threads.
#[derive(Debug)]
pub struct Renderer {
    cache: Arc<Cache>,
    footage: Footage,
    stacks: Stacks,
    texts: Texts,
    scratch: Arc<Scratch>,
}

impl Default for Renderer {
    /// A renderer that gives up what it keeps where the memory of the process is short.
    fn default() -> Self {
        let (cache, scratch) = (Arc::<Cache>::default(), Arc::<Scratch>::default());
        let keepers: [Arc<dyn Keeper>; 2] = [Arc::clone(&scratch) as _, Arc::clone(&cache) as _];
        keepers.iter().for_each(|keeper| memory::PROCESS.add_keeper(Arc::downgrade(keeper)));
        Self { cache, footage: Footage::default(), stacks: Stacks::default(), texts: Texts::default(), scratch }
    }
}

impl Renderer {
    /// Renders a comp at a frame. Outside the comp's work area, and where no layer is, the result is transparent black.
    ///
    /// # Errors
    /// A layer that cannot be rendered, with comp, frame, layer and effect.
    pub fn render(
        &self,
        document: &Document,
        effects: &Effects,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
    ) -> Result<Frame, RenderError> {
        self.render_in_turn(document, effects, comp, frame, options, &Single)
    }

    /// Renders a frame that takes its memory when its turn has come.
    fn render_in_turn(
        &self,
        document: &Document,
        effects: &Effects,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
        turn: &dyn Turn,
    ) -> Result<Frame, RenderError> {
        let (start, mut passed_over, mut told) = (Instant::now(), HashSet::new(), Vec::new());
        loop {
            let scene = Scene { document, effects, passed_over: &passed_over };
            match self.render_scene(scene, comp, frame, options, start, turn) {
                Ok(mut frame) => {
                    if !told.is_empty() {
                        frame.metadata.insert(PASSED_OVER, MetaValue::TextList(told));
                    }
                    return Ok(frame);
                }
                Err(error) => match error.failed_effect().filter(|_| options.skip_failing_effects) {
                    // Each time it is another one.
                    Some(effect) if passed_over.insert(effect) => {
                        log::warn!("{error}; the layer is shown without it");
                        told.push(error.to_string());
                    }
                    _ => return Err(error),
                },
            }
        }
    }

    fn render_scene(
        &self,
        scene: Scene<'_>,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
        start: Instant,
        turn: &dyn Turn,
    ) -> Result<Frame, RenderError> {
        let document = scene.document;
        let comp = document.comps.get(&comp).ok_or_else(|| RenderError::without_comp(comp, frame))?;
        let known = options.cache.then_some((&*self.cache, &self.stacks));
        let stop = options.stop(start);
        let colours = &document.colours().map_err(|error| At::comp(comp, frame).error(error))?;
        let build = self.build(scene, colours, options, known, stop);
        let graph = graph::build(build, comp, frame).map_err(|error| options.told(error, stop))?;
        let plan = Plan::of(&graph);
        if let Some(profile) = &options.profile {
            profile.note("graph", graph.label(graph.output()), start, 0);
        }
        let proxy = options.proxy;
        let canvas = proxy.window(canvas(comp));
        let region = match options.region {
            Region::Display => canvas,
            Region::Data => graph.node(graph.output()).domain,
            Region::Window(window) => proxy.window(window),
        };
        let image = self.make(&graph, &plan, region, options, start, turn);
        if let Some(profile) = &options.profile {
            profile.note_wait("frame", format!("frame {frame} of comp {:?}", comp.name()), start);
        }
        let image = image?;
        let (number, mut frame) = (frame, Frame { display_window: canvas, ..Frame::new(image) });
        let (key, gamut) = (graph.node(graph.output()).key, colours.engine.light(&colours.working));
        metadata::complete(&mut frame, document, &self.footage, (comp, number), gamut, key);
        Ok(frame)
    }

    /// What graphs of a scene are built from.
    fn build<'a>(
        &'a self,
        scene: Scene<'a>,
        colours: &'a Colours,
        options: &RenderOptions,
        known: Option<(&'a Cache, &'a Stacks)>,
        stop: Stop<'a>,
    ) -> Build<'a> {
        let Scene { document, effects, passed_over } = scene;
        let (missing_effects, proxy) = (options.missing_effects, options.proxy);
        let (footage, texts) = (&self.footage, &self.texts);
        Build { document, effects, missing_effects, passed_over, footage, texts, colours, known, proxy, stop }
    }

    /// The output of a graph over `region`, for a render that began at `start`.
    fn make(
        &self,
        graph: &Graph<'_>,
        plan: &Plan,
        region: Rect,
        options: &RenderOptions,
        start: Instant,
        turn: &dyn Turn,
    ) -> Result<Image, RenderError> {
        let stop = options.stop(start);
        let counted = Once::new();
        let make = |alone| {
            let labels = graph.nodes.iter().map(|_| OnceLock::new()).collect();
            let (lease, counted) = (OnceLock::new(), &counted);
            Maker { graph, plan, renderer: self, options, stop, lease, labels, counted }.output(region, alone, turn)
        };
        let image = match make(false) {
            // What it lacked may have been what others had. What is part of a frame is made anew with that.
            Err(error) if error.is_out_of_memory() && !options.nested => {
                log::debug!("{error}: it is made once more, alone");
                make(true)
            }
            image => image,
        };
        image.map_err(|error| options.told(error, stop))
    }

    /// What a frame is made of, and how. Reads headers of files and places the glyphs of texts, but makes no pixels.
    ///
    /// # Errors
    /// What is known without pixels: missing files and effects, values that do not fit.
    pub fn graph(
        &self,
        document: &Document,
        effects: &Effects,
        comp: Uuid,
        frame: i64,
        missing_effects: MissingEffects,
    ) -> Result<GraphReport, RenderError> {
        let options = RenderOptions { missing_effects, ..RenderOptions::default() };
        self.look(document, effects, comp, frame, &options, |graph, comp| {
            graph.report(&Plan::of(graph), comp.name(), frame)
        })
    }

    /// The key of a frame's content: what has the same one has the same pixels. Reads headers of files, but makes no pixels.
    ///
    /// # Errors
    /// See [`Renderer::graph`].
    pub fn key(
        &self,
        document: &Document,
        effects: &Effects,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
    ) -> Result<key::Key, RenderError> {
        self.look(document, effects, comp, frame, options, |graph, _| graph.node(graph.output()).key)
    }

    /// Looks at what a frame is made of.
    fn look<R>(
        &self,
        document: &Document,
        effects: &Effects,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
        look: impl FnOnce(&Graph<'_>, &Comp) -> R,
    ) -> Result<R, RenderError> {
        let comp = document.comps.get(&comp).ok_or_else(|| RenderError::without_comp(comp, frame))?;
        let scene = Scene { document, effects, passed_over: &HashSet::new() };
        let colours = &document.colours().map_err(|error| At::comp(comp, frame).error(error))?;
        let build = self.build(scene, colours, options, None, Stop::default());
        Ok(look(&graph::build(build, comp, frame)?, comp))
    }

    /// What was made before.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// How files are told from others, so that what was made of them before is used again.
    pub fn file_identity(&self) -> FileIdentity {
        self.footage.identity()
    }

    /// Says how files are told from others from now on. What was made of them before is made anew.
    pub fn set_file_identity(&self, identity: FileIdentity) {
        self.footage.set_identity(identity);
    }
}

/// The display window of a comp.
fn canvas(comp: &Comp) -> Rect {
    let (width, height) = comp.size();
    Rect::of_size(width, height)
}
