//! Pictures as the codes of a file or a display, where a config has a word in it; and such files as light.

use std::sync::Arc;

use super::{
    Adaptation, CHROMATICITIES, ColourError, Content, Engine, Gamut, INTEROP_ID, Transform, View, set_gamut,
    transformed,
};
use crate::image::{Frame, ImageError, MetaValue};

/// A way that a whole picture goes, and what its numbers are then. They are written, and were read, as they are.
#[derive(Clone, Debug)]
pub struct Codes {
    transform: Option<Arc<dyn Transform>>,
    light: Option<Gamut>,
    interop: Option<String>,
}

impl Codes {
    /// From one space to another.
    ///
    /// # Errors
    /// If there is no way.
    pub fn of_space(
        engine: &dyn Engine,
        from: &Content,
        to: &Content,
        adaptation: Adaptation,
    ) -> Result<Self, ColourError> {
        let transform = engine.way(from, to, adaptation)?;
        Ok(Self { transform, light: engine.light(to), interop: engine.interop_id(to) })
    }

    /// From a space to a display.
    ///
    /// # Errors
    /// If there is no such display, view or look, or no way there.
    pub fn of_view(engine: &dyn Engine, from: &Content, view: &View) -> Result<Self, ColourError> {
        Ok(Self { transform: engine.view(from, view)?, light: None, interop: None })
    }

    /// From a space to the light that is usual there.
    ///
    /// # Errors
    /// If there is no way.
    pub fn to_light(engine: &dyn Engine, from: &Content, adaptation: Adaptation) -> Result<Self, ColourError> {
        let to = if engine.light(from).is_some() { from.clone() } else { engine.usual_light() };
        Codes::of_space(engine, from, &to, adaptation)
    }

    /// The picture whose numbers are these. Its metadata tell what they are, where there is a word for it.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn of(&self, frame: &Frame) -> Result<Frame, ImageError> {
        let mut result = frame.clone();
        if let Some(transform) = &self.transform {
            result.image = transformed(&frame.image, &**transform)?;
        }
        match self.light {
            Some(gamut) => set_gamut(&mut result.metadata, gamut),
            None => drop(result.metadata.remove(CHROMATICITIES)),
        }
        match &self.interop {
            Some(id) => result.metadata.insert(INTEROP_ID, MetaValue::Text(id.clone())),
            None if self.light.is_none() => drop(result.metadata.remove(INTEROP_ID)),
            None => {}
        }
        Ok(result)
    }
}
