//! An effect on pictures in memory, without a project: the graph of that one effect, made like every other.

use std::sync::Arc;
use std::time::Instant;

use playa_plugin_api::Value;

use super::plan::Plan;
use super::{Region, RenderError, RenderOptions, Renderer, graph};
use crate::image::memory::Single;
use crate::image::{Frame, Rect};
use crate::plugin::EffectType;

/// An effect with the values of all its parameters, and what it is put on.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// The effect.
    pub effect: &'a Arc<EffectType>,
    /// The values in the order in which it declares its parameters, each checked.
    pub values: &'a [Value],
    /// A picture for each of its inputs, or none. Each is the same at every frame.
    pub pictures: &'a [Option<&'a Frame>],
    /// The frame that the result is meant to fill; else that of the first picture.
    pub canvas: Option<Rect>,
    /// Time in frames.
    pub frame: i64,
}

impl Renderer {
    /// Renders an effect on pictures. Windows, metadata and pixel aspect of the first one stay, and its other channels where
    /// the pixels of the result are at the same place.
    ///
    /// Nothing is taken from the cache or kept in it.
    ///
    /// # Errors
    /// An input that is missing, what the effect says, no memory, or that it was stopped.
    pub fn apply(&self, application: Application<'_>, options: &RenderOptions) -> Result<Frame, RenderError> {
        let Application { effect, values, pictures, canvas, frame } = application;
        let first = pictures.first().copied().flatten();
        let canvas = canvas.or(first.map(|first| first.display_window)).unwrap_or(Rect::EMPTY);
        let graph = graph::apply(effect, values, pictures, canvas, frame)?;
        let plan = Plan::of(&graph);
        let region = match options.region {
            Region::Display => canvas,
            Region::Data => graph.node(graph.output()).domain,
            Region::Window(window) => window,
        };
        let options = RenderOptions { cache: false, ..options.clone() };
        let image = self.make(&graph, &plan, region, &options, Instant::now(), &Single)?;
        let Some(first) = first else {
            return Ok(Frame { display_window: canvas, ..Frame::new(image) });
        };
        let channels = if image.window() == first.data_window() { first.channels.clone() } else { Vec::new() };
        let (metadata, pixel_aspect) = (first.metadata.clone(), first.pixel_aspect);
        Ok(Frame { display_window: canvas, metadata, pixel_aspect, channels, ..Frame::new(image) })
    }
}
