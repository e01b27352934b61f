//! Tests of the whole, a file a topic.

mod altered;
mod applying;
mod blending;
mod bundles;
mod caching;
mod cameras;
mod carrying;
mod cli;
mod concatenation;
mod conformance;
mod determinism;
mod drawn;
mod effects;
mod failing_effects;
mod faults;
mod generations;
mod hostile;
mod inputs;
#[cfg(unix)]
mod isolation;
mod keys;
mod layer_time;
mod loading;
mod mattes;
mod motion_blur;
mod mutations;
mod nesting;
mod plans;
#[cfg(unix)]
mod probing;
mod promises;
mod soak;
mod sources;
mod stopping;
mod support;
mod transforms;
mod trust;
mod watching;
#[cfg(unix)]
mod zoo;
