//! Owned pixels.

mod buffer;

pub use buffer::{Image, ImageError};
pub use playa_plugin_api::Rect;
