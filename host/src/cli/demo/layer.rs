//! A layer being set up, in the words of the demo's projects.

use std::sync::Arc;

use playa_plugin_api::{EffectSpec, Value};
use uuid::Uuid;

use crate::project::{LayerSource, Node, Project, ProjectError};

/// A layer of a project.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    project: &'a Project,
    uuid: Uuid,
}

/// A new comp of a size in pixels.
pub(super) fn comp(project: &Project, name: &str, (width, height): (u32, u32)) -> Result<Uuid, ProjectError> {
    let side = |length: u32| Value::Int(length.into());
    project.add_comp(name, &[("width", side(width)), ("height", side(height))])
}

impl<'a> Layer<'a> {
    /// A new layer on top of those that the comp has.
    pub(super) fn add(project: &'a Project, comp: Uuid, source: LayerSource, name: &str) -> Result<Self, ProjectError> {
        let layer = Self { project, uuid: project.add_layer(comp, source, None)? };
        layer.set("name", Value::String(name.into()))
    }

    pub(super) fn set(self, name: &str, value: Value) -> Result<Self, ProjectError> {
        self.project.set_attr(Node::Layer(self.uuid), name, &value)?;
        Ok(self)
    }

    /// Its place, in whole pixels from the centre of the comp, and its size as a factor.
    pub(super) fn place(self, (x, y): (f64, f64), scale: (f64, f64)) -> Result<Self, ProjectError> {
        self.set("position", Value::Vec3([x.round(), y.round(), 0.0]))?
            .set("scale", Value::Vec3([scale.0, scale.1, 1.0]))
    }

    /// Lets its light be added to what lies below, some of it.
    pub(super) fn add_light(self, opacity: f64) -> Result<Self, ProjectError> {
        self.set("opacity", Value::Float(opacity))?.set("blend_mode", Value::Choice("add".into()))
    }

    /// Adds an effect with some of its numbers.
    pub(super) fn effect(self, spec: &Arc<EffectSpec>, params: &[(&str, f64)]) -> Result<Self, ProjectError> {
        let params: Vec<_> = params.iter().map(|(name, number)| (*name, Value::Float(*number))).collect();
        self.project.add_effect(self.uuid, spec, &params)?;
        Ok(self)
    }

    /// Adds a blur that fades out over the edges of the picture; its radius is in pixels, to a tenth.
    pub(super) fn soften(self, blur: &Arc<EffectSpec>, radius: f64) -> Result<Self, ProjectError> {
        let radius = (radius * 10.0).round() / 10.0;
        let params = [("radius", Value::Float(radius)), ("edges", Value::Choice("transparent".into()))];
        self.project.add_effect(self.uuid, blur, &params)?;
        Ok(self)
    }
}
