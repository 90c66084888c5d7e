//! A log that is followed: the very script under the shells that servers have, against tools whose words are those of
//! the real ones and whose state is a file that the test writes.
// helpers of tests fail by panicking, as tests do
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod container;
mod demo;
mod journal;
#[path = "../ssh/processes.rs"]
#[allow(dead_code)]
mod processes;
mod support;
mod waiting;
