//! Workers on systems that lack what they need.

use std::convert::Infallible;
use std::sync::Arc;

use super::{Limits, NotOpened, WorkerProgram};
use crate::plugin::load::Copied;
use crate::plugin::{Plugin, Quarantine};

/// Nobody.
#[derive(Debug)]
pub struct Crew;

/// A plugin that is open in a worker: there is none.
pub(in crate::plugin) struct Opened(Infallible);

impl Crew {
    /// Nobody.
    pub fn new(_program: WorkerProgram, _limits: Limits) -> Arc<Self> {
        Arc::new(Self)
    }

    /// Does nothing.
    pub fn keep_spare(&self) {}

    pub(in crate::plugin) fn open(self: &Arc<Self>, _file: &Copied, _tried: bool) -> Result<Opened, NotOpened> {
        Err(NotOpened::NoWorker("this system has no worker processes".to_owned()))
    }
}

impl Opened {
    pub fn dismiss(self) {
        match self.0 {}
    }

    pub fn isolate(self, _file: Copied, _quarantine: &Arc<Quarantine>) -> Plugin {
        match self.0 {}
    }
}

/// There is nothing to live on.
pub fn serve() -> i32 {
    2
}
