//! The demo's project: how the footage becomes a picture.

use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::{EffectSpec, Value};
use uuid::Uuid;

use super::footage::HORIZON;
use super::layer::{Layer, comp};
use crate::cli::failure::Failure;
use crate::engine::Engine;
use crate::plugin::Effects;
use crate::project::{EffectLookup, LayerSource, Node, Project, ProjectError};

/// The effects that come with Playa; the demo uses all of them.
pub(super) struct BuiltIn {
    pub(super) blur: Arc<EffectSpec>,
    pub(super) contrast: Arc<EffectSpec>,
    pub(super) hsv: Arc<EffectSpec>,
}

impl BuiltIn {
    /// Finds them all, or says which are missing.
    pub(super) fn find(effects: &Effects) -> Result<Self, Failure> {
        let names = ["GaussianBlur", "BrightnessContrast", "AdjustHSV"];
        let found = names.map(|name| EffectLookup::find(effects, name));
        let missing: Vec<&str> = names.iter().zip(&found).filter(|(_, s)| s.is_none()).map(|(name, _)| *name).collect();
        let [Some(blur), Some(contrast), Some(hsv)] = found else {
            let message = format_args!("the demo uses all built-in effects; not loaded: {}", missing.join(", "));
            return Err(Failure::usage(message)
                .hint("set PLAYA_PLUGIN_PATH to the folder that holds them; `playa effects` tells what was found"));
        };
        Ok(Self { blur, contrast, hsv })
    }
}

/// The project, and two comps of it.
pub(super) struct Scene {
    pub(super) project: Project,
    /// The picture.
    pub(super) main: Uuid,
    /// The same layers in the same places, without effects.
    pub(super) plain: Uuid,
}

impl Scene {
    /// Builds the project over two sequences, by their paths with places for the frame number.
    pub(super) fn build(
        engine: &Engine,
        effects: &BuiltIn,
        (lake, lanterns): (&Path, &Path),
        size: (u32, u32),
    ) -> Result<Self, ProjectError> {
        let project = engine.new_project();
        project.set_attr(Node::Project, "name", &Value::String("Evening at the lake".into()))?;
        let (lake, lanterns) = (project.add_media(lake)?, project.add_media(lanterns)?);
        let glowing = comp(&project, "Glowing lanterns", size)?;
        let [main, plain] = ["Main", "Without effects"].map(|name| comp(&project, name, size));
        let [main, plain] = [main?, plain?];
        let footage = Footage { project: &project, lake, lanterns, size };
        footage.glowing_lanterns(glowing, effects)?;
        footage.picture(main, LayerSource::Comp(glowing), Some(effects))?;
        footage.picture(plain, LayerSource::Media(lanterns), None)?;
        Ok(Self { project, main, plain })
    }
}

/// The footage in the project.
struct Footage<'a> {
    project: &'a Project,
    lake: Uuid,
    lanterns: Uuid,
    size: (u32, u32),
}

impl Footage<'_> {
    /// The lanterns, and the light around them: what they are, blurred and added.
    fn glowing_lanterns(&self, comp: Uuid, effects: &BuiltIn) -> Result<(), ProjectError> {
        let height = f64::from(self.size.1);
        for (name, radius, opacity) in [("Wide glow", 0.13, 0.55), ("Glow", 0.035, 0.55)] {
            self.lanterns(comp, name)?.add_light(opacity)?.soften(&effects.blur, radius * height)?;
        }
        self.lanterns(comp, "Lanterns")?;
        Ok(())
    }

    /// The picture, from the bottom up: the lake, what it mirrors of the lanterns, the lanterns, and some near ones.
    fn picture(&self, comp: Uuid, lanterns: LayerSource, effects: Option<&BuiltIn>) -> Result<(), ProjectError> {
        let (width, height) = (f64::from(self.size.0), f64::from(self.size.1));
        let lake = Layer::add(self.project, comp, LayerSource::Media(self.lake), "Lake")?;
        let mirrored_at = 2.0 * f64::from(HORIZON) * height;
        let mirrored = self.lanterns(comp, "Reflections")?.place((0.0, mirrored_at), (1.0, -1.0))?.add_light(0.45)?;
        Layer::add(self.project, comp, lanterns, "Lanterns")?;
        let near = self
            .lanterns(comp, "Near lanterns, out of focus")?
            .place((-0.3 * width, -0.35 * height), (3.4, 3.4))?
            .set("rotation", Value::Vec3([0.0, 0.0, 9.0]))?
            .add_light(0.2)?;
        if let Some(BuiltIn { blur, contrast, hsv }) = effects {
            lake.effect(blur, &[("radius", 1.5)])?
                .effect(contrast, &[("contrast", 0.16), ("brightness", 0.076)])?
                .effect(hsv, &[("hue_shift", -5.0), ("saturation", 1.12)])?;
            mirrored.soften(blur, 0.025 * height)?.effect(hsv, &[("saturation", 1.1), ("value", 0.8)])?;
            near.soften(blur, 0.024 * height)?.effect(hsv, &[("hue_shift", -12.0)])?;
        }
        Ok(())
    }

    /// The foreground footage on top of a comp.
    fn lanterns(&self, comp: Uuid, name: &str) -> Result<Layer<'_>, ProjectError> {
        Layer::add(self.project, comp, LayerSource::Media(self.lanterns), name)
    }
}
