//! The demo's contact sheet: a comp of the project that shows its other comps.
//!
//! Four columns and four rows of cells with the shape of the picture. The large cell is the picture in the middle of
//! the evening, over 3 x 3 cells; right of it, from the top, are the background, the foreground, and the picture without
//! effects; below it, the evening in four frames.

use playa_plugin_api::Value;
use uuid::Uuid;

use super::scene::{BuiltIn, Scene};
use crate::project::{LayerSource, ProjectError};

/// The grid, in pixels of the sheet.
struct Grid {
    /// Of a cell.
    width: f64,
    height: f64,
    /// Between two cells.
    gap: (f64, f64),
    /// Of the whole sheet.
    size: (u32, u32),
}

impl Grid {
    fn new((width, height): (u32, u32)) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        // Gaps have the shape of the picture as well, so that the large cell has it and shows the picture at 100 %.
        let gap = (width / 48.0, height / 48.0);
        let (cell_width, cell_height) = ((width - 2.0 * gap.0) / 3.0, (height - 2.0 * gap.1) / 3.0);
        let margin = 2.5 * gap.0;
        let side = |cell: f64, gap: f64| (4.0 * cell + 3.0 * gap + 2.0 * margin).round() as u32;
        let size = (side(cell_width, gap.0), side(cell_height, gap.1));
        Self { width: cell_width, height: cell_height, gap, size }
    }

    /// The middle of a block of `cells` x `cells` cells, in comp space.
    fn middle(&self, column: u32, row: u32, cells: u32) -> [f64; 3] {
        let from_middle = |at: u32, cell: f64, gap: f64| (f64::from(2 * at + cells) / 2.0 - 2.0) * (cell + gap);
        [from_middle(column, self.width, self.gap.0), -from_middle(row, self.height, self.gap.1), 0.0]
    }
}

/// Adds the sheet to the project; it has one frame, number 1. `frames` are first and last of the picture.
pub(super) fn build(scene: &Scene, effects: &BuiltIn, frames: (i64, i64)) -> Result<Uuid, ProjectError> {
    let grid = Grid::new(scene.size);
    let sheet = scene.comp("Contact sheet", grid.size)?;
    let sheet_frame = [("in", Value::Int(1)), ("out", Value::Int(1))];
    for (name, value) in sheet_frame {
        scene.project.set_attr(crate::project::Node::Comp(sheet), name, &value)?;
    }
    let at = |share: f64| frames.0 + ((frames.1 - frames.0) as f64 * share).round() as i64;
    let (main, half) = (LayerSource::Comp(scene.main), at(0.5));
    let cells = Cells { scene, effects, grid: &grid, sheet };

    cells.backdrop(&main, half)?;
    cells.card(0, 0, 3)?;
    cells.show("Picture", &main, half, (0, 0, 3))?;
    let stages = [
        ("Background footage", LayerSource::Media(scene.lake)),
        ("Foreground footage", LayerSource::Media(scene.lanterns)),
        ("Without effects", LayerSource::Comp(scene.plain)),
    ];
    for (row, (name, source)) in (0..).zip(&stages) {
        cells.card(3, row, 1)?;
        cells.show(name, source, half, (3, row, 1))?;
    }
    for column in 0..4 {
        cells.card(column, 3, 1)?;
        cells.show("Evening", &main, at(f64::from(column) / 3.0), (column, 3, 1))?;
    }
    Ok(sheet)
}

/// The sheet being filled.
struct Cells<'a> {
    scene: &'a Scene,
    effects: &'a BuiltIn,
    grid: &'a Grid,
    sheet: Uuid,
}

impl Cells<'_> {
    /// One frame of a source, in a block of cells from a column and row.
    fn show(
        &self,
        name: &str,
        source: &LayerSource,
        frame: i64,
        (column, row, cells): (u32, u32, u32),
    ) -> Result<(), ProjectError> {
        let scale = if cells == 3 { 1.0 } else { self.grid.width / f64::from(self.scene.size.0) };
        let layer = self
            .scene
            .layer(self.sheet, source.clone(), name)?
            .at_frame(frame)?
            .set("position", Value::Vec3(self.grid.middle(column, row, cells)))?
            .set("scale", Value::Vec3([scale, scale, 1.0]))?;
        if scale < 1.0 {
            // As soft as the smaller picture is coarse: no detail finer than its pixels is left to flicker.
            layer.effect(&self.effects.blur, &[("radius", 1.0 / scale)])?;
        }
        Ok(())
    }

    /// A black card with a soft shadow for a block of cells.
    fn card(&self, column: u32, row: u32, cells: u32) -> Result<(), ProjectError> {
        let scale = if cells == 3 { 1.0 } else { self.grid.width / f64::from(self.scene.size.0) };
        let [x, y, _] = self.grid.middle(column, row, cells);
        let reach = self.grid.gap.0;
        for (name, drop, softness, opacity) in [("Shadow", 0.3 * reach, reach, 0.7), ("Card", 0.0, 0.0, 1.0)] {
            let layer = self
                .scene
                .layer(self.sheet, LayerSource::Media(self.scene.lake), name)?
                .at_frame(1)?
                .set("position", Value::Vec3([x, y - drop, 0.0]))?
                .set("scale", Value::Vec3([scale, scale, 1.0]))?
                .set("opacity", Value::Float(opacity))?
                .effect(&self.effects.hsv, &[("value", 0.0)])?;
            if softness > 0.0 {
                layer.soft(&self.effects.blur, softness / scale)?;
            }
        }
        Ok(())
    }

    /// The picture out of focus and dark, over the whole sheet.
    fn backdrop(&self, source: &LayerSource, frame: i64) -> Result<(), ProjectError> {
        let cover = |sheet: u32, picture: u32| f64::from(sheet) / f64::from(picture);
        let (sheet, picture) = (self.grid.size, self.scene.size);
        let scale = cover(sheet.0, picture.0).max(cover(sheet.1, picture.1)) * 1.02;
        self.scene
            .layer(self.sheet, source.clone(), "Backdrop")?
            .at_frame(frame)?
            .set("scale", Value::Vec3([scale, scale, 1.0]))?
            .effect(&self.effects.blur, &[("radius", 0.09 * f64::from(picture.1))])?
            .effect(&self.effects.hsv, &[("saturation", 0.6), ("value", 0.2)])?
            .effect(&self.effects.contrast, &[("contrast", -0.1), ("brightness", -0.045)])?;
        Ok(())
    }
}
