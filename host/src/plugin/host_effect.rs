//! Effects that are no library in this process: those that the embedding program brings, such as the ones written in
//! Python, and those whose plugin lives in a worker process.

use std::error::Error;

use playa_plugin_api::{EffectError, Plan, Query, Value};

use super::{Input, Services, Setting};
use crate::image::ViewMut;

/// What such an effect does. From the registry on it is an effect like those of libraries.
///
/// It is stateless: any call may come at any time from any thread, and no thread of the pool waits in one of them.
pub trait HostEffect: Send + Sync {
    /// What rendering `query.window` takes. Pure, and cheap: it is asked often.
    ///
    /// # Errors
    /// Why it cannot be said.
    fn plan(&self, params: &[Value], query: &Query<'_>) -> Result<Plan, EffectFailure>;

    /// Fills all of `output` from exactly the planned inputs. Colour is premultiplied on either side. It may stop when
    /// `services` tell it to.
    ///
    /// # Errors
    /// Why it could not. Then the pixels are unspecified.
    fn render(
        &self,
        params: &[Value],
        setting: Setting,
        inputs: &[Input<'_>],
        output: ViewMut<'_>,
        services: &Services<'_>,
    ) -> Result<(), EffectFailure>;
}

/// Why an effect could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct EffectFailure {
    /// What it says.
    pub error: EffectError,
    /// What lies behind it, such as an exception of Python. Plugin files have nothing but what they say.
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl From<EffectError> for EffectFailure {
    fn from(error: EffectError) -> Self {
        Self { error, cause: None }
    }
}
