//! The look itself: the very script, under the shells that servers have, and its answers broken on purpose.
// helpers of tests fail by panicking, as tests do
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod database;
mod fixtures;
mod shells;
mod stuck;
mod support;
mod truth;
mod turns;
mod watching;
