//! What the numbers of a picture mean as colour.
//!
//! - [`curve`]: between the numbers of a file and linear light.
//! - [`gamut`]: what red, green and blue are, and matrices between them.
//! - [`space`]: both together, by name.
//! - [`way`]: from one space to another, pixel by pixel.
//! - [`engine`]: who knows the names and the ways: the built-in spaces, or a [`config`] of OpenColorIO.
//! - [`codes`]: pictures as the codes of a file or a display, where a config has a word in it.
//! - [`rules`]: which space a file is in, and why.
//!
//! Pictures in memory are light: linear and premultiplied. Their gamut is Rec.709, unless their metadata has
//! `chromaticities` ([`light`]). In a render they are light of the project's working space.

mod codes;
#[cfg(feature = "ocio")]
mod config;
#[cfg(not(feature = "ocio"))]
#[path = "no_config.rs"]
mod config;
mod curve;
mod engine;
mod error;
pub mod gamut;
mod light;
pub mod rules;
mod space;
mod way;

pub use codes::Codes;
pub use config::{built_in_configs, open as open_config};
pub use curve::Curve;
pub use engine::{BuiltIn, Display, Engine, Listed, View, config_path, engine};
pub use error::ColourError;
pub use gamut::{Adaptation, Gamut};
pub use light::{CHROMATICITIES, INTEROP_ID, content_of, gamut_of, in_gamut, set_gamut};
pub use rules::{Colours, Decision, FileColour, Rule, Tag};
pub use space::{Content, NamedSpace, SPACES, Space};
pub(crate) use way::straightened;
pub use way::{Transform, Way, transformed};
