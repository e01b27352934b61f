//! The edits of a project, by what they are of.

mod comps;
mod drawn;
mod effects;
mod layers;
mod media;

pub use layers::LayerSource;

#[cfg(test)]
mod tests;
