//! The contract between the Playa host and its effect plugins.

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
