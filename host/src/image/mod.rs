//! Owned pixels.

mod buffer;
mod frame;

pub use buffer::{Image, ImageError};
pub use frame::Frame;
pub use playa_plugin_api::Rect;
