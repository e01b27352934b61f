//! Pictures brought into the space in which layers are composited.

use std::sync::Arc;

use super::build::Builder;
use super::layer::Shows;
use super::{Node, NodeId, Op};
use crate::colour::{ColourError, Content, Curve, Space, Transform, content_of};
use crate::image::Frame;
use crate::project::FileNode;
use crate::render::RenderError;
use crate::render::error::At;
use crate::render::footage::Header;
use crate::render::key::KeyBuilder;

/// A curve that is undone while a file is read, and what is left to be done then.
pub(super) struct Conversion {
    pub curve: Curve,
    pub rest: Option<Arc<dyn Transform>>,
}

impl<'a> Builder<'a> {
    /// How a file gets into the working space. What the user set for the media is said of its colour, not of depth or ids in
    /// the same file that a layer asks for.
    pub(super) fn of_file(
        &self,
        media: &FileNode,
        path: &std::path::Path,
        header: &Header,
        shows: Shows<'_>,
        at: &At<'a>,
    ) -> Result<Conversion, RenderError> {
        if shows.raw {
            return Ok(Conversion { curve: Curve::Linear, rest: None });
        }
        let colours = self.from.colours;
        let asked_for = shows.wish.channels.is_some() && header.colour.data.is_some();
        let set = if asked_for { "" } else { media.attrs.text("colour_space") };
        let decided = colours.decide(path, &header.colour, set);
        let (curve, rest) = match decided.map_err(|error| at.error(error))?.word.content {
            Content::Colour(space) if header.is_of_whole_numbers() => (space.curve, Content::Colour(space.light())),
            content => (Curve::Linear, content),
        };
        let rest = colours.to_working(&rest).map_err(|error| at.error(error))?;
        Ok(Conversion { curve, rest })
    }

    /// The way of a picture in memory into the working space.
    pub(super) fn of_memory(&self, frame: &Frame, at: &At<'a>) -> Result<Option<Arc<dyn Transform>>, RenderError> {
        let colours = self.from.colours;
        let light = content_of(&frame.metadata).ok_or_else(|| {
            let (path, tag) = ("a picture in memory".into(), "its chromaticities".to_owned());
            at.error(ColourError::Tag { path, tag, reason: "no light has these".to_owned() })
        })?;
        colours.to_working(&light).map_err(|error| at.error(error))
    }

    /// The way of what the project itself paints, which is light of Rec.709, into the working space.
    pub(super) fn of_paint(&self, at: &At<'a>) -> Result<Option<Arc<dyn Transform>>, RenderError> {
        self.from.colours.to_working(&Content::Colour(Space::LINEAR)).map_err(|error| at.error(error))
    }

    /// A picture after a transform; as it is, where there is none.
    pub(super) fn transformed(&mut self, input: NodeId, transform: Option<Arc<dyn Transform>>) -> NodeId {
        let Some(transform) = transform else { return input };
        let Node { key, domain, canvas, opaque, at, .. } = *self.node(input);
        let key = KeyBuilder::new("colour").key(key).bytes(&transform.fingerprint()).finish();
        self.add(Node { key, domain, canvas, opaque, op: Op::Colour { input, transform }, at })
    }
}
