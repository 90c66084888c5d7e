//! The actions without a screen: what is said of them, what they write down, how they end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod carried;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod golden;
mod journal;
mod leaving;
#[path = "../common/pty.rs"]
mod pty;
mod scripts;
mod secret;
mod terminal;
