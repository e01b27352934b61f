//! The demo's project: how the footage becomes a picture.

use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::{EffectSpec, Value};
use uuid::Uuid;

use super::footage::HORIZON;
use crate::cli::failure::Failure;
use crate::engine::Engine;
use crate::plugin::Effects;
use crate::project::effect::EffectLookup;
use crate::project::{LayerSource, Node, Project, ProjectError};

/// The effects that come with Playa; the demo uses all of them.
pub(super) struct BuiltIn {
    pub(super) blur: Arc<EffectSpec>,
    pub(super) contrast: Arc<EffectSpec>,
    pub(super) hsv: Arc<EffectSpec>,
}

/// The project with what the contact sheet shows of it.
pub(super) struct Scene {
    pub(super) project: Project,
    /// The picture.
    pub(super) main: Uuid,
    /// The picture with the same layers in the same places, without effects.
    pub(super) plain: Uuid,
    /// The footage.
    pub(super) lake: Uuid,
    pub(super) lanterns: Uuid,
    pub(super) size: (u32, u32),
}

impl BuiltIn {
    /// Finds them all, or says which are missing.
    pub(super) fn find(effects: &Effects) -> Result<Self, Failure> {
        let names = ["GaussianBlur", "BrightnessContrast", "AdjustHSV"];
        let found = names.map(|name| EffectLookup::find(effects, name));
        let missing: Vec<&str> = names.iter().zip(&found).filter(|(_, s)| s.is_none()).map(|(name, _)| *name).collect();
        let [Some(blur), Some(contrast), Some(hsv)] = found else {
            let message = format_args!("the demo uses the built-in effects, and {} are not loaded", missing.join(", "));
            return Err(Failure::usage(message)
                .hint("set PLAYA_PLUGIN_PATH to the folder that holds them; `playa effects` tells what was found"));
        };
        Ok(Self { blur, contrast, hsv })
    }
}

impl Scene {
    /// Builds the project over the footage at two paths with places for the frame number.
    pub(super) fn build(
        engine: &Engine,
        effects: &BuiltIn,
        lake: &Path,
        lanterns: &Path,
        size: (u32, u32),
    ) -> Result<Self, ProjectError> {
        let project = engine.new_project();
        project.set_attr(Node::Project, "name", &Value::String("Evening at the lake".into()))?;
        let (lake, lanterns) = (project.add_media(lake)?, project.add_media(lanterns)?);
        let mut scene = Self { project, main: lake, plain: lake, lake, lanterns, size };
        scene.plain = scene.picture("Without effects", None)?;
        scene.main = scene.picture("Main", Some(effects))?;
        Ok(scene)
    }

    /// A comp of the demo's size.
    pub(super) fn comp(&self, name: &str, (width, height): (u32, u32)) -> Result<Uuid, ProjectError> {
        let side = |length: u32| Value::Int(length.into());
        self.project.add_comp(name, &[("width", side(width)), ("height", side(height))])
    }

    /// A layer on top of those that are there.
    pub(super) fn layer(&self, comp: Uuid, source: LayerSource, name: &str) -> Result<Layer<'_>, ProjectError> {
        let layer = Layer { project: &self.project, uuid: self.project.add_layer(comp, source, None)? };
        layer.set("name", Value::String(name.into()))
    }

    /// The picture, from the bottom up: the lake, what it mirrors of the lanterns, the lanterns, and some near ones.
    fn picture(&self, name: &str, effects: Option<&BuiltIn>) -> Result<Uuid, ProjectError> {
        let (width, height) = (f64::from(self.size.0), f64::from(self.size.1));
        let glowing = self.glowing_lanterns(name, effects)?;
        let picture = self.comp(name, self.size)?;

        let lake = self.layer(picture, LayerSource::Media(self.lake), "Lake")?;
        if let Some(BuiltIn { blur, contrast, hsv }) = effects {
            lake.effect(blur, &[("radius", 0.0035 * height)])?
                .effect(contrast, &[("contrast", 0.16), ("brightness", 0.076)])?
                .effect(hsv, &[("hue_shift", -5.0), ("saturation", 1.12)])?;
        }

        // Mirrored at the horizon.
        let mirrored = self.layer(picture, LayerSource::Comp(glowing), "Reflections")?;
        mirrored
            .set("scale", Value::Vec3([1.0, -1.0, 1.0]))?
            .set("position", Value::Vec3([0.0, 2.0 * f64::from(HORIZON) * height, 0.0]))?
            .set("opacity", Value::Float(0.4))?
            .set("blend_mode", Value::Choice("add".into()))?;
        if let Some(BuiltIn { blur, hsv, .. }) = effects {
            mirrored.soft(blur, 0.02 * height)?.effect(hsv, &[("saturation", 1.15), ("value", 0.8)])?;
        }

        self.layer(picture, LayerSource::Comp(glowing), "Lanterns")?;

        let near = self.layer(picture, LayerSource::Comp(glowing), "Near lanterns, out of focus")?;
        near.set("scale", Value::Vec3([3.4, 3.4, 1.0]))?
            .set("rotation", Value::Vec3([0.0, 0.0, 9.0]))?
            .set("position", Value::Vec3([-0.3 * width, -0.35 * height, 0.0]))?
            .set("opacity", Value::Float(0.16))?
            .set("blend_mode", Value::Choice("add".into()))?;
        if let Some(BuiltIn { blur, hsv, .. }) = effects {
            near.soft(blur, 0.022 * height)?.effect(hsv, &[("hue_shift", -12.0)])?;
        }
        Ok(picture)
    }

    /// The lanterns, and the light around them: what they are, blurred and added.
    fn glowing_lanterns(&self, of: &str, effects: Option<&BuiltIn>) -> Result<Uuid, ProjectError> {
        let height = f64::from(self.size.1);
        let comp = self.comp(&format!("Lanterns of {of}"), self.size)?;
        if let Some(BuiltIn { blur, .. }) = effects {
            for (name, radius, opacity) in [("Wide glow", 0.16, 0.5), ("Glow", 0.035, 0.55)] {
                self.layer(comp, LayerSource::Media(self.lanterns), name)?
                    .set("opacity", Value::Float(opacity))?
                    .set("blend_mode", Value::Choice("add".into()))?
                    .soft(blur, radius * height)?;
            }
        }
        self.layer(comp, LayerSource::Media(self.lanterns), "Lanterns")?;
        Ok(comp)
    }
}

/// A layer that is being set up.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    project: &'a Project,
    uuid: Uuid,
}

impl Layer<'_> {
    pub(super) fn set(self, name: &str, value: Value) -> Result<Self, ProjectError> {
        self.project.set_attr(Node::Layer(self.uuid), name, &value)?;
        Ok(self)
    }

    /// Moves it in time so that frame 1 of its comp shows `frame` of its source, whose first frame is 1.
    pub(super) fn at_frame(self, frame: i64) -> Result<Self, ProjectError> {
        self.set("in", Value::Int(2 - frame))
    }

    /// Adds an effect with some of its numbers.
    pub(super) fn effect(self, spec: &Arc<EffectSpec>, params: &[(&str, f64)]) -> Result<Self, ProjectError> {
        let params: Vec<_> = params.iter().map(|(name, number)| (*name, Value::Float(*number))).collect();
        self.project.add_effect(self.uuid, spec, &params)?;
        Ok(self)
    }

    /// Adds a blur that fades out over the edges of the picture.
    pub(super) fn soft(self, blur: &Arc<EffectSpec>, radius: f64) -> Result<Self, ProjectError> {
        let params = [("radius", Value::Float(radius)), ("edges", Value::Choice("transparent".into()))];
        self.project.add_effect(self.uuid, blur, &params)?;
        Ok(self)
    }
}
