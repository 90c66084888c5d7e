//! The opsdeck command.

fn main() {}
