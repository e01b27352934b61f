//! Tests of the whole, a file a topic.

mod loading;
