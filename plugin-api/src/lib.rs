//! The contract between the Playa host and its effect plugins.

pub mod descriptor;
pub mod rect;
pub mod value;

pub use descriptor::{Alpha, ChoiceSpec, EffectSpec, InputSpec, ParamSpec, Traits, ValueError, check_value};
pub use rect::Rect;
pub use value::{Kind, Value};
