//! The Playa host.

pub mod image;
pub mod media;
pub mod plugin;
