//! The Playa host.

pub mod image;
pub mod project;
pub mod suggest;
