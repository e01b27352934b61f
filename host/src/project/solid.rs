//! Solids: a colour over a rectangle.

use playa_plugin_api::Rect;
use uuid::Uuid;

use super::attrs::Attrs;
use super::save::Table;

/// One colour over a rectangle. It takes no memory: its pixels are made where they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Solid {
    /// Its attributes.
    pub attrs: Attrs,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

impl Solid {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// Its colour at a time, in frames of the comp that shows it: scene-linear, straight.
    pub fn color_at(&self, time: f64) -> [f64; 4] {
        self.attrs.color_at("color", time)
    }

    /// Where it has pixels in a comp of this size, which is its own where it has none.
    pub fn frame(&self, (width, height): (u32, u32)) -> Rect {
        let own = |name, comp| match self.attrs.int(name) {
            0 => comp,
            own => own as u32,
        };
        Rect::of_size(own("width", width), own("height", height))
    }
}
