//! The console: what is on the screen, what keys do, and what becomes of the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod acts;
mod asked;
mod cases;
mod chapter;
mod colours;
mod craft;
mod deeds;
mod endings;
mod fake;
mod flow;
mod given;
mod golden;
mod hostile;
mod kept;
mod links;
mod logs;
mod panics;
mod properties;
#[path = "../common/pty.rs"]
mod pty;
mod readme;
mod runbook;
mod servers;
mod size;
mod terminal;
mod tmux;
mod walk;
