//! The demo's contact sheet: a project of its own, over what the first one rendered.
//!
//! The large cell is the picture in the middle of the evening. Right of it, from the top: the background, the
//! foreground, and the picture without effects. Below: the evening in five frames.

use std::path::Path;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::layer::{Layer, comp};
use super::scene::BuiltIn;
use crate::engine::Engine;
use crate::project::{LayerSource, Node, Project, ProjectError};

/// What the sheet shows, by path, with places for the frame number where there are several.
pub(super) struct Pictures<'a> {
    pub(super) picture: &'a Path,
    pub(super) background: &'a Path,
    pub(super) foreground: &'a Path,
    pub(super) without_effects: &'a Path,
}

/// Where a picture lies on the sheet.
#[derive(Clone, Copy)]
struct Cell {
    /// Its middle, from the centre of the sheet.
    middle: (f64, f64),
    /// Its size in proportion to the picture's.
    scale: f64,
}

/// Where everything lies.
struct Layout {
    size: (u32, u32),
    large: Cell,
    right: [Cell; 3],
    below: [Cell; 5],
    gap: f64,
}

impl Layout {
    fn new((width, height): (u32, u32)) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        let (gap, margin) = (width / 48.0, width / 18.0);
        let right_scale = (height - 2.0 * gap) / (3.0 * height);
        let inner_width = width + gap + right_scale * width;
        let below_scale = (inner_width - 4.0 * gap) / (5.0 * width);
        let inner_height = height + gap + below_scale * height;
        let (left, top) = (-inner_width / 2.0, inner_height / 2.0);
        let cell = |x: f64, y: f64, scale: f64| Cell {
            middle: (left + x + scale * width / 2.0, top - y - scale * height / 2.0),
            scale,
        };
        let side = |inner: f64| (inner + 2.0 * margin).round() as u32;
        Self {
            size: (side(inner_width), side(inner_height)),
            large: cell(0.0, 0.0, 1.0),
            right: [0.0, 1.0, 2.0].map(|row| cell(width + gap, row * (right_scale * height + gap), right_scale)),
            below: [0.0, 1.0, 2.0, 3.0, 4.0]
                .map(|column| cell(column * (below_scale * width + gap), height + gap, below_scale)),
            gap,
        }
    }
}

/// Builds the project of the sheet: one comp with one frame, number 1. `size` is the picture's, and 1 to `last` are its
/// frames.
pub(super) fn build(
    engine: &Engine,
    effects: &BuiltIn,
    pictures: &Pictures<'_>,
    size: (u32, u32),
    last: i64,
) -> Result<(Project, Uuid), ProjectError> {
    let project = engine.new_project();
    let layout = Layout::new(size);
    let comp = comp(&project, "Contact sheet", layout.size)?;
    for bound in ["in", "out"] {
        project.set_attr(Node::Comp(comp), bound, &Value::Int(1))?;
    }
    let sheet = Sheet { project: &project, comp, effects, layout: &layout, background: pictures.background };
    let at = |quarter: i64| 1 + (last - 1) * quarter / 4;

    sheet.backdrop(pictures.picture, at(2), size)?;
    sheet.show("Picture", pictures.picture, at(2), layout.large)?;
    let right = [
        ("Background", pictures.background, at(2)),
        ("Foreground", pictures.foreground, at(2)),
        ("Without effects", pictures.without_effects, 1),
    ];
    for ((name, path, frame), cell) in right.into_iter().zip(layout.right) {
        sheet.show(name, path, frame, cell)?;
    }
    for (quarter, cell) in (0..).zip(layout.below) {
        sheet.show("Evening", pictures.picture, at(quarter), cell)?;
    }
    Ok((project, comp))
}

/// The sheet being filled.
struct Sheet<'a> {
    project: &'a Project,
    comp: Uuid,
    effects: &'a BuiltIn,
    layout: &'a Layout,
    /// Any opaque picture, for cards and shadows.
    background: &'a Path,
}

impl<'a> Sheet<'a> {
    /// One frame of a sequence in a cell, on a black card with a soft shadow.
    fn show(&self, name: &str, path: &Path, frame: i64, cell: Cell) -> Result<(), ProjectError> {
        let (scale, (x, y)) = (cell.scale, cell.middle);
        let lower = (x, y - self.layout.gap / 4.0);
        let black = [("value", 0.0)];
        self.frame("Shadow", self.background, 1)?
            .place(lower, (scale, scale))?
            .set("opacity", Value::Float(0.8))?
            .effect(&self.effects.hsv, &black)?
            .soften(&self.effects.blur, self.layout.gap / scale)?;
        self.frame("Card", self.background, 1)?.place((x, y), (scale, scale))?.effect(&self.effects.hsv, &black)?;
        let picture = self.frame(name, path, frame)?.place((x, y), (scale, scale))?;
        if scale < 1.0 {
            // As soft as the smaller picture is coarse: no detail finer than its pixels is left to flicker.
            picture.effect(&self.effects.blur, &[("radius", 1.0 / scale)])?;
        }
        Ok(())
    }

    /// A frame out of focus and dark, over the whole sheet.
    fn backdrop(&self, path: &Path, frame: i64, size: (u32, u32)) -> Result<(), ProjectError> {
        let cover = |sheet: u32, picture: u32| f64::from(sheet) / f64::from(picture);
        let scale = cover(self.layout.size.0, size.0).max(cover(self.layout.size.1, size.1)) * 1.02;
        self.frame("Backdrop", path, frame)?
            .place((0.0, 0.0), (scale, scale))?
            .effect(&self.effects.blur, &[("radius", 3.0 * self.layout.gap)])?
            .effect(&self.effects.hsv, &[("saturation", 0.6), ("value", 0.16)])?
            .effect(&self.effects.contrast, &[("contrast", -0.1), ("brightness", -0.045)])?;
        Ok(())
    }

    /// A layer that shows one frame of a sequence, moved in time so that frame 1 of the sheet is that frame; a still has
    /// frame 1 only.
    fn frame(&self, name: &str, path: &Path, frame: i64) -> Result<Layer<'a>, ProjectError> {
        let layer = Layer::add(self.project, self.comp, LayerSource::Path(path.to_owned()), name)?;
        layer.set("in", Value::Int(2 - frame))
    }
}
