//! Owned pixels.

mod blocks;
mod buffer;
pub mod convert;
mod frame;
pub mod memory;
mod metadata;
pub mod pool;
pub mod scratch;
#[cfg(unix)]
pub mod shared;
pub mod timecode;
mod view;

pub use blocks::Blocks;
pub use buffer::{Image, ImageError};
pub use frame::{Channel, Frame, SampleType, Samples};
pub use metadata::{MetaValue, Metadata};
pub use playa_plugin_api::{Pixel, Rect};
pub use view::{View, ViewMut};
