//! The contract between the Playa host and its effect plugins, and the SDK for those who write them.
//!
//! An effect is a struct whose fields are its parameters, and one of three traits:
//!
//! - [`PixelEffect`]: a function of one pixel, such as a gain. The SDK runs it over pictures, vectorised for the processor.
//! - [`AreaEffect`]: a function of a neighbourhood, with a radius and the picture's [`Edge`].
//! - [`Effect`]: everything: any number of inputs, at any time, over any region.
//!
//! ```
//! use playa_plugin_api::prelude::*;
//!
//! /// Multiplies colour by a factor.
//! #[derive(Params)]
//! #[effect(id = "com.example.gain", tags = ["colour"])]
//! struct Gain {
//!     /// How much brighter: 1 leaves the picture as it is.
//!     #[param(default = 1.0, range = 0.0..=100.0, soft = 0.0..=4.0)]
//!     gain: f32,
//! }
//!
//! impl PixelEffect for Gain {
//!     fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
//!         [r * self.gain, g * self.gain, b * self.gain, a]
//!     }
//! }
//!
//! export_effects![Gain];
//! # fn main() {}
//! ```
//!
//! In a crate with `crate-type = ["cdylib"]` that is a plugin file. It needs no `unsafe`, and no build step of its own.
//!
//! # What an effect may rely on
//!
//! 1. It is described once, after its file was loaded, from the struct and its documentation.
//! 2. [`Effect::available`] is asked once, before its first use.
//! 3. [`Effect::plan`] is asked often, and is pure and cheap. It gets evaluated parameters and where its inputs have
//!    pixels, and answers where its output has pixels, whether it changes nothing, and what it needs of its inputs.
//! 4. [`Effect::render`] gets exactly what it planned for, as views, and fills a window inside its planned domain. It may be
//!    called for any windows in any order, from several threads at once, with different parameters: it keeps nothing
//!    between calls.
//! 5. The [`Host`] lends threads, memory and a log for the length of a call, and says when to stop.
//!
//! Pixels are RGBA `f32`, scene-linear, premultiplied unless the effect asks for straight colour, row 0 on top. Colour is
//! unbounded, alpha is 0..1. A panic becomes an error on that frame.
//!
//! # How it is tested
//!
//! [`testing::apply`] runs an effect in its author's own tests, without a host. [`simd`] and [`math`] are for inner loops.
//!
//! The wire itself is in [`abi`]; authors do not need it.

pub mod abi;
mod convert;
pub mod descriptor;
pub mod effect;
pub mod error;
pub mod export;
pub mod host;
pub mod image;
pub mod math;
pub mod param;
pub mod rect;
pub mod simd;
pub mod testing;
pub mod value;

pub use descriptor::{Alpha, ChoiceSpec, EffectSpec, InputSpec, ParamSpec, Traits, ValueError, check_value};
pub use effect::{AreaEffect, Edge, Effect, Inputs, Need, PixelEffect, Plan, Query, RenderCall, Source};
pub use error::{EffectError, EffectResult, ErrorCode};
pub use host::{Host, LogLevel, Scratch};
pub use image::{ImageView, ImageViewMut, Pixel, map_colour};
pub use param::{Color, Param, Params, Uuid};
pub use playa_plugin_derive::{Choice, Params};
pub use rect::Rect;
pub use value::{Kind, Value};

/// Everything an effect needs, for one `use`.
pub mod prelude {
    pub use crate::{
        Alpha, AreaEffect, Choice, Color, Edge, Effect, EffectError, EffectResult, Host, ImageView, ImageViewMut,
        InputSpec, LogLevel, Need, Param, Params, Pixel, PixelEffect, Plan, Query, Rect, RenderCall, Source, Traits,
        export_effects, map_colour,
    };
}
