//! What is there instead of OpenColorIO configs in a build without them.

use std::sync::Arc;

use super::{ColourError, Engine};

/// Configs that come with Playa: none.
pub fn built_in_configs() -> Vec<String> {
    Vec::new()
}

/// The config of a name.
///
/// # Errors
/// Always: this build has none.
pub fn open(name: &str) -> Result<Arc<dyn Engine>, ColourError> {
    let reason = "this build of Playa was made without OpenColorIO (feature `ocio` of playa-host)".to_owned();
    Err(ColourError::Config { name: name.to_owned(), reason })
}
