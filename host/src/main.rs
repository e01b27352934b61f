//! The `playa` command.

fn main() {}
