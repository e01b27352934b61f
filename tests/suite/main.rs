//! Tests of the whole, a file a topic.

mod cli;
mod loading;
