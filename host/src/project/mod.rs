//! What is composited: projects of comps, layers, media, cameras, solids, texts and effects, their attributes, their
//! time and space, and their files.
//!
//! A [`Project`] is a shared handle on an immutable [`Document`]. A render takes a snapshot of the document; an edit
//! makes a changed copy, which shares all that did not change, and puts it in the place of the old one.

pub mod assign;
pub mod attrs;
pub mod blend_mode;
pub mod camera;
mod carry;
mod changes;
pub mod channels;
mod colour;
pub mod document;
mod edit;
pub mod effect;
pub mod error;
#[cfg(test)]
mod fixtures;
pub mod frames;
mod handle;
mod history;
pub mod homography;
pub mod input;
pub mod keys;
pub mod matte;
mod outbox;
pub mod preset;
pub mod save;
pub mod schema;
pub mod sequence;
mod shutter;
pub mod solid;
mod sources;
pub mod text;
pub mod time;
pub mod transform;

pub use assign::{AssignError, Assignment};
pub use attrs::{AttrError, AttrSpec, Attrs, Flags, Schema};
pub use blend_mode::BlendMode;
pub use camera::{Camera, Lens, Projection, View};
pub use carry::Carried;
pub use channels::Wish;
pub use document::{Comp, Document, FileNode, Layer, Near, Source};
pub use edit::LayerSource;
pub use effect::{Effect, EffectLookup, find_effect};
pub use error::ProjectError;
pub use frames::{FrameSet, FrameSetError, MAX_FRAMES};
pub use handle::{MediaAccess, MediaFacts, Node, NodeKind, Project, WeakProject};
pub use history::{Cause, Edit, MAX_STEPS};
pub use homography::Homography;
pub use keys::{Curve, Handle, Interp, Key, KeyError};
pub use matte::{Matte, MatteChannel};
pub use playa_plugin_api::{EffectSpec, Kind, ParamSpec, Value, ValueError};
pub use preset::Preset;
pub use save::{Diagnostic, LoadOptions, MemoryPolicy, SaveOptions, Severity};
pub use sequence::{Footage, Missing, Pattern, Sequence, SequenceError};
pub use solid::Solid;
pub use sources::SourceNode;
pub use text::Text;
pub use time::{LayerTime, Rate, RateError};
pub use transform::{Affine, Placement};
