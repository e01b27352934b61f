//! The edits of a project, one file per kind of node.

mod cameras;
mod comps;
mod effects;
mod layers;
mod media;

pub use layers::LayerSource;

#[cfg(test)]
mod tests;
