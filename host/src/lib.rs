//! The Playa host.

pub mod atomic;
pub mod cli;
pub mod colour;
pub mod compare;
pub mod conformance;
pub mod delivery;
pub mod engine;
pub mod events;
mod glob;
pub mod image;
pub mod media;
mod names;
pub mod player;
pub mod plugin;
pub mod project;
pub mod render;
pub mod stubs;
pub mod suggest;
pub mod text;
pub mod view;
