//! Tests of the whole, a file a topic.

mod altered;
mod blending;
mod cli;
mod determinism;
mod effects;
mod failing_effects;
mod generations;
mod hostile;
mod keys;
mod layer_time;
mod loading;
mod nesting;
mod sources;
mod support;
mod transforms;
