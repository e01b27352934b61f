//! A picture with its frame around it.

use playa_plugin_api::Rect;

use crate::image::Image;

/// Pixels over their data window, and the display window they belong to.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The pixels, over the data window.
    pub image: Image,
    /// The frame in which they are shown.
    pub display_window: Rect,
}
