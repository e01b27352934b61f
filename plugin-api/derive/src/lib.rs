//! `#[derive(Params)]` and `#[derive(Choice)]` for effect plugins.
