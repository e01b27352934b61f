//! The Playa host.

pub mod image;
