//! Looking at a picture: how it is shown on a display, and what can be measured of it.
//!
//! - [`display`] makes 8-bit sRGB of scene-linear light through one of the [`Tonemap`]s.
//! - [`codes`] makes those of a display that a colour config has.
//! - [`stats`] gives smallest, largest, mean and the like of each channel.
//! - [`scopes`] counts pixels: histogram, waveform, vectorscope.
//!
//! All of it has the same bits for any number of threads and at every SIMD level.

pub mod codes;
pub mod display;
pub mod scopes;
pub mod stats;
mod tonemap;

pub use tonemap::Tonemap;

/// Rec.709 luma of three components: linear ones give luminance. The order of the terms is part of the definition.
pub fn luma([r, g, b]: [f64; 3]) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}
