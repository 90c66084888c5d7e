//! `check --on-change`: who is told, what, how often; and nothing of it changes what the check says or how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#[path = "../common/mod.rs"]
mod common;

mod assets;
mod command;
mod telling;
