//! The actions without a screen: what is said of them, what they write down, how they end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod carried;
mod commands;
#[path = "../common/mod.rs"]
mod common;
#[path = "../ssh/fixture.rs"]
#[allow(unreachable_pub, dead_code, unused_imports)]
mod fixture;
mod golden;
mod journal;
mod leaving;
mod login;
#[path = "../common/planted.rs"]
mod planted;
#[path = "../ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;
#[path = "../common/pty.rs"]
mod pty;
mod scripts;
mod secret;
mod terminal;
